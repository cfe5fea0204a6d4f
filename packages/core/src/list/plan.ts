/** Which reading of the list a poll makes: a scan, or a fresh page. */
import { OPEN_MAX_MS } from "../horizon.ts"
import { HOUR, type Instant } from "../instant.ts"
import { type Watch, overviewOf } from "../watch/watch.ts"
import { type Cursor, windowStart } from "./cursor.ts"

/** With more known calls in the window than this, its new ones may not fit into the page any more. */
const FITTING_ROWS = 95

/** A scan that has more to read so far behind our clock is catching up, and not merely going round a long window. */
export const BEHIND_MS = 2 * HOUR

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
  const isOpenBefore = open.some(({ startedAt: at }) => at < start && at >= now - OPEN_MAX_MS)
  const showsAll = cursor.resumeAt === null && !isLong && !isOpenBefore
  const isCatchingUp = isBehind && cursor.resumeAt !== null
  const isScan = showsAll || isCatchingUp ? readings % 3 !== 1 : readings % 3 === 0
  if (isScan) return { kind: "scan", from: cursor.resumeAt ?? start, isBehind, mayGiveWay: false }
  const from = Math.max(cursor.since, Math.min(start, now - OPEN_MAX_MS))
  return { kind: "fresh", from, isBehind, mayGiveWay: !showsAll && !isBehind && readings % 6 === 4 }
}
