/**
 * Every parameter of the list does what the vendor's page says: the client asks the emulator, and a plain filter over
 * the same calls gives the expected result.
 */
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { createCallsApi, type EmulatedCall } from "@earshot/emulators/calls-api"
import { createRandom, integer, pick } from "@earshot/emulators/random"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  getCall,
  LIST_PARAMETERS,
  listCalls,
  type CallsApi,
  type ClientWorld,
  type ListQuery,
} from "./client.ts"

const API: CallsApi = { baseUrl: "https://echo.win/api/v1", apiKey: "ew_local", timeoutMs: 10_000 }
const NOW = Date.parse("2026-01-06T00:00:00.000Z")
const BEGIN = Date.parse("2026-01-05T09:00:00.000Z")
const AGENTS = ["agent-1", "agent-2", "agent-3"]
const WORDS = ["refund", "delivery", "opening hours", "Über", "invoice"]
const NUMBERS = ["+15550100001", "+15550100002", "+442071234567"]
const CALLS = createCalls(150)

const PARAMETERS: { [Name in keyof ListQuery]-?: fc.Arbitrary<NonNullable<ListQuery[Name]>> } = {
  page: fc.integer({ min: 1, max: 12 }),
  limit: fc.integer({ min: 1, max: 100 }),
  search: fc.oneof(
    fc.constantFrom(...WORDS, "REFUND", "über", "+4420", "555"),
    fc.string({ minLength: 1, maxLength: 3 }),
  ),
  callType: fc.constantFrom("all", "incoming", "outgoing"),
  agentId: fc.constantFrom(...AGENTS, "agent-4"),
  minDuration: fc.integer({ min: 0, max: 700 }),
  maxDuration: fc.integer({ min: 0, max: 700 }),
  dateFrom: someDate(),
  dateTo: someDate(),
  sortBy: fc.constantFrom("createdAt", "duration", "endedAt"),
  sortOrder: fc.constantFrom("asc", "desc"),
}

const app = createCallsApi({
  source: createCallBook(CALLS),
  keys: ["ew_local"],
  now: () => NOW,
  limits: "none",
})
const world: ClientWorld = {
  fetch: async (input, init) => app.fetch(new Request(input, init)),
  now: () => NOW,
  sleep: () => new Promise(() => {}),
}

const pairs = LIST_PARAMETERS.flatMap((first, index) =>
  LIST_PARAMETERS.slice(index + 1).map((second) => [first, second] as const),
)

describe("a parameter alone", () => {
  test("none at all: the 20 newest", () => check({}))
  test.each(LIST_PARAMETERS)("%s", (name) => checkAll([name], 40))
})

describe("two parameters together", () => {
  test.each(pairs)("%s and %s", (first, second) => checkAll([first, second], 20))
})

test("all parameters together, each there or not", () =>
  fc.assert(fc.asyncProperty(fc.record(PARAMETERS, { requiredKeys: [] }), check), { numRuns: 500 }))

test("each row of the list, and each detail, says what the call is", async () => {
  const answer = await listCalls(world, API, { limit: 100, sortOrder: "asc" })
  const rows = answer.ok ? answer.value.calls : []
  expect(rows).toHaveLength(100)
  for (const [index, row] of rows.entries()) {
    const { memory, activityTimeline, metadata, ...listed } = CALLS[index] ?? plainCall({ id: "none" })
    expect(row).toStrictEqual(listed)
    const detail = await getCall(world, API, row.id)
    const call = { ...listed, memory, activityTimeline, metadata }
    expect(detail).toMatchObject({ ok: true, value: { call, odd: {} } })
  }
})

test("a call that is not there is not found", async () => {
  const trouble = { kind: "not-found", message: "Not found (404): Call not found.", retryable: false }
  expect(await getCall(world, API, "nobody")).toMatchObject({ ok: false, trouble })
})

test("wrong values are refused with the vendor's reason", async () => {
  const wrong: [ListQuery, string][] = [
    [{ limit: 101 }, "limit"],
    [{ page: 0 }, "page"],
    [{ minDuration: 1.5 }, "minDuration"],
    [{ dateFrom: "yesterday" }, "dateFrom"],
  ]
  for (const [query, name] of wrong) {
    const trouble = { kind: "refused", status: 400, retryable: false, message: expect.stringContaining(name) }
    expect(await listCalls(world, API, query)).toMatchObject({ ok: false, trouble })
  }
})

