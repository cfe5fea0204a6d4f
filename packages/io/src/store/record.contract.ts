/** What every store guarantees of the records of calls, and of the indexes that lead to them. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { Delivery } from "@earshot/core/alert/delivery"
import { DAY } from "@earshot/core/instant"
import type { Severity } from "@earshot/core/rule/rule"
import fc from "fast-check"
import { expect, test } from "vitest"
import type { AlertedCall, DueCall, RecordPage, RecordSpan, Store } from "./store.ts"

const NOW = Date.UTC(2026, 0, 1)

export function recordContract(createStore: () => Promise<Store>): void {
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
