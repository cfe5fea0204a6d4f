/**
 * What can be relied on about the traffic: the same from the same seed, facts that only arrive, and believable numbers.
 */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { EmulatedCall } from "./call.ts"
import { detailedFields, withFacts } from "./call.ts"
import { createRandom, integer } from "./random.ts"
import { createTraffic } from "./traffic.ts"

const FROM = Date.parse("2026-03-02T08:00:00.000Z")
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const textOf = (call: EmulatedCall) => JSON.stringify(detailedFields(call))
const textsOf = (calls: readonly EmulatedCall[]) => calls.map(textOf)
const isTransferred = (call: EmulatedCall) =>
  call.activityTimeline.some((activity) => activity.type === "TRANSFER")

describe("determinism", () => {
  test("the same seed shows the same at an instant, whatever was asked before and in which order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000 }),
        fc.array(fc.integer({ min: -HOUR_MS, max: 8 * HOUR_MS }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom<"real" | "lively">("real", "lively"),
        (seed, times, tempo) => {
          const options = { seed, ratePerHour: 40, from: FROM, tempo, withExample: true }
          const asked = createTraffic(options)
          for (const time of times) {
            const fresh = createTraffic(options)
            expect(textsOf(asked.callsAt(FROM + time))).toEqual(textsOf(fresh.callsAt(FROM + time)))
          }
        },
      ),
      { numRuns: 15 },
    )
  })

  test("another seed makes other calls", () => {
    const ids = [1, 2].flatMap((seed) =>
      createTraffic({ seed, ratePerHour: 60, from: FROM })
        .callsAt(FROM + 5 * HOUR_MS)
        .map((call) => call.id),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  test("a range answers what the whole has in that range, and a call by id what the list has", () => {
    const traffic = createTraffic({ seed: 3, ratePerHour: 100, from: FROM })
    const now = FROM + 6 * HOUR_MS
    const all = traffic.callsAt(now)
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 7 * HOUR_MS }),
        fc.integer({ min: 0, max: 7 * HOUR_MS }),
        (a, b) => {
          const range = { from: FROM + a, until: FROM + b }
          const inRange = all.filter((call) => {
            const at = Date.parse(call.createdAt)
            return at >= range.from && at <= range.until
          })
          expect(traffic.callsAt(now, range).map((call) => call.id)).toEqual(inRange.map((call) => call.id))
        },
      ),
    )
    for (const call of all) expect(textOf(traffic.callAt(now, call.id) ?? call)).toBe(textOf(call))
    expect(traffic.callAt(now, "unknown")).toBeUndefined()
  })

  test("a call cannot be read before it begins, even when its id is known", () => {
    const traffic = createTraffic({ seed: 3, ratePerHour: 60, from: FROM })
    const late = traffic.callsAt(FROM + 2 * HOUR_MS).at(-1)
    expect(late).toBeDefined()
    expect(traffic.callAt(FROM + MINUTE_MS, late?.id ?? "")).toBeUndefined()
  })
})

test("facts arrive, and never change or disappear again", () => {
  for (const tempo of ["real", "lively"] as const) {
    const traffic = createTraffic({ seed: 11, ratePerHour: 60, from: FROM, tempo })
    const random = createRandom("looks")
    const seen = new Map<string, EmulatedCall>()
    for (let now = FROM; now < FROM + 4 * HOUR_MS; now += integer(random, 1, 90_000)) {
      const calls = traffic.callsAt(now)
      expect(calls.length).toBeGreaterThanOrEqual(seen.size)
      for (const call of calls) {
        const before = seen.get(call.id)
        // Reading the words of every call at every step would take minutes; open and recent calls are the interesting
        // ones.
        if (before && now - Date.parse(call.createdAt) < 20 * MINUTE_MS) expectOnlyMore(before, call)
        seen.set(call.id, call)
      }
    }
    expect(seen.size).toBeGreaterThan(150)
  }
})

