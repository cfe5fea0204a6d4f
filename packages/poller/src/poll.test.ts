/** What a poll guarantees, on the vendor as it speaks: told once, whatever fails and whenever facts arrive. */
import type { Rule } from "@earshot/core/rule/rule"
import { POLL_MAX_MS } from "@earshot/core/turn/gate"
import { callKey } from "@earshot/core/watch/call-key"
import { plainCall } from "@earshot/emulators/call-book"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { createMemory } from "./memory/memory.ts"
import { poll } from "./poll.ts"
import type { PollReport } from "./report.ts"
import {
  GOING,
  NO_METADATA,
  START,
  CALM,
  TRANSFER,
  type TestWorld,
  addressOf,
  callAt,
  createTestWorld,
  during,
  usesOf,
} from "./test-world.ts"
import { dieAt, dying } from "./test-death.ts"

const GATE = 19_000

const MINUTE = 60_000

const HOUR = 60 * MINUTE

const angry = { sentiment: { happy: 0, sad: 0.1, angry: 0.8, neutral: 0.1 } }

describe("each call that a rule matches is told", () => {
  test("at once, by each of the four default rules, and to each channel", async () => {
    const test = createTestWorld()
    test.book.add(callAt("plain", 30 * MINUTE))
    test.book.add(callAt("flagged", 29 * MINUTE, { flagged: true }))
    test.book.add(callAt("low", 28 * MINUTE, { score: 2 }))
    test.book.add(callAt("angry", 27 * MINUTE, { metadata: { ...NO_METADATA, ...angry } }))
    test.book.add(callAt("moved", 26 * MINUTE, { activityTimeline: [TRANSFER] }))
    const report = await test.pollAfter(0)
    expect(report).toMatchObject({
      ok: true,
      listed: 5,
      new: 5,
      details: 5,
      alerts: 4,
      delivered: 8,
      pending: 0,
    })
    expect(test.told().sort()).toEqual(["angry", "flagged", "low", "moved"])
    const rules = test.mails.map(({ attributes }) => [attributes["callId"], attributes["rule"]])
    expect(Object.fromEntries(rules)).toEqual({
      flagged: "flagged",
      low: "low-score",
      angry: "angry-caller",
      moved: "transferred",
    })
  })

  test("once, however often it is listed", async () => {
    const test = createTestWorld()
    test.book.add(callAt("bad", 2 * MINUTE, { flagged: true, score: 1 }))
    await test.pollAfter(0)
    for (let poll = 0; poll < 10; poll++) {
      expect(await test.pollAfter(GATE)).toMatchObject({ ok: true, alerts: 0, delivered: 0, details: 0 })
    }
    expect(test.told()).toEqual(["bad"])
    expect(test.mails).toHaveLength(1)
  })

  test("with all its reasons in one alert", async () => {
    const test = createTestWorld()
    test.book.add(
      callAt("worst", 2 * MINUTE, { flagged: true, score: 0, metadata: { ...NO_METADATA, ...angry } }),
    )
    await test.pollAfter(0)
    expect(test.mails).toHaveLength(1)
    expect(test.mails[0]?.attributes).toEqual({
      severity: "critical",
      rule: '["angry-caller","flagged","low-score"]',
      callId: "worst",
    })
  })

  const unscored = { score: null, metadata: null }
  test.each([
    ["scored low", unscored, { score: 1 }],
    ["flagged by a person", {}, { flagged: true }],
    ["known to be angry", unscored, { score: 4, metadata: { ...NO_METADATA, ...angry } }],
  ])("when it is %s after it was first seen, and then once", async (_, before, after) => {
    const test = createTestWorld()
    test.book.add(callAt("late", 3 * MINUTE, before))
    expect(await test.pollAfter(0)).toMatchObject({ new: 1, alerts: 0 })
    await test.pollAfter(GATE)
    test.book.change("late", after)
    expect(await test.pollAfter(GATE)).toMatchObject({ new: 0, alerts: 1, delivered: 2 })
    await test.pollAfter(GATE)
    await test.pollAfter(20 * MINUTE)
    expect(test.told()).toEqual(["late"])
  })

  test("when its sentiment arrives although nothing in the list changes", async () => {
    const test = createTestWorld()
    test.book.add(callAt("quiet", 12 * MINUTE, { metadata: null }))
    await test.pollAfter(0)
    test.book.change("quiet", { metadata: { ...NO_METADATA, ...angry } })
    for (let minute = 0; minute < 5; minute++) await test.pollAfter(MINUTE)
    expect(test.told()).toEqual(["quiet"])
  })

  test("when the list shows why, though the detail that is fetched for it is some moments behind", async () => {
    const test = createTestWorld()
    test.book.add(callAt("flagged", 30 * MINUTE))
    test.book.add(callAt("low", 29 * MINUTE))
    await test.pollAfter(0)
    test.book.change("flagged", { flagged: true })
    test.book.change("low", { score: 1 })
    const { fetch } = test.world
    test.world.fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (!/calls\/\w/.test(addressOf(input))) return response
      const { data } = z.object({ data: z.record(z.string(), z.unknown()) }).parse(await response.json())
      return Response.json({ data: { ...data, flagged: false, score: 4 } })
    }
    await test.pollAfter(GATE)
    test.world.fetch = fetch
    for (let poll = 0; poll < 5; poll++) await test.pollAfter(10 * MINUTE)
    expect(test.told().sort()).toEqual(["flagged", "low"])
  })

  test("when it ends, having been seen in progress", async () => {
    const test = createTestWorld()
    test.book.add(callAt("going", 2 * MINUTE, GOING))
    expect(await test.pollAfter(0)).toMatchObject({ new: 1, details: 0, alerts: 0 })
    test.book.change("going", {
      status: "completed",
      endedAt: new Date(START).toISOString(),
      activityTimeline: [TRANSFER],
      ...CALM,
    })
    expect(await test.pollAfter(GATE)).toMatchObject({ details: 1, alerts: 1 })
    expect(test.told()).toEqual(["going"])
  })

  test("when it goes on after its end, and only then has what a rule looks for", async () => {
    const test = createTestWorld()
    // The rule that waits for a score leaves it open, so that its record is at hand.
    test.book.add(callAt("again", 3 * MINUTE, { score: null }))
    expect(await test.pollAfter(0)).toMatchObject({ details: 1, alerts: 0 })
    test.book.change("again", GOING)
    expect(await test.pollAfter(GATE)).toMatchObject({ details: 0, alerts: 0 })
    test.advance(5 * MINUTE)
    const endedAt = new Date(test.world.now()).toISOString()
    const metadata = { ...NO_METADATA, ...angry }
    test.book.change("again", { status: "completed", endedAt, duration: 500, score: 4, metadata })
    expect(await test.pollAfter(GATE)).toMatchObject({ details: 1, alerts: 1 })
    expect(test.told()).toEqual(["again"])
    for (let poll = 0; poll < 200; poll++) expect(await test.pollAfter(GATE)).toMatchObject({ details: 0 })
  })

  test("hours later, when a person flags one of the last eighty calls", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 80; call++) test.book.add(callAt(`call-${call}`, (call + 1) * 10 * MINUTE))
    // As many polls as it takes to look at each of them.
    for (let minute = 0; minute < 30; minute++) await test.pollAfter(MINUTE)
    await test.pollAfter(3 * 60 * MINUTE)
    test.book.change("call-79", { flagged: true })
    expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 1 })
    expect(test.told()).toEqual(["call-79"])
  })
})

describe("a call is not told", () => {
  test("if it started before the first poll and the look-back", async () => {
    const test = createTestWorld({ lookbackMs: 0 })
    test.book.add(callAt("before", 2 * MINUTE, { flagged: true }))
    await test.pollAfter(0)
    test.book.add(callAt("after", -MINUTE, { flagged: true }))
    await test.pollAfter(3 * MINUTE)
    expect(test.told()).toEqual(["after"])
  })

  test("if it started before, even if the vendor lists it by its end", async () => {
    const test = createTestWorld({
      lookbackMs: 0,
      calls: { oddities: { reading: { dateField: "endedAt" } } },
    })
    test.book.add(
      callAt("before", 2 * MINUTE, { flagged: true, endedAt: new Date(START + MINUTE).toISOString() }),
    )
    expect(await test.pollAfter(0)).toMatchObject({ listed: 1, new: 0, alerts: 0 })
  })

  test("if a score that a rule waits for does not arrive in its time, and it is no longer watched then", async () => {
    const test = createTestWorld()
    test.book.add(callAt("unscored", 2 * MINUTE, { score: null }))
    await test.pollAfter(0)
    expect((await test.store.readWatch()).calls.get(callKey("unscored"))?.open).not.toBeNull()
    await test.pollAfter(31 * MINUTE)
    expect((await test.store.readWatch()).calls.get(callKey("unscored"))?.open).toBeNull()
    const verdicts = (await test.store.readCall("unscored"))?.value.verdicts
    expect(verdicts).toContainEqual({ ruleId: "low-score", version: 1, truth: "unknown", isSettled: true })
    expect(test.told()).toEqual([])
  })
})

