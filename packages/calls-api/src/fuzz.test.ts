/**
 * Twelve thousand answers, correct, broken and hostile: each becomes one of the client's values, none an exception, and
 * no trouble reveals more than it should.
 */
import { plainCall } from "@earshot/emulators/call-book"
import { detailedFields, listedFields } from "@earshot/emulators/call"
import { chance, createRandom, integer, pick, type Random } from "@earshot/emulators/random"
import { expect, test } from "vitest"
import * as z from "zod"
import type { Answer } from "./answer.ts"
import { CallDetail, Listing } from "./call.ts"
import { getCall, listCalls, type CallsApi, type ClientWorld } from "./client.ts"

const API: CallsApi = { baseUrl: "https://echo.win/api/v1", apiKey: "ew_live_secret", timeoutMs: 10_000 }
const NOW = Date.parse("2026-01-05T09:00:00.000Z")
const ANSWERS = 12_000
const BATCH = 1000

/** Caller data in every answer; none of it may appear in a trouble. */
const CALLER = { from: "+15550107777", summary: "Mrs. Winterbottom was angry." }

const Detail = z.strictObject({ call: CallDetail, odd: z.record(z.string(), z.number().int().positive()) })
const Allowance = z.strictObject({
  limit: z.number().nullable(),
  remaining: z.number().nullable(),
  resetAt: z.number().nullable(),
})
const plain = { message: z.string().regex(/^[\x20-\x7e]{10,400}$/), retryable: z.boolean() }
const Trouble = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("unauthorized"), ...plain }),
  z.strictObject({ kind: z.literal("not-found"), ...plain }),
  z.strictObject({
    kind: z.literal("rate-limited"),
    until: z
      .number()
      .min(NOW + 1000)
      .max(NOW + 3_600_000),
    ...plain,
  }),
  z.strictObject({ kind: z.literal("refused"), status: z.number().min(400).max(499), ...plain }),
  z.strictObject({ kind: z.literal("server"), status: z.number().min(500).max(599), ...plain }),
  z.strictObject({ kind: z.literal("unreachable"), ...plain }),
  z.strictObject({
    kind: z.literal("unreadable"),
    reason: z.enum(["not-json", "wrong-shape", "too-large", "redirect", "status"]),
    ...plain,
  }),
])

const kinds = new Map<string, number>()

const batches = Array.from({ length: ANSWERS / BATCH }, (_, index) => index * BATCH)
test.each(batches)("answers %i and the next 999", async (first) => {
  for (let seed = first; seed < first + BATCH; seed += 1) {
    const random = createRandom(seed, "fuzz")
    const isList = chance(random, 0.5)
    const fetch = () => answer(random, isList)
    const world: ClientWorld = { fetch, now: () => NOW, sleep: () => new Promise(() => {}) }
    const told = isList ? await listCalls(world, API, {}) : await getCall(world, API, "call-1")
    check(told, isList ? Listing : Detail, `seed ${seed}`)
  }
})

test("and they were of every kind", () => {
  const enough = [
    "ok",
    "unauthorized",
    "not-found",
    "rate-limited",
    "refused",
    "server",
    "unreachable",
    "unreadable",
  ]
  for (const kind of enough) expect(kinds.get(kind), kind).toBeGreaterThan(100)
  expect([...kinds.values()].reduce((sum, count) => sum + count, 0)).toBe(ANSWERS)
})

function check(told: Answer<unknown>, schema: z.ZodType, seed: string): void {
  const kind = told.ok ? "ok" : told.trouble.kind
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  expect(Allowance.nullable().safeParse(told.allowance).error, seed).toBeUndefined()
  if (told.ok) {
    // The value is exactly what the schema says: nothing missing, wrong or extra.
    const parsed = schema.safeParse(told.value)
    expect(parsed.error, seed).toBeUndefined()
    expect(parsed.data, seed).toEqual(told.value)
    expect(() => JSON.stringify(told.value), seed).not.toThrow()
    return
  }
  expect(Trouble.safeParse(told.trouble).error, seed).toBeUndefined()
  expect(JSON.stringify(told.trouble), seed).not.toMatch(/ew_live_secret|Winterbottom|0107777/i)
}