function expectOnlyMore(before: EmulatedCall, after: EmulatedCall): void {
  for (const name of [
    "id",
    "from",
    "to",
    "type",
    "createdAt",
    "duration",
    "endedAt",
    "summary",
    "score",
    "memory",
    "recordingUrl",
  ] as const) {
    if (before[name] !== null) expect(after[name]).toEqual(before[name])
  }
  for (const name of ["flagged", "favorite", "spam"] as const) {
    if (before[name]) expect(after[name]).toBe(true)
  }
  if (before.status === "completed") expect(after.status).toBe("completed")
  expect(after.transcript.slice(0, before.transcript.length)).toEqual(before.transcript)
  expect(after.activityTimeline.slice(0, before.activityTimeline.length)).toEqual(before.activityTimeline)
  if (before.metadata)
    expect({ ...after.metadata, sentiment: null }).toEqual({ ...before.metadata, sentiment: null })
  if (before.metadata?.sentiment) expect(after.metadata?.sentiment).toEqual(before.metadata.sentiment)
}

describe("a call", () => {
  const traffic = createTraffic({ seed: 7, ratePerHour: 200, from: FROM })
  const now = FROM + 12 * HOUR_MS
  const calls = traffic.callsAt(now)

  test("in progress it has no end, no duration and no judgement, and only what was said so far", () => {
    const open = calls.filter((call) => call.status === "in_progress")
    expect(open.length).toBeGreaterThan(0)
    for (const call of open) {
      expect(call).toMatchObject({
        endedAt: null,
        duration: null,
        score: null,
        summary: null,
        metadata: null,
      })
      expect(call.transcript.every((turn) => Date.parse(turn.timestamp) <= now)).toBe(true)
      expect(call.activityTimeline.some((activity) => activity.type === "HANGUP")).toBe(false)
    }
  })

  test("ended, its times agree with one another", () => {
    for (const call of calls.filter((call) => call.status === "completed")) {
      const start = Date.parse(call.createdAt)
      const end = Date.parse(call.endedAt ?? "")
      expect(call.duration).toBe(Math.round((end - start) / 1000))
      const times = call.activityTimeline.map((activity) => Date.parse(activity.timestamp))
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      expect(times[0]).toBe(start)
      expect(times.at(-1)).toBe(end)
      expect(call.activityTimeline[0]?.type).toBe("CALL_ANSWERED")
      expect(call.activityTimeline.at(-1)?.type).toBe("HANGUP")
      const said = call.activityTimeline.filter((activity) => activity.type === "RESPONSE")
      expect(said.map((activity) => activity.data)).toEqual(call.transcript.map((turn) => turn.text))
    }
  })

  test("its sentiment adds up to 1, its score is in halves from 0 to 5", () => {
    for (const call of calls) {
      if (call.score !== null) expect([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]).toContain(call.score)
      const sentiment = call.metadata?.sentiment
      if (!sentiment) continue
      const values = Object.values(sentiment)
      expect(values.every((value) => value >= 0 && value <= 1)).toBe(true)
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6)
    }
  })

  test("its numbers are fictional", () => {
    for (const call of calls) {
      expect(call.from).toMatch(/^\+155501\d{5}$/)
      expect(call.to).toMatch(/^\+155501\d{5}$/)
    }
  })

  test("its direction says who called whom", () => {
    const companies = new Set(calls.filter((call) => call.type === "INCOMING").map((call) => call.to))
    expect(companies.size).toBe(6)
    for (const call of calls.filter((call) => call.type === "OUTGOING"))
      expect(companies).toContain(call.from)
  })
})

