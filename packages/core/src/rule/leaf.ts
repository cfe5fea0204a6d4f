/**
 * The comparisons of one field, as a rule names them: `{"gte": 10, "lt": 60}`. Each is checked, and made ready to be asked of
 * every call. Some operators have parts beside them: `then`, `within` and `times` belong to `has`, `wholeWords` to `contains`.
 */
import { durationOf } from "../instant.ts"
import type { Field } from "./field-type.ts"
import { type Decide, decideLeaf } from "./leaf-truth.ts"
import { HOURS_EXAMPLE, hoursText, readHours } from "./local-time.ts"
import {
  type Asked,
  OPERATORS,
  type Operator,
  type Scalar,
  foldOperand,
  isScalarOf,
  scalarText,
} from "./operand.ts"
import { type Pattern, patternText, readTimes } from "./pattern.ts"

export const CHOICES_MAX = 50

export type Leaf = Asked & {
  kind: "leaf"
  /** Where it stands in the condition as people wrote it, and how many comparisons stand before it. */
  path: readonly (string | number)[]
  index: number
  /** What it says of a call. */
  decide: Decide
}

/** What is wrong with a condition, and where: `path` leads from the condition to the mistake. */
export type ConditionIssue = { path: (string | number)[]; message: string }

/** `leaves` counts what is written, `read` what is understood. */
export type ConditionReading = { issues: ConditionIssue[]; leaves: number; read: number; isStored: boolean }

type Path = (string | number)[]

/** More are not read: no field has as many operators. */
const OPERATORS_MAX = 10

/** What stands beside which operators. */
const PARTS = new Map<string, readonly Operator[]>([
  ["then", ["has"]],
  ["within", ["has"]],
  ["times", ["has"]],
  ["wholeWords", ["contains", "containsAny"]],
])

export function readLeaves(reading: ConditionReading, field: Field, value: unknown, path: Path): Leaf[] {
  if (!isObject(value)) {
    if (field.type === "time") {
      reading.issues.push({ path, message: `is a time: write {"during": ${HOURS_EXAMPLE}}` })
      return []
    }
    const leaf = readOperator(reading, field, field.type === "texts" ? "contains" : "eq", value, path, {})
    return leaf ? [leaf] : []
  }
  const entries = Object.entries(value).slice(0, OPERATORS_MAX)
  const isPart = ([name]: [string, unknown]) =>
    PARTS.has(name) && (field.type === "string" || field.type === "texts")
  const parts = Object.fromEntries(entries.filter(isPart))
  const operators = entries.filter((entry) => !isPart(entry))
  if (operators.length === 0) {
    reading.issues.push({ path, message: `needs an operator: ${OPERATORS[field.type].join(", ")}` })
  }
  for (const name of Object.keys(parts)) {
    const of = PARTS.get(name) ?? []
    if (operators.length > 0 && !operators.some(([operator]) => of.some((known) => known === operator))) {
      reading.issues.push({ path: [...path, name], message: `stands beside ${of.join(" or ")} only` })
    }
  }
  return operators.flatMap(([operator, operand], index) => {
    if (index > 0) reading.leaves++
    const leaf = readOperator(reading, field, operator, operand, [...path, operator], parts)
    return leaf ? [leaf] : []
  })
}

function readOperator(
  reading: ConditionReading,
  field: Field,
  name: string,
  operand: unknown,
  path: Path,
  parts: Record<string, unknown>,
): Leaf | undefined {
  const fail = (message: string) => {
    reading.issues.push({ path, message })
    return undefined
  }
  const operator = OPERATORS[field.type].find((known) => known === name)
  if (!operator) return fail(`${field.name} is a ${typeText(field)}; use ${OPERATORS[field.type].join(", ")}`)
  const asked = { ...PLAIN, field, operator }
  switch (operator) {
    case "exists":
      if (typeof operand !== "boolean") return fail("exists takes true or false")
      return readLeaf(reading, { ...asked, operand }, path)
    case "during":
      return readDuring(reading, { ...asked, operand: "" }, operand, path)
    case "has":
      return readHas(reading, field, operand, path, parts)
    case "in":
    case "containsAny": {
      if (!Array.isArray(operand) || operand.length === 0 || operand.length > CHOICES_MAX) {
        return fail(`${operator} takes a list of 1 to ${CHOICES_MAX} values`)
      }
      const choices = operand.filter((choice): choice is Scalar => isScalarOf(field, choice))
      if (choices.length < operand.length)
        return fail(`${operator} takes values that are each ${scalarText(field)}`)
      return readLeaf(
        reading,
        { ...asked, operand: choices, ...wholeWords(reading, field, operator, parts, path) },
        path,
      )
    }
    case "eq":
    case "ne":
    case "lt":
    case "lte":
    case "gt":
    case "gte":
    case "contains":
    case "startsWith":
      if (!isScalarOf(field, operand)) return fail(`${field.name} must be compared with ${scalarText(field)}`)
      return readLeaf(
        reading,
        { ...asked, operand, ...wholeWords(reading, field, operator, parts, path) },
        path,
      )
  }
}

