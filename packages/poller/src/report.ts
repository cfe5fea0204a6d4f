/** What a turn did: the line that it logs, and the last line that `npm run poll` prints. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { isoOf } from "@earshot/core/instant"
import { usedInHour } from "@earshot/core/turn/budget"
import type { Nudge } from "@earshot/core/turn/nudge"
import type { PastPoll } from "@earshot/core/turn/past-poll"
import type { Versioned } from "@earshot/io/store/store"
import type { Turn } from "./turn.ts"
import { NO_VITALS, type Vitals } from "./vital.ts"

/**
 * Why a trigger did nothing, which is in order. early: the last poll was a moment ago, and there was no call to look at;
 * busy: another poll is at work; overtaken: another turn took over; budget: the hour's list requests are used up; blocked:
 * the vendor asked to wait.
 */
export type SkipReason = "early" | "busy" | "overtaken" | "budget" | "blocked"

/** poll: the list was read. look: between two polls, details of open calls were fetched, or messages sent. skipped: nothing was done. */
export type Done = { kind: "poll" | "look" } | { kind: "skipped"; reason: SkipReason }

export type PollReport = { ok: boolean } & Done & {
    /** What made the poll fail. */
    error?: string
    /** Rows of the list, calls among them that were not known, and rows that could not be read. */
    listed: number
    new: number
    unreadable: number
    /** Detail requests made. */
    details: number
    /** Alerts raised. */
    alerts: number
    /** Deliveries: made, failed in this turn, and still owed. */
    delivered: number
    failed: number
    pending: number
    /** Calls that this turn closed without a detail that a rule needed. */
    unexamined: number
    /** Everything that started before is decided, or followed by its id. Null before anything was read. */
    watermark: string | null
    /** Requests of the last hour, as counted: never fewer than were made. */
    budget: { list: { used: number; limit: number }; detail: { used: number; limit: number } }
    /** The list was read as far as it was to be, and everything that came of it was judged and stored. */
    isComplete: boolean
    vitals: Vitals
    durationMs: number
    /** Of a look that nudges have asked for: how many they were, and calls whose end was noticed by it. */
    nudge?: { asked: number; sooner: number }
    /** A look is due so soon that it is worth a trigger of its own: in how many milliseconds. */
    followUpMs?: number
    /** Nudges to bring again. Not for a log. */
    putBack?: PutBack | undefined
  }

/** Nudges that could not be used yet, and when to bring them again. */
export type PutBack = { nudges: readonly Nudge[]; afterMs: number }

/**
 * What a turn leaves behind: its report, and the calls with a delivery that it has made due. `isComplete`: it is a poll that
 * has listed what it set out to list, and has stored everything that came of it.
 */
export type Worked = {
  turn: Turn
  report: PollReport
  owing: ReadonlyMap<string, Versioned<CallRecord>>
  /** Records that messages of before do not say any more. Absent: none. */
  restated?: readonly CallRecord[]
  isComplete: boolean
}

/** The report of a turn that has found nothing to do. */
export function emptyReport({ kind, ...turn }: ReportedTurn): PollReport {
  return { ok: true, kind, ...countsOf(turn) }
}

/** The report of a trigger that did nothing. */
export function skippedReport(turn: Omit<ReportedTurn, "kind">, reason: SkipReason): PollReport {
  return { ok: true, kind: "skipped", reason, ...countsOf(turn) }
}

/** What is kept of a poll that came to its end. */
export function pastOf(report: PollReport): Omit<PastPoll, "at"> {
  const { listed, alerts } = report
  return { outcome: outcomeOf(report), listed, alerts }
}

function outcomeOf(report: PollReport): PastPoll["outcome"] {
  if (report.kind === "skipped") return report.reason === "budget" ? "budget" : "blocked"
  if (report.isComplete) return "complete"
  return report.ok ? "unfinished" : "failed"
}

type ReportedTurn = Pick<Turn, "kind" | "control" | "ring" | "limits">

function countsOf({ control, ring, limits }: Omit<ReportedTurn, "kind">) {
  return {
    listed: 0,
    new: 0,
    unreadable: 0,
    details: 0,
    alerts: 0,
    delivered: 0,
    failed: 0,
    pending: control.pending,
    unexamined: 0,
    watermark: control.watermark === null ? null : isoOf(control.watermark),
    budget: {
      list: { used: usedInHour(ring, "list"), limit: limits.listPerHour },
      detail: { used: usedInHour(ring, "detail"), limit: limits.detailPerHour },
    },
    isComplete: false,
    vitals: NO_VITALS,
    durationMs: 0,
  }
}
