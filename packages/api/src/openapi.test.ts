/** The description cannot drift from the API: they are compared here, in both directions. */
import { parseCondition } from "@earshot/core/rule/condition"
import { FIELDS } from "@earshot/core/rule/field"
import { OPERATORS } from "@earshot/core/rule/operand"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { openApiDocument } from "./openapi.ts"
import { storeAlert } from "./test-alert.ts"
import { ApiDescription, createTestApi, describedSchema } from "./test-api.ts"

/** What describes the API rather than being it, and the page that links in messages open. */
const isPage = (route: string) =>
  /^GET \/(docs(\/.*)?|openapi\.json)$|^(GET|POST) \/acknowledge\/\{ticket\}$/.test(route)

/** Every value in a JSON document, with its key. */
function* members(value: unknown): Generator<[string, unknown]> {
  if (typeof value !== "object" || value === null) return
  for (const [key, member] of Object.entries(value)) {
    yield [key, member]
    yield* members(member)
  }
}

const Described = z.object({
  openapi: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  tags: z.array(z.object({ name: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
})

const Operation = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  summary: z.string(),
  security: z.array(z.record(z.string(), z.unknown())).optional(),
  responses: z.record(z.string(), z.object({ description: z.string() })),
  requestBody: z.object({ content: z.record(z.string(), z.object({ example: z.unknown() })) }).optional(),
})

const described = Described.parse(openApiDocument())

const operations = Object.entries(described.paths).flatMap(([path, { parameters: _parameters, ...item }]) =>
  Object.entries(item).map(([method, operation]) => ({
    method,
    path,
    operation: Operation.parse(operation),
  })),
)

describe("the description", () => {
  test("is served as it is", async () => {
    const answer = await createTestApi().call("GET", "/openapi.json")
    expect(answer).toMatchObject({ status: 200, body: { openapi: "3.1.0", info: { title: "Earshot" } } })
    expect(answer.body).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
  })

  test("names every route of the app, and no other", () => {
    const routes = createTestApi()
      .app.routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`)
      .filter((route) => !isPage(route))
    const named = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect([...new Set(routes)].sort()).toEqual(named.sort())
  })

  test("refers to nothing that it does not have", () => {
    const { components } = ApiDescription.parse(openApiDocument())
    const references = [...members(openApiDocument())].flatMap(([key, value]) =>
      key === "$ref" ? [value] : [],
    )
    expect(references.length).toBeGreaterThan(20)
    for (const reference of new Set(references)) {
      const name = String(reference).replace("#/components/schemas/", "")
      expect(components.schemas, String(reference)).toHaveProperty(name)
    }
    const used = new Set(references.map(String))
    for (const name of Object.keys(components.schemas)) expect(used).toContain(`#/components/schemas/${name}`)
  })

  test("says of every operation what it is, by a name of its own", () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { operation } of operations) {
      expect(operation.summary).toMatch(/^[A-Z]/)
      expect(described.tags.map(({ name }) => name)).toEqual(expect.arrayContaining(operation.tags))
      for (const { description } of Object.values(operation.responses))
        expect(description).toMatch(/^[A-Z].*\.$/)
    }
  })

  test("says which operations need a token, as the app asks for it", async () => {
    const api = createTestApi()
    for (const { method, path, operation } of operations) {
      const { status } = await api.call(method.toUpperCase(), path.replace("{id}", "flagged"), {
        authorization: null,
      })
      const ways = operation.security ?? described.security
      // An empty way is to bring nothing.
      const needsToken = ways.length > 0 && !ways.some((way) => Object.keys(way).length === 0)
      expect(status === 401, `${method} ${path}`).toBe(needsToken)
      expect("401" in operation.responses).toBe(needsToken)
    }
  })

  test("gives examples that are as it says, and that the API takes", async () => {
    const { components } = ApiDescription.parse(openApiDocument())
    let count = 0
    for (const [name, { examples = [] }] of Object.entries(components.schemas)) {
      for (const example of z.array(z.unknown()).parse(examples)) {
        expect(describedSchema(name).safeParse(example).error, name).toBeUndefined()
        if (name === "Condition") expect(parseCondition(example)).toMatchObject({ ok: true })
        count += 1
      }
    }
    expect(count).toBeGreaterThanOrEqual(4)
    for (const { method, path, operation } of operations) {
      for (const { example } of Object.values(operation.requestBody?.content ?? {})) {
        const isOfExisting = method === "patch" || /\/(snooze|restore)$/.test(path)
        const existing = path.startsWith("/rules") ? "flagged" : "slack"
        const address = path.replace("{id}", isOfExisting ? existing : "new")
        const api = createTestApi()
        if (path.startsWith("/alerts")) await storeAlert(api, "new")
        const answer = await api.call(method.toUpperCase(), address, { body: example })
        expect([200, 201]).toContain(answer.status)
      }
    }
  })
})

