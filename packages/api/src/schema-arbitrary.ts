/** For tests: values that a JSON schema of the description allows, and values that are nearly so. */
import fc from "fast-check"
import * as z from "zod"

const Schema = z.record(z.string(), z.unknown())

type Schema = z.infer<typeof Schema>

const Schemas = z.array(Schema)

const Options = z.array(z.unknown())

const ODD = fc.constantFrom<unknown>(
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  "",
  " ",
  "x",
  "é",
  "\u0000",
  "“nachts”",
  "x".repeat(5000),
  [],
  {},
  [[]],
  { a: {} },
)

/** Allowed values; `odd`: with so many of a hundred parts replaced by something else, or keys added. */
export function arbitraryOf(
  schema: unknown,
  components: Record<string, Schema>,
  { odd = 0, depth = 4 } = {},
): fc.Arbitrary<unknown> {
  const right = rightOf(Schema.catch({}).parse(schema), components, { odd, depth })
  return odd === 0
    ? right
    : fc.oneof({ weight: 100 - odd, arbitrary: right }, { weight: odd, arbitrary: ODD })
}

function rightOf(
  schema: Schema,
  components: Record<string, Schema>,
  how: { odd: number; depth: number },
): fc.Arbitrary<unknown> {
  const { $ref, type } = schema
  const inner = { ...how, depth: how.depth - 1 }
  if (typeof $ref === "string")
    return rightOf(components[$ref.split("/").at(-1) ?? ""] ?? {}, components, how)
  if ("const" in schema) return fc.constant(schema["const"])
  const choices = Options.safeParse(schema["enum"]).data
  if (choices) return fc.constantFrom(...choices)
  const either = Schemas.safeParse(schema["anyOf"] ?? schema["oneOf"]).data
  if (either) {
    const shallow = how.depth > 0 ? either : either.filter((one) => one["type"] !== "object")
    return fc.oneof(
      ...(shallow.length > 0 ? shallow : either).map((one) => arbitraryOf(one, components, inner)),
    )
  }
  if (Array.isArray(type))
    return fc.oneof(...type.map((one) => rightOf({ ...schema, type: one }, components, how)))
  if (type === "null") return fc.constant(null)
  if (type === "boolean") return fc.boolean()
  if (type === "integer" || type === "number") return numberOf(schema)
  if (type === "string") return textOf(schema)
  if (type === "array") return listOf(schema, components, inner)
  if (type === "object") return objectOf(schema, components, inner)
  return fc.jsonValue({ maxDepth: 1 })
}

const numberIn = (schema: Schema, name: string, otherwise: number) =>
  z.number().catch(otherwise).parse(schema[name])

function numberOf(schema: Schema): fc.Arbitrary<number> {
  const [min, max] = [numberIn(schema, "minimum", -1000), numberIn(schema, "maximum", 1000)]
  if (schema["type"] === "integer") return fc.integer({ min, max: Math.min(max, 2 ** 31) })
  return fc.double({ min, max, noNaN: true })
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  const [minLength, maxLength] = [numberIn(schema, "minLength", 0), numberIn(schema, "maxLength", 40)]
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength
  const { pattern, format } = schema
  if (format === "iana-time-zone") return fc.constantFrom("Europe/Berlin", "America/New_York", "UTC")
  if (format === "date-time") return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  if (typeof pattern === "string" && pattern !== "\\S") {
    return textLike(pattern).filter(fits)
  }
  const text = fc.string({ minLength, maxLength: Math.min(maxLength, 40) })
  return pattern === "\\S" ? text.filter((one) => /[!-~]/.test(one)) : text
}

/** Kept, because a generator of texts that match is as expensive to make as a thousand texts. */
const texts = new Map<string, fc.Arbitrary<string>>()

function textLike(pattern: string): fc.Arbitrary<string> {
  const known = texts.get(pattern)
  if (known) return known
  const whole = new RegExp(pattern)
  // The generator knows no lookahead.
  const plain = fc.stringMatching(new RegExp(pattern.replaceAll(/\(\?[=!][^)]*\)/g, "")))
  const made = plain.filter((one) => whole.test(one))
  texts.set(pattern, made)
  return made
}

function listOf(schema: Schema, components: Record<string, Schema>, how: { odd: number; depth: number }) {
  const minLength = numberIn(schema, "minItems", 0)
  const maxLength = Math.max(minLength, Math.min(numberIn(schema, "maxItems", 3), 3))
  const item = arbitraryOf(schema["items"], components, how)
  const isUnique = schema["uniqueItems"] === true
  return isUnique
    ? fc.uniqueArray(item, { minLength, maxLength, selector: (one) => JSON.stringify(one) })
    : fc.array(item, { minLength, maxLength })
}

function objectOf(
  schema: Schema,
  components: Record<string, Schema>,
  how: { odd: number; depth: number },
): fc.Arbitrary<unknown> {
  const properties = Schema.catch({}).parse(schema["properties"])
  const required = z.array(z.string()).catch([]).parse(schema["required"])
  const names = Object.keys(properties).filter(
    (name) => how.depth > 0 || !["all", "any", "not"].includes(name),
  )
  const optional = names.filter((name) => !required.includes(name))
  const least = Math.max(0, numberIn(schema, "minProperties", 0) - required.length)
  const chosen = fc.subarray(optional, {
    minLength: Math.min(least, optional.length),
    maxLength: Math.min(optional.length, Math.max(least, 3)),
  })
  const extra = fc.option(fc.constantFrom("extra", "constructor", "toString", "0", "é"), {
    freq: how.odd === 0 ? 1e9 : 10,
  })
  return fc.tuple(chosen, extra).chain(([some, more]) => {
    const parts = [...required, ...some].map((name) =>
      arbitraryOf(properties[name], components, how).map((value) => [name, value] as const),
    )
    return fc
      .tuple(...parts)
      .map((entries) =>
        Object.fromEntries([...entries, ...(more !== null && how.odd > 0 ? [[more, 1] as const] : [])]),
      )
  })
}
