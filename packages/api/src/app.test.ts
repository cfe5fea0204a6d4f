/** The HTTP API as a whole: what the token is, what it says of mistakes and of its own trouble, and that nothing leaks. */
import { createMemoryStore } from "@earshot/io/store/memory-store"
import { TableMissing } from "@earshot/io/store/table"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { START, TOKEN, createTestApi, describedSchema } from "./test-api.ts"

const RULE = { name: "Long call", when: { duration: { gte: 60 } } }

const WITH_TOKEN = [
  ["GET", "/rules"],
  ["POST", "/rules"],
  ["GET", "/rules/flagged"],
  ["PUT", "/rules/flagged"],
  ["DELETE", "/rules/flagged"],
] as const

describe("the token", () => {
  const wrong = {
    "no token": null,
    "an empty header": "",
    "a scheme alone": "Bearer",
    "another token": "Bearer another-token",
    "the start of the token": `Bearer ${TOKEN.slice(0, -1)}`,
    "a longer token": `Bearer ${TOKEN}x`,
    "the token and another": `Bearer ${TOKEN} x`,
    "another scheme": `Basic ${TOKEN}`,
    "the token without a scheme": TOKEN,
  }

  test.each(WITH_TOKEN)("is asked for by %s %s, which changes nothing without it", async (method, path) => {
    const api = createTestApi()
    const body = method === "POST" || method === "PUT" ? { body: RULE } : {}
    for (const authorization of Object.values(wrong)) {
      const answer = await api.call(method, path, { ...body, authorization })
      expect(answer).toMatchObject({ status: 401, body: { title: "Unauthorized", status: 401 } })
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer\b/)
      expect(answer.text).not.toContain(TOKEN)
    }
    expect(await api.store.readRules()).toEqual([])
    expect(await api.store.readControl()).toBeNull()
  })
})