describe("the description of a condition", () => {
  const Condition = describedSchema("Condition")

  test("names every field with its type's operators", () => {
    const { components } = ApiDescription.parse(openApiDocument())
    const { properties } = z
      .object({ properties: z.record(z.string(), z.unknown()) })
      .parse(components.schemas["Condition"])
    expect(Object.keys(properties).sort()).toEqual(
      [...FIELDS.map(({ name }) => name), "all", "any", "not"].sort(),
    )
    for (const { name, type, about } of FIELDS) {
      const field = z
        .object({
          description: z.string(),
          anyOf: z.array(z.object({ properties: z.record(z.string(), z.unknown()).optional() })),
        })
        .parse(properties[name])
      expect(field.description).toContain(about)
      const [plain] = field.anyOf.flatMap((one) => one.properties ?? [])
      expect(Object.keys(plain ?? {})).toEqual([...OPERATORS[type]])
    }
  })

  /** Right or wrong in one place or in several, but never so large that a limit decides. */
  const scalar = fc.constantFrom<unknown>(
    true,
    0,
    2.5,
    "x",
    "",
    " ",
    "x".repeat(200),
    "x".repeat(201),
    null,
    {},
  )
  const hours = fc.record(
    { zone: fc.constant("UTC"), from: fc.constantFrom("18:00", "25:00"), days: fc.constant(["sat"]) },
    { requiredKeys: [] },
  )
  const right = {
    number: fc.double(),
    string: fc.string(),
    boolean: fc.boolean(),
    texts: fc.string(),
    time: fc.oneof(hours, hours, fc.string()),
  }
  const leaf = fc.constantFrom(...FIELDS).chain(({ name, type }) => {
    const mostly = fc.oneof({ weight: 4, arbitrary: right[type] }, { weight: 1, arbitrary: scalar })
    const operand = fc.oneof(mostly, fc.array(mostly, { maxLength: 3 }))
    const operators = fc.constantFrom(...OPERATORS[type], "like", "startsWith", "wholeWords", "then")
    const tests = fc.dictionary(operators, fc.oneof(operand, fc.boolean()), { maxKeys: 3 })
    return fc.record({ [name]: fc.oneof(operand, tests) })
  })
  const wrong = fc.constantFrom<unknown>({}, { scor: 1 }, [], null, true)
  const { condition } = fc.letrec<{ condition: unknown }>((tie) => {
    const list = fc.array(tie("condition"), { maxLength: 2 })
    const branch = fc.record({ any: list, all: list, not: tie("condition") }, { requiredKeys: [] })
    const weighted = [
      { weight: 12, arbitrary: leaf },
      { weight: 1, arbitrary: wrong },
      { weight: 4, arbitrary: branch },
    ]
    return { condition: fc.oneof({ maxDepth: 4 }, ...weighted) }
  })

  test("allows just what the API takes", () => {
    let allowed = 0
    fc.assert(
      fc.property(condition, (written) => {
        const { success } = Condition.safeParse(written)
        expect(parseCondition(written).ok).toBe(success)
        if (success) allowed += 1
      }),
      { numRuns: 2000 },
    )
    expect(allowed).toBeGreaterThan(200)
  })
})
