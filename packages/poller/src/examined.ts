/** What came of examining the calls of a turn, and of one call on its way there. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { CallNote } from "@earshot/core/receipt/hour"
import type { Assessment } from "@earshot/core/detail/assessment"
import type { Subject } from "@earshot/core/detail/subject"
import type { Instant } from "@earshot/core/instant"
import type { WatchedCall } from "@earshot/core/watch/watch"
import type { Versioned } from "@earshot/io/store/store"
import type { Reviewed } from "./memory/list-memory.ts"
import type { Turn } from "./turn.ts"

export type Examined = {
  turn: Turn
  /** The calls that were judged, as they are to be remembered. */
  calls: WatchedCall[]
  /** The start of the earliest changed call that was not judged; null if all were. */
  deferredFrom: Instant | null
  /** Detail requests made, and those that were charged and not made. */
  requests: number
  unused: number
  blockedUntil: Instant
  alerts: number
  /** Calls that were closed without a detail that a rule needed, by id. */
  unexamined: Set<string>
  /** Calls of which everything that a rule needs is known, by id, and when they began or were first seen. */
  decided: Map<string, Instant>
  /** What became of each call, by id, for the coverage receipt. */
  notes: Map<string, CallNote>
  /** Calls with a delivery that this turn has made due, as they were stored. */
  owing: Map<string, Versioned<CallRecord>>
  /** Records whose alert has more reasons than before, or fewer that still stand. */
  restated: CallRecord[]
  /** By id, calls from before the window that need nothing now. */
  reviewed: Map<string, Reviewed>
}

/** A subject with its record's version and what the rules make of it so far. */
export type Assessed = { subject: Subject; stored: Versioned<CallRecord> | null; assessment: Assessment }

export function nothingExamined(turn: Turn): Examined {
  return {
    turn,
    calls: [],
    deferredFrom: null,
    requests: 0,
    unused: 0,
    blockedUntil: 0,
    alerts: 0,
    unexamined: new Set(),
    decided: new Map(),
    notes: new Map(),
    owing: new Map(),
    restated: [],
    reviewed: new Map(),
  }
}
