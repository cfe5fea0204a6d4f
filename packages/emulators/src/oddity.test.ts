/** Each oddity alone does what its switch says, to about as many calls as it says, and permanently. */
import { describe, expect, test } from "vitest"
import { createCallBook, plainCall } from "./call-book.ts"
import { detailedFields, type EmulatedCall } from "./call.ts"
import { createCallsApi } from "./calls-api.ts"
import { createOddSource, fateOf } from "./odd-source.ts"
import { everyOddity, type Oddities, type RowOddities } from "./oddity.ts"
import { createTraffic } from "./traffic.ts"

const FROM = Date.parse("2026-03-02T08:00:00.000Z")
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const LATER = FROM + 12 * HOUR_MS

const traffic = createTraffic({ seed: 2, ratePerHour: 60, from: FROM, until: FROM + 6 * HOUR_MS })
const truth = traffic.callsAt(LATER)
const oddly = (rows: RowOddities, source = traffic) => createOddSource(source, { seed: 8, rows })
const textOf = (call: EmulatedCall) => JSON.stringify(detailedFields(call))

async function list(oddities: Oddities, calls: readonly EmulatedCall[], query: string) {
  const app = createCallsApi({
    source: createCallBook(calls),
    keys: ["k"],
    now: () => LATER,
    limits: "none",
    oddities,
  })
  const response = await app.request(`/api/v1/calls?${query}`, { headers: { "X-API-Key": "k" } })
  const body: { data: { id: string; transcript: unknown[] }[] } = JSON.parse(await response.text())
  return { status: response.status, ids: body.data?.map((row) => row.id), data: body.data }
}

test("without oddities nothing is touched", () => {
  expect(createOddSource(traffic, {})).toBe(traffic)
  expect(oddly({}).callsAt(LATER).map(textOf)).toEqual(truth.map(textOf))
})

