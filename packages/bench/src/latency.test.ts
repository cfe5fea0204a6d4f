/** What counts as a fact, from when it counts, and the numbers that are made of it. */
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { PLAIN } from "@earshot/simulation/truth/oddity"
import type { SimulatedCall } from "@earshot/simulation/truth/call"
import { createCallTraffic } from "@earshot/simulation/truth/traffic"
import { describe, expect, test } from "vitest"
import { boundOf, meanOpenMs, quantile, samplesOf, summarizeSamples, toldOnce, worstFact } from "./latency.ts"

const never = Number.POSITIVE_INFINITY

const END = 10 * MINUTE

const [first] = createCallTraffic({
  seed: 1,
  perHour: 60,
  from: 0,
  to: HOUR,
  hasCrowds: false,
  oddities: PLAIN.rows,
}).callsAt(HOUR)

/** A good call from 0 to 10 minutes, analysed a minute after its end. */
function callWith(changes: Partial<SimulatedCall>): SimulatedCall {
  if (!first) throw new Error("There is no call in an hour.")
  return {
    ...first,
    id: "one",
    createdAt: 0,
    visibleAt: 0,
    endedAt: END,
    scoreAt: END + MINUTE,
    score: 5,
    sentimentAt: END + MINUTE + SECOND,
    angry: 0,
    transferredAt: never,
    flaggedAt: never,
    deletedAt: never,
    ...changes,
  }
}

describe("the worst fact", () => {
  test("of a good call is none", () => {
    expect(worstFact(callWith({}))).toBeNull()
  })

  test.each([
    { what: "a flag", call: { flaggedAt: END + SECOND }, fact: { kind: "list", shownAt: END + SECOND } },
    { what: "a low score", call: { score: 2 }, fact: { kind: "list", shownAt: END + MINUTE } },
    { what: "anger", call: { angry: 0.5 }, fact: { kind: "detail", shownAt: END + MINUTE + SECOND } },
    {
      what: "a transfer, from the end",
      call: { transferredAt: MINUTE },
      fact: { kind: "transfer", shownAt: END },
    },
    {
      what: "the earlier of two that are as bad",
      call: { score: 1, flaggedAt: END + HOUR },
      fact: { kind: "list", shownAt: END + MINUTE },
    },
    {
      what: "the worse of two, though it comes later",
      call: { score: 1, angry: 1, transferredAt: MINUTE },
      fact: { kind: "detail", severity: "critical", shownAt: END + MINUTE + SECOND },
    },
    {
      what: "shown only when the call is",
      call: { flaggedAt: END, visibleAt: END + 2 * MINUTE },
      fact: { kind: "list", shownAt: END + 2 * MINUTE },
    },
    {
      what: "just not later",
      call: { flaggedAt: END + 30 * MINUTE },
      fact: { kind: "list", shownAt: END + 30 * MINUTE },
    },
    {
      what: "later",
      call: { flaggedAt: END + 30 * MINUTE + 1 },
      fact: { kind: "later", shownAt: END + 30 * MINUTE + 1 },
    },
    {
      what: "anger when the rules have settled",
      call: { angry: 1, sentimentAt: END + 30 * MINUTE + 1 },
      fact: { kind: "settled", shownAt: END + 30 * MINUTE + 1 },
    },
    {
      what: "a later flag, and not the anger that does not count any more",
      call: { angry: 1, sentimentAt: END + 30 * MINUTE + 1, flaggedAt: END + HOUR },
      fact: { kind: "later", shownAt: END + HOUR },
    },
  ] as const)("is $what", ({ call, fact }) => {
    expect(worstFact(callWith(call))).toMatchObject(fact)
  })
})

