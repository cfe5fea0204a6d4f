/** How closely open calls are followed until the next poll. */
import { type BetweenLists, awaitedIn } from "@earshot/core/watch/between"
import { type LookPace, priceOf, turnPriceOf } from "@earshot/core/watch/interval"
import { type Watch, callsInHour } from "@earshot/core/watch/watch"
import { type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import { detailsForLooks, looksUntilList } from "@earshot/core/turn/budget"
import type { Memory } from "./memory/memory.ts"
import type { NudgeMemory } from "./memory/nudge-memory.ts"
import type { Turn } from "./turn.ts"

type Spent = Pick<Turn, "ring" | "limits">

export type PaceMemory = Pick<Memory, "turn" | "nudge">

/** As it was when the last poll ended: what a trigger was asked for is then looked at, even if nobody would ask for it any more. */
export function paceOfLooks(
  { turn: memory, nudge }: PaceMemory,
  spent: Spent,
  watch: Watch,
  now: Instant,
): LookPace {
  memory.pace ??= { ...paceFrom(spent, watch, nudge, now), at: null }
  return memory.pace
}

/**
 * Calls come in clusters. Looks that are dear for one and cheap after it find less than as many that are alike, so that of each price this
 * share stays in the next, by their logarithms.
 */
const KEPT_SHARE = 0.7

/** Of an older one nothing does. */
const KEPT_MS = MINUTE

/** At the end of a poll: how closely calls are followed until the next one. */
export function renewPace(
  { turn: memory, nudge }: PaceMemory,
  spent: Spent,
  watch: Watch,
  now: Instant,
): void {
  const { pace: before } = memory
  const next = paceFrom(spent, watch, nudge, now)
  // What was reckoned before the first list knew of no calls.
  const at = before?.at ?? null
  const isRecent = before !== null && at !== null && Math.abs(now - at) < KEPT_MS
  const kept = isRecent ? (before.price / next.price) ** KEPT_SHARE : 1
  memory.pace = { ...next, price: next.price * kept, turnPrice: next.turnPrice * kept, at: now }
}

/** As details, calls and nudges come now. */
function paceFrom({ ring, limits }: Spent, watch: Watch, { toldShare }: NudgeMemory, now: Instant): LookPace {
  const { waits } = watch
  const calls = Math.max(1, callsInHour(watch))
  const listEveryMs = limits.gateMs + SECOND
  const price = priceOf({
    details: detailsForLooks(ring, limits, calls),
    calls,
    untilList: looksUntilList(ring),
    awaited: awaitedIn(watch, now),
    toldShare,
    waits,
    listEveryMs,
  })
  return { price, turnPrice: turnPriceOf(price, calls), toldShare, waits, listEveryMs }
}

/** What lists say between now and the next poll; a list that cannot be had says nothing. */
export function betweenLists(
  turn: Spent & Pick<Turn, "control" | "startedAt">,
  watch: Watch,
  memory: PaceMemory,
): BetweenLists {
  const { control, limits, startedAt } = turn
  const isListed = control.failure === null && control.listBlockedUntil <= startedAt
  return {
    pace: paceOfLooks(memory, turn, watch, startedAt),
    listedAt: isListed ? control.nextPollAt - limits.gateMs : null,
  }
}
