/** The rules and their versions in memory: a part of the store that tests and simulations use. */
import type { Store } from "./store.ts"
import type { RuleEdit, EditedRule } from "./store.ts"
import type { Rule } from "@earshot/core/rule/rule"

/** `keep` freezes what is stored, or throws if it is too large. */
export function createRules(keep: <T extends object>(value: T) => T) {
  const rules = new Map<string, Rule>()
  const versions = new Map<string, EditedRule[]>()
  const versionsOf = (id: string) => versions.get(id) ?? []
  return {
    readRules: async () => [...rules.values()],
    readRule: async (id) => rules.get(id) ?? null,
    writeRule: async (rule, edit: RuleEdit = { by: null, note: null }) => {
      const known = rules.get(rule.id)
      if (known && known.version !== rule.version - 1) return false
      rules.set(rule.id, keep(rule))
      versions.set(rule.id, [{ rule, ...edit }, ...versionsOf(rule.id)])
      return true
    },
    readRuleVersion: async (id, version) =>
      versionsOf(id).find(({ rule }) => rule.version === version) ?? null,
    ruleVersions: async (id, { before = Number.MAX_SAFE_INTEGER, max }) =>
      versionsOf(id)
        .filter(({ rule }) => rule.version < before)
        .slice(0, max),
  } satisfies Partial<Store>
}