describe("samples", () => {
  const flagged = callWith({ flaggedAt: END })
  const alertedAt = (at: number) => new Map([["one", [{ severity: "warning" as const, at }]]])

  test("measure from the fact to the alert", () => {
    expect(samplesOf([flagged], alertedAt(END + 7 * SECOND), HOUR)).toEqual([
      { kind: "list", latencyMs: 7000 },
    ])
  })

  test("have no latency where no alert arrived", () => {
    expect(samplesOf([flagged], new Map(), HOUR)).toEqual([{ kind: "list", latencyMs: null }])
  })

  test("measure the message that gives the worst news, and not the one before it", () => {
    const angry = callWith({ angry: 1, flaggedAt: END })
    const first = { severity: "warning" as const, at: END + SECOND }
    const worst = { severity: "critical" as const, at: END + 2 * MINUTE + SECOND }
    const of = (...told: (typeof first | typeof worst)[]) =>
      samplesOf([angry], new Map([["one", told]]), HOUR)
    expect(of(first, worst)).toEqual([{ kind: "detail", latencyMs: MINUTE }])
    expect(of(first)).toEqual([{ kind: "detail", latencyMs: null }])
  })

  test("who tells a call once has told what was true then", () => {
    const angry = callWith({ angry: 1, flaggedAt: END, transferredAt: MINUTE })
    expect(toldOnce(angry, 0)).toBeNull()
    expect(toldOnce(angry, 2 * MINUTE)).toEqual({ severity: "info", at: 2 * MINUTE })
    expect(toldOnce(angry, END)).toEqual({ severity: "warning", at: END })
    expect(toldOnce(angry, END + HOUR)).toEqual({ severity: "critical", at: END + HOUR })
  })

  test("are never negative", () => {
    const transferred = callWith({ transferredAt: MINUTE })
    expect(samplesOf([transferred], alertedAt(2 * MINUTE), HOUR)).toEqual([
      { kind: "transfer", latencyMs: 0 },
    ])
  })

  test("leave out good calls, deleted ones, and facts that come too late for an alert", () => {
    const late = callWith({ flaggedAt: END + HOUR })
    const settled = callWith({ angry: 1, sentimentAt: END + HOUR })
    const calls = [callWith({}), { ...flagged, deletedAt: 2 * HOUR }, callWith({ flaggedAt: HOUR + 1 })]
    expect(samplesOf(calls, alertedAt(END), HOUR)).toEqual([])
    expect(samplesOf([late, settled], new Map(), END + 9 * HOUR - 1)).toEqual([])
    expect(samplesOf([late, settled], new Map(), END + 9 * HOUR)).toHaveLength(2)
  })
})

describe("a summary", () => {
  test("counts calls without an alert in the recall alone", () => {
    const samples = [3000, null, 1000, 2000].map((latencyMs) => ({ kind: "list" as const, latencyMs }))
    expect(summarizeSamples(samples)).toEqual({
      matching: 4,
      alerted: 3,
      recall: 0.75,
      mean: 2,
      p50: 2,
      p99: 3,
      max: 3,
    })
  })

  test("of nothing has no numbers", () => {
    expect(summarizeSamples([])).toMatchObject({
      matching: 0,
      alerted: 0,
      recall: Number.NaN,
      mean: Number.NaN,
      p99: Number.NaN,
    })
  })

  test("has quantiles that were measured: the least value that the share does not exceed", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
    expect([0, 0.01, 0.5, 0.99, 0.991, 1].map((share) => quantile(hundred, share))).toEqual([
      1, 1, 50, 99, 100, 100,
    ])
    expect(quantile([], 0.5)).toBeNaN()
  })
})

describe("the bound", () => {
  test("is 9 s where no details are left, and less where each call can be looked at", () => {
    expect(boundOf(500, HOUR)).toBe(9)
    // 20 calls an hour of 6 minutes: two are open, with 480 spare details.
    expect(boundOf(20, 6 * MINUTE)).toBeCloseTo(1800 / 440)
  })

  test("knows how long calls are open: until they are analysed, half an hour after their end at most", () => {
    const analysed = callWith({ visibleAt: MINUTE })
    expect(meanOpenMs([analysed])).toBe(END + SECOND)
    expect(meanOpenMs([analysed, callWith({ sentimentAt: never })])).toBe(
      (END + SECOND + END + 30 * MINUTE) / 2,
    )
  })
})
