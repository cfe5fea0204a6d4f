/**
 * What the rules together cost each call, at worst: how much there is to look for, whatever operator asks. An index makes nearly
 * all searches cheap, but a caller decides what the text is like, so the bound is what reading the text for every phrase takes.
 */
import type { Condition } from "./condition.ts"
import type { Leaf } from "./leaf.ts"
import type { CompiledRule } from "./rule.ts"

/** A long call: about an hour of talk. */
const CALL_BYTES = 60_000

/** What one thing takes on a small Lambda, which has half a processor: to read that much for a phrase, and so on. */
const MS = {
  search: 0.25,
  /** A text with its words marked is longer. */
  wordSearch: 0.5,
  /** To go through a timeline of a thousand events. */
  events: 0.1,
  /** To ask what the clocks of a zone show. */
  hours: 0.05,
  /** To compare a text with another of 200 characters, or to remember that it was looked for. */
  choice: 0.002,
  /** To read a field and compare a number. */
  plain: 0.002,
}

/** For one call. A poll judges hundreds, and has half a minute for it. */
const JUDGING_MS_MAX = 1000

/** What one call may have to be searched for. The same phrase in the same field counts once. */
export const SEARCHES_MAX = JUDGING_MS_MAX / MS.search

/** What a call may take, and of how many phrases it is looked for. */
type Cost = { ms: number; phrases: number }

/** Why the rules cannot be saved, with the numbers; null if they can. A set that costs no more than `before` always can. */
export function costIssue(before: readonly CompiledRule[], after: readonly CompiledRule[]): string | null {
  const { ms, phrases } = costOfRules(after)
  if (ms <= JUDGING_MS_MAX || ms <= costOfRules(before).ms) return null
  const [takes, most] = [ms, JUDGING_MS_MAX].map((time) => `${(time / 1000).toFixed(2)} s`)
  return (
    `The rules would look for ${phrases} phrases with contains or containsAny, and with all else they ask that can take ${takes} for ` +
    `a call of ${CALL_BYTES / 1000} KB; at most ${most} is allowed, which is ${SEARCHES_MAX} phrases, or half as many with wholeWords. ` +
    "Use fewer phrases, or switch a rule off."
  )
}

export function costOfRules(rules: readonly CompiledRule[]): Cost {
  const searches = new Map<string, number>()
  let others = 0
  const addSearch = (leaf: Leaf, text: string) => {
    const key = searchKey(leaf, text)
    if (searches.has(key)) others += MS.choice
    searches.set(key, leaf.isWholeWords ? MS.wordSearch : MS.search)
  }
  const visit = (condition: Condition): void => {
    switch (condition.kind) {
      case "leaf":
        if (!isSearch(condition)) others += costOfLeaf(condition)
        else for (const text of condition.folded) addSearch(condition, text)
        return
      case "not":
        return visit(condition.of)
      case "all":
      case "any":
        return condition.of.forEach(visit)
    }
  }
  for (const { condition } of rules) visit(condition)
  const ms = [...searches.values()].reduce((sum, one) => sum + one, others)
  // What is below a millisecond is as uncertain as these numbers are.
  return { ms: Math.floor(ms), phrases: searches.size }
}

function isSearch({ field, operator }: Leaf): boolean {
  return field.type === "string" && (operator === "contains" || operator === "containsAny")
}

/** A field's name has no space. */
function searchKey({ field, isWholeWords }: Leaf, text: string): string {
  return `${field.name} ${isWholeWords ? "words" : "text"} ${text}`
}

function costOfLeaf({ operator, folded }: Leaf): number {
  if (operator === "has") return MS.events
  return operator === "during" ? MS.hours : MS.plain + folded.length * MS.choice
}
