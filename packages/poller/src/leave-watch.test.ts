/** Which turns leave the watch to a later one of their process, and that nothing is lost or told twice where there is none. */
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { FIRST_CONTROL } from "@earshot/core/turn/control"
import { callKey } from "@earshot/core/watch/call-key"
import { EMPTY_WATCH } from "@earshot/core/watch/watch"
import { describe, expect, test } from "vitest"
import { type Memory, createMemory } from "./memory/memory.ts"
import { mayStayAhead, recallWatch } from "./memory/watch-memory.ts"
import { poll } from "./poll.ts"
import { dieAt, dying } from "./test-death.ts"
import {
  CALM,
  GOING,
  START,
  TRANSFER,
  type TestWorld,
  callAt,
  createTestWorld,
  during,
  usesOf,
} from "./test-world.ts"

const STEP = 10_000

const MINUTE = 60_000

/** A process that has had every turn of the last minutes, and has a call in progress. */
async function aloneWorld(options: Parameters<typeof createTestWorld>[0] = {}): Promise<TestWorld> {
  const test = createTestWorld(options)
  test.book.add(callAt("first", 2 * MINUTE, GOING))
  await pass(test, 7 * MINUTE)
  expect(test.memory.watch.aheadSince).toBeNull()
  return test
}

/** Triggers every ten seconds for so long. */
async function pass(test: TestWorld, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += STEP) await test.pollAfter(STEP)
}

/** Begins now, and goes on. */
function begin(test: TestWorld, id: string): void {
  const createdAt = new Date(test.world.now()).toISOString()
  test.book.add(callAt(id, 0, { ...GOING, createdAt }))
}

/** Ends now, having been transferred; its analysis is there. */
function end(test: TestWorld, id: string): void {
  const endedAt = new Date(test.world.now()).toISOString()
  const ended = { status: "completed", duration: 60, endedAt, activityTimeline: [TRANSFER] }
  test.book.change(id, { ...ended, ...CALM })
}

async function stored(test: TestWorld, id: string) {
  const { calls, version } = await test.store.readWatch()
  return { call: calls.get(callKey(id)), version, number: (await test.store.readControl())?.watchVersion }
}

/** The next poll. */
async function nextPoll(test: TestWorld): Promise<void> {
  for (let tries = 0; tries < 3; tries++) if ((await test.pollAfter(STEP)).kind === "poll") return
  throw new Error("There was no poll.")
}

/** A look at this call, five seconds later: somebody says that it has ended. */
async function lookAt(test: TestWorld, id: string): Promise<void> {
  test.advance(STEP / 2)
  const nudges = [{ id, party: null, tries: 0 }]
  const report = await test.run(poll(test.world, test.store, test.setup, test.memory, nudges))
  expect(report).toMatchObject({ kind: "look", details: 1 })
}

describe("what one turn after the other finds, in a process that has them all,", () => {
  test("a look does not write, nor a number; a poll of the next minute writes both, once", async () => {
    const test = await aloneWorld()
    const before = await stored(test, "first")
    await nextPoll(test)
    end(test, "first")
    const used = usesOf(test)
    await lookAt(test, "first")
    expect(test.told()).toEqual(["first"])
    expect(used).not.toContain("writeWatch")
    expect(await stored(test, "first")).toEqual(before)
    expect(test.memory.watch.watch?.calls.get(callKey("first"))?.open).toBeNull()
    used.length = 0
    await pass(test, MINUTE)
    expect(used.filter((name) => name === "writeWatch")).toHaveLength(1)
    const after = await stored(test, "first")
    expect(after).toMatchObject({ call: { open: null }, version: before.version + 1 })
    expect(after.number).toBe(after.version)
  })

  test("a poll does not write before a minute has passed, and is not asked twice by it", async () => {
    const test = await aloneWorld()
    const used = usesOf(test)
    for (let call = 0; call < 12; call++) {
      begin(test, `call-${call}`)
      await pass(test, MINUTE / 2)
      end(test, `call-${call}`)
    }
    await pass(test, 2 * MINUTE)
    // Two dozen polls had something to remember.
    expect(used.filter((name) => name === "writeWatch").length).toBeLessThanOrEqual(9)
    expect(test.told()).toHaveLength(12)
    expect(test.memory.watch.aheadSince).toBeNull()
    const { version, number } = await stored(test, "first")
    expect(number).toBe(version)
    const { calls } = await test.store.readWatch()
    expect([...calls.values()].filter(({ open }) => open)).toHaveLength(1)
  })

  test("looks write when polls cannot, a minute after they found it at the latest", async () => {
    const test = await aloneWorld()
    let isDown = true
    const { fetch } = test.world
    test.world.fetch = async (input, init) => {
      const isList = String(input instanceof Request ? input.url : input).includes("/calls?")
      return isList && isDown ? new Response("no", { status: 503 }) : fetch(input, init)
    }
    end(test, "first")
    await pass(test, 2 * MINUTE)
    expect(test.told()).toEqual(["first"])
    begin(test, "second")
    isDown = false
    await pass(test, MINUTE)
    isDown = true
    test.book.change("second", { activityTimeline: [TRANSFER] })
    await pass(test, 2 * MINUTE)
    expect((await stored(test, "first")).call).toMatchObject({ open: null })
    expect((await stored(test, "second")).call?.open).toMatchObject({ isKept: true })
  })
})

