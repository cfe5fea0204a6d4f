/** How a poll reads the list: with a scan, or with a fresh page. */
import { OPEN_MAX_MS } from "../horizon.ts"
import { HOUR, type Instant } from "../instant.ts"
import { type Watch, overviewOf } from "../watch/watch.ts"
import { type Cursor, windowStart } from "./cursor.ts"

/** With more known calls in the window than this, new ones may no longer fit on the page. */
const FITTING_ROWS = 95

/** A scan with more to read this far behind our clock is catching up, not merely going round a long window. */
export const BEHIND_MS = 2 * HOUR

/**
 * What a poll asks of the list. `scan`: calls by start, from `from` on; only a scan moves the cursor. `fresh`: the
 * calls that ended last, among those that started at `from` or later.
 */
export type Reading = {
  kind: "scan" | "fresh"
  from: Instant
  /** Other polls read the same soon enough: this one may re-read older calls instead. */
  mayGiveWay: boolean
  /** What does not fit on a page of the scan is a backlog, worth every request that no other poll needs. */
  isBehind: boolean
}

/**
 * Decides how a poll reads. While one page shows the whole window and every open call, two polls of three scan, and one
 * asks for the calls that ended last, which include long ones that began before the window. Otherwise it is the other
 * way round, so that no call waits for the scan to come round, except when there is a backlog. `readings` counts the
 * polls that have read.
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
