/**
 * What the rules together cost: how many phrases are looked for in the texts of each call. An index makes nearly all of
 * them cheap, but a caller decides what the text is like, so the bound is what reading the text for every phrase takes.
 */
import type { Condition } from "./condition.ts"
import type { CompiledRule } from "./rule.ts"

/** A long call: about an hour of talk. */
const CALL_BYTES = 60_000

/** Reading that much on a small Lambda, which has half a processor. */
const SEARCH_MS = 0.25

/** For one call. A poll judges hundreds, and has half a minute for it. */
const JUDGING_MS_MAX = 1000

/** What one call may have to be searched for. The same phrase in the same field counts once. */
export const SEARCHES_MAX = JUDGING_MS_MAX / SEARCH_MS

/** Why the rules cannot be saved, with the numbers; null if they can. A set that costs no more than `before` always can. */
export function costIssue(before: readonly CompiledRule[], after: readonly CompiledRule[]): string | null {
  const searches = searchesOf(after)
  if (searches <= SEARCHES_MAX || searches <= searchesOf(before)) return null
  const [seconds, most] = [searches * SEARCH_MS, JUDGING_MS_MAX].map((ms) => `${(ms / 1000).toFixed(1)} s`)
  return (
    `The rules would look for ${searches} phrases with contains, which can take ${seconds} for a call of ` +
    `${CALL_BYTES / 1000} KB; at most ${SEARCHES_MAX} and ${most} are allowed. Use fewer phrases, or switch a rule off.`
  )
}

export function searchesOf(rules: readonly CompiledRule[]): number {
  const searches = new Set<string>()
  const visit = (condition: Condition): void => {
    switch (condition.kind) {
      case "leaf": {
        const { field, operator, folded } = condition
        if (field.type !== "string" || operator !== "contains") return
        for (const text of folded) searches.add(`${field.name} ${text}`)
        return
      }
      case "not":
        return visit(condition.of)
      case "all":
      case "any":
        return condition.of.forEach(visit)
    }
  }
  for (const { condition } of rules) visit(condition)
  return searches.size
}
