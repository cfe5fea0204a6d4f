/** The last polls can be read in the poller's state, and cost no poll a write. */
import { MINUTE, SECOND } from "@earshot/core/instant"
import type { Store } from "@earshot/io/store/store"
import { expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { type TestWorld, callAt, createTestWorld, usesOf } from "./test-world.ts"

const noted = async ({ store }: { store: Store }) => {
  return ((await store.readControl())?.polls ?? []).map(({ outcome, listed, alerts }) => [
    outcome,
    listed,
    alerts,
  ])
}

const flagged = (test: TestWorld, id: string) => test.book.add(callAt(id, 10 * MINUTE, { flagged: true }))

test("each poll notes the one before, with what that found, and an idle one still writes once", async () => {
  const test = createTestWorld()
  for (let minute = 0; minute < 10; minute++) await test.pollAfter(MINUTE)
  flagged(test, "a")
  await test.pollAfter(20 * SECOND)
  // What a call leaves to be done.
  for (let poll = 0; poll < 4; poll++) await test.pollAfter(20 * SECOND)
  const used = usesOf(test)
  await test.pollAfter(20 * SECOND)
  expect(used).toEqual(["acquire"])
  const polls = await noted(test)
  expect(polls.slice(0, 6)).toEqual([
    ["complete", 1, 0],
    ["complete", 1, 0],
    ["complete", 1, 0],
    ["complete", 1, 0],
    ["complete", 1, 1],
    ["complete", 0, 0],
  ])
})

test("one that could not read the list says so, and so does one whose table failed", async () => {
  const test = createTestWorld()
  await test.pollAfter(0)
  const { setup } = test
  test.setup = { ...setup, api: { ...setup.api, apiKey: "ew_other" } }
  await test.pollAfter(20 * SECOND)
  test.setup = setup
  await test.pollAfter(20 * SECOND)
  const { store } = test
  flagged(test, "a")
  test.store = { ...store, writeWatch: () => Promise.reject(new Error("The table is gone.")) }
  await expect(test.pollAfter(20 * SECOND)).rejects.toThrow("The table is gone.")
  test.store = store
  // It has the lease until then.
  for (let poll = 0; poll < 4; poll++) await test.pollAfter(20 * SECOND)
  expect((await noted(test)).map(([outcome]) => outcome)).toEqual([
    "broken",
    "complete",
    "failed",
    "complete",
  ])
})

test("a process that comes back after others have polled does not take their notes away", async () => {
  const test = createTestWorld()
  await test.pollAfter(0)
  const first = test.memory
  test.memory = createMemory()
  for (let poll = 0; poll < 4; poll++) await test.pollAfter(20 * SECOND)
  expect(await noted(test)).toHaveLength(3)
  test.memory = first
  await test.pollAfter(20 * SECOND)
  expect(await noted(test)).toHaveLength(3)
})
