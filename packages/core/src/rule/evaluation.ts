/**
 * Evaluates a condition on the facts of a call, in three values. Unknown means that a field the answer depends on is
 * not there yet; the leaves say which one, and why the answer is what it is.
 */
import type { Facts } from "../call/facts.ts"
import { createCallReader, readField } from "./call-reader.ts"
import { truthOfLeaf } from "./compiled-condition.ts"
import type { Condition } from "./condition.ts"
import type { Leaf } from "./leaf.ts"
import type { FieldValue } from "./field-type.ts"
import type { LastLook, Situation } from "./leaf-truth.ts"
import { type Truth, opposite } from "./truth.ts"

/** One comparison, with the value it saw. */
export type Finding = {
  field: string
  operator: Leaf["operator"]
  operand: Leaf["operand"]
  seen: FieldValue | null
  truth: Truth
  /** Unknown, and a detail could decide it. */
  wantsDetail: boolean
}

/** `findings` are what the truth depends on: the true ones for true, the unknown ones for unknown. */
export type Evaluation = { truth: Truth; findings: readonly Finding[] }

/** `isOver` and `lastLook`: as in a `Situation`. */
export function evaluate(
  condition: Condition,
  facts: Facts,
  isOver: boolean,
  lastLook: LastLook,
): Evaluation {
  const situation = { facts, isOver, lastLook, reader: createCallReader(facts), truths: [] }
  const truth = truthIn(condition, situation)
  return { truth, findings: findingsOf(condition, truth, situation) }
}

/** What a condition's truth depends on: of its parts, those of the same truth. */
export function findingsOf(condition: Condition, truth: Truth, situation: Situation): Finding[] {
  const findings: Finding[] = []
  collect(condition, truth, situation, findings)
  return findings
}

/** One list for the whole, since each call is judged by thousands of leaves. */
function collect(condition: Condition, truth: Truth, situation: Situation, findings: Finding[]): void {
  switch (condition.kind) {
    case "leaf":
      findings.push(findingOf(condition, truth, situation))
      return
    case "not":
      return collect(condition.of, opposite(truth), situation, findings)
    case "all":
    case "any":
      for (const part of condition.of)
        if (truthIn(part, situation) === truth) collect(part, truth, situation, findings)
  }
}

/** Kleene's logic: one part that decides is enough; otherwise one unknown part makes the whole unknown. */
export function truthIn(condition: Condition, situation: Situation): Truth {
  switch (condition.kind) {
    case "leaf":
      return truthOfLeaf(condition, situation)
    case "not":
      return opposite(truthIn(condition.of, situation))
    case "all":
    case "any": {
      const decisive = condition.kind === "any" ? "true" : "false"
      let truth: Truth = opposite(decisive)
      for (const part of condition.of) {
        const own = truthIn(part, situation)
        if (own === decisive) return own
        if (own === "unknown") truth = own
      }
      return truth
    }
  }
}

function findingOf(leaf: Leaf, truth: Truth, situation: Situation): Finding {
  const { field, operator, operand } = leaf
  const seen = readField(situation.reader, field, isSettledFor(leaf, situation))
  return {
    field: field.name,
    operator,
    operand,
    seen,
    truth,
    wantsDetail: wantsDetail(leaf, truth, situation),
  }
}

/** Whether nothing more is waited for: what is not there by now is not there. */
export function isSettledFor({ field }: Leaf, { isOver, lastLook }: Situation): boolean {
  return isOver && lastLook[field.source]
}

/** Whether a comparison is unknown, and a detail could decide it. */
export function wantsDetail(leaf: Leaf, truth: Truth, situation: Situation): boolean {
  if (truth !== "unknown") return false
  // The detail has everything the list has, and the list may no longer show the call.
  const isUnseen = leaf.operator === "exists" && situation.isOver && !isSettledFor(leaf, situation)
  return leaf.field.source === "detail" || isUnseen
}
