/**
 * What an outage of our own changes: nobody has read the list for a while, so the scan goes back, and open calls get the lost
 * time back.
 */
import { OLD_MAX_MS } from "../horizon.ts"
import { HOUR, type Instant, MINUTE } from "../instant.ts"
import { type Watch, overviewOf } from "../watch/watch.ts"
import { type Cursor, windowStart } from "./cursor.ts"

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

/** After less than that the re-reading of the last two and a half hours finds all that matters. */
const OUTAGE_MS = 30 * MINUTE

/** So many gates without a reading are an outage at the earliest: polls may be an hour apart, as they are without a gate. */
const OUTAGE_GATES = 3

/** For how many milliseconds nobody has read the list, or up to ten minutes more; 0: no outage, or it was never read. */
export function outageBefore(
  { readAt }: { readAt: Instant },
  { now, gateMs }: { now: Instant; gateMs: number },
): number {
  const least = Math.max(OUTAGE_MS, OUTAGE_GATES * (gateMs || HOUR))
  return readAt > 0 && now - readAt >= least ? now - readAt : 0
}

/**
 * The watch in which the last `outageMs` do not count against what is open: nobody could look. But no call is held open by
 * outages for more than a week.
 */
export function afterOutage(watch: Watch, outageMs: number, now: Instant): Watch {
  const { open } = overviewOf(watch)
  if (outageMs === 0 || open.length === 0) return watch
  const calls = new Map(watch.calls)
  for (const call of open) {
    const { firstSeenAt } = call.open
    const latest = Math.min(firstSeenAt + outageMs, now, call.startedAt + OLD_MAX_MS)
    calls.set(call.key, { ...call, open: { ...call.open, firstSeenAt: Math.max(firstSeenAt, latest) } })
  }
  return { ...watch, calls }
}