describe("the list", () => {
  test("of more calls than a page holds is read to its end, and nothing in it is missed or told twice", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 350; call++) {
      test.book.add(callAt(`call-${call}`, 400 * MINUTE - call * MINUTE, { flagged: call % 50 === 0 }))
    }
    const report = await test.pollAfter(0)
    expect(report).toMatchObject({ new: 350, alerts: 7 })
    for (let poll = 0; poll < 5; poll++) await test.pollAfter(GATE)
    expect(test.told().sort()).toEqual([0, 50, 100, 150, 200, 250, 300].map((call) => `call-${call}`).sort())
  })

  test("may have more calls of one instant than a page holds", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 230; call++)
      test.book.add(callAt(`same-${call}`, 9 * MINUTE, { flagged: call > 226 }))
    test.book.add(callAt("last", 8 * MINUTE, { flagged: true }))
    for (let poll = 0; poll < 4; poll++) await test.pollAfter(GATE)
    expect(test.told().sort()).toEqual(["last", "same-227", "same-228", "same-229"])
  })

  test("may have more calls of one instant than a page holds, in another order at each request, and none is passed over", async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const oddities = { seed, reading: { shuffledTies: true } }
      const test = createTestWorld({ calls: { oddities } })
      const start = START - 90 * MINUTE
      let passed = 0
      for (let call = 0; call < 130; call++) test.book.add(callAt(`same-${call}`, 90 * MINUTE))
      for (let call = 0; call < 120; call++) test.book.add(callAt(`later-${call}`, (60 - call / 3) * MINUTE))
      for (let poll = 0; poll < 12; poll++) {
        await test.pollAfter(GATE)
        const { watermark, resumeAt } = (await test.store.readControl()) ?? {}
        if ((resumeAt ?? watermark ?? 0) <= start) continue
        passed++
        const records = await Promise.all(
          Array.from({ length: 130 }, (_, call) => test.store.readCall(`same-${call}`)),
        )
        const { calls } = await test.store.readWatch()
        const unknown = records.filter((record, call) => !record && !calls.has(callKey(`same-${call}`)))
        expect(unknown.length, `seed ${seed}, poll ${poll}`).toBe(0)
      }
      expect(passed, `seed ${seed}`).toBeGreaterThan(0)
    }
  })

  test.each([110, 200, 350, 650])(
    "may have %i calls of one instant: no poll has to wait for requests that others took for them",
    async (count) => {
      const test = createTestWorld()
      for (let call = 0; call < count; call++) test.book.add(callAt(`same-${call}`, 30 * MINUTE))
      for (let poll = 0; poll < 400; poll++) {
        if (poll === 200) test.book.add(callAt("bad", -60 * MINUTE, { flagged: true }))
        // So many more that they end on another page.
        if (poll === 201)
          for (let call = 0; call < 95; call++) test.book.add(callAt(`more-${call}`, 30 * MINUTE))
        expect(await test.pollAfter(20_000), `poll ${poll}`).toMatchObject({ kind: "poll" })
      }
      expect(test.told()).toEqual(["bad"])
      expect((await test.store.readWatch()).calls.size).toBeGreaterThan(count)
    },
  )

  test("may have more calls of one instant than a poll can read: all are seen, and those behind them", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 900; call++)
      test.book.add(callAt(`same-${call}`, 30 * MINUTE, { score: call === 850 ? 1 : 4 }))
    for (let call = 0; call < 150; call++) test.book.add(callAt(`later-${call}`, 20 * MINUTE - call * 1000))
    test.book.add(callAt("last", MINUTE, { flagged: true }))
    for (let poll = 0; poll < 12; poll++) await test.pollAfter(GATE)
    expect(test.told().sort()).toEqual(["last", "same-850"])
    expect((await test.store.readWatch()).calls.size).toBe(1051)
  })

  test("may have more calls of one instant than a page holds, and a poll that failed among them counts for nothing", async () => {
    // So few lists that none is left for reading older calls again.
    const test = createTestWorld({ limits: { listPerHour: 100 }, lookbackMs: 40 * MINUTE })
    for (let call = 0; call < 150; call++) test.book.add(callAt(`same-${call}`, 40 * MINUTE))
    for (let call = 0; call < 130; call++) test.book.add(callAt(`later-${call}`, 30 * MINUTE - call * 1000))
    test.book.change("same-3", { flagged: true })
    const { store } = test
    test.store = { ...store, writeCall: () => Promise.reject(new Error("The table is away.")) }
    await expect(test.pollAfter(0)).rejects.toThrow("The table is away.")
    test.store = store
    await test.pollAfter(2 * MINUTE)
    for (let poll = 0; poll < 3; poll++) await test.pollAfter(GATE)
    expect(test.told()).toEqual(["same-3"])
  })

  test("may have more calls of one instant than a page holds, and one of them that goes on is not taken for deleted", async () => {
    const test = createTestWorld()
    test.book.add(callAt("going", 9 * MINUTE, GOING))
    for (let call = 0; call < 149; call++) test.book.add(callAt(`same-${call}`, 9 * MINUTE))
    test.book.add(callAt("later", 2 * MINUTE))
    // Until there are details to look at what the list does not show.
    for (let poll = 0; poll < 150; poll++) await test.pollAfter(GATE)
    expect(test.requests).not.toContain("/calls/going")
  })

  test("may have more calls of one instant than a page holds, though one is deleted, or comes late", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 205; call++) test.book.add(callAt(`same-${call}`, 9 * MINUTE))
    // Of those that ended last none is among the others.
    for (let call = 0; call < 110; call++) test.book.add(callAt(`later-${call}`, 4 * MINUTE - call * 1000))
    for (let poll = 0; poll < 8; poll++) await test.pollAfter(GATE)
    for (let call = 0; call < 6; call++) test.book.remove(`same-${call}`)
    test.book.add(callAt("after", 8 * MINUTE, { flagged: true }))
    for (let poll = 0; poll < 12; poll++) await test.pollAfter(GATE)
    expect(test.told()).toEqual(["after"])
    for (let call = 0; call < 120; call++) test.book.add(callAt(`too-${call}`, 9 * MINUTE))
    test.book.add(callAt("too-late", 9 * MINUTE, { flagged: true }))
    for (let poll = 0; poll < 12; poll++) await test.pollAfter(GATE)
    expect(test.told().sort()).toEqual(["after", "too-late"])
  })

  test.each([
    ["flagged late", { score: 4 }, { flagged: true }],
    ["scored late", { score: null }, { score: 1 }],
  ])(
    "may have more calls of one instant than a page holds: one of them that is %s is told",
    async (_, before, after) => {
      const test = createTestWorld()
      for (let call = 0; call < 250; call++)
        test.book.add(callAt(`same-${call}`, 9 * MINUTE, call === 150 ? before : {}))
      for (let call = 0; call < 30; call++) test.book.add(callAt(`later-${call}`, 2 * MINUTE - call * 1000))
      for (let poll = 0; poll < 30; poll++) await test.pollAfter(20_000)
      test.book.change("same-150", after)
      for (let poll = 0; poll < 40; poll++) await test.pollAfter(20_000)
      expect(test.told()).toEqual(["same-150"])
    },
  )

  test("may have more calls of one instant than a poll can read, of which one is deleted meanwhile", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 900; call++)
      test.book.add(callAt(`same-${call}`, 30 * MINUTE, { flagged: call === 500 }))
    for (let call = 0; call < 30; call++) test.book.add(callAt(`later-${call}`, 20 * MINUTE - call * 1000))
    await test.pollAfter(0)
    test.book.remove("same-3")
    for (let poll = 0; poll < 60; poll++) await test.pollAfter(20_000)
    expect(test.told()).toEqual(["same-500"])
  })

  test("may have more calls of one instant than a page holds, which end with it, and one behind them when they are fewer", async () => {
    const test = createTestWorld()
    const endedAt = new Date(START).toISOString()
    for (let call = 0; call < 200; call++) test.book.add(callAt(`same-${call}`, 9 * MINUTE, { endedAt }))
    for (let call = 0; call < 3; call++) test.book.add(callAt(`first-${call}`, 8 * MINUTE))
    for (let poll = 0; poll < 9; poll++) await test.pollAfter(20_000)
    for (let call = 0; call < 5; call++) test.book.remove(`same-${call}`)
    for (let poll = 0; poll < 9; poll++) await test.pollAfter(20_000)
    test.book.add(callAt("next", 3 * MINUTE, { flagged: true }))
    for (let poll = 0; poll < 40; poll++) await test.pollAfter(20_000)
    expect(test.told()).toEqual(["next"])
  })

  test("may have two instants, each with more calls than a page holds: no poll has to wait", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 110; call++) test.book.add(callAt(`one-${call}`, 32 * MINUTE))
    for (let call = 0; call < 110; call++) test.book.add(callAt(`two-${call}`, 30 * MINUTE))
    for (let poll = 0; poll < 400; poll++)
      expect(await test.pollAfter(20_000), `poll ${poll}`).toMatchObject({ kind: "poll" })
  })

  test("may show the same page under every number, and not say how many there are", async () => {
    const test = createTestWorld()
    const { fetch } = test.world
    test.world.fetch = async (input, init) => {
      const response = await fetch(addressOf(input).replace(/page=\d+/, "page=1"), init)
      if (!addressOf(input).includes("/calls?")) return response
      const { data } = z.object({ data: z.unknown() }).parse(await response.json())
      return Response.json({ data })
    }
    for (let call = 0; call < 120; call++) test.book.add(callAt(`same-${call}`, 90 * MINUTE))
    for (let call = 0; call < 120; call++) test.book.add(callAt(`later-${call}`, (60 - call / 3) * MINUTE))
    test.book.change("later-3", { flagged: true })
    for (let poll = 0; poll < 60; poll++)
      expect(await test.pollAfter(20_000), `poll ${poll}`).toMatchObject({ kind: "poll" })
    expect(test.told()).toEqual(["later-3"])
  })

  test.each([0, 1])(
    "may always say that it has %i pages: what is on the others is told",
    async (totalPages) => {
      const test = createTestWorld()
      const { fetch } = test.world
      test.world.fetch = async (input, init) => {
        const response = await fetch(input, init)
        if (!addressOf(input).includes("/calls?")) return response
        const body = z
          .object({ data: z.unknown(), pagination: z.looseObject({}) })
          .parse(await response.json())
        return Response.json({ ...body, pagination: { ...body.pagination, totalPages } })
      }
      for (let call = 0; call < 600; call++)
        test.book.add(callAt(`call-${call}`, (620 - call) * MINUTE, { flagged: call === 300 }))
      for (let poll = 0; poll < 60; poll++) await test.pollAfter(20_000)
      expect(test.told()).toEqual(["call-300"])
    },
  )

  test("may show the same page under every number: what comes after it is told all the same", async () => {
    const test = createTestWorld()
    const { fetch } = test.world
    test.world.fetch = async (input, init) => fetch(addressOf(input).replace(/page=\d+/, "page=1"), init)
    for (let call = 0; call < 150; call++) test.book.add(callAt(`same-${call}`, 90 * MINUTE))
    for (let call = 0; call < 120; call++) test.book.add(callAt(`later-${call}`, (60 - call / 3) * MINUTE))
    test.book.add(callAt("last", 8 * MINUTE, { flagged: true }))
    for (let poll = 0; poll < 30; poll++) await test.pollAfter(GATE)
    expect(test.told()).toEqual(["last"])
    expect((await test.store.readControl())?.watermark).toBeGreaterThan(START - 90 * MINUTE)
  })

  test("may come newest first whatever is asked: that is said, new calls are told, and the others once it is in order", async () => {
    const test = createTestWorld()
    const { fetch } = test.world
    test.world.fetch = async (input, init) =>
      fetch(addressOf(input).replace("sortOrder=asc", "sortOrder=desc"), init)
    for (let call = 0; call < 250; call++)
      test.book.add(callAt(`call-${call}`, (260 - call) * MINUTE, { flagged: call % 100 === 49 }))
    const error = expect.stringContaining("does not list the oldest calls first")
    expect(await test.pollAfter(0)).toMatchObject({ ok: false, error, alerts: 1, delivered: 2 })
    test.book.add(callAt("new", 30_000, { flagged: true }))
    for (let poll = 0; poll < 60; poll++) {
      test.requests.splice(0)
      const { ok } = await test.pollAfter(20_000)
      const control = await test.store.readControl()
      expect(control).toMatchObject({ resumeAt: control?.since, failure: { message: error, since: START } })
      expect(ok).toBe(test.requests[0]?.includes("sortBy=endedAt"))
    }
    expect(test.told()).toEqual(["call-249", "new"])
    test.world.fetch = fetch
    for (let poll = 0; poll < 6; poll++) await test.pollAfter(20_000)
    expect((await test.store.readControl())?.failure).toBeNull()
    expect(test.told()).toEqual(["call-249", "new", "call-149", "call-49"])
  })

  test("may have bounds that are exclusive, dates that mean the end, and equal times in any order", async () => {
    for (const reading of [{ dateBounds: "exclusive" }, { dateField: "endedAt" }] as const) {
      const oddities = { seed: 3, reading: { ...reading, shuffledTies: true } }
      const test = createTestWorld({ calls: { oddities } })
      // Seven calls at a time, so that a page ends among calls of one instant.
      for (let call = 0; call < 150; call++) {
        test.book.add(
          callAt(`call-${call}`, 200 * MINUTE - Math.floor(call / 7) * MINUTE, { flagged: call % 30 === 7 }),
        )
      }
      expect(await test.pollAfter(0)).toMatchObject({ new: 150 })
      for (let poll = 0; poll < 6; poll++) await test.pollAfter(GATE)
      expect(test.told().sort()).toEqual([7, 37, 67, 97, 127].map((call) => `call-${call}`).sort())
    }
  })

  test("may be so slow to explain that a poll cannot look at all of it: it judges what it has", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 60; call++)
      test.book.add(callAt(`call-${call}`, (100 - call) * MINUTE, { flagged: call === 7 }))
    during(test, /calls\/call/, () => test.advance(3000))
    expect(await test.pollAfter(0)).toMatchObject({ new: 60, alerts: 1, delivered: 2 })
  })

  test("may be so long that a poll can neither read nor keep all of it: the rest is the next polls'", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 900; call++) {
      const createdAt = new Date(START - (1000 - call) * MINUTE).toISOString()
      const endedAt = new Date(START - (999 - call) * MINUTE).toISOString()
      test.book.add(plainCall({ id: `call-${call}`, createdAt, endedAt, flagged: call % 100 === 90 }))
    }
    const { store } = test
    test.store = {
      ...store,
      writeCall: (record, expected) => {
        test.advance(600)
        return store.writeCall(record, expected)
      },
    }
    for (let poll = 0; poll < 24; poll++) await test.pollAfter(MINUTE)
    const flagged = [90, 190, 290, 390, 490, 590, 690, 790, 890].map((call) => `call-${call}`)
    expect(test.told().sort()).toEqual(flagged.sort())
  })

  test("may have a call of many hours: it is told, and holds up no other", async () => {
    const test = createTestWorld()
    const turn = {
      speaker: "caller",
      text: "I have been waiting, and I will go on waiting. ".repeat(5),
      timestamp: "",
    }
    const transcript = Array.from({ length: 4000 }, () => turn)
    test.book.add(callAt("endless", 3 * MINUTE, { transcript, flagged: true }))
    test.book.add(callAt("bad", 2 * MINUTE, { flagged: true }))
    expect(await test.pollAfter(0)).toMatchObject({ ok: true, alerts: 2, delivered: 4 })
    expect(await test.pollAfter(GATE)).toMatchObject({ ok: true, alerts: 0, details: 0 })
  })

  test("may lose calls between polls: a deleted one is not waited for", async () => {
    const test = createTestWorld()
    test.book.add(callAt("deleted", 3 * MINUTE, { score: null, metadata: null }))
    await test.pollAfter(0)
    test.book.remove("deleted")
    for (let poll = 0; poll < 2; poll++) await test.pollAfter(MINUTE)
    expect((await test.store.readWatch()).calls.get(callKey("deleted"))?.open ?? null).toBeNull()
  })
})

