/**
 * The API as a client sees it: keys, answers, headers, and every parameter against a plain filter of the same calls.
 */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createCallBook, plainCall } from "./call-book.ts"
import type { EmulatedCall } from "./call.ts"
import { type CallsApiOptions, createCallsApi } from "./calls-api.ts"
import { COMPANIES } from "./company.ts"
import { DOCUMENTED_LIMITS } from "./limit.ts"
import { createTraffic } from "./traffic.ts"

const START = Date.parse("2026-03-02T08:00:00.000Z")

type Body = {
  error: string
  retryAfter: number
  resetAt: string
  code: string
  data: EmulatedCall[]
  pagination: { page: number; limit: number; totalCount: number; totalPages: number }
}

function open(options: Partial<CallsApiOptions> = {}) {
  const app = createCallsApi({
    source: createCallBook(),
    keys: ["ew_a", "ew_b"],
    now: () => START,
    ...options,
  })
  return async (path: string, headers: Record<string, string> = { "X-API-Key": "ew_a" }, method = "GET") => {
    const response = await app.request(`/api/v1${path}`, { headers, method })
    const body: Body = JSON.parse(await response.text())
    return { status: response.status, headers: response.headers, body }
  }
}

describe("keys", () => {
  test("a missing and a wrong key are refused with the documented bodies", async () => {
    const ask = open()
    expect(await ask("/calls", {})).toMatchObject({
      status: 401,
      body: { error: "Missing X-API-Key header" },
    })
    const wrong = await ask("/calls/x", { "X-API-Key": "ew_c" })
    expect(wrong).toMatchObject({ status: 401, body: { error: "Invalid API key" } })
  })

  test("or, by choice, with the body of the later page", async () => {
    const ask = open({ oddities: { answer: { unauthorized: "coded" } } })
    for (const headers of [{}, { "X-API-Key": "ew_c" }]) {
      const { status, body } = await ask("/calls", headers)
      expect({ status, body }).toEqual({
        status: 401,
        body: { error: "Invalid or missing API key", code: "UNAUTHORIZED" },
      })
    }
  })

  test("the key comes before everything else: nobody without one learns what exists", async () => {
    const ask = open()
    expect((await ask("/calls?limit=0", {})).status).toBe(401)
    expect((await ask("/nothing", {})).status).toBe(401)
  })
})

describe("answers", () => {
  test("an unknown call is a 404 with the documented body", async () => {
    const { status, body } = await open()("/calls/unknown")
    expect({ status, body }).toEqual({ status: 404, body: { error: "Call not found" } })
  })

  test("a wrong parameter is a 400 that names it", async () => {
    const { status, body } = await open()("/calls?limit=0")
    expect({ status, body }).toEqual({
      status: 400,
      body: { error: 'Invalid query: limit must be an integer from 1 to 100, but was "0"' },
    })
  })

  test("another path is a 404, another method a 405 that says which is allowed", async () => {
    expect(await open()("/agents")).toMatchObject({ status: 404, body: { error: "Not found" } })
    for (const path of ["/calls", "/calls/x"]) {
      const answer = await open()(path, { "X-API-Key": "ew_a" }, "DELETE")
      expect(answer).toMatchObject({ status: 405, body: { error: "Method not allowed" } })
      expect(answer.headers.get("Allow")).toBe("GET")
    }
  })

  test("every answer is JSON by its content type", async () => {
    for (const path of ["/calls", "/calls/x", "/calls?limit=0", "/y"]) {
      expect((await open()(path)).headers.get("Content-Type")).toMatch(/^application\/json/)
    }
  })

  test("only the detail has memory, timeline and metadata", async () => {
    const ask = open({ source: createCallBook([plainCall({ id: "one" })]) })
    const inList = Object.keys((await ask("/calls")).body.data[0] ?? {})
    const inDetail = Object.keys((await ask("/calls/one")).body.data)
    expect(inDetail.filter((name) => !inList.includes(name))).toEqual([
      "memory",
      "activityTimeline",
      "metadata",
    ])
  })
})

