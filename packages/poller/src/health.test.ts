/** Health follows from what polls complete: whatever makes them die, it says so in time; while they work, it never does. */
import { DAY, MINUTE, SECOND } from "@earshot/core/instant"
import { type Fault, pollFaults } from "@earshot/core/turn/health"
import { channelFaults } from "@earshot/core/turn/incident"
import { countWaiting } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import { describe, expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { poll } from "./poll.ts"
import { type TestWorld, START, addressOf, callAt, createTestWorld, usesOf } from "./test-world.ts"

const GATE = 19 * SECOND

const EVERY = 20 * SECOND

async function faultsOf({ store, world }: TestWorld, intervalMs = GATE): Promise<Fault[]> {
  const [control, incidents] = [await store.readControl(), await store.readIncidents()]
  return [...pollFaults(control, intervalMs, world.now()), ...channelFaults(incidents, world.now())]
}

const kindsOf = async (test: TestWorld) => (await faultsOf(test)).map(({ kind }) => kind)

let calls = 0

/** A call that somebody has to hear of, which ended a moment ago, and one whose detail a rule needs. */
function addCalls({ book, world }: TestWorld): void {
  const before = START - world.now() + 2 * MINUTE
  book.add(callAt(`flagged-${++calls}`, before, { flagged: true }))
  book.add(callAt(`plain-${++calls}`, before, { score: 4 }))
}

/** Polls for so long, with new calls all the time; what a poll rejects with is only what Lambda would log. */
async function pollFor(test: TestWorld, ms: number, { isCold = false } = {}): Promise<void> {
  for (let spent = 0; spent < ms; spent += EVERY) {
    addCalls(test)
    if (isCold) test.memory = createMemory()
    await test.pollAfter(EVERY).catch(() => {})
  }
}

const DENIED = Object.assign(new Error("User is not authorized to perform this action"), {
  name: "AccessDenied",
})

describe("a crash after the poll has begun makes Earshot failing within three minutes:", () => {
  const doors = ["changeControl", "readWatch", "writeWatch", "writeCall", "dueCalls", "readRules"] as const
  const cases = doors.flatMap((door) => [false, true].map((isCold) => ({ door, isCold })))
  test.each(cases)("the table denies $door (a new process each time: $isCold)", async ({ door, isCold }) => {
    const test = createTestWorld()
    await pollFor(test, 2 * MINUTE)
    expect(await kindsOf(test)).toEqual([])
    const whole = test.store
    test.store = { ...whole, [door]: async () => Promise.reject(DENIED) } satisfies Store
    // A warm process remembers the watch and the rules, until it is replaced.
    test.memory = createMemory()
    await pollFor(test, 3 * MINUTE + EVERY, { isCold })
    expect(await kindsOf(test)).toEqual(["incomplete"])
    test.store = whole
    await pollFor(test, MINUTE)
    expect(await kindsOf(test)).toEqual([])
  })

  test("a process that is killed, or never answers", async () => {
    const test = createTestWorld()
    await pollFor(test, 2 * MINUTE)
    const whole = test.store
    for (let spent = 0; spent < 3 * MINUTE + EVERY; spent += EVERY) {
      test.advance(EVERY)
      await whole.acquire({ now: test.world.now(), gateMs: GATE, since: 0 })
    }
    expect(await kindsOf(test)).toEqual(["incomplete"])
  })

  test("a channel that throws, which none should", async () => {
    const test = createTestWorld()
    await pollFor(test, 2 * MINUTE)
    test.setup.channels = test.setup.channels.map((channel) => ({
      ...channel,
      send: () => Promise.reject(new TypeError("x is not a function")),
      sendBulletin: () => Promise.reject(new TypeError("x is not a function")),
    }))
    await pollFor(test, 3 * MINUTE + EVERY)
    expect(await kindsOf(test)).toEqual(["incomplete"])
  })
})

describe("while polls complete, Earshot is well:", () => {
  test.each([
    ["one process", 1, GATE],
    ["two that take turns", 2, GATE],
    ["seven that take turns", 7, GATE],
    ["two with a long gate", 2, 10 * MINUTE],
  ])("%s", async (_what, processes, gateMs) => {
    const test = createTestWorld({ limits: { gateMs } })
    const memories = Array.from({ length: processes }, createMemory)
    for (let turn = 0; turn < 60; turn++) {
      test.memory = memories[turn % processes] ?? createMemory()
      const report = await test.pollAfter(gateMs + SECOND)
      expect(report).toMatchObject({ ok: true, kind: "poll" })
      test.advance(gateMs)
      expect(await faultsOf(test, gateMs)).toEqual([])
      test.advance(-gateMs)
    }
  })

  test("and an idle poll writes once, as it starts, with which it notes what the one before completed", async () => {
    const test = createTestWorld()
    await test.pollAfter(EVERY)
    const used = usesOf(test)
    for (let turn = 1; turn <= 5; turn++) {
      const completedAt = test.world.now()
      expect(await test.pollAfter(EVERY)).toMatchObject({ kind: "poll" })
      expect(used.splice(0)).toEqual(["acquire"])
      if (turn > 1) expect((await test.store.readControl())?.completedAt).toBe(completedAt)
      used.splice(0)
    }
  })

  test("a poll that is started by hand notes at once that it has completed", async () => {
    const test = createTestWorld({ limits: { gateMs: 0 } })
    await test.run(poll(test.world, test.store, test.setup, createMemory()))
    test.advance(MINUTE * 5)
    expect(await faultsOf(test, 0)).toEqual([])
  })
})

test("a list that breaks off after its first page, or is mostly unreadable, is no work done", async () => {
  const test = createTestWorld()
  for (let n = 0; n < 250; n++) test.book.add(callAt(`call-${n}`, 5 * MINUTE - n))
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    const answer = await fetch(input, init)
    const page = JSON.parse(await answer.text())
    const data = page.data.map((row: object, index: number) => (index % 3 === 0 ? row : { ...row, id: null }))
    return Response.json({ ...page, data })
  }
  const report = await test.pollAfter(EVERY)
  expect(report).toMatchObject({ ok: false, error: expect.stringContaining("no id that can be read") })
  expect(await kindsOf(test)).toEqual(["list", "incomplete"])
  test.world.fetch = fetch
  await test.pollAfter(EVERY)
  await test.pollAfter(EVERY)
  expect(await kindsOf(test)).toEqual([])
})

