/** One call, one alert, one message per channel, in whatever order facts and rules come. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { ChannelId } from "../channel/channel.ts"
import { MINUTE } from "../instant.ts"
import { judge } from "../rule/judgement.ts"
import { RULES_MAX } from "../rule/rule.ts"
import { START, activityOf, factsOf, listedFactsOf, ruleOf } from "../test-example.ts"
import { CallRecord, recordJudgement, storedForm, withDelivery } from "./call-record.ts"
import { claim, settle } from "./delivery.ts"

const CHANNELS: readonly ChannelId[] = ["slack", "email"]

const flagged = ruleOf({ flagged: true }, { id: "flagged" })

describe("in whatever order the facts of a call come", () => {
  const anyChannels = fc.subarray<ChannelId>(["slack", "email"], { minLength: 1 })
  const anyRules = fc
    .array(fc.record({ channels: fc.option(anyChannels, { nil: undefined }), isShadow: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((rules) =>
      rules.map(({ channels, isShadow }, index) =>
        ruleOf(
          { score: { eq: index } },
          { id: `rule-${index}`, channels, mode: isShadow ? "shadow" : "live" },
        ),
      ),
    )

  test("each rule is a reason once, each channel is owed one message, and what was sent stays sent", () => {
    fc.assert(
      fc.property(
        anyRules,
        fc.subarray<ChannelId>(["slack", "email"]),
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 8 }),
        (rules, channels, scores) => {
          let record: CallRecord | null = null
          const told: string[] = []
          const owed = new Set<ChannelId>()
          for (const [step, score] of scores.entries()) {
            const now = START + step * MINUTE
            const facts = factsOf({ score })
            const before: CallRecord | null = record
            record = recordJudgement(before, facts, judge(rules, facts, now), channels, now)
            const rule = rules[score]
            if (rule?.mode === "live") {
              if (!told.includes(rule.id)) told.push(rule.id)
              const there = channels.filter((id) => rule.channels?.includes(id) ?? true)
              // If none that it names is there, somebody has to hear of it all the same.
              for (const channel of there.length > 0 ? there : channels) owed.add(channel)
            }
            expect(record.alert?.reasons.map(({ ruleId }) => ruleId) ?? []).toEqual(told)
            expect(record.alert?.raisedAt).toBe(
              before?.alert?.raisedAt ?? (told.length > 0 ? now : undefined),
            )
            expect(record.deliveries.map(({ channel }) => channel).sort()).toEqual([...owed].sort())
            expect(record.deliveries.slice(0, before?.deliveries.length ?? 0)).toEqual(
              before?.deliveries ?? [],
            )
            // Half of the deliveries are made at once.
            const [first] = record.deliveries
            const claimed = first && claim(first, now)
            if (claimed) record = withDelivery(record, settle(claimed, { kind: "sent" }, now, { roll: 0 }))
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe("a record", () => {
  test("of a call that only a shadow rule matches has its verdict, no alert, and tells nobody", () => {
    const shadow = ruleOf({ flagged: true }, { id: "shadow", mode: "shadow" })
    const facts = factsOf({ flagged: true })
    expect(recordJudgement(null, facts, judge([shadow], facts, START), CHANNELS, START)).toMatchObject({
      verdicts: [{ ruleId: "shadow", version: 1, truth: "true", isSettled: false }],
      alert: null,
      deliveries: [],
    })
  })

  test("says of an unknown verdict whether it is still waited for", () => {
    const low = ruleOf({ score: { lte: 2 } })
    const facts = listedFactsOf({ score: null })
    const verdictAt = (now: number) =>
      recordJudgement(null, facts, judge([low], facts, now), CHANNELS, now).verdicts[0]
    expect(verdictAt(START)).toMatchObject({ truth: "unknown", isSettled: false })
    expect(verdictAt(START + 30 * MINUTE)).toMatchObject({ truth: "unknown", isSettled: true })
    const scored = listedFactsOf({ score: 1 })
    const late = recordJudgement(null, scored, judge([low], scored, START + 30 * MINUTE), CHANNELS, START)
    expect(late.verdicts).toMatchObject([{ truth: "true", isSettled: false }])
  })

  test("owes a channel that is added later, once something new is to be told", () => {
    const facts = factsOf({ flagged: true })
    const first = recordJudgement(null, facts, judge([flagged], facts, START), ["slack"], START)
    const second = recordJudgement(first, facts, judge([flagged], facts, START), CHANNELS, START + MINUTE)
    expect(second.deliveries.map(({ channel, owedAt }) => [channel, owedAt])).toEqual([
      ["slack", START],
      ["email", START + MINUTE],
    ])
  })

  test("is stored without what reading it adds by itself, and read as it was", () => {
    const many = ruleOf({ not: { type: { in: Array.from({ length: 30 }, (_, index) => `type-${index}`) } } })
    const facts = factsOf({ flagged: true })
    for (const rules of [[flagged], [many], [flagged, many], []]) {
      const record = recordJudgement(null, facts, judge(rules, facts, START), CHANNELS, START)
      const text = JSON.stringify(storedForm(record))
      expect(CallRecord.parse(JSON.parse(text))).toEqual(record)
      if (rules.length === 1) expect(text.length).toBeLessThan(JSON.stringify(record).length)
    }
    expect(
      JSON.stringify(storedForm(recordJudgement(null, facts, judge([many], facts, START), CHANNELS, START))),
    ).toMatch(/"operandsLeftOut":18.*"isNegated":true|"isNegated":true.*"operandsLeftOut":18/)
  })

  test("changes one delivery and leaves the others", () => {
    const facts = factsOf({ flagged: true })
    const record = recordJudgement(null, facts, judge([flagged], facts, START), CHANNELS, START)
    const [slack, email] = record.deliveries
    const claimed = email && claim(email, START)
    expect(claimed && withDelivery(record, claimed).deliveries).toEqual([slack, claimed])
  })

  test("fits into an item, however long the call was and however many rules of however many words match", () => {
    const hostile = "\u0001".repeat(200)
    const leaf = { type: { in: Array.from({ length: 50 }, () => hostile) }, timeline: { exists: false } }
    const rule = ruleOf({ not: { any: Array.from({ length: 25 }, () => leaf) } })
    const matching = Array.from({ length: 3 * RULES_MAX }, (_, index) => ({
      ...rule,
      id: `${"r".repeat(60)}${index}`,
      name: hostile.slice(0, 80),
    }))
    const activityTimeline = Array.from({ length: 50 }, () => activityOf(hostile))
    const facts = factsOf({ summary: "x".repeat(1_000_000), activityTimeline })
    let record: CallRecord | null = null
    for (let first = 0; first < matching.length; first += RULES_MAX) {
      const inForce = matching.slice(first, first + RULES_MAX)
      record = recordJudgement(record, facts, judge(inForce, facts, START), CHANNELS, START)
      expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThan(370_000)
    }
    expect(record?.alert?.reasons[0]?.because).not.toEqual([])
  })

  test("is read back as it was written", () => {
    const facts = factsOf({ flagged: true })
    const record = recordJudgement(null, facts, judge([flagged], facts, START), CHANNELS, START)
    expect(CallRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(record)
  })
})
