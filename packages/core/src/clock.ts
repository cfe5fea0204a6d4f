/**
 * What a wrong clock may do. Clocks of different machines differ a little; a time that lies further ahead than any right clock
 * could have written was written by a wrong one, and holds nobody up. Stored times are put right where state is read: the
 * poller's state by `withoutFuture`, the watch by `rightWatch`, records by `rightRecord`. Past that edge `at <= now` is enough.
 */
import { type Instant, MINUTE } from "./instant.ts"

/** Clocks of different machines differ by less than a minute, and a request may arrive as late as a poll may run. */
export const AHEAD_MAX_MS = 2 * MINUTE

/** What was put off until `at`, by `waitMaxMs` at most: until `now` if that is further ahead than anything is put off. */
export function believable(at: Instant, { waitMaxMs, now }: { waitMaxMs: number; now: Instant }): Instant {
  return at > now + waitMaxMs + AHEAD_MAX_MS ? now : at
}

/**
 * Whether it is time for what was put off until `at`, by `waitMaxMs` at most. If `at` is further ahead than that, a
 * wrong clock put it off, and the wait is over.
 */
export function hasCome(at: Instant, { waitMaxMs, now }: { waitMaxMs: number; now: Instant }): boolean {
  return believable(at, { waitMaxMs, now }) <= now
}
