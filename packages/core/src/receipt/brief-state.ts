/** How far one channel has had its daily brief: an outbox of its own, claimed before it is sent, so that it is sent once a day. */
import * as z from "zod"
import { CLAIM_MS } from "../alert/delivery.ts"
import { believable } from "../clock.ts"
import { DAY, HOUR, type Instant, MINUTE } from "../instant.ts"
import { localTime } from "../message/time-text.ts"
import { hourOf } from "./hour.ts"

export const BriefState = z.object({
  /** Counts the writes; 0: never written. */
  version: z.number(),
  /** The last day, by the channel's zone, whose brief was sent or begun: `2026-01-05`; empty: none. */
  day: z.string(),
  isSent: z.boolean(),
  /** How far the last brief that was sent tells. */
  toldTo: z.number(),
  /** Nobody sends it before this: somebody else may be at it, or has failed to send it. */
  notBefore: z.number(),
  /** Somebody has set out to send it, and has not said what came of it. */
  isClaimed: z.boolean(),
  mayRepeat: z.boolean(),
})

export type BriefState = z.infer<typeof BriefState>

export const NO_BRIEF: BriefState = {
  version: 0,
  day: "",
  isSent: false,
  toldTo: 0,
  notBefore: 0,
  isClaimed: false,
  mayRepeat: false,
}

/** A channel that does not take it is asked again after this long, until the day is over. */
const RETRY_MS = 5 * MINUTE

/** Calls that ended a moment ago are still being checked: a brief tells of hours that were over this long ago. */
const SETTLED_MS = 30 * MINUTE

/** Of more than this, nobody is told in one brief. */
const TOLD_MAX_MS = 3 * DAY

/**
 * The day whose brief is due to a channel that wants it at this time of day; null before that time. A day on which the clock leaves
 * the time out, or has it twice, has one brief all the same.
 */
export function briefDay({ at, timeZone }: { at: string; timeZone: string }, now: Instant): string | null {
  const { date, clock } = localTime(now, timeZone)
  return clock >= at ? date : null
}

/** Whether this day's brief is still to be sent, and nobody is at it. A later day's was sent by a clock that was ahead. */
export function isBriefDue(state: BriefState, day: string, now: Instant): boolean {
  if (state.day > day || (state.day === day && state.isSent)) return false
  return state.day < day || believable(state.notBefore, { waitMaxMs: RETRY_MS, now }) <= now
}

/** The brief as claimed. Whoever let an earlier claim of the day run out may have sent it. */
export function claimedBrief(state: BriefState, day: string, now: Instant): BriefState {
  const isSame = state.day === day
  return {
    ...state,
    version: state.version + 1,
    day,
    isSent: false,
    notBefore: now + CLAIM_MS,
    isClaimed: true,
    mayRepeat: isSame && (state.mayRepeat || state.isClaimed),
  }
}

export function sentBrief(state: BriefState, toldTo: Instant): BriefState {
  return { ...state, version: state.version + 1, isSent: true, isClaimed: false, mayRepeat: false, toldTo }
}

export function failedBrief(state: BriefState, mayHaveArrived: boolean, now: Instant): BriefState {
  const mayRepeat = state.mayRepeat || mayHaveArrived
  return { ...state, version: state.version + 1, isClaimed: false, mayRepeat, notBefore: now + RETRY_MS }
}

/** What a brief tells of: whole hours, from where the last one ended. */
export function briefSpan({ toldTo }: BriefState, now: Instant): { from: Instant; to: Instant } {
  const to = hourOf(now - SETTLED_MS)
  const isKnown = toldTo > 0 && toldTo < to && to - toldTo <= TOLD_MAX_MS
  return { from: isKnown ? hourOf(toldTo) : to - 24 * HOUR, to }
}
