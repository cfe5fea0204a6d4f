/**
 * What a rule would have raised: added up call by call, so that ten thousand of them need no more room than a few. What cannot be told
 * is counted by why, beside what a budget of details would have made tellable.
 */
import { type Because, becauseOf } from "../alert/alert.ts"
import type { CallRecord } from "../alert/call-record.ts"
import { endOf } from "../call/facts.ts"
import type { ChannelSettings } from "../channel/settings.ts"
import { HOUR, type Instant, isoOf } from "../instant.ts"
import { becauseText, whoSpokeText } from "../message/because.ts"
import type { Finding } from "../rule/evaluation.ts"
import type { CompiledRule } from "../rule/rule.ts"
import { type ChannelForecast, type PreviewedAlert, forecast } from "./forecast.ts"
import { type Replayed, UNTOLD, type Untold, hasTrail, replay } from "./replay.ts"

export type PreviewSample = {
  callId: string
  startedAt: string | null
  /** When it would have matched. */
  at: Instant
  agent: string | null
  /** In people's words, as a message with `standard` privacy has them. */
  because: string[]
}

export type PreviewReason = {
  field: string
  operator: string
  operand: Because["operand"]
  matches: number
  /** As a message said it of one of these calls. */
  example: string
}

/** How a rule that was edited differs from the one that is saved. */
export type PreviewChange = { added: number; removed: number; addedIds: string[]; removedIds: string[] }

export type Preview = {
  calls: number
  matches: number
  byDay: { day: string; calls: number; matches: number }[]
  byReason: PreviewReason[]
  samples: PreviewSample[]
  /** Null: no other version is saved. */
  change: PreviewChange | null
  /** Calls that it would have matched and that other rules alerted people to before. */
  alreadyAlerted: number
  channels: ChannelForecast[]
  untold: { why: Untold; calls: number; fields: string[] }[]
  /** Of the calls without a detail, how many so many details an hour would have shown. */
  detailBudgets: { perHour: number; calls: number }[]
  /** Calls of which it is not kept when anything was learnt: judged by what is known of them now. */
  withHindsight: number
}

const SAMPLES_MAX = 10

const IDS_MAX = 100

const REASONS_MAX = 50

/** What is offered as an hourly budget of details, as far as it is less than what all calls need. */
const BUDGETS = [10, 25, 50, 100, 200, 500]

type Sample = { record: CallRecord; match: Extract<Replayed, { kind: "matched" }> }

type Sums = {
  calls: number
  alreadyAlerted: number
  withHindsight: number
  days: Map<string, { calls: number; matches: number }>
  reasons: Map<string, Omit<PreviewReason, "example"> & { example: Sample; finding: Finding }>
  /** The newest, in no order. */
  samples: Sample[]
  alerts: PreviewedAlert[]
  change: PreviewChange
  untold: Map<Untold, { calls: number; fields: Set<string> }>
  undetailed: Map<Instant, number>
}

export type PreviewSetup = {
  rule: CompiledRule
  /** The version that is saved, if it is another one. */
  saved: CompiledRule | null
  /** Live ones, which the alerts would go to. */
  channels: readonly ChannelSettings[]
}

/** Takes records one by one, in any order. */
export function createPreview({ rule, saved, channels }: PreviewSetup): {
  add: (record: CallRecord) => void
  result: () => Preview
} {
  const sums: Sums = {
    calls: 0,
    alreadyAlerted: 0,
    withHindsight: 0,
    days: new Map(),
    reasons: new Map(),
    samples: [],
    alerts: [],
    change: { added: 0, removed: 0, addedIds: [], removedIds: [] },
    untold: new Map(),
    undetailed: new Map(),
  }
  return {
    add: (record) => {
      if (record.isTest) return
      const replayed = replay(rule, record)
      addCall(sums, record, replayed)
      if (saved) addChange(sums.change, record.callId, { now: replayed, before: replay(saved, record) })
      if (replayed.kind === "matched") addMatch(sums, rule, { record, match: replayed })
      if (replayed.kind === "untold") addUntold(sums, record, replayed)
    },
    result: () => ({
      calls: sums.calls,
      matches: sums.alerts.length,
      byDay: [...sums.days]
        .map(([day, counts]) => ({ day, ...counts }))
        .sort((a, b) => (a.day < b.day ? -1 : 1)),
      byReason: [...sums.reasons.values()]
        .sort((a, b) => b.matches - a.matches)
        .map(({ example, finding, ...reason }) => ({ ...reason, example: textOf(example, finding) })),
      samples: sums.samples.sort((a, b) => b.match.at - a.match.at).map(sampleOf),
      change: saved && sums.change,
      alreadyAlerted: sums.alreadyAlerted,
      channels: forecast(rule, sums.alerts, channels),
      untold: UNTOLD.flatMap((why) => {
        const found = sums.untold.get(why)
        return found ? [{ why, calls: found.calls, fields: [...found.fields].sort() }] : []
      }),
      detailBudgets: budgetsFor([...sums.undetailed.values()]),
      withHindsight: sums.withHindsight,
    }),
  }
}

