/**
 * Ten thousand requests made from the description, right ones and nearly right ones: each is answered as described, by status,
 * content type, headers and every field of the body; never with a 5xx; and nothing that is nobody's business is in an answer.
 */
import { callReference } from "@earshot/core/fingerprint"
import { durationOf } from "@earshot/core/instant"
import { SETTLE_MAX_MS } from "@earshot/core/rule/rule"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { openApiDocument } from "./openapi.ts"
import { arbitraryOf } from "./schema-arbitrary.ts"
import { storeAlert } from "./test-alert.ts"
import { type Answer, type TestApi, TOKEN, checkAnswer, createTestApi } from "./test-api.ts"

const REQUESTS = 10_000

const Parameter = z.object({ name: z.string(), in: z.enum(["path", "query", "header"]), schema: z.unknown() })

const Operation = z.object({
  parameters: z.array(Parameter).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })) }).optional(),
})

const Described = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
})

const { paths, components } = Described.parse(JSON.parse(JSON.stringify(openApiDocument())))

const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, ...operation })),
)

/** What is there to be asked for, so that not everything is a 404. */
const THERE: Record<string, fc.Arbitrary<string>> = {
  "/rules": fc.constantFrom("flagged", "long-call", "gone", "nobody"),
  "/channels": fc.constantFrom("slack", "hook", "nobody"),
  "/tokens": fc.constantFrom("ci", "deployment", "nobody"),
  "/alerts": fc.constantFrom("bad-call", "nobody"),
  "/calls": fc.constantFrom("bad-call", callReference("bad-call"), "nobody"),
}

const SECRET = "T0P-SECRET-PATH"

async function createFullApi(): Promise<{ api: TestApi; secrets: string[] }> {
  const api = createTestApi()
  const rule = { name: "Long call", when: { duration: { gte: 60 } } }
  await api.call("POST", "/rules", { body: rule })
  await api.call("PUT", "/rules/gone", { body: rule })
  await api.call("DELETE", "/rules/gone")
  const target = { url: `https://example.com/${SECRET}` }
  await api.call("POST", "/channels", { body: { id: "hook", name: "Hook", kind: "webhook", target } })
  await storeAlert(api, "bad-call")
  await api.store.noteReference("bad-call")
  const made = await api.call("POST", "/tokens", { body: { name: "ci", access: "read" } })
  const { token } = z.object({ token: z.string() }).parse(made.body)
  const [stored] = await api.store.readTokens()
  return { api, secrets: [token, stored?.hash ?? token, TOKEN, SECRET, "node_modules", ".ts:"] }
}

const known = fc.constantFrom('"1"', "*", '"2"', "", "é", '"1", "2"')

/** A request of an operation, and how odd it is. */
function requestOf({ method, path, parameters, requestBody }: (typeof operations)[number]) {
  const root = `/${path.split("/")[1]}`
  const odd = fc.constantFrom(0, 0, 10, 40)
  return odd.chain((share) => {
    const how = { odd: share }
    const schema = Object.values(requestBody?.content ?? {})[0]?.schema
    const body = requestBody ? arbitraryOf(schema, components.schemas, how) : fc.constant(undefined)
    const values = parameters.map(({ name, in: place, schema: one }) => {
      const described = arbitraryOf(one, components.schemas, how).map(String)
      const value =
        place === "path"
          ? fc.oneof({ weight: 4, arbitrary: THERE[root] ?? described }, { weight: 1, arbitrary: described })
          : described
      const sent = name.startsWith("If-") ? known : value
      return (
        fc
          .option(sent, { freq: place === "path" ? 1e9 : 2, nil: null })
          .map((text) => ({ name, place, text: text ?? (place === "path" ? "x" : null) }))
          // A path with a step of `.` or `..` is another path.
          .map((one) =>
            one.place === "path" && /^\.{1,2}$/.test(one.text ?? "") ? { ...one, text: "x" } : one,
          )
      )
    })
    return fc.tuple(body, fc.tuple(...values)).map(([sent, all]) => {
      const filled = all
        .filter(({ place }) => place === "path")
        .reduce(
          (address, { name, text }) => address.replace(`{${name}}`, encodeURIComponent(text ?? "x")),
          path,
        )
      const query = new URLSearchParams()
      for (const { name, place, text } of all) if (place === "query" && text !== null) query.set(name, text)
      const more = Object.fromEntries(
        all.flatMap(({ name, place, text }) =>
          place === "header" && text !== null ? [[name, encodeURI(text)]] : [],
        ),
      )
      return { method, address: query.size > 0 ? `${filled}?${query.toString()}` : filled, body: sent, more }
    })
  })
}

