/** When a joined condition holds of a call, by examples: the oracle must know it without the code that it tests. */
import { MINUTE } from "@earshot/core/instant"
import { parseCondition } from "@earshot/core/rule/condition"
import { expect, test } from "vitest"
import { START } from "../scenario.ts"
import { END, testCall } from "../test-call.ts"
import * as conditions from "./condition.ts"

const { aboutTeapot, all, any, longerThan, noScore, noSentiment, not, scoredAtMost, transferred } = conditions

const NEVER = Number.POSITIVE_INFINITY

const SETTLE_MS = 5 * MINUTE

function spanOf(condition: conditions.TruthCondition, call = testCall({}), view: conditions.View = "all") {
  const { from, until } = conditions.spanOf(condition, call, SETTLE_MS, view)
  return [from - START, until - START]
}

test("`all` waits for the last of its parts, and one that does not hold decides", () => {
  const both = all(longerThan(600), scoredAtMost(4))
  expect(spanOf(both)).toEqual([11 * MINUTE, NEVER])
  expect(spanOf(both, testCall({ revisedAt: END + 3 * MINUTE, revisedScore: 5 }))).toEqual([
    11 * MINUTE,
    13 * MINUTE,
  ])
  expect(spanOf(all(longerThan(601), scoredAtMost(4)))).toEqual([NEVER, NEVER])
})

test("`any` holds with the first of its parts, for a view that can see it", () => {
  const either = any(scoredAtMost(4), transferred)
  const call = testCall({ transferredAt: START + MINUTE })
  expect(spanOf(either, call)).toEqual([MINUTE, NEVER])
  expect(spanOf(either, call, "list")).toEqual([11 * MINUTE, NEVER])
})

test("a thing is known not to have happened once the call is over, and nothing follows from what never comes", () => {
  expect(spanOf(not(transferred))).toEqual([10 * MINUTE, NEVER])
  expect(spanOf(not(transferred), testCall({}), "list")).toEqual([NEVER, NEVER])
  expect(spanOf(not(scoredAtMost(2)), testCall({ scoreAt: NEVER }))).toEqual([NEVER, NEVER])
})

test("a missing value counts as missing once the rule has settled, until it comes", () => {
  expect(spanOf(noScore)).toEqual([NEVER, NEVER])
  expect(spanOf(noScore, testCall({ scoreAt: NEVER }))).toEqual([15 * MINUTE, NEVER])
  expect(spanOf(noScore, testCall({ scoreAt: END + 9 * MINUTE }))).toEqual([15 * MINUTE, 19 * MINUTE])
  const justBefore = testCall({ sentimentAt: END + 4 * MINUTE })
  expect(spanOf(noSentiment, justBefore)).toEqual([NEVER, NEVER])
  expect(spanOf(noSentiment, justBefore, "stale")[0]).toBeLessThan(15 * MINUTE)
})

test("every condition is one that a rule may have", () => {
  const wholly = all(any(aboutTeapot, noScore), not(noSentiment), longerThan(1), conditions.handedOn)
  expect(parseCondition(wholly.when)).toMatchObject({ ok: true })
})
