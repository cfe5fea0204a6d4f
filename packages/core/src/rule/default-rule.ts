/** The four default rules, and which rules are in force when stored ones overlay them. */
import { type Rule, type StoredRule, isReadable, versionAfter } from "./rule.ts"

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
export function tombstoneOf(known: StoredRule, updatedAt: string): Rule {
  const { id } = known
  const { name, severity } = isReadable(known) ? known : ({ name: id, severity: "info" } as const)
  return {
    ...unedited,
    id,
    name,
    severity,
    mode: "off",
    when: { flagged: true },
    version: versionAfter(known),
    updatedAt,
    isDeleted: true,
  }
}

/**
 * The rules in force, by id: the default ones, replaced by what is stored, without the deleted ones. A default rule whose
 * replacement cannot be read is in force itself: a message too many is better than none.
 */
export function rulesInForce(stored: readonly StoredRule[]): Rule[] {
  const rules = new Map(DEFAULT_RULES.map((rule) => [rule.id, rule]))
  for (const rule of stored) if (isReadable(rule)) rules.set(rule.id, rule)
  return [...rules.values()].filter((rule) => !rule.isDeleted).sort((a, b) => (a.id < b.id ? -1 : 1))
}
