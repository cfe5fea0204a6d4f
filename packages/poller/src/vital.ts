/**
 * How Earshot is doing, as each turn can tell without asking anybody: the numbers that alarms watch. They go into the report, and from there
 * into the log line of the turn.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { type Delivery, isResting, nextAttemptAt } from "@earshot/core/alert/delivery"
import { type Instant, SECOND, earliest } from "@earshot/core/instant"
import type { Control } from "@earshot/core/turn/control"
import { type Watch, countWaiting } from "@earshot/core/watch/watch"
import type { TurnMemory } from "./memory/turn-memory.ts"

export type Vitals = {
  /** Since a poll last completed, as far as this process knows. Null: none ever has. */
  lagSeconds: number | null
  /** For how long the oldest message waits that a channel is owed and nothing holds back. 0: none waits. */
  undeliveredSeconds: number
  /** Channels that refused a message in this turn. */
  refusing: number
  /** Calls that wait for a detail which a rule needs, for want of requests. */
  waiting: number
  /** The longest that a message waited which was sent in this turn. 0: none was. */
  latencySeconds: number
}

/** Of a turn that has found out nothing. */
export const NO_VITALS: Vitals = {
  lagSeconds: null,
  undeliveredSeconds: 0,
  refusing: 0,
  waiting: 0,
  latencySeconds: 0,
}

/** What the memory tells at the end of a turn. `isComplete`: the turn is a poll that has completed. */
export function rememberedVitals(
  memory: Pick<TurnMemory, "completedAt" | "owedSince">,
  watch: Watch | null,
  control: Pick<Control, "completedAt" | "pending">,
  { isComplete, now }: { isComplete: boolean; now: Instant },
): Pick<Vitals, "lagSeconds" | "undeliveredSeconds" | "waiting"> {
  const completedAt = isComplete ? now : Math.max(control.completedAt, memory.completedAt ?? 0)
  let owedSince: Instant | null = null
  for (const since of control.pending > 0 ? memory.owedSince.values() : []) {
    owedSince = earliest(owedSince, since)
  }
  return {
    lagSeconds: completedAt === 0 ? null : secondsUntil(completedAt, now),
    undeliveredSeconds: owedSince === null ? 0 : secondsUntil(owedSince, now),
    waiting: watch ? countWaiting(watch, now) : 0,
  }
}

function secondsUntil(since: Instant, now: Instant): number {
  return Math.max(0, Math.round((now - since) / SECOND))
}

/** A record and the channels that there are: a message to another waits on purpose. */
type Owing = { record: CallRecord; channels: readonly string[]; now: Instant }

/** Since when the oldest message of the record waits; null if none does. */
function waitsSince({ record: { deliveries }, channels, now }: Owing): Instant | null {
  let since: Instant | null = null
  for (const delivery of deliveries) {
    const isOwed = nextAttemptAt(delivery) !== null && !isResting(delivery, now)
    if (isOwed && channels.includes(delivery.channel)) since = earliest(since, waitingFrom(delivery))
  }
  return since
}

/** While it was held back, nobody waited for it. */
function waitingFrom({ owedAt, restUntil = 0 }: Delivery): Instant {
  return Math.max(owedAt, restUntil)
}

/** The longest that a message of the record waited which was sent at `since` or later. */
export function latencyOf({ deliveries }: CallRecord, since: Instant): number {
  const waits = deliveries.map((delivery) =>
    delivery.state === "sent" && delivery.sentAt >= since
      ? secondsUntil(waitingFrom(delivery), delivery.sentAt)
      : 0,
  )
  return Math.max(0, ...waits)
}

/** Of more calls than these, the oldest is among them. */
const OWED_MAX = 1000

/**
 * Remembers since when messages wait, so that a turn between two attempts can tell. `pendingIds`: every call that the index has; one
 * that is in it no longer is owed nothing.
 */
export function rememberOwed(
  { owedSince }: Pick<TurnMemory, "owedSince">,
  records: readonly CallRecord[],
  { channels, pendingIds, now }: Omit<Owing, "record"> & { pendingIds: ReadonlySet<string> },
): void {
  for (const callId of owedSince.keys()) if (!pendingIds.has(callId)) owedSince.delete(callId)
  for (const record of records) {
    const since = waitsSince({ record, channels, now })
    if (since === null) owedSince.delete(record.callId)
    else if (owedSince.has(record.callId) || owedSince.size < OWED_MAX) owedSince.set(record.callId, since)
  }
}
