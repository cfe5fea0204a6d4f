/** Every comparison of a rule in people's words: what it saw in a call at one time, and what could decide it where nothing has yet. */
import { type Because, becauseOf } from "../alert/alert.ts"
import type { KnownAt } from "../call/trail.ts"
import { fieldNamed } from "../rule/field.ts"
import type { Truth } from "../rule/truth.ts"
import type { CompiledRule } from "../rule/rule.ts"
import { type Awaited, leavesOf, traceOf } from "../rule/trace.ts"

export type ExplainedLeaf = { because: Because; truth: Truth; needs: Awaited }

/** In the order in which they are written. */
export function leavesAt(rule: CompiledRule, { facts, at, isSeen }: KnownAt): ExplainedLeaf[] {
  return leavesOf(traceOf(rule, facts, at, { isSeen }).when).map((leaf) => {
    const wantsDetail = leaf.awaits === "detail"
    return {
      because: withBound(becauseOf({ ...leaf, wantsDetail }), leaf.path),
      truth: leaf.truth,
      needs: leaf.awaits ?? "nothing",
    }
  })
}

/** A number stands beside the bound of which the rule alerts, whether it is met or not; of all else the words say what is so. */
function withBound(because: Because, path: readonly (string | number)[]): Because {
  const isNumber = fieldNamed(because.field)?.type === "number" && because.operator !== "exists"
  if (!isNumber) return because
  return { ...because, isNegated: path.filter((part) => part === "not").length % 2 === 1 }
}
