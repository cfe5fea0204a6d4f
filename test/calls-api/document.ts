/**
 * The OpenAPI document of the vendor's Calls API, as the tests read it: its parameters, answers and headers, and
 * the narrow reading of it, by which nothing is left out and nothing is added.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const DOCUMENT_PATH = fileURLToPath(new URL("../../packages/calls-api/openapi.json", import.meta.url))

export type Schema = {
  $ref?: string
  type?: string | string[]
  format?: string
  enum?: string[]
  minimum?: number
  maximum?: number
  default?: string | number
  description?: string
  anyOf?: Schema[]
  allOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean
}

export type Parameter = {
  name: string
  in: "query" | "path"
  schema: Schema
  example?: string | number
}

export type Header = { $ref?: string; required?: boolean; schema?: Schema }

type Media = { schema: Schema; example?: unknown; examples?: Record<string, { value: unknown }> }

export type Answer = {
  $ref?: string
  headers?: Record<string, Header>
  content?: Record<string, Media>
}

export type Operation = {
  operationId: string
  parameters: Parameter[]
  responses: Record<string, Answer>
}

export type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

export const document: Document = JSON.parse(readFileSync(DOCUMENT_PATH, "utf8"))

/** What a `$ref` stands for, or the thing itself. Throws if it leads nowhere. */
export function resolve<Part extends { $ref?: string }>(part: Part): Part {
  if (part.$ref === undefined) return part
  let found: unknown = document
  for (const name of part.$ref.replace("#/", "").split("/")) found = valueAt(found, name)
  if (typeof found !== "object" || found === null) throw new Error(`${part.$ref} leads nowhere.`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the linter of the document has checked it.
  return found as Part
}

function valueAt(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
}

/** The operation of this id. Throws if there is none. */
export function operationOf(operationId: string): Operation {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
  const found = operations.find((operation) => operation.operationId === operationId)
  if (!found) throw new Error(`There is no operation ${operationId}.`)
  return found
}

/** The answer that the document has for a status, by its own number or its class. Undefined if it has none. */
export function answerOf(operation: Operation, status: number): Answer | undefined {
  const answer = operation.responses[status] ?? operation.responses[`${Math.floor(status / 100)}XX`]
  return answer && resolve(answer)
}

/** The document with each status of its own instead of `5XX`: half of the checker does not know ranges. */
export function spelledOut(statuses: readonly number[]): Document {
  const spell = (operation: Operation): Operation => {
    const { "5XX": failed, ...responses } = operation.responses
    for (const status of statuses) if (failed && status >= 500) responses[status] = failed
    return { ...operation, responses }
  }
  const paths = Object.entries(document.paths).map(([path, operations]) => {
    const spelled = Object.entries(operations).map(([method, operation]) => [method, spell(operation)])
    return [path, Object.fromEntries(spelled)]
  })
  return { ...document, paths: Object.fromEntries(paths) }
}

/**
 * The document with every object closed: each of its fields must be there and no other may. That is more than the
 * vendor promises, but what the emulator does unless it is told to be odd.
 */
export function narrowed(): Document {
  const close = (schema: Schema): Schema => {
    const whole = merged(schema)
    const { items, properties } = whole
    return {
      ...whole,
      ...(items && { items: close(items) }),
      ...(properties && {
        properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, close(part)])),
        required: Object.keys(properties),
        additionalProperties: false,
      }),
    }
  }
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => [
    name,
    // The older form of this body has no code.
    name === "UnauthorizedError" ? schema : close(schema),
  ])
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(schemas) } }
}

/** The schema itself instead of its reference, and the fields of all its parts in one. */
function merged(schema: Schema): Schema {
  const { allOf, ...own } = resolve(schema)
  const parts = (allOf ?? []).map(merged)
  if (parts.length === 0) return own
  return { ...own, type: "object", properties: Object.assign({}, ...parts.map((part) => part.properties)) }
}
