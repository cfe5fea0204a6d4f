/**
 * Rules: which calls people are alerted to. People write them over HTTP. The four default rules stay in force until
 * someone replaces them, switches them off or deletes them.
 */
import * as z from "zod"
import { ChannelId } from "../channel/channel.ts"
import { shortHash } from "../fingerprint.ts"
import { HOUR, durationOf } from "../instant.ts"
import { compileCondition } from "./compiled-condition.ts"
import { type Condition, When, parseCondition } from "./condition.ts"
import type { Decide } from "./leaf-truth.ts"

export const Severity = z.enum(["info", "warning", "critical"])

export type Severity = z.infer<typeof Severity>

export const RuleId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be lower-case letters, digits and hyphens, at most 63")

/** A rule never waits longer for a score than a call stays open. */
export const SETTLE_MAX_MS = 6 * HOUR

const Settle = z.string().superRefine((text, context) => {
  const length = durationOf(text)
  if (length === undefined) {
    context.addIssue({ code: "custom", message: "must be an ISO 8601 duration such as PT30M" })
  } else if (length > SETTLE_MAX_MS) {
    context.addIssue({ code: "custom", message: "must be at most PT6H" })
  }
})

/** What people write. */
export const RuleInput = z.strictObject({
  id: RuleId.optional().describe("Made from the name if left out."),
  name: z.string().trim().min(1).max(80).describe("Shown in alerts as the reason."),
  mode: z
    .enum(["live", "shadow", "off"])
    .default("live")
    .describe("shadow: judged and recorded, but nobody is alerted. off: not judged."),
  severity: Severity.default("warning"),
  when: When.describe("The condition. All of its fields must match; all, any and not combine conditions."),
  settle: Settle.default("PT30M").describe(
    "How long after the call ends to wait for what the condition needs, such as a score. After that, the rule does not match.",
  ),
  channels: z
    .array(ChannelId)
    .min(1)
    .max(10)
    .optional()
    .describe("Where to send alerts; every channel if left out."),
  followUp: z
    .enum(["severity", "every", "never"])
    .optional()
    .describe(
      "Whether a channel that was alerted to a call already hears that this rule matches too. severity, or left out: if " +
        "this rule's severity is higher than what the channel was given.",
    ),
  withdraw: z
    .boolean()
    .optional()
    .describe(
      "Whether channels that were told of this rule hear once if it ceases to match, as when a flag is taken back or a score " +
        "is corrected. Left out: no.",
    ),
})

export type RuleInput = z.infer<typeof RuleInput>

/**
 * What is stored. Versions count from 1 and never restart, so that rule@version means one condition for ever. A
 * condition is read back unchecked: one written by a newer version must not hide all the other rules.
 */
export const Rule = RuleInput.extend({
  id: RuleId,
  when: z.record(z.string(), z.unknown()),
  settle: z.string().describe("How long after the call ends to wait for what the condition needs."),
  version: z.number().int().min(1),
  /** ISO 8601; null for a default rule that was never edited. */
  updatedAt: z.string().nullable(),
  snoozedUntil: z
    .string()
    .nullish()
    .describe("Until then what this rule alone would say is held. ISO 8601; null: nobody has snoozed it."),
  /** A deleted rule leaves a mark, so that a default rule stays deleted and versions keep counting. */
  isDeleted: z.boolean().default(false),
})

export type Rule = z.infer<typeof Rule>

/**
 * A stored rule that cannot be read: it is damaged, or a newer version wrote it. It is left out when calls are judged, and can be
 * replaced or deleted. `version` 0: not even that can be read.
 */
export type UnreadableRule = { id: string; version: number; isReadable: false }

export type StoredRule = Rule | UnreadableRule

export function isReadable(stored: StoredRule): stored is Rule {
  return !("isReadable" in stored)
}

/** Deleted, and nothing but its mark is stored. */
export function isGone(stored: StoredRule): boolean {
  return isReadable(stored) && stored.isDeleted
}

/** Of a rule whose version cannot be read: beyond any that it can have had. */
const VERSION_AFTER_DAMAGE = 1_000_000

/** The version to write next. Versions never restart, so that rule@version means one condition for ever. */
export function versionAfter(known: StoredRule | null): number {
  if (!known) return 1
  return known.version === 0 ? VERSION_AFTER_DAMAGE : known.version + 1
}

/** Whether this version of Earshot can judge calls by the rule. One that is off is in order all the same. */
export function isJudgeable(rule: Rule): boolean {
  return conditionIn(rule) !== null
}

/** What it asks of a call; null if this version of Earshot cannot judge by it. */
export function conditionIn(rule: Rule): Condition | null {
  const parsed = parsedOnce(rule.when)
  return parsed.ok && durationOf(rule.settle) !== undefined ? parsed.condition : null
}

/** More than this many would make each call slow to judge, and a list nobody reads. */
export const RULES_MAX = 100

/** Ids ever used: the marks of deleted rules are read along with the rules, and nothing else limits their number. */
export const RULE_IDS_MAX = 1000

/** A rule ready to be judged. `decide`: its condition's truth, without the reasons. */
export type CompiledRule = Rule & { condition: Condition; decide: Decide; settleMs: number }

/** Leaves out rules that are off, and those that a newer version wrote in terms this version does not know. */
export function compileRules(rules: readonly Rule[]): CompiledRule[] {
  return rules.flatMap((rule) => {
    const parsed = parsedOnce(rule.when)
    const settleMs = durationOf(rule.settle)
    if (rule.mode === "off" || !parsed.ok || settleMs === undefined) return []
    const { condition } = parsed
    return [{ ...rule, condition, decide: compileCondition(condition), settleMs }]
  })
}

/** An answer of the HTTP API needs the condition of one rule several times. What is stored is never changed in place. */
const PARSED = new WeakMap<Rule["when"], ReturnType<typeof parseCondition>>()

function parsedOnce(when: Rule["when"]): ReturnType<typeof parseCondition> {
  const known = PARSED.get(when)
  if (known) return known
  const parsed = parseCondition(when, { isStored: true })
  PARSED.set(when, parsed)
  return parsed
}

/** Eight characters that differ whenever the judged rules differ. */
export function rulesKey(rules: readonly CompiledRule[]): string {
  return shortHash(rules.map((rule) => `${rule.id}@${rule.version}`).join(" "))
}

const RANK: Record<Severity, number> = { info: 0, warning: 1, critical: 2 }

export function isWorse(a: Severity, b: Severity): boolean {
  return RANK[a] > RANK[b]
}

export function highestSeverity(severities: readonly Severity[]): Severity {
  return severities.reduce((highest, next) => (RANK[next] > RANK[highest] ? next : highest), "info")
}