describe("limits", () => {
  const clockedApi = (options: Partial<CallsApiOptions> = {}) => {
    const clock = { now: START }
    return { clock, ask: open({ now: () => clock.now, ...options }) }
  }

  test("headers count down and say when room is made", async () => {
    const { clock, ask } = clockedApi()
    await ask("/calls")
    clock.now += 1_000
    const { headers } = await ask("/calls")
    expect(headers.get("X-RateLimit-Limit")).toBe("200")
    expect(headers.get("X-RateLimit-Remaining")).toBe("198")
    expect(headers.get("X-RateLimit-Reset")).toBe(new Date(START + 3_600_000).toISOString())
    expect((await ask("/calls/x")).headers.get("X-RateLimit-Limit")).toBe("500")
  })

  test("the documented 429: body, headers, and Retry-After right to the second", async () => {
    const { clock, ask } = clockedApi()
    for (let count = 0; count < 30; count += 1) {
      expect((await ask("/calls?search=x")).status).toBe(200)
      clock.now += 90
    }
    const { status, headers, body } = await ask("/calls?search=x")
    const resetAt = new Date(START + 60_000).toISOString()
    expect({ status, body }).toEqual({
      status: 429,
      body: { error: "Rate limit exceeded", retryAfter: 58, resetAt },
    })
    expect(headers.get("Retry-After")).toBe("58")
    expect(headers.get("X-RateLimit-Limit")).toBe("30")
    expect(headers.get("X-RateLimit-Remaining")).toBe("0")
    expect(headers.get("X-RateLimit-Reset")).toBe(resetAt)

    clock.now += 57_000
    expect((await ask("/calls?search=x")).status).toBe(429)
    clock.now += 1_000
    expect((await ask("/calls?search=x")).status).toBe(200)
  })

  test("the fifth hundred and first detail of an hour is refused, and a list is not", async () => {
    const { clock, ask } = clockedApi()
    for (let count = 0; count < 500; count += 1) {
      expect((await ask("/calls/x")).status).toBe(404)
      clock.now += 700
    }
    expect((await ask("/calls/x")).status).toBe(429)
    expect((await ask("/calls")).status).toBe(200)
  })

  test("a bad request is counted, a request without a key is not", async () => {
    const { ask } = clockedApi()
    await ask("/calls?limit=0")
    await ask("/calls", {})
    expect((await ask("/calls")).headers.get("X-RateLimit-Remaining")).toBe("198")
  })

  test("one key's use is not another's", async () => {
    const { ask } = clockedApi()
    await ask("/calls")
    expect((await ask("/calls", { "X-API-Key": "ew_b" })).headers.get("X-RateLimit-Remaining")).toBe("199")
  })

  test("limits can be off, and then nothing is said about them", async () => {
    const { ask } = clockedApi({ limits: "none" })
    for (let count = 0; count < 250; count += 1) expect((await ask("/calls")).status).toBe(200)
    expect((await ask("/calls")).headers.has("X-RateLimit-Limit")).toBe(false)
  })

  test("limits can be counted by the clock", async () => {
    const { ask } = clockedApi({
      now: () => START + 90_000,
      limits: { ...DOCUMENTED_LIMITS, window: "fixed" },
    })
    expect((await ask("/calls")).headers.get("X-RateLimit-Reset")).toBe(
      new Date(START + 3_600_000).toISOString(),
    )
  })

  test("each form of the headers that a vendor's page shows can be chosen", async () => {
    const unix = clockedApi({ oddities: { answer: { resetHeader: "unix" } } }).ask
    expect((await unix("/calls")).headers.get("X-RateLimit-Reset")).toBe(String((START + 3_600_000) / 1000))
    const quiet = clockedApi({ oddities: { answer: { limitHeaders: "on429" } } }).ask
    for (let count = 0; count < 100; count += 1) {
      expect((await quiet("/calls")).headers.has("X-RateLimit-Remaining")).toBe(false)
    }
    expect((await quiet("/calls")).headers.get("X-RateLimit-Remaining")).toBe("0")
    const tight = clockedApi({ oddities: { answer: { limitShown: "tightest" } } }).ask
    expect((await tight("/calls?search=x")).headers.get("X-RateLimit-Limit")).toBe("30")
  })
})