describe("is written at once", () => {
  test("before the cursor moves: it passes no call that is not remembered", async () => {
    const test = await aloneWorld()
    let moves = 0
    const { changeControl } = test.store
    test.store = {
      ...test.store,
      changeControl: async (fence, change) => {
        if (change.watermark !== undefined || change.resumeAt !== undefined || change.review) {
          moves++
          expect(test.memory.watch.aheadSince).toBeNull()
        }
        return changeControl(fence, change)
      },
    }
    for (let call = 0; call < 60; call++) {
      begin(test, `call-${call}`)
      await pass(test, MINUTE / 2)
      if (call % 3 > 0) end(test, `call-${call}`)
    }
    expect(moves).toBeGreaterThan(1)
  })

  test("what the cursor has passed: a call that the list shows late", async () => {
    const test = await aloneWorld()
    for (let call = 0; call < 20; call++) {
      begin(test, `call-${call}`)
      end(test, `call-${call}`)
      await pass(test, MINUTE / 2)
    }
    end(test, "first")
    await pass(test, 8 * MINUTE)
    const { watermark } = (await test.store.readControl()) ?? {}
    const createdAt = new Date((watermark ?? 0) - 5 * MINUTE).toISOString()
    test.book.add(callAt("late", 0, { ...GOING, createdAt }))
    while (!test.memory.watch.watch?.calls.has(callKey("late"))) await test.pollAfter(STEP)
    expect((await stored(test, "late")).call?.open).toMatchObject({ id: "late" })
  })

  test("by a poll after an outage, of which a new process would not know", async () => {
    // No lists are left over to read old calls again, which is said in the state.
    const test = await aloneWorld({ limits: { listPerHour: 180 } })
    expect((await stored(test, "first")).call?.open).toMatchObject({ heldMs: 0 })
    // The cursor waits for a call of less than an hour, and so does not move.
    test.advance(40 * MINUTE)
    await test.pollAfter(0)
    expect((await stored(test, "first")).call?.open?.heldMs).toBeGreaterThan(30 * MINUTE)
  })

  test("if a clock was put back meanwhile, and nobody can say for how long it has waited", () => {
    const watch = { ...EMPTY_WATCH, version: 1 }
    expect(mayStayAhead({ watch, aheadSince: START }, START + 1, START + MINUTE)).toBe(true)
    expect(mayStayAhead({ watch, aheadSince: START + 1 }, START, START)).toBe(false)
  })

  test("by a poll that has judged by other rules", async () => {
    const test = await aloneWorld()
    const before = (await test.store.readWatch()).rulesKey
    const [rule] = DEFAULT_RULES
    await test.store.announceRules(test.world.now())
    if (rule) await test.store.writeRule({ ...rule, mode: "off", version: 2 })
    await nextPoll(test)
    expect((await test.store.readWatch()).rulesKey).not.toBe(before)
  })

  test.each([
    ["may not come sooner than after minutes", 5 * MINUTE, 6 * MINUTE],
    ["come after minutes", 19_000, 2 * MINUTE],
  ])("where polls %s", async (_how, gateMs, apartMs) => {
    const test = createTestWorld({ limits: { gateMs } })
    for (let passed = 0; passed < 7 * MINUTE; passed += apartMs) await test.pollAfter(apartMs)
    begin(test, "call")
    await test.pollAfter(apartMs)
    expect((await stored(test, "call")).call?.open).toMatchObject({ id: "call" })
  })

  test("where processes take turns, by each", async () => {
    const test = await aloneWorld()
    const memories = [createMemory(), test.memory]
    for (let round = 0; round < 8; round++) {
      test.memory = memories[round % 2] ?? test.memory
      const id = `call-${round}`
      begin(test, id)
      await nextPoll(test)
      expect((await stored(test, id)).call?.open, id).toMatchObject({ id, endedAt: null })
      end(test, id)
      await lookAt(test, id)
      expect((await stored(test, id)).call, id).toMatchObject({ open: null })
    }
    await pass(test, MINUTE)
    expect(test.told()).toHaveLength(8)
  })
})

