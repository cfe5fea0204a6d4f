/** The vendor's post-call workflow calls: it gets one and the same answer, soon, and the poller gets a nudge. */
import type { Nudge } from "@earshot/core/turn/nudge"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type TestApi, createTestApi } from "../test-api.ts"

const SECRET = "nudge-secret-of-the-tests"

const BY_HEADER = { authorization: null, more: { "x-earshot-nudge": SECRET } }

type Nudged = { api: TestApi; sent: Nudge[] }

function createNudged(
  send: (nudge: Nudge) => Promise<void> = async () => {},
  options: Parameters<typeof createTestApi>[0] = {},
): Nudged {
  const sent: Nudge[] = []
  const sleep = options.sleep ?? (() => new Promise<void>(() => {}))
  const api = createTestApi({
    ...options,
    sleep,
    nudge: {
      secret: SECRET,
      send: async (nudge) => {
        sent.push(nudge)
        await send(nudge)
      },
    },
  })
  return { api, sent }
}

const FROM = "&from=4930123456"

describe("a nudge", () => {
  test("comes with the secret in a header, or at the end of the address", async () => {
    const { api, sent } = createNudged()
    const first = await api.call("POST", "/nudge", { ...BY_HEADER, body: { callId: "one" } })
    const second = await api.call("POST", `/nudge/${SECRET}`, {
      authorization: null,
      body: "id=two&from=%2B4930123456",
    })
    expect([first.status, second.status]).toEqual([202, 202])
    expect(sent).toEqual([
      { id: "one", party: null, tries: 0 },
      { id: "two", party: "4930123456", tries: 0 },
    ])
  })

  test("may name the call in the query", async () => {
    const { api, sent } = createNudged()
    await api.call("POST", `/nudge/${SECRET}?call_id=one`, { authorization: null })
    expect(sent).toMatchObject([{ id: "one" }])
  })

  test("gets the same answer whatever it says and whatever becomes of it", async () => {
    const fails = createNudged(() => Promise.reject(new Error("+4930123456 is not to be logged")))
    const bodies = fc.oneof(fc.string(), fc.json(), fc.constant("x".repeat(100_000)), fc.constant("\0\ud800"))
    const type = fc.constantFrom(
      "application/json",
      "application/x-www-form-urlencoded",
      "image/png",
      "nonsense",
    )
    const expected = await fails.api.call("POST", "/nudge", BY_HEADER)
    expect(expected).toMatchObject({ status: 202, body: { status: "accepted" } })
    await fc.assert(
      fc.asyncProperty(bodies, type, async (body, contentType) => {
        const answer = await fails.api.call("POST", "/nudge", { ...BY_HEADER, body, contentType })
        expect([answer.status, answer.text]).toEqual([expected.status, expected.text])
      }),
      { numRuns: 200 },
    )
    expect(fails.api.logs[0]).toMatchObject({ event: "nudge.lost", why: "Error" })
    expect(JSON.stringify(fails.api.logs)).not.toContain("4930123456")
  })

  test("is answered within 50 ms by a queue that hangs, and the first of a process within a second", async () => {
    const waits: number[] = []
    let isHanging = false
    const { api } = createNudged(() => (isHanging ? new Promise(() => {}) : Promise.resolve()), {
      sleep: async (milliseconds) => {
        waits.push(milliseconds)
        // Whoever does not hang is quicker.
        if (!isHanging) await new Promise(() => {})
      },
    })
    isHanging = true
    expect((await api.call("POST", "/nudge", { ...BY_HEADER, body: { id: "1" } })).status).toBe(202)
    isHanging = false
    await api.call("POST", "/nudge", { ...BY_HEADER, body: { id: "2" } })
    isHanging = true
    expect((await api.call("POST", "/nudge", { ...BY_HEADER, body: { id: "3" } })).status).toBe(202)
    expect(waits).toEqual([1000, 1000, 40])
  })

  test("reads four kilobytes and no more", async () => {
    const { api, sent } = createNudged()
    await api.call("POST", "/nudge", { ...BY_HEADER, body: `id=one&x=${"x".repeat(5000)}&from=+4930123456` })
    expect(sent).toEqual([{ id: "one", party: null, tries: 0 }])
    // Of a name that ends on the last of these bytes nothing is missing; one byte later, its last digit is.
    const start = "id=two&x="
    const filled = (bytes: number) => `${start}${"x".repeat(bytes - start.length - FROM.length)}${FROM}`
    await api.call("POST", "/nudge", { ...BY_HEADER, body: filled(4096) })
    await api.call("POST", "/nudge", { ...BY_HEADER, body: filled(4097) })
    expect(sent.slice(1).map(({ party }) => party)).toEqual(["4930123456", "493012345"])
  })

  test("that is the same as a moment ago is passed on once, and of many only sixty a minute", async () => {
    const { api, sent } = createNudged()
    const nudge = (id: string) => api.call("POST", "/nudge", { ...BY_HEADER, body: { id } })
    await nudge("one")
    await nudge("one")
    expect(sent).toHaveLength(1)
    api.advance(2000)
    await nudge("one")
    expect(sent).toHaveLength(2)
    for (let index = 0; index < 100; index++) expect((await nudge(`forged-${index}`)).status).toBe(202)
    expect(sent.length).toBeLessThanOrEqual(62)
    api.advance(60_000)
    await nudge("two")
    expect(sent.at(-1)).toMatchObject({ id: "two" })
  })

  test("asks nothing of the table", async () => {
    const store = new Proxy(createMemoryStore(), {
      get: (_, name) => {
        throw new Error(`It used ${String(name)}.`)
      },
    })
    const { api } = createNudged(undefined, { store })
    expect((await api.call("POST", "/nudge", { ...BY_HEADER, body: { id: "one" } })).status).toBe(202)
  })
})

describe("anybody without the secret", () => {
  const wrong = [
    ["POST", "/nudge", {}],
    ["POST", "/nudge", { "x-earshot-nudge": "another-secret-of-the-tests" }],
    ["POST", "/nudge", { "x-earshot-nudge": SECRET.slice(0, -1) }],
    ["POST", "/nudge", { "x-earshot-nudge": `${SECRET.slice(0, -1)}x` }],
    ["POST", "/nudge", { "x-earshot-nudge": `x${SECRET.slice(1)}` }],
    ["POST", `/nudge/${SECRET}x`, {}],
    ["POST", `/nudge/${SECRET}/more`, {}],
    ["GET", `/nudge/${SECRET}`, {}],
    ["GET", "/nudge", { "x-earshot-nudge": SECRET }],
  ] as const

  test.each(wrong)("%s %s %j is a stranger like any other", async (method, path, more) => {
    const { api, sent } = createNudged()
    const stranger = await api.call("GET", "/nowhere", { authorization: null })
    const answer = await api.call(method, path, { authorization: null, more })
    expect([answer.status, answer.body]).toEqual([401, stranger.body])
    expect(sent).toEqual([])
  })

  test("opens no other door with it", async () => {
    const { api } = createNudged()
    for (const authorization of [`Bearer ${SECRET}`, SECRET])
      expect((await api.call("GET", "/rules", { ...BY_HEADER, authorization })).status).toBe(401)
  })
})

test("without a secret there is no such route", async () => {
  const api = createTestApi()
  expect(api.app.routes.filter(({ path }) => path.includes("nudge"))).toEqual([])
  expect((await api.call("POST", "/nudge", BY_HEADER)).status).toBe(401)
  expect((await api.call("POST", "/nudge", { more: BY_HEADER.more })).status).toBe(404)
})
