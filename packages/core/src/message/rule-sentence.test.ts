/** A rule in one plain sentence, whatever its condition. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { OPERATORS } from "../rule/operand.ts"
import { FIELDS } from "../rule/field.ts"
import { anyWhen, conditionOf } from "../test-example.ts"
import { ruleSentence } from "./rule-sentence.ts"

test.each([
  [
    { any: [{ score: { lte: 2 } }, { "sentiment.angry": { gte: 0.5 } }], not: { spam: true } },
    "Alert when the score is 2 or lower, or anger is at least 50%, unless the call is spam",
  ],
  [{ flagged: true }, "Alert when the call is flagged"],
  [{ flagged: false }, "Alert unless the call is flagged"],
  [
    { spam: false, duration: { gt: 30, lt: 90 }, "agent.name": { in: ["Night line", "Day line"] } },
    "Alert when the call's length is above 30 s, the call's length is below 1 min 30 s and the agent's name is “Night line” or “Day line”, unless the call is spam",
  ],
  [
    { flagged: true, any: [{ score: 1 }, { score: 5, transferred: true }] },
    "Alert when the call is flagged and (the score is 1, or (the score is 5 and the call is transferred))",
  ],
  [
    { not: { any: [{ flagged: true }, { not: { score: { lt: 2 } } }] } },
    "Alert unless (the call is flagged, or it is not so that the score is below 2)",
  ],
  [
    { timeline: { has: "TRANSFER", then: "HANGUP", within: "PT20S", times: { gte: 2 } } },
    "Alert when the timeline has “TRANSFER” and next after it “HANGUP” within 20 s, at least 2 times",
  ],
  [
    {
      localTime: {
        during: { zone: "America/New_York", from: "18:00", until: "08:00", days: ["sat", "sun"] },
      },
    },
    "Alert when the call begins within the hours 18:00 to 08:00 on sat and sun (America/New_York)",
  ],
  [
    { "transcript.caller": { containsAny: ["lawyer", "sue"], wholeWords: true }, summary: { exists: false } },
    "Alert when what the caller said contains “lawyer” or “sue” as whole words and the summary is not known",
  ],
  [
    { deadTransfer: true, transferAnswered: { exists: true } },
    "Alert when a transfer reaches nobody and it is known whether a transfer is answered",
  ],
])("%j", (when, sentence) => {
  expect(ruleSentence(conditionOf(when))).toBe(sentence)
})

describe("every rule has one", () => {
  test("with each field and operator, in words of its own", () => {
    const operands = { number: 0.5, string: "x", boolean: true, texts: "x", time: { zone: "UTC" } }
    const said = new Map<string, string>()
    for (const { name, type } of FIELDS) {
      for (const operator of OPERATORS[type]) {
        const isList = operator === "in" || operator === "containsAny"
        const operand =
          operator === "exists" ? true : isList ? [operands[type], operands[type]] : operands[type]
        const sentence = ruleSentence(conditionOf({ [name]: { [operator]: operand } }))
        expect(sentence).toMatch(/^Alert (when|unless) [a-z]/)
        expect(sentence).not.toMatch(
          /undefined|null|\[object|sentiment\.|usage\.|agent\.|tools\.|transcript\./,
        )
        expect(said.get(sentence) ?? name, sentence).toBe(SAME[name] ?? said.get(sentence) ?? name)
        said.set(sentence, SAME[name] ?? name)
      }
    }
  })

  test("however deep, with a word for each comparison", () => {
    fc.assert(
      fc.property(anyWhen({ depth: 5, exists: true }), (when) => {
        const sentence = ruleSentence(conditionOf(when))
        expect(sentence).toMatch(/^Alert (when|unless) /)
        expect(sentence.split("(").length).toBe(sentence.split(")").length)
      }),
      { numRuns: 500 },
    )
  })
})

/** Fields that are the same thing under two names. */
const SAME: Record<string, string> = {
  direction: "type",
  cost: "callCost",
  tokens: "usage.totalTokens",
  "tools.called": "tools",
}
