/** What is printed is read as the same condition, and printed the same again. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { anyDetail, anyWhen, conditionOf, factsOf } from "../test-example.ts"
import { evaluate } from "./evaluation.ts"
import { printCondition } from "./printed-condition.ts"

test.each([
  [{ flagged: true }, { flagged: { eq: true } }],
  [{ score: { gte: 1, lte: 2 } }, { score: { gte: 1, lte: 2 } }],
  [{ all: [{ score: { gte: 1 } }, { all: [{ score: { lte: 2 } }] }] }, { score: { gte: 1, lte: 2 } }],
  [
    { score: 1, all: [{ score: 2 }, { any: [{ timeline: "hangup" }] }] },
    { score: { eq: 1 }, any: [{ timeline: { contains: "HANGUP" } }], all: [{ score: { eq: 2 } }] },
  ],
  [
    { timeline: { has: "transferred", then: "HANGUP", within: "PT20S", times: 2 } },
    { timeline: { has: "TRANSFER", then: "HANGUP", within: "PT20S", times: { eq: 2 } } },
  ],
  [
    { all: [{ summary: { contains: "a", wholeWords: true } }, { summary: { startsWith: "b" } }] },
    { summary: { contains: "a", wholeWords: true }, all: [{ summary: { startsWith: "b" } }] },
  ],
  [
    { localTime: { during: { zone: "UTC", days: ["sat", "mon"], until: "08:00" } } },
    { localTime: { during: { days: ["mon", "sat"], from: "00:00", until: "08:00", zone: "UTC" } } },
  ],
])("%j is printed in one way", (when, printed) => {
  expect(printCondition(conditionOf(when))).toEqual(printed)
  expect(printCondition(conditionOf(printed))).toEqual(printed)
})

test("whatever is printed is read again, as what says the same of every call", () => {
  fc.assert(
    fc.property(anyWhen({ depth: 5, exists: true }), anyDetail, fc.boolean(), (when, call, detailIsFinal) => {
      const condition = conditionOf(when)
      const printed = printCondition(condition)
      const again = conditionOf(JSON.parse(JSON.stringify(printed)))
      expect(printCondition(again)).toEqual(printed)
      const [facts, lastLook] = [factsOf(call, { detailIsFinal }), { list: true, detail: detailIsFinal }]
      expect(evaluate(again, facts, false, lastLook).truth).toBe(
        evaluate(condition, facts, false, lastLook).truth,
      )
    }),
    { numRuns: 500 },
  )
})
