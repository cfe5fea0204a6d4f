/**
 * Evaluates a condition on the facts of a call, in three values. Unknown means that a field the answer depends on is
 * not there yet; the leaves say which one, and why the answer is what it is.
 */
import type { Facts } from "../call/facts.ts"
import type { Condition, Leaf, Scalar } from "./condition.ts"
import type { Field, FieldValue } from "./field.ts"

export type Truth = "true" | "false" | "unknown"

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

/** Whether the list and the detail have been looked at since the time to wait for facts was over. */
export type LastLook = Record<Field["source"], boolean>

/**
 * `isOver`: the time to wait for facts is over, so an absent field does not exist, provided that we have looked for it
 * since.
 */
export function evaluate(
  condition: Condition,
  facts: Facts,
  isOver: boolean,
  lastLook: LastLook,
): Evaluation {
  switch (condition.kind) {
    case "leaf":
      return evaluateLeaf(condition, facts, isOver, lastLook)
    case "not": {
      const { truth, findings } = evaluate(condition.of, facts, isOver, lastLook)
      return { truth: truth === "unknown" ? truth : truth === "true" ? "false" : "true", findings }
    }
    case "all":
      return combine("false", condition.of, facts, isOver, lastLook)
    case "any":
      return combine("true", condition.of, facts, isOver, lastLook)
  }
}

/** Kleene's logic: one `decisive` part decides; otherwise one unknown part makes the whole unknown. */
function combine(
  decisive: "true" | "false",
  parts: readonly Condition[],
  facts: Facts,
  isOver: boolean,
  lastLook: LastLook,
): Evaluation {
  const evaluations = parts.map((part) => evaluate(part, facts, isOver, lastLook))
  const truths = evaluations.map((evaluation) => evaluation.truth)
  const truth = truths.includes(decisive)
    ? decisive
    : truths.includes("unknown")
      ? "unknown"
      : decisive === "true"
        ? "false"
        : "true"
  const findings = evaluations
    .filter((evaluation) => evaluation.truth === truth)
    .flatMap(({ findings }) => findings)
  return { truth, findings }
}

function evaluateLeaf(leaf: Leaf, facts: Facts, isOver: boolean, lastLook: LastLook): Evaluation {
  // A detail that was never fetched, or was fetched too early, does not prove that something is absent.
  const isSettled = isOver && lastLook[leaf.field.source]
  const late = isSettled ? leaf.field.readSettled?.(facts.call) : null
  const seen = leaf.field.read(facts.call) ?? late ?? null
  const truth = truthOf(leaf, seen, facts, isSettled)
  // The detail has everything the list has, and the list may no longer show the call.
  const isUnseen = leaf.operator === "exists" && isOver && !isSettled
  const wantsDetail = truth === "unknown" && (leaf.field.source === "detail" || isUnseen)
  const { field, operator, operand } = leaf
  return { truth, findings: [{ field: field.name, operator, operand, seen, truth, wantsDetail }] }
}

const UNDONE_BY_MORE: ReadonlySet<Leaf["operator"]> = new Set(["ne", "lt", "lte"])

function truthOf(leaf: Leaf, seen: FieldValue | null, facts: Facts, isSettled: boolean): Truth {
  if (leaf.operator === "exists") {
    if (seen === null) return isSettled ? truthText(leaf.operand === false) : "unknown"
    const isEmpty = seen === "" || (typeof seen === "object" && seen.length === 0)
    if (isEmpty && !facts.detailIsFinal && !isSettled) return "unknown"
    return truthText(leaf.operand === !isEmpty)
  }
  if (seen === null) return "unknown"
  const holds = compare(leaf, seen)
  if (leaf.field.source === "list" || facts.detailIsFinal || isSettled) return truthText(holds)
  // The detail of a call in progress shows what has happened. What has not happened still may, and few may become many.
  return holds && seen !== false && !UNDONE_BY_MORE.has(leaf.operator) ? "true" : "unknown"
}

function truthText(holds: boolean): Truth {
  return holds ? "true" : "false"
}

/** Texts compare without regard to case: people write what they hear, and the vendor promises no spelling. */
function compare(leaf: Leaf, seen: FieldValue): boolean {
  const { operand } = leaf
  switch (leaf.operator) {
    case "eq":
      return same(seen, operand)
    case "ne":
      return !same(seen, operand)
    case "in":
      return Array.isArray(operand) && operand.some((choice: Scalar) => same(seen, choice))
    case "lt":
      return Number(seen) < Number(operand)
    case "lte":
      return Number(seen) <= Number(operand)
    case "gt":
      return Number(seen) > Number(operand)
    case "gte":
      return Number(seen) >= Number(operand)
    case "contains":
      if (typeof seen === "object") return seen.some((item) => same(item, operand))
      return String(seen).toLowerCase().includes(String(operand).toLowerCase())
    case "startsWith":
      return String(seen).toLowerCase().startsWith(String(operand).toLowerCase())
    case "exists":
      return true
  }
}

function same(seen: FieldValue, operand: Leaf["operand"]): boolean {
  if (typeof seen === "string" && typeof operand === "string")
    return seen.toLowerCase() === operand.toLowerCase()
  return seen === operand
}
