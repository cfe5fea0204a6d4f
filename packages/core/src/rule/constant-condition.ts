/**
 * Whether a condition says the same of every call of which all is known: `any` of a score up to 2 and one above 2. It is tried with
 * each value that could make a difference; where there are too many of them, nothing is said.
 */
import { DAY, HOUR } from "../instant.ts"
import { timeOfDay } from "../wall-clock.ts"
import type { Condition } from "./condition.ts"
import type { Leaf } from "./leaf.ts"
import { isDuring } from "./local-time.ts"

/** `path` leads from the condition to the smallest part of which it is so. */
type Constant = { path: (string | number)[]; isTrue: boolean; fields: string[] }

/** So many trials take a few milliseconds. */
const TRIALS_MAX = 4096

/** What can be one thing or another, independently of all else: a field, or a comparison of which no more is known. */
type Trial = ReadonlyMap<string, number | boolean>

export function constantsIn(condition: Condition): Constant[] {
  const own = constantOf(condition)
  const inner = partsOf(condition).flatMap(constantsIn)
  if (own === null || inner.some(({ isTrue }) => isTrue === own)) return inner
  const leaves = leavesIn(condition)
  return [
    { path: sharedPath(leaves), isTrue: own, fields: [...new Set(leaves.map(({ field }) => field.name))] },
  ]
}

function partsOf(condition: Condition): readonly Condition[] {
  if (condition.kind === "leaf") return []
  return condition.kind === "not" ? [condition.of] : condition.of
}

function leavesIn(condition: Condition): Leaf[] {
  return condition.kind === "leaf" ? [condition] : partsOf(condition).flatMap(leavesIn)
}

function sharedPath(leaves: readonly Leaf[]): (string | number)[] {
  const [first, ...others] = leaves.map(({ path }) => path)
  if (!first) return []
  const end = first.findIndex((part, index) => others.some((path) => path[index] !== part))
  return end < 0 ? [...first] : first.slice(0, end)
}

function constantOf(condition: Condition): boolean | null {
  const choices = new Map<string, Set<number | boolean>>()
  for (const leaf of leavesIn(condition)) {
    const known = choices.get(subjectOf(leaf)) ?? new Set()
    for (const value of valuesFor(leaf)) known.add(value)
    choices.set(subjectOf(leaf), known)
  }
  const count = [...choices.values()].reduce((product, { size }) => product * size, 1)
  if (count > TRIALS_MAX) return null
  let answer: boolean | null = null
  for (const trial of trialsOf([...choices])) {
    const holds = holdsIn(condition, trial)
    if (answer !== null && holds !== answer) return null
    answer = holds
  }
  return answer
}

function* trialsOf(choices: readonly (readonly [string, ReadonlySet<number | boolean>])[]): Generator<Trial> {
  const [first, ...others] = choices
  if (!first) {
    yield new Map()
    return
  }
  for (const rest of trialsOf(others))
    for (const value of first[1]) yield new Map([...rest, [first[0], value]])
}

/** Two names of one thing. */
const SAME: Record<string, string> = {
  direction: "type",
  tokens: "usage.totalTokens",
  cost: "callCost",
  "tools.called": "tools",
}

function isOfValue({ field, operator }: Leaf): boolean {
  return operator !== "exists" && (field.type === "number" || field.type === "boolean")
}

/** An `ne` is the opposite of an `eq`, and else a comparison is its own subject. */
function subjectOf(leaf: Leaf): string {
  const name = SAME[leaf.field.name] ?? leaf.field.name
  if (isOfValue(leaf)) return name
  if (leaf.hours) return `${name} ${leaf.hours.zone}`
  const operator = leaf.operator === "ne" ? "eq" : leaf.operator
  const operand = leaf.folded.length > 0 ? leaf.folded : leaf.operand
  return JSON.stringify([name, operator, operand, leaf.isWholeWords])
}

/** Those between which it makes a difference. */
function valuesFor(leaf: Leaf): (number | boolean)[] {
  const { field, hours, pattern } = leaf
  if (hours) {
    const times = [timeOfDay(hours.from), timeOfDay(hours.until)]
    return times.flatMap((time) => Array.from({ length: 7 }, (_, day) => day * DAY + time))
  }
  if (pattern?.times?.value === 0) {
    const { operator } = pattern.times
    if (operator === "gte") return [true]
    if (operator === "lt") return [false]
  }
  if (!isOfValue(leaf) || field.type === "boolean") return [true, false]
  const asked: readonly unknown[] = typeof leaf.operand === "object" ? leaf.operand : [leaf.operand]
  const bounds = asked.filter((one) => typeof one === "number")
  return bounds.flatMap((bound) => [bound - nextTo(bound), bound, bound + nextTo(bound)])
}

/** Nearer than anybody writes two bounds. */
function nextTo(bound: number): number {
  return Math.max(1, Math.abs(bound)) * 1e-9
}

function holdsIn(condition: Condition, trial: Trial): boolean {
  switch (condition.kind) {
    case "leaf":
      return leafHolds(condition, trial.get(subjectOf(condition)) ?? false)
    case "not":
      return !holdsIn(condition.of, trial)
    case "all":
      return condition.of.every((part) => holdsIn(part, trial))
    case "any":
      return condition.of.some((part) => holdsIn(part, trial))
  }
}

function leafHolds(leaf: Leaf, value: number | boolean): boolean {
  const { operator, operand, hours } = leaf
  if (hours && typeof value === "number") return isDuring({ ...hours, zone: "UTC" })(value + A_SUNDAY)
  if (!isOfValue(leaf)) return operator === "ne" ? value !== true : value === true
  switch (operator) {
    case "ne":
      return value !== operand
    case "lt":
      return Number(value) < Number(operand)
    case "lte":
      return Number(value) <= Number(operand)
    case "gt":
      return Number(value) > Number(operand)
    case "gte":
      return Number(value) >= Number(operand)
    case "in":
      return typeof operand === "object" && operand.includes(value)
    case "eq":
    case "contains":
    case "containsAny":
    case "startsWith":
    case "has":
    case "during":
    case "exists":
      return value === operand
  }
}

/** 1970-01-04, any of them. */
const A_SUNDAY = 72 * HOUR
