/**
 * The JSON schema of a condition, from the catalogue of fields. Written by hand: what checks a condition is code,
 * because code finds better words for what is wrong, and no library can turn code into a schema.
 */
import { DEPTH_MAX, LEAVES_MAX } from "@earshot/core/rule/condition"
import { FIELDS } from "@earshot/core/rule/field"
import type { Field } from "@earshot/core/rule/field-type"
import { CHOICES_MAX } from "@earshot/core/rule/leaf"
import { OPERATORS, TEXT_MAX } from "@earshot/core/rule/operand"
import { COUNTS, TIMES_MAX } from "@earshot/core/rule/pattern"
import { TIME_OF_DAY, WEEK } from "@earshot/core/wall-clock"
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

const HOURS: JsonSchema = {
  type: "object",
  required: ["zone"],
  additionalProperties: false,
  properties: {
    days: {
      type: "array",
      minItems: 1,
      maxItems: WEEK.length,
      uniqueItems: true,
      items: { type: "string", enum: [...WEEK] },
    },
    from: { type: "string", pattern: TIME_OF_DAY.source },
    until: {
      type: "string",
      pattern: TIME_OF_DAY.source,
      description: "Of the next day if it is not after from.",
    },
    zone: { type: "string", maxLength: 64, format: "iana-time-zone", examples: ["Europe/Berlin"] },
  },
}

const COUNT: JsonSchema = { type: "integer", minimum: 0, maximum: TIMES_MAX }

/** A length of weeks, days, hours, minutes and seconds; of so few digits that it is one which the parser takes, too. */
const DURATION = "^P(?=[0-9T])(\\d{1,3}W)?(\\d{1,4}D)?(T(?=\\d)(\\d{1,5}H)?(\\d{1,6}M)?(\\d{1,8}S)?)?$"

/** The objects of operators with what may stand beside them: first those with nothing beside them. */
function objectsOf(
  type: Field["type"],
  operators: Record<string, JsonSchema>,
  text: JsonSchema,
): JsonSchema[] {
  const object = (required: string[], parts: Record<string, JsonSchema>): JsonSchema => ({
    type: "object",
    ...(required.length > 0 ? { required } : { minProperties: 1 }),
    additionalProperties: false,
    properties: { ...operators, ...parts },
  })
  if (type === "string") {
    const wholeWords: JsonSchema = { type: "boolean", description: "Look for whole words only." }
    return [
      object([], {}),
      ...["contains", "containsAny"].map((name) => object([name, "wholeWords"], { wholeWords })),
    ]
  }
  if (type !== "texts") return [object([], {})]
  const counts = Object.fromEntries(COUNTS.map((operator) => [operator, COUNT]))
  const comparison: JsonSchema = {
    type: "object",
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
    properties: counts,
  }
  const times: JsonSchema = { anyOf: [COUNT, comparison], description: "How often: a number means exactly." }
  const then = { ...text, description: "What comes next after it, of the two." }
  const within: JsonSchema = {
    type: "string",
    pattern: DURATION,
    description: "From one to the other at most.",
  }
  return [
    object([], {}),
    object(["has", "times"], { times }),
    object(["has", "then"], { then, within, times }),
  ]
}

function fieldSchema({ type, about, source }: Field): JsonSchema {
  // Blank texts are refused; those of invisible signs are too, which no pattern says in a line.
  const text: JsonSchema = { type: "string", minLength: 1, maxLength: TEXT_MAX, pattern: "\\S" }
  const value: JsonSchema = type === "number" || type === "boolean" ? { type } : text
  const operators = OPERATORS[type].map((operator): [string, JsonSchema] => {
    if (operator === "exists") return [operator, { type: "boolean" }]
    if (operator === "during") return [operator, HOURS]
    if (operator === "in" || operator === "containsAny") {
      return [operator, { type: "array", minItems: 1, maxItems: CHOICES_MAX, items: value }]
    }
    return [operator, value]
  })
  return {
    description: source === "detail" ? `${about} Costs a detail request.` : about,
    anyOf: [...(type === "time" ? [] : [value]), ...objectsOf(type, Object.fromEntries(operators), text)],
  }
}
