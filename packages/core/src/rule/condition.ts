/**
 * A rule's condition: what people write, checked when it is saved, and the tree it becomes. All fields named by an
 * object's keys must match; `all`, `any` and `not` combine conditions. A bare value means "equals".
 *
 *   { "flagged": true, "any": [{ "score": { "lte": 2 } }, { "sentiment.angry": { "gte": 0.5 } }] }
 */
import * as z from "zod"
import { FIELDS, fieldNamed } from "./field.ts"
import { type ConditionIssue, type Leaf, type ConditionReading, isObject, readLeaves } from "./leaf.ts"
import { nearestName } from "./spelling.ts"

/** Deeper or longer conditions are refused: nobody can read them, and each poll evaluates them for each call. */
export const DEPTH_MAX = 5

export const LEAVES_MAX = 50

/** At most this many issues are reported: nobody reads more. */
const ISSUES_MAX = 20

export type Condition =
  | Leaf
  | { kind: "all"; of: readonly Condition[] }
  | { kind: "any"; of: readonly Condition[] }
  | { kind: "not"; of: Condition }

/**
 * The tree of a condition, or everything that is wrong with it. One that is stored may have a text of nothing but spaces,
 * which older versions accepted: it matches nothing, and the rest of the condition still counts.
 */
export function parseCondition(
  input: unknown,
  { isStored = false } = {},
): { ok: true; condition: Condition } | { ok: false; issues: ConditionIssue[] } {
  const reading: ConditionReading = { issues: [], leaves: 0, read: 0, isStored }
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
  reading: ConditionReading,
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
function isHopeless({ issues, leaves }: ConditionReading): boolean {
  return leaves > LEAVES_MAX || issues.length >= ISSUES_MAX
}

function readKey(
  reading: ConditionReading,
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
  reading: ConditionReading,
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
  const leaves = readLeaves(reading, field, value, path)
  const [only] = leaves
  return leaves.length === 1 && only ? only : { kind: "all", of: leaves }
}

/** Suggests the nearest field, because most unknown fields are misspelt ones. */
function unknownField(name: string): string {
  const fields = FIELDS.map((field) => field.name)
  const near = nearestName(name, [...fields, "all", "any", "not"])
  return near
    ? `is not a known field; did you mean ${near}?`
    : `is not a known field; the fields are ${fields.join(", ")}, and all, any, not`
}
