/** What a warm process remembers is current, or it is read again; and it does not grow without end. */
import { EMPTY_WATCH } from "@earshot/core/watch/watch"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { HOUR, MINUTE } from "@earshot/core/instant"
import { type Control, FIRST_CONTROL } from "@earshot/core/turn/control"
import { RULES_EDIT_MS } from "@earshot/core/turn/gate"
import { describe, expect, test } from "vitest"
import { GOING, START, callAt, createTestWorld, usesOf } from "../test-world.ts"
import { dieAt } from "../test-death.ts"
import { recallChannels, rememberedChannels } from "./channel-memory.ts"
import { isReviewed, rememberReviewed } from "./list-memory.ts"
import { createMemory } from "./memory.ts"
import { recallRules, rememberedRules } from "./rule-memory.ts"
import { rememberRecord } from "./record-memory.ts"
import { recallWatch } from "./watch-memory.ts"

describe("calls that were reviewed", () => {
  const examined = (from: number, to: number, fingerprint: string) =>
    new Map(
      Array.from({ length: to - from }, (_, index) => [
        `call-${from + index}`,
        { fingerprint, isExamined: true },
      ]),
    )

  test("are remembered by their newest fingerprint, thirty thousand of them, and the oldest is forgotten first", () => {
    const { list } = createMemory()
    rememberReviewed(list, examined(0, 29_999, "a"))
    rememberReviewed(list, examined(0, 1, "b"))
    expect(list.reviewed.size).toBe(29_999)
    rememberReviewed(list, examined(29_999, 30_002, "c"))
    expect(list.reviewed.size).toBe(30_000)
    // The first was seen again meanwhile, and is not the oldest any more.
    const known = ["call-0", "call-1", "call-2", "call-3"].map((id) => list.reviewed.get(id)?.fingerprint)
    expect(known).toEqual(["b", undefined, undefined, "a"])
    rememberReviewed(list, examined(50_000, 90_000, "d"))
    expect(list.reviewed.size).toBe(30_000)
    expect(list.reviewed.get("call-89999")?.fingerprint).toBe("d")
  })

  test("need not be read again while their row is the same, unless somebody may now examine what nobody has", () => {
    const { list } = createMemory()
    rememberReviewed(list, examined(0, 1, "a"))
    rememberReviewed(list, new Map([["scarce", { fingerprint: "a", isExamined: false }]]))
    const reviewed = (id: string, fingerprint: string, areDetailsPlentiful: boolean) =>
      isReviewed(list, id, fingerprint, { areDetailsPlentiful })
    expect([reviewed("call-0", "a", true), reviewed("call-0", "a", false)]).toEqual([true, true])
    expect([reviewed("call-0", "b", true), reviewed("unknown", "a", false)]).toEqual([false, false])
    expect([reviewed("scarce", "a", true), reviewed("scarce", "a", false)]).toEqual([false, true])
  })
})

describe("the records of open calls", () => {
  const noScore = { score: null, metadata: null }

  test("are remembered until the call is decided, a hundred of them, the newest", async () => {
    const test = createTestWorld()
    test.book.add(callAt("open", 70_000, noScore))
    await test.pollAfter(0)
    const record = test.memory.record.records.get("open")
    if (!record) throw new Error("The record was not remembered.")
    test.book.change("open", { score: 4, metadata: callAt("any", 0).metadata })
    await test.pollAfter(20_000)
    expect(test.memory.record.records.size).toBe(0)
    for (let count = 0; count < 150; count++) rememberRecord(test.memory.record, `call-${count}`, record)
    expect([...test.memory.record.records.keys()]).toEqual(
      Array.from({ length: 100 }, (_, index) => `call-${index + 50}`),
    )
  })

  test("are not read again by the process that has kept them, and not written while nothing is new", async () => {
    const test = createTestWorld()
    test.book.add(callAt("open", 70_000, noScore))
    await test.pollAfter(0)
    const used = usesOf(test)
    for (let trigger = 0; trigger < 6; trigger++) await test.pollAfter(10_000)
    expect(test.requests.filter((request) => request === "/calls/open").length).toBeGreaterThan(3)
    expect(used).not.toContain("writeCall")
    expect(used).not.toContain("readCall")
  })

  test("are not looked for where there are none: of new calls, and of one in progress that nobody has kept", async () => {
    const test = createTestWorld()
    await test.pollAfter(0)
    const used = usesOf(test)
    // New ones, whose details this process fetches.
    for (let call = 0; call < 3; call++) test.book.add(callAt(`new-${call}`, 2 * 60_000))
    expect(await test.pollAfter(20_000)).toMatchObject({ new: 3, details: 3 })
    // And one that processes look at which know of nothing but the list.
    test.book.add(callAt("going", 0, GOING))
    await test.pollAfter(20_000)
    let details = 0
    for (let poll = 0; poll < 12; poll++) {
      test.memory = createMemory()
      details += (await test.pollAfter(10 * 60_000)).details
    }
    expect(details).toBeGreaterThan(3)
    expect(used).not.toContain("readCall")
  })

  test("are read again once somebody else has had a turn", async () => {
    const test = createTestWorld()
    test.book.add(callAt("open", 70_000, noScore))
    await test.pollAfter(0)
    const mine = test.memory
    test.memory = createMemory()
    await test.pollAfter(20_000)
    test.memory = mine
    const used = usesOf(test)
    for (let trigger = 0; trigger < 3; trigger++) await test.pollAfter(10_000)
    expect(used.filter((name) => name === "readCall")).toHaveLength(1)
  })

  test("are read again after a delivery has changed them, and not written in vain", async () => {
    const test = createTestWorld()
    const { store } = test
    const writes: boolean[] = []
    test.store = {
      ...store,
      writeCall: async (record, expected) => {
        const isWritten = await store.writeCall(record, expected)
        writes.push(isWritten)
        return isWritten
      },
    }
    test.book.add(callAt("open", 70_000, { ...noScore, flagged: true }))
    expect(await test.pollAfter(0)).toMatchObject({ alerts: 1, delivered: 2 })
    test.book.change("open", { score: 4, metadata: callAt("any", 0).metadata })
    for (let poll = 0; poll < 4; poll++) await test.pollAfter(20_000)
    expect((await store.readCall("open"))?.value.facts.call.score).toBe(4)
    expect(writes).not.toContain(false)
  })

  test("that somebody else has changed meanwhile are not overwritten: what was told is not told again", async () => {
    const test = createTestWorld()
    test.book.add(callAt("open", 70_000, { ...GOING, flagged: true }))
    await test.pollAfter(0)
    const stored = await test.store.readCall("open")
    if (!stored) throw new Error("The record was not kept.")
    // As by a process that stood still in a turn of its own, and goes on now.
    test.memory.record.records.set("open", {
      ...stored,
      value: { ...stored.value, alert: null, deliveries: [] },
    })
    expect(await test.store.writeCall(stored.value, stored.version)).toBe(true)
    test.book.change("open", { summary: "It was all a misunderstanding." })
    for (let trigger = 0; trigger < 4; trigger++) await test.pollAfter(20_000)
    expect([test.told(), test.mails.length]).toEqual([["open"], 1])
    expect((await test.store.readCall("open"))?.value.alert?.reasons).toHaveLength(1)
  })
})

