/**
 * Closed by default: what the API does with those who may not use it, for every route that the app has. The routes
 * are the app's own list, so one that is added is covered before anybody thinks of it.
 */
import type { Hono } from "hono"
import { describe, expect, test } from "vitest"
import { type Ask, TOKEN, createTestApi } from "./test-api.ts"

const FILES = ["icon.svg", "look.css", "start.js", "swagger-ui-bundle.js", "swagger-ui.css"]

/** All that a stranger may read. */
const OPEN = [
  // A ticket, which is signed, stands for the token there.
  "GET /acknowledge/:ticket",
  "GET /docs",
  ...FILES.map((file) => `GET /docs/${file}`),
  "GET /health",
  "GET /openapi.json",
  "POST /acknowledge/:ticket",
]

const RULE = { name: "Long call", when: { duration: { gte: 60 } } }

const TOO_LARGE = "x".repeat(64 * 1024 + 1)

const WRONG = { "no token": null, "a wrong one": "Bearer another-token" }

/** An API with routes as somebody may add them one day, below those that there are and beside them. */
function createGrownApi() {
  const api = createTestApi()
  for (const path of ["/receipts", "/rules/:id/preview", "/docs/examples", "/health/poller"]) {
    api.app.get(path, (context) => context.text("private")).post((context) => context.text("done"))
  }
  return api
}

function routesOf(app: Hono): { route: string; method: string; path: string }[] {
  const routes = app.routes.filter(({ method }) => method !== "ALL")
  return [...new Set(routes.map(({ method, path }) => `${method} ${path}`))].map((route) => {
    const [method = "", path = ""] = route.split(" ")
    return { route, method, path: path.replace(":id", "flagged") }
  })
}

describe("every route of the app", () => {
  test("asks for the token, but those that are meant for everybody", async () => {
    const api = createGrownApi()
    const routes = routesOf(api.app)
    expect(routes.length).toBeGreaterThan(15)
    const answered = new Set<string>()
    for (const { route, method, path } of routes) {
      for (const [what, authorization] of Object.entries(WRONG)) {
        const body = method === "GET" || method === "DELETE" ? {} : { body: RULE }
        const answer = await api.call(method, path, { authorization, ...body })
        if (answer.status !== 401) answered.add(route)
        else expect(answer.text, `${route}, ${what}`).not.toMatch(/private|done|flagged/)
      }
    }
    expect([...answered].sort()).toEqual(OPEN)
    expect(await api.store.readRules()).toEqual([])
    expect(await api.store.readControl()).toBeNull()
  })

  test("that takes a body refuses one that is too large, before anything else is done with it", async () => {
    const api = createGrownApi()
    const imports = { body: "x".repeat(1024 * 1024 + 1) }
    expect((await api.call("PUT", "/rules/import", imports)).status).toBe(413)
    expect((await api.call("PUT", "/rules/import", { ...imports, authorization: null })).status).toBe(401)
    const withBody = routesOf(api.app).filter(
      ({ method, path }) => method !== "GET" && path !== "/rules/import",
    )
    expect(withBody.length).toBeGreaterThan(5)
    for (const { route, method, path } of withBody) {
      expect((await api.call(method, path, { body: TOO_LARGE })).status, route).toBe(413)
      const stranger = await api.call(method, path, { body: TOO_LARGE, authorization: null })
      expect(stranger.status, route).toBe(OPEN.includes(route) ? 413 : 401)
    }
    expect(await api.store.readRules()).toEqual([])
  })
})

describe("a stranger", () => {
  const ask = (method: string, path: string, more: Ask = {}) =>
    createTestApi().call(method, path, { authorization: null, ...more })

  test("learns nothing of what exists: every other path and method gets one and the same answer", async () => {
    const { body: expected } = await ask("GET", "/rules")
    const others = [
      ["GET", "/"],
      ["GET", "/nowhere"],
      ["GET", "/rules/flagged"],
      ["GET", "/rules/nobody"],
      ["PATCH", "/rules/flagged"],
      ["OPTIONS", "/rules"],
      ["POST", "/health"],
      ["DELETE", "/docs"],
      ["GET", "/docs/"],
      ["GET", "/docs/page.html"],
      ["GET", "/docs/constructor"],
      ["GET", "/docs/..%2F..%2Fpackage.json"],
      ["GET", "/openapi.json/"],
      ["GET", "//health"],
    ] as const
    for (const [method, path] of others) {
      const answer = await ask(method, path)
      expect(answer, `${method} ${path}`).toMatchObject({ status: 401, body: expected })
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer\b/)
    }
  })

  test("may ask for the heads of what is open, and only of that", async () => {
    expect(await ask("HEAD", "/docs")).toMatchObject({ status: 200, text: "" })
    expect(await ask("HEAD", "/openapi.json")).toMatchObject({ status: 200, text: "" })
    expect(await ask("HEAD", "/rules")).toMatchObject({ status: 401, text: "" })
  })
})

