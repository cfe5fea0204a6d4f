/** What preview promises: it says what the engine would have done by what was known then, and guesses nothing. */
import { describe, expect, test } from "vitest"
import { type CallRecord, recordJudgement, withTrail } from "../alert/call-record.ts"
import { unedited } from "../channel/settings.ts"
import type { Facts } from "../call/facts.ts"
import { DAY, HOUR, type Instant, MINUTE, isoOf } from "../instant.ts"
import { judge } from "../rule/judgement.ts"
import type { CompiledRule } from "../rule/rule.ts"
import { START, factsOf, listedFactsOf, ruleOf } from "../test-example.ts"
import { createPreview } from "./preview.ts"
import { replay } from "./replay.ts"

type Moment = { facts: Facts; at: Instant }

/** A record as the engine keeps it: judged by each of these facts in turn. */
function recordOf(
  rules: readonly CompiledRule[],
  course: readonly Moment[],
  changes: Partial<CallRecord> = {},
): CallRecord {
  let known: CallRecord | null = null
  for (const { facts, at } of course) {
    const made: CallRecord = recordJudgement(known, facts, judge(rules, facts, at), ["slack"], at)
    known = withTrail(made, known, { now: at, isSeen: true })
  }
  if (!known) throw new Error("Nothing was kept.")
  return { ...known, ...changes }
}

const at = (minutes: number) => START + minutes * MINUTE

const flagged = ruleOf({ flagged: true }, { id: "flagged" })
const low = ruleOf({ score: { lte: 2 } }, { id: "low" })
const angry = ruleOf({ "sentiment.angry": { gte: 0.5 } }, { id: "angry" })

function previewOf(rule: CompiledRule, records: readonly CallRecord[], saved: CompiledRule | null = null) {
  const preview = createPreview({ rule, saved, channels: [unedited("slack", "standard")] })
  for (const record of records) preview.add(record)
  return preview.result()
}

describe("a rule is tried on what was known at the time", () => {
  test("a mark that was taken back had raised its alert, and would have", () => {
    const course = [
      { facts: factsOf({ flagged: true }), at: at(1) },
      { facts: factsOf({ flagged: false }), at: at(5) },
    ]
    const record = recordOf([flagged], course)
    expect(record.alert?.reasons).toHaveLength(1)
    expect(replay(flagged, record)).toMatchObject({ kind: "matched", at: at(1) })
    // Nor does what came later count before it came.
    const scored = recordOf(
      [flagged],
      [
        { facts: factsOf({ score: null }), at: at(1) },
        { facts: factsOf({ score: 1 }), at: at(9) },
      ],
    )
    expect(replay(low, scored)).toMatchObject({ kind: "matched", at: at(9) })
  })

  test("what depends on a text that is not kept cannot be told, and what does not can", () => {
    const record = recordOf(
      [],
      [
        { facts: factsOf({ summary: `Refund wanted. ${"x".repeat(200)}` }), at: at(1) },
        { facts: factsOf({ summary: `Table booked. ${"y".repeat(200)}` }), at: at(2) },
      ],
    )
    expect(replay(ruleOf({ summary: { contains: "refund" } }), record)).toMatchObject({
      kind: "untold",
      why: "not-kept",
    })
    expect(replay(ruleOf({ summary: { contains: "booked" } }), record)).toMatchObject({
      kind: "matched",
      at: at(2),
    })
    expect(replay(low, record)).toEqual({ kind: "not-matched" })
  })

  test("a call without a detail says so, and how many details an hour would have shown it", () => {
    const records = Array.from({ length: 30 }, (_, index) => {
      const facts = listedFactsOf({ id: `call-${index}` }, { overAt: at(index < 20 ? 0 : 60) })
      return recordOf([flagged], [{ facts, at: at(120) }])
    })
    const { untold, detailBudgets, matches } = previewOf(angry, records)
    expect(matches).toBe(0)
    expect(untold).toEqual([{ why: "no-detail", calls: 30, fields: ["sentiment.angry"] }])
    expect(detailBudgets).toEqual([
      { perHour: 10, calls: 20 },
      { perHour: 20, calls: 30 },
    ])
  })

  test("a detail that lacks it would have been looked at again, which nobody did", () => {
    const record = recordOf([flagged], [{ facts: factsOf({ memory: null }), at: at(1) }])
    const rule = ruleOf({ memory: { contains: "vip" } })
    expect(replay(rule, record)).toEqual({ kind: "untold", why: "not-looked-again", fields: ["memory"] })
    expect(replay(rule, { ...record, isOpen: true })).toMatchObject({ why: "still-open" })
    // The engine had this very rule, and its last word stands: what never came is not there.
    const last = { facts: factsOf({ memory: null }, { detailedAt: at(31) }), at: at(31) }
    expect(replay(rule, recordOf([rule], [last]))).toEqual({ kind: "not-matched" })
  })

  test("how often somebody had called is known only if a rule asked then, and is not guessed", () => {
    const rule = ruleOf({ "repeatCaller.day": { gte: 2 } }, { id: "again" })
    const uncounted = recordOf([flagged], [{ facts: factsOf({}), at: at(1) }])
    expect(replay(rule, uncounted)).toEqual({
      kind: "untold",
      why: "not-counted",
      fields: ["repeatCaller.day"],
    })
    const counted = (day: number) => {
      const facts = factsOf({}, { partyCalls: { hour: 1, day, week: day } })
      return recordOf([flagged], [{ facts, at: at(1) }])
    }
    expect(replay(rule, counted(2))).toMatchObject({ kind: "matched" })
    expect(replay(rule, counted(1))).toEqual({ kind: "not-matched" })
  })

  test("without a trail it is judged by what is known now, and that is counted", () => {
    const { trail: _trail, ...old } = recordOf([flagged], [{ facts: factsOf({ score: 1 }), at: at(1) }])
    expect(previewOf(low, [old])).toMatchObject({ calls: 1, matches: 1, withHindsight: 1 })
  })
})

