/**
 * Whether one comparison holds of a call, in three values: unknown means that the field is not there yet, or that more of the
 * call can still change it.
 */
import type { Facts } from "../call/facts.ts"
import { instantOf, isImaginable } from "../instant.ts"
import { type CallReader, eventsOf, readField } from "./call-reader.ts"
import { comparisonOf } from "./comparison.ts"
import type { Field, FieldValue } from "./field-type.ts"
import { isDuring } from "./local-time.ts"
import type { Asked, Operator } from "./operand.ts"
import type { Truth } from "./truth.ts"
import { type CallEvent, isUndoneByMore, matchPattern } from "./pattern.ts"

/** Whether the list and the detail have been looked at since the time to wait for facts was over. */
export type LastLook = Record<Field["source"], boolean>

/**
 * All that a comparison depends on. `isOver`: the time to wait for facts is over, so an absent field does not exist, provided
 * that we have looked for it since. `reader`: of the same call, for more than one condition. `truths`: what was found of one
 * condition's comparisons, by their places in it.
 */
export type Situation = {
  facts: Facts
  isOver: boolean
  lastLook: LastLook
  reader: CallReader
  truths: (Truth | undefined)[]
}

export type Decide = (situation: Situation) => Truth

const UNDONE_BY_MORE: ReadonlySet<Operator> = new Set(["ne", "lt", "lte", "eq", "in"])

export function decideLeaf(asked: Asked): Decide {
  const { field, operator, operand } = asked
  if (operator === "exists") {
    const wanted = operand === true
    return (situation) => presence(field, wanted, situation)
  }
  const { pattern, hours } = asked
  if (pattern) return decidePattern(field, matchPattern(pattern), isUndoneByMore(pattern))
  if (hours) {
    const isThen = isDuring(hours)
    return ({ facts }) => {
      const at = instantOf(facts.call.createdAt)
      return isImaginable(at) ? truthText(isThen(at)) : "unknown"
    }
  }
  const compare = comparisonOf(asked)
  if (field.source === "list") {
    return ({ isOver, lastLook, reader }) => {
      const seen = readField(reader, field, isOver && lastLook.list)
      if (seen === null) return "unknown"
      return compare(seen, reader) ? "true" : "false"
    }
  }
  // Of a mark, false is what more of the call can undo, and true is not.
  const mayBeUndone = field.isOfWhole === true || (field.type !== "boolean" && UNDONE_BY_MORE.has(operator))
  const isOther = operator === "ne"
  return ({ facts, isOver, lastLook, reader }) => {
    // A detail that was never fetched, or was fetched too early, does not prove that something is absent.
    const isSettled = isOver && lastLook.detail
    const seen = readField(reader, field, isSettled)
    if (seen === null) return "unknown"
    const holds = compare(seen, reader)
    const isFinal = facts.detailIsFinal && !field.isPartial?.(reader.call)
    if (isFinal || isSettled) return truthText(holds)
    // The detail of a call in progress shows what has happened. What has not happened still may, and few may become many.
    return holds && seen !== false && !mayBeUndone && !isOther ? "true" : "unknown"
  }
}

function decidePattern(
  field: Field,
  match: (events: readonly CallEvent[]) => Truth,
  mayBeUndone: boolean,
): Decide {
  return ({ facts, isOver, lastLook, reader }) => {
    const isSettled = isOver && lastLook.detail
    if (readField(reader, field, isSettled) === null) return "unknown"
    const truth = match(eventsOf(reader, field))
    if (facts.detailIsFinal || isSettled) return truth
    return truth === "true" && !mayBeUndone ? "true" : "unknown"
  }
}

function presence(field: Field, wanted: boolean, { facts, isOver, lastLook, reader }: Situation): Truth {
  const isSettled = isOver && lastLook[field.source]
  const seen = readField(reader, field, isSettled)
  if (seen === null) return isSettled ? truthText(!wanted) : "unknown"
  const empty = isEmpty(seen)
  const mayChange = empty || field.isOfWhole === true || field.isKnownByWhole === true
  if (mayChange && !facts.detailIsFinal && !isSettled) return "unknown"
  return truthText(wanted === !empty)
}

function isEmpty(seen: FieldValue): boolean {
  return seen === "" || (typeof seen === "object" && seen.length === 0)
}

function truthText(holds: boolean): Truth {
  return holds ? "true" : "false"
}
