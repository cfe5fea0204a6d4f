/**
 * Why a rule says what it says of a call, in full: each comparison with what was seen, what was wanted, and what could still
 * decide it. Plain JSON, made only when somebody asks; `findings` are the few of these that the answer depends on.
 */
import type { Facts } from "../call/facts.ts"
import type { Instant } from "../instant.ts"
import { readField } from "./call-reader.ts"
import type { Condition } from "./condition.ts"
import type { Leaf } from "./leaf.ts"
import { isSettledFor, truthIn, wantsDetail } from "./evaluation.ts"
import type { FieldValue } from "./field-type.ts"
import { viewpointOf, situationFor } from "./judgement.ts"
import type { Situation } from "./leaf-truth.ts"
import type { Truth } from "./truth.ts"
import type { Operator } from "./operand.ts"
import type { CompiledRule } from "./rule.ts"

/**
 * What could decide what is unknown: a request for the call's detail; time, as the vendor may say it later or the call lasts; or
 * nothing, since nothing more is waited for. Null: it is decided.
 */
export type Awaited = "detail" | "time" | "nothing"

export type LeafTrace = {
  kind: "leaf"
  /** Where it stands in the rule's `when`. */
  path: readonly (string | number)[]
  field: string
  /** What was wanted. */
  operator: Operator
  operand: Leaf["operand"]
  /** What was seen; null: it is not there. */
  seen: FieldValue | null
  /** What was seen, and what was wanted, may be what a person said or is known by. */
  isPersonal: boolean
  truth: Truth
  awaits: Awaited | null
  /** The rule's answer depends on it. */
  isDecisive: boolean
}

export type TraceNode =
  | LeafTrace
  | { kind: "all" | "any" | "not"; truth: Truth; isDecisive: boolean; of: readonly TraceNode[] }

export type Trace = {
  ruleId: string
  version: number
  truth: Truth
  /** The time to wait for a missing fact is over: unknown now counts as false. */
  isSettled: boolean
  /** What could decide the rule: a detail before time, and time before nothing. Null: it is decided. */
  awaits: Awaited | null
  when: TraceNode
}

/** `isSeen`: as in a `Viewpoint`. */
export function traceOf(
  rule: CompiledRule,
  facts: Facts,
  now: Instant,
  seen: { isSeen?: boolean } = {},
): Trace {
  const situation = situationFor(rule, viewpointOf(facts, now, seen))
  const when = nodeOf(rule.condition, situation, true)
  return {
    ruleId: rule.id,
    version: rule.version,
    truth: when.truth,
    isSettled: situation.isOver,
    awaits: when.truth === "unknown" ? awaitedIn(when) : null,
    when,
  }
}

/** The comparisons of a trace, in the order of the rule. */
export function leavesOf(node: TraceNode): LeafTrace[] {
  return node.kind === "leaf" ? [node] : node.of.flatMap(leavesOf)
}

function nodeOf(condition: Condition, situation: Situation, isDecisive: boolean): TraceNode {
  const truth = truthIn(condition, situation)
  switch (condition.kind) {
    case "leaf":
      return traceLeaf(condition, truth, situation, isDecisive)
    case "not":
      return { kind: "not", truth, isDecisive, of: [nodeOf(condition.of, situation, isDecisive)] }
    case "all":
    case "any": {
      const of = condition.of.map((part) => {
        return nodeOf(part, situation, isDecisive && truthIn(part, situation) === truth)
      })
      return { kind: condition.kind, truth, isDecisive, of }
    }
  }
}

function traceLeaf(leaf: Leaf, truth: Truth, situation: Situation, isDecisive: boolean): LeafTrace {
  const { path, field, operator, operand } = leaf
  const seen = readField(situation.reader, field, isSettledFor(leaf, situation))
  return {
    kind: "leaf",
    path,
    field: field.name,
    operator,
    operand,
    seen,
    isPersonal: field.isPersonal,
    truth,
    awaits: truth === "unknown" ? awaitedBy(leaf, truth, situation) : null,
    isDecisive,
  }
}

function awaitedBy(leaf: Leaf, truth: Truth, situation: Situation): Awaited {
  if (isSettledFor(leaf, situation)) return "nothing"
  if (wantsDetail(leaf, truth, situation)) return "detail"
  return situation.isOver ? "nothing" : "time"
}

function awaitedIn(when: TraceNode): Awaited {
  const awaited = leavesOf(when).flatMap(({ isDecisive, awaits }) => (isDecisive && awaits ? [awaits] : []))
  if (awaited.includes("detail")) return "detail"
  return awaited.includes("time") ? "time" : "nothing"
}
