/**
 * What an outage of our own changes: nobody has read the list for a while, so the scan goes back, and open calls get
 * the lost time back.
 */
import { OLD_MAX_MS, OPEN_MAX_MS } from "../horizon.ts"
import { HOUR, type Instant, MINUTE } from "../instant.ts"
import { type Watch, overviewOf } from "../watch/watch.ts"
import { type Cursor, windowStart } from "./cursor.ts"

/** Hardly any older call is open, and a flag on one of them may wait until the last day is re-read. */
const REWIND_MS = 2 * HOUR

/**
 * After an outage the scan restarts before the watermark, as far back as the outage lasted and at most two hours, or
 * where it would have continued if that is earlier. Calls of that time were open or young when the outage began, and
 * polls would have read them again: the score or flag that came may be in the list by now. If polls are so rare that
 * each finds an outage, a scan that was already sent back just continues, or it would never finish.
 */
export function rewound(cursor: Cursor, watch: Watch, outageMs: number): Cursor {
  if (cursor.resumeAt !== null && cursor.resumeAt < cursor.watermark) return cursor
  const from = cursor.resumeAt ?? windowStart(cursor, watch)
  const back = cursor.watermark - Math.min(outageMs, REWIND_MS)
  return { ...cursor, resumeAt: Math.max(cursor.since, Math.min(from, back)) }
}

/**
 * Without the watch nobody knows which calls are open, nor which were judged. No call is open for longer than six hours, but for
 * outages, and hardly any starts more than two hours before it is first listed.
 */
const REBUILD_MS = OPEN_MAX_MS + REWIND_MS

/** Where reading starts over if the watch was lost: the calls of that time are judged again, on their records. */
export function withoutWatch({ since, watermark, resumeAt }: Cursor): Cursor {
  const from = Math.max(since, watermark - REBUILD_MS)
  return { since, watermark: from, resumeAt: resumeAt !== null && resumeAt < from ? resumeAt : null }
}

/** After a shorter outage, re-reading the last two and a half hours finds everything that matters. */
const OUTAGE_MS = 30 * MINUTE

/** At least this many gates without reading the list make an outage: polls may be an hour apart, or have no gate. */
const OUTAGE_GATES = 3

/**
 * For how many milliseconds nobody has read the list, or up to ten minutes more. 0: no outage, or the list was never
 * read.
 */
export function outageBefore(
  { readAt }: { readAt: Instant },
  { now, gateMs }: { now: Instant; gateMs: number },
): number {
  const least = Math.max(OUTAGE_MS, OUTAGE_GATES * (gateMs || HOUR))
  return readAt > 0 && now - readAt >= least ? now - readAt : 0
}

/**
 * The watch with the last `outageMs` not counted against open calls: nobody could look. But outages hold no call open
 * for more than a week.
 */
export function afterOutage(watch: Watch, outageMs: number, now: Instant): Watch {
  const { open } = overviewOf(watch)
  if (outageMs === 0 || open.length === 0) return watch
  const calls = new Map(watch.calls)
  for (const call of open) {
    const { firstSeenAt: before, heldMs } = call.open
    const latest = Math.min(before + outageMs, now, call.startedAt + OLD_MAX_MS)
    const firstSeenAt = Math.round(Math.max(before, latest))
    const held = call.open.endedAt === null ? heldMs + firstSeenAt - before : 0
    calls.set(call.key, { ...call, open: { ...call.open, firstSeenAt, heldMs: held } })
  }
  return { ...watch, calls }
}
