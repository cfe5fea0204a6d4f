/**
 * When a call ended, as far as the vendor's times can be true. A time that cannot be true decides nothing: an end before
 * the call began, or while it was still seen to last, or later than when it was first seen to be over. Then the end
 * is the start plus the length or, failing that, the moment we first saw that the call was over. Settling late costs a
 * request; settling early loses a call.
 */
import type { Call } from "@earshot/calls-api/call"
import { AHEAD_MAX_MS } from "../clock.ts"
import { LATE_MS } from "../horizon.ts"
import { type Instant, MINUTE, SECOND, instantOf, isImaginable } from "../instant.ts"
import { saysLasting, statusMeant } from "./word.ts"

/** Vendors round, and write the start of a call a moment late. */
const ROUNDED_MS = MINUTE

/** What we have seen ourselves of a call's end, on our clock. */
export type EndSeen = {
  /** When it was seen to be over. */
  seenAt: Instant
  /** It was still lasting then, or not listed yet; null: nobody knows. */
  notBefore: Instant | null
  /** The vendor's times are behind ours by so much; a vendor that is ahead has ends that cannot be true. */
  behindMs?: number
}

/**
 * Whether the call is over: by its end, by the one documented final status, or because it has a score, which comes after
 * the end. An end of no time that anybody lived in, which some write for "none", is none while the call is said to last.
 */
export function hasEnded({ endedAt, status, score }: Call): boolean {
  if (score !== null || isCompleted(status)) return true
  if (endedAt === null) return false
  return !saysLasting(status) || isImaginable(instantOf(endedAt))
}

function isCompleted(status: string | null): boolean {
  return status === "completed" || (status !== null && statusMeant(status) === "completed")
}

/** The call's length in seconds; null if it is not known, or below zero. */
export function secondsOf({ duration }: Call): number | null {
  return duration !== null && duration >= 0 ? duration : null
}

/** The end by the vendor's own word, or its start plus its length; null while it lasts, or if neither is written. */
export function statedEnd(call: Call): Instant | null {
  if (!hasEnded(call)) return null
  return instantOf(call.endedAt) ?? endByLength(call)
}

/** Null if the call's times are missing or cannot be true. */
export function believableEnd(call: Call, { seenAt, notBefore, behindMs = 0 }: EndSeen): Instant | null {
  const onOurClock = (at: Instant | null) => (at === null ? null : at + behindMs)
  const created = onOurClock(instantOf(call.createdAt))
  const earliest = Math.max(
    isImaginable(created) ? created - ROUNDED_MS : Number.NEGATIVE_INFINITY,
    notBefore === null ? Number.NEGATIVE_INFINITY : notBefore - LATE_MS,
  )
  const believed = (end: Instant | null) =>
    isImaginable(end) && end >= earliest && end <= seenAt + AHEAD_MAX_MS ? end : null
  const stated = believed(onOurClock(instantOf(call.endedAt)))
  const byLength = believed(onOurClock(endByLength(call)))
  if (stated === null || byLength === null) return stated ?? byLength
  // A call cannot have lasted longer than from its start to its end: the later of the two ends is the safe one.
  return byLength - stated > ROUNDED_MS ? byLength : stated
}

function endByLength(call: Call): Instant | null {
  const created = instantOf(call.createdAt)
  const seconds = secondsOf(call)
  return created === null || seconds === null ? null : created + Math.round(seconds * SECOND)
}