async function answer(random: Random, isList: boolean): Promise<Response> {
  if (chance(random, 0.03)) throw pick(random, THROWN)
  const isGood = chance(random, 0.6)
  const status = isGood ? 200 : pick(random, STATUSES)
  const headers = chance(random, 0.3) ? someHeaders(random) : {}
  if ([204, 205, 304].includes(status)) return new Response(null, { status, headers })
  return new Response(inPieces(random, someBody(random, isList, status)), { status, headers })
}

function someBody(random: Random, isList: boolean, status: number): Uint8Array {
  const right = rightBody(random, isList)
  const isError = status >= 400
  const choice = random()
  if (choice < 0.15) return encode(JSON.stringify(right))
  if (choice < (isError ? 0.3 : 0.6))
    return encode(JSON.stringify(mutate(random, right)).replaceAll('"HUGE"', "1e999"))
  if (choice < (isError ? 0.8 : 0.65)) return encode(JSON.stringify(errorBody(random)))
  if (choice < 0.9) return spoil(random, encode(JSON.stringify(right)))
  return encode(pick(random, HOSTILE))
}

function errorBody(random: Random): unknown {
  return { error: pick(random, ERRORS), retryAfter: someValue(random), resetAt: someValue(random) }
}

function rightBody(random: Random, isList: boolean): unknown {
  const call = (id: string) => plainCall({ id, ...CALLER, activityTimeline: [ACTIVITY] })
  if (!isList) return { data: detailedFields(call("call-1")) }
  const data = Array.from({ length: integer(random, 0, 3) }, (_, index) =>
    listedFields(call(`call-${index}`)),
  )
  return { data, pagination: { page: 1, limit: 20, totalCount: data.length, totalPages: 1 } }
}

const ACTIVITY = {
  id: "log-1",
  type: "TOOL_CALL",
  sender: "agent",
  data: CALLER.summary,
  toolData: { tool: "check_inventory", result: { inStock: true } },
  timestamp: "2026-01-05T09:00:30.000Z",
}

/** Changes, removes or doubles one to four places in the JSON. */
function mutate(random: Random, value: unknown): unknown {
  let mutated = value
  for (let times = integer(random, 1, 4); times > 0; times -= 1) mutated = mutateOnce(random, mutated)
  return mutated
}

function mutateOnce(random: Random, value: unknown): unknown {
  if (typeof value !== "object" || value === null || chance(random, 0.12)) return someValue(random)
  const names = Object.keys(value)
  if (names.length === 0) return someValue(random)
  const name = pick(random, names)
  if (Array.isArray(value)) {
    const changed = mutateOnce(random, value[Number(name)])
    return chance(random, 0.3) ? [...value, changed, ...value] : value.with(Number(name), changed)
  }
  const entries = Object.entries(value)
  if (chance(random, 0.2)) return Object.fromEntries(entries.filter(([other]) => other !== name))
  return Object.fromEntries(
    entries.map(([other, part]) => [other, other === name ? mutateOnce(random, part) : part]),
  )
}

/** Cut, doubled, or with bytes that are not UTF-8. */
function spoil(random: Random, bytes: Uint8Array): Uint8Array {
  const at = integer(random, 0, bytes.length)
  const choice = integer(random, 0, 3)
  if (choice === 0) return bytes.slice(0, at)
  if (choice === 1) return Uint8Array.of(...bytes, ...bytes.slice(at))
  const damage = choice === 2 ? [0xff, 0xfe, 0x00] : [integer(random, 0, 255)]
  return Uint8Array.of(...bytes.slice(0, at), ...damage, ...bytes.slice(at))
}

