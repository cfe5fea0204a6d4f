/** What the parts of the ledger share: what they know and may ask, and what they count. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { ChannelId } from "@earshot/core/channel/channel"
import { type Instant, isoOf } from "@earshot/core/instant"
import type { Severity } from "@earshot/core/rule/rule"
import type { Limits, RequestKind } from "@earshot/core/turn/budget"
import type { Watch } from "@earshot/core/watch/watch"
import type { SimulatedCall } from "../truth/call.ts"
import type { BriefWish } from "../time/brief.ts"
import type { Rest } from "../time/rest.ts"
import type { Snooze } from "../time/snooze.ts"
import type { Refusal } from "../time/refusal.ts"
import type { Routing } from "../truth/routing.ts"
import type { Storm } from "../truth/storm.ts"
import type { Traffic } from "../truth/traffic.ts"
import type { Promising } from "./promise.ts"

export type Observed = {
  traffic: Traffic
  promising: Promising
  now: () => Instant
  /** The gate between two polls goes by the clocks of the processes that begin them. */
  limits: Limits
  /** Requests that reached the vendor within the hour. */
  usedInHour: (kind: RequestKind, now: Instant) => number
  triggerMs: number
  /** Whether a process's clock may have been wrong in this time, or may have left its mark in it. */
  mayBeMistimed: (from: Instant, to: Instant) => boolean
  /** Which channels each alert goes to. */
  routing: Routing
  /** Whether every process at work in this time had the channel: without it, it is sent nothing. */
  hadChannel: (channel: ChannelId, from: Instant, to: Instant) => boolean
  /** Whether it took what it was sent in this time, and had nothing left from before. */
  tookMessages: (channel: ChannelId, from: Instant, to: Instant) => boolean
  /** Whether quiet hours or a snooze must keep such a message from the channel now. */
  restsAt: (channel: ChannelId, isCritical: boolean) => boolean
  /** When somebody deleted the channel, if it did not come back; null: it is still there. */
  goneSince: (channel: ChannelId) => Instant | null
  /** Whether somebody has snoozed the channel. */
  isSnoozed: (channel: ChannelId) => boolean
  /** Whether it took what it was sent in this time, be it in quiet hours, and was not snoozed. */
  tookBriefs: (channel: ChannelId, from: Instant, to: Instant) => boolean
  /** Which channels want a daily brief. */
  briefs: readonly BriefWish[]
  /** When rules are snoozed. */
  snoozes: readonly Snooze[]
  /** For how much of a time nothing triggered the poller. */
  silence: (from: Instant, to: Instant) => number
  storm: Storm | null
  /** When channels are to be left alone. */
  rests: readonly Rest[]
  /** When channels refuse everything. */
  refusals: readonly Refusal[]
  /** When details were scarce at the vendor, in order. */
  scarceAt: readonly Instant[]
  /** Latencies count until then: once there are no more calls, triggers are rare. */
  measuredUntil: Instant
  /** Called with what was kept and what arrived, to look for a cause. */
  trace?: ((line: string) => void) | undefined
  /** Called when a channel receives a message about a call that gives worse news than those before it. */
  alerted?: ((alerted: Alerted) => void) | undefined
}

export type Alerted = { call: SimulatedCall; channel: ChannelId; severity: Severity; at: Instant }

export type Findings = {
  violations: string[]
  falseAlerts: number
  alerts: number
  duplicates: number
  /** Messages that took a reason back. */
  withdrawn: number
  /**
   * From when a fact of a call's highest severity was shown until the message that says so arrived, in milliseconds, by the
   * calls' ids; `old`: of calls that were long over.
   */
  latencies: { live: Map<string, number>; old: Map<string, number> }
  watchBytesMax: number
  violated: (what: string) => void
}

export type Books = Observed & {
  findings: Findings
  /** Records with an unfinished delivery, by the calls' ids. */
  owing: Map<string, CallRecord>
  /** When anything was last owed to anybody. */
  owedAt: Instant
  /** By id, whether the call's record was closed with every rule decided, and when it was first and last closed. */
  decided: Map<string, boolean>
  firstClosedAt: Map<string, Instant>
  decidedAt: Map<string, Instant>
  /** The processes that have kept anything. */
  keepers: Set<number>
  /** Calls whose records cannot be read. */
  damaged: Set<string>
  /** The watch is being rebuilt: the list is read again from further back. */
  hasLostWatch: boolean
  /** When a process last came upon a watch that cannot be read. */
  watchLostAt: Instant
  /** When it was last lost who was told of what went wrong. */
  incidentsLostAt: Instant
  /** By id, when the detail was fetched that was kept last, of calls that had ended then. */
  examined: Map<string, Instant>
  /** The calls that are marked as closed unexamined, by id, and since when. */
  unexamined: Map<string, Instant>
  /** The watch as it was last written. */
  watch: Watch | null
}

/** With nothing in them. */
export function openBooks(observed: Observed, findings: Findings): Books {
  return {
    ...observed,
    findings,
    owing: new Map(),
    owedAt: 0,
    decided: new Map(),
    firstClosedAt: new Map(),
    decidedAt: new Map(),
    keepers: new Set(),
    damaged: new Set(),
    hasLostWatch: false,
    watchLostAt: 0,
    incidentsLostAt: 0,
    examined: new Map(),
    unexamined: new Map(),
    watch: null,
  }
}

const VIOLATIONS_MAX = 100

export function createFindings(now: () => Instant): Findings {
  const violations: string[] = []
  return {
    violations,
    falseAlerts: 0,
    alerts: 0,
    duplicates: 0,
    withdrawn: 0,
    latencies: { live: new Map(), old: new Map() },
    watchBytesMax: 0,
    violated(what) {
      if (violations.length < VIOLATIONS_MAX) violations.push(`${isoOf(now())} ${what}`)
    },
  }
}