describe("rows", () => {
  test("nulls: each of the facts that may be null is, in some calls and for good", () => {
    const source = oddly({ nulls: 0.5 })
    const calls = source.callsAt(LATER)
    const differing = calls.filter((call, index) => textOf(call) !== textOf(truth[index] ?? call))
    expect(differing.length / calls.length).toBeGreaterThan(0.4)
    expect(differing.length / calls.length).toBeLessThan(0.6)
    for (const name of [
      "endedAt",
      "agent",
      "summary",
      "recordingUrl",
      "metadata",
      "score",
      "memory",
    ] as const) {
      expect(differing.some((call) => call[name] === null)).toBe(true)
    }
    expect(differing.some((call) => call.metadata?.sentiment === null)).toBe(true)
    expect(source.callsAt(LATER + HOUR_MS).map(textOf)).toEqual(calls.map(textOf))
  })

  test("missing: nulls are left out of the JSON", async () => {
    const call = plainCall({ id: "one", agent: null, recordingUrl: null })
    const app = (missing: number) =>
      createCallsApi({
        source: createCallBook([call]),
        keys: ["k"],
        now: () => LATER,
        oddities: { rows: { missing } },
      })
    for (const path of ["/api/v1/calls", "/api/v1/calls/one"]) {
      const ask = async (share: number) =>
        (await app(share).request(path, { headers: { "X-API-Key": "k" } })).text()
      expect(await ask(0)).toContain('"agent":null')
      expect(await ask(1)).not.toContain("null")
      expect(await ask(1)).not.toContain('"agent":')
    }
  })

  test("unknown values: a status, a type, a speaker, an activity that no page lists", () => {
    const calls = oddly({ unknownValues: 1 }).callsAt(LATER)
    const known = [
      "completed",
      "INCOMING",
      "OUTGOING",
      "agent",
      "caller",
      "CALL_ANSWERED",
      "RESPONSE",
      "TOOL_CALL",
      "TRANSFER",
      "SEND_EMAIL",
      "SEND_TEXT",
      "HANGUP",
    ]
    const unknownIn = (values: readonly string[]) => values.some((value) => !known.includes(value))
    const count = (valuesOf: (call: EmulatedCall) => readonly string[]) =>
      calls.filter((call) => unknownIn(valuesOf(call))).length
    for (const valuesOf of [
      (call: EmulatedCall) => [call.status],
      (call: EmulatedCall) => [call.type],
      (call: EmulatedCall) => call.transcript.map((turn) => turn.speaker),
      (call: EmulatedCall) => call.activityTimeline.map((activity) => activity.type),
    ]) {
      expect(count(valuesOf)).toBeGreaterThan(calls.length / 8)
      expect(count(valuesOf)).toBeLessThan(calls.length / 2)
    }
  })

  test("strange numbers: the other side's is withheld, empty or an address, the company's is as ever", () => {
    const calls = oddly({ strangeNumbers: 1 }).callsAt(LATER)
    const seen = new Set<string>()
    for (const [index, call] of calls.entries()) {
      const before = truth[index] ?? call
      const isOutgoing = call.type === "OUTGOING"
      seen.add(isOutgoing ? call.to : call.from)
      expect(isOutgoing ? call.from : call.to).toBe(isOutgoing ? before.from : before.to)
      if (isOutgoing) expect(call.to).toBe("sip:4711@pbx.example")
    }
    const keypad = ["+17378742833", "266696687", "0000000000"]
    const strange = ["anonymous", "Restricted", "", ...keypad, "22395", "sip:4711@pbx.example"]
    expect(seen).toEqual(new Set(strange))
  })

  test("typeset texts: what was said looks as it did, with hardly a letter the same", () => {
    const calls = oddly({ typesetTexts: 1 }).callsAt(LATER)
    const texts = calls.flatMap(({ summary, transcript }) => [
      summary ?? "",
      ...transcript.map(({ text }) => text),
    ])
    const before = truth.flatMap(({ summary, transcript }) => [
      summary ?? "",
      ...transcript.map(({ text }) => text),
    ])
    const plainly = (text: string) =>
      text
        .normalize("NFC")
        .replaceAll("\u2019", "'")
        .replaceAll("\u2014", "-")
        .replaceAll("\u00a0", " ")
        .replaceAll("\u00ad", "")
    expect(texts.map(plainly)).toEqual(before)
    for (const sign of ["\u2019", "\u00a0", "\u00ad"])
      expect(texts.some((text) => text.includes(sign))).toBe(true)
  })

  test("equal timestamps: whole minutes, never later than the truth, and found by them", () => {
    const source = oddly({ equalTimestamps: 1 })
    const calls = source.callsAt(LATER)
    expect(calls.every((call) => call.createdAt.endsWith(":00.000Z"))).toBe(true)
    expect(new Set(calls.map((call) => call.createdAt)).size).toBeLessThan(calls.length)
    for (const [index, call] of calls.entries()) {
      const shift = Date.parse(truth[index]?.createdAt ?? "") - Date.parse(call.createdAt)
      expect(shift).toBeGreaterThanOrEqual(0)
      expect(shift).toBeLessThan(MINUTE_MS)
      const at = Date.parse(call.createdAt)
      expect(source.callsAt(LATER, { from: at, until: at }).map((one) => one.id)).toContain(call.id)
    }
  })

  test("late visibility: unseen in the list and by id, for up to four minutes, and then there", () => {
    const source = oddly({ lateVisibility: 1 })
    let waited = 0
    for (const call of truth) {
      const createdAt = Date.parse(call.createdAt)
      if (!source.callAt(createdAt + 1_000, call.id)) waited += 1
      expect(source.callAt(createdAt + 4 * MINUTE_MS, call.id)?.id).toBe(call.id)
    }
    expect(waited / truth.length).toBeGreaterThan(0.9)
    expect(oddly({ lateVisibility: 0.1 }).callsAt(FROM + HOUR_MS).length).toBeLessThanOrEqual(
      traffic.callsAt(FROM + HOUR_MS).length,
    )
  })

  test("deletions: gone from the list and by id within six hours, never to return", () => {
    const source = oddly({ deletions: 0.3 })
    const gone = truth.filter((call) => !source.callAt(LATER, call.id))
    expect(gone.length / truth.length).toBeGreaterThan(0.2)
    expect(gone.length / truth.length).toBeLessThan(0.4)
    const listed = new Set(source.callsAt(LATER).map((call) => call.id))
    expect(gone.every((call) => !listed.has(call.id))).toBe(true)
    for (const call of gone) {
      expect(source.callAt(Date.parse(call.createdAt) + MINUTE_MS - 1, call.id)?.id).toBe(call.id)
      expect(source.callAt(LATER + 100 * HOUR_MS, call.id)).toBeUndefined()
    }
  })

  test("revised scores: another score, once, three quarters of an hour after the end", () => {
    const call = truth.find((one) => one.score !== null && one.endedAt !== null)
    if (!call) throw new Error("No call has a score.")
    const source = oddly({ revisedScores: 1 })
    const revisedAt = Date.parse(call.endedAt ?? "") + 45 * MINUTE_MS
    expect(source.callAt(revisedAt - 1, call.id)?.score).toBe(call.score)
    const after = source.callAt(revisedAt, call.id)?.score
    expect(after).not.toBe(call.score)
    expect(source.callAt(revisedAt + 9 * HOUR_MS, call.id)?.score).toBe(after)
  })

  test("short transcripts: two turns in the list, all in the detail", async () => {
    const turns = ["a", "b", "c"].map((text) => ({
      speaker: "agent",
      text,
      timestamp: "2026-01-05T09:00:02.000Z",
    }))
    const call = plainCall({ id: "one", transcript: turns })
    expect((await list({ rows: { shortTranscripts: 1 } }, [call], "")).data[0]?.transcript).toEqual(
      turns.slice(0, 2),
    )
    expect(oddly({ shortTranscripts: 1 }, createCallBook([call])).callAt(LATER, "one")?.transcript).toEqual(
      turns,
    )
  })

  test("zero duration: calls in progress have 0 instead of null, and get their true one", () => {
    const now = FROM + 3 * HOUR_MS
    const open = traffic.callsAt(now).filter((call) => call.status === "in_progress")
    expect(open.length).toBeGreaterThan(0)
    const source = oddly({ zeroDuration: 1 })
    for (const call of open) {
      expect(source.callAt(now, call.id)?.duration).toBe(0)
      expect(source.callAt(LATER, call.id)?.duration).toBe(traffic.callAt(LATER, call.id)?.duration)
    }
  })
})

