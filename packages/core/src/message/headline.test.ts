/** The first line of a message. */
import { expect, test } from "vitest"
import { recordJudgement } from "../alert/call-record.ts"
import { judge } from "../rule/judgement.ts"
import { START, factsOf, ruleOf } from "../test-example.ts"
import { headlineOf, headlineOfReasons } from "./headline.ts"

test.each([
  ["The caller asked for a table.", "The caller asked for a table."],
  [
    "The caller called about a deposit. They were calm at first. The agent promised a call back.",
    "The caller called about a deposit. The agent promised a call back.",
  ],
  ["Dr. Smith asked about 2.5 mg. The agent did not know.", "Dr. Smith asked about 2.5 mg."],
  ["No full stop at all", "No full stop at all"],
  ["One line\nand another. More.", "One line and another."],
  [`The caller ${"talked and ".repeat(30)}left.`, `The caller ${"talked and ".repeat(11)}talked…`],
  ["  \n ", null],
  [null, null],
])("of the summary %j is %j", (summary, headline) => {
  expect(headlineOf(summary)).toBe(headline)
})

const reasonsOf = (changes: object, ...whens: Record<string, unknown>[]) => {
  const facts = factsOf(changes)
  const rules = whens.map((when, index) => ruleOf(when, { id: `rule-${index}`, name: `Rule ${index}` }))
  const record = recordJudgement(null, facts, judge(rules, facts, START), ["slack"], START)
  return headlineOfReasons(record.alert?.reasons ?? [], facts.call, "Rule 0")
}

const angry = {
  metadata: {
    sentiment: { happy: 0, sad: 0, angry: 1, neutral: 0 },
    callQuality: null,
    technicalIssues: null,
    usage: null,
    callCost: null,
  },
}

test("without a summary it says what came true, the first two of it", () => {
  const whens = [{ "sentiment.angry": { gte: 0.5 } }, { score: { lte: 2 } }, { flagged: true }]
  expect(reasonsOf({ ...angry, score: 1, flagged: true }, ...whens)).toBe(
    "The caller was angry, and the call scored 1 of 5.",
  )
  expect(reasonsOf({ flagged: true }, { flagged: true })).toBe("The call was flagged.")
})

test("it never says the opposite of what came true", () => {
  expect(reasonsOf({ score: 5 }, { score: { gte: 4 } })).toBe("Rule 0")
  expect(reasonsOf({ score: 5 }, { not: { score: { lt: 4 } } })).toBe("Rule 0")
  expect(reasonsOf({ score: 1 }, { not: { score: { gt: 4 } } })).toBe("The call scored 1 of 5.")
  expect(reasonsOf(angry, { not: { "sentiment.angry": { lt: 0.5 } } })).toBe("The caller was angry.")
  expect(reasonsOf({}, { not: { "sentiment.angry": { gt: 0.5 } } })).toBe("Rule 0")
  expect(reasonsOf({}, { flagged: false })).toBe("Rule 0")
  expect(reasonsOf({}, { transferred: false })).toBe("Rule 0")
})

test("of a rule with several comparisons the name says more", () => {
  expect(reasonsOf({ score: 1, flagged: true }, { score: { lte: 2 }, flagged: true })).toBe("Rule 0")
})
