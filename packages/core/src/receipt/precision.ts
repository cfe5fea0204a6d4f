/**
 * How often the alerts of a rule were right, by what people said of them. A verdict is kept in the hour of its call, as an element of a
 * set, so that whoever says it twice is counted once. An alert of which nobody said anything counts for neither side.
 */
import { momentOf } from "@earshot/calls-api/moment"
import { ALERT_VERDICTS } from "../alert/acknowledgement.ts"
import type { CallRecord } from "../alert/call-record.ts"
import type { Instant } from "../instant.ts"
import { callKey } from "../watch/call-key.ts"
import {
  type HourChange,
  type HourCoverage,
  alertText,
  alertedRules,
  hourOf,
  hourOfCall,
  keyIn,
  ruleIdIn,
} from "./hour.ts"

/** Alerts that were called right, and those that were called false alarms. */
export type VerdictCounts = { bad: number; fine: number }

export const NO_VERDICTS: VerdictCounts = { bad: 0, fine: 0 }

/**
 * What a record's verdict changes, and in which hour. It notes the alert as well, as the poller does within ten minutes: somebody who
 * has judged one looks at once whether it counts.
 */
export function verdictChange(record: CallRecord, now: Instant): { hour: Instant; change: HourChange } {
  const { callId, facts, acknowledgement } = record
  const startedAt = momentOf(facts.call.createdAt ?? "") ?? facts.firstSeenAt
  const key = callKey(callId)
  const verdict = acknowledgement?.verdict ?? null
  const others = ALERT_VERDICTS.filter((one) => one !== verdict)
  const hour = hourOfCall(startedAt, now)
  const alerts = hour === null ? [] : alertedRules(record).map((ruleId) => alertText(key, ruleId))
  const change: HourChange = {
    add: verdict === null ? {} : { [verdict]: [key], ...(alerts.length > 0 && { alerts }) },
    remove: Object.fromEntries(others.map((one) => [one, [key]])),
  }
  return { hour: hour ?? hourOf(facts.firstSeenAt), change }
}

/** By rule. One that is in both sets was written by two people at once, and is not counted. */
export function verdictsOf({
  alerts,
  bad,
  fine,
}: Pick<HourCoverage, "alerts" | "bad" | "fine">): Record<string, VerdictCounts> {
  const counts: Record<string, VerdictCounts> = {}
  for (const alert of alerts) {
    const key = keyIn(alert)
    if (bad.has(key) === fine.has(key)) continue
    const ruleId = ruleIdIn(alert)
    const known = counts[ruleId] ?? NO_VERDICTS
    counts[ruleId] = {
      bad: known.bad + (bad.has(key) ? 1 : 0),
      fine: known.fine + (fine.has(key) ? 1 : 0),
    }
  }
  return counts
}

export function addVerdicts(
  parts: readonly Readonly<Record<string, VerdictCounts>>[],
): Record<string, VerdictCounts> {
  const counts: Record<string, VerdictCounts> = {}
  for (const [ruleId, { bad, fine }] of parts.flatMap((part) => Object.entries(part))) {
    const known = counts[ruleId] ?? NO_VERDICTS
    counts[ruleId] = { bad: known.bad + bad, fine: known.fine + fine }
  }
  return counts
}

/** The share that was right; null if nobody said anything. */
export function precisionOf({ bad, fine }: VerdictCounts): number | null {
  return bad + fine === 0 ? null : bad / (bad + fine)
}

/** Such as `9 of 10 judged were right`; empty if nobody said anything. */
export function precisionText(counts: VerdictCounts = NO_VERDICTS): string {
  const { bad, fine } = counts
  return precisionOf(counts) === null
    ? ""
    : `${bad} of ${bad + fine} judged ${bad === 1 && fine === 0 ? "was" : "were"} right`
}
