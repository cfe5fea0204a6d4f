/** Tokens over HTTP: what each may do, that they go at once, that none can be read again, and that guessing is slow. */
import { createMemoryStore } from "@earshot/io/store/memory-store"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { FAILURES_PER_MINUTE, TRIES_PER_MINUTE } from "../attempt-limit.ts"
import { type TestApi, TOKEN, createTestApi } from "../test-api.ts"

const RULE = { name: "Long call", when: { duration: { gte: 60 } } }

const Made = z.object({ name: z.string(), token: z.string() })

async function make(api: TestApi, name: string, access: string, authorization?: string): Promise<string> {
  const answer = await api.call("POST", "/tokens", {
    body: { name, access },
    ...(authorization !== undefined && { authorization }),
  })
  expect(answer.status).toBe(201)
  return `Bearer ${Made.parse(answer.body).token}`
}

describe("a token that was made", () => {
  test("is shown once, stored as its hash, and signs the edits made with it", async () => {
    const api = createTestApi()
    const anna = await make(api, "anna", "write")
    const stored = await api.store.readTokens()
    expect(JSON.stringify(stored)).not.toContain(anna.slice("Bearer ".length))
    const bob = await make(api, "bob", "write", anna)
    const answer = await api.call("GET", "/tokens", { authorization: bob })
    expect(answer.text).not.toMatch(/earshot_|hash/)
    const createdAt = expect.stringMatching(/^2026-01-05T09:00/)
    expect(answer.body).toEqual({
      tokens: [
        { name: "deployment", access: "write", createdAt: null, createdBy: null, revocable: false },
        { name: "anna", access: "write", createdAt, createdBy: "deployment", revocable: true },
        { name: "bob", access: "write", createdAt, createdBy: "anna", revocable: true },
      ],
    })
    await api.call("PUT", "/rules/new", { body: RULE, authorization: bob })
    expect((await api.call("GET", "/rules/new/versions")).body).toMatchObject({ versions: [{ by: "bob" }] })
  })

  test("that reads changes nothing, by any method on any route", async () => {
    const api = createTestApi()
    const authorization = await make(api, "reader", "read")
    const routes = api.app.routes.filter(
      ({ method, path }) => method !== "ALL" && !/^\/(acknowledge|docs|health|openapi)/.test(path),
    )
    let changing = 0
    for (const { method, path } of routes) {
      const address = path.replace(":id", "flagged").replace(":name", "reader")
      const { status, body } = await api.call(method, address, {
        authorization,
        ...(method !== "GET" && { body: RULE }),
      })
      // A preview changes nothing.
      const isReading = method === "GET" || `${method} ${path}` === "POST /rules/preview"
      if (isReading) expect(status, `${method} ${path}`).not.toBe(403)
      else {
        changing++
        expect({ status, body }, `${method} ${path}`).toMatchObject({
          status: 403,
          body: { detail: expect.stringContaining("The token reader may only read") },
        })
      }
    }
    expect(changing).toBeGreaterThan(15)
    expect([await api.store.readRules(), await api.store.readChannels()]).toEqual([[], []])
    expect((await api.call("HEAD", "/rules", { authorization })).status).toBe(200)
  })

  test("is revoked at once where it was revoked, and within ten seconds elsewhere", async () => {
    const store = createMemoryStore()
    const [here, elsewhere] = [createTestApi({ store }), createTestApi({ store })]
    const authorization = await make(here, "ci", "read")
    const asks = async (api: TestApi) => (await api.call("GET", "/rules", { authorization })).status
    expect([await asks(here), await asks(elsewhere)]).toEqual([200, 200])
    expect((await here.call("DELETE", "/tokens/ci")).status).toBe(204)
    expect(await asks(here)).toBe(401)
    elsewhere.advance(10_001)
    expect(await asks(elsewhere)).toBe(401)
    expect((await here.call("DELETE", "/tokens/ci")).status).toBe(404)
    // The name may be used again, and the old token stays out.
    const again = await make(here, "ci", "write")
    expect((await here.call("GET", "/rules", { authorization: again })).status).toBe(200)
    expect(await asks(here)).toBe(401)
  })

  test("is known to a process that has read the tokens before, within a second", async () => {
    const store = createMemoryStore()
    const [here, elsewhere] = [createTestApi({ store }), createTestApi({ store })]
    await elsewhere.call("GET", "/rules", { authorization: "Bearer unknown-as-of-now" })
    const authorization = await make(here, "ci", "read")
    elsewhere.advance(1000)
    expect((await elsewhere.call("GET", "/rules", { authorization })).status).toBe(200)
  })
})

test("the deployment's own token is listed, and neither revoked nor made again over HTTP", async () => {
  const api = createTestApi()
  const detail = expect.stringContaining("API_TOKEN")
  expect(await api.call("DELETE", "/tokens/deployment")).toMatchObject({ status: 409, body: { detail } })
  expect((await api.call("POST", "/tokens", { body: { name: "deployment", access: "read" } })).status).toBe(
    409,
  )
  expect((await api.call("GET", "/rules")).status).toBe(200)
})

