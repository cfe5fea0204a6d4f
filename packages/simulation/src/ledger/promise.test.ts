/** What is owed for a call, by examples: the oracle must neither excuse nor demand too much. */
import { DAY, HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { describe, expect, test } from "vitest"
import { START } from "../scenario.ts"
import { END, testCall as call } from "../test-call.ts"
import { type VendorOddities, PLAIN } from "../truth/oddity.ts"
import { planRules } from "../truth/rule.ts"
import type { SimulatedCall } from "../truth/call.ts"
import { promisesOf } from "./promise.ts"

function owed(
  owing: SimulatedCall,
  oddities: Partial<VendorOddities> = {},
  downMs = 0,
  isCalm = false,
  rate = 60,
) {
  const versions = planRules({ seed: 1, profile: "calm", start: START, end: START + DAY })
  const promising = {
    versions,
    oddities: { ...PLAIN, ...oddities },
    rate,
    downtime: () => downMs,
    isCalm,
  }
  return promisesOf(owing, promising).map(({ version, by, from, deadline }) => ({
    what: version.ruleId,
    by,
    from: from - START,
    withinMs: deadline - from,
  }))
}

const after = (at: Instant) => END + at

describe("a fact of the list", () => {
  test("is owed within the hour, from when it is shown", () => {
    const flagged = { what: "flagged", by: "list", from: 15 * MINUTE, withinMs: HOUR }
    expect(owed(call({ flaggedAt: after(5 * MINUTE) }))).toEqual([flagged])
    expect(owed(call({ score: 1 }))).toMatchObject([{ what: "low-score", from: 11 * MINUTE }])
    const late = call({ flaggedAt: after(5 * MINUTE), visibleAt: START + 20 * MINUTE })
    expect(owed(late)).toMatchObject([{ from: 20 * MINUTE }])
    expect(owed(call({ flaggedAt: after(5 * MINUTE) }), {}, 3 * HOUR)).toMatchObject([{ withinMs: 4 * HOUR }])
  })

  test("is owed later only with more than three hundred calls an hour", () => {
    const flagged = call({ flaggedAt: after(5 * MINUTE) })
    const within = (rate: number, isCalm = false) => owed(flagged, {}, 0, isCalm, rate)[0]?.withinMs
    expect([5, 150, 300, 450].map((rate) => within(rate))).toEqual([HOUR, HOUR, HOUR, 1.5 * HOUR])
    expect(within(450, true)).toBe(7 * MINUTE)
  })

  test("of an older call is owed as soon as the last seven days have been read once, and not beyond", () => {
    const [old] = owed(call({ flaggedAt: after(DAY) }))
    expect(old).toMatchObject({ what: "flagged", by: "old" })
    expect(old?.withinMs).toBeGreaterThan(12 * HOUR)
    expect(old?.withinMs).toBeLessThan(2 * DAY)
    expect(owed(call({ flaggedAt: after(6.9 * DAY) }))).toEqual([])
  })

  test("is owed if it was there long enough", () => {
    const flaggedAt = after(5 * MINUTE)
    expect(owed(call({ flaggedAt, deletedAt: flaggedAt + 30 * MINUTE }))).toEqual([])
    expect(owed(call({ flaggedAt, deletedAt: flaggedAt + 2 * HOUR }))).toHaveLength(1)
    const revised = { revisedAt: after(45 * MINUTE), revisedScore: 4 }
    expect(owed(call({ score: 1, ...revised }))).toEqual([])
    expect(owed(call({ score: 3, revisedAt: after(45 * MINUTE), revisedScore: 1 }))).toMatchObject([
      { what: "low-score", from: 55 * MINUTE },
    ])
  })

  test("is owed as far as the list shows it", () => {
    const flaggedAt = after(5 * MINUTE)
    expect(owed(call({ flaggedAt }, { isUnreadable: true }))).toEqual([])
    const byEnd = { dateField: "endedAt" } as const
    expect(owed(call({ flaggedAt: START }), byEnd)).toMatchObject([{ from: 10 * MINUTE }])
    expect(owed(call({ flaggedAt }, { hidesEnd: true }), byEnd)).toEqual([])
    expect(owed(call({ flaggedAt }, { hidesEnd: true }))).toHaveLength(1)
  })
})

describe("a fact of the detail", () => {
  test("is owed an hour after its rule settles, if it is there by then", () => {
    const angry = { angry: 0.9, sentimentAt: after(2 * MINUTE) }
    const expected = { what: "angry-caller", by: "detail", from: 12 * MINUTE, withinMs: 88 * MINUTE }
    expect(owed(call(angry))).toEqual([expected])
    expect(owed(call({ ...angry, sentimentAt: after(29.5 * MINUTE) }))).toEqual([])
    expect(owed(call({ transferredAt: START + MINUTE }))).toMatchObject([
      { what: "transferred", from: 10 * MINUTE },
    ])
  })

  test("and one of the list are owed within minutes where nothing fails", () => {
    const angry = { angry: 0.9, sentimentAt: after(2 * MINUTE) }
    expect(owed(call(angry), {}, 0, true)).toMatchObject([{ from: 12 * MINUTE, withinMs: 12 * MINUTE }])
    const flaggedAt = after(5 * MINUTE)
    expect(owed(call({ flaggedAt }), {}, 0, true)).toMatchObject([{ by: "list", withinMs: 7 * MINUTE }])
    const late = after(25 * MINUTE)
    expect(owed(call({ flaggedAt: late }), {}, 0, true)).toMatchObject([{ by: "list", withinMs: HOUR }])
  })

  test("is not owed of a call whose end nobody can know", () => {
    const angry = { angry: 0.9, sentimentAt: after(2 * MINUTE) }
    expect(owed(call(angry, { hidesEnd: true, status: "ended" }))).toEqual([])
    expect(owed(call(angry, { hidesEnd: true }))).toHaveLength(1)
  })
})

test("nothing is owed for a call that no rule matches, and a changed rule owes only what comes after it", () => {
  expect(owed(call({}))).toEqual([])
  const [flagged] = planRules({ seed: 1, profile: "calm", start: START, end: START + DAY })
  if (!flagged) throw new Error("There are default rules.")
  const rule = { ...flagged, rule: null }
  const edited = { ...rule, version: 2, from: START + MINUTE, rule: { ...RULE, id: flagged.ruleId } }
  const promising = { versions: [edited], oddities: PLAIN, rate: 60, downtime: () => 0, isCalm: false }
  const owing = call({ flaggedAt: after(5 * MINUTE), score: 1, angry: 0.9, transferredAt: START })
  expect(promisesOf(owing, promising)).toEqual([])
  const later = { ...edited, from: START - 5 * MINUTE }
  expect(promisesOf(owing, { ...promising, versions: [later] })).toHaveLength(1)
})

const RULE = {
  id: "flagged",
  name: "Flagged",
  mode: "live",
  severity: "warning",
  when: {},
  settle: "PT30M",
  version: 2,
  updatedAt: null,
  isDeleted: false,
} as const