test("the fate of a call tells how it is shown, from when, until when, and with which scores", () => {
  const oddities: Oddities = {
    seed: 8,
    rows: { nulls: 0.2, lateVisibility: 0.5, deletions: 0.5, revisedScores: 0.5 },
  }
  const source = createOddSource(traffic, oddities)
  for (const call of truth) {
    const { visibleAt, deletedAt, revisedAt, call: shown, revised } = fateOf(call, oddities)
    const at = (now: number) => source.callAt(now, call.id)
    if (visibleAt > Date.parse(call.createdAt)) expect(at(visibleAt - 1)).toBeUndefined()
    if (deletedAt < LATER) {
      expect(at(deletedAt)).toBeUndefined()
      // Some are deleted before they are shown.
      if (visibleAt < deletedAt - 1) expect(at(deletedAt - 1)?.id).toBe(call.id)
      continue
    }
    expect(at(LATER)).toBeDefined()
    expect(textOf(at(LATER) ?? call)).toBe(textOf(LATER < revisedAt ? shown : revised))
  }
})

describe("readings", () => {
  const early = plainCall({
    id: "early",
    createdAt: "2026-03-02T09:00:00.000Z",
    endedAt: "2026-03-02T11:00:00.000Z",
    duration: 7_200,
  })
  const late = plainCall({
    id: "late",
    createdAt: "2026-03-02T10:00:00.000Z",
    endedAt: "2026-03-02T10:30:00.000Z",
    duration: 1_800,
  })
  const open = plainCall({
    id: "open",
    createdAt: "2026-03-02T10:30:00.000Z",
    endedAt: null,
    duration: null,
    status: "in_progress",
  })
  const calls = [early, late, open]
  const from = (oddities: Oddities, instant: string) =>
    list(oddities, calls, `sortOrder=asc&dateFrom=${instant}`)
  const to = (oddities: Oddities, instant: string) => list(oddities, calls, `sortOrder=asc&dateTo=${instant}`)

  test("dates filter createdAt, inclusively, unless told otherwise", async () => {
    expect((await from({}, "2026-03-02T10:00:00.000Z")).ids).toEqual(["late", "open"])
    expect((await to({}, "2026-03-02T10:00:00.000Z")).ids).toEqual(["early", "late"])
  })

  test("exclusively", async () => {
    const exclusive: Oddities = { reading: { dateBounds: "exclusive" } }
    expect((await from(exclusive, "2026-03-02T10:00:00.000Z")).ids).toEqual(["open"])
    expect((await to(exclusive, "2026-03-02T10:00:00.000Z")).ids).toEqual(["early"])
  })

  test("by endedAt, which leaves out calls in progress", async () => {
    const ended: Oddities = { reading: { dateField: "endedAt" } }
    expect((await from(ended, "2026-03-02T10:30:00.000Z")).ids).toEqual(["early", "late"])
    expect((await to(ended, "2026-03-02T10:30:00.000Z")).ids).toEqual(["late"])
  })

  test.each(["asc", "desc"])("calls without an end or a duration come last or first, %s", async (order) => {
    const known = (field: "endedAt" | "duration") => {
      const ids = field === "endedAt" ? ["late", "early"] : ["late", "early"]
      return order === "asc" ? ids : ids.toReversed()
    }
    for (const field of ["endedAt", "duration"] as const) {
      const query = `sortBy=${field}&sortOrder=${order}`
      expect((await list({}, calls, query)).ids).toEqual([...known(field), "open"])
      expect((await list({ reading: { nulls: "first" } }, calls, query)).ids).toEqual([
        "open",
        ...known(field),
      ])
    }
  })

  test("shuffled ties: equal calls change places between requests, others do not", async () => {
    const equal = Array.from({ length: 12 }, (_, index) => plainCall({ id: `equal-${index}` }))
    const app = createCallsApi({
      source: createCallBook([...equal, early, late]),
      keys: ["k"],
      now: () => LATER,
      oddities: { reading: { shuffledTies: true } },
    })
    const orders = new Set<string>()
    for (let count = 0; count < 5; count += 1) {
      const response = await app.request("/api/v1/calls", { headers: { "X-API-Key": "k" } })
      const body: { data: { id: string }[] } = JSON.parse(await response.text())
      const ids = body.data.map((row) => row.id)
      expect(ids.slice(0, 2)).toEqual(["late", "early"])
      expect(ids.toSorted()).toEqual([...equal, early, late].map((call) => call.id).toSorted())
      orders.add(ids.join())
    }
    expect(orders.size).toBeGreaterThan(1)
    expect((await list({}, equal, "")).ids).toEqual((await list({}, equal, "")).ids)
  })

  test("a limit over 100 is refused, or by choice taken for 100", async () => {
    const many = Array.from({ length: 150 }, (_, index) => plainCall({ id: `call-${index}` }))
    expect((await list({}, many, "limit=101")).status).toBe(400)
    const clamped = await list({ answer: { limitAboveMax: "clamp" } }, many, "limit=500")
    expect(clamped.ids).toHaveLength(100)
    expect((await list({ answer: { limitAboveMax: "clamp" } }, many, "limit=0")).status).toBe(400)
  })
})