describe("what cannot be read", () => {
  test("loses no other call, and is counted", async () => {
    const test = createTestWorld()
    test.book.add(callAt("good", 2 * MINUTE, { flagged: true }))
    spoil(test, (row) => ({
      data: [
        null,
        7,
        {},
        { id: "" },
        { id: true },
        { ...row, id: "odd", createdAt: "soon", score: "low", transcript: 3 },
        row,
      ],
    }))
    const report = await test.pollAfter(0)
    expect(report).toMatchObject({ unreadable: 5, alerts: 2 })
    expect(test.told().sort()).toEqual(["good", "odd"])
    const odd = test.logs.find((entry) => entry.event === "list.odd")
    expect(odd).toMatchObject({ unreadable: 5, fields: expect.stringContaining("transcript") })
  })

  test.each([
    ["HTML", () => new Response("<h1>Oops</h1>", { status: 200 }), /is not JSON/],
    ["an error", () => new Response("no", { status: 503 }), /failed \(503\)/],
    ["half an answer", () => new Response('{"data": [{"id": "a', { status: 200 }), /is not JSON/],
    ["something else", () => Response.json({ data: null }), /has no list/],
  ])("%s fails the poll with one clear line, and the next poll makes up for it", async (_, answer, words) => {
    const test = createTestWorld()
    test.book.add(callAt("bad", 2 * MINUTE, { flagged: true }))
    const { fetch } = test.world
    test.world.fetch = async () => answer()
    const report = await test.pollAfter(0)
    expect(report).toMatchObject({ ok: false, error: expect.stringMatching(words) })
    expect((await test.store.readControl())?.failure).toMatchObject({ since: START, at: START })
    test.world.fetch = fetch
    expect(await test.pollAfter(GATE)).toMatchObject({ ok: true, alerts: 1 })
    expect((await test.store.readControl())?.failure).toBeNull()
  })

  test("of a detail leaves the call open, and what the list tells is told", async () => {
    const test = createTestWorld()
    test.book.add(callAt("moved", 3 * MINUTE, { activityTimeline: [TRANSFER] }))
    test.book.add(callAt("flagged", 2 * MINUTE, { flagged: true }))
    const { fetch } = test.world
    test.world.fetch = async (input, init) =>
      /calls\/\w/.test(addressOf(input)) ? new Response("no", { status: 500 }) : fetch(input, init)
    expect(await test.pollAfter(0)).toMatchObject({ ok: true, alerts: 1 })
    test.world.fetch = fetch
    await test.pollAfter(MINUTE)
    expect(test.told().sort()).toEqual(["flagged", "moved"])
  })

  test("a wrong key is named as such", async () => {
    const test = createTestWorld()
    test.setup.api = { ...test.setup.api, apiKey: "ew_wrong" }
    const report = await test.pollAfter(0)
    expect(report.error).toBe("The API key was not accepted (401). Check ECHOWIN_API_KEY.")
    expect(JSON.stringify([report, test.logs])).not.toContain("ew_wrong")
  })
})

