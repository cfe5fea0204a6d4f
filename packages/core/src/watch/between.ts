/** When open calls are looked at between two polls, and when it is worth a trigger of its own to do so. */
import { type Instant, SECOND } from "../instant.ts"
import type { OpenState } from "./open-state.ts"
import { type OpenCall, type Watch, overviewOf } from "./watch.ts"
import type { LookAim } from "./wait.ts"
import { type LookPace, lookEveryMs, looksBetween } from "./interval.ts"

/** `listedAt`: when the list was last read; null while it cannot be had. */
export type BetweenLists = { pace: LookPace; listedAt: Instant | null }

/**
 * When a look is worth a trigger of its own, which waits for those of other calls until `until`; null if it is not. A turn that comes
 * anyway looks as well, between `from` and `to`.
 */
export type DueLook = { from: Instant; to: Instant; own: { at: Instant; until: Instant } | null }

/** Triggers come in whole seconds: what is due so soon after one is looked at with it. */
const EARLY_MS = SECOND / 2

/** Looks at several calls share a turn, if for none of them it is much too soon or too late: by a part of the time between two. */
const EARLY_PART = 1 / 2
const LATE_PART = 1 / 3

/**
 * When a detail of this call is due, if no list is read before; null if a list will tell as soon, or if no rule needs a detail. A list is a
 * look at every call, so looks are spread evenly between two of them.
 */
export function lookBetweenAt(open: OpenState, { pace, listedAt }: BetweenLists): DueLook | null {
  if (open.endedAt !== null && !open.wantsDetail) return null
  // What comes after the score is in no list.
  if (open.isAnalysed || listedAt === null) {
    const { nextLookAt: at } = open
    const own = { at, until: at + EARLY_MS }
    return { from: at - EARLY_MS, to: Number.POSITIVE_INFINITY, own }
  }
  const { listEveryMs } = pace
  // As likely as it comes half way: a look that a trigger was asked for is still due when that comes.
  const { aim, awaitedMs } = aimOf(open, listedAt + listEveryMs / 2)
  const everyMs = lookEveryMs(aim, awaitedMs, pace)
  const ownEveryMs = lookEveryMs(aim, awaitedMs, { ...pace, price: pace.turnPrice })
  const looks = looksBetween(everyMs, listEveryMs)
  if (looks === 0) return null
  const seenAt = Math.max(listedAt, open.nextLookAt - everyMs)
  const nearMs = Math.max(EARLY_MS, (listEveryMs / (looks + 1)) * EARLY_PART)
  const own = ownAt(seenAt, looksBetween(ownEveryMs, listEveryMs), { listedAt, listEveryMs })
  return { from: seenAt + nearMs, to: listedAt + listEveryMs - nearMs, own }
}

/** Looks that are worth a trigger are spread evenly between two lists. */
function ownAt(
  seenAt: Instant,
  looks: number,
  { listedAt, listEveryMs }: { listedAt: Instant; listEveryMs: number },
): DueLook["own"] {
  const stepMs = listEveryMs / (looks + 1)
  const next = Math.max(1, Math.ceil((seenAt - listedAt) / stepMs + 1 / 2))
  if (next > looks) return null
  const at = listedAt + Math.round(next * stepMs)
  return { at, until: at + stepMs * LATE_PART }
}

/** What a look may find of an open call, and for how long that has been awaited. */
export function aimOf(open: OpenState, now: Instant): { aim: LookAim; awaitedMs: number } {
  const { endedAt, scoredAt, firstSeenAt, isAnalysed } = open
  const sinceOf = (at: Instant) => Math.max(0, now - at)
  if (endedAt === null) return { aim: "end", awaitedMs: sinceOf(firstSeenAt) }
  return isAnalysed
    ? { aim: "mood", awaitedMs: sinceOf(scoredAt ?? now) }
    : { aim: "score", awaitedMs: sinceOf(endedAt) }
}

/** What looks may find of all open calls. */
export function awaitedIn(watch: Watch, now: Instant): { aim: LookAim; awaitedMs: number }[] {
  return overviewOf(watch)
    .open.filter(({ open }) => open.endedAt === null || open.wantsDetail)
    .map(({ open }) => aimOf(open, now))
}

/** Regular triggers come this often, or a little later: what is due then needs none of its own. */
export const REGULAR_MS = 19 * SECOND

/**
 * When a look is due before the next regular trigger; null if none is, or if it would come after `until`, when a poll is near. What is due
 * already was left for want of details, and waits for the next poll. `mayLook`: there would be a detail for it.
 */
export function followUpAt(
  watch: Watch,
  between: BetweenLists,
  { now, until, mayLook }: { now: Instant; until: Instant; mayLook: (call: OpenCall) => boolean },
): Instant | null {
  const last = Math.min(until, now + REGULAR_MS)
  const due = overviewOf(watch).open.flatMap((call) => {
    const own = lookBetweenAt(call.open, between)?.own
    return own && own.at > now && own.at <= last && mayLook(call) ? own : []
  })
  if (due.length === 0) return null
  const waits = Math.min(...due.map((look) => look.until))
  return Math.max(...due.filter(({ at }) => at <= waits).map(({ at }) => at))
}
