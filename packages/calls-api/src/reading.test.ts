/**
 * Whatever is sent is read as the schemas say, and nothing else: the hand-written reader is checked against another
 * that walks the zod schemas field by field, slowly.
 */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { Call, CallDetail, Listing, Pagination } from "./call.ts"
import documentedDetail from "./documented-detail.json" with { type: "json" }
import documentedList from "./documented-list.json" with { type: "json" }
import { readDetail, readListing, type Odd } from "./reading.ts"

describe("the documented examples", () => {
  test("of the list is read word for word", () => {
    expect(readListing(documentedList)).toStrictEqual({
      calls: documentedList.data,
      unreadable: 0,
      odd: {},
      pagination: documentedList.pagination,
    })
  })

  test("of the detail is read word for word", () => {
    expect(readDetail(documentedDetail, "call-uuid-1234")).toStrictEqual({
      call: documentedDetail.data,
      odd: {},
    })
  })
})

test("a frozen row that comes again is the same call again, and as odd as it was", () => {
  const [row] = documentedList.data
  const frozen = Object.freeze({ ...row, score: "4.5" })
  const first = readListing({ data: [frozen] })
  const again = readListing({ data: [frozen, frozen] })
  expect(again?.calls[1]).toBe(first?.calls[0])
  expect(again?.odd).toEqual({ score: 2 })
  expect(Object.isFrozen(first?.calls[0])).toBe(true)
  // A row that may change is read each time.
  const open = { ...row, summary: "before" }
  expect(readListing({ data: [open] })?.calls[0]?.summary).toBe("before")
  open.summary = "after"
  expect(readListing({ data: [open] })?.calls[0]?.summary).toBe("after")
})

test("a date has a hundred characters at most, though Date.parse takes a remark of any length", () => {
  const dateOf = (remark: string) => `Mon Jan 05 2026 09:00:00 GMT+1030 (${remark})`
  const longest = dateOf("Australian Central Daylight Time")
  const endless = dateOf("x".repeat(300_000))
  expect(Date.parse(endless)).toBe(Date.parse(longest))
  const listing = readListing({ data: [{ id: "a", createdAt: longest, endedAt: endless }] })
  expect(listing).toMatchObject({ calls: [{ createdAt: longest, endedAt: null }], odd: { endedAt: 1 } })
  expect(Call.shape.endedAt.safeParse(endless).success).toBe(false)
})

describe("against the schemas", () => {
  test("every row is read as the schemas say, and what is odd is counted under its field", () => {
    fc.assert(
      fc.property(fc.array(anyOf(Call), { maxLength: 4 }), anyOf(Pagination), (data, pagination) => {
        const body = asSent({ data, pagination })
        const listing = readListing(body)
        expect(listing).toStrictEqual(readListingSlowly(body))
        expect(Listing.parse(listing)).toStrictEqual(listing)
      }),
      { numRuns: 500 },
    )
  })

  test("and every detail", () => {
    fc.assert(
      fc.property(anyOf(CallDetail), (data) => {
        const body = asSent({ data })
        const odd: Odd = {}
        const call = readSlowly(CallDetail, body["data"], "", odd)
        const detail = readDetail(body, String(data["id"]))
        expect(detail).toStrictEqual({ call, odd })
        expect(CallDetail.parse(detail?.call)).toStrictEqual(call)
      }),
      { numRuns: 500 },
    )
  })
})

