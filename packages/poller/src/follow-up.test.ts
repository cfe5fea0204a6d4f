/** The trigger that a turn asks for, so that what is awaited is found in seconds; and how few of them there are. */
import { describe, expect, test } from "vitest"
import { EMPTY_RING, charge } from "@earshot/core/turn/budget"
import { createMemory } from "./memory/memory.ts"
import { followUp } from "./follow-up.ts"
import { poll } from "./poll.ts"
import type { Turn } from "./turn.ts"
import { GOING, type TestWorld, addressOf, callAt, createTestWorld } from "./test-world.ts"

const MINUTE = 60_000

const GATE = 19_000

/** Ended a minute ago, and not analysed yet. */
const UNSCORED = { score: null, metadata: null }

/** The webhook answers so many messages with an error of the server. */
function failSlack(test: TestWorld, times: number): void {
  const { fetch } = test.world
  let left = times
  test.world.fetch = async (input, init) =>
    addressOf(input).includes("hooks.slack.com") && left-- > 0
      ? new Response("no", { status: 503 })
      : fetch(input, init)
}

describe("a trigger of its own", () => {
  test("is asked for while a call goes on, and sooner once it waits for its analysis", async () => {
    const test = createTestWorld()
    test.book.add(callAt("going", MINUTE, GOING))
    const { followUpMs: first = 0 } = await test.pollAfter(0)
    expect(first).toBeGreaterThanOrEqual(2000)
    expect(first).toBeLessThan(8000)
    test.book.add(callAt("ended", 2 * MINUTE, UNSCORED))
    const { followUpMs = 0 } = await test.pollAfter(GATE)
    expect(followUpMs).toBeGreaterThanOrEqual(1900)
    expect(followUpMs).toBeLessThan(3000)
  })

  test("follows on the next one, until the poll is near; and what it asks for is looked at then", async () => {
    const test = createTestWorld()
    test.book.add(callAt("ended", 2 * MINUTE, UNSCORED))
    let wait = 0
    let looks = -1
    for (let at = 0; at < GATE; at += wait) {
      const report = await test.pollAfter(wait)
      looks++
      if (at > 0) expect(report).toMatchObject({ kind: "look", details: 1 })
      if (report.followUpMs === undefined) break
      wait = report.followUpMs
    }
    expect(looks).toBeGreaterThan(4)
    expect(looks).toBeLessThan(9)
  })

  test("is asked for once, however many turns there are before it comes", async () => {
    const test = createTestWorld()
    test.book.add(callAt("going", MINUTE, GOING))
    const { followUpMs = 0 } = await test.pollAfter(0)
    expect(await test.pollAfter(followUpMs / 2)).not.toHaveProperty("followUpMs")
  })

  test("is not asked for if nothing is awaited, and by a process that could not look then", async () => {
    const test = createTestWorld()
    test.book.add(callAt("whole", 2 * MINUTE))
    expect(await test.pollAfter(0)).not.toHaveProperty("followUpMs")
    test.book.add(callAt("going", MINUTE, GOING))
    await test.pollAfter(GATE)
    test.memory = createMemory()
    // That for the poll remains.
    expect(await test.pollAfter(10_000)).toMatchObject({
      kind: "skipped",
      reason: "early",
      followUpMs: GATE - 10_000 + 1000,
    })
  })

  test("is asked for the poll by a regular one that finds the gate closed: the next regular one would come late", async () => {
    const test = createTestWorld()
    await test.pollAfter(0)
    const { followUpMs = 0 } = await test.pollAfter(14_000)
    expect(followUpMs).toBe(6000)
    expect(await test.pollAfter(followUpMs)).toMatchObject({ kind: "poll" })
  })

  test("is not asked for the poll by one that comes twice: the next regular one is in time for it", async () => {
    const test = createTestWorld()
    await test.pollAfter(0)
    expect(await test.pollAfter(1500)).not.toHaveProperty("followUpMs")
  })

  test("is asked for the poll by the looks until then as well, which are asked for before it", async () => {
    const test = createTestWorld({ limits: { detailPerHour: 40 } })
    for (let index = 0; index < 5; index++) test.book.add(callAt(`going-${index}`, MINUTE, GOING))
    const { followUpMs: first = 0 } = await test.pollAfter(0)
    await test.pollAfter(4000)
    let left = GATE + 1000 - first
    let { followUpMs = 0 } = await test.pollAfter(first - 4000)
    let looks = 1
    while (followUpMs < left && looks < 9) {
      left -= followUpMs
      looks++
      followUpMs = (await test.pollAfter(followUpMs)).followUpMs ?? 0
    }
    expect(followUpMs).toBe(left)
    expect(await test.pollAfter(followUpMs)).toMatchObject({ kind: "poll" })
  })

  test("is not asked for while the vendor takes no details", async () => {
    const test = createTestWorld()
    test.book.add(callAt("ended", 2 * MINUTE, UNSCORED))
    const { fetch } = test.world
    test.world.fetch = async (input, init) =>
      addressOf(input).includes("/calls/ended")
        ? new Response("{}", { status: 429, headers: { "retry-after": "60" } })
        : fetch(input, init)
    expect(await test.pollAfter(0)).not.toHaveProperty("followUpMs")
  })

  test("is rare where nudges tell of ends, and comes again when they cease", async () => {
    for (const [toldShare, isAsked] of [
      [0.9, false],
      [0, true],
    ] as const) {
      const test = createTestWorld({ limits: { detailPerHour: 100 } })
      for (let index = 0; index < 5; index++) test.book.add(callAt(`going-${index}`, MINUTE, GOING))
      test.memory.nudge.toldShare = toldShare
      expect("followUpMs" in (await test.pollAfter(0))).toBe(isAsked)
    }
  })

  test("is not asked for while the hour has no detail for it, however cheap they were", async () => {
    const test = createTestWorld()
    for (let index = 0; index < 3; index++) test.book.add(callAt(`ended-${index}`, 2 * MINUTE, UNSCORED))
    expect(await test.pollAfter(0)).toHaveProperty("followUpMs")
    const { fence = 0, ring = EMPTY_RING } = (await test.store.readControl()) ?? {}
    expect(await test.store.changeControl(fence, { ring: charge(ring, "detail", 480) })).toBe(true)
    const report = await test.pollAfter(GATE)
    expect(report).toMatchObject({ kind: "poll", details: 0 })
    expect(report).not.toHaveProperty("followUpMs")
  })

  test("is asked for a message that is tried again before the next poll, and sends it", async () => {
    const test = createTestWorld()
    failSlack(test, 1)
    test.book.add(callAt("bad", 2 * MINUTE, { flagged: true }))
    const { followUpMs = 0, ...report } = await test.pollAfter(0)
    expect(report).toMatchObject({ kind: "poll", alerts: 1, failed: 1, pending: 1 })
    expect(followUpMs).toBeLessThan(GATE - 3000)
    test.requests.length = 0
    const sent = await test.pollAfter(followUpMs)
    expect(sent).toMatchObject({ kind: "look", details: 0, delivered: 1, pending: 0 })
    expect(sent).not.toHaveProperty("followUpMs")
    expect([test.requests, test.told()]).toEqual([[], ["bad"]])
    expect(await test.pollAfter(GATE)).toMatchObject({ kind: "poll", delivered: 0 })
  })

  test("is not asked for a message that the next poll is in time for, and is not sent before by anybody else", async () => {
    const test = createTestWorld()
    failSlack(test, 3)
    test.book.add(callAt("bad", 2 * MINUTE, { flagged: true }))
    const { followUpMs: first = 0 } = await test.pollAfter(0)
    const mine = test.memory
    test.memory = createMemory()
    expect(await test.pollAfter(first)).toMatchObject({ kind: "skipped", reason: "early" })
    test.memory = mine
    const { followUpMs: second = 0, ...again } = await test.pollAfter(0)
    expect(again).toMatchObject({ kind: "look", failed: 1, pending: 1 })
    // The third time it waits for longer than until the poll.
    const last = await test.pollAfter(second)
    expect(last).toMatchObject({ kind: "look", failed: 1, pending: 1 })
    expect(last).not.toHaveProperty("followUpMs")
    expect(await test.pollAfter(20_000)).toMatchObject({ kind: "poll", delivered: 1 })
  })

  test("is not asked for what is due already, and could not be sent: such triggers would never end", async () => {
    const test = createTestWorld()
    await test.pollAfter(0)
    const { control } = test.memory.turn
    if (!control) throw new Error("The poll has left no state.")
    const turn: Turn = {
      kind: "poll",
      nudge: "none",
      control,
      limits: test.setup.limits,
      ring: control.ring,
      startedAt: test.world.now(),
      overAt: test.world.now() + MINUTE,
    }
    const asked = (dueAt: number) => {
      test.memory.turn.control = { ...control, dueAt }
      test.memory.turn.followUpAt = 0
      return followUp(test.world, test.memory, turn).followUpMs
    }
    expect(asked(test.world.now() + 1000)).toBe(1500)
    expect(asked(test.world.now())).toBeUndefined()
    expect(asked(test.world.now() - 300)).toBeUndefined()
  })

  test("is not asked for by a nudge while one is on its way, be it due this moment", async () => {
    const test = createTestWorld()
    test.book.add(callAt("going", MINUTE, GOING))
    test.book.add(callAt("other", MINUTE, GOING))
    const { followUpMs = 0 } = await test.pollAfter(0)
    test.advance(followUpMs - 200)
    const nudge = { id: "other", party: null, tries: 0 }
    const nudged = await test.run(poll(test.world, test.store, test.setup, test.memory, [nudge]))
    expect(nudged).toMatchObject({ kind: "look" })
    expect(nudged).not.toHaveProperty("followUpMs")
  })
})
