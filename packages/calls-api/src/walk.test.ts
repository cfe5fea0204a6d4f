/** When the pages of a crowded instant have been read often enough, in detail. `range.test.ts` tests the whole. */
import { expect, test } from "vitest"
import type { Listing } from "./call.ts"
import { readListing } from "./reading.ts"
import { advanceWalk, startWalk, type Advance, type Walk } from "./walk.ts"

const CROWD = "2026-01-05T09:00:00.000Z"
const LATER = "2026-01-05T09:10:00.000Z"
const LATEST = "2026-01-05T09:20:00.000Z"
const FROM = Date.parse(CROWD)
const END = FROM + 3_600_000

/**
 * Two rows per page, one page after another: `ab 9` says 9 in all. X and Y are later than the crowd, Z is later still,
 * `?` has no time, and `-` cannot be read.
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
  const data = ids.split("").map((id) => ({ id: id === "-" ? null : id, createdAt: timeOf(id) }))
  const listing = readListing({ data, pagination: { page, limit, totalCount: Number(totalCount) } })
  if (!listing) throw new Error("This is no page.")
  return listing
}

function timeOf(id: string): string | null {
  if (id === "?") return null
  if (id === "Z") return LATEST
  return id === "X" || id === "Y" ? LATER : CROWD
}

const onward = { kind: "next", walk: { dateFrom: Date.parse(LATER) - 1, page: 1 }, unsettled: false }
const again = { kind: "next", walk: { dateFrom: FROM - 1, page: 1 }, unsettled: false }

test("a crowd on one page was seen all at once", () => {
  expect(walkThrough(["aX 9"])).toMatchObject(onward)
})

test("one on two pages is whole when as many calls were seen by its end and since as it has places", () => {
  expect(walkThrough(["ab 9", "cX 9"])).toMatchObject(again)
  expect(walkThrough(["ab 9", "cX 9", "ab 9", "cX 9"])).toMatchObject(onward)
})

test("in whatever order they come", () => {
  expect(walkThrough(["ab 9", "cX 9", "ca 9", "bX 9"])).toMatchObject(onward)
})

test("whatever comes behind the crowd", () => {
  expect(walkThrough(["ab 9", "cX 9", "ab 9", "cY 9"])).toMatchObject(onward)
})

test("not while fewer were seen than there are places: another must be missing", () => {
  const twice = ["ab 9", "aX 9", "ba 9", "bX 9"]
  expect(walkThrough([...twice, ...twice])).toMatchObject(again)
})

test("not by those that may be gone by then, or not have come yet", () => {
  // Of the three places at the first end, b was seen only before and d only after.
  expect(walkThrough(["ab 9", "cX 9", "ac 9", "dX 9"])).toMatchObject(again)
  // The second pass sees all of them, and the third sees them again.
  const pages = ["ab 9", "cX 9", "ac 9", "dX 9", "ac 9", "dX 9"]
  expect(walkThrough(pages)).toMatchObject(onward)
})

test("a crowd that fills its pages to the last row ends where no more rows come", () => {
  expect(walkThrough(["ab 4", "cd 4", " 4"])).toMatchObject(again)
  expect(walkThrough(["ab 4", "cd 4", " 4", "ab 4", "cd 4", " 4"])).toEqual({ kind: "end", unsettled: false })
})

test("the way goes on behind the end that was proven, because a later call may have slipped before another", () => {
  expect(walkThrough(["ab 9", "cX 9", "bc 9", "aZ 9"])).toMatchObject(onward)
})

test("what has no time or cannot be read takes a place, and may hide a call", () => {
  expect(walkThrough(["?b 9", "cX 9", "?b 9", "cX 9"])).toMatchObject(again)
  expect(walkThrough(["-b 9", "cX 9", "-b 9", "cX 9"])).toMatchObject(again)
})

test("a page of nothing that can be read is no end", () => {
  expect(walkThrough(["-- 9"])).toMatchObject({ kind: "next", walk: { page: 2 } })
})

test("after twenty passes without proof we go on, and that is counted", () => {
  const passes = Array.from({ length: 20 }, () => ["ab 9", "aX 9"]).flat()
  expect(walkThrough(passes.slice(0, -2))).toMatchObject(again)
  expect(walkThrough(passes)).toMatchObject({ ...onward, unsettled: true })
})

test("a full page is not the last one, whatever the count says", () => {
  expect(walkThrough(["aX 2"])).toMatchObject(onward)
  expect(walkThrough(["a 1"])).toEqual({ kind: "end", unsettled: false })
  expect(walkThrough([" 9"])).toEqual({ kind: "end", unsettled: false })
})
