/** What Lambda's function URL is answered, through Hono's adapter: problem details and every header, whatever the event is. */
import { createApi } from "@earshot/api/app"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import type { LogEntry, World } from "@earshot/io/world"
import { expect, test } from "vitest"
import * as z from "zod"
import { type UrlEvent, lambdaHandler } from "./lambda.ts"

const TOKEN = "a-token-of-the-tests"

function createFunction() {
  const logs: LogEntry[] = []
  const world: World = {
    fetch: async () => new Response(null, { status: 500 }),
    now: () => Date.UTC(2026, 0, 5),
    sleep: async () => {},
    random: () => 0.5,
    log: (entry) => void logs.push(entry),
  }
  const handler = lambdaHandler(createApi(world, createMemoryStore(), { token: TOKEN, intervalMs: 0 }))
  const ask = async (method: string, path: string, more: Partial<UrlEvent> & { sourceIp?: string } = {}) => {
    const { sourceIp = "192.0.2.1", headers, ...rest } = more
    const http = { method, path, protocol: "HTTP/1.1", sourceIp, userAgent: "test" }
    const requestContext = {
      accountId: "anonymous",
      apiId: "x",
      authentication: null,
      authorizer: {},
      domainName: "x.lambda-url.us-east-1.on.aws",
      domainPrefix: "x",
      http,
      requestId: "1",
      routeKey: "$default",
      stage: "$default",
      time: "",
      timeEpoch: 0,
    }
    const event: UrlEvent = {
      version: "2.0",
      routeKey: "$default",
      rawPath: path,
      rawQueryString: "",
      body: null,
      isBase64Encoded: false,
      ...rest,
      headers: { host: "x.lambda-url.us-east-1.on.aws", authorization: `Bearer ${TOKEN}`, ...headers },
      requestContext,
    }
    return Answer.parse(await handler(event))
  }
  return { ask, logs }
}

const Answer = z.object({
  statusCode: z.number(),
  body: z.string(),
  isBase64Encoded: z.boolean(),
  headers: z.record(z.string(), z.string()),
})

const PROBLEM = {
  "content-type": "application/problem+json",
  "x-request-id": expect.any(String),
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": expect.stringContaining("default-src 'none'"),
}

test.each([
  ["GET", "/rules", { body: "{}" }],
  ["HEAD", "/rules", { body: "{}" }],
  ["GET", "/rules", { body: "e30=", isBase64Encoded: true }],
  ["TRACE", "/rules", {}],
  ["CONNECT", "/rules", {}],
  ["GET", "/rules", { headers: { "x-odd": "a\nb" } }],
  ["GET", "/rules", { headers: { "two words": "1" } }],
  ["POST", "/rules", { headers: { "x-odd": "a\u0000b" }, body: "{}" }],
] as const)(
  "%s %s %j is no request, and is answered as problem details with every header",
  async (method, path, more) => {
    const { ask, logs } = createFunction()
    const answer = await ask(method, path, { ...more })
    expect(answer).toMatchObject({ statusCode: 400, isBase64Encoded: false, headers: PROBLEM })
    if (method !== "HEAD")
      expect(JSON.parse(answer.body)).toMatchObject({
        title: "Bad Request",
        status: 400,
        detail: expect.stringContaining("GET"),
      })
    expect(logs).toEqual([])
  },
)

test.each([
  "x-request-id",
  "if-match",
  "if-none-match",
  "x-note",
  "authorization",
  "content-type",
  "accept",
  "cookie",
  "x-forwarded-for",
])("the header %s with any value breaks no answer", async (name) => {
  const { ask, logs } = createFunction()
  for (const value of ["schlüssel", "“nachts” – €", "日本語", "\u00ff", "%", "%E0%A4%A", "é".repeat(300)]) {
    for (const [method, path] of [
      ["GET", "/rules"],
      ["POST", "/rules"],
      ["PUT", "/rules/flagged"],
      ["DELETE", "/rules/nobody"],
      ["PATCH", "/rules"],
      ["OPTIONS", "/rules/é"],
    ] as const) {
      const body = method === "GET" || method === "OPTIONS" ? null : '{"name":"N","when":{"flagged":true}}'
      const answer = await ask(method, path, { headers: { [name]: value }, body })
      expect(answer.statusCode, `${method} ${path} ${value}`).toBeLessThan(500)
      expect(answer.headers).toHaveProperty("x-request-id")
      for (const sent of Object.values(answer.headers)) expect(sent).toMatch(/^[\x20-\x7e]*$/)
      if (answer.statusCode >= 400) expect(answer.headers).toMatchObject(PROBLEM)
    }
  }
  expect(logs).toEqual([])
})

test("a note in a header comes with its signs, which Lambda's adapter encodes", async () => {
  const { ask } = createFunction()
  await ask("DELETE", "/rules/flagged", { headers: { "if-match": '"1"', "x-note": "Zu viele – “nachts”" } })
  const answer = await ask("GET", "/rules/flagged/versions")
  expect(JSON.parse(answer.body)).toMatchObject({
    versions: [{ note: "Zu viele – “nachts”", by: "deployment" }, {}],
  })
})

test("a source is what the event says, and no header makes it another", async () => {
  const { ask } = createFunction()
  const statuses: number[] = []
  for (let attempt = 0; attempt < 12; attempt++) {
    const headers = {
      authorization: "Bearer wrong",
      "x-forwarded-for": `10.0.0.${attempt}`,
      forwarded: `for=10.0.0.${attempt}`,
    }
    statuses.push((await ask("GET", "/rules", { headers })).statusCode)
  }
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
  expect((await ask("GET", "/rules", { sourceIp: "192.0.2.2" })).statusCode).toBe(200)
})

test.each(["//health", "///health", "//rules", "//rules/low-score"])(
  "the path %s, which comes of an address that ends in a slash, is answered as with one",
  async (path) => {
    const { ask } = createFunction()
    const [doubled, single] = [await ask("GET", path), await ask("GET", path.replace(/^\/+/, "/"))]
    expect(doubled.statusCode).toBe(single.statusCode)
    expect(doubled.statusCode).not.toBe(404)
    expect(JSON.parse(doubled.body)).toEqual(JSON.parse(single.body))
  },
)
