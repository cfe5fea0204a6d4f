/**
 * For tests: the HTTP API on a store in memory, at a time that stands still until it is moved. Each answer is held
 * against /openapi.json: a status, content type, header or body that it does not name fails the test that met it.
 */
import { SLACK_HOSTS } from "@earshot/io/channel/slack-host"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import type { Store } from "@earshot/io/store/store"
import type { LogEntry, World } from "@earshot/io/world"
import type { Hono } from "hono"
import * as z from "zod"
import { type ApiSetup, createApi } from "./app.ts"
import { openApiDocument } from "./openapi.ts"

export const START = Date.UTC(2026, 0, 5, 9)

export const TOKEN = "a-token-of-the-tests"

/** Seals the secrets of channels in tests. */
const SEALING = "0123456789abcdef".repeat(4)

export type Answer = { status: number; headers: Headers; text: string; body: unknown }

export type Ask = {
  /** A text is sent as it is, everything else as JSON. */
  body?: unknown
  /** Null: no authorization header. */
  authorization?: string | null
  /** Left out: a request that must say which version it changes says any. Null: it does not say. */
  ifMatch?: string | null
  contentType?: string
  /** The address that it comes from; left out: one that no other request came from. */
  source?: string
  /** Any other headers. */
  more?: Record<string, string>
}

export type TestApi = {
  app: Hono
  store: Store
  world: World
  logs: LogEntry[]
  advance: (milliseconds: number) => void
  call: (method: string, path: string, ask?: Ask) => Promise<Answer>
}

export function createTestApi({
  store = createMemoryStore(),
  intervalMs = 0,
  sealingKey = SEALING,
  sleep = async () => {},
  random = () => 0.5,
  now: clock,
  nudge,
}: {
  store?: Store
  intervalMs?: number
  sealingKey?: string | null
  sleep?: World["sleep"]
  random?: World["random"]
  now?: World["now"]
  nudge?: ApiSetup["nudge"]
} = {}): TestApi {
  let now = START
  const logs: LogEntry[] = []
  const world: World = {
    fetch: async () => new Response(null, { status: 500 }),
    now: clock ?? (() => now),
    sleep,
    random,
    log: (entry) => void logs.push(entry),
  }
  const channels = {
    sealingKey,
    slackHosts: SLACK_HOSTS,
    privacy: { slack: "full", email: "standard" } as const,
  }
  const app = createApi(world, store, { token: TOKEN, intervalMs, channels, nudge })
  const call = async (method: string, path: string, ask: Ask = {}): Promise<Answer> => {
    const answer = await callOnce(method, path, ask)
    if (answer.status !== 428 || ask.ifMatch !== undefined) return answer
    return callOnce(method, path, { ...ask, ifMatch: "*" })
  }
  const callOnce = async (method: string, path: string, ask: Ask): Promise<Answer> => {
    const { body, authorization = `Bearer ${TOKEN}`, ifMatch, contentType, more } = ask
    const { source = `2001:db8:${(++requests).toString(16)}::1` } = ask
    const headers = new Headers(more)
    if (authorization !== null) headers.set("authorization", authorization)
    if (typeof ifMatch === "string") headers.set("if-match", ifMatch)
    if (contentType !== undefined) headers.set("content-type", contentType)
    const sent = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body)
    const response = await app.request(
      path,
      { method, headers, body: sent },
      { requestContext: { http: { sourceIp: source } } },
    )
    const text = await response.text()
    const isJson = response.headers.get("content-type")?.includes("json") ?? false
    const answer = {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== "" ? parse(text) : text,
    }
    checkAnswer(method, path, answer)
    return answer
  }
  return { app, store, world, logs, advance: (milliseconds) => (now += milliseconds), call }
}

function parse(text: string): unknown {
  return JSON.parse(text)
}

const Content = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }))

const Operation = z.object({
  responses: z.record(
    z.string(),
    z.object({ headers: z.record(z.string(), z.unknown()).default({}), content: Content.optional() }),
  ),
})

/** The part of the description that answers can be held against. */
export const ApiDescription = z.object({
  paths: z.record(
    z.string(),
    z.object({
      get: Operation.optional(),
      post: Operation.optional(),
      put: Operation.optional(),
      patch: Operation.optional(),
      delete: Operation.optional(),
    }),
  ),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
})

/** Requests of all tests of a file. */
let requests = 0

const description = ApiDescription.parse(openApiDocument())

/** By their own text, which is short: to write the whole description at every answer takes longer than to answer. */
const schemas = new Map<string, z.ZodType>()

/** What the description says of the schema that it has under this name. */
export function describedSchema(name: string): z.ZodType {
  return schemaOf({ $ref: `#/components/schemas/${name}` })
}

/** JSON Schema looks for definitions under another name than OpenAPI. */
function schemaOf(schema: Record<string, unknown>): z.ZodType {
  const own = JSON.stringify(schema)
  const known = schemas.get(own)
  if (known) return known
  const whole = JSON.stringify({ ...schema, $defs: description.components.schemas })
  const text = whole.replaceAll("#/components/schemas/", "#/$defs/")
  const made = z.fromJSONSchema(z.record(z.string(), z.any()).parse(parse(text)))
  schemas.set(own, made)
  return made
}

/** Throws what the description does not say of an answer. Paths that it does not name may only be problems or pages. */
export function checkAnswer(method: string, path: string, { status, headers, text, body }: Answer): void {
  const type = headers.get("content-type")?.split(";")[0] ?? null
  const what = `${status} (${type}) to ${method} ${path}`
  const operation = describedOperation(method, path)
  if (!operation) {
    if (type === "application/problem+json" && text !== "") describedSchema("Problem").parse(body)
    return
  }
  const response = operation.responses[status]
  if (!response) throw new Error(`The description names no ${what}.`)
  const missing = Object.keys(response.headers).filter((name) => !headers.has(name))
  if (missing.length > 0) throw new Error(`${what} lacks the described ${missing.join(", ")}.`)
  if (!response.content) {
    if (body === "") return
    throw new Error(`The description names no body of ${what}.`)
  }
  const content = response.content[type ?? ""]
  if (!content) throw new Error(`The description names no such type of ${what}.`)
  const parsed = schemaOf(content.schema).safeParse(body)
  if (!parsed.success) throw new Error(`${what} is not as described: ${z.prettifyError(parsed.error)}`)
}

function describedOperation(method: string, path: string): z.infer<typeof Operation> | undefined {
  const [pathname = ""] = path.split("?")
  const known = description.paths[pathname]
  const found = known ?? templates.find(({ pattern }) => pattern.test(pathname))?.operations
  const verb = Verb.safeParse(method.toLowerCase())
  return verb.success ? found?.[verb.data] : undefined
}

const templates = Object.entries(description.paths).map(([template, operations]) => ({
  pattern: new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`),
  operations,
}))

const Verb = z.enum(["get", "post", "put", "patch", "delete"])
