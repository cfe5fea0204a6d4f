/** The rules together cost a bounded time for each call. */
import { describe, expect, test } from "vitest"
import { SECOND, isoOf } from "../instant.ts"
import { START, activityOf, factsOf, ruleOf } from "../test-example.ts"
import { SEARCHES_MAX, costIssue, costOfRules } from "./cost.ts"
import { judge } from "./judgement.ts"
import type { CompiledRule } from "./rule.ts"

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
    expect(costOfRules(rules).phrases).toBe(3)
  })

  test("may be as much as a call of 60 KB can be searched for in a second, and no more", () => {
    expect(SEARCHES_MAX).toBe(4000)
    expect(costIssue([], rulesOf(4000))).toBeNull()
    expect(costIssue([], rulesOf(5000))).toMatch(/5000 phrases.*1\.25 s.*60 KB.*1\.00 s.*4000 phrases/)
  })

  test("may become less, though it still is more than that", () => {
    expect(costIssue(rulesOf(5000), rulesOf(4950))).toBeNull()
    expect(costIssue(rulesOf(4950), rulesOf(5000))).not.toBeNull()
  })

  const lists = (count: number, more: object = {}, say = (phrase: number) => `phrase number ${phrase}`) =>
    Array.from({ length: count }, (_, index) =>
      ruleOf(
        {
          transcript: { containsAny: Array.from({ length: 50 }, (_, one) => say(index * 50 + one)), ...more },
        },
        { id: `list-${index}` },
      ),
    )

  test("is counted in lists as well, and twice if whole words are looked for", () => {
    expect(costIssue([], lists(80))).toBeNull()
    expect(costIssue([], lists(81))).toMatch(/4050 phrases/)
    expect(costIssue([], lists(40, { wholeWords: true }))).toBeNull()
    expect(costIssue([], lists(41, { wholeWords: true }))).toMatch(
      /2050 phrases.*half as many with wholeWords/,
    )
    expect(
      costIssue(
        [],
        lists(100, {}, (phrase) => `phrase number ${phrase % 50}`),
      ),
    ).toBeNull()
  })

  const HOURS = { from: "22:00", until: "23:00", zone: "Europe/Berlin" }
  const EVENTS = { has: "TRANSFER", then: "HANGUP", within: "PT20S", times: { gte: 2 } }
  test.each([
    ["has", { timeline: EVENTS }, 0.1],
    ["during", { localTime: { during: HOURS } }, 0.05],
    ["in", { transcript: { in: Array.from({ length: 50 }, (_, index) => `said ${index}`) } }, 0.1],
    ["startsWith", { transcript: { startsWith: "said" } }, 0.004],
    ["a number", { score: 1 }, 0.002],
  ])("no operator is free: %s", (_, leaf, ms) => {
    const rules = Array.from({ length: 100 }, () =>
      ruleOf({ any: Array.from({ length: LEAVES }, () => leaf) }),
    )
    expect(costOfRules(rules).ms).toBeGreaterThanOrEqual(Math.floor(5000 * ms - 1))
    const full = rulesOf(4000)
    expect(costIssue([], full)).toBeNull()
    expect(costIssue(full, [...full, ...rules])).toMatch(/4000 phrases.*all else they ask/)
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
    expect(msOf(rulesOf(5000, say), text)).toBeLessThan(1000)
  })

  const many = (say: (index: number) => string) => Array.from({ length: 50 }, (_, index) => say(index))
  const beginnings = (list: number) => many((index) => "ab".repeat(1 + ((list * 50 + index) % 99)))
  test.each([
    ["whole words that only longer ones have", "ab".repeat(30_000), beginnings],
    [
      "signs as whole words",
      "- ".repeat(30_000),
      (list: number) => many((index) => "-".repeat(2 + ((list + index) % 99))),
    ],
  ])("%s", (_, text, say) => {
    const leaves = Array.from({ length: 40 }, (_, list) => ({
      transcript: { containsAny: say(list), wholeWords: true },
    }))
    expect(msOf([ruleOf({ any: leaves })], text)).toBeLessThan(1000)
  })

  const EVENTS = Array.from({ length: 1000 }, (_, index) => ({
    ...activityOf(index % 3 === 0 ? "HANGUP" : "TRANSFER"),
    timestamp: index % 5 === 0 ? null : isoOf(START + index * SECOND),
  }))
  test.each([
    [
      "the order and times of a thousand events",
      (index: number) => ({
        timeline: { has: "TRANSFER", then: "HANGUP", within: "PT1S", times: { gte: 100 + (index % 500) } },
      }),
    ],
    [
      "hours in many zones",
      (index: number) => ({
        localTime: {
          during: { from: "03:00", until: "03:01", zone: ["Europe/Berlin", "Asia/Tokyo"][index % 2] },
        },
      }),
    ],
    [
      "long texts that are nearly the same",
      () => ({ transcript: { in: many((index) => `${"b".repeat(195)}${index}`) } }),
    ],
  ])("%s", (_, leafOf) => {
    const rules = Array.from({ length: 100 }, (_, rule) =>
      ruleOf({ any: Array.from({ length: LEAVES }, (_, leaf) => leafOf(rule * LEAVES + leaf)) }),
    )
    expect(msOf(rules, "b".repeat(197), EVENTS)).toBeLessThan(1000)
  })

  function msOf(rules: readonly CompiledRule[], text: string, activityTimeline: typeof EVENTS = []): number {
    const facts = factsOf({ transcript: [{ speaker: "caller", text, timestamp: null }], activityTimeline })
    const start = performance.now()
    judge(rules, facts, START)
    return performance.now() - start
  }
})
