/**
 * How long people wait for the worst news of a call, and how often they wait in vain: from when the vendor shows the first
 * fact of the highest severity that any rule gives the call, to when Slack has a message that says so. Pure; the benchmarks
 * run the pollers.
 */
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { type Severity, highestSeverity, isWorse } from "@earshot/core/rule/rule"
import { planRules } from "@earshot/simulation/truth/rule"
import type { SimulatedCall } from "@earshot/simulation/truth/call"

/**
 * - list: the list shows the fact (a flag, a low score).
 * - detail: only the call's detail shows it, with the vendor's analysis (an angry caller).
 * - transfer: only the detail shows it, from the call's end on.
 * - later: the list shows it after the rules have settled, such as a flag that a person sets in the evening.
 * - settled: the detail shows it after the rules have settled, when it no longer counts.
 */
export const FACT_KINDS = ["list", "detail", "transfer", "later", "settled"] as const

export type FactKind = (typeof FACT_KINDS)[number]

/** The facts that promise an alert. */
export const PROMISED: readonly FactKind[] = ["list", "detail", "transfer", "later"]

/** `latencyMs` is null if no alert arrived. */
export type Sample = { kind: FactKind; latencyMs: number | null }

/** Times in seconds; NaN if no alert arrived. */
export type Summary = {
  matching: number
  alerted: number
  recall: number
  mean: number
  p50: number
  p99: number
  max: number
}

/** The default rules settle this long after a call's end. */
const SETTLE_MS = 30 * MINUTE

const RULES = planRules({ seed: 0, profile: "calm", start: 0, end: 0 })

/** `trueAt`: when somebody who looks may know, which for a transfer is before it counts. */
export type BadFact = { kind: FactKind; severity: Severity; shownAt: Instant; trueAt: Instant }

/** When people were told of a call, and the severity that they were told. */
export type Told = { severity: Severity; at: Instant }

/**
 * The first fact of the highest severity, preferably a promised one; null if no rule ever matches. A transfer counts from
 * the call's end, because there is no reason to look at the detail of a call that goes on.
 */
export function worstFact(call: SimulatedCall): BadFact | null {
  const facts = badFacts(call)
  const promised = facts.filter(({ kind }) => PROMISED.includes(kind))
  let worst: BadFact | null = null
  for (const fact of promised.length > 0 ? promised : facts)
    if (worst === null || isWorse(fact.severity, worst.severity)) worst = fact
  return worst
}

/** All that a rule ever matches, in the order in which it is shown. */
export function badFacts(call: SimulatedCall): BadFact[] {
  const settlesAt = call.endedAt + SETTLE_MS
  const facts = RULES.map(({ ruleId, severity, spanOf }): BadFact => {
    const listedAt = spanOf(call, "list").from
    const isListed = listedAt < Number.POSITIVE_INFINITY
    const factAt = isListed ? listedAt : Math.max(call.endedAt, spanOf(call, "all").from)
    const shownAt = Math.max(call.visibleAt, factAt)
    const trueAt = Math.max(call.visibleAt, isListed ? listedAt : spanOf(call, "all").from)
    const base = { severity, shownAt, trueAt }
    if (shownAt > settlesAt) return { kind: isListed ? "later" : "settled", ...base }
    return { kind: isListed ? "list" : ruleId === "transferred" ? "transfer" : "detail", ...base }
  })
  return facts
    .filter(({ shownAt }) => shownAt < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.shownAt - b.shownAt)
}

/** What somebody tells who says at that time all that is true of a call, and no more later; null if nothing is. */
export function toldOnce(call: SimulatedCall, at: Instant): Told | null {
  const known = badFacts(call).filter(({ trueAt }) => trueAt <= at)
  return known.length === 0 ? null : { at, severity: highestSeverity(known.map(({ severity }) => severity)) }
}

/** When a default rule begins to match by what the list shows, and by what only the detail shows. */
export function matchTimes(call: SimulatedCall): { listAt: Instant; detailAt: Instant } {
  const times = RULES.map(({ spanOf }) => [spanOf(call, "list").from, spanOf(call, "all").from] as const)
  return {
    listAt: Math.min(...times.map(([listAt]) => listAt)),
    detailAt: Math.min(
      ...times.map(([listAt, allAt]) => (allAt < listAt ? allAt : Number.POSITIVE_INFINITY)),
    ),
  }
}

/** Old days are re-read slowly, so that a fact of the last hours of a run may raise its alert after the run. */
const LATER_MARGIN_MS = 8 * HOUR

/** A sample for each call whose worst fact is shown by `until`. Calls that the vendor deletes do not count. */
export function samplesOf(
  calls: readonly SimulatedCall[],
  tellings: ReadonlyMap<string, readonly Told[]>,
  until: Instant,
): Sample[] {
  return calls.flatMap((call) => {
    const fact = worstFact(call)
    const isLate = fact?.kind === "later" || fact?.kind === "settled"
    const by = isLate ? until - LATER_MARGIN_MS : until
    if (!fact || fact.shownAt > by || call.deletedAt < Number.POSITIVE_INFINITY) return []
    const at = tellings.get(call.id)?.find(({ severity }) => !isWorse(fact.severity, severity))?.at
    // A call that is followed closely may raise an alert before it ends.
    const latencyMs = at === undefined ? null : Math.max(0, at - fact.shownAt)
    return [{ kind: fact.kind, latencyMs }]
  })
}

export function summarizeSamples(samples: readonly Sample[]): Summary {
  const sorted = samples.flatMap(({ latencyMs }) => latencyMs ?? []).sort((a, b) => a - b)
  const alerted = sorted.length
  const sum = sorted.reduce((total, latency) => total + latency, 0)
  return {
    matching: samples.length,
    alerted,
    recall: alerted / samples.length,
    mean: sum / alerted / 1000,
    p50: quantile(sorted, 0.5) / 1000,
    p99: quantile(sorted, 0.99) / 1000,
    max: quantile(sorted, 1) / 1000,
  }
}

/** The least of the sorted values that at least this share of them does not exceed; NaN if there are none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/**
 * The mean latency in seconds that the vendor's limits allow: 200 lists an hour show each call every 18 s, and the
 * details that are left after one for each call look at the open calls in between.
 */
export function boundOf(callsPerHour: number, openMs: number): number {
  const spare = Math.max(0, 500 - callsPerHour)
  const open = (callsPerHour * openMs) / (60 * MINUTE)
  return 1800 / (200 + spare / open)
}

/** How long a call is open on average: until it has ended and its score and sentiment are there or given up. */
export function meanOpenMs(calls: readonly SimulatedCall[]): number {
  const openMs = calls.map(({ visibleAt, endedAt, scoreAt, sentimentAt }) => {
    const analysedAt = Math.max(endedAt, scoreAt, sentimentAt)
    return Math.min(endedAt + SETTLE_MS, analysedAt) - visibleAt
  })
  return openMs.reduce((sum, time) => sum + time, 0) / openMs.length
}
