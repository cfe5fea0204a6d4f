/** One request: what is sent, what ends it, and what never comes back. */
import { createServer } from "node:http"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { BODY_BYTES_MAX, requestJson, type CallsApi, type ClientWorld } from "./request.ts"
import { createVirtualClock } from "./virtual-clock.ts"

const START = Date.parse("2026-01-05T09:00:00.000Z")
const API: CallsApi = { baseUrl: "https://echo.win/api/v1", apiKey: "ew_live_secret", timeoutMs: 10_000 }

type Fetch = typeof globalThis.fetch

function start(fetch: Fetch, api: CallsApi = API) {
  const clock = createVirtualClock(START)
  const world: ClientWorld = { fetch, now: clock.now, sleep: clock.sleep }
  const ask = () => clock.run(requestJson(world, api, { path: "calls?page=1", secrets: [] }))
  return { clock, ask }
}

describe("what goes out", () => {
  test("is a GET with the key, which follows no redirect", async () => {
    const seen: Request[] = []
    const { ask } = start(async (input, init) => {
      seen.push(new Request(input, init))
      return Response.json({ data: [] })
    })
    expect(await ask()).toEqual({ ok: true, value: { data: [] }, allowance: null, servedAt: null })
    const [request] = seen
    expect(request?.method).toBe("GET")
    expect(request?.url).toBe("https://echo.win/api/v1/calls?page=1")
    expect(request?.headers.get("x-api-key")).toBe("ew_live_secret")
    expect(request?.redirect).toBe("manual")
  })

  test.each([
    ["an address others could listen on", { ...API, baseUrl: "http://echo.win/api/v1" }, "unreachable"],
    ["no address", { ...API, baseUrl: "" }, "unreachable"],
    ["an empty key", { ...API, apiKey: "" }, "unauthorized"],
    ["a key with a line break", { ...API, apiKey: "ew_live_secret\n" }, "unauthorized"],
    ["a key with a letter no header can carry", { ...API, apiKey: "ew_live_secret→" }, "unauthorized"],
  ])("is nothing at all for %s", async (_name, api, kind) => {
    let requests = 0
    const { ask } = start(async () => {
      requests += 1
      return Response.json({})
    }, api)
    const answer = await ask()
    expect(answer).toMatchObject({ ok: false, trouble: { kind, retryable: false } })
    expect(JSON.stringify(answer)).not.toContain("ew_live_secret")
    expect(requests).toBe(0)
  })
})

describe("the time limit", () => {
  const never = () => new Promise<never>(() => {})
  const hangInBody = () =>
    new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode('{"data":')) }))

  test.each<[string, Fetch]>([
    ["an answer that never comes", never],
    ["a body that never ends", async () => hangInBody()],
    ["a fetch that obeys its signal", (_input, init) => rejectOnAbort(init?.signal)],
  ])("ends %s, to the millisecond", async (_name, fetch) => {
    const { clock, ask } = start(fetch)
    expect(await ask()).toMatchObject({ ok: false, trouble: { kind: "timeout", retryable: true } })
    expect(clock.now()).toBe(START + API.timeoutMs)
    expect(clock.sleepers()).toBe(0)
  })

  test("aborts the request and lets go of its body", async () => {
    const ended: string[] = []
    const { ask } = start(async (_input, init) => {
      init?.signal?.addEventListener("abort", () => ended.push("aborted"))
      return new Response(new ReadableStream({ cancel: () => void ended.push("cancelled") }))
    })
    await ask()
    expect(ended).toEqual(["aborted", "cancelled"])
  })

  test("also lets go of a body that comes too late", async () => {
    let isCancelled = false
    const { clock, ask } = start(async () => {
      await clock.sleep(API.timeoutMs + 1)
      return new Response(new ReadableStream({ cancel: () => void (isCancelled = true) }))
    })
    expect(await ask()).toMatchObject({ ok: false, trouble: { kind: "timeout" } })
    await clock.run(clock.sleep(1))
    expect(isCancelled).toBe(true)
  })

  test("is not waited for when the answer is there, and leaves no timer behind", async () => {
    const { clock, ask } = start(async () => {
      await clock.sleep(API.timeoutMs - 1)
      return Response.json([])
    })
    expect((await ask()).ok).toBe(true)
    expect(clock.now()).toBe(START + API.timeoutMs - 1)
    expect(clock.sleepers()).toBe(0)
  })

  test("works with a sleep that knows no signal, or rejects when it is given up", async () => {
    const sleeps: ClientWorld["sleep"][] = [() => never(), (_ms, signal) => rejectOnAbort(signal)]
    for (const sleep of sleeps) {
      const world: ClientWorld = { fetch: async () => Response.json([]), now: () => START, sleep }
      expect(await requestJson(world, API, { path: "calls", secrets: [] })).toMatchObject({ ok: true })
    }
  })
})

