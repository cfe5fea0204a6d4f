/** What a warm process remembers is current, or it is read again; and it does not grow without end. */
import { DEFAULT_RULES } from "@earshot/core/rule"
import { FIRST_CONTROL, RULES_EDIT_MS } from "@earshot/core/control"
import { describe, expect, test } from "vitest"
import { createMemory, recallRules, recallWatch, rememberedRules, rememberReviewed } from "./memory.ts"
import { createTestWorld, START, usesOf } from "./test-world.ts"

describe("calls that were reviewed", () => {
  test("are remembered by their newest fingerprint, thirty thousand of them, and the oldest is forgotten first", () => {
    const memory = createMemory()
    const fingerprints = (from: number, to: number, fingerprint: string) =>
      new Map(Array.from({ length: to - from }, (_, index) => [`call-${from + index}`, fingerprint]))
    rememberReviewed(memory, fingerprints(0, 29_999, "a"))
    rememberReviewed(memory, new Map([["call-0", "b"]]))
    expect(memory.reviewed.size).toBe(29_999)
    rememberReviewed(memory, fingerprints(29_999, 30_002, "c"))
    expect(memory.reviewed.size).toBe(30_000)
    // The first was seen again meanwhile, and is not the oldest any more.
    expect(["call-0", "call-1", "call-2", "call-3"].map((id) => memory.reviewed.get(id))).toEqual([
      "b",
      undefined,
      undefined,
      "a",
    ])
    rememberReviewed(memory, fingerprints(50_000, 90_000, "d"))
    expect(memory.reviewed.size).toBe(30_000)
    expect(memory.reviewed.get("call-89999")).toBe("d")
  })
})

describe("what is remembered", () => {
  test("is used if it is of the version that the poller's state names, and read otherwise", async () => {
    const { store } = createTestWorld()
    const memory = createMemory()
    const first = { version: 1, rulesKey: "a@1", calls: new Map() }
    await store.writeWatch(first)
    expect(await recallWatch(store, memory, { ...FIRST_CONTROL, watchVersion: 1 })).toEqual(first)
    await store.writeWatch({ ...first, version: 2 })
    expect((await recallWatch(store, memory, { ...FIRST_CONTROL, watchVersion: 1 })).version).toBe(1)
    expect((await recallWatch(store, memory, { ...FIRST_CONTROL, watchVersion: 2 })).version).toBe(2)
  })

  test("of the rules is used if it was read well after the last edit was announced", async () => {
    const test = createTestWorld()
    const memory = createMemory()
    const used = usesOf(test)
    const editedAt = (agoMs: number) => ({ ...FIRST_CONTROL, rulesChangedAt: START - agoMs })
    expect(rememberedRules(memory, FIRST_CONTROL)).toBeNull()
    const rules = await recallRules(test.world, test.store, memory, FIRST_CONTROL)
    expect(rules).toHaveLength(DEFAULT_RULES.length)
    expect(used).toEqual(["readRules"])
    expect(rememberedRules(memory, editedAt(RULES_EDIT_MS + 1))).toBe(rules)
    expect(rememberedRules(memory, editedAt(RULES_EDIT_MS))).toBeNull()
    expect(await recallRules(test.world, test.store, memory, editedAt(RULES_EDIT_MS + 1))).toBe(rules)
    await recallRules(test.world, test.store, memory, editedAt(RULES_EDIT_MS))
    expect(used).toEqual(["readRules", "readRules"])
  })
})
