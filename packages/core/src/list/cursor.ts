/**
 * How far into the vendor's list we have got, and what the next poll asks of it. The list is read by start time from
 * an instant on, never by page number, so that calls which are added or deleted meanwhile shift nothing. The
 * watermark comes only from the vendor's timestamps, trails what was read, and never moves backwards.
 */
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../instant.ts"
import { OPEN_MAX_MS } from "../rule/judgement.ts"
import { type CallKey, type Watch, type WatchedCall, overviewOf } from "../watch/watch.ts"

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

/** With more known calls in the window than this, its new ones may not fit into the page any more. */
const FITTING_ROWS = 95

/** A start so far ahead of our clock is a mistake of the vendor's, and must not carry the watermark with it. */
const DATED_AHEAD_MAX_MS = 10 * MINUTE

/** Starts that differ by less may come in any order: who sorts them as texts may write some with fewer digits. */
const SAME_START_MS = SECOND

/** A scan that has more to read so far behind our clock is catching up, and not merely going round a long window. */
export const BEHIND_MS = 2 * HOUR

export type Cursor = {
  /** Calls that started before this instant are not told. */
  since: Instant
  /** Everything that started before it is decided or followed by id. */
  watermark: Instant
  /** Where the scan goes on, if it did not come to the end of the list, or where an outage has sent it back to. */
  resumeAt: Instant | null
}

/**
 * What a poll asks of the list. `scan`: by start, from `from` on; it alone moves the cursor. `fresh`: the calls that
 * ended last, of those that started at `from` or later.
 */
export type Reading = {
  kind: "scan" | "fresh"
  from: Instant
  /** Other polls read the same soon enough: this one may re-read older calls instead. */
  mayGiveWay: boolean
  /** What a page of the scan does not show is a backlog, worth every request that no other poll needs. */
  isBehind: boolean
}

/** Where a scan starts: at the watermark, or earlier while that costs nothing. */
export function windowStart(cursor: Cursor, watch: Watch): Instant {
  const { starts } = overviewOf(watch)
  const lookback = starts[Math.min(LOOKBACK_ROWS, starts.length) - 1] ?? cursor.watermark
  const earliest = Math.max(lookback, cursor.watermark - LOOKBACK_MAX_MS)
  return Math.max(cursor.since, Math.min(cursor.watermark, earliest))
}

/** Of older calls hardly any is open, and a flag on one of them may wait for the re-reading of the last day. */
const REWIND_MS = 2 * HOUR

/**
 * After an outage the scan goes on from before the watermark, by as much as the outage lasted and two hours at most, or from
 * where it would have gone on if that is earlier. Calls of that time were open or young when the outage began, and would
 * have been read again meanwhile: the score or the flag that came may be in the list by now. Where polls come so seldom
 * that each finds an outage, a scan that was sent back before just goes on, or it would never be through.
 */
export function rewound(cursor: Cursor, watch: Watch, outageMs: number): Cursor {
  if (cursor.resumeAt !== null && cursor.resumeAt < cursor.watermark) return cursor
  const from = cursor.resumeAt ?? windowStart(cursor, watch)
  const back = cursor.watermark - Math.min(outageMs, REWIND_MS)
  return { ...cursor, resumeAt: Math.max(cursor.since, Math.min(from, back)) }
}

/**
 * What a poll asks. While one page shows the whole window and every open call, two polls of three scan, and one asks for
 * the calls that ended last, among which are long ones that began before the window. Otherwise it is the other way round,
 * so that nobody waits for the scan to come round; but not with a backlog. `readings` counts the polls that have read.
 */
