/** The records of calls in memory, which of them have something due, and when people were alerted to them: a part of the store that tests use. */
import { type CallRecord, dueInIndexAt, alertListedAt } from "@earshot/core/alert/call-record"
import { countPending } from "@earshot/core/alert/delivery"
import { frozen } from "./frozen.ts"
import { recordPageOf } from "./memory-record.ts"
import type { AlertedCall, DueCall, Store, Versioned } from "./store.ts"

export function createCalls() {
  const calls = new Map<string, Versioned<CallRecord>>()
  const due = new Map<string, DueCall>()
  const alerted = new Map<string, AlertedCall>()
  const unexamined = new Map<string, number>()
  return {
    readCall: async (callId) => calls.get(callId) ?? null,
    readCalls: async (callIds) =>
      new Map(
        callIds.flatMap((id): [string, Versioned<CallRecord>][] => {
          const known = calls.get(id)
          return known ? [[id, known]] : []
        }),
      ),
    readRecords: async (span) => recordPageOf(calls, span),
    writeCall: async (record, expected) => {
      const { callId, deliveries } = record
      if ((calls.get(callId)?.version ?? 0) !== expected) return false
      calls.set(callId, { version: expected + 1, value: frozen(record) })
      const dueAt = dueInIndexAt(record)
      const raisedAt = alertListedAt(record)
      if (raisedAt === null) alerted.delete(callId)
      else alerted.set(callId, { callId, raisedAt })
      if (dueAt === null) due.delete(callId)
      else due.set(callId, { callId, dueAt, pending: countPending(deliveries) })
      return true
    },
    takeUnreadable: () => [],
    markUnexamined: async (callId, at) => {
      if (at === null) unexamined.delete(callId)
      else unexamined.set(callId, at)
    },
    countUnexamined: async (since) => [...unexamined.values()].filter((at) => at >= since).length,
    dueCalls: async (max, after) =>
      [...due.values()]
        .filter((call) => !after || inOrder(after, call) < 0)
        .sort(inOrder)
        .slice(0, max),
    alertedCalls: async ({ from, to, max, after }) =>
      [...alerted.values()]
        .filter((call) => call.raisedAt >= from && call.raisedAt <= to && (!after || isOlder(call, after)))
        .sort((a, b) => (isOlder(a, b) ? 1 : -1))
        .slice(0, max),
  } satisfies Partial<Store>
}

function isOlder(a: AlertedCall, b: AlertedCall): boolean {
  return a.raisedAt < b.raisedAt || (a.raisedAt === b.raisedAt && a.callId < b.callId)
}

/** By time, then by id, so that the order is total. */
function inOrder(a: DueCall, b: DueCall): number {
  return a.dueAt - b.dueAt || (a.callId < b.callId ? -1 : a.callId > b.callId ? 1 : 0)
}
