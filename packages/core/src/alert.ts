/**
 * Alerts: one for each call, and known by the call's id, however many rules match. The rules are its reasons; a
 * rule that becomes true later adds one. Nothing takes an alert back.
 */
import * as z from "zod"
import type { Finding } from "./evaluation.ts"
import { fieldNamed } from "./field.ts"
import { shorten } from "./excerpt.ts"
import type { Instant } from "./instant.ts"
import type { Verdict } from "./judgement.ts"
import { highestSeverity, Severity } from "./rule.ts"

const Scalar = z.union([z.string(), z.number(), z.boolean()])

/**
 * One comparison and what was seen; `isNegated`: it did not hold, and that was asked for. `seen` is null where the
 * value is personal: the call's facts have it.
 */
const Because = z.object({
  field: z.string(),
  operator: z.string(),
  operand: z.union([Scalar, z.array(Scalar)]),
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
  at: z.number(),
})
export type Reason = z.infer<typeof Reason>

export const Alert = z.object({
  raisedAt: z.number(),
  reasons: z.array(Reason),
})
export type Alert = z.infer<typeof Alert>

/** The alert with the reasons that it did not have yet; the very same one if there are none, null if there is no alert. */
export function addReasons(alert: Alert | null, matches: readonly Verdict[], now: Instant): Alert | null {
  const known = new Set(alert?.reasons.map((reason) => reason.ruleId))
  const added = matches
    .filter((verdict) => !known.has(verdict.rule.id))
    .map((verdict) => reasonOf(verdict, now))
  if (added.length === 0) return alert
  if (!alert) return { raisedAt: now, reasons: added }
  return { ...alert, reasons: [...alert.reasons, ...added] }
}

export function severityOf(alert: Alert): Severity {
  return highestSeverity(alert.reasons.map((reason) => reason.severity))
}

function reasonOf({ rule, findings }: Verdict, now: Instant): Reason {
  return {
    ruleId: rule.id,
    version: rule.version,
    name: rule.name,
    severity: rule.severity,
    because: findings.map(becauseOf),
    at: now,
  }
}

function becauseOf({ field, operator, operand, seen, truth }: Finding): Because {
  const isPersonal = fieldNamed(field)?.isPersonal ?? true
  return {
    field,
    operator,
    operand: typeof operand === "object" ? [...operand] : operand,
    seen: isPersonal ? null : brief(seen),
    isPersonal,
    isNegated: truth === "false",
  }
}

/** Long values say nothing in a message and cost space in every write. */
const SEEN_MAX = 80

function brief(seen: Finding["seen"]): Because["seen"] {
  if (typeof seen === "string") return shorten(seen, SEEN_MAX)
  if (seen !== null && typeof seen === "object")
    return seen.slice(0, 12).map((item) => shorten(item, SEEN_MAX))
  return seen
}
