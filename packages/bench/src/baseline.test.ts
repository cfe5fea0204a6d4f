/** That the baselines find what their way of polling can find, and miss what it cannot. */
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { START } from "@earshot/simulation/scenario"
import { PLAIN } from "@earshot/simulation/truth/oddity"
import type { SimulatedCall } from "@earshot/simulation/truth/call"
import { createCallTraffic } from "@earshot/simulation/truth/traffic"
import { describe, expect, test } from "vitest"
import { BASELINES, runBaseline } from "./baseline.ts"
import { PROMISED, badFacts, type FactKind, samplesOf, summarizeSamples } from "./latency.ts"

const TO = START + 6 * HOUR

function traffic(perHour = 60) {
  return createCallTraffic({ seed: 1, perHour, from: START, to: TO, hasCrowds: false, oddities: PLAIN.rows })
}

const calls = [...traffic().callsAt(TO)].filter(({ deletedAt }) => deletedAt === Number.POSITIVE_INFINITY)

const alertsBy = new Map(
  BASELINES.map((baseline) => [
    baseline.name,
    runBaseline(baseline, traffic(), { from: START, to: TO + HOUR }),
  ]),
)

const alerted = (name: string): ReadonlyMap<string, number> => {
  const tellings = alertsBy.get(name)
  if (!tellings) throw new Error(`There is no baseline ${name}.`)
  return new Map([...tellings].map(([id, [told]]) => [id, told?.at ?? Number.NaN]))
}

/** The first fact that promises an alert, or else the first. */
const earliest = (call: SimulatedCall) => {
  const facts = badFacts(call)
  return facts.find(({ kind }) => PROMISED.includes(kind)) ?? facts[0] ?? null
}

const waited = (name: string, call: SimulatedCall) =>
  (alerted(name).get(call.id) ?? Number.NaN) - (earliest(call)?.shownAt ?? Number.NaN)

test.each(BASELINES)("$name alerts something, and only what is true", ({ name }) => {
  expect(alerted(name).size).toBeGreaterThan(0)
  for (const [id, at] of alerted(name)) {
    const call = calls.find((candidate) => candidate.id === id)
    const transferredAt = call?.transferredAt ?? Number.POSITIVE_INFINITY
    if (call) expect(Math.min(earliest(call)?.shownAt ?? at + 1, transferredAt)).toBeLessThanOrEqual(at)
  }
})

describe("cron", () => {
  const inReach = (call: SimulatedCall) => {
    const fact = earliest(call)
    return fact !== null && fact.shownAt < call.createdAt + 28 * MINUTE
  }

  test("alerts within a minute everything that happens within its 30 minutes", () => {
    const reached = calls.filter(inReach)
    expect(reached.length).toBeGreaterThan(50)
    for (const call of reached) {
      expect(waited("cron", call)).toBeGreaterThanOrEqual(0)
      expect(waited("cron", call)).toBeLessThanOrEqual(MINUTE)
    }
  })

  test("alerts nothing that comes later", () => {
    const late = calls.filter((call) => (earliest(call)?.shownAt ?? 0) > call.createdAt + 31 * MINUTE)
    expect(late.length).toBeGreaterThan(3)
    expect(late.filter(({ id }) => alerted("cron").has(id))).toEqual([])
  })
})

test("cron reads all pages, and spreads the details of an hour over it", () => {
  const alertedAt = runBaseline(
    { name: "cron", everyMs: MINUTE, lookbackMs: 30 * MINUTE, doneWhen: "alerted" },
    traffic(450),
    { from: START, to: TO + HOUR },
  )
  const samples = samplesOf(traffic(450).callsAt(TO), alertedAt, TO)
  const of = (kind: FactKind) => summarizeSamples(samples.filter((sample) => sample.kind === kind))
  expect(of("list").recall).toBeGreaterThan(0.9)
  expect(of("list").max).toBeLessThanOrEqual(60)
  expect(of("detail").recall).toBeGreaterThan(0.9)
})

test("naive misses a score that comes more than a minute after the end", () => {
  const late = calls.filter((call) => {
    const fact = earliest(call)
    return fact !== null && fact.shownAt > Math.max(call.endedAt, call.visibleAt) + MINUTE
  })
  expect(late.length).toBeGreaterThan(10)
  expect(late.filter(({ id }) => alerted("naive").has(id))).toEqual([])
})

test("first sight misses what comes more than its interval after the call is listed", () => {
  for (const minutes of [1, 2, 15]) {
    const alertedAt = alerted(`first sight, ${minutes} min`)
    const late = calls.filter((call) => {
      const shownAt = earliest(call)?.shownAt ?? 0
      // A transfer is a fact from the end on, but the detail has it before.
      const isBefore = call.transferredAt < call.visibleAt + minutes * MINUTE
      return !isBefore && shownAt > call.visibleAt + minutes * MINUTE + SECOND
    })
    expect(late.length).toBeGreaterThan(10)
    expect(late.filter(({ id }) => alertedAt.has(id))).toEqual([])
  }
})