test("a channel that refuses a message is said at once, and is over once it takes one", async () => {
  const test = createTestWorld()
  test.slack.failNext({ kind: "no_service" })
  addCalls(test)
  await test.pollAfter(EVERY)
  expect(await kindsOf(test)).toEqual(["channel"])
  addCalls(test)
  await test.pollAfter(EVERY)
  expect(await kindsOf(test)).toEqual([])
})

describe("calls that nobody could examine", () => {
  const closedIn = (test: TestWorld) => test.store.countUnexamined(test.world.now() - DAY)

  test("count once each, however often they are judged again, and no more once they are examined", async () => {
    const test = createTestWorld()
    const count = 30
    for (let n = 0; n < count; n++)
      test.book.add(callAt(`call-${n}`, 10 * MINUTE + n * SECOND, { flagged: true }))
    const { fetch } = test.world
    test.world.fetch = async (input, init) =>
      addressOf(input).includes("/calls/") ? new Response("no", { status: 500 }) : fetch(input, init)
    // Details cannot be had for as long as a call may be open, whoever is asked.
    test.setup.limits = { ...test.setup.limits, detailPerHour: 1 }
    await test.pollAfter(EVERY)
    await test.pollAfter(45 * MINUTE)
    expect(countWaiting(await test.store.readWatch(), test.world.now())).toBe(count)
    expect(await closedIn(test)).toBe(0)
    for (let poll = 0; poll < 24; poll++) await test.pollAfter(20 * MINUTE)
    expect(await closedIn(test)).toBe(count)
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < count; n++) test.book.change(`call-${n}`, { summary: `changed ${round}` })
      for (let poll = 0; poll < 4; poll++) await test.pollAfter(10 * MINUTE)
      expect(await closedIn(test)).toBe(count)
    }
    test.world.fetch = fetch
    test.setup.limits = { ...test.setup.limits, detailPerHour: 500 }
    for (let n = 0; n < count; n++) test.book.change(`call-${n}`, { summary: "changed again" })
    for (let poll = 0; poll < 12; poll++) await test.pollAfter(10 * MINUTE)
    expect(await closedIn(test)).toBe(0)
    expect(countWaiting(await test.store.readWatch(), test.world.now())).toBe(0)
  })
})