async function checkAll(names: (keyof ListQuery)[], numRuns: number): Promise<void> {
  const only = (query: ListQuery) => Object.fromEntries(names.map((name) => [name, query[name]]))
  await fc.assert(fc.asyncProperty(fc.record(PARAMETERS).map(only), check), { numRuns })
}

async function check(query: ListQuery): Promise<void> {
  const { ids, totalCount } = expectedOf(query)
  const { page = 1, limit = 20 } = query
  const answer = await listCalls(world, API, query)
  if (!answer.ok) throw new Error(answer.trouble.message)
  expect(answer.value.calls.map(({ id }) => id)).toEqual(ids)
  const totalPages = Math.ceil(totalCount / limit)
  expect(answer.value.pagination).toEqual({ page, limit, totalCount, totalPages })
  expect(answer.value).toMatchObject({ unreadable: 0, odd: {} })
}

/** The page as the vendor describes it, in plain steps. */
function expectedOf(query: ListQuery): { ids: string[]; totalCount: number } {
  const { page = 1, limit = 20, sortBy = "createdAt", sortOrder = "desc" } = query
  const found = CALLS.filter(
    (call) =>
      (query.search === undefined || says(call, query.search)) &&
      (["all", undefined].includes(query.callType) || call.type.toLowerCase() === query.callType) &&
      (query.agentId === undefined || call.agent?.id === query.agentId) &&
      (query.minDuration === undefined || (call.duration !== null && call.duration >= query.minDuration)) &&
      (query.maxDuration === undefined || (call.duration !== null && call.duration <= query.maxDuration)) &&
      (query.dateFrom === undefined || Date.parse(call.createdAt) >= Date.parse(query.dateFrom)) &&
      (query.dateTo === undefined || Date.parse(call.createdAt) <= Date.parse(query.dateTo)),
  )
  // Only one call has no end, and the emulator puts it last unless told otherwise.
  const known = found.filter((call) => call[sortBy] !== null)
  const keyOf = (call: EmulatedCall) =>
    sortBy === "duration" ? (call.duration ?? 0) : Date.parse(call[sortBy] ?? call.createdAt)
  known.sort((a, b) => (sortOrder === "asc" ? keyOf(a) - keyOf(b) : keyOf(b) - keyOf(a)))
  const sorted = [...known, ...found.filter((call) => call[sortBy] === null)]
  const ids = sorted.slice((page - 1) * limit, page * limit).map(({ id }) => id)
  return { ids, totalCount: found.length }
}

function says(call: EmulatedCall, text: string): boolean {
  const wanted = text.trim().toLowerCase()
  const said = [call.from, call.to, call.summary ?? "", ...call.transcript.map((turn) => turn.text)]
  return said.some((one) => one.toLowerCase().includes(wanted))
}

/** No two share a time or a duration, so there is only one right order. */
function createCalls(count: number): EmulatedCall[] {
  const random = createRandom("listing contract")
  return Array.from({ length: count }, (_, index) => {
    const createdAt = BEGIN + index * 60_000
    const duration = (index * 97) % 601
    const isOpen = index === count - 1
    return plainCall({
      id: `call-${index}`,
      from: pick(random, NUMBERS),
      to: pick(random, NUMBERS),
      type: pick(random, ["INCOMING", "OUTGOING"]),
      status: isOpen ? "in-progress" : "completed",
      createdAt: new Date(createdAt).toISOString(),
      duration: isOpen ? null : duration,
      endedAt: isOpen ? null : new Date(createdAt + duration * 1000 + index).toISOString(),
      summary: integer(random, 0, 5) === 0 ? null : `The caller asked about the ${pick(random, WORDS)}.`,
      agent: integer(random, 0, 9) === 0 ? null : { id: pick(random, AGENTS), name: "Juniper" },
      transcript: [
        {
          speaker: "caller",
          text: `It is my ${pick(random, WORDS)}.`,
          timestamp: "2026-01-05T09:00:06.000Z",
        },
      ],
    })
  })
}

/** Before, after, or right next to a call. */
function someDate(): fc.Arbitrary<string> {
  const minutes = fc.integer({ min: -5, max: 160 })
  const offset = fc.constantFrom(-1, 0, 0, 1)
  return fc.tuple(minutes, offset).map(([minute, ms]) => new Date(BEGIN + minute * 60_000 + ms).toISOString())
}
