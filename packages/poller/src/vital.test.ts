/** The numbers that alarms watch: each says what it is named for, and no wrong clock makes one negative. */
import type { Delivery } from "@earshot/core/alert/delivery"
import { MINUTE, SECOND } from "@earshot/core/instant"
import { EMPTY_WATCH } from "@earshot/core/watch/watch"
import { recordOf } from "@earshot/io/store/record.contract"
import { describe, expect, test } from "vitest"
import { latencyOf, rememberOwed, rememberedVitals } from "./vital.ts"

const NOW = Date.UTC(2026, 0, 5, 12)

const base = { channel: "slack", attempts: 0, owedAt: NOW - 10 * MINUTE, mayRepeat: false }

const due = (more: Partial<Extract<Delivery, { state: "due" }>> = {}): Delivery => ({
  ...base,
  state: "due",
  dueAt: NOW,
  ...more,
})

const sent = (sentAt: number, more: Partial<Delivery> = {}): Delivery => ({
  ...base,
  ...more,
  state: "sent",
  sentAt,
})

describe("how long ago a poll completed", () => {
  const lagOf = (completedAt: number, remembered: number | null, isComplete = false) =>
    rememberedVitals(
      { completedAt: remembered, owedSince: new Map() },
      EMPTY_WATCH,
      { completedAt, pending: 0 },
      { isComplete, now: NOW },
    ).lagSeconds

  test("is by the newest that is known, kept or remembered", () => {
    expect(lagOf(NOW - 90 * SECOND, null)).toBe(90)
    expect(lagOf(NOW - 90 * SECOND, NOW - 20 * SECOND)).toBe(20)
    expect(lagOf(NOW - 20 * SECOND, NOW - 90 * SECOND)).toBe(20)
  })

  test("is nothing at the end of one, unknown before the first, and never negative", () => {
    expect(lagOf(NOW - 90 * SECOND, null, true)).toBe(0)
    expect(lagOf(0, null)).toBeNull()
    expect(lagOf(NOW + MINUTE, null)).toBe(0)
  })
})

describe("how long the oldest message waits", () => {
  const channels = ["slack", "email"]

  function waitingAfter(turns: { deliveries: readonly Delivery[]; pendingIds?: string[] }[], pending = 1) {
    const memory = { completedAt: null, owedSince: new Map<string, number>() }
    for (const [turn, { deliveries, pendingIds }] of turns.entries()) {
      const record = recordOf(`call-${turn}`, [...deliveries])
      const ids = pendingIds ?? turns.map((_, index) => `call-${index}`)
      rememberOwed(memory, [record], { channels, pendingIds: new Set(ids), now: NOW })
    }
    const control = { completedAt: NOW, pending }
    const read = { isComplete: false, now: NOW }
    return rememberedVitals(memory, EMPTY_WATCH, control, read).undeliveredSeconds
  }

  test("is since it was owed, of the oldest of all", () => {
    const newer = due({ owedAt: NOW - MINUTE })
    expect(waitingAfter([{ deliveries: [due()] }, { deliveries: [newer] }])).toBe(600)
    expect(waitingAfter([{ deliveries: [newer, due({ channel: "email" })] }])).toBe(600)
  })

  test("leaves out what was sent, what is held back, and what is owed to a channel that is not there", () => {
    expect(waitingAfter([{ deliveries: [sent(NOW)] }])).toBe(0)
    expect(waitingAfter([{ deliveries: [due({ dueAt: NOW + MINUTE, restUntil: NOW + MINUTE })] }])).toBe(0)
    expect(waitingAfter([{ deliveries: [due({ channel: "crm" })] }])).toBe(0)
  })

  test("does not count the time for which it was held back", () => {
    expect(waitingAfter([{ deliveries: [due({ restUntil: NOW - MINUTE })] }])).toBe(60)
  })

  test("is forgotten with a call that is owed nothing any more, and where nothing is pending", () => {
    expect(waitingAfter([{ deliveries: [due()] }, { deliveries: [], pendingIds: ["call-1"] }])).toBe(0)
    expect(waitingAfter([{ deliveries: [due()] }], 0)).toBe(0)
  })

  test("is remembered of a thousand calls at most, and is still brought up to date for those", () => {
    const memory = { owedSince: new Map<string, number>() }
    const ids = Array.from({ length: 1010 }, (_, index) => `call-${index}`)
    const options = { channels, pendingIds: new Set(ids), now: NOW }
    const recordsOf = (deliveries: Delivery[]) => ids.map((id) => recordOf(id, deliveries))
    rememberOwed(memory, recordsOf([due()]), options)
    expect(memory.owedSince.size).toBe(1000)
    rememberOwed(memory, recordsOf([due({ restUntil: NOW - MINUTE })]), options)
    expect(new Set(memory.owedSince.values())).toEqual(new Set([NOW - MINUTE]))
  })
})

test("the longest that a message waited is of those sent since then, without the time they were held back", () => {
  const deliveries = [
    sent(NOW - 5 * MINUTE),
    sent(NOW, { owedAt: NOW - 30 * SECOND }),
    sent(NOW, { owedAt: NOW - 8 * MINUTE, restUntil: NOW - 90 * SECOND }),
    due(),
  ]
  expect(latencyOf(recordOf("call-1", deliveries), NOW - MINUTE)).toBe(90)
  expect(latencyOf(recordOf("call-1", [due()]), NOW - MINUTE)).toBe(0)
  expect(latencyOf(recordOf("call-1", [sent(NOW, { owedAt: NOW + MINUTE })]), NOW - MINUTE)).toBe(0)
})