describe("the traffic as a whole", () => {
  const calls = createTraffic({ seed: 21, ratePerHour: 300, from: FROM })
    .callsAt(FROM + 26 * HOUR_MS, { until: FROM + 14 * HOUR_MS })
    // Read once: the words of this many calls are computed anew whenever they are read.
    .map((call) => withFacts(call, { transcript: call.transcript, activityTimeline: call.activityTimeline }))
  const shareOf = (fits: (call: EmulatedCall) => boolean) => calls.filter(fits).length / calls.length
  const expectShare = (fits: (call: EmulatedCall) => boolean, min: number, max: number) => {
    expect(shareOf(fits)).toBeGreaterThan(min)
    expect(shareOf(fits)).toBeLessThan(max)
  }

  test("has what a business has", () => {
    expectShare((call) => (call.metadata?.sentiment?.angry ?? 0) >= 0.5, 0.065, 0.095)
    expectShare((call) => call.flagged, 0.06, 0.1)
    expectShare((call) => call.score !== null && call.score <= 2, 0.06, 0.14)
    expectShare(isTransferred, 0.05, 0.11)
    expectShare((call) => call.spam, 0.02, 0.06)
    expectShare((call) => call.type === "OUTGOING", 0.1, 0.2)
    expectShare((call) => call.favorite, 0.003, 0.05)
  })

  test("uses every documented kind of activity, with transfers answered and dead and tools that fail", () => {
    const activities = calls.flatMap((call) => call.activityTimeline)
    expect(new Set(activities.map((activity) => activity.type))).toEqual(
      new Set(["CALL_ANSWERED", "RESPONSE", "TOOL_CALL", "TRANSFER", "SEND_EMAIL", "SEND_TEXT", "HANGUP"]),
    )
    const statuses = activities
      .filter((activity) => activity.type === "TRANSFER")
      .map((one) => one.toolData?.result["status"])
    expect(new Set(statuses)).toEqual(new Set(["answered", "no_answer"]))
    const tools = activities.filter((activity) => activity.type === "TOOL_CALL")
    const failed = tools.filter((activity) => activity.toolData?.result["success"] === false)
    expect(failed.length).toBeGreaterThan(0)
    expect(failed.length).toBeLessThan(tools.length / 5)
  })

  test("callers come back", () => {
    const counts = new Map<string, number>()
    for (const { from } of calls.filter((call) => call.type === "INCOMING"))
      counts.set(from, (counts.get(from) ?? 0) + 1)
    expect([...counts.values()].filter((count) => count > 1).length).toBeGreaterThan(100)
    expectShare((call) => / again about /.test(call.summary ?? ""), 0.2, 0.4)
  })

  test("hardly repeats itself", () => {
    const told = calls.filter((call) => call.transcript.length >= 8).slice(0, 2_000)
    const transcripts = told.map((call) => call.transcript.map((turn) => turn.text).join("\n"))
    expect(new Set(transcripts).size / transcripts.length).toBeGreaterThan(0.99)
  })

  test("scores, sentiments and flags arrive when they do in a business", () => {
    const traffic = createTraffic({ seed: 21, ratePerHour: 100, from: FROM })
    const delays = { score: [] as number[], sentiment: [] as number[], flagged: [] as number[] }
    const seen = new Set<string>()
    const note = (name: keyof typeof delays, call: EmulatedCall, now: number, isThere: boolean) => {
      if (!isThere || !call.endedAt || seen.has(name + call.id)) return
      seen.add(name + call.id)
      delays[name].push(now - Date.parse(call.endedAt))
    }
    for (let now = FROM; now < FROM + 6 * HOUR_MS; now += 10_000) {
      for (const call of traffic.callsAt(now, { until: FROM + 3 * HOUR_MS })) {
        note("score", call, now, call.score !== null)
        note("sentiment", call, now, Boolean(call.metadata?.sentiment))
        note("flagged", call, now, call.flagged)
      }
    }
    const quantile = (values: number[], q: number) =>
      values.toSorted((a, b) => a - b)[Math.floor(q * values.length)] ?? 0
    expect(quantile(delays.score, 0)).toBeGreaterThanOrEqual(5_000)
    expect(quantile(delays.score, 0.5)).toBeLessThan(2 * MINUTE_MS)
    expect(quantile(delays.score, 0.95)).toBeGreaterThan(10 * MINUTE_MS)
    expect(quantile(delays.score, 0.999)).toBeLessThanOrEqual(31 * MINUTE_MS)
    expect(quantile(delays.sentiment, 0.5)).toBeGreaterThan(quantile(delays.score, 0.5))
    expect(quantile(delays.flagged, 0)).toBeGreaterThan(MINUTE_MS)
    expect(quantile(delays.flagged, 0.9)).toBeGreaterThan(HOUR_MS)
  })

  test.each([5, 60, 3_000])("has about %i calls an hour if asked to", (ratePerHour) => {
    const hours = 1_500 / ratePerHour
    const { length } = createTraffic({ seed: 4, ratePerHour, from: FROM }).callsAt(FROM + hours * HOUR_MS)
    expect(length).toBeGreaterThan(1_500 * 0.9)
    expect(length).toBeLessThan(1_500 * 1.1)
  })
})

