/** What polls count of the fields of calls: each call once, written seldom, and never at the cost of a poll. */
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { firstDayOf } from "@earshot/core/rule/presence"
import { expect, test } from "vitest"
import { type TestWorld, callAt, createTestWorld } from "../test-world.ts"

const presence = (test: TestWorld) => test.store.readPresence(firstDayOf(test.world.now()))

/** Calls that ended an hour ago and are decided by one look. */
const decided = (test: TestWorld, from: number, count: number) => {
  for (let index = from; index < from + count; index++) {
    const score = index % 2 === 0 ? 4 : null
    test.book.add(callAt(`call-${index}`, 90 * MINUTE + index * SECOND, { score }))
  }
}

test("a call is counted once, when it is closed, with what it has", async () => {
  const test = createTestWorld()
  decided(test, 0, 10)
  await test.pollAfter(0)
  const first = await presence(test)
  expect(first).toMatchObject({ calls: 10, details: 10, scoresAboveOne: 5 })
  expect(first.present["score"]).toBe(5)
  await test.pollAfter(20 * MINUTE)
  expect(await presence(test)).toEqual(first)
})

test("counts are added to the store every ten minutes at most", async () => {
  const test = createTestWorld()
  decided(test, 0, 1)
  await test.pollAfter(0)
  decided(test, 1, 2)
  await test.pollAfter(MINUTE)
  expect(await presence(test)).toMatchObject({ calls: 1 })
  await test.pollAfter(10 * MINUTE)
  expect(await presence(test)).toMatchObject({ calls: 3 })
})

test("the names of agents and tools are added once a day by a process, however long it lives", async () => {
  const test = createTestWorld()
  const added: (readonly string[])[] = []
  const { addPresence } = test.store
  test.store = {
    ...test.store,
    addPresence: (day, part) => {
      added.push(part.seen.names["agent.name"])
      return addPresence(day, part)
    },
  }
  for (const [index, wait] of [0, 10 * MINUTE, 24 * HOUR].entries()) {
    decided(test, 100 * index, 1)
    await test.pollAfter(wait)
  }
  const [first] = added
  expect(first).toHaveLength(1)
  expect(added).toEqual([first, [], first])
  expect((await presence(test)).seen).toMatchObject({ calls: 3, names: { "agent.name": first } })
})

test("a store that refuses the counts costs no poll, and the log says how many calls are missing", async () => {
  const test = createTestWorld()
  decided(test, 0, 3)
  test.store = {
    ...test.store,
    addPresence: () => Promise.reject(new Error("AccessDenied for +15551234567")),
  }
  expect(await test.pollAfter(0)).toMatchObject({ ok: true, new: 3 })
  expect(test.logs).toContainEqual({ level: "warn", event: "presence.lost", calls: 3, why: "Error" })
})
