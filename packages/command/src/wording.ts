/**
 * What an option takes, in words: read from its schema, so that the usage, the messages and the check cannot differ.
 * Pure: schema in, text out.
 */
import { closestMatch } from "leven"
import * as z from "zod"

/** What is asked of a schema's own description as JSON Schema. */
const Property = z.object({
  type: z.enum(["boolean", "number", "integer", "string", "array"]),
  description: z.string().default(""),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
})

type Property = z.infer<typeof Property>

const Shape = z.record(z.string(), Property.extend({ items: Property.optional() }))

export type Option = Property & {
  /** The key in the schema, such as `exampleOnly`. */
  key: string
  /** As people type it, such as `--example-only`. */
  flag: string
  /** May be given several times. */
  isList: boolean
}

/** The options of a schema, in its order. Throws if it has a type that no command line can carry. */
export function optionsOf(schema: z.ZodObject): Option[] {
  const { properties } = z.toJSONSchema(schema, { io: "input" })
  return Object.entries(Shape.parse(properties)).map(([key, { items, ...property }]) => ({
    ...property,
    ...(items && { ...items, description: property.description, default: property.default }),
    key,
    flag: `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    isList: property.type === "array",
  }))
}

/** `a number above 0 and at most 3650`, `one of calm, stress`, `a text that is not empty`. */
export function expectation(option: Option): string {
  if (option.enum) return `one of ${option.enum.join(", ")}`
  if (option.type === "string") return "a text that is not empty"
  const bounds = boundsOf(option)
  return `a ${option.type === "integer" ? "whole number" : "number"}${bounds && ` ${bounds}`}`
}

/** Empty if every number of its type will do. */
function boundsOf(option: Option): string {
  const { exclusiveMinimum: above, exclusiveMaximum: below } = option
  const min = named(option.minimum)
  const max = named(option.maximum)
  if (min !== undefined && max !== undefined) return `from ${min} to ${max}`
  return [
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(min === undefined ? [] : [`from ${min} up`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ].join(" and ")
}

/** A whole number is bounded by what a double can count to, which is worth no word. */
function named(bound: number | undefined): number | undefined {
  return bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound
}

/** What stands for the value in the usage. */
export function placeholder(option: Option): string {
  if (option.type === "boolean") return ""
  return option.enum ? "<name>" : option.type === "string" ? "<text>" : "<number>"
}

/** A value that would be right, to show how an option is written. */
export function exampleValue(option: Option): string {
  const byDefault: unknown = Array.isArray(option.default) ? option.default[0] : option.default
  if (typeof byDefault === "string" || typeof byDefault === "number") return String(byDefault)
  return option.enum?.[0] ?? (option.minimum === undefined ? placeholder(option) : String(option.minimum))
}

/** No longer than a line of a message can bear. */
const QUOTED_MAX = 40

/** What somebody typed, in quotes: one line, bounded, nothing that could move a terminal's cursor or turn its text around. */
export function quote(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const plain = text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, "?")
  const characters = Array.from(plain)
  return `"${characters.length > QUOTED_MAX ? `${characters.slice(0, QUOTED_MAX).join("")}…` : plain}"`
}

/** More slips than that, and it is another word. */
const SLIPS_MAX = 3

/** The name that somebody probably meant, misspelt or cut short; null if none is near. */
export function nearest(word: string, names: readonly string[]): string | null {
  const meant = word.slice(0, 2 * QUOTED_MAX).toLowerCase()
  const letters = meant.replace(/^-+/, "").length
  const maxDistance = Math.min(SLIPS_MAX, Math.floor(letters / 2))
  if (maxDistance === 0) return null
  const begun = letters > SLIPS_MAX ? names.find((name) => name.toLowerCase().startsWith(meant)) : undefined
  return closestMatch(meant, names, { maxDistance }) ?? begun ?? null
}
