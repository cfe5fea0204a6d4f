/** Why a rule says what it says: each comparison, what was seen and wanted, and what could still decide it. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { HOUR } from "../instant.ts"
import { START, anyDetail, anyWhen, factsOf, listedFactsOf, ruleOf } from "../test-example.ts"
import { judge } from "./judgement.ts"
import { leavesOf, traceOf } from "./trace.ts"

const WHEN = { score: { lte: 2 }, any: [{ flagged: true }, { transferred: true }] }

describe("a trace", () => {
  test("names each comparison with its place, what was wanted and what was seen", () => {
    const { when, ...trace } = traceOf(ruleOf(WHEN), factsOf({ score: 1.5, flagged: true }), START)
    expect(trace).toEqual({ ruleId: "rule", version: 1, truth: "true", isSettled: false, awaits: null })
    const leaf = { kind: "leaf", isPersonal: false, awaits: null }
    expect(leavesOf(when)).toEqual([
      {
        ...leaf,
        path: ["score", "lte"],
        field: "score",
        operator: "lte",
        operand: 2,
        seen: 1.5,
        truth: "true",
        isDecisive: true,
      },
      {
        ...leaf,
        path: ["any", 0, "flagged"],
        field: "flagged",
        operator: "eq",
        operand: true,
        seen: true,
        truth: "true",
        isDecisive: true,
      },
      {
        ...leaf,
        path: ["any", 1, "transferred"],
        field: "transferred",
        operator: "eq",
        operand: true,
        seen: false,
        truth: "false",
        isDecisive: false,
      },
    ])
  })

  test("says whether a detail, time or nothing could decide what is unknown", () => {
    const awaits = (...[when, facts, now]: [Record<string, unknown>, ReturnType<typeof factsOf>, number]) =>
      traceOf(ruleOf(when), facts, now).awaits
    const unscored = { score: null }
    expect(awaits({ transferred: true }, listedFactsOf(), START)).toBe("detail")
    expect(awaits({ score: { lte: 2 } }, listedFactsOf(unscored), START)).toBe("time")
    expect(awaits({ score: { lte: 2 } }, listedFactsOf(unscored), START + HOUR)).toBe("nothing")
    const looked = factsOf({ metadata: null }, { detailedAt: START + HOUR })
    expect(awaits({ "sentiment.angry": { gte: 0.5 } }, looked, START + HOUR)).toBe("nothing")
    expect(awaits({ flagged: true }, listedFactsOf(unscored), START)).toBe(null)
    expect(awaits({ any: [{ score: 1 }, { transferred: true }] }, listedFactsOf(unscored), START)).toBe(
      "detail",
    )
  })

  test("says what the judgement says, of whatever call: the decisive comparisons are the judgement's findings", () => {
    fc.assert(
      fc.property(
        anyWhen({ depth: 4, exists: true }),
        anyDetail,
        fc.boolean(),
        fc.nat(2 * HOUR),
        (when, call, detailIsFinal, later) => {
          const [rule, facts, now] = [ruleOf({ ...when }), factsOf(call, { detailIsFinal }), START + later]
          const trace = traceOf(rule, facts, now)
          const { verdicts, wantsDetail } = judge([rule], facts, now)
          const [verdict] = verdicts
          expect(trace).toMatchObject({ truth: verdict?.truth, isSettled: verdict?.isSettled })
          if (trace.truth === "false") return
          const decisive = leavesOf(trace.when).filter(({ isDecisive }) => isDecisive)
          const shared = ({ field, operator, operand, seen, truth }: (typeof decisive)[number]) => ({
            field,
            operator,
            operand,
            seen,
            truth,
          })
          expect(decisive.map(shared)).toEqual(
            verdict?.findings.map(({ field, operator, operand, seen, truth }) => ({
              field,
              operator,
              operand,
              seen,
              truth,
            })),
          )
          if (trace.awaits === "detail") expect(wantsDetail).toBe(true)
          expect(JSON.parse(JSON.stringify(trace))).toEqual(trace)
        },
      ),
      { numRuns: 1000 },
    )
  })
})