test("a row that is too large to be read by itself keeps nobody else from being told", async () => {
  const test = createTestWorld()
  const turn = { speaker: "caller", text: "a".repeat(10_000), timestamp: "" }
  const transcript = Array.from({ length: 520 }, () => turn)
  for (let call = 0; call < 30; call++) test.book.add(callAt(`before-${call}`, (60 - call) * MINUTE))
  test.book.add(callAt("huge", 20 * MINUTE, { transcript }))
  for (let call = 0; call < 10; call++)
    test.book.add(callAt(`after-${call}`, (15 - call) * MINUTE, { flagged: true }))
  for (let poll = 0; poll < 60; poll++) expect(await test.pollAfter(20_000)).toMatchObject({ ok: true })
  expect(test.told()).toHaveLength(10)
  expect(test.logs.some(({ event }) => event === "list.row-too-large")).toBe(true)
})

test("calls that were counted in pages of one row are not read so for good", async () => {
  const test = createTestWorld()
  for (let call = 0; call < 5; call++) test.book.add(callAt(`call-${call}`, (20 + call) * MINUTE))
  await test.pollAfter(0)
  const aside = { isNext: false, page: 1 }
  const counted = {
    limit: 1,
    page: 2,
    isRead: true,
    lastPageRows: 0,
    reread: aside,
    rows: 1,
    keys: new Set<string>(),
    rounds: 0,
  }
  // Where the next scan begins.
  test.memory.list.crowds.set(START - 25 * MINUTE, counted)
  test.requests.length = 0
  for (let poll = 0; poll < 6; poll++) await test.pollAfter(20_000)
  const limits = test.requests.flatMap((request) => /limit=(\d+)/.exec(request)?.[1] ?? [])
  expect(new Set(limits)).toEqual(new Set(["100"]))
})

test("calls that a vendor does not know for a minute are looked at further when it shows them again", async () => {
  const test = createTestWorld()
  for (let call = 0; call < 5; call++)
    test.book.add(callAt(`call-${call}`, (3 + call) * MINUTE, { metadata: null }))
  for (let poll = 0; poll < 20; poll++) await test.pollAfter(20_000)
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    if (addressOf(input).includes("/calls/"))
      return Response.json({ error: "Call not found" }, { status: 404 })
    const pagination = { page: 1, limit: 100, totalCount: 0, totalPages: 0 }
    return addressOf(input).includes("/calls?") ? Response.json({ data: [], pagination }) : fetch(input, init)
  }
  for (let poll = 0; poll < 9; poll++) await test.pollAfter(20_000)
  test.world.fetch = fetch
  test.book.change("call-2", { metadata: { ...NO_METADATA, ...angry } })
  for (let poll = 0; poll < 60; poll++) await test.pollAfter(20_000)
  expect(test.told()).toEqual(["call-2"])
})

test("a call whose detail is not found for a quarter of an hour is looked at further while the list shows it", async () => {
  const test = createTestWorld()
  test.book.add(callAt("bad", MINUTE, { metadata: { ...NO_METADATA, ...angry } }))
  const { fetch } = test.world
  test.world.fetch = async (input, init) =>
    addressOf(input).includes("/calls/")
      ? Response.json({ error: "Call not found" }, { status: 404 })
      : fetch(input, init)
  for (let trigger = 0; trigger < 90; trigger++) await test.pollAfter(10_000)
  test.world.fetch = fetch
  for (let trigger = 0; trigger < 90; trigger++) await test.pollAfter(10_000)
  expect(test.told()).toEqual(["bad"])
})

describe("details that cannot be had for seven hours", () => {
  test("are asked for afterwards, though the call is among the newest all the time", async () => {
    const test = createTestWorld()
    test.book.add(callAt("angry", 2 * MINUTE, { metadata: { ...NO_METADATA, ...angry } }))
    const { fetch } = test.world
    test.world.fetch = async (input, init) =>
      addressOf(input).includes("/calls/") ? new Response("no", { status: 500 }) : fetch(input, init)
    for (let poll = 0; poll < 7 * 20; poll++) await test.pollAfter(3 * MINUTE)
    test.world.fetch = fetch
    for (let poll = 0; poll < 4; poll++) await test.pollAfter(3 * MINUTE)
    expect(test.told()).toEqual(["angry"])
  })

  test("are given up after a week", async () => {
    const test = createTestWorld()
    test.book.add(callAt("broken", 2 * MINUTE))
    const { fetch } = test.world
    test.world.fetch = async (input, init) =>
      addressOf(input).includes("/calls/") ? new Response("no", { status: 500 }) : fetch(input, init)
    for (let poll = 0; poll < 8 * 24 * 3; poll++) await test.pollAfter(20 * MINUTE)
    expect(await test.pollAfter(20 * MINUTE)).toMatchObject({ details: 0 })
    expect(await test.store.countUnexamined(1)).toBe(1)
  })
})

describe("a detail that is not found", () => {
  test.each([5, 25])(
    "for %i seconds after the list has shown the call is asked for again",
    async (seconds) => {
      const test = createTestWorld()
      test.book.add(callAt("angry", 2 * MINUTE, { metadata: { ...NO_METADATA, ...angry } }))
      const { fetch } = test.world
      test.world.fetch = async (input, init) =>
        addressOf(input).endsWith("/calls/angry") && test.world.now() < START + seconds * 1000
          ? Response.json({ error: "Call not found" }, { status: 404 })
          : fetch(input, init)
      for (let trigger = 0; trigger < 20; trigger++) await test.pollAfter(trigger === 0 ? 0 : 10_000)
      expect(test.told()).toEqual(["angry"])
    },
  )
})

describe("a call in progress that the list does not show any more", () => {
  const follow = async (answer: () => Response) => {
    const test = createTestWorld()
    test.book.add(callAt("going", MINUTE, GOING))
    await test.pollAfter(0)
    test.book.remove("going")
    const { fetch } = test.world
    let asked = 0
    test.world.fetch = async (input, init) => {
      if (!addressOf(input).endsWith("/calls/going")) return fetch(input, init)
      asked++
      return answer()
    }
    for (let poll = 0; poll < 90; poll++) await test.pollAfter(GATE)
    return { asked, unexamined: await test.store.countUnexamined(START) }
  }

  test("is asked for less and less often while there is no answer", async () => {
    const { asked } = await follow(() => new Response("", { status: 500 }))
    expect(asked).toBeGreaterThan(4)
    expect(asked).toBeLessThan(15)
  })

  test("is deleted if its detail is not found, and does not count as one that nobody has examined", async () => {
    const gone = () => Response.json({ error: "Call not found" }, { status: 404 })
    const { asked, unexamined } = await follow(gone)
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThan(10)
    expect(unexamined).toBe(0)
  })
})

