/**
 * How often somebody without a right token may try: a few times a minute from one source, and fewest when very many try.
 *
 * In memory, and of this process alone: a failure costs no write, and somebody who fails a million times fills nothing. Who
 * is known by a token that was right before is let in whatever others at the same source do, which `gate.ts` sees to.
 */
import { type Instant, MINUTE } from "@earshot/core/instant"

/** A person who mistypes a token does not do it more often. */
export const TRIES_PER_MINUTE = 10

/** Beyond that many failures in all, a source that nobody heard of still has one try. */
export const FAILURES_PER_MINUTE = 100

/** Those that failed longest ago are forgotten first. */
const SOURCES_MAX = 1000

type Count = { since: Instant; tries: number }

export type AttemptLimit = {
  /** Counts a try of this source. How many milliseconds to wait, and nothing is counted; 0: go ahead. */
  begin: (source: string, now: Instant) => number
  /** The token was right: the try does not count. */
  succeed: (source: string) => void
}

export function createAttemptLimit(): AttemptLimit {
  const sources = new Map<string, Count>()
  let all: Count = { since: 0, tries: 0 }
  const fresh = (count: Count | undefined, now: Instant): Count =>
    count && now - count.since < MINUTE && now >= count.since ? count : { since: now, tries: 0 }
  return {
    begin: (source, now) => {
      all = fresh(all, now)
      const known = fresh(sources.get(source), now)
      const max = all.tries < FAILURES_PER_MINUTE ? TRIES_PER_MINUTE : 1
      if (known.tries >= max) return known.since + MINUTE - now
      all = { ...all, tries: all.tries + 1 }
      // Put last, so that the first is the one to be forgotten.
      sources.delete(source)
      sources.set(source, { ...known, tries: known.tries + 1 })
      const [oldest] = sources.keys()
      if (sources.size > SOURCES_MAX && oldest !== undefined) sources.delete(oldest)
      return 0
    },
    succeed: (source) => {
      all = { ...all, tries: Math.max(0, all.tries - 1) }
      const known = sources.get(source)
      if (!known) return
      if (known.tries <= 1) sources.delete(source)
      else sources.set(source, { ...known, tries: known.tries - 1 })
    },
  }
}