describe("ten thousand generated requests", () => {
  const each = Math.ceil(REQUESTS / operations.length)
  const seen = new Map<string, Set<number>>()

  test.each(operations.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    "of %s are answered as the description says, without a 5xx and without a leak",
    async (what, operation) => {
      const statuses = new Set<number>()
      seen.set(what, statuses)
      for (const request of fc.sample(requestOf(operation), { numRuns: each, seed: 7 })) {
        const { api, secrets } = await fullApi()
        const { body, more } = request
        const answer = await api.call(request.method, request.address, { body, more, ifMatch: null })
        statuses.add(answer.status)
        if (operation.path !== "/health") expect(answer.status, JSON.stringify(request)).toBeLessThan(500)
        for (const secret of secrets) {
          if (!JSON.stringify(request).includes(secret)) expect(answer.text).not.toContain(secret)
        }
        expect(api.logs).toEqual([])
      }
    },
  )

  test("are no empty exercise: most operations were done, and refused in every way", () => {
    const done = [...seen.values()].filter((statuses) => [...statuses].some((status) => status < 300))
    expect(done.length).toBeGreaterThan(operations.length * 0.8)
    const all = new Set([...seen.values()].flatMap((statuses) => [...statuses]))
    for (const status of [400, 404, 409, 412, 428]) expect(all).toContain(status)
  })

  /** One for a hundred requests: what they change stays, and nothing grows too large. */
  let uses = 0
  let current: Awaited<ReturnType<typeof createFullApi>> | null = null
  const fullApi = async () => {
    if (!current || uses++ % 100 === 0) current = await createFullApi()
    return current
  }
})

describe("what is held against the description", () => {
  const ask = async () => createTestApi().call("GET", "/rules/flagged")
  const check = (answer: Answer) => () => checkAnswer("GET", "/rules/flagged", answer)
  const changed = (answer: Answer, body: object): Answer => ({
    ...answer,
    body: Object.assign({}, answer.body, body),
  })

  test("catches a field that is not described, in a union and in a list as well", async () => {
    const answer = await ask()
    expect(check(answer)).not.toThrow()
    expect(check(changed(answer, { secret: 1 }))).toThrow(/not as described/)
    const list = await createTestApi().call("GET", "/rules")
    const { rules } = z.object({ rules: z.array(z.record(z.string(), z.unknown())) }).parse(list.body)
    const grown = { ...list, body: { rules: rules.map((rule) => ({ ...rule, secret: 1 })) } }
    expect(() => checkAnswer("GET", "/rules", grown)).toThrow(/not as described/)
  })

  test("catches a missing content type, another one, and a missing header", async () => {
    const answer = await ask()
    const without = (name: string, value?: string) => {
      const headers = new Headers(answer.headers)
      headers.delete(name)
      if (value !== undefined) headers.set(name, value)
      return check({ ...answer, headers })
    }
    expect(without("content-type")).toThrow(/names no such type/)
    expect(without("content-type", "text/html")).toThrow(/names no such type/)
    expect(without("etag")).toThrow(/lacks the described etag/)
    expect(check({ ...answer, status: 202 })).toThrow(/names no 202/)
  })
})

describe("a body that the description allows", () => {
  const bodies = operations.filter(({ requestBody, path }) => requestBody && !IN_WORDS.test(path))

  test.each(bodies.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    "of %s is not refused as invalid",
    async (_what, operation) => {
      const content = Object.values(operation.requestBody?.content ?? {})[0]
      const id = operation.path.startsWith("/channels") ? "hook" : "long-call"
      for (const body of fc.sample(arbitraryOf(content?.schema, components.schemas), {
        numRuns: 150,
        seed: 7,
      })) {
        if (isBeyondSchemas(body)) continue
        const { api } = await (current ??= createFullApi())
        const answer = await api.call(
          operation.method,
          operation.path.replace("{id}", Named.catch({ id }).parse(body).id ?? id),
          { body },
        )
        expect(answer.status, `${JSON.stringify(body)} ${answer.text}`).not.toBe(400)
      }
    },
  )

  let current: ReturnType<typeof createFullApi> | null = null
})

/** Where the description says in words what no schema can: which fields go together, and which secrets have to be there. */
const IN_WORDS = /snooze$|preview$|^\/channels/

/** Nor can a schema say which channels there are, or how long a duration is. */
const Beyond = z.object({ channels: z.array(z.string()).optional(), settle: z.string().optional() })

function isBeyond(rule: unknown): boolean {
  const { channels = [], settle = "PT0S" } = Beyond.catch({}).parse(rule)
  const isLong = (durationOf(settle) ?? Infinity) > SETTLE_MAX_MS
  return isLong || channels.some((id) => !["slack", "email", "hook"].includes(id))
}

/** A rule is replaced under the id that it says. */
const Named = z.object({ id: z.string().optional() })

const Rules = z.object({ rules: z.array(z.object({ id: z.string() }).loose()) })

function isBeyondSchemas(body: unknown): boolean {
  const rules = Rules.safeParse(body).data?.rules
  return rules
    ? new Set(rules.map(({ id }) => id)).size < rules.length || rules.some(isBeyond)
    : isBeyond(body)
}