describe("an outage", () => {
  test.each([
    ["polls that do not come", async (test: TestWorld) => test.advance(8 * HOUR)],
    [
      "polls that cannot read the list",
      async (test: TestWorld) => {
        const { fetch } = test.world
        test.world.fetch = async () => new Response("no", { status: 503 })
        for (let poll = 0; poll < 60; poll++) await test.pollAfter(8 * MINUTE)
        test.world.fetch = fetch
      },
    ],
  ])("of eight hours, by %s, gives up no call that was open before", async (_, outage) => {
    const test = createTestWorld()
    // One goes on, one waits for its sentiment, and of both a rule has to know what only the detail tells.
    test.book.add(callAt("going", MINUTE, GOING))
    test.book.add(callAt("waiting", 2 * MINUTE, { score: null, metadata: null }))
    for (let poll = 0; poll < 3; poll++) await test.pollAfter(GATE)
    const endedAt = new Date(START + 2 * MINUTE).toISOString()
    test.book.change("going", { status: "completed", endedAt, duration: 120, activityTimeline: [TRANSFER] })
    test.book.change("waiting", { score: 4, metadata: { ...NO_METADATA, ...angry } })
    await outage(test)
    for (let poll = 0; poll < 6; poll++)
      expect(await test.pollAfter(GATE)).toMatchObject({ ok: true, unexamined: 0 })
    expect(test.told().sort()).toEqual(["going", "waiting"])
    expect((await test.store.readControl())?.readAt).toBeGreaterThan(START + 8 * HOUR)
  })

  test("of eight hours gives up no call that goes on, by whichever process it is followed then", async () => {
    const test = createTestWorld()
    test.book.add(callAt("going", MINUTE, GOING))
    for (let poll = 0; poll < 15; poll++) await test.pollAfter(10 * MINUTE)
    test.advance(8 * HOUR)
    for (let poll = 0; poll < 4; poll++) {
      test.memory = createMemory()
      await test.pollAfter(GATE)
      expect((await test.store.readWatch()).calls.get(callKey("going"))?.open).toBeTruthy()
    }
  })

  test("of eight hours tells what the list has shown meanwhile of a call that was open, without a detail", async () => {
    const test = createTestWorld({ limits: { listPerHour: 100, detailPerHour: 0 } })
    for (let call = 0; call < 95; call++) test.book.add(callAt(`call-${call}`, (20 + call) * MINUTE))
    test.book.add(callAt("scored-late", 118 * MINUTE, { score: null }))
    for (let call = 0; call < 130; call++) test.book.add(callAt(`later-${call}`, (call * MINUTE) / 10))
    // The first poll after the outage is one that reads the newest ends.
    for (let poll = 0; poll < 4; poll++) await test.pollAfter(GATE)
    test.book.change("scored-late", { score: 1 })
    test.advance(8 * HOUR)
    for (let poll = 0; poll < 6; poll++) await test.pollAfter(GATE)
    expect(test.told()).toEqual(["scored-late"])
  })

  test.each([0, GATE])(
    "is not what polls half an hour apart look like, with a gate of %i ms: a backlog is caught up with",
    async (gateMs) => {
      const test = createTestWorld({ limits: { gateMs } })
      for (let call = 0; call < 1600; call++) test.book.add(callAt(`call-${call}`, 4 * HOUR - call * 9000))
      test.book.change("call-1100", { flagged: true })
      for (let poll = 0; poll < 8; poll++) await test.pollAfter(31 * MINUTE)
      expect(test.told()).toEqual(["call-1100"])
      expect((await test.store.readControl())?.watermark).toBeGreaterThan(START - 2 * HOUR)
    },
  )

  test("is not what polls without a gate look like: a call that never ends is given up after six hours", async () => {
    const test = createTestWorld({ limits: { gateMs: 0 } })
    test.book.add(callAt("going", 2 * MINUTE, GOING))
    for (let poll = 0; poll < 12; poll++) await test.pollAfter(40 * MINUTE)
    expect((await test.store.readWatch()).calls.get(callKey("going"))?.open ?? null).toBeNull()
  })

  test("is not what the polls of other processes look like: a call that never ends is given up after six hours", async () => {
    const test = createTestWorld()
    test.book.add(callAt("going", MINUTE, GOING))
    for (let poll = 0; poll < 3; poll++) await test.pollAfter(GATE)
    for (let poll = 0; poll < 7 * 12; poll++) {
      test.memory = createMemory()
      await test.pollAfter(5 * MINUTE)
    }
    expect((await test.store.readWatch()).calls.get(callKey("going"))?.open ?? null).toBeNull()
  })
})

describe("a clock that was a day ahead, and is put right", () => {
  /** Polls with that clock, while the vendor or a channel does not answer, and then for two hours with the right one. */
  async function afterwards(test: TestWorld, failing: RegExp): Promise<string[]> {
    const { fetch } = test.world
    test.world.fetch = async (input, init) =>
      failing.test(addressOf(input)) ? new Response("no", { status: 500 }) : fetch(input, init)
    await test.pollAfter(23 * HOUR)
    test.advance(-23 * HOUR)
    test.world.fetch = fetch
    for (let poll = 0; poll < 360; poll++) await test.pollAfter(20_000)
    return test.told()
  }

  test("keeps no call from being looked at", async () => {
    const test = createTestWorld()
    test.book.add(callAt("bad", 3 * MINUTE, { metadata: { ...NO_METADATA, ...angry } }))
    expect(await afterwards(test, /calls\/bad/)).toEqual(["bad"])
  })

  test("keeps no message from being sent again", async () => {
    const test = createTestWorld()
    test.book.add(callAt("bad", 3 * MINUTE, { flagged: true }))
    expect(await afterwards(test, /slack/)).toEqual(["bad"])
  })

  test("keeps no message from being sent that a poll which vanished was about to send", async () => {
    const test = createTestWorld()
    test.book.add(callAt("bad", 3 * MINUTE, { flagged: true }))
    test.advance(23 * HOUR)
    const { fetch } = test.world
    await dieAt(test, (store, die) => {
      test.world.fetch = (input, init) => (addressOf(input).includes("slack") ? die() : fetch(input, init))
      return store
    })
    test.world.fetch = fetch
    test.advance(-23 * HOUR)
    await test.pollAfter(0)
    expect(test.told()).toEqual(["bad"])
  })

  test("at the very first poll of all does not settle from when on calls are told", async () => {
    const test = createTestWorld({ lookbackMs: HOUR })
    test.book.add(callAt("before", 2 * HOUR, { flagged: true }))
    test.book.add(callAt("bad", 59 * MINUTE, { flagged: true }))
    await test.pollAfter(24 * HOUR)
    test.advance(-24 * HOUR)
    await test.pollAfter(0)
    test.book.add(callAt("later", 61 * MINUTE, { flagged: true }))
    for (let poll = 0; poll < 180; poll++) await test.pollAfter(20_000)
    test.book.add(callAt("next", -HOUR, { flagged: true }))
    await test.pollAfter(2 * MINUTE)
    expect(test.told()).toEqual(["bad", "next"])
    expect((await test.store.readControl())?.since).toBe(START - HOUR)
  })
})

describe("alerts", () => {
  test("are sent by the poll that keeps them, even if the index does not show them yet", async () => {
    const test = createTestWorld()
    test.book.add(callAt("bad", 2 * MINUTE, { flagged: true }))
    test.store = { ...test.store, dueCalls: async () => [] }
    expect(await test.pollAfter(0)).toMatchObject({ alerts: 1, delivered: 2, pending: 0 })
  })

  test("come one a second to each channel, and what does not fit into a poll comes with the next ones", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 60; call++)
      test.book.add(callAt(`bad-${call}`, (call + 2) * MINUTE, { flagged: true }))
    const report = await test.pollAfter(0)
    expect(report).toMatchObject({ alerts: 60, failed: 0 })
    expect(report.durationMs).toBeLessThan(POLL_MAX_MS)
    expect(report.delivered + report.pending).toBe(120)
    expect(report.pending).toBeGreaterThan(0)
    const times = test.slack.received.map(({ receivedAt }) => receivedAt)
    for (const [index, time] of times.slice(1).entries())
      expect(time - (times[index] ?? 0)).toBeGreaterThanOrEqual(1000)
    for (let later = 0; later < 3; later++) await test.pollAfter(MINUTE)
    expect(new Set(test.told()).size).toBe(60)
    expect([test.told().length, test.mails.length]).toEqual([60, 60])
  })
})

describe("a channel that fails", () => {
  test("holds up no other, and gets its alert from a later poll", async () => {
    const test = createTestWorld()
    test.book.add(callAt("bad", 2 * MINUTE, { flagged: true }))
    test.slack.failAlways({ kind: "server_error" })
    expect(await test.pollAfter(0)).toMatchObject({
      ok: true,
      alerts: 1,
      delivered: 1,
      failed: 1,
      pending: 1,
    })
    expect(test.mails).toHaveLength(1)
    expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 0, failed: 1, pending: 1 })
    test.slack.failAlways(undefined)
    expect(await test.pollAfter(MINUTE)).toMatchObject({ delivered: 1, failed: 0, pending: 0 })
    expect(test.told()).toEqual(["bad"])
    expect(test.mails).toHaveLength(1)
    // The error may have come after the message.
    expect(JSON.stringify(test.slack.received[0]?.payload)).toContain("may be a repeat")
  })

  test("is not asked before the time that it names", async () => {
    const test = createTestWorld()
    test.book.add(callAt("bad", 2 * MINUTE, { flagged: true }))
    test.slack.failNext({ kind: "rate_limited", retryAfterSeconds: 120 })
    await test.pollAfter(0)
    expect(await test.pollAfter(100_000)).toMatchObject({ delivered: 0, failed: 0, pending: 1 })
    expect(await test.pollAfter(GATE + 2000)).toMatchObject({ delivered: 1, pending: 0 })
    expect(JSON.stringify(test.slack.received[0]?.payload)).not.toContain("may be a repeat")
  })

  test("for good, as it says, is asked again for a day, and loses nothing if it is mended", async () => {
    const test = createTestWorld()
    test.book.add(callAt("bad", 2 * MINUTE, { flagged: true }))
    test.slack.failAlways({ kind: "channel_is_archived" })
    expect(await test.pollAfter(0)).toMatchObject({ delivered: 1, failed: 1, pending: 1 })
    for (let poll = 0; poll < 20; poll++) await test.pollAfter(HOUR)
    test.slack.failAlways(undefined)
    await test.pollAfter(HOUR)
    expect(test.told()).toEqual(["bad"])
    expect(test.logs[0]).toMatchObject({
      event: "delivery.failed",
      channel: "slack",
      why: "Slack refused the message (410: channel_is_archived)",
    })
    expect(JSON.stringify(test.logs)).not.toContain("hooks.slack.com")
  })

  test("may be SNS as well", async () => {
    const test = createTestWorld()
    test.book.add(callAt("bad", 2 * MINUTE, { flagged: true }))
    test.snsStatus = 500
    expect(await test.pollAfter(0)).toMatchObject({ delivered: 1, failed: 1, pending: 1 })
    test.snsStatus = 0
    expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 1, pending: 0 })
    expect(test.told()).toEqual(["bad"])
    expect(test.mails).toHaveLength(1)
  })
})

