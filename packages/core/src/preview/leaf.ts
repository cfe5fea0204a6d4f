/** Every comparison of a rule, what it saw in a call at one time, and what could decide it where nothing has yet. */
import { type Because, becauseOf } from "../alert/alert.ts"
import type { KnownAt } from "../call/trail.ts"
import type { Condition, Leaf } from "../rule/condition.ts"
import type { Truth } from "../rule/evaluation.ts"
import { judge } from "../rule/judgement.ts"
import type { CompiledRule } from "../rule/rule.ts"

/** `needs`: what could decide it: a look at the detail, time, or nothing any more. */
export type ExplainedLeaf = { because: Because; truth: Truth; needs: "detail" | "time" | "nothing" }

export function leavesAt(rule: CompiledRule, { facts, at, isSeen }: KnownAt): ExplainedLeaf[] {
  const rules = leavesOf(rule.condition).map((condition) => ({ ...rule, condition }))
  return judge(rules, facts, at, { isSeen }).verdicts.flatMap(({ truth, isSettled, findings }) => {
    const [finding] = findings
    if (!finding) return []
    const waits = isSettled ? "nothing" : "time"
    const needs = truth !== "unknown" ? "nothing" : finding.wantsDetail ? "detail" : waits
    return [{ because: becauseOf(finding), truth, needs } as const]
  })
}

/** In the order in which they are written. */
function leavesOf(condition: Condition): Leaf[] {
  switch (condition.kind) {
    case "leaf":
      return [condition]
    case "not":
      return leavesOf(condition.of)
    case "all":
    case "any":
      return condition.of.flatMap(leavesOf)
  }
}
