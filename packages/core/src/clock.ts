/**
 * What a wrong clock may do. Clocks of different machines differ a little; a time that lies further ahead than any right clock
 * could have written was written by a wrong one, and holds nobody up.
 */
import { type Instant, MINUTE } from "./instant.ts"

/** Clocks of different machines differ by less than a minute, and a request may arrive as late as a poll may run. */
export const AHEAD_MAX_MS = 2 * MINUTE

/**
 * Whether it is time for what was put off until `at`, by `waitMaxMs` at most. If `at` is further ahead than that, a
 * wrong clock put it off, and the wait is over.
 */
export function hasCome(at: Instant, { waitMaxMs, now }: { waitMaxMs: number; now: Instant }): boolean {
  return at <= now || at > now + waitMaxMs + AHEAD_MAX_MS
}