describe("bounds", () => {
  test("no call begins before `from` or after `until`", () => {
    const until = FROM + HOUR_MS
    const calls = createTraffic({ seed: 1, ratePerHour: 60, from: FROM, until }).callsAt(FROM + 9 * HOUR_MS)
    expect(calls.length).toBeGreaterThan(30)
    expect(
      calls.every((call) => Date.parse(call.createdAt) >= FROM && Date.parse(call.createdAt) <= until),
    ).toBe(true)
  })

  test("the oldest calls are forgotten, from the list and by id", () => {
    const traffic = createTraffic({ seed: 1, ratePerHour: 1_000, from: FROM, keptMax: 500 })
    const [first] = traffic.callsAt(FROM + HOUR_MS / 10)
    const later = FROM + 3 * HOUR_MS
    expect(traffic.callsAt(later).length).toBeLessThanOrEqual(550)
    expect(traffic.callAt(later, first?.id ?? "")).toBeUndefined()
  })

  test.each([0, -1, Number.NaN, 10_001])("a rate of %d is refused", (ratePerHour) => {
    expect(() => createTraffic({ seed: 1, ratePerHour, from: FROM })).toThrow("ratePerHour")
  })

  test("few words are two turns, and everything else is as with many", () => {
    const options = { seed: 9, ratePerHour: 60, from: FROM }
    const now = FROM + 10 * HOUR_MS
    const many = createTraffic(options).callsAt(now)
    const few = createTraffic({ ...options, words: "few" }).callsAt(now)
    expect(few.map((call) => [call.id, call.score, call.flagged, isTransferred(call)])).toEqual(
      many.map((call) => [call.id, call.score, call.flagged, isTransferred(call)]),
    )
    expect(few.every((call) => call.transcript.length <= 2)).toBe(true)
  })
})

describe("lively traffic, for any seed", () => {
  const seeds = Array.from({ length: 20 }, (_, index) => index)
  const isBad = (call: EmulatedCall) => call.flagged || (call.score !== null && call.score <= 2)

  test("a bad call has ended within three seconds, and is angry and scored low", () => {
    for (const seed of seeds) {
      const calls = createTraffic({ seed, ratePerHour: 120, from: FROM, tempo: "lively" }).callsAt(
        FROM + 3_000,
      )
      const bad = calls.filter(isBad)
      expect(bad).toHaveLength(1)
      expect(bad[0]?.status).toBe("completed")
      expect(bad[0]?.summary).toMatch(/\w/)
    }
  })

  test("and is angry as soon as a sentiment is there, within eight seconds", () => {
    for (const seed of seeds) {
      const traffic = createTraffic({ seed, ratePerHour: 120, from: FROM, tempo: "lively" })
      const [bad] = traffic.callsAt(FROM + 8_000).filter(isBad)
      expect(bad?.metadata?.sentiment?.angry).toBeGreaterThanOrEqual(0.5)
    }
  })

  test("within three minutes there was a late flag, a late low score, an angry caller, a transfer, spam", () => {
    for (const seed of seeds) {
      const traffic = createTraffic({ seed, ratePerHour: 120, from: FROM, tempo: "lively" })
      const endedUnflagged = new Set<string>()
      const endedUnscored = new Set<string>()
      const facts = new Set<string>()
      for (let now = FROM; now <= FROM + 3 * MINUTE_MS; now += 1_000) {
        for (const call of traffic.callsAt(now)) {
          if (call.endedAt && !call.flagged) endedUnflagged.add(call.id)
          if (call.endedAt && call.score === null) endedUnscored.add(call.id)
          if (call.flagged && endedUnflagged.has(call.id)) facts.add("late flag")
          if (call.score !== null && call.score <= 2 && endedUnscored.has(call.id))
            facts.add("late low score")
          if ((call.metadata?.sentiment?.angry ?? 0) >= 0.5) facts.add("angry")
          if (call.endedAt && isTransferred(call)) facts.add("transfer")
          if (call.spam) facts.add("spam")
        }
      }
      expect(facts).toEqual(new Set(["late flag", "late low score", "angry", "transfer", "spam"]))
    }
  })
})
