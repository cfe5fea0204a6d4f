/**
 * What is known of an hour's calls, for the receipt that silence meant something. Calls belong to the hour in which they started by
 * the vendor's clock: that never changes, and it is what the vendor's own totals go by. Each is kept as an element of a set, so
 * that whatever is written twice, or by two processes, counts once; counters would say more than there was.
 */
import type { CallRecord } from "../alert/call-record.ts"
import { isExaminedIn } from "../detail/assessment.ts"
import { DAY, HOUR, type Instant, isImaginable, isoOf } from "../instant.ts"
import type { CompiledRule } from "../rule/rule.ts"
import type { CallKey } from "../watch/call-key.ts"

/**
 * - `checked`: every rule is decided, with all that it needs. `unexamined`: closed without. `deleted`: gone before that.
 * - `alerts`: a call and a rule that alerted people to it, as `alertText` writes them.
 * - `unreadable`: how many rows of a reading in this hour could not be read.
 * - `totals`: how many calls the vendor says there are.
 * - `bad`, `fine`: calls whose alerts people have called right, or a false alarm.
 */
export const COVERAGE_SETS = [
  "checked",
  "unexamined",
  "deleted",
  "alerts",
  "unreadable",
  "totals",
  "bad",
  "fine",
] as const

export type CoverageSet = (typeof COVERAGE_SETS)[number]

export type HourCoverage = Readonly<Record<CoverageSet, ReadonlySet<string>>>

type Elements = Partial<Record<CoverageSet, readonly string[]>>

/** Elements that are added to an hour's sets, and taken out of them. */
export type HourChange = { add: Elements; remove: Elements }

/** A time in which no poll completed its work. */
export type ReadingGap = { from: Instant; to: Instant }

/** What is stored of some hours. `since`: from when on anything was; null: it never was. */
export type StoredCoverage = {
  since: Instant | null
  hours: ReadonlyMap<Instant, HourCoverage>
  gaps: readonly ReadingGap[]
}

/** Receipts go back this far, as records do. */
export const COVERAGE_DAYS = 31

export const COVERAGE_MS = COVERAGE_DAYS * DAY

/** How a call left the watch, or `open`: only its alert is news. */
export type CallState = "open" | "checked" | "unexamined" | "deleted"

export type CallNote = {
  key: CallKey
  startedAt: Instant
  state: CallState
  /** The rules that have alerted people to it. */
  ruleIds: readonly string[]
}

export const NO_COVERAGE: HourCoverage = {
  checked: new Set(),
  unexamined: new Set(),
  deleted: new Set(),
  alerts: new Set(),
  unreadable: new Set(),
  totals: new Set(),
  bad: new Set(),
  fine: new Set(),
}

export function hourOf(instant: Instant): Instant {
  return Math.floor(instant / HOUR) * HOUR
}

/** `2026-01-05T09`, by UTC. */
export function hourText(hour: Instant): string {
  return isoOf(hour).slice(0, 13)
}

/** The hour that a call is counted in; null if it cannot have started then, or so long ago that no receipt has it. */
export function hourOfCall(startedAt: Instant, now: Instant): Instant | null {
  const isCounted = isImaginable(startedAt) && startedAt > now - COVERAGE_MS && startedAt < now + DAY
  return isCounted ? hourOf(startedAt) : null
}

/**
 * What the notes change, by hour. `isStale`: somebody else may have noted the same calls since. Then nothing is taken out, and what
 * says less of a call stands.
 */
export function changesOf(
  notes: Iterable<CallNote>,
  { isStale }: { isStale: boolean },
  now: Instant,
): Map<Instant, HourChange> {
  const changes = new Map<Instant, { add: Record<string, string[]>; remove: Record<string, string[]> }>()
  for (const { key, startedAt, state, ruleIds } of notes) {
    const hour = hourOfCall(startedAt, now)
    if (hour === null) continue
    const change = changes.get(hour) ?? { add: {}, remove: {} }
    changes.set(hour, change)
    for (const ruleId of ruleIds) (change.add["alerts"] ??= []).push(alertText(key, ruleId))
    if (state === "open") continue
    ;(change.add[state] ??= []).push(key)
    if (isStale) continue
    for (const other of STATES) if (other !== state) (change.remove[other] ??= []).push(key)
  }
  return changes
}

const STATES = ["checked", "unexamined", "deleted"] as const

/** Keys have no spaces. */
export function alertText(key: CallKey, ruleId: string): string {
  return `${key} ${ruleId}`
}

/** The rule of such a text. */
export function ruleIdIn(alert: string): string {
  return alert.slice(alert.indexOf(" ") + 1)
}

/** The call of such a text. */
export function keyIn(alert: string): string {
  return alert.slice(0, alert.indexOf(" "))
}

/** How a record that nobody has noted was closed; null if it was not. In doubt it was not examined. */
export function stateOfRecord(
  record: CallRecord,
  rules: readonly CompiledRule[],
  now: Instant,
): CallState | null {
  if (record.isOpen) return null
  const isDecided = record.verdicts.every(({ truth, isSettled }) => truth !== "unknown" || isSettled)
  return isDecided && isExaminedIn(record, rules, now) ? "checked" : "unexamined"
}

export function alertedRules({ alert }: Pick<CallRecord, "alert">): string[] {
  return [...new Set((alert?.reasons ?? []).map(({ ruleId }) => ruleId))]
}