test("there are only so many tokens, and names, also when many are made at once", async () => {
  const api = createTestApi()
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      api.call("POST", "/tokens", { body: { name: `t-${index}`, access: "read" } }),
    ),
  )
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(50)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]))
  expect((await api.call("POST", "/tokens", { body: { name: "t-0", access: "read" } })).status).toBe(409)
  for (const body of [{ name: "A", access: "read" }, { name: "a", access: "admin" }, { name: "a" }, {}, []])
    expect((await api.call("POST", "/tokens", { body })).status).toBe(400)
})

describe("a source that fails", () => {
  const source = "192.0.2.7"
  const guess = (
    api: TestApi,
    from = source,
    authorization: string | null = "Bearer a-wrong-token-of-somebody",
  ) => api.call("GET", "/rules", { authorization, source: from })

  test("is not listened to after a few tries, whatever it brings, and told when it is again", async () => {
    const api = createTestApi()
    for (let attempt = 0; attempt < TRIES_PER_MINUTE; attempt++)
      expect((await guess(api, source, attempt % 2 ? null : undefined)).status).toBe(401)
    const limited = await guess(api)
    expect(limited).toMatchObject({ status: 429, body: { title: "Too Many Requests" } })
    expect(limited.headers.get("retry-after")).toBe("60")
    // The right one is not even compared: a guess that is right by chance learns nothing.
    expect((await guess(api, source, `Bearer ${TOKEN}`)).status).toBe(429)
    expect(await guess(api, source, null)).toMatchObject({ status: 429, body: limited.body })
    api.advance(60_000)
    expect((await guess(api, source, `Bearer ${TOKEN}`)).status).toBe(200)
  })

  test("does not keep out whoever was let in before at the same address, nor anybody at another", async () => {
    const api = createTestApi()
    const right = `Bearer ${TOKEN}`
    expect((await guess(api, source, right)).status).toBe(200)
    for (let attempt = 0; attempt < 50; attempt++) await guess(api)
    expect((await guess(api)).status).toBe(429)
    expect((await guess(api, source, right)).status).toBe(200)
    expect((await guess(api, "192.0.2.8", right)).status).toBe(200)
  })

  test("and many that fail: each new one still has a try, and no more", async () => {
    const api = createTestApi()
    for (let attempt = 0; attempt < FAILURES_PER_MINUTE; attempt++) await guess(api, `198.51.100.${attempt}`)
    expect((await guess(api, "203.0.113.1", `Bearer ${TOKEN}`)).status).toBe(200)
    expect((await guess(api, "203.0.113.2")).status).toBe(401)
    expect((await guess(api, "203.0.113.2")).status).toBe(429)
  })

  test("is its network, if it has an IPv6 address, however the address is written", async () => {
    const api = createTestApi()
    const addresses = [
      "2001:db8:1:2::1",
      "2001:0db8:1:2:ffff:0:0:9",
      "2001:db8:1:2:3:4:5:6",
      "2001:DB8:1:2::",
    ]
    for (let attempt = 0; attempt < TRIES_PER_MINUTE; attempt++)
      await guess(api, addresses[attempt % 4] ?? "")
    expect((await guess(api, "2001:db8:1:2:8::")).status).toBe(429)
    expect((await guess(api, "2001:db8:1:3::1")).status).toBe(401)
  })

  test("costs the table no write, and hardly a read", async () => {
    const store = createMemoryStore()
    const used: string[] = []
    const watched = new Proxy(store, {
      get: (target, name: keyof typeof store) => {
        used.push(name)
        return target[name]
      },
    })
    const api = createTestApi({ store: watched })
    for (let attempt = 0; attempt < 2000; attempt++) await guess(api, `10.0.${attempt % 256}.${attempt >> 8}`)
    expect(used).toEqual(["readTokens"])
  })

  test("cannot guess by way of /health either", async () => {
    const api = createTestApi()
    const health = async (authorization: string) =>
      (await api.call("GET", "/health", { authorization, source })).body
    for (let attempt = 0; attempt < TRIES_PER_MINUTE; attempt++) await health("Bearer a-wrong-token")
    expect(await health(`Bearer ${TOKEN}`)).toEqual({ status: expect.any(String) })
    expect((await guess(api)).status).toBe(429)
  })

  test("learns nothing from a table that is away, and the deployment's own token is let in all the same", async () => {
    const readTokens = async () => {
      throw new Error("The table earshot-secret does not exist.")
    }
    const api = createTestApi({ store: { ...createMemoryStore(), readTokens } })
    const answer = await guess(api)
    expect(answer.status).toBe(401)
    expect(answer.text).not.toContain("table")
    expect((await guess(api, source, `Bearer ${TOKEN}`)).status).toBe(200)
  })
})