describe("a value of a wrong type that can mean only one thing is read, and counted", () => {
  const read = (row: object) => readListing({ data: [{ id: "a", ...row }] })

  test.each([
    ["score", "1", 1],
    ["score", " 4.50 ", 4.5],
    ["duration", "185", 185],
    ["flagged", 1, true],
    ["flagged", "TRUE", true],
    ["flagged", "0", false],
    ["spam", "yes", true],
    ["from", 15551234567, "15551234567"],
    ["createdAt", 1_767_607_200, "2026-01-05T10:00:00.000Z"],
    ["endedAt", "1767607200000", "2026-01-05T10:00:00.000Z"],
  ] as const)("%s: %j is %j", (field, sent, value) => {
    expect(read({ [field]: sent })).toMatchObject({ calls: [{ [field]: value }], odd: { [field]: 1 } })
  })

  test.each([
    ["score", "4/5"],
    ["score", "1,5"],
    ["score", ""],
    ["score", true],
    ["flagged", 2],
    ["flagged", "maybe"],
    ["createdAt", 20260105],
    ["createdAt", "yesterday 5"],
  ] as const)("%s: %j could mean several, and is nothing", (field, sent) => {
    expect(read({ [field]: sent })).toMatchObject({ calls: [{ [field]: null }], odd: { [field]: 1 } })
  })

  test("an id that is a number is asked for as it is written", () => {
    expect(readListing({ data: [{ id: 4711 }] })).toMatchObject({ calls: [{ id: "4711" }], odd: { id: 1 } })
    expect(
      readDetail({ data: { id: 4711, metadata: { sentiment: { angry: "0.7" } } } }, "4711"),
    ).toMatchObject({
      call: { metadata: { sentiment: { angry: 0.7 } } },
      odd: { id: 1, "metadata.sentiment.angry": 1 },
    })
  })
})

describe("what is no list and no call", () => {
  test.each([null, undefined, 1, "x", [], {}, { data: null }, { data: {} }, { data: "x" }, [{ data: [] }]])(
    "%j is not a list",
    (body) => expect(readListing(body)).toBeNull(),
  )

  test("a row without a usable id is counted and does not lose the others", () => {
    const bad = [null, 7, "x", [], {}, { id: true }, { id: "" }, { id: null }, { id: "x".repeat(201) }]
    const listing = readListing({ data: [{ id: "a" }, ...bad, { id: "b".repeat(200) }] })
    expect(listing?.calls.map(({ id }) => id)).toEqual(["a", "b".repeat(200)])
    expect(listing?.unreadable).toBe(bad.length)
  })

  test("a detail is that of the call asked for, or unreadable", () => {
    expect(readDetail({ data: { id: "a" } }, "a")?.call.id).toBe("a")
    for (const body of [
      null,
      [],
      {},
      { data: null },
      { data: {} },
      { data: [{ id: "a" }] },
      { data: { id: "b" } },
    ]) {
      expect(readDetail(body, "a")).toBeNull()
    }
  })
})

describe("hostile sizes", () => {
  test("at most 1,000 rows and 10,000 entries are read, and the rest is counted", () => {
    const transcript = Array.from({ length: 10_005 }, () => ({ speaker: "agent" }))
    const rows = Array.from({ length: 1003 }, (_, index) => ({
      id: `${index}`,
      transcript: index ? null : transcript,
    }))
    const listing = readListing({ data: rows })
    expect(listing?.calls).toHaveLength(1000)
    expect(listing?.unreadable).toBe(3)
    expect(listing?.calls[0]?.transcript).toHaveLength(10_000)
    expect(listing?.odd).toEqual({ "transcript[]": 5 })
  })

  test("JSON is kept to a depth of 32, so that it can be written out again", () => {
    const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth))
    const read = (depth: number) =>
      readDetail({ data: { id: "a", activityTimeline: [{ toolData: nested(depth) }] } }, "a")
    expect(read(32)?.call.activityTimeline?.[0]?.toolData).toEqual(nested(32))
    for (const depth of [33, 1_000_000]) {
      expect(read(depth)?.call.activityTimeline?.[0]?.toolData).toBeNull()
      expect(read(depth)?.odd).toEqual({ "activityTimeline[].toolData": 1 })
    }
  })

  test("names that mean something to JavaScript mean nothing here", () => {
    const body = JSON.parse(
      '{"data": [{"id": "a", "__proto__": {"from": "x"}, "constructor": 1, "toString": 2}]}',
    )
    const listing = readListing(body)
    expect(listing?.calls[0]?.from).toBeNull()
    expect(listing?.odd).toEqual({})
  })
})

const TOO_LARGE = "TOO LARGE"

/** What arrives is JSON, which has no undefined, but can contain a number too large to represent. */
function asSent(body: object): Record<string, unknown> {
  return z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(JSON.stringify(body).replaceAll(`"${TOO_LARGE}"`, "1e999")))
}