describe("the list against a plain filter", () => {
  const now = START + 12 * 3_600_000
  const traffic = createTraffic({ seed: 5, ratePerHour: 20, from: START, withExample: true })
  const all = traffic.callsAt(now)
  const ask = open({ source: traffic, now: () => now, limits: "none" })

  const instant = fc
    .integer({ min: START - 3_600_000, max: now + 3_600_000 })
    .map((ms) => new Date(ms).toISOString())
  const duration = fc.oneof(
    fc.constantFrom(0, 245, 9_000),
    fc.constantFrom(...all.flatMap((call) => call.duration ?? [])),
  )
  const parameters = fc.record(
    {
      page: fc.integer({ min: 1, max: 6 }),
      limit: fc.integer({ min: 1, max: 100 }),
      search: fc.constantFrom("REFUND", "+1555018", "tooth", "xyz product", "angry", "nowhere to be found"),
      callType: fc.constantFrom("all", "incoming", "outgoing"),
      agentId: fc.constantFrom("agent-uuid-1234", "nobody", ...COMPANIES.map((company) => company.agent.id)),
      minDuration: duration,
      maxDuration: duration,
      dateFrom: fc.oneof(instant, fc.constantFrom(...all.map((call) => call.createdAt))),
      dateTo: fc.oneof(instant, fc.constantFrom(...all.map((call) => call.createdAt))),
      sortBy: fc.constantFrom<"createdAt" | "duration" | "endedAt">("createdAt", "duration", "endedAt"),
      sortOrder: fc.constantFrom("asc", "desc"),
    },
    { requiredKeys: [] },
  )
  type Parameters = typeof parameters extends fc.Arbitrary<infer T> ? T : never

  /** As the page words it, and no cleverer. */
  const isMeant = (call: EmulatedCall, asked: Parameters) => {
    const texts = [call.from, call.to, call.summary ?? "", ...call.transcript.map((turn) => turn.text)]
    const search = asked.search?.toLowerCase()
    return (
      (search === undefined || texts.some((text) => text.toLowerCase().includes(search))) &&
      (asked.callType === undefined ||
        asked.callType === "all" ||
        call.type.toLowerCase() === asked.callType) &&
      (asked.agentId === undefined || call.agent?.id === asked.agentId) &&
      (asked.minDuration === undefined || (call.duration ?? -1) >= asked.minDuration) &&
      (asked.maxDuration === undefined || (call.duration ?? Infinity) <= asked.maxDuration) &&
      (asked.dateFrom === undefined || Date.parse(call.createdAt) >= Date.parse(asked.dateFrom)) &&
      (asked.dateTo === undefined || Date.parse(call.createdAt) <= Date.parse(asked.dateTo))
    )
  }

  test("there is something to find: both directions, open calls, the example", () => {
    expect(new Set(all.map((call) => call.type))).toEqual(new Set(["INCOMING", "OUTGOING"]))
    expect(all.some((call) => call.endedAt === null)).toBe(true)
    expect(all.some((call) => call.id === "call-uuid-1234")).toBe(true)
  })

  test("every combination of parameters answers the right calls, in order, on the right page", async () => {
    await fc.assert(
      fc.asyncProperty(parameters, async (asked) => {
        const query = new URLSearchParams(
          Object.entries(asked).map(([name, value]): [string, string] => [name, String(value)]),
        )
        const { status, body } = await ask(`/calls?${query.toString()}`)
        const { page = 1, limit = 20, sortBy = "createdAt", sortOrder = "desc" } = asked
        const meant = all.filter((call) => isMeant(call, asked))

        expect(status).toBe(200)
        expect(body.pagination).toEqual({
          page,
          limit,
          totalCount: meant.length,
          totalPages: Math.ceil(meant.length / limit),
        })
        const rows = body.data
        expect(rows).toHaveLength(Math.max(0, Math.min(limit, meant.length - (page - 1) * limit)))
        expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length)
        expect(rows.every((row) => meant.some((call) => call.id === row.id))).toBe(true)

        const values = rows.map((row) => row[sortBy])
        const nulls = values.findIndex((value) => value === null)
        if (nulls >= 0) expect(values.slice(nulls).every((value) => value === null)).toBe(true)
        const known = values.flatMap((value) =>
          value === null ? [] : [typeof value === "string" ? Date.parse(value) : value],
        )
        const sorted = known.toSorted((a, b) => (sortOrder === "asc" ? a - b : b - a))
        expect(known).toEqual(sorted)
      }),
      { numRuns: 400 },
    )
  })

  test("the pages together are the list, whatever the size of a page", async () => {
    for (const limit of [7, 50, 100]) {
      const ids: string[] = []
      for (let page = 1; page <= Math.ceil(all.length / limit); page += 1) {
        ids.push(...(await ask(`/calls?limit=${limit}&page=${page}`)).body.data.map((row) => row.id))
      }
      expect(ids.toSorted()).toEqual(all.map((call) => call.id).toSorted())
    }
  })

  test("equal calls keep their places, on the first pages and on the deepest", async () => {
    // Three durations among 1,100 calls: each has more calls than a page holds.
    const many = Array.from({ length: 1_100 }, (_, index) =>
      plainCall({ id: `c${index}`, duration: index % 3 }),
    )
    const askMany = open({ source: createCallBook(many), limits: "none" })
    const sorted = [0, 1, 2].flatMap((duration) => many.filter((call) => call.duration === duration))
    for (let page = 1; page <= 11; page += 1) {
      const { body } = await askMany(`/calls?limit=100&sortBy=duration&sortOrder=asc&page=${page}`)
      const place = (page - 1) * 100
      expect(body.data.map(({ id }) => id)).toEqual(sorted.slice(place, place + 100).map(({ id }) => id))
    }
  })

  test("a date alone means its first instant", async () => {
    const { body } = await ask("/calls?limit=100&dateTo=2026-03-02")
    expect(body.data.map((row) => row.id)).toEqual(["call-uuid-1234"])
  })
})
