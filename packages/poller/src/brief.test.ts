/** The daily brief: once a day, whatever dies and however many processes there are; late rather than never. */
import { HOUR, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { dying } from "./test-death.ts"
import {
  CALM,
  GOING,
  START,
  type TestWorld,
  addressOf,
  callAt,
  createTestWorld,
  usesOf,
} from "./test-world.ts"

const GATE = 20 * SECOND

/** At nine by UTC, when test worlds begin. `at`: when Slack wants its brief; the topic wants none. */
function briefWorld(at: string): TestWorld {
  const test = createTestWorld()
  test.setup.channels = test.setup.channels.map((channel) =>
    channel.id === "slack" ? { ...channel, brief: { at } } : channel,
  )
  return test
}

function briefs({ slack }: TestWorld): string[] {
  return slack.received
    .map(({ payload }) => JSON.stringify(payload))
    .filter((text) => text.includes("Daily brief"))
}

test("comes once a day from its time on, and says what was checked and what is not", async () => {
  const test = briefWorld("10:00")
  test.book.add(callAt("fine", 90 * MINUTE, CALM))
  test.book.add(callAt("flagged", 95 * MINUTE, { ...CALM, flagged: true }))
  for (let poll = 0; poll < 5; poll++) await test.pollAfter(10 * MINUTE)
  expect(briefs(test)).toEqual([])
  for (let poll = 0; poll < 6; poll++) await test.pollAfter(10 * MINUTE)
  expect(briefs(test)).toHaveLength(1)
  expect(briefs(test)[0]).toContain("2 of 2 calls checked, 1 alert, nothing waiting")
  expect(briefs(test)[0]).toContain("Flagged: 1")
  expect(test.mails.filter(({ subject }) => subject.includes("brief"))).toEqual([])
  for (let poll = 0; poll < 24; poll++) await test.pollAfter(HOUR)
  expect(briefs(test)).toHaveLength(2)
})

test("counts what was decided a moment ago, though that is written down every ten minutes only", async () => {
  const test = briefWorld("10:00")
  for (const id of ["fine", "flagged"]) test.book.add(callAt(id, 5 * MINUTE, GOING))
  await test.pollAfter(0)
  for (let poll = 0; poll < 5; poll++) await test.pollAfter(11 * MINUTE)
  test.book.change("fine", callAt("fine", 5 * MINUTE, CALM))
  await test.pollAfter(GATE)
  test.book.change("flagged", callAt("flagged", 5 * MINUTE, { ...CALM, flagged: true }))
  await test.pollAfter(4 * MINUTE)
  expect(briefs(test)).toEqual([])
  await test.pollAfter(MINUTE)
  expect(briefs(test)[0]).toContain("2 of 2 calls checked, 1 alert, nothing waiting")
})

test("an idle poll asks nothing for it: before its time, and once it is sent", async () => {
  const test = briefWorld("10:00")
  for (let poll = 0; poll < 2; poll++) await test.pollAfter(GATE)
  const used = usesOf(test)
  await test.pollAfter(GATE)
  expect(used).toEqual(["acquire"])
  for (let poll = 0; poll < 8; poll++) await test.pollAfter(10 * MINUTE)
  expect(briefs(test)).toHaveLength(1)
  for (let poll = 0; poll < 2; poll++) await test.pollAfter(GATE)
  used.length = 0
  await test.pollAfter(GATE)
  expect(used).toEqual(["acquire"])
})

test("two processes send it once between them", async () => {
  const test = briefWorld("09:00")
  const memories = [createMemory(), createMemory()]
  for (let poll = 0; poll < 8; poll++) {
    test.memory = memories[poll % 2] ?? createMemory()
    await test.pollAfter(GATE)
  }
  expect(briefs(test)).toHaveLength(1)
})

test("a process that dies at any line loses none, and what comes again says so", async () => {
  for (let deathAt = 1; deathAt < 200; deathAt++) {
    const test = briefWorld("09:00")
    const { died } = await test.run(dying(test, deathAt).poll())
    test.memory = createMemory()
    for (let turn = 0; turn < 8; turn++) await test.pollAfter(30 * SECOND)
    const told = briefs(test)
    expect(told.length, `death at ${deathAt}`).toBeGreaterThan(0)
    const unmarked = told.filter((text) => !text.includes("may be a repeat"))
    expect(unmarked.length, `death at ${deathAt}`).toBeLessThanOrEqual(1)
    expect(told.length, `death at ${deathAt}`).toBeLessThanOrEqual(2)
    if (!died) return
  }
  throw new Error("It never lived.")
})

test("a process that is held up once it has claimed it sends none that it might not be able to note", async () => {
  const test = briefWorld("09:00")
  const { readCoverage } = test.store
  test.store.readCoverage = async (span) => {
    test.advance(40 * SECOND)
    return readCoverage(span)
  }
  await test.pollAfter(GATE)
  expect(briefs(test)).toEqual([])
  test.store.readCoverage = readCoverage
  for (let poll = 0; poll < 8; poll++) await test.pollAfter(MINUTE)
  expect(briefs(test)).toHaveLength(1)
  expect(briefs(test)[0]).not.toContain("may be a repeat")
})

test("a channel that refuses gets it later the same day, and the log says why", async () => {
  const test = briefWorld("09:00")
  test.slack.failAlways({ kind: "no_service" })
  for (let poll = 0; poll < 3; poll++) await test.pollAfter(10 * MINUTE)
  expect(briefs(test)).toEqual([])
  expect(test.logs).toContainEqual(expect.objectContaining({ event: "brief.failed", channel: "slack" }))
  test.slack.failAlways(undefined)
  for (let poll = 0; poll < 3; poll++) await test.pollAfter(10 * MINUTE)
  expect(briefs(test)).toHaveLength(1)
  expect(briefs(test)[0]).not.toContain("may be a repeat")
})

test("a snoozed channel gets it once that is over, if the day is not", async () => {
  const test = briefWorld("09:00")
  const snoozedUntil = isoOf(START + 2 * HOUR)
  test.setup.channels = test.setup.channels.map((channel) => ({ ...channel, snoozedUntil }))
  for (let poll = 0; poll < 6; poll++) await test.pollAfter(19 * MINUTE)
  expect(briefs(test)).toEqual([])
  for (let poll = 0; poll < 2; poll++) await test.pollAfter(19 * MINUTE)
  expect(briefs(test)).toHaveLength(1)
})

test("a list that cannot be read is a gap in it, and no reason not to send it", async () => {
  const test = briefWorld("13:00")
  for (let poll = 0; poll < 3; poll++) await test.pollAfter(20 * MINUTE)
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    const answer = await fetch(input, init)
    return addressOf(input).includes("echo.win") ? new Response("{}", { status: 500 }) : answer
  }
  for (let poll = 0; poll < 12; poll++) await test.pollAfter(20 * MINUTE)
  expect(briefs(test)).toHaveLength(1)
  expect(briefs(test)[0]).toContain("no complete reading")
})

test("a brief that cannot be read from the table fails no poll, and comes when it can", async () => {
  const test = briefWorld("09:00")
  const { readBrief } = test.store
  test.store.readBrief = async () => {
    throw new TypeError("terminated")
  }
  const report = await test.pollAfter(GATE)
  expect(report).toMatchObject({ ok: true, kind: "poll" })
  expect(test.logs).toContainEqual(
    expect.objectContaining({ event: "brief.failed", channel: "slack", why: "TypeError" }),
  )
  test.store.readBrief = readBrief
  await test.pollAfter(GATE)
  expect(briefs(test)).toHaveLength(1)
})
