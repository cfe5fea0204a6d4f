/** What a record already says of a call is not fetched again, and is not said to be unknown. */
import { MINUTE, SECOND } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { type TestWorld, callAt, createTestWorld } from "./test-world.ts"

const CALLS = 20

const idOf = (n: number) => `call-${n}`

const detailsOf = ({ requests }: TestWorld) => requests.filter((request) => request.startsWith("/calls/"))

/** Calls of the last minutes that are decided, each after its last look. */
async function decidedCalls(): Promise<TestWorld> {
  const test = createTestWorld()
  for (let n = 0; n < CALLS; n++) test.book.add(callAt(idOf(n), 10 * MINUTE + n * SECOND, { score: 4 }))
  for (let poll = 0; poll < 60; poll++) await test.pollAfter(MINUTE)
  for (let n = 0; n < CALLS; n++)
    expect(await test.store.readCall(idOf(n))).toMatchObject({ value: { isOpen: false } })
  return test
}

test("a rule that is changed judges decided calls by the details that were kept", async () => {
  const test = await decidedCalls()
  const before = detailsOf(test).length
  await test.store.announceRules(test.world.now())
  await test.store.writeRule({
    id: "low-score",
    name: "Lower score",
    mode: "live",
    severity: "info",
    when: { score: { lte: 1 } },
    settle: "PT30M",
    version: 2,
    updatedAt: null,
    isDeleted: false,
  })
  for (let poll = 0; poll < 10; poll++) await test.pollAfter(MINUTE)
  expect(detailsOf(test).slice(before)).toEqual([])
})

test("a row that has changed a little is judged with the detail that was kept", async () => {
  const test = await decidedCalls()
  const before = detailsOf(test).length
  for (let n = 0; n < CALLS; n++) test.book.change(idOf(n), { favorite: true })
  for (let poll = 0; poll < 10; poll++) await test.pollAfter(MINUTE)
  expect(detailsOf(test).slice(before)).toEqual([])
})
