/** Each fault does what it says: to the caller, and to the effect on the other side. */
import v8 from "node:v8"
import vm from "node:vm"
import { Hono } from "hono"
import { describe, expect, test } from "vitest"
import { faultyFetch, fetchFrom, type NetworkFault, type FaultPlan } from "./network.ts"
import { createRandom } from "./random.ts"

const ANSWER = { data: [{ id: "one", text: "a text that is long enough to be cut in the middle" }] }

function open(plan: FaultPlan, seed = 1) {
  const app = new Hono()
  const effects: string[] = []
  const slept: number[] = []
  app.all("/*", async (context) => {
    effects.push(`${context.req.method} ${await context.req.text()}`)
    return context.json(ANSWER)
  })
  const sleep = (ms: number) => {
    slept.push(ms)
    return Promise.resolve()
  }
  const fetch = faultyFetch(fetchFrom({ "api.test": app }), plan, { random: createRandom(seed), sleep })
  const ask = (init?: RequestInit) => fetch("https://api.test/calls", init)
  return { ask, effects, slept }
}

const codeOf = (error: unknown) => (error instanceof Error ? error.cause : undefined)

test("without a fault the answer is whole", async () => {
  const { ask, effects } = open([])
  expect(await (await ask({ method: "POST", body: "hello" })).json()).toEqual(ANSWER)
  expect(effects).toEqual(["POST hello"])
})

test("an unknown host fails as a name that does not resolve", async () => {
  const error: unknown = await fetchFrom({})("https://nowhere.test/").catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(TypeError)
  expect(codeOf(error)).toMatchObject({ code: "ENOTFOUND" })
})

