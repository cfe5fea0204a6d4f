/**
 * The poller's own state: who is polling and until when, how many requests were made, how far the list was read, and
 * what went wrong last. One small item, because each poll writes it.
 */
import { PUT_OFF_MAX_MS } from "../alert/delivery.ts"
import { AHEAD_MAX_MS, believable } from "../clock.ts"
import { HOUR, type Instant } from "../instant.ts"
import type { Cursor } from "../list/cursor.ts"
import { NO_REVIEW, type Review } from "../list/review.ts"
import type { ClockNotice } from "../list/vendor-clock.ts"
import { EMPTY_RING, type Ring } from "./budget.ts"
import type { Failure } from "./failure.ts"
import { NO_NUDGES, type NudgeUse } from "./nudge.ts"
import type { PastPolls } from "./past-poll.ts"

export type Control = {
  /** Counts the turns. A turn with a smaller number has been overtaken. */
  fence: number
  /** A poll is at work until then at the latest. 0: none is. */
  leaseUntil: Instant
  /** No poll starts before this. */
  nextPollAt: Instant
  /** When the newest poll started; 0: never. */
  polledAt: Instant
  /**
   * When a poll last completed its work, as far as it has been noted; 0: never. A poll that has nothing else to write
   * leaves it to the next poll of its process to note it, with the write that starts that one.
   */
  completedAt: Instant
  /** When the list was last read, or up to ten minutes before; 0: never. */
  readAt: Instant
  /** Calls that started earlier raise no alert. */
  since: Instant
  watermark: Instant | null
  resumeAt: Instant | null
  review: Review
  watchVersion: number
  /** Rules read before this, or within a minute after it, may be out of date. */
  rulesChangedAt: Instant
  ring: Ring
  /** The vendor has asked for no requests before this. */
  listBlockedUntil: Instant
  detailBlockedUntil: Instant
  /** The channels that the poller has; null: it has not said yet. */
  channels: readonly string[] | null
  /** When the earliest delivery may be due; null: none is. */
  dueAt: Instant | null
  /** When somebody last made deliveries due outside of a turn; 0: never. */
  dueAskedAt: Instant
  /** Deliveries that were pending when last counted. */
  pending: number
  /** When a call was last marked as closed without a detail that a rule needed, or up to an hour before; 0: never. */
  unexaminedAt: Instant
  failure: Failure | null
  /** The vendor's times are off ours; null: they are not. */
  clockNotice: ClockNotice | null
  /** How far from our clock calls were dated that had just appeared, if that was far; the newest last. */
  stampSamples: readonly number[]
  nudges: NudgeUse
  polls: PastPolls
}

/** The state before the first poll. */
export const FIRST_CONTROL: Control = {
  fence: 0,
  leaseUntil: 0,
  nextPollAt: 0,
  polledAt: 0,
  completedAt: 0,
  readAt: 0,
  since: 0,
  watermark: null,
  resumeAt: null,
  review: NO_REVIEW,
  watchVersion: 0,
  rulesChangedAt: 0,
  ring: EMPTY_RING,
  listBlockedUntil: 0,
  detailBlockedUntil: 0,
  channels: null,
  dueAt: null,
  dueAskedAt: 0,
  pending: 0,
  unexaminedAt: 0,
  failure: null,
  clockNotice: null,
  stampSamples: [],
  nudges: NO_NUDGES,
  polls: [],
}

/** What a poll may change in the state: not the fence, and not what the HTTP API changes. */
export type ControlChange = Partial<Omit<Control, "fence" | "polledAt" | "rulesChangedAt" | "dueAskedAt">>

/** Earshot waits for the vendor at most an hour. */
const BLOCK_MAX_MS = HOUR

/**
 * Without times that only a clock far ahead can have written, which would hold up everything until then. If the very
 * first poll had such a clock, reading starts over with the calls that started at `since` or later.
 */
export function withoutFuture(control: Control, { since, now }: { since: Instant; now: Instant }): Control {
  const latest = now + AHEAD_MAX_MS
  const block = (until: Instant) => (until > latest + BLOCK_MAX_MS ? 0 : until)
  const { recent, day, week } = control.review
  const isOfFuture = [recent, day, week].some(({ startedAt }) => startedAt > latest)
  // If the vendor has listed calls from after that, it is our clock that is behind.
  const isFirstOfFuture = control.since > latest && (control.watermark ?? control.since) <= control.since
  return {
    ...control,
    ...(isFirstOfFuture && { since, watermark: null, resumeAt: null }),
    readAt: control.readAt > latest ? 0 : control.readAt,
    completedAt: control.completedAt > latest ? 0 : control.completedAt,
    dueAskedAt: control.dueAskedAt > latest ? 0 : control.dueAskedAt,
    unexaminedAt: control.unexaminedAt > latest ? 0 : control.unexaminedAt,
    listBlockedUntil: block(control.listBlockedUntil),
    detailBlockedUntil: block(control.detailBlockedUntil),
    review: isOfFuture ? NO_REVIEW : control.review,
    dueAt: control.dueAt === null ? null : believable(control.dueAt, { waitMaxMs: PUT_OFF_MAX_MS, now }),
  }
}

export function cursorOf({ since, watermark, resumeAt }: Control): Cursor {
  return { since, watermark: watermark ?? since, resumeAt }
}
