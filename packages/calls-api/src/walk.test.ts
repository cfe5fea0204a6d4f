/**
 * When the pages of a crowded instant have been read often enough, seen close up. The whole is in
 * `range.test.ts`.
 */
import { expect, test } from "vitest"
import type { Listing } from "./call.ts"
import { readListing } from "./reading.ts"
import { advanceWalk, startWalk, type Advance, type Walk } from "./walk.ts"

const CROWD = "2026-01-05T09:00:00.000Z"
const LATER = "2026-01-05T09:10:00.000Z"
const FROM = Date.parse(CROWD)
const END = FROM + 3_600_000

/**
 * Two rows a page, one page after another: `ab 9` says 9 in all; an id in capitals is later than the crowd.
 */
function walkThrough(pages: readonly string[]): Advance {
  let advance: Advance = { kind: "next", walk: startWalk(FROM, 2), unsettled: false }
  for (const page of pages) {
    if (advance.kind !== "next") throw new Error("The walk is over.")
    advance = advanceWalk(advance.walk, listingOf(advance.walk, page), END)
  }
  return advance
}

function listingOf({ page, limit }: Walk, text: string): Listing {
  const [ids = "", totalCount] = text.split(" ")
  const data = ids.split("").map((id) => ({ id, createdAt: id === id.toUpperCase() ? LATER : CROWD }))
  const listing = readListing({ data, pagination: { page, limit, totalCount: Number(totalCount) } })
  if (!listing) throw new Error("This is no page.")
  return listing
}

const onward = { kind: "next", walk: { dateFrom: Date.parse(LATER) - 1, page: 1 }, unsettled: false }
const again = { kind: "next", walk: { dateFrom: FROM - 1, page: 1 }, unsettled: false }

test("two passes alike are enough", () => {
  expect(walkThrough(["ab 9", "cX 9"])).toMatchObject(again)
  expect(walkThrough(["ab 9", "cX 9", "ab 9", "cX 9"])).toMatchObject(onward)
})

test("what is new behind the crowd does not make them differ", () => {
  expect(walkThrough(["ab 9", "cX 9", "ab 9", "cY 9"])).toMatchObject(onward)
})

test("two passes alike that show a call twice are not: another must be missing", () => {
  expect(walkThrough(["ab 9", "aX 9", "ab 9", "aX 9"])).toMatchObject(again)
})

test("if the order changes, there must be three passes without anything new", () => {
  const pages = ["ab 9", "cX 9", "ba 9", "cX 9", "ca 9", "bX 9", "bc 9", "aX 9"]
  expect(walkThrough(pages.slice(0, 6))).toMatchObject(again)
  expect(walkThrough(pages)).toMatchObject(onward)
})

test("and as many different calls as there are places", () => {
  // Only a and b were ever seen, but there are three places before X.
  const vain = ["ba 9", "bX 9", "ab 9", "aX 9"]
  expect(walkThrough(["ab 9", "aX 9", ...vain, ...vain, ...vain])).toMatchObject(again)
})

test("without those that may be deleted: seen only before the count fell", () => {
  // Five were seen and one of them was deleted; of the three that are left before X, one was not seen since.
  const vain = ["ba 8", "bX 8", "ab 8", "aX 8"]
  expect(walkThrough(["ab 9", "cd 9", "eX 9", ...vain, ...vain])).toMatchObject(again)
})

test("after twenty passes we go on, and that is counted", () => {
  const passes = Array.from({ length: 20 }, (_, index) => [`ab ${99 - index}`, "aX 9"]).flat()
  expect(walkThrough(passes.slice(0, -2))).toMatchObject(again)
  expect(walkThrough(passes)).toMatchObject({ ...onward, unsettled: true })
})

test("a full page is not the last one, whatever the count says", () => {
  expect(walkThrough(["aX 2"])).toMatchObject(onward)
  expect(walkThrough(["a 1"])).toEqual({ kind: "end", unsettled: false })
  expect(walkThrough([" 9"])).toEqual({ kind: "end", unsettled: false })
})
