/**
 * How far into the vendor's list we have got. The list is read by start time from an instant on, never by page
 * number, so that calls which are added or deleted meanwhile shift nothing. The watermark comes only from the
 * vendor's timestamps, trails what was read, and never moves backwards.
 */
import { DAY, HOUR, type Instant, MINUTE } from "./instant.ts"
import type { Watch, WatchedCall } from "./watch.ts"

/** A call may appear in the list this long after its start. */
export const LATE_MS = 5 * MINUTE
/** The watermark waits this long for an open call; after that the call is followed by its id. */
export const WAIT_MS = HOUR
/** Rows in a page, the vendor's maximum. */
export const PAGE_ROWS = 100
/**
 * A page costs the same however many rows it has, so it is filled with calls that are already decided, in case
 * somebody flags one of them. A fifth of the page stays free for new calls.
 */
export const LOOKBACK_ROWS = 80
export const LOOKBACK_MAX_MS = 7 * DAY
/** A start so far ahead of our clock is a mistake of the vendor's, and must not carry the watermark with it. */
const AHEAD_MAX_MS = 10 * MINUTE

export type Cursor = {
  /** Calls that started before this instant are not told. */
  since: Instant
  /** Everything that started before it is decided or followed by id. */
  watermark: Instant
  /** Where to read on, if the list was too long for the requests that could be afforded. */
  resumeAt: Instant | null
}

/** Where a scan starts: at the watermark, or earlier while that costs nothing. */
export function windowStart(cursor: Cursor, watch: Watch): Instant {
  const starts = [...watch.calls.values()].map((call) => call.at).sort((a, b) => b - a)
  const lookback = starts[Math.min(LOOKBACK_ROWS, starts.length) - 1] ?? cursor.watermark
  const earliest = Math.max(lookback, cursor.watermark - LOOKBACK_MAX_MS)
  return Math.max(cursor.since, Math.min(cursor.watermark, earliest))
}

/**
 * The cursor after a scan that has read everything up to `readTo`, or to the end of the list if that is null.
 * `watch` holds the calls as they are after the scan. Our clock, `now`, only holds the cursor back.
 */
export function advance(cursor: Cursor, watch: Watch, readTo: Instant | null, now: Instant): Cursor {
  let newest = cursor.watermark
  for (const call of watch.calls.values()) {
    if (call.at <= now + AHEAD_MAX_MS) newest = Math.max(newest, call.at)
  }
  let watermark = newest - LATE_MS
  for (const call of watch.calls.values()) {
    if (call.open && call.at > newest - WAIT_MS) watermark = Math.min(watermark, call.at)
  }
  if (readTo !== null) watermark = Math.min(watermark, readTo)
  watermark = Math.max(cursor.watermark, watermark)
  if (readTo === null) return { since: cursor.since, watermark, resumeAt: null }
  // More of the last minutes may appear until the reading goes on: they are read again.
  const sureTo = Math.max(now, readTo) - LATE_MS
  return { since: cursor.since, watermark, resumeAt: Math.max(watermark, Math.min(readTo, sureTo)) }
}

/** What the next poll needs not remember: decided calls that the next scan will not list. */
export function prune(watch: Watch, start: Instant, listed: ReadonlySet<string>): Watch {
  const calls = new Map<string, WatchedCall>()
  for (const call of watch.calls.values()) {
    if (call.open || call.at >= start || listed.has(call.id)) calls.set(call.id, call)
  }
  return { ...watch, calls }
}
