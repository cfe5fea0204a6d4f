/** What the address asks for, and how answers are handled that are JSON but not what was asked for. */
import { describe, expect, test } from "vitest"
import { getCall, listCalls, type CallsApi, type ClientWorld, type ListQuery } from "./client.ts"

const API: CallsApi = { baseUrl: "https://echo.win/api/v1/", apiKey: "ew_live_secret", timeoutMs: 10_000 }

/** A world that gives every request the same answer and remembers the addresses. */
function worldOf(body: unknown, status = 200) {
  const urls: string[] = []
  const fetch: typeof globalThis.fetch = async (input) => {
    urls.push(input instanceof Request ? input.url : String(input))
    return Response.json(body, { status })
  }
  const world: ClientWorld = { fetch, now: () => 0, sleep: () => new Promise(() => {}) }
  return { world, urls }
}

describe("the list", () => {
  test("is asked for with every documented parameter", async () => {
    const { world, urls } = worldOf({ data: [] })
    const query: Required<ListQuery> = {
      page: 2,
      limit: 50,
      search: "+1 555 & more",
      callType: "incoming",
      agentId: "agent-uuid-1234",
      minDuration: 0,
      maxDuration: 600,
      dateFrom: "2024-01-15T14:30:00.000Z",
      dateTo: "2024-01-15T14:30:00+01:00",
      sortBy: "endedAt",
      sortOrder: "asc",
    }
    await listCalls(world, API, query)
    const url = new URL(urls[0] ?? "")
    expect(url.pathname).toBe("/api/v1/calls")
    expect(Object.fromEntries(url.searchParams)).toEqual(
      Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
    )
  })

  test("leaves out what is undefined, and knows no other parameters", async () => {
    const { world, urls } = worldOf({ data: [] })
    const query = { page: undefined, search: undefined, apiKey: "x" }
    await listCalls(world, API, query)
    expect(urls).toEqual(["https://echo.win/api/v1/calls"])
  })

  test("that is no list is unreadable", async () => {
    for (const body of [{ data: null }, { data: {} }, {}, [], null, "x", 5]) {
      const answer = await listCalls(worldOf(body).world, API, {})
      expect(answer).toMatchObject({ ok: false, trouble: { kind: "unreadable", reason: "wrong-shape" } })
    }
  })

  test("never repeats in a trouble what was searched for", async () => {
    const { world } = worldOf({ error: "Nothing for winterbottom" }, 400)
    const answer = await listCalls(world, API, { search: "Winterbottom" })
    expect(JSON.stringify(answer).toLowerCase()).not.toContain("winterbottom")
  })
})

describe("a call", () => {
  test.each([
    ["call-uuid-1234", "call-uuid-1234"],
    ["a/b?c#d", "a%2Fb%3Fc%23d"],
    ["../calls", "..%2Fcalls"],
    ["ü 👋", "%C3%BC%20%F0%9F%91%8B"],
    ["%2e%2e", "%252e%252e"],
  ])("%s is asked for by its encoded id", async (id, encoded) => {
    const { world, urls } = worldOf({ data: { id } })
    expect(await getCall(world, API, id)).toMatchObject({ ok: true, value: { call: { id }, odd: {} } })
    expect(urls).toEqual([`https://echo.win/api/v1/calls/${encoded}`])
    expect(new URL(urls[0] ?? "").pathname).toBe(`/api/v1/calls/${encoded}`)
  })

  test.each(["", ".", "..", "\ud800", "a\udc00b", "x".repeat(201)])(
    "%j is not found, unasked",
    async (id) => {
      const { world, urls } = worldOf({ data: { id } })
      expect(await getCall(world, API, id)).toMatchObject({
        ok: false,
        trouble: { kind: "not-found", retryable: false },
      })
      expect(urls).toEqual([])
    },
  )

  test("that is another one, or none, is unreadable", async () => {
    for (const body of [
      { data: { id: "b" } },
      { data: null },
      { data: {} },
      { data: [{ id: "a" }] },
      { id: "a" },
      [],
    ]) {
      const answer = await getCall(worldOf(body).world, API, "a")
      expect(answer).toMatchObject({ ok: false, trouble: { kind: "unreadable", reason: "wrong-shape" } })
    }
  })
})
