/**
 * A rule's condition: what people write, checked when it is saved, and the tree it becomes. All fields named by an
 * object's keys must match; `all`, `any` and `not` combine conditions. A bare value means "equals".
 *
 *   { "flagged": true, "any": [{ "score": { "lte": 2 } }, { "sentiment.angry": { "gte": 0.5 } }] }
 */
import * as z from "zod"
import { FIELDS, type Field, type FieldType, fieldNamed } from "./field.ts"
import { type Decide, decideLeaf } from "./leaf-truth.ts"
import { type Asked, type Operator, type Scalar, foldOperand, isScalarOf, scalarText } from "./operand.ts"
import { nearestName } from "./spelling.ts"

/** Deeper or longer conditions are refused: nobody can read them, and each poll evaluates them for each call. */
export const DEPTH_MAX = 5

export const LEAVES_MAX = 50

export const CHOICES_MAX = 50

/** At most this many issues are reported: nobody reads more. */
const ISSUES_MAX = 20

export type Leaf = Asked & {
  kind: "leaf"
  /** Where it stands in the condition as people wrote it, and how many comparisons stand before it. */
  path: readonly (string | number)[]
  index: number
  /** What it says of a call. */
  decide: Decide
}

export type Condition =
  | Leaf
  | { kind: "all"; of: readonly Condition[] }
  | { kind: "any"; of: readonly Condition[] }
  | { kind: "not"; of: Condition }

export const OPERATORS: Record<FieldType, readonly Operator[]> = {
  number: ["eq", "ne", "lt", "lte", "gt", "gte", "in", "exists"],
  string: ["eq", "ne", "in", "contains", "startsWith", "exists"],
  boolean: ["eq", "ne", "exists"],
  texts: ["contains", "exists"],
}

/** What is wrong with a condition, and where: `path` leads from the condition to the mistake. */
export type ConditionIssue = { path: (string | number)[]; message: string }

type Reading = { issues: ConditionIssue[]; leaves: number; read: number; isStored: boolean }

/**
 * The tree of a condition, or everything that is wrong with it. One that is stored may have a text of nothing but spaces,
 * which older versions accepted: it matches nothing, and the rest of the condition still counts.
 */
export function parseCondition(
  input: unknown,
  { isStored = false } = {},
): { ok: true; condition: Condition } | { ok: false; issues: ConditionIssue[] } {
  const reading: Reading = { issues: [], leaves: 0, read: 0, isStored }
  const condition = readNode(reading, input, [], 1)
  if (reading.leaves > LEAVES_MAX) {
    reading.issues.push({ path: [], message: `has more than ${LEAVES_MAX} comparisons` })
  }
  if (!condition || reading.issues.length > 0) return { ok: false, issues: reading.issues }
  return { ok: true, condition }
}

/** The same as a schema: keeps the JSON as written and reports every issue with its path. */
export const When = z.record(z.string(), z.unknown()).superRefine((input, context) => {
  const parsed = parseCondition(input)
  if (parsed.ok) return
  for (const issue of parsed.issues) {
    context.addIssue({ code: "custom", path: issue.path, message: issue.message })
  }
})

export type When = z.infer<typeof When>

function readNode(
  reading: Reading,
  input: unknown,
  path: (string | number)[],
  depth: number,
): Condition | undefined {
  const fail = (message: string) => {
    reading.issues.push({ path, message })
    return undefined
  }
  if (!isObject(input)) return fail('must be an object such as {"flagged": true}')
  if (depth > DEPTH_MAX) return fail(`is nested deeper than ${DEPTH_MAX} levels`)
  const keys = Object.keys(input)
  if (keys.length === 0) return fail('is empty: name at least one field, such as {"flagged": true}')
  const parts: Condition[] = []
  for (const key of keys) {
    const part = readKey(reading, key, input[key], [...path, key], depth)
    if (part) parts.push(part)
    if (isHopeless(reading)) break
  }
  const [only] = parts
  return parts.length === 1 && only ? only : { kind: "all", of: parts }
}

/** A hostile condition is not worth reading to the end. */
function isHopeless({ issues, leaves }: Reading): boolean {
  return leaves > LEAVES_MAX || issues.length >= ISSUES_MAX
}

