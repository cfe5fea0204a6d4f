/** What every store guarantees, whatever holds its data. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { Delivery } from "@earshot/core/alert/delivery"
import type { DeadDelivery } from "@earshot/core/alert/outbox"
import { NO_PACE, blocked, held } from "@earshot/core/alert/pace"
import { unedited } from "@earshot/core/channel/settings"
import { DAY } from "@earshot/core/instant"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { callReference } from "@earshot/core/fingerprint"
import { NO_PRESENCE } from "@earshot/core/rule/presence"
import type { Rule, Severity } from "@earshot/core/rule/rule"
import { FIRST_CONTROL } from "@earshot/core/turn/control"
import { NO_INCIDENTS, withOutcomes } from "@earshot/core/turn/incident"
import { callKey } from "@earshot/core/watch/call-key"
import { EMPTY_WATCH, type Watch } from "@earshot/core/watch/watch"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { coverageContract } from "./coverage.contract.ts"
import { partyContract } from "./party.contract.ts"
import type { AlertedCall, DueCall, RecordPage, RecordSpan, Store } from "./store.ts"

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
    const watch: Watch = { version: 1, rulesKey: "flagged@1", calls: new Map([[key, call]]) }
    expect(await store.writeWatch(watch)).toBe(true)
    expect(await store.writeWatch({ ...watch, rulesKey: "other" })).toBe(false)
    expect(await store.writeWatch({ ...watch, version: 3 })).toBe(false)
    expect(await store.readWatch()).toEqual(watch)
    expect(await store.writeWatch({ ...EMPTY_WATCH, version: 2 })).toBe(true)
    expect(await store.readWatch()).toEqual({ ...EMPTY_WATCH, version: 2 })
  })

  test("only a writer that has read the current version of a record can write the next", async () => {
    const store = await createStore()
    const record = recordOf("call-1", [])
    expect(await store.readCall("call-1")).toBeNull()
    expect(await store.writeCall(record, 1)).toBe(false)
    expect(await store.writeCall(record, 0)).toBe(true)
    expect(await store.writeCall(record, 0)).toBe(false)
    expect(await store.readCall("call-1")).toEqual({ version: 1, value: record })
    const closed = { ...record, isOpen: false }
    expect(await store.writeCall(closed, 1)).toBe(true)
    expect(await store.readCall("call-1")).toEqual({ version: 2, value: closed })
  })

  test("records are read page by page between two ids, each once, without the older ones", async () => {
    const store = await createStore()
    const ids = Array.from({ length: 30 }, (_, index) => `call-${index}`)
    for (const [index, id] of ids.entries()) {
      const record = recordOf(id, [])
      const call = { ...record.facts.call, summary: "x".repeat(90_000) }
      await store.writeCall({ ...record, facts: { ...record.facts, call, firstSeenAt: NOW + index } }, 0)
    }
    await store.noteReference("call-3")
    const read = async (span: RecordSpan) => {
      const found: string[] = []
      let after: string | null = span.after
      for (let page = 0; after !== null && page < 40; page++) {
        const { records, next, unreadable }: RecordPage = await store.readRecords({ ...span, after })
        expect(unreadable).toBe(0)
        found.push(...records.map(({ callId }) => callId))
        after = next
      }
      expect(after).toBeNull()
      return found
    }
    const sorted = [...ids].sort()
    expect(await read({ since: NOW, after: "", before: null })).toEqual(sorted)
    expect(await read({ since: NOW + 30, after: "", before: null })).toEqual([])
    expect(await read({ since: NOW + 20, after: "", before: null })).toEqual(
      sorted.filter((id) => ids.indexOf(id) >= 20),
    )
    const between = { since: NOW, after: "call-1", before: "call-3" }
    expect(await read(between)).toEqual(sorted.filter((id) => id > "call-1" && id <= "call-3"))
    const [record] = (await store.readRecords({ since: NOW, after: "call-6", before: "call-7" })).records
    expect(record).toEqual((await store.readCall("call-7"))?.value)
  })

  test("many records are read at once, also if together they are more than an answer holds", async () => {
    const store = await createStore()
    const ids = Array.from({ length: 120 }, (_, index) => `call-${index}`)
    const summary = "x".repeat(180_000)
    for (const id of ids) {
      const record = recordOf(id, [])
      const large = { ...record, facts: { ...record.facts, call: { ...record.facts.call, summary } } }
      expect(await store.writeCall(large, 0)).toBe(true)
    }
    const read = await store.readCalls(["unknown", ...ids, "call-0"])
    expect([...read.keys()].sort()).toEqual([...ids].sort())
    expect(read.get("call-119")).toEqual(await store.readCall("call-119"))
    expect(await store.readCalls([])).toEqual(new Map())
  })

  test("a record is read back as it was written, whatever a caller said", async () => {
    const store = await createStore()
    const id = fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" })
    let number = 0
    await fc.assert(
      fc.asyncProperty(id, fc.string({ unit: "binary" }), fc.jsonValue(), async (text, summary, toolData) => {
        const record = recordOf(`${number++} ${text}`, [])
        const { call } = record.facts
        const activity = { id: null, type: "TOOL_CALL", sender: null, data: null, toolData, timestamp: null }
        const spoken = { ...call, summary, activityTimeline: [activity] }
        const written = { ...record, facts: { ...record.facts, call: spoken } }
        expect(await store.writeCall(written, 0)).toBe(true)
        const read = await store.readCall(record.callId)
        expect(JSON.stringify(read?.value)).toBe(JSON.stringify(written))
      }),
      { numRuns: 25 },
    )
  })

  test("a record that is too large for an item is refused, and nothing is stored", async () => {
    const store = await createStore()
    const record = recordOf("large", [])
    const summary = "x".repeat(420_000)
    const large = { ...record, facts: { ...record.facts, call: { ...record.facts.call, summary } } }
    await expect(store.writeCall(large, 0)).rejects.toThrow(/Item size has exceeded/)
    expect(await store.readCall("large")).toBeNull()
  })

  test("a due call is found, the earliest first, until all its deliveries are over", async () => {
    const store = await createStore()
    const due = (dueAt: number): Delivery => ({
      channel: "slack",
      attempts: 0,
      owedAt: NOW,
      mayRepeat: false,
      state: "due",
      dueAt,
    })
    const claimed: Delivery = {
      ...due(0),
      channel: "email",
      state: "claimed",
      owedAt: NOW + 40,
      claimedUntil: NOW + 50,
    }
    const sent: Delivery = { ...due(0), state: "sent", sentAt: NOW }
    await store.writeCall(recordOf("late", [due(NOW + 900)]), 0)
    await store.writeCall(recordOf("both", [due(NOW + 100), claimed]), 0)
    await store.writeCall(recordOf("over", [sent]), 0)
    await store.writeCall(recordOf("none", []), 0)
    const late = { callId: "late", dueAt: NOW + 900, pending: 1 }
    const both = { callId: "both", dueAt: NOW + 40, pending: 2 }
    expect(await store.dueCalls(10)).toEqual([both, late])
    expect(await store.dueCalls(1)).toEqual([both])
    await store.writeCall(recordOf("both", [sent]), 1)
    expect(await store.dueCalls(10)).toEqual([late])
  })

  test("a critical call that is due is found before all others, while and after it is claimed", async () => {
    const store = await createStore()
    const base = { channel: "slack", attempts: 0, owedAt: NOW, mayRepeat: false } as const
    const due: Delivery = { ...base, state: "due", dueAt: NOW }
    const reason = { ruleId: "r", version: 1, name: "R", because: [], becauseLeftOut: 0, at: NOW }
    const alertOf = (severity: Severity) => ({ raisedAt: NOW, reasons: [{ ...reason, severity }] })
    const longAgo: Delivery = { ...due, owedAt: NOW - DAY, dueAt: NOW - DAY }
    await store.writeCall({ ...recordOf("old", [longAgo]), alert: alertOf("warning") }, 0)
    const critical = (delivery: Delivery) => ({
      ...recordOf("worst", [delivery]),
      alert: alertOf("critical"),
    })
    await store.writeCall(critical(due), 0)
    const stages: Delivery[] = [
      { ...base, attempts: 1, state: "claimed", claimedUntil: NOW + 90_000 },
      { ...base, attempts: 1, state: "due", dueAt: NOW + 1000 },
      { ...base, attempts: 3, state: "due", dueAt: NOW + 20_000 },
    ]
    const [first] = await store.dueCalls(1)
    expect(first).toMatchObject({ callId: "worst", pending: 1 })
    for (const [index, stage] of stages.entries()) {
      await store.writeCall(critical(stage), index + 1)
      // Where it stood, so that no unit is spent on moving it.
      expect(await store.dueCalls(1)).toEqual([first])
    }
    // What is held is not asked for before its time, and then comes before what was held with it.
    const until = NOW + 9_000_000
    const held: Delivery = { ...base, state: "due", dueAt: until, restUntil: until }
    await store.writeCall(critical(held), 4)
    await store.writeCall({ ...recordOf("old", [held]), alert: alertOf("warning") }, 1)
    expect((await store.dueCalls(2)).map(({ callId }) => callId)).toEqual(["worst", "old"])
    expect((await store.dueCalls(1))[0]?.dueAt).toBeGreaterThan(NOW)
  })

  test("due calls are read on from where an answer ended, even if many are due at the same instant", async () => {
    const store = await createStore()
    const due = { channel: "slack", attempts: 0, owedAt: NOW, mayRepeat: false, state: "due" } as const
    const ids = Array.from({ length: 9 }, (_, index) => `call-${index}`)
    for (const [index, id] of ids.entries()) {
      await store.writeCall(recordOf(id, [{ ...due, dueAt: NOW + Math.floor(index / 4) }]), 0)
    }
    const read: DueCall[] = []
    for (let page = 0; page < 3; page++) read.push(...(await store.dueCalls(3, read.at(-1))))
    expect(read.map(({ callId }) => callId).sort()).toEqual(ids)
    expect(read.map(({ dueAt }) => dueAt - NOW)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2])
    // The call to read on from may be over by now.
    await store.writeCall(recordOf("call-8", []), 1)
    expect(await store.dueCalls(3, read.at(-1))).toEqual([])
  })

  test("alerts are found by when they were raised, the newest first, whatever is written meanwhile", async () => {
    const store = await createStore()
    const alertedAt = (callId: string, raisedAt: number) => ({
      ...recordOf(callId, []),
      alert: { raisedAt, reasons: [] },
    })
    for (let call = 0; call < 7; call++)
      await store.writeCall(alertedAt(`call-${call}`, NOW + Math.floor(call / 2)), 0)
    await store.writeCall(recordOf("quiet", []), 0)
    await store.writeCall({ ...alertedAt("trial", NOW), isTest: true }, 0)
    const all = { from: NOW, to: NOW + 10, max: 3 }
    const read: AlertedCall[] = await store.alertedCalls(all)
    expect(read[0]).toEqual({ callId: "call-6", raisedAt: NOW + 3 })
    // What is raised, sent or acknowledged meanwhile shifts nothing.
    await store.writeCall(alertedAt("newer", NOW + 9), 0)
    await store.writeCall({ ...alertedAt("call-0", NOW), isOpen: true }, 1)
    for (let page = 0; page < 3; page++) {
      const after = read.at(-1)
      read.push(...(await store.alertedCalls({ ...all, ...(after && { after }) })))
    }
    expect(read.map(({ callId }) => callId).sort()).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((call) => `call-${call}`),
    )
    expect(read.map(({ raisedAt }) => raisedAt - NOW)).toEqual([3, 2, 2, 1, 1, 0, 0])
    const within = await store.alertedCalls({ from: NOW + 1, to: NOW + 2, max: 10 })
    expect(within.map(({ raisedAt }) => raisedAt - NOW)).toEqual([2, 2, 1, 1])
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
    const part = { calls: 2, details: 1, scoresAboveOne: 1, present: { score: 2, "sentiment.angry": 1 } }
    await store.addPresence("2025-12-31", { ...part, calls: 99 })
    await store.addPresence("2026-01-01", part)
    await Promise.all(
      [1, 2, 3].map(() => store.addPresence("2026-01-07", { ...part, present: { memory: 1 } })),
    )
    expect(await store.readPresence("2026-01-01")).toEqual({
      calls: 8,
      details: 4,
      scoresAboveOne: 4,
      present: { score: 2, "sentiment.angry": 1, memory: 3 },
    })
    expect(await store.readRules()).toEqual([])
  })

  partyContract(createStore)
  coverageContract(createStore)
}

/** The ring's counts are stored without trailing zeros. */
function trimmed(counts: readonly number[]): number[] {
  const end = counts.findLastIndex((count) => count > 0)
  return counts.slice(0, end + 1)
}

export function recordOf(callId: string, deliveries: Delivery[]): CallRecord {
  return {
    callId,
    facts: {
      call: {
        id: callId,
        from: "+15550100",
        to: null,
        type: "INCOMING",
        status: "completed",
        duration: 61.5,
        createdAt: "2026-01-01T00:00:00.000Z",
        endedAt: "2026-01-01T00:01:01.500Z",
        summary: null,
        score: 4.5,
        flagged: false,
        favorite: null,
        spam: false,
        agent: { id: "a", name: null },
        transcript: [{ speaker: "caller", text: "Hello", timestamp: null }],
        recordingUrl: null,
        memory: null,
        activityTimeline: null,
        metadata: null,
      },
      firstSeenAt: NOW,
      detailedAt: null,
      detailIsFinal: false,
      overAt: Date.UTC(2026, 0, 1, 0, 1, 1, 500),
    },
    verdicts: [{ ruleId: "flagged", version: 1, truth: "false", isSettled: false }],
    isOpen: true,
    alert: null,
    deliveries,
  }
}
