/** What a condition's fields may be compared with, and the form in which its texts are compared. */
import { fold, foldWithin } from "../fold.ts"
import type { Field, FieldType } from "./field-type.ts"
import type { Hours } from "./local-time.ts"
import type { Pattern } from "./pattern.ts"

export const TEXT_MAX = 200

export type Scalar = string | number | boolean

export type Operator =
  | "eq"
  | "ne"
  | "lt"
  | "lte"
  | "gt"
  | "gte"
  | "in"
  | "contains"
  | "containsAny"
  | "startsWith"
  | "has"
  | "during"
  | "exists"

export const OPERATORS: Record<FieldType, readonly Operator[]> = {
  number: ["eq", "ne", "lt", "lte", "gt", "gte", "in", "exists"],
  string: ["eq", "ne", "in", "contains", "containsAny", "startsWith", "exists"],
  boolean: ["eq", "ne", "exists"],
  texts: ["contains", "containsAny", "has", "exists"],
  time: ["during", "exists"],
}

/** What one comparison asks. */
export type Asked = {
  field: Field
  operator: Operator
  operand: Scalar | readonly Scalar[]
  /** The texts of the operand as they are compared. An empty one is like nothing. */
  folded: readonly string[]
  /** `contains` and `containsAny` look for whole words only. */
  isWholeWords: boolean
  /** What `has` looks for. */
  pattern: Pattern | null
  /** What `during` asks for. */
  hours: Hours | null
}

export function isScalarOf(field: Field, value: unknown): value is Scalar {
  switch (field.type) {
    case "number":
      return typeof value === "number" && Number.isFinite(value)
    case "boolean":
      return typeof value === "boolean"
    case "time":
      return false
    case "string":
    case "texts":
      return typeof value === "string" && value.length > 0 && value.length <= TEXT_MAX
  }
}

export function scalarText(field: Field): string {
  switch (field.type) {
    case "number":
      return "a number"
    case "boolean":
      return "true or false"
    case "time":
      return "hours"
    case "string":
    case "texts":
      return `text of 1 to ${TEXT_MAX} characters`
  }
}

/**
 * The texts of an operand as they are compared; an empty one stands for a text in which there is nothing to see. `isPart`:
 * they are looked for within a longer text, so that a space at either end counts.
 */
export function foldOperand(operand: Scalar | readonly Scalar[], { isPart }: { isPart: boolean }): string[] {
  const choices: readonly Scalar[] = typeof operand === "object" ? operand : [operand]
  return choices.flatMap((choice) => {
    if (typeof choice !== "string") return []
    const folded = fold(choice)
    return [isPart && folded !== "" ? foldWithin(choice) : folded]
  })
}