describe("polls that come too often, overlap or die", () => {
  test("too early: nothing is asked, unless it is only a moment, which is waited for", async () => {
    const test = createTestWorld()
    await test.pollAfter(0)
    const asked = test.requests.length
    expect(await test.pollAfter(10_000)).toMatchObject({ ok: true, kind: "skipped", reason: "early" })
    expect(test.requests).toHaveLength(asked)
    expect(await test.pollAfter(7_000)).toMatchObject({ kind: "poll" })
    expect(test.requests).toHaveLength(asked + 1)
  })

  test("at the same time: one of them polls, and nothing is told twice", async () => {
    const test = createTestWorld({ limits: { gateMs: 0 } })
    for (let call = 0; call < 5; call++) test.book.add(callAt(`bad-${call}`, 5 * MINUTE, { flagged: true }))
    const polls = Array.from({ length: 4 }, () => poll(test.world, test.store, test.setup, createMemory()))
    const reports = await test.run(Promise.all(polls))
    expect(reports.every((report) => report.ok)).toBe(true)
    for (let later = 0; later < 3; later++) await test.pollAfter(2 * MINUTE)
    expect(test.told().sort()).toEqual([0, 1, 2, 3, 4].map((call) => `bad-${call}`))
    expect(test.mails).toHaveLength(5)
  })

  test("while one fetches details: the other goes home", async () => {
    const test = createTestWorld()
    test.book.add(callAt("bad", 2 * MINUTE, { activityTimeline: [TRANSFER] }))
    const others: Promise<PollReport>[] = []
    during(test, /calls\/bad/, () => {
      test.advance(GATE + 1000)
      others.push(poll(test.world, test.store, test.setup, createMemory()))
    })
    expect(await test.pollAfter(0)).toMatchObject({ alerts: 1, delivered: 2 })
    expect(await test.run(Promise.all(others))).toMatchObject([{ ok: true, kind: "skipped", reason: "busy" }])
  })

  test.each(["writeWatch", "changeControl"] as const)(
    "frozen before %s until another has polled: it takes nothing back, and says that it was overtaken",
    async (frozenAt) => {
      const test = createTestWorld()
      test.book.add(callAt("first", 3 * MINUTE, { score: null }))
      const { store } = test
      let frozen = false
      const slow = async <Result>(work: () => Promise<Result>): Promise<Result> => {
        if (frozen) return work()
        frozen = true
        test.book.add(callAt("second", 2 * MINUTE, { score: null }))
        test.advance(2 * MINUTE)
        await poll(test.world, store, test.setup, createMemory())
        return work()
      }
      test.store = {
        ...store,
        writeWatch: (watch) =>
          frozenAt === "writeWatch" ? slow(() => store.writeWatch(watch)) : store.writeWatch(watch),
        changeControl: (fence, change) =>
          frozenAt === "changeControl" && "watermark" in change
            ? slow(() => store.changeControl(fence, change))
            : store.changeControl(fence, change),
      }
      expect(await test.pollAfter(0)).toMatchObject({ ok: true, kind: "skipped", reason: "overtaken" })
      const watch = await store.readWatch()
      expect([...watch.calls.keys()].sort()).toEqual(["first", "second"].map(callKey).sort())
      expect((await store.readControl())?.watchVersion).toBe(watch.version)
    },
  )

  test("a crash leaves its alert to a process that was at work before, and has no reason to look", async () => {
    const test = createTestWorld()
    await test.pollAfter(0)
    test.book.add(callAt("bad", -MINUTE, { flagged: true }))
    test.advance(3 * MINUTE)
    // It dies once everything is kept, before anything is sent.
    await dieAt(test, (store, die) => ({ ...store, dueCalls: die }))
    for (let later = 0; later < 3; later++) await test.pollAfter(2 * MINUTE)
    expect(test.told()).toEqual(["bad"])
  })

  test("a crash amid a backlog makes the next poll take a page of it, and the one after that as much as before", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 1000; call++) test.book.add(callAt(`call-${call}`, (200 + call) * MINUTE))
    const pages = () => test.requests.splice(0).filter((request) => request.includes("createdAt")).length
    await test.pollAfter(0)
    expect(pages()).toBeGreaterThan(2)
    test.advance(GATE)
    await dieAt(test, (store, die) => ({ ...store, writeWatch: die }))
    pages()
    test.memory = createMemory()
    test.advance(2 * MINUTE)
    // Not even a page of old calls beside it.
    expect(await test.pollAfter(GATE)).toMatchObject({ ok: true, listed: 100 })
    expect(pages()).toBe(1)
    let most = 0
    for (let poll = 0; poll < 3; poll++) {
      await test.pollAfter(GATE)
      most = Math.max(most, pages())
    }
    expect(most).toBeGreaterThan(2)
  })

  test("a crash between the watch and the cursor confuses no process that remembers the watch before", async () => {
    const test = createTestWorld()
    test.book.add(callAt("known", 3 * MINUTE))
    await test.pollAfter(0)
    test.book.add(callAt("seen by the dead", 2 * MINUTE, { score: null }))
    test.advance(2 * MINUTE)
    await dieAt(test, (store, die) => ({
      ...store,
      changeControl: (fence, change) =>
        "watchVersion" in change ? die() : store.changeControl(fence, change),
    }))
    test.book.add(callAt("seen by nobody", MINUTE, { score: null }))
    for (let later = 0; later < 3; later++) await test.pollAfter(2 * MINUTE)
    const [watch, control] = [await test.store.readWatch(), await test.store.readControl()]
    expect([...watch.calls.keys()].sort()).toEqual(
      ["known", "seen by nobody", "seen by the dead"].map(callKey).sort(),
    )
    expect(control?.watchVersion).toBe(watch.version)
  })

  test("a crash at any request or write loses no alert, and repeats only what may not have arrived", async () => {
    // Each run dies at another await; the next poll is another process.
    for (let deathAt = 1; ; deathAt++) {
      const test = createTestWorld()
      test.book.add(callAt("flagged", 4 * MINUTE, { flagged: true }))
      test.book.add(callAt("moved", 3 * MINUTE, { activityTimeline: [TRANSFER] }))
      const mortal = dying(test, deathAt)
      const { died } = await test.run(mortal.poll())
      for (let later = 0; later < 6; later++) {
        test.memory = createMemory()
        await test.pollAfter(MINUTE)
      }
      const told = test.told()
      expect(new Set(told), `death at ${deathAt}`).toEqual(new Set(["flagged", "moved"]))
      expect(new Set(test.mails.map((mail) => mail.attributes["callId"])).size).toBe(2)
      const repeats = test.slack.received.filter(({ payload }) =>
        JSON.stringify(payload).includes("may be a repeat"),
      )
      expect(told.length - 2).toBeLessThanOrEqual(repeats.length)
      if (!died) {
        expect(deathAt).toBeGreaterThan(20)
        break
      }
    }
  })
})

