/** Which rules are in force, and which of them are judged. */
import { describe, expect, test } from "vitest"
import { DEFAULT_RULES, rulesInForce } from "./default-rule.ts"
import { Rule, RuleInput, compileRules, highestSeverity, rulesKey } from "./rule.ts"

const stored = (changes: Partial<Rule>): Rule =>
  Rule.parse({
    id: "flagged",
    name: "Flagged by a person",
    when: { flagged: true, spam: false },
    version: 2,
    settle: "PT1H",
    updatedAt: "2026-03-02T09:00:00.000Z",
    ...changes,
  })

describe("in force", () => {
  test("are by default the four cases that Earshot is for, by id, and all of them are judged", () => {
    const rules = rulesInForce([])
    expect(rules.map(({ id, when, severity }) => [id, when, severity])).toEqual([
      ["angry-caller", { "sentiment.angry": { gte: 0.5 } }, "critical"],
      ["flagged", { flagged: true }, "warning"],
      ["low-score", { score: { lte: 2 } }, "warning"],
      ["transferred", { transferred: true }, "info"],
    ])
    expect(compileRules(rules).map(({ id, settleMs }) => [id, settleMs])).toEqual(
      rules.map(({ id }) => [id, 30 * 60_000]),
    )
    for (const rule of DEFAULT_RULES) expect(Rule.parse(rule)).toEqual(rule)
  })

  test("is what someone wrote in place of a default rule, and besides them", () => {
    const rules = rulesInForce([stored({}), stored({ id: "another" })])
    expect(rules.map(({ id, version }) => `${id}@${version}`)).toEqual([
      "angry-caller@1",
      "another@2",
      "flagged@2",
      "low-score@1",
      "transferred@1",
    ])
    expect(rules.find(({ id }) => id === "flagged")?.when).toEqual({ flagged: true, spam: false })
  })

  test("is not what someone deleted, whether a default rule or not", () => {
    const rules = rulesInForce([stored({ isDeleted: true }), stored({ id: "another", isDeleted: true })])
    expect(rules.map(({ id }) => id)).toEqual(["angry-caller", "low-score", "transferred"])
  })
})

describe("judged are", () => {
  test("live and shadow rules, not those that are off", () => {
    const rules = (["live", "shadow", "off"] as const).map((mode) => stored({ id: mode, mode }))
    expect(compileRules(rules).map(({ id }) => id)).toEqual(["live", "shadow"])
  })

  test("not rules that a newer version wrote in words that this one does not know; they can be read all the same", () => {
    const newer = [
      stored({ id: "new-field", when: { weather: "rainy" } }),
      stored({ id: "new-operator", when: { score: { near: 2 } } }),
      stored({ id: "new-settle", settle: "P1M" }),
    ]
    expect(compileRules([...newer, stored({})]).map(({ id }) => id)).toEqual(["flagged"])
  })

  test("under a key that differs whenever they do", () => {
    const sets = [
      [],
      [stored({ isDeleted: true, version: 3 })],
      [stored({})],
      [stored({ version: 3 })],
      [stored({ version: 3, mode: "off" })],
      [stored({ version: 4 }), stored({ id: "another" })],
    ]
    const keys = sets.map((rules) => rulesKey(compileRules(rulesInForce(rules))))
    // Neither a deleted rule nor one that is off is judged.
    expect(keys[1]).toBe(keys[4])
    expect(new Set(keys).size).toBe(keys.length - 1)
  })
})

describe("what people write", () => {
  const input = { name: " Bad call ", when: { flagged: true } }

  test("needs a name and a condition; the rest has defaults", () => {
    expect(RuleInput.parse(input)).toEqual({
      name: "Bad call",
      when: { flagged: true },
      mode: "live",
      severity: "warning",
      settle: "PT30M",
    })
  })

  test.each([
    [{ ...input, name: " " }, "name"],
    [{ ...input, name: "x".repeat(81) }, "name"],
    [{ ...input, id: "Bad_Call" }, "id"],
    [{ ...input, id: "-bad" }, "id"],
    [{ ...input, id: "b".repeat(64) }, "id"],
    [{ ...input, when: {} }, "when"],
    [{ ...input, when: { scroe: 1 } }, "when.scroe"],
    [{ ...input, settle: "30 minutes" }, "settle"],
    [{ ...input, settle: "PT6H1S" }, "settle"],
    [{ ...input, settle: "P1M" }, "settle"],
    [{ ...input, mode: "loud" }, "mode"],
    [{ ...input, severity: "fatal" }, "severity"],
    [{ ...input, channels: [] }, "channels"],
    [{ ...input, channels: ["Pager 1"] }, "channels.0"],
    [{ ...input, colour: "red" }, ""],
  ])("%j is refused, and where it is wrong", (wrong, path) => {
    const issues = RuleInput.safeParse(wrong).error?.issues
    expect(issues?.map((issue) => issue.path.join("."))).toEqual([path])
  })

  test("may name a channel that there is no more, once it is stored", () => {
    const stored = {
      ...input,
      id: "bad-call",
      settle: "PT30M",
      channels: ["pager"],
      version: 1,
      updatedAt: null,
    }
    expect(Rule.safeParse(stored).success).toBe(true)
  })

  test("may wait for a score as long as a call stays open", () => {
    expect(RuleInput.safeParse({ ...input, settle: "PT6H" }).success).toBe(true)
  })
})

test("the severity of several rules is the highest, in whatever order they come", () => {
  expect(highestSeverity([])).toBe("info")
  expect(highestSeverity(["info", "warning"])).toBe("warning")
  expect(highestSeverity(["critical", "info", "warning"])).toBe("critical")
})
