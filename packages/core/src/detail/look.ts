/**
 * Which open calls deserve a detail request now. Details are the scarce resource: 500 an hour. Most urgent first:
 *
 * - `decides`: the analysis is likely to be there, so one request decides the call; `late`: the same, of a backlog;
 * - `unscored`: it ended so long ago that the analysis must be there, though the list may never show it;
 * - `alert`: it is about to raise an alert, whose message says more with a detail;
 * - `nudged`: somebody says that it has just ended;
 * - `again`: another look has left it undecided; `early`: it has just ended or changed;
 * - `unlisted`: the list may never show its end;
 * - `adds`: every channel has its alert, so a detail could only add a reason;
 * - `awaited`, `probe`: with what is left, a detail may show an analysis or an end sooner than the next list.
 */
import { ANALYSIS_MS } from "../horizon.ts"
import { type Instant, MINUTE, SECOND } from "../instant.ts"
import { LEFT_PER_MINUTE } from "../turn/budget.ts"
import { isLookDue } from "../watch/open-state.ts"
import type { WatchedCall } from "../watch/watch.ts"

const ORDER = [
  "decides",
  "late",
  "unscored",
  "alert",
  "nudged",
  "again",
  "early",
  "unlisted",
  "adds",
  "awaited",
  "probe",
] as const

export type Urgency = (typeof ORDER)[number]

/**
 * Up to which pace, as a share of the hour's details, calls of this urgency are looked at: where there are few calls, and where there are
 * so many that what decides them has to find details left.
 */
const CEILING: Record<Exclude<Urgency, "decides">, { few: number; many: number }> = {
  late: { few: 0.98, many: 0.96 },
  unscored: { few: 0.97, many: 0.94 },
  alert: { few: 0.97, many: 0.88 },
  nudged: { few: 0.97, many: 0.94 },
  again: { few: 0.96, many: 0.88 },
  early: { few: 0.96, many: 0.88 },
  unlisted: { few: 0.95, many: 0.8 },
  adds: { few: 0.95, many: 0.78 },
  awaited: { few: 0.95, many: 0.78 },
  probe: { few: 0.94, many: 0.75 },
}

/** Calls of an hour, as a share of its details. */
const FEW = 0.14
const MANY = 0.26

/** A call that could have been decided by then is part of a backlog, and must not take from the calls of now. */
const BACKLOG_MS = 10 * MINUTE

/**
 * Every urgency but the first gets a part of what is left below its ceiling at a time, so that the hour's details are
 * spent evenly, instead of all at its beginning.
 */
const SPREAD = 20

/** At most this many in a poll: it has other work, and the vendor's minute holds a hundred requests. */
export const LOOKS_MAX = 60

const CAN_WAIT: ReadonlySet<Urgency> = new Set(["adds", "awaited", "probe"])

/** Looks between two lists have their own time: one that was due for so long was not made. */
const LEFT_MS = 20 * SECOND

export type DetailBudget = {
  /** Requests that may be made now. */
  affordable: number
  /**
   * Requests an hour at the pace of the last ten minutes, those of the last hour, and the most there may be. Where many calls begin, the pace
   * counts: what is spent now is missing in half an hour. Where few do, a burst is one call that is followed closely.
   */
  pace: number
  used: number
  perHour: number
  /** Calls that began within an hour. */
  calls: number
}

/** Of equal urgency the one with the higher `rank` goes first. */
export type LookRequest = { id: string; urgency: Urgency; rank: number }

/**
 * How a change of a call is noticed without a detail: by the list that this turn reads, only by a later one, or never,
 * because the list does not show the call any more.
 */
export type Notice = "this-list" | "a-later-list" | "never"

/**
 * What brings the question up: the call is about to raise its alert, and no detail was fetched yet, without which the
 * message would say less; or the list has only now shown the call, or a change of it (the sentiment comes some seconds after
 * the score, and a request in between would be wasted); or its time has come.
 */
export type Occasion = "alert" | "change" | "time"

/** Whether a detail of this call is worth a request now, and how urgently; null if it is not. */
export function lookAt(
  id: string,
  { startedAt: at, open }: Pick<WatchedCall, "startedAt" | "open">,
  { notice, occasion }: { notice: Notice; occasion: Occasion },
  now: Instant,
): LookRequest | null {
  const rank = open?.endedAt ?? at
  if (occasion === "alert") return { id, rank, urgency: "alert" }
  // Between two polls, those that are due were picked.
  if (!open || (notice !== "a-later-list" && !isLookDue(open, now))) return null
  if (open.endedAt !== null && open.wantsDetail) {
    if (open.isAlerted) return { id, rank, urgency: "adds" }
    // When every rule has settled, this look is the last, and what it does not show is not there.
    const isLast = open.settlesAt === null || open.settlesAt <= now
    const decides = now - open.endedAt > BACKLOG_MS ? "late" : "decides"
    const isFresh = occasion === "change"
    if (isLast && !isFresh) return { id, rank, urgency: decides }
    // Without a score the analysis is only likely to be there, or will never come.
    const isDueByAge = now - open.endedAt >= ANALYSIS_MS
    if (open.looks === 0 && !isFresh && open.isAnalysed) return { id, rank, urgency: decides }
    if (open.looks === 0) return { id, rank, urgency: isDueByAge && !open.isAnalysed ? "unscored" : "early" }
    if (open.isAnalysed || (isDueByAge && notice === "never")) return { id, rank, urgency: "again" }
    if (notice !== "this-list") return { id, rank, urgency: "awaited" }
    return isDueByAge && now - open.nextLookAt >= LEFT_MS ? { id, rank, urgency: "again" } : null
  }
  if (notice === "never") return { id, rank, urgency: "unlisted" }
  return notice === "a-later-list" ? { id, rank: -open.nextLookAt, urgency: "probe" } : null
}

/** The calls to look at, most urgent first. The others have to wait. */
export function planLooks(requests: readonly LookRequest[], budget: DetailBudget): string[] {
  const planned: string[] = []
  for (const urgency of ORDER) {
    const room = Math.min(
      urgency === "decides" ? LOOKS_MAX : shareOf(urgency, budget, planned.length),
      budget.affordable - planned.length - (CAN_WAIT.has(urgency) ? LEFT_PER_MINUTE : 0),
      LOOKS_MAX - planned.length,
    )
    const ranked = requests.filter((request) => request.urgency === urgency).sort((a, b) => b.rank - a.rank)
    planned.push(...ranked.slice(0, Math.max(0, room)).map(({ id }) => id))
  }
  return planned
}

function shareOf(
  urgency: Exclude<Urgency, "decides">,
  { pace, used, perHour, calls }: DetailBudget,
  planned: number,
): number {
  const { few, many } = CEILING[urgency]
  const crowding = Math.min(1, Math.max(0, (calls / perHour - FEW) / (MANY - FEW)))
  const most = perHour * (few - (few - many) * crowding) - planned
  // Nudges have a part of the hour of their own, and one that waits for a slower pace is worth nothing.
  if (urgency === "nudged") return most - used
  return Math.ceil((most - used - Math.max(0, pace - used) * crowding) / SPREAD)
}