describe("an invalid body is answered with where and what would be right, and nothing is saved:", () => {
  const deep = [1, 2, 3, 4, 5].reduce<object>((inner) => ({ not: inner }), { flagged: true })
  const many = { any: Array.from({ length: 51 }, () => ({ flagged: true })) }
  const when = (condition: unknown) => ({ ...RULE, when: condition })
  test.each<[string, unknown, string, RegExp]>([
    ["a misspelt field", when({ scor: { lte: 2 } }), "/when/scor", /did you mean score\?/],
    ["half a field", when({ angry: { gte: 0.5 } }), "/when/angry", /did you mean sentiment\.angry\?/],
    ["a field that is none", when({ weather: 1 }), "/when/weather", /the fields are from, to, .*callCost/],
    ["a field with / and ~", when({ "a/b~c": 1 }), "/when/a~1b~0c", /is no(t a known)? field/],
    ["a field of every object", when({ constructor: 1 }), "/when/constructor", /is no(t a known)? field/],
    [
      "an operator of another type",
      when({ score: { contains: "2" } }),
      "/when/score/contains",
      /is a number; use eq, .*gte/,
    ],
    [
      "an operator that is none",
      when({ from: { like: "+1" } }),
      "/when/from/like",
      /use eq, ne, in, contains/,
    ],
    ["a text for a number", when({ score: { lte: "2" } }), "/when/score/lte", /with a number/],
    ["a number for a boolean", when({ flagged: 1 }), "/when/flagged", /with true or false/],
    ["null for a text", when({ summary: null }), "/when/summary", /text of 1 to 200/],
    [
      "a text that is too long",
      when({ summary: { contains: "x".repeat(201) } }),
      "/when/summary/contains",
      /1 to 200/,
    ],
    ["exists with a number", when({ memory: { exists: 1 } }), "/when/memory/exists", /true or false/],
    ["in without a list", when({ score: { in: 1 } }), "/when/score/in", /a list of 1 to 50/],
    ["in with nothing", when({ score: { in: [] } }), "/when/score/in", /a list of 1 to 50/],
    ["in with mixed values", when({ score: { in: [1, "2"] } }), "/when/score/in", /each a number/],
    ["no condition", { name: "x" }, "/when", /must be an object/],
    ["an empty condition", when({}), "/when", /at least one field/],
    ["a list as a condition", when([{ flagged: true }]), "/when", /must be an object/],
    ["any of nothing", when({ any: [] }), "/when/any", /at least one condition/],
    ["any of something else", when({ any: { flagged: true } }), "/when/any", /must be a list/],
    ["not of a value", when({ not: true }), "/when/not", /must be an object/],
    [
      "a mistake far inside",
      when({ all: [{ flagged: true }, { not: { scor: 1 } }] }),
      "/when/all/1/not/scor",
      /score/,
    ],
    ["a field without an operator", when({ score: {} }), "/when/score", /needs an operator: eq/],
    ["too many levels", when(deep), "/when/not/not/not/not/not", /deeper than 5/],
    ["too many fields", when(many), "/when", /more than 50 comparisons/],
    ["a key that is none", { ...RULE, colour: "red" }, "/colour", /leave it out/],
    ["a mark of its own", { ...RULE, isDeleted: true }, "/isDeleted", /leave it out/],
    ["no name", { when: RULE.when }, "/name", /must be a string/],
    ["an empty name", { ...RULE, name: " " }, "/name", /at least 1/],
    ["a name that is too long", { ...RULE, name: "x".repeat(81) }, "/name", /at most 80/],
    ["a number as a name", { ...RULE, name: 5 }, "/name", /must be a string/],
    ["an id with capitals", { ...RULE, id: "Long" }, "/id", /lower-case/],
    ["a mode that is none", { ...RULE, mode: "on" }, "/mode", /live, shadow, off/],
    ["a severity that is none", { ...RULE, severity: "loud" }, "/severity", /info, warning, critical/],
    ["a settle time in words", { ...RULE, settle: "1 hour" }, "/settle", /such as PT30M/],
    ["a settle time that is too long", { ...RULE, settle: "PT6H1S" }, "/settle", /at most PT6H/],
    ["no channel at all", { ...RULE, channels: [] }, "/channels", /at least 1/],
    ["a channel that is none", { ...RULE, channels: ["slack", "sms"] }, "/channels/1", /slack, email/],
    ["one channel without a list", { ...RULE, channels: "slack" }, "/channels", /must be a list/],
    ["a list", [RULE], "", /must be an object/],
    ["null", null, "", /must be an object/],
  ])("%s", async (_what, body, path, message) => {
    const api = createTestApi()
    for (const [method, address] of [
      ["POST", "/rules"],
      ["PUT", "/rules/flagged"],
    ] as const) {
      const errors = [{ path, message: expect.stringMatching(message) }]
      expect(await api.call(method, address, { body: JSON.stringify(body) })).toMatchObject({
        status: 400,
        body: { errors },
      })
    }
    expect(await api.store.readRules()).toEqual([])
    expect(await api.store.readControl()).toBeNull()
  })

  test("several mistakes at once, each in its place", async () => {
    const body = {
      name: "",
      severity: "loud",
      when: { scor: 1, duration: { gte: "long" } },
      channels: ["sms"],
      oops: 1,
    }
    const { body: problem } = await createTestApi().call("POST", "/rules", { body })
    const paths = ["/name", "/severity", "/when/scor", "/when/duration/gte", "/channels/0", "/oops"]
    expect(problem).toMatchObject({
      errors: expect.arrayContaining(paths.map((path) => expect.objectContaining({ path }))),
    })
  })

  test.each(["", "{", "name=Long", '{"name":"x",}', "\u0000"])("%j, which is not JSON", async (body) => {
    const answer = await createTestApi().call("POST", "/rules", { body })
    expect(answer).toMatchObject({ status: 400, body: { detail: "The body is not JSON." } })
  })
})

describe("a body over 64 KB is refused unread", () => {
  const padded = (bytes: number) => {
    const text = JSON.stringify(RULE)
    return text + " ".repeat(bytes - text.length)
  }

  test("and one of just 64 KB is not", async () => {
    const api = createTestApi()
    for (const [method, path] of [
      ["POST", "/rules"],
      ["PUT", "/rules/long-call"],
    ] as const) {
      const answer = await api.call(method, path, { body: padded(64 * 1024 + 1) })
      expect(answer).toMatchObject({ status: 413, body: { detail: expect.stringContaining("65536 bytes") } })
    }
    expect(await api.store.readRules()).toEqual([])
    expect(await api.call("POST", "/rules", { body: padded(64 * 1024) })).toMatchObject({ status: 201 })
  })

  test("when its length is not said, too: no more than the limit is read", async () => {
    const { app } = createTestApi()
    let bytes = 0
    const body = new ReadableStream({
      pull: (controller) => {
        bytes += 1024
        controller.enqueue(new Uint8Array(1024))
      },
    })
    const headers = { authorization: `Bearer ${TOKEN}` }
    const init: RequestInit = { method: "POST", headers, body, duplex: "half" }
    const request = new Request("http://localhost/rules", init)
    expect((await app.request(request)).status).toBe(413)
    expect(bytes).toBeLessThan(70 * 1024)
  })
})

