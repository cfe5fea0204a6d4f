/** What every store guarantees of the versions of rules: none is lost, none changes, and a crash leaves nothing to repair. */
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import type { Rule } from "@earshot/core/rule/rule"
import { expect, test } from "vitest"
import { RULE_VERSIONS_KEPT, type Store } from "./store.ts"

export function ruleVersionContract(createStore: () => Promise<Store>): void {
  const [flagged] = DEFAULT_RULES
  if (!flagged) throw new Error("There are default rules.")
  const at = (version: number, id = "own"): Rule => ({
    ...flagged,
    id,
    version,
    name: `Name ${version}`,
    updatedAt: new Date(version * 1000).toISOString(),
  })

  test("each version of a rule is read back for ever, with who wrote it and why", async () => {
    const store = await createStore()
    expect(await store.readRuleVersion("own", 1)).toBeNull()
    expect(await store.ruleVersions("own", { max: 5 })).toEqual([])
    await store.writeRule(at(1), { by: "anna", note: null })
    await store.writeRule(at(2), { by: null, note: "Too many alerts at night" })
    await store.writeRule({ ...at(3), isDeleted: true }, { by: "bob", note: "“over”" })
    const one = { rule: at(1), by: "anna", note: null }
    const two = { rule: at(2), by: null, note: "Too many alerts at night" }
    const three = { rule: { ...at(3), isDeleted: true }, by: "bob", note: "“over”" }
    expect(await store.ruleVersions("own", { max: 5 })).toEqual([three, two, one])
    for (const [version, expected] of [one, two, three].entries())
      expect(await store.readRuleVersion("own", version + 1)).toEqual(expected)
    expect(await store.readRuleVersion("own", 4)).toBeNull()
    expect(await store.readRules()).toEqual([three.rule])
  })

  test("versions are read on from where an answer ended, while newer ones are written", async () => {
    const store = await createStore()
    const numbers = async (before?: number) =>
      (await store.ruleVersions("own", { max: 4, ...(before !== undefined && { before }) })).map(
        ({ rule }) => rule.version,
      )
    for (let version = 1; version <= 11; version++) await store.writeRule(at(version))
    expect(await numbers()).toEqual([11, 10, 9, 8])
    await store.writeRule(at(12))
    expect(await numbers(8)).toEqual([7, 6, 5, 4])
    expect(await numbers(4)).toEqual([3, 2, 1])
    expect(await numbers(1)).toEqual([])
  })

  test("a rule whose id begins as another's has its own versions", async () => {
    const store = await createStore()
    for (const id of ["own", "own-2", "ow"]) await store.writeRule(at(1, id))
    await store.writeRule(at(2, "own-2"))
    const idsOf = async (id: string) =>
      (await store.ruleVersions(id, { max: 9 })).map(({ rule }) => `${rule.id}@${rule.version}`)
    expect(await idsOf("own")).toEqual(["own@1"])
    expect(await idsOf("own-2")).toEqual(["own-2@2", "own-2@1"])
    expect(await idsOf("ow")).toEqual(["ow@1"])
  })

  test("of two who replace the same version one gives way, and what it wrote is in no version", async () => {
    const store = await createStore()
    await store.writeRule(at(1), { by: "anna", note: null })
    const names = ["A", "B", "C", "D"]
    const won = await Promise.all(
      names.map((name) => store.writeRule({ ...at(2), name }, { by: name, note: null })),
    )
    expect(won.filter(Boolean)).toHaveLength(1)
    await store.writeRule(at(3))
    const winner = names[won.indexOf(true)]
    expect(await store.readRuleVersion("own", 2)).toMatchObject({ rule: { name: winner }, by: winner })
    expect(await store.ruleVersions("own", { max: 9 })).toHaveLength(3)
  })

  test("edits take turns, and a turn that is never given back is over in time", async () => {
    const store = await createStore()
    const tries = await Promise.all([1, 2, 3, 4, 5].map(() => store.holdEdits({ now: 1000, forMs: 500 })))
    const [holder = "", ...others] = tries.filter((tried) => tried !== null)
    expect(others).toEqual([])
    expect(await store.holdEdits({ now: 1499, forMs: 500 })).toBeNull()
    await store.releaseEdits("somebody else")
    expect(await store.holdEdits({ now: 1499, forMs: 500 })).toBeNull()
    await store.releaseEdits(holder)
    const second = await store.holdEdits({ now: 1499, forMs: 500 })
    expect(second).not.toBeNull()
    const third = await store.holdEdits({ now: 1999, forMs: 500 })
    expect(third).not.toBeNull()
    // Whose turn was over takes nobody else's away.
    await store.releaseEdits(second ?? "")
    expect(await store.holdEdits({ now: 2000, forMs: 500 })).toBeNull()
  })

  test("a token is read back as it was written, and of two writes of one name one gives way", async () => {
    const store = await createStore()
    expect(await store.readTokens()).toEqual([])
    const hash = "0123456789abcdef".repeat(4)
    const ci = {
      name: "ci",
      access: "read",
      hash,
      createdAt: "2026-01-05",
      createdBy: "anna",
      version: 1,
      isRevoked: false,
    } as const
    const both = await Promise.all([store.writeToken(ci), store.writeToken({ ...ci, access: "write" })])
    expect(both.filter(Boolean)).toHaveLength(1)
    const revoked = { ...ci, version: 2, isRevoked: true }
    expect(await store.writeToken(revoked)).toBe(true)
    expect(await store.writeToken(revoked)).toBe(false)
    await store.writeToken({ ...ci, name: "ci-2" })
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)
    expect((await store.readTokens()).sort(byName)).toEqual([revoked, { ...ci, name: "ci-2" }])
    expect(await store.readRules()).toEqual([])
  })

  test("the newest hundred versions stay", async () => {
    const store = await createStore()
    for (let version = 1; version <= RULE_VERSIONS_KEPT + 3; version++) await store.writeRule(at(version))
    const kept = await store.ruleVersions("own", { max: RULE_VERSIONS_KEPT })
    expect(kept.map(({ rule }) => rule.version)).toEqual(
      Array.from({ length: RULE_VERSIONS_KEPT }, (_, index) => RULE_VERSIONS_KEPT + 3 - index),
    )
  })
}
