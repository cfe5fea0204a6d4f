/**
 * Re-reading what the polls do not read any more, with list requests that no poll needs: a person may flag a call hours or
 * days after it was decided. The last two hours every half an hour, the last seven days as fast as requests are left
 * over. What is found is only read, never remembered: a call whose row differs from its record is judged again.
 */
import * as z from "zod"
import { HOUR, type Instant, MINUTE } from "./instant.ts"
import { LOOKBACK_MAX_MS } from "./scan.ts"

/** How often and how far back each pass goes, and how many spare requests it leaves for other things. */
export const PASSES = {
  recent: { everyMs: 30 * MINUTE, backMs: 2 * HOUR, reserve: 0 },
  week: { everyMs: HOUR, backMs: LOOKBACK_MAX_MS, reserve: 3 },
} as const

/** When the newest pass over a stretch of time began, and where it goes on; null: it is over. */
const PassState = z.object({ startedAt: z.number(), from: z.number().nullable() })

export const Review = z.object({ recent: PassState, week: PassState })
export type Review = z.infer<typeof Review>

const NEVER = { startedAt: 0, from: null }
export const NO_REVIEW: Review = { recent: NEVER, week: NEVER }

/** A pass that goes on from `from`, which began at `startedAt`. */
export type Pass = { kind: keyof Review; startedAt: Instant; from: Instant }

/**
 * The pass that goes on now; null if none is worth a request. `until` is where the polls' own reading begins, `spare` the
 * requests that no poll needs.
 */
export function planReview(
  review: Review,
  { since, until, spare }: { since: Instant; until: Instant; spare: number },
  now: Instant,
): Pass | null {
  for (const kind of ["recent", "week"] as const) {
    const { everyMs, backMs, reserve } = PASSES[kind]
    const { startedAt, from } = review[kind]
    const isDue = from === null && now - startedAt >= everyMs
    const pass: Pass | null = isDue
      ? { kind, startedAt: now, from: Math.max(since, now - backMs) }
      : from !== null
        ? { kind, startedAt, from }
        : null
    if (pass && pass.from < until && spare > reserve) return pass
  }
  return null
}

/** The review after a page of the pass that reached `readTo`; null: to the end of the list. */
export function advanceReview(review: Review, pass: Pass, readTo: Instant | null, until: Instant): Review {
  const from = readTo === null || readTo >= until ? null : readTo
  return { ...review, [pass.kind]: { startedAt: pass.startedAt, from } }
}
