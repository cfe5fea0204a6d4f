/** What every store guarantees, whatever holds its data. */
import type { DeadDelivery } from "@earshot/core/alert/outbox"
import { NO_PACE, blocked, held } from "@earshot/core/alert/pace"
import { unedited } from "@earshot/core/channel/settings"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { callReference } from "@earshot/core/fingerprint"
import { NO_PRESENCE } from "@earshot/core/rule/presence"
import type { Rule } from "@earshot/core/rule/rule"
import { FIRST_CONTROL } from "@earshot/core/turn/control"
import { NO_INCIDENTS, withOutcomes } from "@earshot/core/turn/incident"
import { callKey } from "@earshot/core/watch/call-key"
import { NO_WAITS, withWait } from "@earshot/core/watch/wait"
import { EMPTY_WATCH, type Watch } from "@earshot/core/watch/watch"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { coverageContract } from "./coverage.contract.ts"
import { partyContract } from "./party.contract.ts"
import { recordContract } from "./record.contract.ts"
import type { Store } from "./store.ts"

const NOW = Date.UTC(2026, 0, 1)

const GATE = 19_000

export function storeContract(createStore: () => Promise<Store>): void {
  const acquire = (store: Store, now: number) => store.acquire({ now, gateMs: GATE, since: now - 1000 })

  test("a first poll gets the first fence, and where it began is remembered for ever", async () => {
    const store = await createStore()
    expect(await store.readControl()).toBeNull()
    const first = await acquire(store, NOW)
    expect(first).toMatchObject({ kind: "acquired", control: { fence: 1, since: NOW - 1000, polledAt: NOW } })
    const later = await acquire(store, NOW + GATE)
    expect(later).toMatchObject({ kind: "acquired", control: { fence: 2, since: NOW - 1000 } })
    expect(await store.readControl()).toEqual(later.control)
  })

  test("a poll notes as it starts that an earlier one completed; without that, what was noted stays", async () => {
    const store = await createStore()
    await store.acquire({ now: NOW, gateMs: GATE, since: 0, completedAt: null })
    expect(await store.readControl()).toMatchObject({ completedAt: 0 })
    const noted = await store.acquire({ now: NOW + GATE, gateMs: GATE, since: 0, completedAt: NOW + 5 })
    expect(noted.control).toMatchObject({ completedAt: NOW + 5, since: 0 })
    await store.acquire({ now: NOW + 2 * GATE, gateMs: GATE, since: 0, completedAt: NOW + 6 + GATE })
    const refused = await store.acquire({ now: NOW + 2 * GATE, gateMs: GATE, since: 0, completedAt: NOW * 2 })
    expect(refused).toMatchObject({ kind: "refused", control: { completedAt: NOW + 6 + GATE } })
    expect((await acquire(store, NOW + 3 * GATE)).control.completedAt).toBe(NOW + 6 + GATE)
    const polls = [{ at: NOW, outcome: "complete" as const, listed: 80, alerts: 1 }]
    await store.acquire({ now: NOW + 4 * GATE, gateMs: GATE, since: 0, polls })
    expect((await acquire(store, NOW + 5 * GATE)).control.polls).toEqual(polls)
  })

  test("incidents are read back as they were written, and of two writes at once one gives way", async () => {
    const store = await createStore()
    expect(await store.readIncidents()).toEqual(NO_INCIDENTS)
    const outcome = { channel: "slack", kind: "refused", dead: 1, why: "Slack: “no”" } as const
    const first = { ...withOutcomes(NO_INCIDENTS, [outcome], NOW), version: 1 }
    expect(await store.writeIncidents(first)).toBe(true)
    expect(await store.writeIncidents({ ...NO_INCIDENTS, watchRebuiltAt: NOW, version: 1 })).toBe(false)
    expect(await store.readIncidents()).toEqual(first)
    const second = { ...first, watchRebuiltAt: NOW, version: 2 }
    expect(await store.writeIncidents(second)).toBe(true)
    expect(await store.readIncidents()).toEqual(second)
  })

  test("a channel's pace is read back as it was written, and of two writes at once one gives way", async () => {
    const store = await createStore()
    expect(await store.readPace("slack")).toEqual(NO_PACE)
    const first = held(NO_PACE, { forMs: 3000, singles: [["flagged"]], hasDigest: true, now: NOW })
    const both = await Promise.all([
      store.writePace("slack", first),
      store.writePace("slack", { ...first, digestAt: 1 }),
    ])
    expect(both.filter(Boolean)).toHaveLength(1)
    const second = blocked(await store.readPace("slack"), { afterMs: 5000, failures: 1, now: NOW })
    expect(await store.writePace("slack", second)).toBe(true)
    expect(await store.readPace("slack")).toEqual(second)
    // The same again by somebody else would hold the channel twice.
    expect(await store.writePace("slack", second)).toBe(false)
    expect(await store.readPace("email")).toEqual(NO_PACE)
  })

  test("what was given up is listed to its end, by channel too, until it is due again", async () => {
    const store = await createStore()
    const dead = (channel: string, callId: string) => ({ channel, callId, seq: 0, deadAt: NOW, why: "no" })
    const all = ["a", "b", "c", "d"].flatMap((id) => [dead("email", id), dead("slack", id)])
    for (const one of all) await store.noteDead(one)
    await store.noteDead(dead("slack", "b"))
    const listed: unknown[] = []
    for (let after: DeadDelivery | undefined, page = 0; page < 9; page++) {
      const found = await store.deadDeliveries({ ...(after && { after }), max: 3 })
      listed.push(...found)
      after = found.at(-1)
      if (!after) break
    }
    expect(listed).toHaveLength(8)
    expect(listed).toEqual(expect.arrayContaining(all))
    await store.forgetDead(dead("slack", "b"))
    const left = await store.deadDeliveries({ channel: "slack", max: 10 })
    expect(left.map(({ callId }) => callId)).toEqual(["a", "c", "d"])
    await store.noteDead(dead("slack", "b"))
    expect(await store.deadDeliveries({ channel: "slack", max: 10 })).toHaveLength(4)
  })

  test("a digest leads to its calls, and an id that none has to nothing", async () => {
    const store = await createStore()
    const digest = { id: "K3V9M2XQ", channel: "slack", at: NOW, callIds: ["a", "“b”"] }
    await store.keepDigest(digest)
    expect(await store.readDigest("K3V9M2XQ")).toEqual(digest)
    expect(await store.readDigest("AAAAAAAA")).toBeNull()
  })

  test("that something was made due is said beside every turn, before the first poll as well", async () => {
    const store = await createStore()
    await store.announceDue(NOW)
    expect((await store.readControl())?.dueAskedAt).toBe(NOW)
    const { control } = await acquire(store, NOW + 1)
    expect(control.dueAskedAt).toBe(NOW)
    await store.announceDue(NOW + 2)
    expect(await store.changeControl(control.fence, { dueAt: null })).toBe(true)
    expect((await store.readControl())?.dueAskedAt).toBe(NOW + 2)
  })

  test("a call that was closed unexamined counts once, from when it was last closed, until it is examined", async () => {
    const store = await createStore()
    const count = () => store.countUnexamined(NOW)
    expect(await count()).toBe(0)
    for (const id of ["a", "b", "c"]) await store.markUnexamined(id, NOW)
    for (let again = 0; again < 3; again++) await store.markUnexamined("a", NOW + again)
    await store.markUnexamined("long ago", NOW - 1)
    expect(await count()).toBe(3)
    await store.markUnexamined("b", null)
    await store.markUnexamined("never marked", null)
    expect(await count()).toBe(2)
    expect(await store.countUnexamined(0)).toBe(3)
  })

  test("the gate refuses a poll that comes too early, and the answer says when it opens", async () => {
    const store = await createStore()
    await acquire(store, NOW)
    const early = await acquire(store, NOW + GATE - 1)
    expect(early).toMatchObject({
      kind: "refused",
      why: "early",
      control: { fence: 1, nextPollAt: NOW + GATE },
    })
  })

  test("a lease keeps other polls out until it is released or runs out", async () => {
    const store = await createStore()
    await acquire(store, NOW)
    await store.changeControl(1, { leaseUntil: NOW + 75_000 })
    expect(await acquire(store, NOW + 60_000)).toMatchObject({ kind: "refused", why: "busy" })
    expect(await acquire(store, NOW + 75_000)).toMatchObject({ kind: "acquired", control: { fence: 2 } })
  })

  test("of polls that start at the same time, exactly one is let in", async () => {
    const store = await createStore()
    const tries = await Promise.all(Array.from({ length: 20 }, () => acquire(store, NOW)))
    expect(tries.filter((tried) => tried.kind === "acquired")).toHaveLength(1)
    expect((await store.readControl())?.fence).toBe(1)
  })

  test("a poll that was overtaken changes nothing", async () => {
    const store = await createStore()
    await acquire(store, NOW)
    await acquire(store, NOW + GATE)
    expect(await store.changeControl(1, { watermark: 5, leaseUntil: NOW + 99_000_000 })).toBe(false)
    expect(await store.readControl()).toMatchObject({ watermark: null, leaseUntil: 0 })
    expect(await store.changeControl(2, { watermark: 5 })).toBe(true)
    expect(await store.readControl()).toMatchObject({ watermark: 5 })
  })

  test("what a poll changes in its state is read back, and the rest stays", async () => {
    const store = await createStore()
    await acquire(store, NOW)
    const counts = fc.array(fc.nat(200), { maxLength: 62 }).map((list) => trimmed(list))
    const anyPass = fc.record({ startedAt: fc.nat(), from: fc.option(fc.nat()) })
    const change = fc.record(
      {
        leaseUntil: fc.nat(),
        since: fc.nat(),
        watermark: fc.option(fc.nat()),
        resumeAt: fc.option(fc.nat()),
        review: fc.record({ recent: anyPass, day: anyPass, week: anyPass }),
        watchVersion: fc.nat(),
        dueAt: fc.option(fc.nat()),
        pending: fc.nat(),
        unexaminedAt: fc.nat(),
        listBlockedUntil: fc.nat(),
        detailBlockedUntil: fc.nat(),
        ring: fc.record({ minute: fc.nat(), fence: fc.nat(), list: counts, detail: counts }),
        failure: fc.option(
          fc.record({ kind: fc.string(), message: fc.string(), since: fc.nat(), at: fc.nat() }),
        ),
      },
      { requiredKeys: ["pending"] },
    )
    await fc.assert(
      fc.asyncProperty(change, async (changes) => {
        const before = await store.readControl()
        expect(await store.changeControl(1, changes)).toBe(true)
        expect(await store.readControl()).toEqual({ ...before, ...changes })
      }),
      { numRuns: 25 },
    )
  })

  describe("a turn between two polls", () => {
    const change = { pending: 7, detailBlockedUntil: NOW + 9 }
    const known = async (store: Store) => {
      const { control } = await acquire(store, NOW)
      return control
    }

    test("raises the fence and makes the change, and leaves the gate and the lease as they are", async () => {
      const store = await createStore()
      const control = await known(store)
      const after = { ...control, ...change, fence: control.fence + 1 }
      expect(await store.beginLook(control, { now: NOW + 1, change })).toEqual(after)
      expect(await store.readControl()).toEqual(after)
    })

    test("does not begin while another turn holds the lease", async () => {
      const store = await createStore()
      const control = await known(store)
      await store.changeControl(control.fence, { leaseUntil: NOW + 5 })
      const before = await store.readControl()
      expect(await store.beginLook(control, { now: NOW + 4, change })).toBeNull()
      expect(await store.readControl()).toEqual(before)
      expect(await store.beginLook(control, { now: NOW + 5, change })).not.toBeNull()
    })

    test("does not begin if a poll, another turn or an edit of the rules came before it", async () => {
      const store = await createStore()
      const control = await known(store)
      expect(await store.beginLook({ ...control, fence: control.fence - 1 }, { now: NOW, change })).toBeNull()
      await store.announceRules(NOW + 1)
      expect(await store.beginLook(control, { now: NOW + 1, change })).toBeNull()
      const edited = { ...control, rulesChangedAt: NOW + 1 }
      expect(await store.beginLook(edited, { now: NOW + 1, change })).not.toBeNull()
      expect(await store.beginLook(edited, { now: NOW + 1, change })).toBeNull()
    })

    test("does not begin before the first poll", async () => {
      const store = await createStore()
      expect(await store.beginLook(FIRST_CONTROL, { now: NOW, change })).toBeNull()
      expect(await store.readControl()).toBeNull()
    })
  })

  test("an edit of the rules is announced before the first poll as well as later, and no poll takes it back", async () => {
    const store = await createStore()
    await store.announceRules(NOW)
    expect(await store.readControl()).toEqual({ ...FIRST_CONTROL, rulesChangedAt: NOW })
    const first = await acquire(store, NOW + 1)
    expect(first).toMatchObject({ kind: "acquired", control: { rulesChangedAt: NOW, since: NOW - 999 } })
    await store.announceRules(NOW + 2)
    await store.changeControl(1, { pending: 1 })
    expect(await store.readControl()).toMatchObject({ rulesChangedAt: NOW + 2, pending: 1 })
  })

  test("only a writer that has read the current watch can write the next", async () => {
    const store = await createStore()
    expect(await store.readWatch()).toEqual(EMPTY_WATCH)
    const key = callKey("7b0c0a6e-3a35-4c8e-9a53-2d4b0f9a1c11")
    const call = { key, startedAt: NOW, fingerprint: "abc", open: null }
    const waits = withWait(NO_WAITS, "score", 40_000)
    const watch: Watch = { version: 1, rulesKey: "flagged@1", calls: new Map([[key, call]]), waits }
    expect(await store.writeWatch(watch)).toBe(true)
    expect(await store.writeWatch({ ...watch, rulesKey: "other" })).toBe(false)
    expect(await store.writeWatch({ ...watch, version: 3 })).toBe(false)
    expect(await store.readWatch()).toEqual(watch)
    expect(await store.writeWatch({ ...EMPTY_WATCH, version: 2 })).toBe(true)
    expect(await store.readWatch()).toEqual({ ...EMPTY_WATCH, version: 2 })
  })

  test("all rules are read, however large they are", async () => {
    const store = await createStore()
    const [flagged] = DEFAULT_RULES
    if (!flagged) throw new Error("There are default rules.")
    // Only two or three rules of this size fit into one answer from DynamoDB.
    const when = { summary: { contains: "x".repeat(390_000) } }
    const ids = Array.from({ length: 20 }, (_, index) => `rule-${index}`)
    await Promise.all(ids.map((id) => store.writeRule({ ...flagged, id, version: 1, when })))
    const read = await store.readRules()
    expect(read.map(({ id }) => id).sort()).toEqual(ids.sort())
  })

  test("only a writer that has read the current version of a rule can write the next, and anyone the first", async () => {
    const store = await createStore()
    expect(await store.readRules()).toEqual([])
    expect(await store.readRule("flagged")).toBeNull()
    const [flagged] = DEFAULT_RULES
    if (!flagged) throw new Error("There are default rules.")
    // A default rule is first stored when it is edited, as version 2.
    const edited: Rule = { ...flagged, version: 2, mode: "off" }
    expect(await store.writeRule(edited)).toBe(true)
    expect(await store.writeRule(edited)).toBe(false)
    const deleted: Rule = { ...edited, version: 3, isDeleted: true }
    expect(await store.writeRule(deleted)).toBe(true)
    expect(await store.readRule("flagged")).toEqual(deleted)
    const own: Rule = { ...flagged, id: "own", version: 1, channels: ["email"] }
    expect(await store.writeRule(own)).toBe(true)
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id)
    expect((await store.readRules()).sort(byId)).toEqual([deleted, own])
  })

  test("only a writer that has read the current version of a channel can write the next", async () => {
    const store = await createStore()
    expect(await store.readChannels()).toEqual([])
    expect(await store.readChannel("crm")).toBeNull()
    const crm = {
      ...unedited("slack", "full"),
      id: "crm",
      target: { shown: { url: "…" }, sealed: { url: "1" } },
    }
    expect(await store.writeChannel(crm)).toBe(true)
    expect(await store.writeChannel({ ...crm, name: "Other" })).toBe(false)
    const edited = { ...crm, version: 2, name: "Other" }
    expect(await store.writeChannel(edited)).toBe(true)
    expect(await store.readChannel("crm")).toEqual(edited)
    // An edit of one of the deployment's is first stored as version 2.
    const slack = { ...unedited("slack", "minimal"), version: 2 }
    expect(await store.writeChannel(slack)).toBe(true)
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id)
    expect((await store.readChannels()).sort(byId)).toEqual([edited, slack])
    expect(await store.readRules()).toEqual([])
  })

  test("a reference leads to the calls that it stands for, and to no other", async () => {
    const store = await createStore()
    const ids = ["call-1", "call#2", "x".repeat(200)]
    for (const id of ids) await store.noteReference(id)
    await store.noteReference("call-1")
    for (const id of ids) expect(await store.referredCalls(callReference(id))).toEqual([id])
    expect(await store.referredCalls(callReference("call-3"))).toEqual([])
    expect(await store.referredCalls("")).toEqual([])
  })

  test("what was counted of fields adds up, by day, and the rules beside it stay alone", async () => {
    const store = await createStore()
    expect(await store.readPresence("2026-01-01")).toEqual(NO_PRESENCE)
    const names = { tools: ["book"], "agent.id": [], "agent.name": ["Büro"] }
    const seen = { calls: 2, details: 1, names, isCut: false }
    const present = { score: 2, "sentiment.angry": 1 }
    const part = { calls: 2, details: 1, scoresAboveOne: 1, present, seen }
    const others = { ...seen, names: { tools: ["book", "check"], "agent.id": ["a-1"], "agent.name": [] } }
    await store.addPresence("2025-12-31", { ...part, calls: 99 })
    await store.addPresence("2026-01-01", part)
    await Promise.all(
      [1, 2, 3].map(() => store.addPresence("2026-01-07", { ...part, present: { memory: 1 }, seen: others })),
    )
    const { seen: all, ...counts } = await store.readPresence("2026-01-01")
    expect(counts).toEqual({
      calls: 8,
      details: 4,
      scoresAboveOne: 4,
      present: { score: 2, "sentiment.angry": 1, memory: 3 },
    })
    const tools = [...all.names.tools].sort()
    expect({ ...all, names: { ...all.names, tools } }).toEqual({
      calls: 8,
      details: 4,
      names: { tools: ["book", "check"], "agent.id": ["a-1"], "agent.name": ["Büro"] },
      isCut: false,
    })
    await store.addPresence("2026-01-02", { ...part, seen: { ...seen, isCut: true } })
    expect((await store.readPresence("2026-01-01")).seen).toMatchObject({ calls: 10, isCut: true })
    expect(await store.readRules()).toEqual([])
  })

  recordContract(createStore)
  partyContract(createStore)
  coverageContract(createStore)
}

/** The ring's counts are stored without trailing zeros. */
function trimmed(counts: readonly number[]): number[] {
  const end = counts.findLastIndex((count) => count > 0)
  return counts.slice(0, end + 1)
}
