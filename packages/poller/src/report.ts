/** What a poll did: the line that it logs, and the last line that `npm run poll` prints. */
import { isoOf } from "@earshot/core/instant"
import { usedInHour } from "@earshot/core/turn/budget"
import type { Turn } from "./turn.ts"

export type PollReport = {
  ok: boolean
  /** What made the poll fail. */
  error?: string
  /**
   * Nothing was listed, and that is in order. early: the last poll was a moment ago; busy: another poll is at
   * work; overtaken: another poll took over; budget: the hour's list requests are used up; blocked: the vendor
   * asked to wait.
   */
  skipped?: "early" | "busy" | "overtaken" | "budget" | "blocked"
  /** Rows of the list, calls among them that were not known, and rows that could not be read. */
  listed: number
  new: number
  unreadable: number
  /** Detail requests made. */
  details: number
  /** Alerts raised. */
  alerts: number
  /** Deliveries: made, failed in this poll, and still owed. */
  delivered: number
  failed: number
  pending: number
  /** Calls closed since the first poll without a detail that a rule needed. */
  unexamined: number
  /** Everything that started before is decided, or followed by its id. Null before anything was read. */
  watermark: string | null
  /** Requests of the last hour, as counted: never fewer than were made. */
  budget: { list: { used: number; limit: number }; detail: { used: number; limit: number } }
  durationMs: number
}

/** The report of a poll that has done nothing in its turn. */
export function emptyReport({
  control,
  ring,
  limits,
}: Pick<Turn, "control" | "ring" | "limits">): PollReport {
  return {
    ok: true,
    listed: 0,
    new: 0,
    unreadable: 0,
    details: 0,
    alerts: 0,
    delivered: 0,
    failed: 0,
    pending: control.pending,
    unexamined: control.unexamined,
    watermark: control.watermark === null ? null : isoOf(control.watermark),
    budget: {
      list: { used: usedInHour(ring, "list"), limit: limits.listPerHour },
      detail: { used: usedInHour(ring, "detail"), limit: limits.detailPerHour },
    },
    durationMs: 0,
  }
}
