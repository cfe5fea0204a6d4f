/**
 * The JSON schema of a condition, from the catalogue of fields. Written by hand: what checks a condition is code,
 * because code finds better words for what is wrong, and no library can turn code into a schema.
 */
import { CHOICES_MAX, DEPTH_MAX, LEAVES_MAX, OPERATORS } from "@earshot/core/rule/condition"
import { TEXT_MAX } from "@earshot/core/rule/operand"
import { FIELDS, type Field } from "@earshot/core/rule/field"
import type { z } from "zod"

type JsonSchema = z.core.JSONSchema.BaseSchema

/** `self` is where the document keeps this schema, which contains itself. */
export function conditionSchema(self: string): JsonSchema {
  const inner: JsonSchema = { $ref: self }
  return {
    type: "object",
    description:
      "Keys are fields, and all of them must hold; all, any and not combine conditions. A bare value means equal. " +
      `At most ${LEAVES_MAX} comparisons on ${DEPTH_MAX} levels.`,
    minProperties: 1,
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(FIELDS.map((field) => [field.name, fieldSchema(field)])),
      all: { type: "array", minItems: 1, items: inner, description: "Every one of these holds." },
      any: { type: "array", minItems: 1, items: inner, description: "At least one of these holds." },
      not: { ...inner, description: "This does not hold." },
    },
    examples: [{ flagged: true }, { any: [{ score: { lte: 2 } }, { "sentiment.angry": { gte: 0.5 } }] }],
  }
}

function fieldSchema({ type, about, source }: Field): JsonSchema {
  // Blank texts are refused; those of invisible signs are too, which no pattern says in a line.
  const text: JsonSchema = { type: "string", minLength: 1, maxLength: TEXT_MAX, pattern: "\\S" }
  const value: JsonSchema = type === "number" || type === "boolean" ? { type } : text
  const operators = OPERATORS[type].map((operator): [string, JsonSchema] => {
    if (operator === "exists") return [operator, { type: "boolean" }]
    if (operator === "in") {
      return [operator, { type: "array", minItems: 1, maxItems: CHOICES_MAX, items: value }]
    }
    return [operator, value]
  })
  return {
    description: source === "detail" ? `${about} Costs a detail request.` : about,
    anyOf: [
      value,
      {
        type: "object",
        minProperties: 1,
        additionalProperties: false,
        properties: Object.fromEntries(operators),
      },
    ],
  }
}
