/** A vendor whose times are hours off, or whose calls are dated beyond every clock, hides no call. */
import { DAY, HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { clockNoticeText } from "@earshot/core/list/vendor-clock"
import { describe, expect, test } from "vitest"
import { NO_METADATA, START, type TestWorld, addressOf, callAt, createTestWorld } from "./test-world.ts"

const mood = (angry: number) => ({
  metadata: { ...NO_METADATA, sentiment: { happy: 0, sad: 0, angry, neutral: 1 - angry } },
})

/** A call every three minutes that is angry, as is seen half a minute after its score, or flagged, or neither. */
async function live(test: TestWorld, { hours, offMs }: { hours: number; offMs: number }): Promise<string[]> {
  const bad: string[] = []
  const polls = (hours * HOUR) / (20 * SECOND)
  for (let poll = 0; poll < polls; poll++) {
    const call = Math.floor(poll / 9)
    const id = `call-${call}`
    const isAngry = call % 3 === 0
    const endedMs = poll * 20 * SECOND
    if (poll % 9 === 0) test.book.add(callAt(id, MINUTE - endedMs - offMs, { score: null, metadata: null }))
    if (poll % 9 === 2) test.book.change(id, { score: 3, ...(isAngry ? {} : mood(0)) })
    if (poll % 9 === 4 && isAngry) test.book.change(id, mood(0.9))
    if (poll % 9 === 4 && call % 3 === 1) test.book.change(id, { flagged: true })
    if (poll % 9 === 0 && call % 3 < 2) bad.push(id)
    await test.pollAfter(20 * SECOND)
  }
  for (let poll = 0; poll < 30; poll++) await test.pollAfter(20 * SECOND)
  return bad
}

describe.each([
  ["seven hours behind", -7 * HOUR, "7 h behind"],
  ["an hour behind", -HOUR, "1 h behind"],
  ["seven hours ahead", 7 * HOUR, "7 h ahead of"],
])("calls that are dated %s", (_, offMs, said) => {
  test("are all told, also those of before anybody knew, and it is said", async () => {
    const test = createTestWorld({ lookbackMs: HOUR })
    const bad = await live(test, { hours: 3, offMs })
    expect(test.told().sort()).toEqual(bad.sort())
    const notice = (await test.store.readControl())?.clockNotice
    expect(notice && clockNoticeText(notice)).toContain(said)
    expect(test.logs.filter(({ event }) => event === "list.clock")).toHaveLength(1)
  })
})

test("a call that was given up unexamined is not counted as such once it is examined, though it is dated hours ahead", async () => {
  const test = createTestWorld({ limits: { listPerHour: 200, detailPerHour: 0 }, lookbackMs: HOUR })
  const ids = ["a", "b", "c", "d"]
  for (const id of ids) test.book.add(callAt(id, MINUTE - 9 * HOUR, { score: 3 }))
  const counted = () => test.store.countUnexamined(START)
  for (let poll = 0; poll < 40; poll++) await test.pollAfter(10 * MINUTE)
  expect(await counted()).toBe(ids.length)
  test.setup.limits = { ...test.setup.limits, detailPerHour: 500 }
  for (const id of ids) test.book.change(id, { flagged: true })
  for (let poll = 0; poll < 40; poll++) await test.pollAfter(5 * MINUTE)
  expect(test.told().sort()).toEqual(ids)
  expect(await counted()).toBe(0)
})

test("nor is one that was followed anew, long after the last was given up", async () => {
  const test = createTestWorld({ limits: { listPerHour: 200, detailPerHour: 0 }, lookbackMs: HOUR })
  test.book.add(callAt("a", MINUTE - 14 * HOUR, { score: 3 }))
  for (let poll = 0; poll < 60; poll++) await test.pollAfter(10 * MINUTE)
  expect(await test.store.countUnexamined(START)).toBe(1)
  test.setup.limits = { ...test.setup.limits, detailPerHour: 500 }
  test.book.change("a", { flagged: true })
  const { fetch } = test.world
  test.world.fetch = async (input, init) =>
    addressOf(input).endsWith("/calls/a") ? new Response(null, { status: 502 }) : fetch(input, init)
  await test.pollAfter(5 * MINUTE)
  test.world.fetch = fetch
  for (let poll = 0; poll < 12; poll++) await test.pollAfter(5 * MINUTE)
  expect(await test.store.countUnexamined(START)).toBe(0)
})

test("nor is one of which nothing was kept when it was given up", async () => {
  const test = createTestWorld({ lookbackMs: HOUR })
  const offMs = 11 * HOUR
  await live(test, { hours: 0.3, offMs })
  expect((await test.store.readControl())?.clockNotice).toMatchObject({ stampsMs: offMs })
  const { fetch } = test.world
  test.world.fetch = async (input, init) =>
    addressOf(input).endsWith("/calls/a") ? new Response(null, { status: 502 }) : fetch(input, init)
  const call = callAt("a", START - test.world.now() - offMs, { score: 3 })
  test.book.add(call)
  await test.pollAfter(20 * SECOND)
  test.book.remove("a")
  for (let poll = 0; poll < 60; poll++) await test.pollAfter(10 * MINUTE)
  expect(await test.store.countUnexamined(START)).toBe(1)
  test.world.fetch = fetch
  test.book.add({ ...call, flagged: true })
  for (let poll = 0; poll < 40; poll++) await test.pollAfter(5 * MINUTE)
  expect(test.told()).toContain("a")
  expect(await test.store.countUnexamined(START)).toBe(0)
})

test("calls that are dated right raise no notice, in a busy hour or a silent one", async () => {
  const test = createTestWorld({ lookbackMs: HOUR })
  const bad = await live(test, { hours: 1, offMs: 0 })
  test.book.add(callAt("late", -2 * HOUR, { flagged: true }))
  for (let poll = 0; poll < 300; poll++) await test.pollAfter(20 * SECOND)
  expect(test.told().sort()).toEqual([...bad, "late"].sort())
  expect((await test.store.readControl())?.clockNotice).toBeNull()
})

test("a server whose clock is hours off is said, and no longer once it is right", async () => {
  const test = createTestWorld()
  let offMs = -3 * HOUR
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    const answer = await fetch(input, init)
    answer.headers.set("date", new Date(test.world.now() + offMs).toUTCString())
    return answer
  }
  await test.pollAfter(0)
  expect((await test.store.readControl())?.clockNotice).toMatchObject({ serverMs: offMs, stampsMs: 0 })
  offMs = 0
  await test.pollAfter(MINUTE)
  expect((await test.store.readControl())?.clockNotice).toBeNull()
})

test("calls dated 9999 delay no other, and are told too", async () => {
  const test = createTestWorld({ lookbackMs: HOUR })
  const never = { createdAt: "9999-12-31T00:00:00.000Z", endedAt: "9999-12-31T00:01:00.000Z" }
  for (let call = 0; call < 150; call++)
    test.book.add(callAt(`never-${call}`, 0, { ...never, flagged: call === 149 }))
  const delays: number[] = []
  for (let call = 0; call < 60; call++) {
    const id = `call-${call}`
    test.book.add(callAt(id, START - test.world.now() + MINUTE, { flagged: true }))
    let polls = 0
    while (!test.told().includes(id) && polls < 60) {
      await test.pollAfter(20 * SECOND)
      polls++
    }
    delays.push(polls * 20)
  }
  expect(delays.sort((a, b) => a - b)[50]).toBeLessThanOrEqual(60)
  expect(Math.max(...delays)).toBeLessThanOrEqual(120)
  expect(test.told()).toContain("never-149")
  expect((await test.store.readControl())?.watermark).toBeLessThan(test.world.now() + DAY)
})
