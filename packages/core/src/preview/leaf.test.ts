/** A comparison's words tell what the rule alerts of, whether the call meets it or not. */
import { expect, test } from "vitest"
import { becauseText } from "../message/because.ts"
import { START, factsOf, ruleOf } from "../test-example.ts"
import { leavesAt } from "./leaf.ts"

const facts = factsOf({ score: 4, status: "completed" })

test.each([
  [{ score: { lte: 2 } }, "Scored 4 of 5 (alert up to 2)"],
  [{ score: { gte: 3 } }, "Scored 4 of 5 (alert from 3)"],
  [{ not: { score: { lte: 2 } } }, "Scored 4 of 5 (alert above 2)"],
  [{ not: { score: { gte: 3 } } }, "Scored 4 of 5 (alert below 3)"],
  [{ not: { not: { score: { gte: 3 } } } }, "Scored 4 of 5 (alert from 3)"],
  [{ flagged: true }, "Not flagged"],
])("%j", (when, text) => {
  const leaves = leavesAt(ruleOf(when), { facts, at: START, isSeen: true, lost: new Set() })
  expect(leaves.map(({ because }) => becauseText(because, facts.call, "standard"))).toEqual([text])
})
