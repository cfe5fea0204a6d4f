/**
 * How far Earshot has read the vendor's list, and what the next poll asks of it. The list is read by start time from an
 * instant on, never by page number, so calls added or deleted meanwhile shift nothing. The watermark comes only from
 * the vendor's timestamps, trails what was read, and never moves backwards.
 */
import { LATE_MS, LOOKBACK_MAX_MS, WAIT_MS } from "../horizon.ts"
import { HOUR, type Instant, MINUTE } from "../instant.ts"
import type { CallKey } from "../watch/call-key.ts"
import { type Watch, type WatchedCall, overviewOf } from "../watch/watch.ts"

/**
 * A page costs the same however many rows it has, so it is filled with decided calls, in case someone flags one of
 * them. A fifth of the page stays free for new calls.
 */
export const LOOKBACK_ROWS = 80

/** A start this far ahead of our clock is the vendor's mistake, and must not carry the watermark along. */
const DATED_AHEAD_MAX_MS = 10 * MINUTE

/** Zones are at most 14 hours from UTC, and summer time adds one: a time further away is one call's nonsense. */
export const OFF_MAX_MS = 27 * HOUR

export type Cursor = {
  /** Calls that started before this instant raise no alert. */
  since: Instant
  /** Everything that started before it is decided or followed by id. */
  watermark: Instant
  /** Where the scan continues, if it did not reach the end of the list, or if an outage sent it back. */
  resumeAt: Instant | null
}

/** Where a scan starts: at the watermark, or earlier while that costs nothing. */
export function windowStart(cursor: Cursor, watch: Watch): Instant {
  const { starts } = overviewOf(watch)
  const lookback = starts[Math.min(LOOKBACK_ROWS, starts.length) - 1] ?? cursor.watermark
  const earliest = Math.max(lookback, cursor.watermark - LOOKBACK_MAX_MS)
  return Math.max(cursor.since, Math.min(cursor.watermark, earliest))
}

/**
 * The cursor after a scan that has read everything up to `read`, or to the end of the list if that is null. `watch`
 * holds the calls as they are after the scan. Our clock, `now`, can only hold the cursor back.
 */
export function advance(cursor: Cursor, watch: Watch, read: Instant | null, now: Instant): Cursor {
  const { starts, open } = overviewOf(watch)
  // Behind a time that nobody's clock shows there are no calls of now: those are read aside, and hold nobody up.
  const readTo = read !== null && read > now + OFF_MAX_MS ? null : read
  const newest = Math.max(cursor.watermark, starts.find((at) => at <= now + DATED_AHEAD_MAX_MS) ?? 0)
  let watermark = newest - LATE_MS
  for (const call of open)
    if (call.startedAt > newest - WAIT_MS) watermark = Math.min(watermark, call.startedAt)
  if (readTo !== null) watermark = Math.min(watermark, readTo)
  watermark = Math.max(cursor.watermark, watermark)
  if (readTo === null) return { since: cursor.since, watermark, resumeAt: null }
  // A scan this near to the present starts over and leaves the rest to its next round. Otherwise, if calls start faster
  // than they are read, it would never return to those still open.
  const isNear = readTo >= now - LATE_MS && readTo <= now + DATED_AHEAD_MAX_MS
  if (isNear) return { since: cursor.since, watermark, resumeAt: null }
  // More calls of the last minutes may appear before the scan continues: it reads those minutes again.
  const sureTo = Math.max(now, readTo) - LATE_MS
  // A scan that was sent back has not reached the watermark yet.
  const resumeMin = Math.min(watermark, cursor.resumeAt ?? watermark)
  return { since: cursor.since, watermark, resumeAt: Math.max(resumeMin, Math.min(readTo, sureTo)) }
}

/**
 * At most this many decided calls are remembered. There are more only if the scan is a week of calls behind and the
 * fresh pages show others meanwhile. A forgotten call is judged once more when the scan reaches it, on its stored
 * record.
 */
export const DECIDED_CALLS_MAX = 8000

/**
 * Drops what the next poll need not remember: decided calls that the next scan will not list, and the oldest if there
 * are too many.
 */
export function prune(watch: Watch, start: Instant): Watch {
  const { starts, open } = overviewOf(watch)
  const areTooMany = watch.calls.size - open.length > DECIDED_CALLS_MAX
  const earliest = areTooMany ? Math.max(start, starts[DECIDED_CALLS_MAX - 1] ?? start) : start
  let gone = 0
  for (const call of watch.calls.values()) if (!call.open && call.startedAt < earliest) gone++
  if (gone === 0) return watch
  const calls = new Map<CallKey, WatchedCall>()
  for (const call of watch.calls.values())
    if (call.open || call.startedAt >= earliest) calls.set(call.key, call)
  return { ...watch, calls }
}
