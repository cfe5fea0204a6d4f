/**
 * Alerts: one per call, identified by the call's id, however many rules match. The rules are its reasons; a rule that
 * matches later adds one. Nothing takes an alert back; of a reason that is not true any more that is noted, if its rule asks for it.
 */
import * as z from "zod"
import { ChannelId } from "../channel/channel.ts"
import type { Instant } from "../instant.ts"
import type { Finding } from "../rule/evaluation.ts"
import { fieldNamed } from "../rule/field.ts"
import type { Verdict } from "../rule/judgement.ts"
import { RULES_MAX, Severity, highestSeverity } from "../rule/rule.ts"
import { shorten } from "../text.ts"

const Scalar = z.union([z.string(), z.number(), z.boolean()])

type Scalar = z.infer<typeof Scalar>

/**
 * One comparison and the value it saw, in brief. `isNegated`: the comparison failed, and the rule wanted that. `seen`
 * is null where the value is personal: the call's facts have it.
 */
const Because = z.object({
  field: z.string(),
  operator: z.string(),
  operand: z.union([Scalar, z.array(Scalar)]),
  /** How many more values the rule's list has. */
  operandsLeftOut: z.number().default(0),
  seen: z.union([Scalar, z.array(z.string())]).nullable(),
  isPersonal: z.boolean(),
  isNegated: z.boolean().default(false),
})

export type Because = z.infer<typeof Because>

export const Reason = z.object({
  ruleId: z.string(),
  version: z.number(),
  name: z.string(),
  severity: Severity,
  because: z.array(Because),
  /** How many more comparisons made the rule match. */
  becauseLeftOut: z.number().default(0),
  at: z.number(),
})

export type Reason = z.infer<typeof Reason>

/** A reason that is not true any more: its place among the alert's reasons, and when that was found. */
const Withdrawal = z.object({ reason: z.number(), at: z.number() })

export const Alert = z.object({
  raisedAt: z.number(),
  reasons: z.array(Reason),
  /** In the order in which they were found. Absent: none. */
  withdrawals: z.array(Withdrawal).optional(),
  /**
   * Since which reason it is noted, and by channel which of them are: later ones that it took when they were found and was not sent,
   * because it knew of the call. Absent: none came later, or an older version found them.
   */
  passedOver: z.object({ from: z.number(), by: z.record(ChannelId, z.array(z.number())) }).optional(),
})

export type Alert = z.infer<typeof Alert>

/**
 * Room for the reasons, whatever and however many rules match. An item of the table holds 400 KB; facts take at most
 * 200, and the verdicts and names of a hundred rules 90.
 */
const BECAUSE_BYTES_MAX = 60_000

/** At most this many comparisons per rule: a Slack message has no room for more. */
const BECAUSE_MAX = 10

/** As many as there can be rules at a time. After reading this many, nobody needs another. */
const REASONS_MAX = RULES_MAX

/**
 * The alert with any reasons it lacked: those that it never had, and those that were withdrawn and are true again, because a miss
 * is worse than a message too many. The same object if nothing was added; null if there is no alert.
 */
export function addReasons(alert: Alert | null, matches: readonly Verdict[], now: Instant): Alert | null {
  const reasons = [...(alert?.reasons ?? [])]
  const known = new Set(alert ? standing(alert).map((reason) => reason.ruleId) : [])
  const added = matches
    .filter((verdict) => !known.has(verdict.rule.id))
    .slice(0, Math.max(0, REASONS_MAX - reasons.length))
  if (added.length === 0) return alert
  let bytesLeft = BECAUSE_BYTES_MAX
  for (const reason of reasons) bytesLeft -= bytesOf(reason.because)
  for (const verdict of added) {
    const reason = reasonOf(verdict, bytesLeft, now)
    bytesLeft -= bytesOf(reason.because)
    reasons.push(reason)
  }
  return { raisedAt: now, ...alert, reasons }
}

/** The reasons that were not withdrawn. */
export function standing({ reasons, withdrawals = [] }: Alert): Reason[] {
  const withdrawn = new Set(withdrawals.map(({ reason }) => reason))
  return reasons.filter((_, index) => !withdrawn.has(index))
}

/**
 * The alert with what is not true any more noted: by the very version of the rule that found it, so that an edit of a rule withdraws
 * nothing, and once for each rule, so that a mark that somebody sets and takes back all day does not write all day.
 */
export function withdrawReasons(alert: Alert, verdicts: readonly Verdict[], now: Instant): Alert {
  const { reasons, withdrawals = [] } = alert
  const before = new Set(withdrawals.map(({ reason }) => reasons[reason]?.ruleId))
  const added = verdicts.flatMap(({ rule, truth }) => {
    if (rule.withdraw !== true || rule.mode !== "live" || truth !== "false" || before.has(rule.id)) return []
    const reason = reasons.findIndex(({ ruleId, version }) => ruleId === rule.id && version === rule.version)
    return reason < 0 ? [] : [{ reason, at: now }]
  })
  return added.length === 0 ? alert : { ...alert, withdrawals: [...withdrawals, ...added] }
}

export function severityOf(alert: Alert): Severity {
  return highestSeverity(alert.reasons.map((reason) => reason.severity))
}

/** With as many of its comparisons as fit. */
function reasonOf({ rule, findings }: Verdict, bytesMax: number, now: Instant): Reason {
  const because = findings.slice(0, BECAUSE_MAX).map(becauseOf)
  while (because.length > 0 && bytesOf(because) > bytesMax) because.pop()
  return {
    ruleId: rule.id,
    version: rule.version,
    name: rule.name,
    severity: rule.severity,
    because,
    becauseLeftOut: findings.length - because.length,
    at: now,
  }
}

function bytesOf(because: readonly Because[]): number {
  return Buffer.byteLength(JSON.stringify(because))
}

/** A comparison as it is kept and told: briefly, and without what it saw where that is personal. */
export function becauseOf({ field, operator, operand, seen, truth }: Finding): Because {
  const isPersonal = fieldNamed(field)?.isPersonal ?? true
  return {
    field,
    operator,
    operand: typeof operand === "object" ? operand.slice(0, LIST_MAX).map(brief) : brief(operand),
    operandsLeftOut: typeof operand === "object" ? Math.max(0, operand.length - LIST_MAX) : 0,
    seen: isPersonal ? null : seenOf(seen),
    isPersonal,
    isNegated: truth === "false",
  }
}

/** Long texts and lists say nothing in a message and cost space in every write. */
const TEXT_MAX = 80

const LIST_MAX = 12

function brief(value: Scalar): Scalar {
  return typeof value === "string" ? shorten(value, TEXT_MAX) : value
}

function seenOf(seen: Finding["seen"]): Because["seen"] {
  if (seen === null || typeof seen !== "object") return seen === null ? null : brief(seen)
  return seen.slice(0, LIST_MAX).map((item) => shorten(item, TEXT_MAX))
}
