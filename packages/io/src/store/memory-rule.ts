/** The rules, their versions, the API's tokens, and whose turn it is to edit, in memory: a part of the store that tests and simulations use. */
import type { Rule } from "@earshot/core/rule/rule"
import type { ApiToken } from "./api-token.ts"
import type { EditedRule, RuleEdit, Store } from "./store.ts"

/** Whose turn it is to edit. */
export function createEdits() {
  let holders = 0
  let held = { holder: "", until: 0 }
  return {
    holdEdits: async ({ now, forMs }) => {
      if (held.until > now) return null
      held = { holder: String(++holders), until: now + forMs }
      return held.holder
    },
    releaseEdits: async (holder) => {
      if (held.holder === holder) held = { holder, until: 0 }
    },
  } satisfies Partial<Store>
}

export function createTokens() {
  const tokens = new Map<string, ApiToken>()
  return {
    readTokens: async () => [...tokens.values()],
    writeToken: async (token) => {
      const known = tokens.get(token.name)
      if (known && known.version !== token.version - 1) return false
      tokens.set(token.name, Object.freeze(token))
      return true
    },
  } satisfies Partial<Store>
}

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
