/** Nothing that is stored can stop the poller: what cannot be read is left out or rebuilt, and said. */
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { unreadableItems } from "@earshot/core/turn/incident"
import type { Store } from "@earshot/io/store/store"
import { EMPTY_WATCH } from "@earshot/core/watch/watch"
import { describe, expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { GOING, NO_METADATA, type TestWorld, callAt, createTestWorld } from "./test-world.ts"

const EVERY = 20 * SECOND

const ANGRY = { ...NO_METADATA, sentiment: { happy: 0, sad: 0, angry: 0.9, neutral: 0.1 } }

/** What is stored as the watch is damaged until somebody writes over it. */
function damageWatch(test: TestWorld, version: number): void {
  const whole = test.store
  let isDamaged = true
  test.store = {
    ...whole,
    readWatch: async () => (isDamaged ? { ...EMPTY_WATCH, version, isDamaged } : whole.readWatch()),
    writeWatch: async (watch) => {
      const isWritten = await whole.writeWatch(watch)
      if (isWritten) isDamaged = false
      return isWritten
    },
  } satisfies Store
}

async function pollFor(test: TestWorld, ms: number): Promise<void> {
  for (let spent = 0; spent < ms; spent += EVERY) {
    expect(await test.pollAfter(EVERY)).toMatchObject({ ok: true })
  }
}

describe("a watch that is damaged", () => {
  test("is rebuilt from the list: what it remembered is told all the same, and nothing twice", async () => {
    const test = createTestWorld()
    test.book.add(callAt("told", 3 * HOUR, { flagged: true }))
    test.book.add(callAt("long", 5 * HOUR, GOING))
    test.book.add(callAt("late", 40 * MINUTE))
    test.book.add(callAt("going", 10 * MINUTE, GOING))
    for (let n = 0; n < 150; n++) test.book.add(callAt(`plain-${n}`, 6 * HOUR + n * MINUTE, { score: 5 }))
    await pollFor(test, 10 * MINUTE)
    expect(test.told()).toEqual(["told"])
    const { version } = await test.store.readWatch()
    damageWatch(test, version)
    test.memory = createMemory()
    const details = () => test.requests.filter((request) => /calls\/./.test(request)).length
    const before = details()
    const end = new Date(test.world.now()).toISOString()
    test.book.change("long", { status: "completed", endedAt: end, duration: 60, score: 1 })
    test.book.change("going", { status: "completed", endedAt: end, duration: 60, score: 3, metadata: ANGRY })
    test.book.change("late", { score: 1 })
    await pollFor(test, 10 * MINUTE)
    expect(test.told().sort()).toEqual(["going", "late", "long", "told"])
    // Most of what was examined is not examined again.
    expect(details() - before).toBeLessThan(80)
    expect(test.logs.filter(({ event }) => event === "watch.rebuilt")).toHaveLength(1)
    expect((await test.store.readIncidents()).watchRebuiltAt).not.toBeNull()
    expect((await test.store.readWatch()).calls.size).toBeGreaterThan(50)
  })

  test("in a quiet team is rebuilt once, not by each new process", async () => {
    const test = createTestWorld()
    await test.pollAfter(EVERY)
    damageWatch(test, (await test.store.readWatch()).version)
    for (let poll = 0; poll < 4; poll++) {
      test.memory = createMemory()
      expect(await test.pollAfter(EVERY)).toMatchObject({ ok: true })
    }
    expect(test.logs.filter(({ event }) => event === "watch.rebuilt")).toHaveLength(1)
  })
})

/** Nobody can read the call's record from now on, nor write over it. */
function damageRecord(test: TestWorld, callId: string): void {
  const whole = test.store
  const met: string[] = []
  test.store = {
    ...whole,
    readCall: async (id) => {
      if (id !== callId) return whole.readCall(id)
      met.push(id)
      return null
    },
    writeCall: async (record, expected) => record.callId !== callId && whole.writeCall(record, expected),
    takeUnreadable: () => met.splice(0),
  } satisfies Store
}

test("a record that cannot be read is left out and named, and every other call is told", async () => {
  const test = createTestWorld()
  test.book.add(callAt("broken", 5 * MINUTE))
  await test.pollAfter(EVERY)
  const { dueCalls } = test.store
  damageRecord(test, "broken")
  test.store.dueCalls = async (max, after) => [
    { callId: "broken", dueAt: 1, pending: 1 },
    ...(await dueCalls(max, after)),
  ]
  test.memory = createMemory()
  test.book.change("broken", { flagged: true })
  test.book.add(callAt("flagged", MINUTE, { flagged: true }))
  await pollFor(test, 5 * MINUTE)
  expect(test.told()).toEqual(["flagged"])
  expect(unreadableItems(await test.store.readIncidents(), test.world.now())).toEqual(["call broken"])
  // It gives polls nothing to do.
  const requests = test.requests.length
  await test.pollAfter(EVERY)
  expect(test.requests.length - requests).toBe(1)
})

test("a record that cannot be read is named by the next turn if this one fails before it can", async () => {
  const test = createTestWorld()
  test.book.add(callAt("broken", 5 * MINUTE, GOING))
  await test.pollAfter(EVERY)
  damageRecord(test, "broken")
  const { readIncidents } = test.store
  test.store.readIncidents = () => Promise.reject(new Error("the table hangs"))
  await test.store.readCall("broken")
  await expect(test.pollAfter(EVERY)).rejects.toThrow("the table hangs")
  test.store.readIncidents = readIncidents
  await test.pollAfter(EVERY)
  expect(unreadableItems(await test.store.readIncidents(), test.world.now())).toEqual(["call broken"])
})

test("a record that is damaged while a process remembers it stops no poll, whatever becomes of its call", async () => {
  const test = createTestWorld()
  test.book.add(callAt("broken", 2 * MINUTE, { metadata: NO_METADATA }))
  await pollFor(test, 12 * MINUTE)
  expect(await test.store.readCall("broken")).toMatchObject({ value: { isOpen: true } })
  damageRecord(test, "broken")
  test.book.remove("broken")
  test.book.add(callAt("flagged", MINUTE, { flagged: true }))
  await pollFor(test, HOUR)
  expect(test.told()).toEqual(["flagged"])
  expect(unreadableItems(await test.store.readIncidents(), test.world.now())).toEqual(["call broken"])
})

test("a rule that cannot be read is left out and logged, and every other rule judges", async () => {
  const test = createTestWorld()
  const whole = test.store
  test.store = {
    ...whole,
    readRules: async () => [
      { id: "odd", version: 2, isReadable: false },
      { id: "flagged", version: 2, isReadable: false },
    ],
  } satisfies Store
  test.book.add(callAt("flagged", MINUTE, { flagged: true }))
  test.book.add(callAt("low", MINUTE, { score: 1 }))
  await pollFor(test, MINUTE)
  expect(test.told().sort()).toEqual(["flagged", "low"])
  const logged = test.logs.filter(({ event }) => event === "rule.unreadable")
  expect(logged.map(({ ruleId }) => ruleId)).toEqual(["odd", "flagged"])
})

describe("a rule whose channels are not configured", () => {
  test.each([
    [["pager"], ["email", "slack"]],
    [["pager", "slack"], ["slack"]],
    [["slack"], ["slack"]],
  ])("%j is told in %j", async (channels, told) => {
    const test = createTestWorld()
    await test.store.writeRule({
      id: "low-score",
      name: "Low",
      mode: "live",
      severity: "info",
      when: { score: { lte: 2 } },
      settle: "PT30M",
      channels,
      version: 2,
      updatedAt: null,
      isDeleted: false,
    })
    test.book.add(callAt("low", MINUTE, { score: 1 }))
    await pollFor(test, MINUTE)
    const { value } = (await test.store.readCall("low")) ?? {}
    expect(value?.deliveries.map(({ channel, state }) => `${channel} ${state}`).sort()).toEqual(
      told.map((channel) => `${channel} sent`),
    )
    expect((await test.store.readControl())?.channels).toEqual(["slack", "email"])
  })
})
