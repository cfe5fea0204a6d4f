/** When open calls are looked at between two polls, and when it is worth a trigger of its own to do so. */
import { type Instant, SECOND } from "../instant.ts"
import type { OpenState } from "./open-state.ts"
import { type Watch, overviewOf } from "./watch.ts"
import type { LookAim } from "./wait.ts"
import { type LookPace, lookEveryMs, looksBetween } from "./interval.ts"

/** `listedAt`: when the list was last read, and `listEveryMs` how often it is; null while it cannot be had. */
export type BetweenLists = { pace: LookPace; list: { listedAt: Instant; listEveryMs: number } | null }

/** When a look is due, from when on it is made along with another, and until when it waits for one. */
export type DueLook = { at: Instant; from: Instant; until: Instant }

/** Triggers come in whole seconds: what is due so soon after one is looked at with it. */
const EARLY_MS = SECOND / 2

/** Looks at several calls share a turn, if for none of them it is much too soon or too late: by a part of the time between two. */
const EARLY_PART = 1 / 2
const LATE_PART = 1 / 3

/**
 * When a detail of this call is due, if no list is read before; null if a list will tell as soon, or if no rule needs a detail. A list is a
 * look at every call, so looks are spread evenly between two of them.
 */
export function lookBetweenAt(open: OpenState, { pace, list }: BetweenLists, now: Instant): DueLook | null {
  if (open.endedAt !== null && !open.wantsDetail) return null
  // What comes after the score is in no list.
  if (open.isAnalysed || !list) {
    const { nextLookAt: at } = open
    return { at, from: at - EARLY_MS, until: at + EARLY_MS }
  }
  const { aim, awaitedMs } = aimOf(open, now)
  const everyMs = lookEveryMs(aim, awaitedMs, pace)
  const looks = looksBetween(everyMs, list.listEveryMs)
  const stepMs = list.listEveryMs / (looks + 1)
  const next = Math.max(1, Math.ceil((open.nextLookAt - everyMs / 2 - list.listedAt) / stepMs))
  if (next > looks) return null
  const at = list.listedAt + Math.round(next * stepMs)
  return { at, from: at - Math.max(EARLY_MS, stepMs * EARLY_PART), until: at + stepMs * LATE_PART }
}

/** What a look may find of an open call, and for how long that has been awaited. */
export function aimOf(open: OpenState, now: Instant): { aim: LookAim; awaitedMs: number } {
  const { endedAt, scoredAt, firstSeenAt, isAnalysed } = open
  if (endedAt === null) return { aim: "end", awaitedMs: now - firstSeenAt }
  return isAnalysed
    ? { aim: "mood", awaitedMs: now - (scoredAt ?? now) }
    : { aim: "score", awaitedMs: now - endedAt }
}

/** What looks may find of all open calls. */
export function awaitedIn(watch: Watch, now: Instant): { aim: LookAim; awaitedMs: number }[] {
  return overviewOf(watch)
    .open.filter(({ open }) => open.endedAt === null || open.wantsDetail)
    .map(({ open }) => aimOf(open, now))
}

/** Regular triggers come this often, or a little later: what is due then needs none of its own. */
const REGULAR_MS = 19 * SECOND

/**
 * When a look is due before the next regular trigger; null if none is, or if it would come after `until`, when a poll is near. What is due
 * already was left for want of details, and waits for the next poll.
 */
export function followUpAt(
  watch: Watch,
  between: BetweenLists,
  { now, until }: { now: Instant; until: Instant },
): Instant | null {
  const last = Math.min(until, now + REGULAR_MS)
  const due = overviewOf(watch)
    .open.flatMap(({ open }) => lookBetweenAt(open, between, now) ?? [])
    .filter(({ at }) => at > now && at <= last)
  if (due.length === 0) return null
  const waits = Math.min(...due.map((look) => look.until))
  return Math.max(...due.filter(({ at }) => at <= waits).map(({ at }) => at))
}
