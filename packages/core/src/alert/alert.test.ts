/** What an alert stores about why it was raised. */
import { describe, expect, test } from "vitest"
import type { Facts } from "../call/facts.ts"
import { judge, matches } from "../rule/judgement.ts"
import type { CompiledRule } from "../rule/rule.ts"
import { START, activityOf, factsOf, ruleOf } from "../test-example.ts"
import { Alert, addReasons, severityOf } from "./alert.ts"

const matching = (rules: CompiledRule[], facts: Facts) => matches(judge(rules, facts, START))

const flagged = ruleOf({ flagged: true }, { id: "flagged", name: "Flagged", severity: "info" })

const low = ruleOf({ score: { lte: 2 } }, { id: "low", name: "Low", severity: "critical", version: 3 })

const bad = factsOf({ flagged: true, score: 1 })

describe("an alert", () => {
  test("has each rule that became true as a reason, once, with the time and the version", () => {
    const first = addReasons(null, matching([flagged], bad), START)
    const second = addReasons(first, matching([flagged, low], bad), START + 1)
    const third = addReasons(second, matching([low, flagged], bad), START + 2)
    expect(second).toMatchObject({
      raisedAt: START,
      reasons: [
        { ruleId: "flagged", version: 1, at: START },
        { ruleId: "low", version: 3, at: START + 1 },
      ],
    })
    expect(third).toBe(second)
  })

  test("is as severe as its severest reason", () => {
    const alert = addReasons(null, matching([flagged, low], bad), START)
    expect(alert && severityOf(alert)).toBe("critical")
  })

  test("is not raised by rules that do not match, and not taken back by them", () => {
    expect(addReasons(null, matching([low], factsOf()), START)).toBeNull()
    const raised = addReasons(null, matching([low], bad), START)
    expect(addReasons(raised, matching([low], factsOf()), START)).toBe(raised)
  })
})

describe("a reason says what was seen", () => {
  const becauseOf = (when: Record<string, unknown>, facts = factsOf()) =>
    addReasons(null, matching([ruleOf(when)], facts), START)?.reasons[0]?.because

  test("of each comparison that made the rule true", () => {
    const plain = { operandsLeftOut: 0, isPersonal: false, isNegated: false }
    expect(becauseOf({ any: [{ score: { gte: 4 } }, { flagged: true }], duration: { lt: 300 } })).toEqual([
      { ...plain, field: "score", operator: "gte", operand: 4, seen: 4.5 },
      { ...plain, field: "duration", operator: "lt", operand: 300, seen: 245 },
    ])
  })

  test("and whether it was asked not to hold", () => {
    expect(becauseOf({ not: { score: { lte: 2 } } })).toMatchObject([{ seen: 4.5, isNegated: true }])
    expect(becauseOf({ not: { not: { score: { gte: 2 } } } })).toMatchObject([{ isNegated: false }])
  })

  test("but never what a person can be known by: the record has it once, and messages choose", () => {
    const because = becauseOf({
      all: [
        { from: { startsWith: "+1" } },
        { summary: { contains: "table" } },
        { "transcript.caller": { contains: "two" } },
        { memory: { exists: true } },
        { "agent.name": { exists: true } },
      ],
    })
    expect(because).toHaveLength(5)
    for (const part of because ?? []) expect(part).toMatchObject({ seen: null, isPersonal: true })
  })

  test("in brief, however much that was, and as text that can be stored", () => {
    const activityTimeline = Array.from({ length: 30 }, () => activityOf("💥".repeat(100)))
    const status = `${"x".repeat(78)}💥`
    const because = becauseOf(
      { timeline: { exists: true }, status: { exists: true } },
      factsOf({ activityTimeline, status }),
    )
    for (const part of because ?? []) {
      const seen = Array.isArray(part.seen) ? part.seen : [part.seen]
      expect(seen.length).toBeLessThanOrEqual(12)
      for (const text of seen) {
        expect(String(text).length).toBeLessThanOrEqual(80)
        expect(String(text).isWellFormed()).toBe(true)
      }
    }
  })

  test("in brief as well, however much the rule asks for", () => {
    const choices = Array.from({ length: 50 }, (_, index) => `${index} ${"x".repeat(100)}`)
    const [first, second] =
      becauseOf({ not: { any: [{ type: { in: choices } }, { type: choices[0] }] } }) ?? []
    expect(first).toMatchObject({ operator: "in", operandsLeftOut: 38 })
    expect(first?.operand).toHaveLength(12)
    for (const text of [first?.operand, second?.operand].flat()) expect(text).toHaveLength(80)
  })

  test("of ten comparisons, and how many more there were", () => {
    const any = Array.from({ length: 50 }, (_, index) => ({ duration: { gt: index } }))
    const reason = addReasons(null, matching([ruleOf({ any })], factsOf()), START)?.reasons[0]
    expect(reason?.because).toHaveLength(10)
    expect(reason?.becauseLeftOut).toBe(40)
  })

  test("and survives being stored", () => {
    const alert = addReasons(null, matching([flagged, low, ruleOf({ not: { spam: true } })], bad), START)
    expect(Alert.parse(JSON.parse(JSON.stringify(alert)))).toEqual(alert)
  })
})