describe("with the token", () => {
  test.each([
    ["POST", "/health", "GET, HEAD, OPTIONS"],
    ["DELETE", "/docs", "GET, HEAD, OPTIONS"],
    ["PUT", "/rules", "GET, HEAD, POST, OPTIONS"],
    ["POST", "/rules/flagged", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"],
  ])("%s %s is not allowed, and the answer says what is", async (method, path, allow) => {
    const api = createTestApi()
    const answer = await api.call(method, path)
    expect(answer).toMatchObject({ status: 405, body: { detail: expect.stringContaining(method) } })
    expect(answer.headers.get("allow")).toBe(allow)
    expect(answer.headers.get("content-type")).toBe("application/problem+json")
    const options = await api.call("OPTIONS", path)
    expect(options).toMatchObject({ status: 204, text: "" })
    expect(options.headers.get("allow")).toBe(allow)
    // No other site's page may call this API.
    expect([...options.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([])
  })

  test("HEAD is answered as GET is, without the body", async () => {
    const { status, text, headers } = await createTestApi().call("HEAD", "/rules/flagged")
    expect({ status, text, etag: headers.get("etag") }).toEqual({ status: 200, text: "", etag: '"1"' })
  })

  test.each(["/nowhere", "/", "/rules/", "/rules/a/b", "/docs/nothing.js"])(
    "%s does not exist, and the answer says where to look",
    async (path) => {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const answer = await createTestApi().call(method, path)
        const detail = expect.stringContaining("/openapi.json")
        expect(answer, method).toMatchObject({ status: 404, body: { detail } })
        expect(answer.headers.has("allow")).toBe(false)
      }
    },
  )

  test("a rule that does not exist is not found, rather than not allowed", async () => {
    expect(await createTestApi().call("GET", "/rules/nobody")).toMatchObject({ status: 404 })
  })
})

/** One of each kind of answer. */
const ANSWERS = [
  ["GET", "/rules", 200],
  ["POST", "/rules", 400],
  ["GET", "/rules/nobody", 404],
  ["PATCH", "/rules", 405],
  ["OPTIONS", "/rules", 204],
  ["GET", "/nowhere", 404],
  ["GET", "/health", 503],
  ["GET", "/openapi.json", 200],
  ["GET", "/docs", 200],
  ["GET", "/docs/start.js", 200],
] as const

describe("every answer", () => {
  test.each(ANSWERS)(
    "to %s %s (%i) is one that a browser does nothing else with",
    async (method, path, status) => {
      for (const authorization of [`Bearer ${TOKEN}`, null]) {
        const answer = await createTestApi().call(method, path, { authorization })
        if (authorization) expect(answer.status).toBe(status)
        const headers = Object.fromEntries(answer.headers)
        expect(headers).toMatchObject({
          "cache-control": path.startsWith("/docs") ? "no-cache" : "no-store",
          "content-security-policy": expect.stringMatching(/^default-src 'none'; /),
          "referrer-policy": "no-referrer",
          "strict-transport-security": expect.stringContaining("max-age="),
          "x-content-type-options": "nosniff",
          "x-frame-options": "DENY",
        })
        expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'")
      }
    },
  )

  test.each(ANSWERS)(
    "to %s %s (%i) has an id, the caller's if it brings a harmless one",
    async (method, path) => {
      for (const authorization of [`Bearer ${TOKEN}`, null]) {
        const idFor = async (sent?: string) => {
          const more = sent === undefined ? {} : { "x-request-id": sent }
          const { headers } = await createTestApi().call(method, path, { authorization, more })
          return headers.get("x-request-id")
        }
        const OWN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
        expect(await idFor()).toMatch(OWN)
        expect(await idFor()).not.toBe(await idFor())
        expect(await idFor("deploy-check_7=")).toBe("deploy-check_7=")
        expect(await idFor("x".repeat(64))).toBe("x".repeat(64))
        for (const bad of ["x".repeat(65), 'a","level":"info', "a b", "a\tb", "é", "<b>", "a%0Ab", ""]) {
          expect(await idFor(bad), bad).toMatch(OWN)
        }
      }
    },
  )
})