describe("the vendor's limits", () => {
  test("are obeyed: after a 429 nothing is asked before its time, and then all is told", async () => {
    const test = createTestWorld()
    const { fetch } = test.world
    test.book.add(callAt("bad", 2 * MINUTE, { flagged: true }))
    const refusal = { status: 429, headers: { "retry-after": "300" } }
    test.world.fetch = async (input, init) =>
      addressOf(input).includes("echo.win") ? new Response("{}", refusal) : fetch(input, init)
    expect(await test.pollAfter(0)).toMatchObject({ ok: false, error: expect.stringContaining("429") })
    test.world.fetch = fetch
    expect(await test.pollAfter(200_000)).toMatchObject({
      ok: true,
      kind: "skipped",
      reason: "blocked",
      listed: 0,
    })
    expect(await test.pollAfter(101_000)).toMatchObject({ ok: true, alerts: 1 })
  })

  test("are obeyed when an answer's headers say that nothing is left", async () => {
    const test = createTestWorld()
    const { fetch } = test.world
    const resetAt = Math.floor(START / 1000) + 600
    test.world.fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (!addressOf(input).includes("/calls?")) return response
      const headers = {
        "x-ratelimit-limit": "200",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": `${resetAt}`,
      }
      return new Response(await response.text(), { headers })
    }
    expect(await test.pollAfter(0)).toMatchObject({ ok: true })
    test.world.fetch = fetch
    expect(await test.pollAfter(9 * MINUTE)).toMatchObject({ ok: true, kind: "skipped", reason: "blocked" })
    expect(await test.pollAfter(MINUTE)).toMatchObject({ kind: "poll" })
  })

  test("are obeyed by what comes after a page that was refused in the midst of a poll", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 150; call++) test.book.add(callAt(`same-${call}`, 9 * MINUTE))
    const { fetch } = test.world
    test.world.fetch = async (input, init) =>
      addressOf(input).includes("page=2")
        ? new Response("{}", { status: 429, headers: { "retry-after": "600" } })
        : fetch(input, init)
    expect(await test.pollAfter(0)).toMatchObject({ ok: true, listed: 100 })
    test.world.fetch = fetch
    expect(await test.pollAfter(9 * MINUTE)).toMatchObject({ ok: true, kind: "skipped", reason: "blocked" })
    expect(await test.pollAfter(MINUTE)).toMatchObject({ kind: "poll" })
  })

  test("are obeyed when a failure says that nothing is left", async () => {
    const test = createTestWorld()
    const { fetch } = test.world
    const until = new Date(START + 20 * MINUTE).toISOString()
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": until }
    test.world.fetch = async (input, init) =>
      addressOf(input).includes("echo.win")
        ? (await fetch(input, init), new Response("no", { status: 503, headers }))
        : fetch(input, init)
    for (let poll = 0; poll < 30; poll++) await test.pollAfter(20_000)
    expect(test.requests).toHaveLength(1)
  })

  test("of details are obeyed at once, what was not asked is given back, and waiting calls are asked for later", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 20; call++) test.book.add(callAt(`call-${call}`, (call + 2) * MINUTE))
    const { fetch } = test.world
    test.world.fetch = async (input, init) =>
      addressOf(input).includes("/calls/")
        ? new Response("{}", { status: 429, headers: { "retry-after": "300" } })
        : fetch(input, init)
    const report = await test.pollAfter(0)
    // Those that were under way when the first answer came.
    expect(report.details).toBeLessThanOrEqual(4)
    expect(report.budget.detail.used).toBe(report.details)
    // Who was not asked for is remembered all the same.
    expect((await test.store.readWatch()).calls.size).toBe(20)
    test.world.fetch = fetch
    expect(await test.pollAfter(4 * MINUTE)).toMatchObject({ ok: true, details: 0 })
    expect(await test.pollAfter(2 * MINUTE)).toMatchObject({ ok: true, details: 20 })
  })

  test("are never exceeded, not even by polls without a gate: the surplus asks nothing", async () => {
    const test = createTestWorld({ limits: { gateMs: 0, listPerHour: 40 } })
    for (let minute = 0; minute < 60; minute++) await test.pollAfter(MINUTE)
    expect(test.requests.length).toBe(40)
    expect(await test.pollAfter(0)).toMatchObject({ ok: true, kind: "skipped", reason: "budget" })
    for (let minute = 0; minute < 10; minute++) await test.pollAfter(MINUTE)
    expect(test.requests.length).toBeGreaterThan(40)
  })

  test("of details: what cannot be afforded waits, newest first, and a flagged call is told without one", async () => {
    const test = createTestWorld({ limits: { detailPerHour: 10 } })
    for (let call = 0; call < 30; call++) test.book.add(callAt(`call-${call}`, (7 - call / 6) * MINUTE))
    await test.pollAfter(0)
    const report = await test.pollAfter(GATE)
    expect(report).toMatchObject({ budget: { detail: { used: 10, limit: 10 } } })
    test.book.add(callAt("flagged", 50 * MINUTE, { flagged: true }))
    expect(await test.pollAfter(GATE)).toMatchObject({ details: 0, alerts: 1 })
    const looked = test.requests.filter((request) => /^\/calls\/call-2[0-9]$/.test(request))
    expect(looked).toHaveLength(10)
    expect(await test.pollAfter(GATE)).toMatchObject({ ok: true, details: 0 })
  })

  test("of details: where they are scarce, none is wasted on a call whose score is a moment old, even at its first sight", async () => {
    const test = createTestWorld({ limits: { detailPerHour: 10 } })
    for (const id of ["one", "two", "three", "four", "five"]) test.book.add(callAt(id, 5 * MINUTE))
    await test.pollAfter(0)
    await test.pollAfter(GATE)
    test.book.add(callAt("short", MINUTE, { metadata: null }))
    expect(await test.pollAfter(GATE)).toMatchObject({ new: 1, details: 0 })
    test.book.change("short", { metadata: { ...NO_METADATA, ...angry } })
    expect(await test.pollAfter(10_000)).toMatchObject({ details: 1, alerts: 1 })
  })
})

describe("rules", () => {
  test("one that comes while more calls are open than a poll judges is asked of all of them", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 700; call++)
      test.book.add(callAt(`call-${call}`, (50 - call / 14) * MINUTE, { ...GOING, from: `+1555010${call}` }))
    for (let poll = 0; poll < 30; poll++) await test.pollAfter(20_000)
    await test.store.announceRules(test.world.now())
    await test.store.writeRule({
      id: "vip",
      name: "VIP",
      mode: "live",
      severity: "info",
      when: { from: "+1555010690" },
      settle: "PT30M",
      version: 1,
      updatedAt: null,
      isDeleted: false,
    })
    for (let poll = 0; poll < 60; poll++) await test.pollAfter(20_000)
    expect(test.told()).toEqual(["call-690"])
  })

  test("an edit takes effect at the next poll, in a process that has the old rules in memory", async () => {
    const test = createTestWorld()
    await test.pollAfter(0)
    await test.pollAfter(5 * MINUTE)
    const long: Rule = {
      id: "long",
      version: 1,
      updatedAt: null,
      isDeleted: false,
      name: "Long",
      mode: "live",
      severity: "info",
      when: { duration: { gte: 600 } },
      settle: "PT30M",
      channels: ["email"],
    }
    await test.store.announceRules(test.world.now())
    await test.store.writeRule(long)
    test.book.add(callAt("long", -6 * MINUTE, { duration: 700 }))
    expect(await test.pollAfter(2 * MINUTE)).toMatchObject({ alerts: 1, delivered: 1 })
    // Only the channel that the rule names is told.
    expect([test.told(), test.mails.map((mail) => mail.attributes["rule"])]).toEqual([[], ["long"]])
  })

  test("a new rule judges the calls that are still in the window, once, and replays no history", async () => {
    const test = createTestWorld()
    test.book.add(callAt("history", 60 * MINUTE))
    test.book.add(callAt("window", 4 * MINUTE))
    test.book.add(callAt("newest", 2 * MINUTE))
    await test.pollAfter(0)
    await test.pollAfter(5 * MINUTE)
    await test.store.announceRules(test.world.now())
    const any: Rule = {
      id: "any",
      version: 1,
      updatedAt: null,
      isDeleted: false,
      name: "Any",
      mode: "live",
      severity: "info",
      when: { duration: { gte: 1 } },
      settle: "PT30M",
    }
    await test.store.writeRule(any)
    expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 2 })
    expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 0 })
    expect(test.told().sort()).toEqual(["newest", "window"])
  })

  test.each([0, 1, 2])(
    "a new rule judges a call in progress at the next poll, whatever that would have read: %i polls later",
    async (later) => {
      const test = createTestWorld()
      test.book.add(callAt("going", 10 * MINUTE, { ...GOING, type: "OUTGOING" }))
      // Of those that ended last it is none.
      for (let call = 0; call < 110; call++) test.book.add(callAt(`call-${call}`, (250 - 2 * call) * MINUTE))
      for (let poll = 0; poll < 12 + later; poll++) await test.pollAfter(20_000)
      await test.store.announceRules(test.world.now())
      await test.store.writeRule({
        id: "outgoing",
        version: 1,
        updatedAt: null,
        isDeleted: false,
        name: "Outgoing",
        mode: "live",
        severity: "info",
        when: { type: "OUTGOING" },
        settle: "PT30M",
      })
      expect(await test.pollAfter(20_000)).toMatchObject({ alerts: 1 })
    },
  )

  test("that need no detail still have one fetched for a call that they tell of, and not for any other", async () => {
    const test = createTestWorld()
    const off = {
      version: 2,
      updatedAt: null,
      isDeleted: false,
      settle: "PT30M",
      severity: "info",
      mode: "off",
    } as const
    await test.store.writeRule({ ...off, id: "angry-caller", name: "Angry", when: { flagged: true } })
    await test.store.writeRule({ ...off, id: "transferred", name: "Transferred", when: { flagged: true } })
    const { store } = test
    const leases: boolean[] = []
    const isLeased = async () => ((await store.readControl())?.leaseUntil ?? 0) > test.world.now()
    test.store = {
      ...store,
      writeCall: async (...given) => {
        leases.push(await isLeased())
        return store.writeCall(...given)
      },
    }
    test.book.add(callAt("plain", 3 * MINUTE))
    // What is kept is kept under a lease, with a detail or without.
    expect(await test.pollAfter(0)).toMatchObject({ details: 0, alerts: 0 })
    expect(leases).toEqual([true])
    test.book.add(callAt("flagged", 2 * MINUTE, { flagged: true }))
    expect(await test.pollAfter(GATE)).toMatchObject({ details: 1, alerts: 1 })
    expect(test.requests.at(-1)).toBe("/calls/flagged")
  })

  test("an edit that is announced and still being written is not missed by a poll that reads in between", async () => {
    const test = createTestWorld()
    await test.pollAfter(0)
    await test.store.announceRules(test.world.now() + GATE)
    // Reads the rules as they were.
    await test.pollAfter(GATE + 1000)
    const off = { version: 2, updatedAt: null, isDeleted: false, settle: "PT30M", severity: "info" } as const
    await test.store.writeRule({
      ...off,
      id: "flagged",
      name: "Flagged",
      mode: "off",
      when: { flagged: true },
    })
    test.book.add(callAt("flagged", 0, { flagged: true }))
    expect(await test.pollAfter(GATE)).toMatchObject({ new: 1, alerts: 0 })
  })

  test("a rule that is off is not judged, one in the shadow tells nobody", async () => {
    const test = createTestWorld()
    const edited = {
      version: 2,
      updatedAt: null,
      isDeleted: false,
      settle: "PT30M",
      severity: "info",
    } as const
    const flagged: Rule = { ...edited, id: "flagged", name: "Flagged", mode: "off", when: { flagged: true } }
    const low: Rule = { ...edited, id: "low-score", name: "Low", mode: "shadow", when: { score: { lte: 2 } } }
    await test.store.writeRule(flagged)
    await test.store.writeRule(low)
    test.book.add(callAt("call", 2 * MINUTE, { flagged: true, score: 1 }))
    expect(await test.pollAfter(0)).toMatchObject({ alerts: 0 })
    const verdicts = (await test.store.readCall("call"))?.value.verdicts ?? []
    expect(verdicts.map(({ ruleId, truth }) => [ruleId, truth])).toEqual([
      ["angry-caller", "false"],
      ["low-score", "true"],
      ["transferred", "false"],
    ])
  })
})