const PLAIN = { folded: [], isWholeWords: false, pattern: null, hours: null }

function wholeWords(
  reading: ConditionReading,
  field: Field,
  operator: Operator,
  parts: Record<string, unknown>,
  path: Path,
): { isWholeWords: boolean } {
  const asked = parts["wholeWords"]
  const isOfIt = operator === "contains" || operator === "containsAny"
  if (asked === undefined || !isOfIt) return { isWholeWords: false }
  const isRight = typeof asked === "boolean" && field.type === "string"
  const wrong =
    field.type === "string" ? "takes true or false" : "is for texts: an item of a list is compared whole"
  if (!isRight) reading.issues.push({ path: [...path.slice(0, -1), "wholeWords"], message: wrong })
  return { isWholeWords: isRight && asked }
}

function readDuring(reading: ConditionReading, asked: Asked, operand: unknown, path: Path): Leaf | undefined {
  const read = readHours(operand)
  if ("hours" in read) {
    return readLeaf(reading, { ...asked, operand: hoursText(read.hours), hours: read.hours }, path)
  }
  for (const { key, message } of read.issues) {
    reading.issues.push({ path: key === "" ? path : [...path, key], message })
  }
  return undefined
}

function readHas(
  reading: ConditionReading,
  field: Field,
  operand: unknown,
  path: Path,
  { then, within, times }: Record<string, unknown>,
): Leaf | undefined {
  const before = reading.issues.length
  const beside = (name: string, message: string) =>
    reading.issues.push({ path: [...path.slice(0, -1), name], message })
  const one = (name: string, value: unknown): string => {
    const isText = typeof value === "string" && isScalarOf(field, value)
    const meant = isText ? (field.meant?.(value) ?? value) : ""
    if (!isText) beside(name, `must be ${scalarText(field)}`)
    else if (foldOperand(meant, { isPart: false }).includes("")) beside(name, BLANK)
    return meant
  }
  const has = one("has", operand)
  const next = then === undefined ? null : one("then", then)
  const isDuration = typeof within === "string" && durationOf(within) !== undefined
  if (within !== undefined && !isDuration) beside("within", "must be an ISO 8601 duration such as PT20S")
  if (within !== undefined && then === undefined) beside("within", "needs then: from what to what?")
  const count = times === undefined ? null : readTimes(times)
  if (typeof count === "string") beside("times", count)
  if (reading.issues.length > before || typeof count === "string") return undefined
  const pattern: Pattern = {
    has,
    then: next,
    within: typeof within === "string" ? within : null,
    times: count,
  }
  return readLeaf(reading, { ...PLAIN, field, operator: "has", operand: patternText(pattern), pattern }, path)
}

/** A rule may name a thing by another word than the vendor's page does. */
function meant({ field, operator, operand }: Asked): Leaf["operand"] {
  const { meant: wordMeant } = field
  const isPart = operator === "startsWith" || (isSought(operator) && field.type === "string")
  if (!wordMeant || isPart) return operand
  const one = (word: Scalar) => (typeof word === "string" ? wordMeant(word) : word)
  return typeof operand === "object" ? operand.map(one) : one(operand)
}

function isSought(operator: Operator): boolean {
  return operator === "contains" || operator === "containsAny"
}

const BLANK = "must have something to see: it is blank or made of invisible signs"

/** The comparison with its texts folded, once and not for each call. */
function readLeaf(reading: ConditionReading, read: Asked, path: Path): Leaf | undefined {
  const { field, operator } = read
  const operand = meant(read)
  const isPart = isSought(operator) && field.type === "string"
  const folded = operator === "has" || operator === "during" ? [] : foldOperand(operand, { isPart })
  const asked = { ...read, operand, folded }
  if (reading.isStored || !folded.includes("")) {
    return { kind: "leaf", ...asked, path, index: reading.read++, decide: decideLeaf(asked) }
  }
  reading.issues.push({ path, message: BLANK })
  return undefined
}

function typeText(field: Field): string {
  return field.type === "texts" ? "list of texts" : field.type
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
