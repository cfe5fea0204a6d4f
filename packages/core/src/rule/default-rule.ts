/** The four default rules, and which rules are in force when stored ones overlay them. */
import type { Rule } from "./rule.ts"

const unedited = {
  mode: "live",
  settle: "PT30M",
  version: 1,
  updatedAt: null,
  isDeleted: false,
} as const

/** The four cases Earshot is for. */
export const DEFAULT_RULES: readonly Rule[] = [
  { ...unedited, id: "flagged", name: "Flagged", severity: "warning", when: { flagged: true } },
  { ...unedited, id: "low-score", name: "Low score", severity: "warning", when: { score: { lte: 2 } } },
  {
    ...unedited,
    id: "angry-caller",
    name: "Angry caller",
    severity: "critical",
    when: { "sentiment.angry": { gte: 0.5 } },
  },
  { ...unedited, id: "transferred", name: "Transferred", severity: "info", when: { transferred: true } },
]

/** What stays of a deleted rule. Not its condition, which may be as long as a request body and is never read again. */
export function tombstoneOf({ id, name, severity, version }: Rule, updatedAt: string): Rule {
  return {
    ...unedited,
    id,
    name,
    severity,
    mode: "off",
    when: { flagged: true },
    version: version + 1,
    updatedAt,
    isDeleted: true,
  }
}

/** The rules in force, by id: the default ones, replaced by what is stored, without the deleted ones. */
export function rulesInForce(stored: readonly Rule[]): Rule[] {
  const rules = new Map(DEFAULT_RULES.map((rule) => [rule.id, rule]))
  for (const rule of stored) rules.set(rule.id, rule)
  return [...rules.values()].filter((rule) => !rule.isDeleted).sort((a, b) => (a.id < b.id ? -1 : 1))
}
