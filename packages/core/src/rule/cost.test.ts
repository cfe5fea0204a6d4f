/** The rules together cost a bounded time for each call. */
import { describe, expect, test } from "vitest"
import { START, factsOf, ruleOf } from "../test-example.ts"
import { SEARCHES_MAX, costIssue, searchesOf } from "./cost.ts"
import { judge } from "./judgement.ts"

const LEAVES = 50

/** Rules that look for so many phrases, none twice. */
function rulesOf(phrases: number, say = (phrase: number) => `phrase number ${phrase}`) {
  return Array.from({ length: Math.ceil(phrases / LEAVES) }, (_, rule) => {
    const own = Array.from({ length: Math.min(LEAVES, phrases - rule * LEAVES) }, (_, leaf) => ({
      transcript: { contains: say(rule * LEAVES + leaf) },
    }))
    return ruleOf({ any: own }, { id: `rule-${rule}` })
  })
}

describe("what the rules look for", () => {
  test("is counted wherever it stands, once for each phrase and field, and only if a text is searched for it", () => {
    const rules = [
      ruleOf({ transcript: { contains: "Refund" }, summary: { contains: "refund" } }),
      ruleOf({
        any: [{ transcript: { contains: "REFUND" } }, { not: { all: [{ memory: { contains: "a" } }] } }],
      }),
      ruleOf({ timeline: "TRANSFER", status: { in: ["a", "b"] }, summary: { startsWith: "a" }, score: 1 }),
    ]
    expect(searchesOf(rules)).toBe(3)
  })

  test("may be as much as a call of 60 KB can be searched for in a second, and no more", () => {
    expect(SEARCHES_MAX).toBe(4000)
    expect(costIssue([], rulesOf(4000))).toBeNull()
    expect(costIssue([], rulesOf(5000))).toMatch(/5000 phrases.*1\.3 s.*60 KB.*4000.*1\.0 s/)
  })

  test("may become less, though it still is more than that", () => {
    expect(costIssue(rulesOf(5000), rulesOf(4950))).toBeNull()
    expect(costIssue(rulesOf(4950), rulesOf(5000))).not.toBeNull()
  })
})

describe("a call of 60 KB takes less than a second, whatever is said in it and looked for:", () => {
  const WORDS = "order table refund manager waiting number address please never again problem".split(" ")
  const word = (seed: number) => WORDS[(Math.imul(seed + 7, 2654435761) >>> 8) % WORDS.length] ?? ""
  const said = Array.from({ length: 9000 }, (_, seed) => word(seed))
    .join(" ")
    .slice(0, 60_000)
  const bees = `${"b".repeat(198)}c`.repeat(300)
  test.each([
    ["phrases that are not there", said, (phrase: number) => `phrase number ${phrase}`],
    [
      "the call's own words in another order",
      said,
      (phrase: number) => [1, 2, 3, 4].map((n) => word(phrase * n)).join(" "),
    ],
    ["phrases that are there", said, (phrase: number) => said.slice(phrase * 11, phrase * 11 + 25)],
    ["one letter again and again", bees, (phrase: number) => `${"b".repeat(190 - (phrase % 9))}${phrase}`],
  ])("%s", (_, text, say) => {
    const facts = factsOf({ transcript: [{ speaker: "caller", text, timestamp: null }] })
    const rules = rulesOf(5000, say)
    const start = performance.now()
    judge(rules, facts, START)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
