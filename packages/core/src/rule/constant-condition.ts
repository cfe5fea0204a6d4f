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
  const subjects = new Map<Leaf, string>()
  for (const leaf of leavesIn(condition)) {
    const subject = subjectOf(leaf)
    const known = choices.get(subject) ?? new Set()
    for (const value of valuesFor(leaf)) known.add(value)
    choices.set(subject, known)
    subjects.set(leaf, subject)
  }
  const count = [...choices.values()].reduce((product, { size }) => product * size, 1)
  if (count === 0 || count > TRIALS_MAX) return null
  let answer: boolean | null = null
  for (const trial of trialsOf([...choices].map(([subject, values]) => [subject, [...values]]))) {
    const holds = holdsIn(condition, { trial, subjects })
    if (answer !== null && holds !== answer) return null
    answer = holds
  }
  return answer
}

type Choice = readonly [string, readonly (number | boolean)[]]

/**
 * Every combination, in one map that is changed from one to the next. Most conditions hold of some call and not of another, which a few
 * that are far from each other show: those come first.
 */
function* trialsOf(choices: readonly Choice[]): Generator<Trial> {
  const trial = new Map<string, number | boolean>()
  for (let probe = 0; probe < PROBES; probe++) {
    choices.forEach(([subject, values], index) => {
      const at = (probe >> (index % 3)) % values.length
      trial.set(subject, values[at] ?? false)
    })
    yield trial
  }
  yield* combinationsOf(choices, trial)
}

const PROBES = 8

function* combinationsOf(
  [first, ...others]: readonly Choice[],
  trial: Map<string, number | boolean>,
): Generator<Trial> {
  if (!first) {
    yield trial
    return
  }
  for (const value of first[1]) {
    trial.set(first[0], value)
    yield* combinationsOf(others, trial)
  }
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

type Tried = { trial: Trial; subjects: ReadonlyMap<Leaf, string> }

function holdsIn(condition: Condition, tried: Tried): boolean {
  switch (condition.kind) {
    case "leaf":
      return leafHolds(condition, tried.trial.get(tried.subjects.get(condition) ?? "") ?? false)
    case "not":
      return !holdsIn(condition.of, tried)
    case "all":
      return condition.of.every((part) => holdsIn(part, tried))
    case "any":
      return condition.of.some((part) => holdsIn(part, tried))
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