describe("what is remembered", () => {
  test("is of the stored version soon, though a poll has vanished between the watch and its number", async () => {
    const test = createTestWorld()
    await test.pollAfter(0)
    test.book.add(callAt("new", 60_000))
    test.advance(20_000)
    await dieAt(test, (store, die) => ({
      ...store,
      changeControl: (fence, change) =>
        change.watchVersion === undefined ? store.changeControl(fence, change) : die(),
    }))
    test.memory = createMemory()
    await test.pollAfter(120_000)
    const { version } = await test.store.readWatch()
    expect((await test.store.readControl())?.watchVersion).toBe(version)
  })

  test("is used if it is of the version that the poller's state names, and read otherwise", async () => {
    const { store, world } = createTestWorld()
    const memory = createMemory()
    const first = { ...EMPTY_WATCH, version: 1, rulesKey: "a@1" }
    await store.writeWatch(first)
    expect(
      (await recallWatch(world, store, memory.watch, { ...FIRST_CONTROL, watchVersion: 1 })).watch,
    ).toEqual(first)
    await store.writeWatch({ ...first, version: 2 })
    expect(
      (await recallWatch(world, store, memory.watch, { ...FIRST_CONTROL, watchVersion: 1 })).watch.version,
    ).toBe(1)
    expect(
      (await recallWatch(world, store, memory.watch, { ...FIRST_CONTROL, watchVersion: 2 })).watch.version,
    ).toBe(2)
  })

  test("of the rules is used if it was read well after the last edit was announced", async () => {
    const test = createTestWorld()
    const memory = createMemory()
    const used = usesOf(test)
    const editedAt = (agoMs: number) => ({ ...FIRST_CONTROL, rulesChangedAt: START - agoMs })
    const recall = (control: Control) => recallRules(test.world, test.store, memory.rule, control)
    expect(rememberedRules(memory.rule, FIRST_CONTROL)).toBeNull()
    const rules = await recall(editedAt(RULES_EDIT_MS + 1))
    expect(rules).toHaveLength(DEFAULT_RULES.length)
    expect(used).toEqual(["readRules"])
    expect(rememberedRules(memory.rule, editedAt(RULES_EDIT_MS + 1))).toBe(rules)
    expect(await recall(editedAt(RULES_EDIT_MS + 1))).toBe(rules)
    await recall(editedAt(RULES_EDIT_MS))
    expect(rememberedRules(memory.rule, editedAt(RULES_EDIT_MS))).toBeNull()
    expect(used).toEqual(["readRules", "readRules"])
  })

  test("are read again after each edit, even if the clock was an hour ahead when they were read", async () => {
    const test = createTestWorld()
    const { rule, channel } = createMemory()
    const deployed = { channels: [], openChannel: () => ({ ok: false, why: "" }) as const }
    const turnAfter = (rulesChangedAt: number) => {
      return { control: { ...FIRST_CONTROL, rulesChangedAt }, startedAt: test.world.now() }
    }
    test.advance(HOUR)
    const before = turnAfter(START - HOUR)
    await recallRules(test.world, test.store, rule, before.control)
    await recallChannels(test.world, test.store, deployed, channel, before)
    expect(rememberedRules(rule, before.control)).not.toBeNull()
    expect(rememberedChannels(deployed, channel, before)).not.toBeNull()
    // Somebody edits, and the clock is right again.
    const after = { ...turnAfter(START + MINUTE), startedAt: START + 3 * MINUTE }
    expect(rememberedRules(rule, after.control)).toBeNull()
    expect(rememberedChannels(deployed, channel, after)).toBeNull()
  })
})
