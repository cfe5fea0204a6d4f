/** What every store guarantees of what receipts and daily briefs are made of: a part of `store.contract.ts`. */
import { NO_BRIEF, claimedBrief, sentBrief } from "@earshot/core/receipt/brief-state"
import { NO_COVERAGE } from "@earshot/core/receipt/hour"
import { HOUR, MINUTE, type Instant } from "@earshot/core/instant"
import { expect, test } from "vitest"
import type { Store } from "./store.ts"

export function coverageContract(createStore: () => Promise<Store>): void {
  const hour = Date.UTC(2026, 0, 5, 9)

  test("what is noted of an hour counts once, may be taken out again, and stays in its hour", async () => {
    const store = await createStore()
    expect(await store.readCoverage({ from: hour, to: hour })).toEqual({
      since: null,
      hours: new Map(),
      gaps: [],
    })
    await store.startCoverage(hour - HOUR)
    await store.startCoverage(hour)
    const first = { checked: ["a", "b"], unexamined: ["c"], alerts: ["a angry-caller"] }
    await store.addCoverage(hour, { add: first, remove: {} })
    await store.addCoverage(hour, { add: first, remove: {} })
    await store.addCoverage(hour, {
      add: { checked: ["c"], unexamined: ["b"] },
      remove: { checked: ["b"], unexamined: ["c"], deleted: ["b", "c"] },
    })
    await store.addCoverage(hour, { add: {}, remove: {} })
    await store.addCoverage(hour + HOUR, { add: { unreadable: ["3"] }, remove: {} })
    await store.addCoverage(hour - HOUR, { add: { deleted: ["z"] }, remove: {} })
    const { since, hours } = await store.readCoverage({ from: hour + 5 * MINUTE, to: hour + HOUR })
    expect(since).toBe(hour - HOUR)
    expect(new Set(hours.keys())).toEqual(new Set([hour, hour + HOUR]))
    expect(hours.get(hour)).toEqual({
      ...NO_COVERAGE,
      checked: new Set(["a", "c"]),
      unexamined: new Set(["b"]),
      alerts: new Set(["a angry-caller"]),
    })
    expect(hours.get(hour + HOUR)?.unreadable).toEqual(new Set(["3"]))
  })

  test("gaps are read that ended at the beginning of a time or later", async () => {
    const store = await createStore()
    const gap = { from: hour, to: hour + 10 * MINUTE }
    await store.noteGap(gap)
    await store.noteGap(gap)
    const span = (from: Instant) => ({ from, to: from + HOUR })
    expect((await store.readCoverage(span(hour + 5 * MINUTE))).gaps).toEqual([gap])
    expect((await store.readCoverage(span(hour + 20 * MINUTE))).gaps).toEqual([])
  })

  test("of two who claim a channel's brief at once, one gives way", async () => {
    const store = await createStore()
    expect(await store.readBrief("slack")).toEqual(NO_BRIEF)
    const claimed = claimedBrief(NO_BRIEF, "2026-01-05", hour)
    const both = await Promise.all([
      store.writeBrief("slack", claimed),
      store.writeBrief("slack", { ...claimed, notBefore: hour }),
    ])
    expect(both.filter(Boolean)).toHaveLength(1)
    expect(await store.readBrief("email")).toEqual(NO_BRIEF)
    const known = await store.readBrief("slack")
    const sent = sentBrief(known, hour)
    expect(await store.writeBrief("slack", sent)).toBe(true)
    expect(await store.readBrief("slack")).toEqual(sent)
  })
}