test("a poll that looks at a call and finds nothing new writes no watch, and asks for nothing that is owed", async () => {
  const test = createTestWorld()
  test.book.add(callAt("open", 70_000, { score: null, metadata: null }))
  // Until the poller has looked and has begun to read old calls again, which it does for a while at first.
  for (let poll = 0; poll < 6; poll++) await test.pollAfter(GATE)
  const uses: string[][] = []
  for (let poll = 0; poll < 12; poll++) {
    const used = usesOf(test)
    const { details } = await test.pollAfter(2 * MINUTE)
    if (details > 0) uses.push([...used])
  }
  expect(uses.length).toBeGreaterThan(2)
  expect(uses.flat()).not.toContain("writeWatch")
  expect(uses.flat()).not.toContain("dueCalls")
})

test("an idle poll asks the vendor once and writes once, and reads nothing", async () => {
  const test = createTestWorld()
  for (let call = 0; call < 60; call++) test.book.add(callAt(`call-${call}`, (call + 20) * MINUTE))
  for (let minute = 0; minute < 10; minute++) await test.pollAfter(MINUTE)
  const used = usesOf(test)
  const asked = test.requests.length
  expect(await test.pollAfter(GATE)).toMatchObject({ listed: 60, new: 0, alerts: 0 })
  expect(used).toEqual(["acquire"])
  expect(test.requests.length - asked).toBe(1)
})

const Listing = z.object({ data: z.array(z.record(z.string(), z.unknown())) })

/** Changes the first list answer of the world by its first row. */
function spoil(test: TestWorld, change: (row: Record<string, unknown>) => object): void {
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (!/\/calls\?/.test(addressOf(input))) return response
    const body = Listing.parse(await response.json())
    return Response.json(change(body.data[0] ?? {}))
  }
}

describe("a call whose end the vendor never tells", () => {
  const silent = { status: "disconnected", endedAt: null, duration: null, score: null }

  test("is followed by its id after an hour, and told of by what its detail says", async () => {
    const test = createTestWorld()
    test.book.add(callAt("silent", MINUTE, { ...silent, activityTimeline: [TRANSFER] }))
    for (let poll = 0; poll < 8; poll++) await test.pollAfter(10 * MINUTE)
    expect(test.told()).toEqual(["silent"])
  })

  test("is over once it is scored", async () => {
    const test = createTestWorld()
    test.book.add(callAt("silent", MINUTE, silent))
    await test.pollAfter(0)
    test.book.change("silent", { score: 1 })
    expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 1, details: 1 })
  })
})

test("a rule on what was said finds what only the detail has", async () => {
  const test = createTestWorld({ calls: { oddities: { rows: { shortTranscripts: 1 } } } })
  const off = {
    version: 2,
    updatedAt: null,
    isDeleted: false,
    settle: "PT30M",
    severity: "info",
    mode: "off",
  } as const
  await test.store.writeRule({ ...off, id: "angry-caller", name: "Angry", when: { flagged: true } })
  await test.store.writeRule({ ...off, id: "transferred", name: "Transferred", when: { flagged: true } })
  const when = { "transcript.caller": { contains: "refund" } }
  await test.store.writeRule({ ...off, id: "refund", name: "Refund", version: 1, mode: "live", when })
  const turn = (text: string) => ({ speaker: "caller", text, timestamp: "" })
  test.book.add(
    callAt("late", 3 * MINUTE, { transcript: [turn("Hi."), turn("Well."), turn("I want a REFUND.")] }),
  )
  test.book.add(callAt("never", 2 * MINUTE, { transcript: [turn("Hi."), turn("Well."), turn("Bye.")] }))
  expect(await test.pollAfter(0)).toMatchObject({ details: 2, alerts: 1 })
  expect(test.told()).toEqual(["late"])
})

test("a rule on short calls waits for the end of a call that says 0 while it lasts", async () => {
  const test = createTestWorld()
  const short: Rule = {
    id: "short",
    version: 1,
    updatedAt: null,
    isDeleted: false,
    name: "Short",
    mode: "live",
    severity: "info",
    when: { duration: { lte: 5 } },
    settle: "PT30M",
  }
  await test.store.writeRule(short)
  test.book.add(callAt("going", MINUTE, GOING))
  expect(await test.pollAfter(0)).toMatchObject({ new: 1, alerts: 0 })
  test.book.change("going", { status: "completed", duration: 90, endedAt: new Date(START).toISOString() })
  expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 0 })
})

describe("whatever the calls, the rules and the services are", () => {
  test("a poll that has failed asks the vendor nothing more", async () => {
    const test = createTestWorld()
    for (let index = 0; index < 30; index++) test.book.add(callAt(`c${index}`, 5 * MINUTE + index))
    const { fetch } = test.world
    test.world.fetch = async (input, init) => {
      const answer = await fetch(input, init)
      await test.world.sleep(100 * (1 + (test.requests.length % 4)))
      return answer
    }
    const { store } = test
    let writes = 0
    const throttled = new Error("throttled")
    test.store = {
      ...store,
      writeCall: (...given) => (writes++ === 0 ? Promise.reject(throttled) : store.writeCall(...given)),
    }
    await expect(test.pollAfter(0)).rejects.toThrow("throttled")
    const asked = test.requests.length
    await test.run(test.world.sleep(MINUTE))
    expect(test.requests).toHaveLength(asked)
    expect(asked).toBeGreaterThan(1)
  })

  test("recordings whose addresses are signed anew at each request cost neither writes nor details", async () => {
    const test = createTestWorld()
    const sign = (signature: number) => {
      for (let index = 0; index < 20; index++)
        test.book.change(`c${index}`, { recordingUrl: `https://files.example/${index}?sig=${signature}` })
    }
    for (let index = 0; index < 20; index++) test.book.add(callAt(`c${index}`, 2 * HOUR + index))
    sign(0)
    for (let poll = 0; poll < 10; poll++) await test.pollAfter(MINUTE)
    const uses = usesOf(test)
    for (let poll = 1; poll <= 30; poll++) {
      sign(poll)
      expect(await test.pollAfter(GATE)).toMatchObject({ details: 0 })
    }
    expect(uses).not.toContain("writeCall")
    expect(uses).not.toContain("writeWatch")
  })

  test("calls whose fingerprints another version made are told no second time, and no detail is asked for again", async () => {
    const test = createTestWorld()
    test.book.add(callAt("told", 2 * HOUR, { flagged: true }))
    test.book.add(callAt("fine", 2 * HOUR))
    for (let poll = 0; poll < 5; poll++) await test.pollAfter(10 * MINUTE)
    expect(test.told()).toEqual(["told"])
    const control = await test.store.readControl()
    const watch = await test.store.readWatch()
    const calls = [...watch.calls].map(([key, call]) => [key, { ...call, fingerprint: "other" }] as const)
    expect(calls).toHaveLength(2)
    const version = watch.version + 1
    await test.store.writeWatch({ ...watch, version, calls: new Map(calls) })
    await test.store.changeControl(control?.fence ?? 0, { watchVersion: version })
    for (const id of ["told", "fine"]) {
      const record = await test.store.readCall(id)
      if (record) await test.store.writeCall({ ...record.value, fingerprint: "other" }, record.version)
    }
    test.memory = createMemory()
    for (let poll = 0; poll < 20; poll++)
      expect(await test.pollAfter(10 * MINUTE)).toMatchObject({ details: 0, alerts: 0, delivered: 0 })
  })
})
