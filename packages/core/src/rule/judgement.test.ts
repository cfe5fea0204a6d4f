/** When a call is judged for good, and until when it is watched. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { OPEN_MAX_MS } from "../horizon.ts"
import { HOUR, MINUTE } from "../instant.ts"
import { START, anyDetail, anyWhen, factsOf, listedFactsOf, ruleOf } from "../test-example.ts"
import { rulesInForce } from "./default-rule.ts"
import { judge, matches } from "./judgement.ts"
import { compileRules } from "./rule.ts"

const low = ruleOf({ score: { lte: 2 } }, { id: "low" })

const transferred = ruleOf({ transferred: true }, { id: "transferred" })

const flagged = ruleOf({ flagged: true }, { id: "flagged" })

const going = { endedAt: null, status: "in_progress", score: null }

describe("a call is watched", () => {
  test("while it goes on, even if every rule is decided", () => {
    const judgement = judge([flagged], listedFactsOf({ ...going, flagged: true }), START)
    expect(judgement).toMatchObject({ isOpen: true, settlesAt: null, verdicts: [{ truth: "true" }] })
  })

  test("until it has ended and every rule is decided", () => {
    expect(judge([low], listedFactsOf(), START)).toMatchObject({ isOpen: false, settlesAt: null })
    expect(judge([low, transferred], listedFactsOf(), START).isOpen).toBe(true)
    expect(judge([low, transferred], factsOf(), START).isOpen).toBe(false)
  })

  test("until the rule that waits for a missing score is settled, and then unknown counts as false", () => {
    const unscored = listedFactsOf({ score: null })
    const before = judge([low], unscored, START + 30 * MINUTE - 1)
    expect(before).toMatchObject({ isOpen: true, settlesAt: START + 30 * MINUTE })
    const after = judge([low], unscored, START + 30 * MINUTE)
    expect(after).toMatchObject({ isOpen: false, settlesAt: null })
    expect(after.verdicts).toMatchObject([{ truth: "unknown", isSettled: true }])
    expect(matches(after)).toEqual([])
  })

  test("and judged again when the next rule settles, not only when the last one does", () => {
    const silent = ruleOf({ summary: { exists: false } }, { id: "silent", settle: "PT5M" })
    const facts = listedFactsOf({ score: null, summary: null })
    expect(judge([low, silent], facts, START).settlesAt).toBe(START + 5 * MINUTE)
    const judgement = judge([low, silent], facts, START + 5 * MINUTE)
    expect(matches(judgement).map(({ rule }) => rule.id)).toEqual(["silent"])
    expect(judgement).toMatchObject({ isOpen: true, settlesAt: START + 30 * MINUTE })
  })

  test("longer than any settling, if a rule needs a detail and nobody has fetched one since it settled", () => {
    const late = START + 5 * HOUR
    const unread = [
      listedFactsOf(),
      factsOf({}, { detailIsFinal: false }),
      factsOf({ activityTimeline: null }),
    ]
    for (const facts of unread) {
      const judgement = judge([transferred], facts, late)
      expect(judgement).toMatchObject({ isOpen: true, isUndecided: true, wantsDetail: true, settlesAt: null })
    }
    const lastLook = factsOf({ activityTimeline: null }, { detailedAt: START + 30 * MINUTE })
    expect(judge([transferred], lastLook, late)).toMatchObject({ isOpen: false, isUndecided: false })
  })

  test("until a last look, before it is said that what only the detail has is not there", () => {
    const silent = ruleOf({ "sentiment.angry": { exists: false } }, { id: "silent" })
    const before = factsOf({ metadata: null }, { detailedAt: START + 29 * MINUTE })
    const early = judge([silent], before, START + HOUR)
    expect(early).toMatchObject({ isOpen: true, wantsDetail: true, verdicts: [{ truth: "unknown" }] })
    const lastLook = factsOf({ metadata: null }, { detailedAt: START + 30 * MINUTE })
    const late = judge([silent], lastLook, START + HOUR)
    expect(late).toMatchObject({ isOpen: false, verdicts: [{ truth: "true" }] })
  })

  test("or is seen, before it is said that what the list has is not there", () => {
    const unscored = ruleOf({ score: { exists: false } }, { id: "unscored" })
    const late = START + HOUR
    const facts = listedFactsOf({ score: null })
    const unseen = judge([unscored], facts, late, { isSeen: false })
    expect(unseen).toMatchObject({ isOpen: true, wantsDetail: true, verdicts: [{ truth: "unknown" }] })
    expect(judge([unscored], facts, late)).toMatchObject({ isOpen: false, verdicts: [{ truth: "true" }] })
    const looked = factsOf({ score: null }, { detailedAt: late })
    expect(judge([unscored], looked, late, { isSeen: false }).verdicts).toMatchObject([{ truth: "true" }])
    expect(judge([low], facts, late, { isSeen: false }).isOpen).toBe(false)
  })

  test("never for more than six hours after it was first seen, whatever is missing", () => {
    fc.assert(
      fc.property(
        anyDetail,
        fc.array(anyWhen({ depth: 3, exists: true }), { maxLength: 4 }),
        fc.boolean(),
        fc.nat(),
        (call, conditions, detailIsFinal, later) => {
          const rules = conditions.map((when) => ruleOf({ ...when }))
          const facts = factsOf(call, { detailIsFinal })
          expect(judge(rules, facts, START + OPEN_MAX_MS + later).isOpen).toBe(false)
        },
      ),
    )
  })

  test("always with a next look ahead: what is undecided goes on, settles later, or wants a detail", () => {
    fc.assert(
      fc.property(
        anyDetail,
        fc.array(anyWhen({ depth: 3, exists: true }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.integer({ min: 0, max: OPEN_MAX_MS }),
        (call, conditions, detailIsFinal, later) => {
          const rules = conditions.map((when) => ruleOf({ ...when }))
          const now = START + later
          const { isOpen, settlesAt, wantsDetail } = judge(rules, factsOf(call, { detailIsFinal }), now)
          const goesOn = call.endedAt === null && call.status !== "completed"
          if (isOpen) expect(goesOn || wantsDetail || (settlesAt !== null && settlesAt > now)).toBe(true)
          if (settlesAt !== null) expect(settlesAt).toBeGreaterThan(now)
        },
      ),
      { numRuns: 500 },
    )
  })
})

test("what is decided stays so on the same facts, however much time goes by", () => {
  fc.assert(
    fc.property(
      anyDetail,
      fc.array(anyWhen({ depth: 3, exists: true }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.tuple(fc.nat(OPEN_MAX_MS), fc.nat(OPEN_MAX_MS)),
      (call, conditions, detailIsFinal, [first, more]) => {
        const rules = conditions.map((when) => ruleOf({ ...when }))
        const facts = factsOf(call, { detailIsFinal })
        const before = judge(rules, facts, START + first).verdicts.map(({ truth }) => truth)
        const after = judge(rules, facts, START + first + more).verdicts.map(({ truth }) => truth)
        expect(after).toEqual(before.map((truth, index) => (truth === "unknown" ? after[index] : truth)))
      },
    ),
    { numRuns: 500 },
  )
})

describe("a person has to hear of a call", () => {
  test("if a live rule is true, and not if only a shadow rule is", () => {
    const shadow = ruleOf({ flagged: true }, { id: "shadow", mode: "shadow" })
    const live = ruleOf({ flagged: true }, { id: "live" })
    const judgement = judge([shadow, live], listedFactsOf({ flagged: true }), START)
    expect(judgement.verdicts.map(({ truth }) => truth)).toEqual(["true", "true"])
    expect(matches(judgement).map(({ rule }) => rule.id)).toEqual(["live"])
    expect(matches(judge([shadow], listedFactsOf({ flagged: true }), START))).toEqual([])
  })

  test("as soon as a rule is true, while others are still unknown", () => {
    const rules = compileRules(rulesInForce([]))
    const judgement = judge(rules, listedFactsOf({ ...going, flagged: true, score: null }), START)
    expect(matches(judgement).map(({ rule }) => rule.id)).toEqual(["flagged"])
    expect(judgement.isOpen).toBe(true)
  })
})