describe("the body limit", () => {
  const padded = (bytes: number) => new Uint8Array(bytes).fill(0x20).fill(0x31, 0, 1)

  test("holds to the byte", async () => {
    const ask = (bytes: number) => start(async () => new Response(padded(bytes))).ask()
    expect(await ask(BODY_BYTES_MAX)).toMatchObject({ ok: true, value: 1 })
    const trouble = { kind: "unreadable", reason: "too-large", retryable: false }
    expect(await ask(BODY_BYTES_MAX + 1)).toMatchObject({ ok: false, trouble })
  })

  test("counts what arrives, whatever length is declared, and reads no further", async () => {
    let sent = 0
    const endless = new ReadableStream({
      pull(body) {
        sent += 100_000
        body.enqueue(padded(100_000))
      },
    })
    const { ask } = start(async () => new Response(endless, { headers: { "Content-Length": "12" } }))
    expect(await ask()).toMatchObject({ ok: false, trouble: { reason: "too-large" } })
    expect(sent).toBeLessThanOrEqual(BODY_BYTES_MAX + 300_000)
  })

  test("is no matter where the status says it all", async () => {
    const ask = (status: number) =>
      start(async () => new Response(padded(BODY_BYTES_MAX + 1), { status })).ask()
    expect(await ask(503)).toMatchObject({ ok: false, trouble: { kind: "server" } })
    expect(await ask(401)).toMatchObject({ ok: false, trouble: { kind: "unauthorized" } })
    expect(await ask(429)).toMatchObject({
      ok: false,
      trouble: { kind: "rate-limited", until: START + 60_000 },
    })
  })
})

test("characters that are cut between two chunks come out whole", async () => {
  const bytes = new TextEncoder().encode(JSON.stringify({ text: "Grüße 👋" }))
  const body = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  expect(await start(async () => new Response(body)).ask()).toMatchObject({ value: { text: "Grüße 👋" } })
})

test("what the answer's headers tell of the limits is passed on, with troubles too", async () => {
  const headers = {
    "X-RateLimit-Limit": "200",
    "X-RateLimit-Remaining": "199",
    "X-RateLimit-Reset": "1767607200",
  }
  const allowance = { limit: 200, remaining: 199, resetAt: 1_767_607_200_000 }
  for (const status of [200, 404, 429, 500]) {
    const { ask } = start(async () => Response.json({ error: "x" }, { status, headers }))
    expect((await ask()).allowance).toEqual(allowance)
  }
})

test("an error's own words, which may quote the key, are not repeated; its code is", async () => {
  const quoting = () => new TypeError("Headers.append: ew_live_secret is an invalid header value.")
  const refused = () =>
    new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNREFUSED" }) })
  const broken = (error: Error) => new Response(new ReadableStream({ pull: (body) => body.error(error) }))
  const outcomes: [Fetch, string][] = [
    [() => Promise.reject(quoting()), "The Calls API could not be reached."],
    [() => Promise.reject(refused()), "The Calls API could not be reached (ECONNREFUSED)."],
    [async () => broken(quoting()), "The Calls API broke off its answer."],
    [async () => broken(refused()), "The Calls API broke off its answer (ECONNREFUSED)."],
    [() => Promise.reject(new Error("circular", { cause: 5 })), "The Calls API could not be reached."],
  ]
  for (const [fetch, message] of outcomes) {
    const trouble = { kind: "unreachable", message, retryable: true }
    expect(await start(fetch).ask()).toEqual({ ok: false, trouble, allowance: null })
  }
})

