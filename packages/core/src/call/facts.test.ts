/** What was once known about a call is never lost, and every change that a rule could see is noticed. */
import type { CallDetail } from "@earshot/calls-api/call"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fingerprint } from "../fingerprint.ts"
import { HOUR, MINUTE, SECOND, instantOf, isoOf } from "../instant.ts"
import { FIELDS, fieldNamed } from "../rule/field.ts"
import { START, anyDetail, anyRow, detailOf, rowOf } from "../test-example.ts"
import { something } from "../nothing.ts"
import { hasEnded, statedEnd } from "./end.ts"
import { ANALYSIS_MS } from "../horizon.ts"
import { endOf, isAnalysed, observeDetail, observeRow } from "./facts.ts"

/** Later than any time of a call here. */
const SEEN = START + 3 * HOUR

describe("laying what is newer over what was known", () => {
  const observation = fc.oneof(
    anyRow.map((row) => ({ kind: "row" as const, row })),
    anyDetail.map((detail) => ({ kind: "detail" as const, detail })),
  )

  test("never loses a value to a null, in whatever order rows and details come", () => {
    fc.assert(
      fc.property(anyRow, fc.array(observation, { minLength: 1, maxLength: 6 }), (first, later) => {
        let facts = observeRow(null, first, START)
        for (const seen of later) {
          const before = leavesOf(facts.call)
          facts =
            seen.kind === "row"
              ? observeRow(facts, seen.row, START)
              : observeDetail(facts, seen.detail, START)
          const after = leavesOf(facts.call)
          for (const [name, value] of before) if (value !== null) expect(after.get(name), name).not.toBeNull()
        }
      }),
      { numRuns: 300 },
    )
  })

  test("takes the newer value wherever there is one, from the list and from the detail", () => {
    fc.assert(
      fc.property(anyDetail, anyDetail, anyRow, (first, detail, row) => {
        const detailed = observeDetail(observeDetail(null, first, START), detail, START)
        const listed = observeRow(detailed, row, START)
        for (const [newer, facts] of [
          [detail, detailed],
          [row, listed],
        ] as const) {
          const shown = leavesOf(facts.call)
          for (const [name, value] of leavesOf(newer)) {
            if (!something(value) || /^transcript|^metadata.sentiment/.test(name)) continue
            expect(shown.get(name), name).toEqual(value)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test("a row changes nothing that only the detail has, and outdates no detail but by a later end", () => {
    fc.assert(
      fc.property(anyDetail, anyRow, (detail, row) => {
        const known = observeDetail(null, detail, START)
        const { call, detailIsFinal, ...rest } = observeRow(known, row, START + MINUTE)
        const { memory, activityTimeline, metadata } = known.call
        expect(call).toMatchObject({ memory, activityTimeline, metadata })
        expect(rest).toMatchObject({ firstSeenAt: START, detailedAt: START })
        const isLater = (statedEnd(call) ?? 0) > (statedEnd(known.call) ?? Number.POSITIVE_INFINITY)
        if (!isLater) expect(detailIsFinal).toBe(hasEnded(detail))
      }),
    )
  })

  test("the same row again changes nothing, not even the order in which the facts are written", () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        const once = observeRow(null, row, START)
        expect(once.call).toEqual({ ...row, memory: null, activityTimeline: null, metadata: null })
        expect(JSON.stringify(observeRow(once, row, START))).toBe(JSON.stringify(once))
      }),
    )
  })

  test("what is empty erases nothing that was known, and is taken for nothing", () => {
    const known = observeDetail(null, detailOf(), START)
    const empty = detailOf({
      from: "",
      summary: " ",
      memory: "",
      recordingUrl: "",
      agent: { id: "", name: "" },
      transcript: [],
      activityTimeline: [],
      metadata: {
        sentiment: { happy: 0, sad: 0, angry: 0, neutral: 0 },
        callQuality: "",
        technicalIssues: null,
        usage: null,
        callCost: null,
      },
    })
    expect(observeDetail(known, empty, START).call).toEqual(known.call)
    const onlyEmpty = observeDetail(null, empty, START)
    expect(observeDetail(onlyEmpty, detailOf(), START).call).toEqual(known.call)
    const nothing = ["from", "summary", "memory", "agent.name", "transcript", "transferred", "timeline"]
    for (const name of [
      ...nothing,
      "sentiment.angry",
      "sentiment.dominant",
      "callQuality",
      "technicalIssues",
    ])
      expect(fieldNamed(name)?.read(onlyEmpty.call), name).toBeNull()
  })

  test("the list's shorter transcript does not replace the detail's", () => {
    const whole = [
      { speaker: "caller", text: "I will cancel.", timestamp: null },
      { speaker: "agent", text: "I am sorry.", timestamp: null },
    ]
    const known = observeDetail(null, detailOf({ transcript: whole }), START)
    expect(observeRow(known, rowOf({ transcript: whole.slice(0, 1) }), START).call.transcript).toEqual(whole)
    const longer = [...whole, { speaker: "caller", text: "Goodbye.", timestamp: null }]
    expect(observeRow(known, rowOf({ transcript: longer }), START).call.transcript).toEqual(longer)
  })

  test("a mark that a person takes away is taken away", () => {
    const known = observeRow(null, rowOf({ flagged: true }), START)
    expect(observeRow(known, rowOf({ flagged: false }), START).call.flagged).toBe(false)
  })

  test("a detail is final once it shows the end, or minutes after the end that the list shows", () => {
    const going = { status: "in_progress", endedAt: null, score: null }
    const early = observeDetail(null, detailOf(going), START)
    expect(early.detailIsFinal).toBe(false)
    expect(observeRow(early, rowOf(), START).detailIsFinal).toBe(false)
    const ended = observeRow(early, rowOf({ endedAt: isoOf(START) }), START)
    const isFinalAt = (now: number, shown: Partial<CallDetail>) =>
      observeDetail(ended, detailOf(shown), now).detailIsFinal
    expect(isFinalAt(START + SECOND, {})).toBe(true)
    expect(isFinalAt(START + 4 * MINUTE, going)).toBe(false)
    expect(isFinalAt(START + 5 * MINUTE, going)).toBe(true)
  })

  describe("a call that ended, went on and ended again", () => {
    const going = { status: "in_progress", endedAt: null, score: null }
    const second = START + 10 * MINUTE
    const first = observeDetail(null, detailOf({ endedAt: isoOf(START) }), START + SECOND)
    const again = rowOf({ endedAt: isoOf(second) })

    test("has no final detail until one shows the later end, or is of minutes after it", () => {
      expect(first.detailIsFinal).toBe(true)
      const goesOn = observeRow(first, rowOf(going), second - MINUTE)
      expect(goesOn.detailIsFinal).toBe(true)
      const ended = observeRow(goesOn, again, second)
      expect(ended.detailIsFinal).toBe(false)
      const isFinalAt = (now: number, end: number) => {
        const detailed = observeDetail(ended, detailOf({ endedAt: isoOf(end) }), now)
        // The list is laid over it once more; the detail, fetched between two lists, is not.
        const { detailIsFinal } = observeRow(detailed, again, now)
        expect(detailed.detailIsFinal).toBe(detailIsFinal)
        return detailIsFinal
      }
      expect(isFinalAt(second + SECOND, second)).toBe(true)
      expect(isFinalAt(second + SECOND, START)).toBe(false)
      expect(isFinalAt(second + 5 * MINUTE, START)).toBe(true)
    })

    test("but not if its end is only missing for a while, comes and goes, or is written in other digits", () => {
      let facts = first
      for (const endedAt of [null, isoOf(START), null, isoOf(START + 999), isoOf(START - MINUTE), null]) {
        facts = observeRow(facts, rowOf({ endedAt }), second)
        expect(facts.detailIsFinal, `${endedAt}`).toBe(true)
      }
      // An end that comes and goes for ever does not outdate a detail from minutes after it.
      facts = observeDetail(facts, detailOf({ endedAt: isoOf(START) }), second + 5 * MINUTE)
      for (const end of [second, START, second, START, second])
        expect(observeRow(facts, rowOf({ endedAt: isoOf(end) }), second + HOUR).detailIsFinal).toBe(true)
    })
  })
})

/** Every value of a call by its path; for lists, their length. */
function leavesOf(value: object, path = ""): Map<string, unknown> {
  const leaves = new Map<string, unknown>()
  for (const [key, part] of Object.entries(value)) {
    const name = path + key
    if (Array.isArray(part)) leaves.set(`${name}.length`, part.length)
    else if (typeof part === "object" && part !== null)
      for (const [inner, leaf] of leavesOf(part, `${name}.`)) leaves.set(inner, leaf)
    else leaves.set(name, part)
  }
  return leaves
}

describe("the fingerprint of a row", () => {
  /** What a rule can read in a row, plus its end, which decides when a rule settles. */
  const legibleOf = (row: CallDetail) => [
    ...FIELDS.filter(
      // A recording is compared without its signature, and the time at which a call began stays what it was.
      ({ source, name }) =>
        source === "list" &&
        name !== "recordingUrl" &&
        name !== "localTime" &&
        !name.startsWith("repeatCaller."),
    ).map((field) => field.read(row)),
    something(row.recordingUrl?.replace(/[?#].*/s, "") ?? null),
    row.endedAt,
    // No rule reads it before the call has ended, and after that nothing else may change.
    row.duration,
  ]
  const unread = { memory: null, activityTimeline: null, metadata: null }
  /** A row, and the same row with some of its values changed. */
  const pair = fc.tuple(anyRow, anyRow, fc.subarray(Object.keys(rowOf()))).map(([row, other, changed]) => {
    const values = new Map<string, unknown>(Object.entries(other))
    return [row, { ...row, ...Object.fromEntries(changed.map((name) => [name, values.get(name)])) }] as const
  })

  test("changes if and only if a value changes that a rule can read, but for transcripts and signatures", () => {
    fc.assert(
      fc.property(pair, ([row, changed]) => {
        const other = { ...changed, transcript: row.transcript }
        const isSame =
          JSON.stringify(legibleOf({ ...row, ...unread })) ===
          JSON.stringify(legibleOf({ ...other, ...unread }))
        expect(fingerprint(row) === fingerprint(other)).toBe(isSame)
      }),
      { numRuns: 2000 },
    )
  })

  test("changes with each field by itself", () => {
    const changes: Partial<CallDetail>[] = [
      { from: "+1" },
      { from: null },
      { to: null },
      { type: "OUTGOING" },
      { status: "failed" },
      { duration: 246 },
      { endedAt: null },
      { endedAt: isoOf(START + 1) },
      { summary: null },
      { score: null },
      { score: 4 },
      { flagged: true },
      { favorite: true },
      { spam: true },
      { agent: null },
      { agent: { id: "agent-2", name: "Front desk" } },
      { agent: { id: "agent-1", name: "Back office" } },
      { recordingUrl: null },
      { transcript: null },
      { transcript: [] },
      { transcript: (rowOf().transcript ?? []).slice(1) },
    ]
    const prints = [{}, ...changes].map((change) => fingerprint(rowOf(change)))
    expect(new Set(prints).size).toBe(prints.length)
  })

  test("counts the turns and characters of a transcript, and does not compare its words", () => {
    const saying = (text: string) =>
      fingerprint(rowOf({ transcript: [{ speaker: "caller", text, timestamp: null }] }))
    expect(saying("cancel")).toBe(saying("refund"))
    expect(saying("cancel")).not.toBe(saying("cancel it"))
  })

  test("has no part of a recording's address that may be signed anew at each request", () => {
    const [plain, ...others] = ["", "?X-Amz-Signature=1", "?X-Amz-Signature=2", "#2", "?a#b?c"].map((query) =>
      fingerprint(rowOf({ recordingUrl: `https://files.example/1${query}` })),
    )
    for (const other of others) expect(other).toBe(plain)
    expect(fingerprint(rowOf({ recordingUrl: "https://files.example/2?X-Amz-Signature=1" }))).not.toBe(plain)
  })

  test("takes a mark that is missing for one that is not set", () => {
    expect(fingerprint(rowOf({ flagged: null, favorite: null, spam: null }))).toBe(fingerprint(rowOf()))
  })
})

describe("the end of a call", () => {
  const created = isoOf(START)
  test.each([
    [
      "by the vendor's time",
      { endedAt: isoOf(START + MINUTE), status: "in_progress", duration: 60 },
      START + MINUTE,
    ],
    ["by its length, if only its status says so", { endedAt: null, duration: 30 }, START + 30 * SECOND],
    ["when it was seen to be over, if it has no length", { endedAt: null, duration: null }, SEEN],
    ["when it was seen to be over, if its length is nonsense", { endedAt: null, duration: -1e9 }, SEEN],
    [
      "when it was seen to be over, if its length leads beyond that",
      { endedAt: null, duration: 1e300 },
      SEEN,
    ],
    [
      "by its score, which comes after it",
      { endedAt: null, status: "over", duration: 30 },
      START + 30 * SECOND,
    ],
    ["not while it lasts", { endedAt: null, status: "in_progress", score: null }, null],
    ["not by a status that is unknown", { endedAt: null, status: "", score: null }, null],
    ["not by a status that is missing", { endedAt: null, status: null, score: null }, null],
    ["at the time it was seen to be over, if it has none", { endedAt: null, createdAt: null }, SEEN],
  ])("is known %s", (_, changes, end) => {
    expect(endOf(observeRow(null, rowOf({ createdAt: created, ...changes }), SEEN))).toBe(end)
  })

  test("is always a date, and and neither before a known start nor after it was seen", () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        const end = endOf(observeRow(null, row, SEEN))
        expect(end !== null).toBe(hasEnded(row))
        if (end === null) return
        expect(isoOf(end)).toMatch(/Z$/)
        const created = instantOf(row.createdAt) ?? 0
        expect(end).toBeGreaterThanOrEqual(Math.min(SEEN, created - MINUTE))
        expect(end).toBeLessThanOrEqual(SEEN + 2 * MINUTE)
      }),
    )
  })

  test("an ended call counts as analysed with its score, or after the time that analysis takes", () => {
    const isAnalysedAt = (changes: Partial<CallDetail>, at: number) =>
      isAnalysed(observeRow(null, rowOf(changes), START), at)
    expect(isAnalysedAt({ score: null }, START + ANALYSIS_MS - 1)).toBe(false)
    expect(isAnalysedAt({ score: null }, START + ANALYSIS_MS)).toBe(true)
    expect(isAnalysedAt({}, START)).toBe(true)
    expect(isAnalysedAt({ endedAt: null, status: "in_progress", score: null }, START + ANALYSIS_MS)).toBe(
      false,
    )
    const timeless = { score: null, endedAt: null, createdAt: null }
    expect(isAnalysedAt(timeless, START + ANALYSIS_MS - 1)).toBe(false)
    expect(isAnalysedAt(timeless, START + ANALYSIS_MS)).toBe(true)
  })
})