export function planReading(cursor: Cursor, watch: Watch, readings: number, now: Instant): Reading {
  const start = windowStart(cursor, watch)
  const isBehind = (cursor.resumeAt ?? cursor.watermark) < now - BEHIND_MS
  const { starts, open } = overviewOf(watch)
  const isLong = (starts[FITTING_ROWS] ?? Number.NEGATIVE_INFINITY) >= start
  const isOpenBefore = open.some(({ at }) => at < start && at >= now - OPEN_MAX_MS)
  const showsAll = cursor.resumeAt === null && !isLong && !isOpenBefore
  const isCatchingUp = isBehind && cursor.resumeAt !== null
  const isScan = showsAll || isCatchingUp ? readings % 3 !== 1 : readings % 3 === 0
  if (isScan) return { kind: "scan", from: cursor.resumeAt ?? start, isBehind, mayGiveWay: false }
  const from = Math.max(cursor.since, Math.min(start, now - OPEN_MAX_MS))
  return { kind: "fresh", from, isBehind, mayGiveWay: !showsAll && !isBehind && readings % 6 === 4 }
}

/** Whether a page comes as a scan asks for it, oldest first, so that what follows it does not start before its newest. */
export function isInOrder(starts: readonly Instant[]): boolean {
  let newest = Number.NEGATIVE_INFINITY
  for (const at of starts) {
    if (at <= newest - SAME_START_MS) return false
    newest = Math.max(newest, at)
  }
  return true
}

/**
 * Where a page begins that follows one from `from` on: with the last second of that one, of which it need not show all calls,
 * or with its newest call if it shows none from before that second. Null if all start at `from`.
 */
export function goesOnAt(from: Instant, starts: readonly Instant[]): Instant | null {
  let [oldest, newest] = [Number.POSITIVE_INFINITY, from]
  for (const at of starts) {
    oldest = Math.min(oldest, at)
    newest = Math.max(newest, at)
  }
  const sure = newest - SAME_START_MS + 1
  if (sure > from && sure > oldest) return sure
  return newest > from ? newest : null
}

/**
 * The cursor after a scan that has read everything up to `readTo`, or to the end of the list if that is null.
 * `watch` holds the calls as they are after the scan. Our clock, `now`, only holds the cursor back.
 */
export function advance(cursor: Cursor, watch: Watch, readTo: Instant | null, now: Instant): Cursor {
  const { starts, open } = overviewOf(watch)
  const newest = Math.max(cursor.watermark, starts.find((at) => at <= now + DATED_AHEAD_MAX_MS) ?? 0)
  let watermark = newest - LATE_MS
  for (const call of open) if (call.at > newest - WAIT_MS) watermark = Math.min(watermark, call.at)
  if (readTo !== null) watermark = Math.min(watermark, readTo)
  watermark = Math.max(cursor.watermark, watermark)
  if (readTo === null) return { since: cursor.since, watermark, resumeAt: null }
  // A scan that has come so near to the present begins anew: what it has not read is for the next round, or calls that
  // start faster than they are read would keep it from ever going back to those which are still open.
  const isNear = readTo >= now - LATE_MS && readTo <= now + DATED_AHEAD_MAX_MS
  if (isNear) return { since: cursor.since, watermark, resumeAt: null }
  // More of the last minutes may appear until the reading goes on: they are read again.
  const sureTo = Math.max(now, readTo) - LATE_MS
  // A scan that was rewound has not come to the watermark yet.
  const resumeMin = Math.min(watermark, cursor.resumeAt ?? watermark)
  return { since: cursor.since, watermark, resumeAt: Math.max(resumeMin, Math.min(readTo, sureTo)) }
}

/**
 * Decided calls that are remembered at most. There are more only while the scan is a week of calls behind, and the fresh pages
 * show others meanwhile: who was forgotten is judged once more when the scan comes by, on the record that was kept.
 */
export const DECIDED_CALLS_MAX = 8000

/** What the next poll needs not remember: decided calls that the next scan will not list, and the oldest of too many. */
export function prune(watch: Watch, start: Instant): Watch {
  const { starts, open } = overviewOf(watch)
  const areTooMany = watch.calls.size - open.length > DECIDED_CALLS_MAX
  const earliest = areTooMany ? Math.max(start, starts[DECIDED_CALLS_MAX - 1] ?? start) : start
  let gone = 0
  for (const call of watch.calls.values()) if (!call.open && call.at < earliest) gone++
  if (gone === 0) return watch
  const calls = new Map<CallKey, WatchedCall>()
  for (const call of watch.calls.values()) if (call.open || call.at >= earliest) calls.set(call.key, call)
  return { ...watch, calls }
}