describe("GET /health", () => {
  const options = { now: START, gateMs: 0, since: START }

  test("fails until there was a poll", async () => {
    const answer = await createTestApi({ intervalMs: 19_000 }).call("GET", "/health")
    expect(answer).toMatchObject({ status: 503, body: { status: "failing", detail: "No poll has run yet." } })
  })

  test("is fine after one that has completed, and fails again when they stop coming", async () => {
    const api = createTestApi({ intervalMs: 19_000 })
    await api.store.acquire(options)
    expect(await api.call("GET", "/health")).toMatchObject({ status: 503 })
    await api.store.changeControl(1, { completedAt: START })
    expect(await api.call("GET", "/health")).toMatchObject({
      status: 200,
      body: { status: "ok", lastPollAt: new Date(START).toISOString() },
    })
    api.advance(180_000)
    expect(await api.call("GET", "/health")).toMatchObject({ status: 200 })
    api.advance(1)
    const detail = expect.stringContaining("3 min ago")
    expect(await api.call("GET", "/health")).toMatchObject({
      status: 503,
      body: { status: "failing", detail },
    })
  })

  test("does not mind silence where polls are started by hand", async () => {
    const api = createTestApi({ intervalMs: 0 })
    await api.store.acquire(options)
    await api.store.changeControl(1, { completedAt: START })
    api.advance(86_400_000)
    expect(await api.call("GET", "/health")).toMatchObject({ status: 200 })
  })

  test("says why the list cannot be read", async () => {
    const api = createTestApi({ intervalMs: 19_000 })
    await api.store.acquire(options)
    const failure = { kind: "unauthorized", message: "The API key was refused.", since: START, at: START }
    await api.store.changeControl(1, { failure })
    const body = { status: "failing", detail: failure.message, failure: { kind: "unauthorized" } }
    expect(await api.call("GET", "/health")).toMatchObject({ status: 503, body })
  })

  test("tells a stranger whether, and nothing else, whatever there is to tell", async () => {
    const api = createTestApi({ intervalMs: 19_000 })
    await api.store.acquire(options)
    const failure = { kind: "server", message: "The vendor's own words", since: START, at: START }
    await api.store.changeControl(1, { watermark: START, completedAt: START, failure })
    for (const authorization of [null, "", "Bearer another-token"]) {
      const answer = await api.call("GET", "/health", { authorization })
      expect([answer.status, answer.text]).toEqual([503, '{"status":"failing"}'])
    }
    await api.store.changeControl(1, { failure: null })
    // Strangers share an answer for five seconds.
    api.advance(5000)
    const { status, text } = await api.call("GET", "/health", { authorization: null })
    expect([status, text]).toEqual([200, '{"status":"ok"}'])
  })
})

describe("trouble of its own", () => {
  const SECRET = "AKIA-secret in pk TEAM#default of arn:aws:dynamodb"

  function failing(error: Error) {
    const fail = async () => {
      throw error
    }
    const store = { ...createMemoryStore(), readRules: fail, readRule: fail, readControl: fail }
    return createTestApi({ store })
  }
  const requests = [...WITH_TOKEN, ["GET", "/health"] as const]

  test.each(requests)("in %s %s is a 500 that tells the log and nobody else", async (method, path) => {
    const api = failing(new Error(SECRET))
    const answer = await api.call(method, path, method === "POST" || method === "PUT" ? { body: RULE } : {})
    expect(answer).toMatchObject({ status: 500, body: { title: "Internal Server Error" } })
    expect(answer.text + JSON.stringify([...answer.headers])).not.toMatch(/AKIA|TEAM|arn:|\bat .*\.ts/)
    const requestId = answer.headers.get("x-request-id")
    expect(api.logs).toMatchObject([{ level: "error", event: "api.failed", requestId, why: SECRET }])
    expect(answer.body).toMatchObject({ detail: expect.stringContaining(requestId ?? "no id") })
  })

  test("is no stranger's business: /health is failing, and says no more, however it fails", async () => {
    for (const error of [new Error(SECRET), new TableMissing("earshot", new Error(SECRET))]) {
      const api = failing(error)
      const answer = await api.call("GET", "/health", { authorization: null })
      expect([answer.status, answer.text]).toEqual([503, '{"status":"failing"}'])
      expect(api.logs).toMatchObject([{ level: "error", event: "api.failed" }])
    }
  })

  test.each(requests)(
    "in %s %s is a 503 that says what to do, if the table is missing",
    async (method, path) => {
      const api = failing(new TableMissing("earshot", new Error(SECRET)))
      const answer = await api.call(method, path, method === "POST" || method === "PUT" ? { body: RULE } : {})
      expect(answer).toMatchObject({
        status: 503,
        body: { detail: expect.stringContaining("--create-table") },
      })
      expect(answer.text).not.toContain("AKIA")
    },
  )
})