/** Whole, in pieces, or broken off with an error. */
function inPieces(random: Random, bytes: Uint8Array): ReadableStream<Uint8Array> {
  const size = chance(random, 0.5) ? bytes.length : integer(random, 1, 400)
  const end = chance(random, 0.03) ? integer(random, 0, bytes.length) : Infinity
  let sent = 0
  return new ReadableStream({
    pull(controller) {
      if (sent >= end) return controller.error(pick(random, THROWN))
      if (sent >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(sent, sent + size))
      sent += Math.max(size, 1)
    },
  })
}

function someHeaders(random: Random): Record<string, string> {
  const names = [
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
    "content-length",
  ]
  return Object.fromEntries(
    names.filter(() => chance(random, 0.6)).map((name) => [name, pick(random, HEADER_VALUES)]),
  )
}

function someValue(random: Random): unknown {
  return pick(random, VALUES)
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

const VALUES = [
  null,
  true,
  false,
  0,
  -1,
  4.5,
  "HUGE",
  Number.MAX_SAFE_INTEGER + 2,
  1767607200,
  "",
  "call-1",
  "x".repeat(500),
  "2024-01-15T14:30:00.000Z",
  "2024-13-45",
  "\u0000\ud800\u202e",
  "<script>alert(1)</script>",
  CALLER.summary,
  API.apiKey,
  [],
  {},
  [null],
  [[]],
  { id: "call-1" },
  { id: 7, from: {} },
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {}}, "hasOwnProperty": 1}'),
  JSON.parse("[".repeat(40) + "]".repeat(40)),
] as const

const ERRORS = [
  "Call not found",
  "Rate limit exceeded",
  "Invalid API key",
  "limit must be at most 100",
  `No access for ${API.apiKey}`,
  `No call from ${CALLER.from}`,
  "line one\nline two",
  "\u001b[2J",
  "x".repeat(5000),
  "",
  null,
  { message: "nested" },
] as const

const HOSTILE = [
  "",
  " ",
  "\ufeff{}",
  "\u0000",
  "null",
  "0",
  '""',
  "[]",
  "{}",
  '{"data":null}',
  '{"data":{}}',
  '{"data":[[]]}',
  '{"data":[null,1,"x",{}]}',
  '{"data":[{"id":"call-1"}],"pagination":[]}',
  '{"data":{"id":"call-1"}}',
  '{"data":{"id":"call-1"},"data":{"id":"call-2"}}',
  '{"data":{"id":"call-1","metadata":{"sentiment":[],"usage":"x"},"activityTimeline":{"0":{}}}}',
  '{"__proto__":{"data":[]}}',
  '{"data":[{"id":"call-1","duration":1e999,"score":-1e999}]}',
  `{"data":${"[".repeat(100_000)}`,
  `{"data":${"[".repeat(5000)}${"]".repeat(5000)}}`,
  `{"data":{"id":"call-1","activityTimeline":[{"toolData":${'{"a":'.repeat(5000)}1${"}".repeat(5000)}}]}}`,
  "<!doctype html><title>502 Bad Gateway</title>",
  "NaN",
  "undefined",
  "{'data': []}",
  "data: []",
] as const

const HEADER_VALUES = [
  "0",
  "200",
  "-5",
  "1e9",
  "99999999999999999999",
  "1767607200",
  "2026-01-05T09:30:00.000Z",
  "Mon, 05 Jan 2026 09:30:00 GMT",
  "+275760-09-13T00:00:00.001Z",
  "soon",
  "",
  "45, 45",
  CALLER.from,
] as const

const STATUSES = [
  200, 201, 204, 206, 301, 302, 304, 307, 400, 401, 401, 403, 404, 404, 408, 410, 422, 429, 429, 451, 500,
  502, 503, 599,
]

const THROWN = [
  new TypeError(`fetch failed for ${API.apiKey}`),
  new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) }),
  Object.assign(new Error("x"), { code: API.apiKey }),
  Object.assign(new Error("x"), { code: 17, cause: null }),
  circular(),
  "a string",
  undefined,
  null,
]

function circular(): Error {
  const first = new Error("first")
  first.cause = new Error("second", { cause: first })
  return first
}