/** The schema's shape with each field correct, absent, null, or something else; a call's id is always correct. */
function anyOf(schema: z.ZodObject): fc.Arbitrary<Record<string, unknown>> {
  const isCall = schema === Call || schema === CallDetail
  const id = fc.string({ minLength: 1, maxLength: 200 })
  const fields = Object.entries(schema.shape).map(([name, field]) => {
    const right = { weight: 6, arbitrary: rightOf(field) }
    const wrong = fc.oneof(fc.constantFrom(undefined, null, TOO_LARGE), fc.jsonValue({ maxDepth: 2 }))
    return [name, isCall && name === "id" ? id : fc.oneof(right, wrong)] as const
  })
  return fc.record(Object.fromEntries(fields))
}

function rightOf(schema: unknown): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodNullable) return rightOf(schema.unwrap())
  if (schema instanceof z.ZodObject) return anyOf(schema)
  if (schema instanceof z.ZodArray) {
    const right = { weight: 5, arbitrary: rightOf(schema.element) }
    return fc.array(fc.oneof(right, fc.jsonValue({ maxDepth: 1 })), { maxLength: 4 })
  }
  if (schema instanceof z.ZodNumber) return fc.double({ noNaN: true, noDefaultInfinity: true })
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodUnknown) return fc.jsonValue({ maxDepth: 3 })
  const date = fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  return fc.oneof(date, fc.string(), fc.constantFrom("2024-01-15", "INCOMING", "agent"))
}

function readListingSlowly(body: Record<string, unknown>): unknown {
  const odd: Odd = {}
  const calls = z
    .array(z.unknown())
    .parse(body["data"])
    .map((row) => readSlowly(Call, row, "", odd))
  return {
    calls,
    unreadable: 0,
    pagination: readSlowly(Pagination, body["pagination"], "pagination", odd),
    odd,
  }
}

/** The other reader: objects field by field, entries that are not objects dropped, everything else whole or null. */
function readSlowly(schema: unknown, value: unknown, path: string, odd: Odd): unknown {
  if (schema instanceof z.ZodNullable) return readSlowly(schema.unwrap(), value, path, odd)
  if (value === undefined || value === null) return null
  const note = () => void (odd[path] = (odd[path] ?? 0) + 1)
  if (schema instanceof z.ZodObject && isObject(value)) {
    const read = (name: string) =>
      readSlowly(schema.shape[name], value[name], `${path}.${name}`.replace(/^\./, ""), odd)
    return Object.fromEntries(Object.keys(schema.shape).map((name) => [name, read(name)]))
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    const entries = value.filter(isObject)
    if (entries.length < value.length)
      odd[`${path}[]`] = (odd[`${path}[]`] ?? 0) + value.length - entries.length
    return entries.map((entry) => readSlowly(schema.element, entry, `${path}[]`, odd))
  }
  const isRight = schema instanceof z.ZodType && schema.safeParse(value).success
  if (isRight) return value
  note()
  return meantBy(schema, value)
}

/** What a value of a wrong type can only mean, by the schema that it should have had. */
function meantBy(schema: unknown, value: unknown): unknown {
  const isDigits = typeof value === "string" && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(value)
  if (schema instanceof z.ZodNumber) return isDigits && value.length <= 30 ? Number(value) : null
  if (schema instanceof z.ZodBoolean) {
    if (typeof value !== "string" && typeof value !== "number") return null
    const word = String(value).trim().toLowerCase()
    return /^(1|true|yes)$/.test(word) ? true : /^(0|false|no)$/.test(word) ? false : null
  }
  if (!(schema instanceof z.ZodString) || (typeof value !== "number" && !isDigits)) return null
  const isMoment = !schema.safeParse("no date").success
  const time = Number(value)
  if (!isMoment)
    return Number.isFinite(time) && Math.abs(time) <= Number.MAX_SAFE_INTEGER ? String(value) : null
  if (time >= 1e12 && time < 1e13) return new Date(time).toISOString()
  return time >= 1e9 && time < 1e10 ? new Date(time * 1000).toISOString() : null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
