/** Rules on how often somebody calls: told at the call that is one too many, counted once each, and at no cost without such a rule. */
import { MINUTE, SECOND } from "@earshot/core/instant"
import type { Rule } from "@earshot/core/rule/rule"
import { describe, expect, test } from "vitest"
import { type TestWorld, callAt, createTestWorld } from "./test-world.ts"

const rule: Rule = {
  id: "again",
  name: "Calls again",
  mode: "live",
  severity: "warning",
  when: { "repeatCaller.hour": { gte: 3 } },
  settle: "PT30M",
  version: 1,
  updatedAt: null,
  isDeleted: false,
}

async function createWithRule(): Promise<TestWorld> {
  const test = createTestWorld()
  await test.store.announceRules(test.world.now())
  await test.store.writeRule(rule)
  return test
}

const number = "+15552010123"

/** Each poll finds one more call; `from` says who called. */
async function pollCalls(test: TestWorld, from: readonly (string | null)[]) {
  for (const [index, caller] of from.entries()) {
    test.book.add(callAt(`call-${index + 1}`, -index * MINUTE, { from: caller }))
    await test.pollAfter(20 * SECOND)
  }
}

describe("a rule on how often somebody calls", () => {
  test("alerts at the third call of an hour, and at each one after it, but to nobody else's", async () => {
    const test = await createWithRule()
    await pollCalls(test, [
      number,
      "+15552010999",
      "(555) 201-0123",
      number,
      "anonymous",
      "anonymous",
      "anonymous",
      number,
    ])
    expect(test.told()).toEqual(["call-4", "call-8"])
    const record = await test.store.readCall("call-4")
    expect(record?.value.facts.partyCalls).toEqual({ hour: 3, day: 3, week: 3 })
  })

  test("counts calls that came in one list, the earlier ones first, whichever is looked at first", async () => {
    const test = await createWithRule()
    for (const minute of [4, 1, 3, 2])
      test.book.add(callAt(`call-${minute}`, -minute * MINUTE, { from: number }))
    await test.pollAfter(20 * SECOND)
    expect(test.told().sort()).toEqual(["call-3", "call-4"])
  })

  test("counts a call once, however often the list shows it changed, and keeps what it once knew", async () => {
    const test = await createWithRule()
    await pollCalls(test, [number, number])
    for (const summary of ["One.", "Two.", "Three."]) {
      test.book.change("call-2", { summary })
      await test.pollAfter(20 * SECOND)
    }
    expect(test.told()).toEqual([])
    test.book.add(callAt("call-9", -9 * MINUTE, { from: number }))
    await test.pollAfter(20 * SECOND)
    expect(test.told()).toEqual(["call-9"])
  })

  test("counts for a process that has just started what others noted", async () => {
    const test = await createWithRule()
    await pollCalls(test, [number, number])
    test.memory = { ...createTestWorld().memory }
    test.book.add(callAt("call-9", -9 * MINUTE, { from: number }))
    await test.pollAfter(20 * SECOND)
    expect(test.told()).toEqual(["call-9"])
  })

  test("waits for a number that the list does not show yet", async () => {
    const test = await createWithRule()
    await pollCalls(test, [number, number, null])
    expect(test.told()).toEqual([])
    test.book.change("call-3", { from: number })
    await test.pollAfter(20 * SECOND)
    expect(test.told()).toEqual(["call-3"])
  })

  test("stores nothing by which a caller could be read, and nothing at all if no rule asks", async () => {
    for (const asks of [true, false]) {
      const test = asks ? await createWithRule() : createTestWorld()
      const parties: string[] = []
      const { notePartyCalls } = test.store
      test.store.notePartyCalls = async (party, calls, now) => {
        parties.push(party)
        return notePartyCalls(party, calls, now)
      }
      await pollCalls(test, [number, "desk@office.example"])
      expect(parties).toHaveLength(asks ? 2 : 0)
      for (const party of parties) expect(party).toMatch(/^[\w-]{27}$/)
      expect(new Set(parties).size).toBe(parties.length)
    }
  })
})
