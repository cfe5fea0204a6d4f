/** A list that lies about itself loses no call, and a poll that could not be trusted says so. */
import { MINUTE } from "@earshot/core/instant"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { type TestWorld, addressOf, callAt, createTestWorld } from "./test-world.ts"

const Page = z.object({ data: z.array(z.looseObject({})), pagination: z.looseObject({}) })

type Page = z.infer<typeof Page>

/** What the vendor's list says instead. Null: what it says is right again. */
function answering(test: TestWorld): { change: ((page: Page) => object) | null } {
  const state: ReturnType<typeof answering> = { change: null }
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    const answer = await fetch(input, init)
    if (!state.change || !addressOf(input).includes("/calls?")) return answer
    return Response.json(state.change(Page.parse(await answer.json())))
  }
  return state
}

test("numbers that count only the calls of a page end no reading", async () => {
  const test = createTestWorld()
  const vendor = answering(test)
  vendor.change = ({ data, pagination }) => ({
    data,
    pagination: { ...pagination, totalCount: data.length, totalPages: 1 },
  })
  const bad: string[] = []
  for (let call = 0; call < 350; call++) {
    const flagged = call % 50 === 0
    if (flagged) bad.push(`call-${call}`)
    test.book.add(callAt(`call-${call}`, 5 * 60 * MINUTE - call * 20_000, { flagged }))
  }
  for (let poll = 0; poll < 30; poll++) await test.pollAfter(20_000)
  expect(test.told().sort()).toEqual(bad.sort())
})

describe("a poll is not ok", () => {
  const row = (facts: object) => (page: Page) => ({
    ...page,
    data: page.data.map((call) => ({ ...call, ...facts })),
  })
  const open = () => {
    const test = createTestWorld()
    test.book.add(callAt("one", 20 * MINUTE))
    test.book.add(callAt("two", 10 * MINUTE, { flagged: true }))
    return { test, vendor: answering(test) }
  }

  test.each([
    ["if the list is empty and counts calls", (page: Page) => ({ ...page, data: [] }), "hollow"],
    ["if no row has an id", row({ id: null }), "no-ids"],
    ["if no score can be understood", row({ score: { value: 4 } }), "wrong-types"],
    ["if no flag can be understood", row({ flagged: "perhaps" }), "wrong-types"],
    ["if no time can be understood", row({ createdAt: "today" }), "wrong-types"],
  ])("%s, and is again once that is over", async (_, change, kind) => {
    const { test, vendor } = open()
    vendor.change = change
    for (let poll = 0; poll < 3; poll++) expect((await test.pollAfter(MINUTE)).ok).toBe(false)
    const failure = (await test.store.readControl())?.failure
    expect(failure).toMatchObject({ kind })
    expect(failure?.at).toBeGreaterThan(failure?.since ?? 0)
    vendor.change = null
    for (let poll = 0; poll < 3; poll++) expect((await test.pollAfter(MINUTE)).ok).toBe(true)
    expect((await test.store.readControl())?.failure).toBeNull()
    expect(test.told()).toEqual(["two"])
  })

  test("but it is if one row is odd, or there are no calls at all", async () => {
    const { test, vendor } = open()
    vendor.change = ({ data, pagination }) => ({
      data: [{ id: null }, { id: "x", score: [] }, ...data],
      pagination,
    })
    expect((await test.pollAfter(MINUTE)).ok).toBe(true)
    expect((await createTestWorld().pollAfter(0)).ok).toBe(true)
  })
})
