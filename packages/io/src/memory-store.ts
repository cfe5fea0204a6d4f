/**
 * The store in memory: for the simulation, where the AWS SDK alone would cost more than a poll, and for tests.
 * It keeps what DynamoDB would keep, as text, so that nothing is shared with those who wrote it.
 */
import { CallRecord } from "@earshot/core/call-record"
import { FIRST_CONTROL, type Control, refusalOf } from "@earshot/core/control"
import { countPending, earliestAttemptAt } from "@earshot/core/delivery"
import { Rule } from "@earshot/core/rule"
import { packWatch, PackedWatch, unpackWatch } from "@earshot/core/packed-watch"
import { EMPTY_WATCH } from "@earshot/core/watch"
import type { DueCall, Store } from "./store.ts"

/** DynamoDB's limit for an item. */
const ITEM_BYTES_MAX = 400 * 1024

/** Refuses what DynamoDB would refuse, or nobody would notice before it is deployed. */
function written(value: unknown): string {
  const json = JSON.stringify(value)
  if (Buffer.byteLength(json) > ITEM_BYTES_MAX)
    throw new Error("Item size has exceeded the maximum allowed size")
  return json
}

export function createMemoryStore(): Store {
  let control: Control | null = null
  let watch: string | null = null
  const calls = new Map<string, { version: number; json: string }>()
  const due = new Map<string, DueCall>()
  const rules = new Map<string, string>()

  return {
    acquire: async ({ now, gateMs, since }) => {
      const known = control ?? FIRST_CONTROL
      const why = refusalOf(known, now)
      if (why) return { kind: "refused", why, control: structuredClone(known) }
      control = {
        ...known,
        fence: known.fence + 1,
        nextPollAt: now + gateMs,
        polledAt: now,
        since: known.since === 0 ? since : known.since,
      }
      return { kind: "acquired", control: structuredClone(control) }
    },
    interject: async (known, { now, change }) => {
      const isCurrent = control?.fence === known.fence && control.rulesChangedAt === known.rulesChangedAt
      if (!control || !isCurrent || control.leaseUntil > now) return null
      control = { ...control, ...structuredClone(change), fence: known.fence + 1 }
      return structuredClone(control)
    },
    changeControl: async (fence, change) => {
      if (control?.fence !== fence) return false
      control = { ...control, ...structuredClone(change) }
      return true
    },
    readControl: async () => structuredClone(control),
    announceRules: async (now) => {
      control = { ...(control ?? FIRST_CONTROL), rulesChangedAt: now }
    },

    readWatch: async () => (watch === null ? EMPTY_WATCH : unpackWatch(PackedWatch.parse(JSON.parse(watch)))),
    writeWatch: async (next) => {
      const known = watch === null ? 0 : PackedWatch.parse(JSON.parse(watch)).version
      if (known !== next.version - 1) return false
      watch = written(packWatch(next))
      return true
    },

    readCall: async (callId) => {
      const known = calls.get(callId)
      return known ? { version: known.version, value: CallRecord.parse(JSON.parse(known.json)) } : null
    },
    writeCall: async (record, expected) => {
      if ((calls.get(record.callId)?.version ?? 0) !== expected) return false
      calls.set(record.callId, { version: expected + 1, json: written(record) })
      const dueAt = earliestAttemptAt(record.deliveries)
      const { callId } = record
      if (dueAt === null) due.delete(callId)
      else due.set(callId, { callId, dueAt, pending: countPending(record.deliveries) })
      return true
    },
    dueCalls: async (max) => [...due.values()].sort((a, b) => a.dueAt - b.dueAt).slice(0, max),

    readRules: async () => [...rules.values()].map((json) => Rule.parse(JSON.parse(json))),
    readRule: async (id) => {
      const json = rules.get(id)
      return json === undefined ? null : Rule.parse(JSON.parse(json))
    },
    writeRule: async (rule) => {
      const json = rules.get(rule.id)
      if (json !== undefined && Rule.parse(JSON.parse(json)).version !== rule.version - 1) return false
      rules.set(rule.id, written(rule))
      return true
    },
  }
}