describe("over a real connection", () => {
  const visits: string[] = []
  const server = createServer((request, response) => {
    visits.push(request.url ?? "")
    if (request.url === "/away") return response.writeHead(302, { Location: "/elsewhere" }).end()
    if (request.url === "/reset") return request.socket.destroy()
    if (request.url === "/half")
      return response.writeHead(200, { "Content-Length": "99" }).write("{}", () => request.socket.destroy())
    return response.end('{"data":[]}')
  })
  const port = () => {
    const address = server.address()
    return typeof address === "object" && address ? address.port : 0
  }
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve)))
  afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())))

  test.each([
    ["calls", { ok: true, value: { data: [] } }],
    ["away", { ok: false, trouble: { kind: "unreadable", reason: "redirect" } }],
    ["reset", { ok: false, trouble: { kind: "unreachable", retryable: true } }],
    ["half", { ok: false, trouble: { kind: "unreachable", message: expect.stringContaining("broke off") } }],
  ])("/%s is answered by the same values", async (path, expected) => {
    const world: ClientWorld = { fetch, now: Date.now, sleep: () => new Promise(() => {}) }
    const api = { ...API, baseUrl: `http://127.0.0.1:${port()}` }
    expect(await requestJson(world, api, { path, secrets: [] })).toMatchObject(expected)
    expect(visits).not.toContain("/elsewhere")
  })
})

test("the answer's Date says when the vendor sent it, and nothing if it has none that can be read", async () => {
  const askedWith = (headers: Record<string, string>) =>
    start(async () => Response.json({ data: [] }, { headers })).ask()
  expect(await askedWith({ date: "Mon, 05 Jan 2026 10:00:00 GMT" })).toMatchObject({
    servedAt: Date.UTC(2026, 0, 5, 10),
  })
  expect(await askedWith({ date: "soon" })).toMatchObject({ servedAt: null })
})

describe("a world that makes its answers itself", () => {
  const refusing: Fetch = () => Promise.reject(new Error("Nobody should be asked."))
  const headers = new Headers({ "X-RateLimit-Remaining": "7" })
  const ask = (exchange: NonNullable<ClientWorld["exchange"]>, fetch = refusing) => {
    const world: ClientWorld = { fetch, now: () => START, sleep: () => new Promise(() => {}), exchange }
    return requestJson(world, API, { path: "calls?page=1", secrets: [] })
  }

  test("gives them as values, without their text", async () => {
    const asked: unknown[] = []
    const value = { data: [] }
    const answer = await ask(async (request) => {
      asked.push(request)
      return { status: 200, headers, text: "", json: value }
    })
    expect(answer).toEqual({
      ok: true,
      value,
      servedAt: null,
      allowance: { limit: null, remaining: 7, resetAt: null },
    })
    expect(asked).toEqual([
      { url: "https://echo.win/api/v1/calls?page=1", apiKey: API.apiKey, timeoutMs: API.timeoutMs },
    ])
  })

  test("is understood as any other, in trouble too", async () => {
    const refused = async () => ({ status: 404, headers, text: "", json: { error: "Call not found" } })
    expect(await ask(refused)).toMatchObject({ ok: false, trouble: { kind: "not-found" } })
    expect(await ask(async () => "timeout" as const)).toMatchObject({
      ok: false,
      trouble: { kind: "timeout" },
    })
    const text = async () => ({ status: 200, headers, text: "no JSON" })
    expect(await ask(text)).toMatchObject({ ok: false, trouble: { kind: "unreadable", reason: "not-json" } })
  })

  test("may leave a request to the usual way", async () => {
    const answer = await ask(
      () => null,
      async () => Response.json({ data: [1] }),
    )
    expect(answer).toMatchObject({ ok: true, value: { data: [1] } })
  })
})

function rejectOnAbort(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(new DOMException("Aborted", "AbortError")))
  })
}
