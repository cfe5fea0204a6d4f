/**
 * Evaluates a condition on the facts of a call, in three values. Unknown means that a field the answer depends on is
 * not there yet; the leaves say which one, and why the answer is what it is.
 */
import type { Facts } from "../call/facts.ts"
import { type CallReader, createCallReader } from "./call-reader.ts"
import type { Condition, Leaf } from "./condition.ts"
import type { Field, FieldValue } from "./field.ts"
import type { Scalar } from "./operand.ts"

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
 * since. `reader`: of the same call, for more than one condition.
 */
export function evaluate(
  condition: Condition,
  facts: Facts,
  isOver: boolean,
  lastLook: LastLook,
  reader: CallReader = createCallReader(facts.call),
): Evaluation {
  const findings: Finding[] = []
  const truth = evaluateNode(condition, { facts, isOver, lastLook, reader }, findings)
  return { truth, findings }
}

/** All that a comparison depends on. */
type Situation = { facts: Facts; isOver: boolean; lastLook: LastLook; reader: CallReader }

/** Adds what the truth depends on to `findings`: one list for the whole, since each call is judged by thousands of leaves. */
function evaluateNode(condition: Condition, situation: Situation, findings: Finding[]): Truth {
  switch (condition.kind) {
    case "leaf":
      return evaluateLeaf(condition, situation, findings)
    case "not": {
      const truth = evaluateNode(condition.of, situation, findings)
      return truth === "unknown" ? truth : truthText(truth === "false")
    }
    case "all":
      return combine("false", condition.of, situation, findings)
    case "any":
      return combine("true", condition.of, situation, findings)
  }
}

/** Kleene's logic: one `decisive` part decides; otherwise one unknown part makes the whole unknown. */
function combine(
  decisive: "true" | "false",
  parts: readonly Condition[],
  situation: Situation,
  findings: Finding[],
): Truth {
  const start = findings.length
  let truth: Truth = decisive === "true" ? "false" : "true"
  for (const part of parts) {
    const before = findings.length
    const own = evaluateNode(part, situation, findings)
    if (own === truth) continue
    const isStronger = own === decisive || (own === "unknown" && truth !== decisive)
    // Of what was found, only what the whole depends on stays.
    if (!isStronger) findings.length = before
    else if (before > start) findings.splice(start, before - start)
    if (isStronger) truth = own
  }
  return truth
}

function evaluateLeaf(leaf: Leaf, situation: Situation, findings: Finding[]): Truth {
  const { facts, isOver, lastLook, reader } = situation
  const { field, operator, operand } = leaf
  // A detail that was never fetched, or was fetched too early, does not prove that something is absent.
  const isSettled = isOver && lastLook[field.source]
  const seen = reader.read(field, isSettled)
  const truth = truthOf(leaf, seen, facts, isSettled, reader)
  // The detail has everything the list has, and the list may no longer show the call.
  const isUnseen = operator === "exists" && isOver && !isSettled
  const wantsDetail = truth === "unknown" && (field.source === "detail" || isUnseen)
  findings.push({ field: field.name, operator, operand, seen, truth, wantsDetail })
  return truth
}

const UNDONE_BY_MORE: ReadonlySet<Leaf["operator"]> = new Set(["ne", "lt", "lte"])

function truthOf(
  leaf: Leaf,
  seen: FieldValue | null,
  facts: Facts,
  isSettled: boolean,
  reader: CallReader,
): Truth {
  if (leaf.operator === "exists") {
    if (seen === null) return isSettled ? truthText(leaf.operand === false) : "unknown"
    const isEmpty = seen === "" || (typeof seen === "object" && seen.length === 0)
    if (isEmpty && !facts.detailIsFinal && !isSettled) return "unknown"
    return truthText(leaf.operand === !isEmpty)
  }
  if (seen === null) return "unknown"
  const holds = compare(leaf, seen, reader)
  if (leaf.field.source === "list" || facts.detailIsFinal || isSettled) return truthText(holds)
  // The detail of a call in progress shows what has happened. What has not happened still may, and few may become many.
  return holds && seen !== false && !UNDONE_BY_MORE.has(leaf.operator) ? "true" : "unknown"
}

function truthText(holds: boolean): Truth {
  return holds ? "true" : "false"
}

/** Texts are compared as `fold` makes them: people write what they hear, and the vendor promises no spelling. */
function compare(leaf: Leaf, seen: FieldValue, reader: CallReader): boolean {
  const { operand } = leaf
  const [sought = ""] = leaf.folded
  switch (leaf.operator) {
    case "eq":
    case "in":
      return isOneOf(leaf, seen, reader)
    case "ne":
      return !isOneOf(leaf, seen, reader)
    case "lt":
      return Number(seen) < Number(operand)
    case "lte":
      return Number(seen) <= Number(operand)
    case "gt":
      return Number(seen) > Number(operand)
    case "gte":
      return Number(seen) >= Number(operand)
    case "contains":
      if (sought === "") return false
      return typeof seen === "object"
        ? reader.items(seen).has(sought)
        : reader.haystack(String(seen)).has(sought)
    case "startsWith":
      return sought !== "" && reader.haystack(String(seen)).text.startsWith(sought, 1)
    case "exists":
      return true
  }
}

function isOneOf({ operand, folded }: Leaf, seen: FieldValue, reader: CallReader): boolean {
  if (typeof seen === "string") {
    const { text } = reader.haystack(seen)
    return folded.some((one) => one !== "" && text.length === one.length + 2 && text.startsWith(one, 1))
  }
  const choices: readonly Scalar[] = typeof operand === "object" ? operand : [operand]
  return choices.some((choice) => choice === seen)
}