/** Calls that began and ended while what was found was not written. */
async function withSecrets(test: TestWorld): Promise<string[]> {
  begin(test, "second")
  await nextPoll(test)
  end(test, "first")
  await lookAt(test, "first")
  end(test, "second")
  return ["first", "second"]
}

describe("where what was found is forgotten before it is written", () => {
  test("because the process ends, nothing is lost, and nothing is told twice", async () => {
    for (let turns = 0; turns < 9; turns++) {
      const test = await aloneWorld()
      const ids = await withSecrets(test)
      expect(test.memory.watch.aheadSince).not.toBeNull()
      await pass(test, turns * STEP)
      test.memory = createMemory()
      await pass(test, 5 * MINUTE)
      expect([test.told().sort(), test.mails.length], `after ${turns} turns`).toEqual([ids, 2])
      for (const id of ids) expect((await stored(test, id)).call).toMatchObject({ open: null })
    }
  })

  test("because the process dies at any request or write, nothing is lost, and what may be a repeat says so", async () => {
    for (let turns = 1; turns < 4; turns++)
      for (let deathAt = 1; ; deathAt += 2) {
        const test = await aloneWorld()
        const ids = await withSecrets(test)
        await pass(test, (turns - 1) * STEP)
        test.advance(STEP)
        const { died } = await test.run(dying(test, deathAt, test.memory).poll())
        test.memory = createMemory()
        await pass(test, 5 * MINUTE)
        const told = test.told()
        expect([...new Set(told)].sort(), `turn ${turns}, death at ${deathAt}`).toEqual(ids)
        const repeats = test.slack.received.filter(({ payload }) =>
          JSON.stringify(payload).includes("may be a repeat"),
        )
        expect(told.length - 2).toBeLessThanOrEqual(repeats.length)
        if (!died) break
      }
  })

  test("because another process has the next polls, nothing is lost, and nothing is told twice", async () => {
    for (let turns = 1; turns < 5; turns++) {
      const test = await aloneWorld()
      const other = createMemory()
      // It remembers the watch as it is stored, and knows no better.
      await test.run(poll(test.world, test.store, test.setup, other))
      await pass(test, 7 * MINUTE)
      const first: Memory = test.memory
      const ids = await withSecrets(test)
      test.memory = other
      await pass(test, turns * 2 * STEP)
      test.memory = first
      await pass(test, 5 * MINUTE)
      expect([test.told().sort(), test.mails.length], `after ${turns} polls`).toEqual([ids, 2])
      const { version, number } = await stored(test, "first")
      expect(number).toBe(version)
      for (const id of ids) expect((await stored(test, id)).call).toMatchObject({ open: null })
    }
  })

  test("because another one has written the watch, and died before it said so: one poll gives way", async () => {
    const test = await aloneWorld()
    const ids = await withSecrets(test)
    test.advance(2 * STEP)
    await dieAt(test, (store, die) => ({
      ...store,
      changeControl: (fence, change) =>
        "watchVersion" in change ? die() : store.changeControl(fence, change),
    }))
    await pass(test, 5 * MINUTE)
    expect([test.told().sort(), test.mails.length]).toEqual([ids, 2])
    const { version, number } = await stored(test, "first")
    expect(number).toBe(version)
  })

  test("because what is stored had to be read: nothing waits any more to be written", async () => {
    const { world, store } = createTestWorld()
    await store.writeWatch({ ...EMPTY_WATCH, version: 1 })
    const memory = { watch: { ...EMPTY_WATCH, version: 9 }, aheadSince: START }
    await recallWatch(world, store, memory, { ...FIRST_CONTROL, watchVersion: 1 })
    expect(memory).toEqual({ watch: { ...EMPTY_WATCH, version: 1 }, aheadSince: null })
  })

  test("what its record says is not asked for again", async () => {
    const test = await aloneWorld()
    await nextPoll(test)
    end(test, "first")
    await lookAt(test, "first")
    test.memory = createMemory()
    let asked = 0
    during(test, /calls\/first/, () => asked++)
    await pass(test, 3 * MINUTE)
    expect([asked, test.told()]).toEqual([0, ["first"]])
  })
})