function readKey(
  reading: Reading,
  key: string,
  value: unknown,
  path: (string | number)[],
  depth: number,
): Condition | undefined {
  switch (key) {
    case "not": {
      const of = readNode(reading, value, path, depth + 1)
      return of && { kind: "not", of }
    }
    case "all":
    case "any": {
      if (!Array.isArray(value) || value.length === 0) {
        reading.issues.push({ path, message: "must be a list of at least one condition" })
        return undefined
      }
      const of: Condition[] = []
      for (const [index, item] of value.entries()) {
        const part = readNode(reading, item, [...path, index], depth + 1)
        if (part) of.push(part)
        if (isHopeless(reading)) break
      }
      return { kind: key, of }
    }
    default:
      return readField(reading, key, value, path)
  }
}

function readField(
  reading: Reading,
  name: string,
  value: unknown,
  path: (string | number)[],
): Condition | undefined {
  reading.leaves++
  const field = fieldNamed(name)
  if (!field) {
    reading.issues.push({ path, message: unknownField(name) })
    return undefined
  }
  if (!isObject(value))
    return readOperator(reading, field, field.type === "texts" ? "contains" : "eq", value, path)
  const operators = Object.entries(value)
  if (operators.length === 0) {
    reading.issues.push({ path, message: `needs an operator: ${OPERATORS[field.type].join(", ")}` })
  }
  const leaves = operators.slice(0, 10).flatMap(([operator, operand], index) => {
    if (index > 0) reading.leaves++
    const leaf = readOperator(reading, field, operator, operand, [...path, operator])
    return leaf ? [leaf] : []
  })
  const [only] = leaves
  return leaves.length === 1 && only ? only : { kind: "all", of: leaves }
}

function readOperator(
  reading: Reading,
  field: Field,
  name: string,
  operand: unknown,
  path: (string | number)[],
): Leaf | undefined {
  const fail = (message: string) => {
    reading.issues.push({ path, message })
    return undefined
  }
  const operator = OPERATORS[field.type].find((known) => known === name)
  if (!operator) return fail(`${field.name} is a ${typeText(field)}; use ${OPERATORS[field.type].join(", ")}`)
  if (operator === "exists") {
    if (typeof operand !== "boolean") return fail("exists takes true or false")
    return readLeaf(reading, { field, operator, operand }, path)
  }
  if (operator === "in") {
    if (!Array.isArray(operand) || operand.length === 0 || operand.length > CHOICES_MAX) {
      return fail(`in takes a list of 1 to ${CHOICES_MAX} values`)
    }
    const choices = operand.filter((choice): choice is Scalar => isScalarOf(field, choice))
    if (choices.length < operand.length) return fail(`in takes values that are each ${scalarText(field)}`)
    return readLeaf(reading, { field, operator, operand: choices }, path)
  }
  if (!isScalarOf(field, operand)) return fail(`${field.name} must be compared with ${scalarText(field)}`)
  return readLeaf(reading, { field, operator, operand }, path)
}

/** A rule may name a thing by another word than the vendor's page does. */
function meant(field: Field, operator: Operator, operand: Leaf["operand"]): Leaf["operand"] {
  const { meant: wordMeant } = field
  const isPart = operator === "startsWith" || (operator === "contains" && field.type === "string")
  if (!wordMeant || isPart) return operand
  const one = (word: Scalar) => (typeof word === "string" ? wordMeant(word) : word)
  return typeof operand === "object" ? operand.map(one) : one(operand)
}

/** The comparison with its texts folded, once and not for each call. */
function readLeaf(
  reading: Reading,
  read: Pick<Leaf, "field" | "operator" | "operand">,
  path: (string | number)[],
): Leaf | undefined {
  const { field, operator } = read
  const operand = meant(field, operator, read.operand)
  const folded = foldOperand(operand, { isPart: operator === "contains" && field.type === "string" })
  const asked = { field, operator, operand, folded }
  if (reading.isStored || !folded.includes("")) {
    return { kind: "leaf", ...asked, path, index: reading.read++, decide: decideLeaf(asked) }
  }
  reading.issues.push({ path, message: "must have something to see: it is blank or made of invisible signs" })
  return undefined
}

function typeText(field: Field): string {
  return field.type === "texts" ? "list of texts" : field.type
}

/** Suggests the nearest field, because most unknown fields are misspelt ones. */
function unknownField(name: string): string {
  const fields = FIELDS.map((field) => field.name)
  const near = nearestName(name, [...fields, "all", "any", "not"])
  return near
    ? `is not a known field; did you mean ${near}?`
    : `is not a known field; the fields are ${fields.join(", ")}, and all, any, not`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