function dayOfCall({ facts }: CallRecord): string {
  return isoOf(facts.firstSeenAt).slice(0, 10)
}

function addCall(sums: Sums, record: CallRecord, { kind }: Replayed): void {
  sums.calls++
  if (!hasTrail(record)) sums.withHindsight++
  const day = dayOfCall(record)
  const counts = sums.days.get(day) ?? { calls: 0, matches: 0 }
  const matches = counts.matches + (kind === "matched" ? 1 : 0)
  sums.days.set(day, { calls: counts.calls + 1, matches })
}

function addMatch(sums: Sums, rule: CompiledRule, sample: Sample): void {
  const { record, match } = sample
  const { agent } = record.facts.call
  sums.alerts.push({ at: match.at, agent })
  const others = record.alert?.reasons.filter(({ ruleId, at }) => ruleId !== rule.id && at <= match.at) ?? []
  if (others.length > 0) sums.alreadyAlerted++
  for (const finding of match.findings) {
    const { field, operator, operand } = becauseOf(finding)
    const key = JSON.stringify([field, operator, operand, finding.truth])
    const known = sums.reasons.get(key)
    if (known) known.matches++
    else if (sums.reasons.size < REASONS_MAX)
      sums.reasons.set(key, { field, operator, operand, matches: 1, example: sample, finding })
  }
  sums.samples.push(sample)
  if (sums.samples.length <= SAMPLES_MAX) return
  const oldest = sums.samples.reduce((a, b) => (a.match.at <= b.match.at ? a : b))
  sums.samples.splice(sums.samples.indexOf(oldest), 1)
}

function addChange(
  change: PreviewChange,
  callId: string,
  { now, before }: { now: Replayed; before: Replayed },
): void {
  const [isNow, wasBefore] = [now.kind === "matched", before.kind === "matched"]
  if (isNow === wasBefore) return
  const [count, ids] = isNow ? (["added", "addedIds"] as const) : (["removed", "removedIds"] as const)
  change[count]++
  if (change[ids].length < IDS_MAX) change[ids].push(callId)
}

function addUntold(
  sums: Sums,
  { facts }: CallRecord,
  { why, fields }: Extract<Replayed, { kind: "untold" }>,
): void {
  const known = sums.untold.get(why) ?? { calls: 0, fields: new Set<string>() }
  known.calls++
  for (const field of fields) known.fields.add(field)
  sums.untold.set(why, known)
  if (why !== "no-detail") return
  const hour = Math.floor((endOf(facts) ?? facts.firstSeenAt) / HOUR)
  sums.undetailed.set(hour, (sums.undetailed.get(hour) ?? 0) + 1)
}

/** `hours`: how many calls of each hour lack a detail. The last budget is the smallest that would have shown them all. */
function budgetsFor(hours: readonly number[]): Preview["detailBudgets"] {
  if (hours.length === 0) return []
  const all = hours.reduce((most, calls) => Math.max(most, calls), 0)
  return [...BUDGETS.filter((budget) => budget < all), all].map((perHour) => ({
    perHour,
    calls: hours.reduce((sum, calls) => sum + Math.min(calls, perHour), 0),
  }))
}

function sampleOf(sample: Sample): PreviewSample {
  const { record, match } = sample
  const { call } = record.facts
  return {
    callId: record.callId,
    startedAt: call.createdAt,
    at: match.at,
    agent: call.agent?.name ?? null,
    because: match.findings.map((finding) => textOf(sample, finding)),
  }
}

function textOf({ match: { facts } }: Sample, finding: Finding): string {
  const because = becauseOf(finding)
  return `${becauseText(because, facts.call, "standard")}${whoSpokeText(because, facts.call)}`
}
