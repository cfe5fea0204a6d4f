/** A condition is accepted as it is meant, or refused with every mistake, its place and what would be right. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { anyWhen, conditionOf } from "../test-example.ts"
import { LEAVES_MAX, When, parseCondition } from "./condition.ts"
import { FIELDS } from "./field.ts"
import { CHOICES_MAX } from "./leaf.ts"
import { OPERATORS, TEXT_MAX } from "./operand.ts"

function issuesOf(when: unknown) {
  const parsed = parseCondition(when)
  return parsed.ok ? [] : parsed.issues
}

describe("a condition is accepted", () => {
  test("with a bare value, which means equal", () => {
    expect(shapeOf(conditionOf({ flagged: true }))).toBe("flagged eq true")
  })

  test("with the keys of an object as fields that must all hold", () => {
    const both = conditionOf({ flagged: true, duration: { gte: 10, lt: 60 } })
    expect(shapeOf(both)).toBe("all(flagged eq true, all(duration gte 10, duration lt 60))")
  })

  test("with all, any and not, in each other", () => {
    const when = { any: [{ flagged: true }, { not: { all: [{ score: { gt: 2 } }, { type: "INCOMING" }] } }] }
    expect(shapeOf(conditionOf(when))).toBe("any(flagged eq true, not all(score gt 2, type eq INCOMING))")
  })

  test("with a bare value for one of several texts", () => {
    expect(shapeOf(conditionOf({ timeline: "TRANSFER" }))).toBe("timeline contains TRANSFER")
  })

  test("with each operator of each field's type, and only with those", () => {
    const operands = { number: 1, string: "a", boolean: true, texts: "a", time: { zone: "UTC" } }
    const operators = [...new Set(Object.values(OPERATORS).flat())]
    for (const { name, type } of FIELDS) {
      for (const operator of operators) {
        const isList = operator === "in" || operator === "containsAny"
        const operand = operator === "exists" ? true : isList ? [operands[type]] : operands[type]
        const isRight = OPERATORS[type].includes(operator)
        expect(parseCondition({ [name]: { [operator]: operand } }).ok, `${name} ${operator}`).toBe(isRight)
      }
    }
  })

  test("whenever it is made of fields and their operators within the limits, as JSON and as a part of a rule", () => {
    fc.assert(
      fc.property(anyWhen({ depth: 5, exists: true }), (when) => {
        const json = JSON.parse(JSON.stringify(when))
        const { leaves } = sizeOf(json)
        expect(parseCondition(json).ok).toBe(leaves <= LEAVES_MAX)
        expect(When.safeParse(json).success).toBe(leaves <= LEAVES_MAX)
      }),
    )
  })
})

type Condition = ReturnType<typeof conditionOf>

function shapeOf(condition: Condition): string {
  if (condition.kind === "leaf")
    return `${condition.field.name} ${condition.operator} ${String(condition.operand)}`
  if (condition.kind === "not") return `not ${shapeOf(condition.of)}`
  return `${condition.kind}(${condition.of.map(shapeOf).join(", ")})`
}

function sizeOf(when: object): { leaves: number } {
  let leaves = 0
  for (const [key, value] of Object.entries(when)) {
    if (key === "not") leaves += sizeOf(value).leaves
    else if (Array.isArray(value)) for (const part of value) leaves += sizeOf(part).leaves
    else leaves++
  }
  return { leaves }
}

describe("a mistake is named with its path and what would be right", () => {
  const deep = (levels: number): object => (levels === 1 ? { flagged: true } : { not: deep(levels - 1) })

  const BLANK = "must have something to see: it is blank or made of invisible signs"
  const MISTAKES: [when: unknown, path: (string | number)[], message: string][] = [
    [null, [], 'must be an object such as {"flagged": true}'],
    ["flagged", [], 'must be an object such as {"flagged": true}'],
    [[{ flagged: true }], [], 'must be an object such as {"flagged": true}'],
    [{}, [], 'is empty: name at least one field, such as {"flagged": true}'],
    [{ all: [] }, ["all"], "must be a list of at least one condition"],
    [{ any: { flagged: true } }, ["any"], "must be a list of at least one condition"],
    [{ any: [{ flagged: true }, 7] }, ["any", 1], 'must be an object such as {"flagged": true}'],
    [{ not: {} }, ["not"], 'is empty: name at least one field, such as {"flagged": true}'],
    [{ not: [{ flagged: true }] }, ["not"], 'must be an object such as {"flagged": true}'],
    [deep(6), ["not", "not", "not", "not", "not"], "is nested deeper than 5 levels"],
    [{ scroe: 2 }, ["scroe"], "is not a known field; did you mean score?"],
    [{ any: [{ angry: 1 }] }, ["any", 0, "angry"], "is not a known field; did you mean sentiment.angry?"],
    [{ score: {} }, ["score"], "needs an operator: eq, ne, lt, lte, gt, gte, in, exists"],
    [
      { score: { below: 2 } },
      ["score", "below"],
      "score is a number; use eq, ne, lt, lte, gt, gte, in, exists",
    ],
    [{ flagged: { gt: 1 } }, ["flagged", "gt"], "flagged is a boolean; use eq, ne, exists"],
    [
      { timeline: { eq: "TRANSFER" } },
      ["timeline", "eq"],
      "timeline is a list of texts; use contains, containsAny, has, exists",
    ],
    [{ score: "2" }, ["score"], "score must be compared with a number"],
    [{ score: null }, ["score"], "score must be compared with a number"],
    [{ score: { lte: Number.NaN } }, ["score", "lte"], "score must be compared with a number"],
    [{ score: { lte: Number.POSITIVE_INFINITY } }, ["score", "lte"], "score must be compared with a number"],
    [{ flagged: "yes" }, ["flagged"], "flagged must be compared with true or false"],
    [{ summary: "" }, ["summary"], "summary must be compared with text of 1 to 200 characters"],
    [
      { summary: "x".repeat(TEXT_MAX + 1) },
      ["summary"],
      "summary must be compared with text of 1 to 200 characters",
    ],
    [{ summary: { exists: "yes" } }, ["summary", "exists"], "exists takes true or false"],
    [{ score: { in: 2 } }, ["score", "in"], "in takes a list of 1 to 50 values"],
    [{ score: { in: [] } }, ["score", "in"], "in takes a list of 1 to 50 values"],
    [{ score: { in: Array(CHOICES_MAX + 1).fill(1) } }, ["score", "in"], "in takes a list of 1 to 50 values"],
    [{ score: { in: [1, "2"] } }, ["score", "in"], "in takes values that are each a number"],
    [{ summary: { contains: " " } }, ["summary", "contains"], BLANK],
    [{ "agent.name": "\u200b\u00ad" }, ["agent.name"], BLANK],
    [{ status: { in: ["completed", "\n"] } }, ["status", "in"], BLANK],
    [{ timeline: "\u3164" }, ["timeline"], BLANK],
    [
      { summary: { containsAny: "a" } },
      ["summary", "containsAny"],
      "containsAny takes a list of 1 to 50 values",
    ],
    [{ summary: { containsAny: ["a", " "] } }, ["summary", "containsAny"], BLANK],
    [{ summary: { contains: "a", wholeWords: 1 } }, ["summary", "wholeWords"], "takes true or false"],
    [
      { summary: { eq: "a", wholeWords: true } },
      ["summary", "wholeWords"],
      "stands beside contains or containsAny only",
    ],
    [
      { tools: { contains: "a", wholeWords: true } },
      ["tools", "wholeWords"],
      "is for texts: an item of a list is compared whole",
    ],
    [{ timeline: { contains: "HANGUP", then: "TRANSFER" } }, ["timeline", "then"], "stands beside has only"],
    [
      { timeline: { has: "TRANSFER", within: "PT20S" } },
      ["timeline", "within"],
      "needs then: from what to what?",
    ],
    [
      { timeline: { has: "TRANSFER", then: "HANGUP", within: "20 s" } },
      ["timeline", "within"],
      "must be an ISO 8601 duration such as PT20S",
    ],
    [
      { timeline: { has: "TRANSFER", times: { gte: 1, lte: 2 } } },
      ["timeline", "times"],
      'times takes a whole number up to 1000, or one comparison such as {"gte": 2}',
    ],
    [{ timeline: { has: 2 } }, ["timeline", "has"], "must be text of 1 to 200 characters"],
    [
      { localTime: { during: { zone: "Berlin" } } },
      ["localTime", "during", "zone"],
      "must be an IANA time zone such as Europe/Berlin",
    ],
    [
      { localTime: { during: { zone: "UTC", from: "24:00" } } },
      ["localTime", "during", "from"],
      "must be a time of day such as 22:00",
    ],
    [
      { localTime: { during: { zone: "UTC", days: ["sat", "sat"] } } },
      ["localTime", "during", "days"],
      "must be a list of different days: sun, mon, tue, wed, thu, fri, sat",
    ],
    [
      { localTime: { during: { zone: "UTC", to: "08:00" } } },
      ["localTime", "during", "to"],
      "is not known; during takes days, from, until, zone",
    ],
    [
      { localTime: "18:00" },
      ["localTime"],
      'is a time: write {"during": {"from": "18:00", "until": "08:00", "zone": "Europe/Berlin"}}',
    ],
  ]
  test.each(MISTAKES.map(([when, path, message]) => [path, message, when]))(
    "%j %s",
    (path, message, when) => {
      expect(issuesOf(when)).toEqual([{ path, message }])
    },
  )

  test("and an unknown field that is like none, with all that there are", () => {
    const [issue] = issuesOf({ weather: "rainy" })
    expect(issue?.path).toEqual(["weather"])
    for (const { name } of FIELDS) expect(issue?.message).toContain(name)
  })

  test("all at once", () => {
    const when = { scroe: 1, any: [{ flagged: "x" }, { duration: { gte: "long" } }], not: {} }
    expect(issuesOf(when).map(({ path }) => path.join("."))).toEqual([
      "scroe",
      "any.0.flagged",
      "any.1.duration.gte",
      "not",
    ])
  })

  test("in the schema of a rule as well", () => {
    const parsed = When.safeParse({ any: [{ scroe: 1 }] })
    expect(parsed.error?.issues).toMatchObject([
      { path: ["any", 0, "scroe"], message: "is not a known field; did you mean score?" },
    ])
  })
})

describe("the limits", () => {
  const fields = (count: number) => ({ any: Array.from({ length: count }, () => ({ flagged: true })) })

  test("are 50 comparisons, of which two of one field count twice", () => {
    expect(issuesOf(fields(50))).toEqual([])
    expect(issuesOf(fields(51))).toEqual([{ path: [], message: "has more than 50 comparisons" }])
    const pairs = (count: number) => ({
      any: Array.from({ length: count }, () => ({ score: { gte: 1, lte: 2 } })),
    })
    expect(issuesOf(pairs(25))).toEqual([])
    expect(issuesOf(pairs(26))).not.toEqual([])
  })

  test("and five levels", () => {
    const deep = (levels: number): object => (levels === 1 ? { flagged: true } : { all: [deep(levels - 1)] })
    expect(issuesOf(deep(5))).toEqual([])
    expect(issuesOf(deep(6))).toMatchObject([{ message: "is nested deeper than 5 levels" }])
  })

  test("hold for whatever JSON is sent: never an exception, and never many issues", () => {
    const names = fc.constantFrom(
      "all",
      "any",
      "not",
      "flagged",
      "score",
      "gte",
      "in",
      "exists",
      "__proto__",
      "x",
    )
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 7, withCrossShrink: true },
        fc.constantFrom(null, true, 2, "a", "", [], {}),
        fc.dictionary(names, tie("json"), { maxKeys: 4 }),
        fc.array(tie("json"), { maxLength: 4 }),
      ),
    }))
    fc.assert(
      fc.property(json, (value) => {
        const parsed = parseCondition(JSON.parse(JSON.stringify(value)))
        if (!parsed.ok) expect(parsed.issues.length).toBeGreaterThan(0)
        expect(issuesOf(value).length).toBeLessThan(40)
      }),
      { numRuns: 1000 },
    )
  })

  /** 51 times 51 times 51 … of the same: as quick to write as it would be slow to read. */
  const wide = (levels: number, leaf: object): object =>
    levels === 0 ? leaf : { any: Array(LEAVES_MAX + 1).fill(wide(levels - 1, leaf)) }
  const nested = JSON.parse(`${'{"not":'.repeat(5_000)}{}${"}".repeat(5_000)}`)

  test.each([
    ["wide with right leaves", wide(4, { flagged: true })],
    ["wide with wrong leaves", wide(4, { weather: 1 })],
    ["wide with empty leaves", wide(4, {})],
    ["deep", nested],
    ["of many keys", Object.fromEntries(Array.from({ length: 100_000 }, (_, key) => [`field-${key}`, 1]))],
    [
      "of many operators",
      { score: Object.fromEntries(Array.from({ length: 100_000 }, (_, key) => [key, 1])) },
    ],
    ["of long lists", { any: Array.from({ length: 1_000_000 }, () => ({ flagged: true })) }],
    ["of long texts", { ["score".repeat(1_000_000)]: 1, summary: "x".repeat(10_000_000) }],
  ])("are found quickly in what is hostile: %s", (_, when) => {
    const startedAt = performance.now()
    const issues = issuesOf(when)
    expect(performance.now() - startedAt).toBeLessThan(500)
    expect(issues.length).toBeGreaterThan(0)
    expect(issues.length).toBeLessThan(40)
  })
})
