/**
 * A condition as a function that answers its truth and nothing else: made once for each version of a rule, and asked for
 * every call. It stops at the first part that decides, and asks the cheap parts first. Why the answer is what it is,
 * `findings` say, which are made for the few calls of which somebody wants to know.
 */
import type { Condition } from "./condition.ts"
import type { Leaf } from "./leaf.ts"
import type { Decide, Situation } from "./leaf-truth.ts"
import { type Truth, opposite } from "./truth.ts"

/** By Kleene's logic the order of the parts changes no answer. */
export function compileCondition(condition: Condition): Decide {
  switch (condition.kind) {
    case "leaf":
      return (situation) => truthOfLeaf(condition, situation)
    case "not": {
      const decide = compileCondition(condition.of)
      return (situation) => opposite(decide(situation))
    }
    case "all":
      return combineParts("false", "true", condition.of)
    case "any":
      return combineParts("true", "false", condition.of)
  }
}

/** Remembered, so that the reasons of what is decided cost little more. */
export function truthOfLeaf({ index, decide }: Leaf, situation: Situation): Truth {
  const known = situation.truths[index]
  if (known !== undefined) return known
  const truth = decide(situation)
  situation.truths[index] = truth
  return truth
}

function combineParts(decisive: Truth, neutral: Truth, of: readonly Condition[]): Decide {
  const parts = of.toSorted((a, b) => costOf(a) - costOf(b)).map(compileCondition)
  return (situation) => {
    let truth = neutral
    for (const part of parts) {
      const own = part(situation)
      if (own === decisive) return own
      if (own === "unknown") truth = own
    }
    return truth
  }
}

/** How much work a part is, in no particular unit: marks and numbers, then words, then what was said. */
function costOf(condition: Condition): number {
  switch (condition.kind) {
    case "leaf":
      return costOfLeaf(condition)
    case "not":
      return costOf(condition.of)
    case "all":
    case "any":
      return condition.of.reduce((sum, part) => sum + costOf(part), 0)
  }
}

function costOfLeaf({ field, operator, folded, isWholeWords }: Leaf): number {
  const isPlain = field.type === "number" || field.type === "boolean" || operator === "exists"
  const isSearch = field.type === "string" && (operator === "contains" || operator === "containsAny")
  const base = isPlain ? 1 : isSearch ? (isWholeWords ? 100 : 50) * folded.length : 5
  return field.source === "detail" ? base * 4 : base
}