describe("faults", () => {
  test("latency: whole, but late", async () => {
    const { ask, effects, slept } = open([{ kind: "latency", ms: 2_500 }])
    expect(await (await ask()).json()).toEqual(ANSWER)
    expect({ effects, slept }).toEqual({ effects: ["GET "], slept: [2_500] })
  })

  test("latency that outlasts the caller's patience ends without an effect", async () => {
    const { ask, effects } = open([{ kind: "latency", ms: 60_000 }])
    await expect(ask({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough")
    expect(effects).toEqual([])
  })

  test.each([500, 502, 503] as const)("status %i: no effect, and no JSON", async (status) => {
    const { ask, effects } = open([{ kind: "status", status }])
    const response = await ask()
    expect(response.status).toBe(status)
    expect(await response.text()).not.toContain("{")
    expect(effects).toEqual([])
  })

  test("429 out of the blue, with its Retry-After", async () => {
    const { ask, effects } = open([{ kind: "rateLimited", retryAfterSeconds: 7 }])
    const response = await ask()
    expect([response.status, response.headers.get("Retry-After"), effects]).toEqual([429, "7", []])
  })

  test.each([
    ["hang", []],
    ["hangAfter", ["GET "]],
  ] as const)("%s: no answer until the caller gives up", async (kind, expected) => {
    const { ask, effects } = open([{ kind }])
    const abort = new AbortController()
    let isOver = false
    const asked = ask({ signal: abort.signal }).finally(() => {
      isOver = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect({ isOver, effects }).toEqual({ isOver: false, effects: expected })
    abort.abort(new Error("gave up"))
    await expect(asked).rejects.toThrow("gave up")
  })

  test("what hangs hears of its caller's giving up, whatever has been collected meanwhile", async () => {
    v8.setFlagsFromString("--expose-gc")
    const collect: unknown = vm.runInNewContext("gc")
    if (typeof collect !== "function") throw new Error("Node has no garbage collector to call.")
    const { ask } = open([{ kind: "hangAfter" }])
    const abort = new AbortController()
    const asked = ask({ signal: abort.signal }).catch((error: unknown) => error)
    for (let round = 0; round < 20; round++) {
      await new Promise((resolve) => setImmediate(resolve))
      collect()
    }
    abort.abort(new Error("gave up"))
    const later = new Promise((resolve) => setImmediate(() => setImmediate(() => resolve("it hangs"))))
    expect(await Promise.race([asked, later])).toMatchObject({ message: "gave up" })
  })

  test("hanging in the body: headers, half of it, and then nothing until the caller gives up", async () => {
    const { ask, effects } = open([{ kind: "hangInBody" }])
    const abort = new AbortController()
    const response = await ask({ signal: abort.signal })
    const reader = response.body?.getReader()
    const { value } = (await reader?.read()) ?? {}
    expect(value?.length).toBe(Math.floor(JSON.stringify(ANSWER).length / 2))
    const rest = reader?.read()
    abort.abort(new Error("gave up"))
    await expect(rest).rejects.toThrow("gave up")
    expect(effects).toEqual(["GET "])
  })

  test.each([
    ["resetBefore", []],
    ["resetAfter", ["GET "]],
  ] as const)("%s: the connection breaks as fetch reports it", async (kind, expected) => {
    const { ask, effects } = open([{ kind }])
    const error: unknown = await ask().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TypeError)
    expect(codeOf(error)).toMatchObject({ code: "ECONNRESET" })
    expect(effects).toEqual(expected)
  })

  test("truncated: a 200 whose JSON stops in the middle", async () => {
    const response = await open([{ kind: "truncated" }]).ask()
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(response.headers.get("Content-Type")).toMatch(/json/)
    expect(JSON.stringify(ANSWER).startsWith(text)).toBe(true)
    expect(() => void JSON.parse(text)).toThrow(SyntaxError)
  })

  test("html: a 200 with a page", async () => {
    const response = await open([{ kind: "html" }]).ask()
    expect(response.headers.get("Content-Type")).toMatch(/^text\/html/)
    expect(await response.text()).toMatch(/^<!doctype html>/)
  })

  test("wrong type: the true answer, labelled as text", async () => {
    const response = await open([{ kind: "wrongType" }]).ask()
    expect(response.headers.get("Content-Type")).toBe("text/plain")
    expect(await response.json()).toEqual(ANSWER)
  })

  test("huge: more than 10 MB that would be right if anybody read them", async () => {
    const text = await (await open([{ kind: "huge" }]).ask()).text()
    expect(text.length).toBeGreaterThan(10 * 1024 * 1024)
    expect(JSON.parse(text)).toEqual(ANSWER)
  })

  test("huge is made while it is read, so that whoever stops early is spared", async () => {
    const response = await open([{ kind: "huge" }]).ask()
    const reader = response.body?.getReader()
    const first = await reader?.read()
    expect(first?.value?.length).toBeLessThan(100_000)
    await reader?.cancel()
  })
})

describe("plans", () => {
  test("a list happens in turn, and then nothing more", async () => {
    const { ask } = open([{ kind: "status", status: 500 }, undefined, { kind: "status", status: 503 }])
    const statuses: number[] = []
    for (let count = 0; count < 5; count += 1) statuses.push((await ask()).status)
    expect(statuses).toEqual([500, 200, 503, 200, 200])
  })

  test("shares happen about as often as they say, the same way for the same random numbers", async () => {
    const outcomes = async () => {
      const { ask } = open({ status: 0.2, resetBefore: 0.1, rateLimited: 0.1, latency: 0.2 }, 9)
      const seen: string[] = []
      for (let count = 0; count < 500; count += 1) {
        seen.push(
          await ask().then(
            (response) => String(response.status),
            () => "reset",
          ),
        )
      }
      return seen
    }
    const seen = await outcomes()
    const share = (fits: (outcome: string) => boolean) => seen.filter(fits).length / seen.length
    expect(share((one) => one.startsWith("5"))).toBeCloseTo(0.2, 1)
    expect(share((one) => one === "reset")).toBeCloseTo(0.1, 1)
    expect(share((one) => one === "429")).toBeCloseTo(0.1, 1)
    expect(new Set(seen)).toEqual(new Set(["200", "429", "500", "502", "503", "reset"]))
    expect(await outcomes()).toEqual(seen)
  })

  test("every kind can be drawn", async () => {
    const kinds: NetworkFault["kind"][] = [
      "latency",
      "status",
      "rateLimited",
      "resetBefore",
      "resetAfter",
      "truncated",
      "html",
      "wrongType",
      "huge",
      "hang",
      "hangAfter",
      "hangInBody",
    ]
    for (const kind of kinds) {
      const { ask, effects, slept } = open({ [kind]: 1 })
      // Only hanging requests get the short limit, so a busy machine gives up on nothing else.
      const signal = AbortSignal.timeout(kind.startsWith("hang") ? 250 : 30_000)
      const response = await ask({ signal }).catch(() => undefined)
      const isPlain =
        response?.status === 200 && (await response.text().catch(() => "")) === JSON.stringify(ANSWER)
      const isAlerted =
        kind === "latency"
          ? slept.length === 1
          : kind === "wrongType"
            ? response?.headers.get("Content-Type") === "text/plain"
            : !isPlain
      expect({ kind, isAlerted, reached: effects.length === 1 }).toEqual({
        kind,
        isAlerted: true,
        reached: !["status", "rateLimited", "resetBefore", "html", "hang"].includes(kind),
      })
    }
  })
})
