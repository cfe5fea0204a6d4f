/** The OpenAPI document agrees with the client and the vendor's page: parameters, fields, examples. */
import { describe, expect, test } from "vitest"
import * as z from "zod"
import document from "../openapi.json" with { type: "json" }
import { Call, CallDetail, Pagination } from "./call.ts"
import { LIST_PARAMETERS } from "./client.ts"
import documentedDetail from "./documented-detail.json" with { type: "json" }
import documentedList from "./documented-list.json" with { type: "json" }

const list = document.paths["/calls"].get
const detail = document.paths["/calls/{callId}"].get

test("its examples are the vendor's, word for word", () => {
  const exampleOf = { list: list.responses["200"].content, detail: detail.responses["200"].content }
  expect(exampleOf.list["application/json"].examples.documented.value).toEqual(documentedList)
  expect(exampleOf.detail["application/json"].examples.documented.value).toEqual(documentedDetail)
})

test("its list has the parameters that the client knows, in the page's order", () => {
  expect(list.parameters.map(({ name }) => name)).toEqual([...LIST_PARAMETERS])
})

describe("its fields are those that the client reads, of the same types", () => {
  test.each([
    ["Call", Call],
    ["CallDetail", CallDetail],
    ["Pagination", Pagination],
  ] as const)("%s", (name, schema) => {
    // The document shows what the example's tool has; the client takes any JSON.
    const shown = fieldsOf(document.components.schemas[name])
    const read = shown.filter((field) => !field.includes(".toolData."))
    expect(read).toEqual(fieldsOf(z.toJSONSchema(schema)))
  })
})

test("any field of a call may be null or absent, except its id", () => {
  const names = [
    "Call",
    "CallDetail",
    "Agent",
    "TranscriptEntry",
    "Activity",
    "Metadata",
    "Sentiment",
    "Usage",
  ]
  const certain = names.flatMap((name) => {
    const schema = asSchema(schemas[name])
    const present = (schema.required ?? []).map((field) => `${name}.${field} is present`)
    const parts = partsOf(schema).map(([field, part]) => [field, resolve(part)] as const)
    const fixed = parts.filter(([, { type }]) => type !== undefined && ![type].flat().includes("null"))
    return [...present, ...fixed.map(([field]) => `${name}.${field} is not null`)]
  })
  expect(certain).toEqual(["Call.id is present", "Call.id is not null", "CallDetail.id is not null"])
})

test("every parameter, field and header is described", () => {
  const undescribed = Object.entries(document.components.schemas).flatMap(([name, schema]) =>
    partsOf(asSchema(schema))
      .filter(([, part]) => descriptionOf(part) === undefined)
      .map(([field]) => `${name}.${field}`),
  )
  expect(undescribed).toEqual([])
  const headers = Object.values(document.components.headers)
  for (const one of [...list.parameters, ...detail.parameters, ...headers]) {
    expect(one.description).toMatch(/^.{10,}\.$/)
  }
})

type Schema = {
  $ref?: string
  description?: string
  type?: string | string[]
  anyOf?: Schema[]
  allOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
}

const schemas: Record<string, unknown> = document.components.schemas

/** Each field with its path and its type, nested ones too. Whether it may be null is left out, since all may. */
function fieldsOf(schema: unknown, path = ""): string[] {
  const whole = resolve(asSchema(schema))
  const inside = partsOf(whole).flatMap(([name, part]) => fieldsOf(part, `${path}.${name}`))
  if (path === "") return inside.sort()
  const items = whole.items ? fieldsOf(whole.items, `${path}[]`) : []
  return [`${path} ${typeOf(whole)}`, ...inside, ...items]
}

/** The fields of an object, including those of its parts. */
function partsOf(schema: Schema): [string, Schema][] {
  const { properties = {}, allOf = [] } = resolve(schema)
  return [...allOf.flatMap(partsOf), ...Object.entries(properties)]
}

function resolve(schema: Schema): Schema {
  if (schema.$ref) return resolve(asSchema(schemas[schema.$ref.split("/").at(-1) ?? ""]))
  // This is how zod writes that something may be null.
  const [only, ...more] = (schema.anyOf ?? []).filter(({ type }) => type !== "null")
  return only && more.length === 0 ? resolve(only) : schema
}

function typeOf({ type = "any" }: Schema): string {
  const known = [type].flat().filter((one) => one !== "null")
  return known.map((one) => (one === "integer" ? "number" : one)).join("|")
}

function descriptionOf(schema: Schema): string | undefined {
  return schema.description ?? resolve(schema).description
}

function asSchema(value: unknown): Schema {
  return z.looseObject({}).parse(value)
}