describe("whatever is sent", () => {
  const value = fc.oneof(
    fc.constantFrom<unknown>(true, 1, "x", "PT30M", "live", null, [], {}, ["slack"], "critical"),
    fc.jsonValue({ maxDepth: 3 }),
  )
  /** Mostly what is right: nearly every rule would be refused otherwise. */
  const mostly = (right: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 20, arbitrary: right }, { weight: 1, arbitrary: value })
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 20 })
  const leaf = fc.oneof(
    fc.constantFrom<unknown>({ flagged: true }, { timeline: "TRANSFER" }, { memory: { exists: false } }),
    fc.record({ score: fc.record({ lte: mostly(fc.double({ noNaN: true })), ne: fc.integer() }) }),
    fc.record({ summary: mostly(text), from: fc.record({ in: fc.array(mostly(text), { maxLength: 3 }) }) }),
    fc.dictionary(fc.constantFrom("flagged", "toString", "constructor", "eq", "score"), value, {
      maxKeys: 2,
    }),
  )
  const { condition } = fc.letrec<{ condition: unknown }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      leaf,
      fc.record({ not: tie("condition") }),
      fc.record({ any: fc.array(tie("condition"), { maxLength: 3 }), spam: mostly(fc.boolean()) }),
      fc.record({ all: mostly(fc.array(tie("condition"), { minLength: 1, maxLength: 3 })) }),
    ),
  }))
  const rule = fc.record(
    {
      name: mostly(fc.string({ unit: "binary", minLength: 1, maxLength: 90 })),
      when: condition,
      mode: mostly(fc.constantFrom("live", "shadow", "off")),
      severity: mostly(fc.constantFrom("info", "warning", "critical")),
      settle: mostly(fc.constantFrom("PT1H", "P0D", "PT6H")),
      channels: mostly(fc.subarray(["slack", "email"], { minLength: 1 })),
      id: mostly(fc.constantFrom("flagged", "a")),
      version: mostly(fc.nat(3)),
      updatedAt: value,
    },
    { requiredKeys: ["name", "when"] },
  )
  const body = fc.oneof({ weight: 15, arbitrary: rule }, { weight: 1, arbitrary: value })

  test("is accepted and then read back as it is, or refused and forgotten; it never breaks anything", async () => {
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom("POST", "PUT"), async (sent, method) => {
        const api = createTestApi()
        const text = JSON.stringify(sent)
        const answer = await api.call(method, method === "POST" ? "/rules" : "/rules/a", { body: text })
        expect([200, 201, 400, 409, 412]).toContain(answer.status)
        expect(api.logs).toEqual([])
        if (answer.status >= 400) {
          expect(await api.store.readRules()).toEqual([])
          return
        }
        accepted += 1
        // What the API takes, the description allows.
        expect(describedSchema("RuleInput").safeParse(JSON.parse(text)).error).toBeUndefined()
        const [stored] = await api.store.readRules()
        const read = await api.call("GET", `/rules/${stored?.id}`)
        expect(read.body).toEqual(answer.body)
        const { id: _id, version: _version, updatedAt: _updatedAt, ...given } = JSON.parse(text)
        expect(read.body).toMatchObject({ ...given, name: given.name.trim() })
        const again = await api.call("PUT", `/rules/${stored?.id}`, { body: read.body })
        expect(again).toMatchObject({ status: 200, body: { when: given.when } })
      }),
      { numRuns: 1000 },
    )
    expect(accepted).toBeGreaterThan(50)
  })
})
