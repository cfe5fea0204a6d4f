/**
 * Re-reads what polls no longer read, with list requests that no poll needs: a person may flag a call hours or days
 * after it was decided. The last two hours every half hour or sooner, the last day and the last seven days as fast as
 * spare requests allow. Nothing found is remembered: a call whose row differs from its record is judged again.
 */
import * as z from "zod"
import { LOOKBACK_MAX_MS } from "../horizon.ts"
import { DAY, HOUR, type Instant, MINUTE } from "../instant.ts"

/**
 * How far back each pass goes, how often it should begin, and how soon it may begin again if there are requests for it.
 * The shortest reaches half an hour beyond its two hours, so that no call gets too old between two passes.
 */
export const PASSES = {
  recent: { backMs: 2.5 * HOUR, everyMs: 15 * MINUTE, soonestMs: 10 * MINUTE },
  day: { backMs: DAY, everyMs: 2 * HOUR, soonestMs: 30 * MINUTE },
  week: { backMs: LOOKBACK_MAX_MS, everyMs: 12 * HOUR, soonestMs: HOUR },
} as const

/** If the pass over the last two hours is this late, it takes precedence and uses the reserve too. */
export const RECENT_LATE_MS = 30 * MINUTE

/** Spare requests reserved for a scan that has fallen behind. */
const RESERVE = 3

/** When the newest pass over a stretch of time began, and where it continues; null: it is over. */
const PassState = z.object({ startedAt: z.number(), from: z.number().nullable() })

export const Review = z.object({ recent: PassState, day: PassState, week: PassState })

export type Review = z.infer<typeof Review>

const NEVER = { startedAt: 0, from: null }

export const NO_REVIEW: Review = { recent: NEVER, day: NEVER, week: NEVER }

/** A pass that began at `startedAt` and continues at `from`. */
export type Pass = { kind: keyof Review; startedAt: Instant; from: Instant }

/** A pass this many times later than it should be is worth a poll's own request now and then. */
const OVERDUE = 2

/**
 * The pass to continue now; null if none is worth a request. `until` is where the polls' own reading begins. `spare` is
 * the number of requests that no poll needs; null: the poll's own request is on offer, which only an overdue pass
 * takes. Picks the most overdue pass, relative to how often it should begin.
 */
export function planReview(
  review: Review,
  { since, until, spare }: { since: Instant; until: Instant; spare: number | null },
  now: Instant,
): Pass | null {
  const left = spare ?? Number.POSITIVE_INFINITY
  let latest: Pass | null = null
  let latestBy = spare === null ? OVERDUE : 0
  for (const kind of ["recent", "day", "week"] as const) {
    const { everyMs, backMs, soonestMs } = PASSES[kind]
    const { startedAt, from } = review[kind]
    const waitedMs = now - startedAt
    if (from === null && waitedMs < soonestMs) continue
    const earliest = Math.max(since, now - backMs)
    const pass: Pass =
      from === null
        ? { kind, startedAt: now, from: earliest }
        : { kind, startedAt, from: Math.max(earliest, from) }
    const isLate = kind === "recent" && waitedMs >= RECENT_LATE_MS
    const lateBy = isLate ? Number.POSITIVE_INFINITY : waitedMs / everyMs
    if (pass.from >= until || lateBy <= latestBy || left <= (isLate ? 0 : RESERVE)) continue
    latest = pass
    latestBy = lateBy
  }
  return latest
}

/** The review after a page of the pass that reached `readTo`; null: to the end of the list. */
export function advanceReview(review: Review, pass: Pass, readTo: Instant | null, until: Instant): Review {
  const from = readTo === null || readTo >= until ? null : readTo
  return { ...review, [pass.kind]: { startedAt: pass.startedAt, from } }
}