describe("all at once", () => {
  const all = Array.from({ length: 64 }, (_, seed) => everyOddity(seed))

  test("every switch of rows and values is on, but for ends where a list is filtered by them", () => {
    for (const { rows, values, reading } of all) {
      expect(Object.keys(rows)).toHaveLength(11)
      expect(Object.keys(values)).toHaveLength(8)
      const off = Object.entries({ ...rows, ...values }).filter(([, share]) => !(share > 0))
      expect(off).toEqual(reading?.dateField === "endedAt" ? [["impossibleEnds", 0]] : [])
    }
  })

  test("the seeds reach every reading, every form and every clock", () => {
    const choices = all.map(({ reading, answer, times }) => ({ ...reading, ...answer, ...times }))
    for (const name of [
      "dateField",
      "dateBounds",
      "nulls",
      "unauthorized",
      "resetHeader",
      "limitHeaders",
      "limitShown",
      "limitAboveMax",
      "totals",
    ] as const) {
      expect(new Set(choices.map((choice) => choice[name])).size).toBe(2)
    }
    for (const name of ["stampsMs", "serverMs"] as const) {
      const off = choices.flatMap(({ [name]: ms }) => (ms ? [ms] : []))
      expect(off.length).toBeGreaterThan(8)
      expect(off.length).toBeLessThan(28)
      expect([Math.min(...off) < 0, Math.max(...off) > 0]).toEqual([true, true])
    }
  })

  test("what a seed chose of old stays as it was", () => {
    expect(all[4]?.reading).toEqual({
      dateField: "createdAt",
      dateBounds: "inclusive",
      nulls: "first",
      shuffledTies: true,
    })
    expect(all[4]?.answer).toMatchObject({
      unauthorized: "coded",
      resetHeader: "unix",
      limitHeaders: "on429",
      limitShown: "hour",
      limitAboveMax: "reject",
    })
  })

  test("the same seed is odd in the same way", () => {
    const odd = () => createOddSource(traffic, everyOddity(4)).callsAt(LATER).map(textOf)
    expect(odd()).toEqual(odd())
    expect(odd()).not.toEqual(truth.map(textOf))
  })
})
