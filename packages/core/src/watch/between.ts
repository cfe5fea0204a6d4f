/** When open calls are looked at between two polls, and when it is worth a trigger of its own to do so. */
import { type Instant, SECOND } from "../instant.ts"
import type { OpenState } from "./open-state.ts"
import { type Watch, overviewOf } from "./watch.ts"
import { type LookPace, SPARING_MS, lookEveryMs } from "./interval.ts"

/** `listedAt`: when the list was last read, and `listEveryMs` how often it is; null while it cannot be had. */
export type BetweenLists = { pace: LookPace; list: { listedAt: Instant; listEveryMs: number } | null }

/**
 * When a detail of this call is due, if no list is read before; null if a list will tell as soon, or if no rule needs a detail. A list is a
 * look at every call, so the next one is due some time after it.
 */
export function lookBetweenAt(open: OpenState, { pace, list }: BetweenLists, now: Instant): Instant | null {
  if (open.endedAt !== null && !open.wantsDetail) return null
  // What comes after the score is in no list.
  if (open.isAnalysed || !list) return open.nextLookAt
  const everyMs =
    open.endedAt === null
      ? lookEveryMs("end", now - open.firstSeenAt, pace)
      : lookEveryMs("analysis", now - open.endedAt, pace)
  if (everyMs > list.listEveryMs) return null
  return Math.max(open.nextLookAt, list.listedAt + Math.min(everyMs, SPARING_MS))
}

/** Regular triggers come this often, or a little later: what is due then needs none of its own. */
const REGULAR_MS = 9 * SECOND

/** With less than an eighth of the details left that looks may use, regular triggers find enough to do. */
const THRIFT_MAX = 0.875

/**
 * When a look is due before the next regular trigger; null if none is, or if it would come after `until`, when a poll is near. What is due
 * already was left for want of details, and waits for the regular trigger.
 */
export function followUpAt(
  watch: Watch,
  between: BetweenLists,
  { now, until }: { now: Instant; until: Instant },
): Instant | null {
  if (between.pace.thrift > THRIFT_MAX) return null
  let first = Number.POSITIVE_INFINITY
  for (const { open } of overviewOf(watch).open) {
    const at = lookBetweenAt(open, between, now)
    if (at !== null && at > now) first = Math.min(first, at)
  }
  return first <= Math.min(until, now + REGULAR_MS) ? first : null
}