describe("a preview adds up", () => {
  const days = (count: number, changes: Parameters<typeof factsOf>[0]) =>
    Array.from({ length: count }, (_, index) => {
      const seenAt = START + index * 2 * HOUR
      const call = { id: `call-${index}-${JSON.stringify(changes)}`, ...changes }
      const facts = factsOf(call, { firstSeenAt: seenAt, overAt: seenAt, detailedAt: seenAt })
      return recordOf([flagged], [{ facts, at: seenAt + MINUTE }])
    })

  test("calls and matches by day, by reason and with ten samples in people's words", () => {
    const either = ruleOf({ any: [{ flagged: true }, { score: { lte: 2 } }] })
    const records = [...days(14, { flagged: true }), ...days(5, { score: 1 }), ...days(9, {})]
    const preview = previewOf(either, records)
    expect(preview).toMatchObject({ calls: 28, matches: 19, alreadyAlerted: 14, untold: [], change: null })
    expect(preview.byDay.map(({ day }) => day)).toEqual(
      [START, START + DAY].map((day) => isoOf(day).slice(0, 10)),
    )
    expect(preview.byDay.reduce((sum, { matches }) => sum + matches, 0)).toBe(19)
    expect(preview.byReason).toMatchObject([
      { field: "flagged", matches: 14, example: "Flagged" },
      { field: "score", operator: "lte", operand: 2, matches: 5, example: "Scored 1 of 5 (alert up to 2)" },
    ])
    expect(preview.samples).toHaveLength(10)
    expect(preview.samples[0]).toMatchObject({ at: START + 26 * HOUR + MINUTE, because: ["Flagged"] })
  })

  test("what an edit adds and takes away, with the calls' ids", () => {
    const records = [...days(2, { score: 2 }), ...days(3, { score: 3 }), ...days(1, { score: 0 })]
    const next = ruleOf({ score: { lte: 3, gte: 1 } }, { id: "low", version: 2 })
    const { change } = previewOf(next, records, low)
    expect(change).toMatchObject({ added: 3, removed: 1 })
    expect(change?.addedIds.every((id) => id.includes('"score":3'))).toBe(true)
    expect(change?.removedIds).toEqual(['call-0-{"score":0}'])
  })

  test("how many would have been held by quiet hours, and how many put together", () => {
    const many = Array.from({ length: 30 }, (_, index) => {
      const facts = factsOf({ id: `many-${index}`, score: 1 }, { firstSeenAt: START, overAt: START })
      return recordOf([], [{ facts, at: START + index * 1500 }])
    })
    expect(previewOf(low, many).channels).toEqual([{ channel: "slack", single: 0, digested: 30, held: 0 }])
    const quiet = {
      ...unedited("slack", "standard"),
      quietHours: { from: "08:00", until: "10:00", days: ["mon" as const] },
    }
    const preview = createPreview({ rule: low, saved: null, channels: [quiet] })
    for (const record of many) preview.add(record)
    expect(preview.result().channels).toEqual([{ channel: "slack", single: 0, digested: 0, held: 30 }])
  })
})
