/**
 * Which open calls deserve a detail request now. Details are the scarce resource: 500 an hour. First the calls
 * whose analysis is likely to be there, because one request decides them; then calls that the list no longer shows,
 * because nothing else tells of them; then, only while there is plenty, another look at what one has left undecided,
 * and calls that have just ended or changed.
 */
import { endOf, type Facts, isAnalysed } from "./facts.ts"
import { type Instant, MINUTE, SECOND } from "./instant.ts"
import type { Judgement } from "./judgement.ts"
import type { OpenState, WatchedCall } from "./watch.ts"

export type Urgency = "decides" | "unlisted" | "again" | "early"

/** How much of the hour's details may be spent before calls of this urgency have to wait. */
const CEILING: Record<Urgency, number> = { decides: 1, unlisted: 0.95, again: 0.85, early: 0.7 }
const ORDER: readonly Urgency[] = ["decides", "unlisted", "again", "early"]

/** So many in a poll at most: the poll has other work, and the vendor's minute holds a hundred requests. */
export const LOOKS_MAX = 60

export type DetailBudget = {
  /** Requests that may be made now. */
  affordable: number
  usedInHour: number
  perHour: number
}

export type LookRequest = { id: string; urgency: Urgency; end: Instant }

/**
 * Whether a detail of this call is worth a request now, and how urgently; null if it is not.
 * `isListed`: the list shows the call, so that its end is noticed there for nothing. `isTold`: it is about to be
 * told, and no detail was fetched yet, without which the message would say less. `isFresh`: the list has only now
 * shown a change; the sentiment comes some seconds after the score, and a request in between would be wasted.
 */
export function lookAt(
  call: WatchedCall,
  { isListed, isTold, isFresh }: { isListed: boolean; isTold: boolean; isFresh: boolean },
  now: Instant,
): LookRequest | null {
  const { id, open } = call
  const end = open?.endedAt ?? call.at
  if (isTold) return { id, end, urgency: "decides" }
  if (!open || open.nextLookAt > now) return null
  if (open.endedAt !== null && open.wantsDetail) {
    if (!open.isAnalysed || isFresh) return { id, end, urgency: "early" }
    return { id, end, urgency: open.looks > 0 ? "again" : "decides" }
  }
  return isListed ? null : { id, end, urgency: "unlisted" }
}

/** The calls to look at, most urgent first, newest end first among equals. The others have to wait. */
export function planLooks(requests: readonly LookRequest[], budget: DetailBudget): string[] {
  const planned: string[] = []
  for (const urgency of ORDER) {
    const allowance = Math.floor(budget.perHour * CEILING[urgency]) - budget.usedInHour
    const room = Math.min(allowance, budget.affordable, LOOKS_MAX) - planned.length
    const newestFirst = requests
      .filter((request) => request.urgency === urgency)
      .sort((a, b) => b.end - a.end)
    planned.push(...newestFirst.slice(0, Math.max(0, room)).map(({ id }) => id))
  }
  return planned
}

const WAIT_MIN_MS = 30 * SECOND
const WAIT_MAX_MS = 8 * MINUTE

/** When to look again at a call that a detail has just left undecided. */
function nextLookAt(looks: number, now: Instant): Instant {
  return now + Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** Math.min(looks, 10))
}

/** What is still awaited of a call after a judgement; null if nothing is. */
export function openStateAfter(
  known: OpenState | null,
  facts: Facts,
  judgement: Judgement,
  { hasChanged, wasLookedAt, isKept }: { hasChanged: boolean; wasLookedAt: boolean; isKept: boolean },
  now: Instant,
): OpenState | null {
  if (!judgement.isOpen) return null
  const looks = (hasChanged || !known ? 0 : known.looks) + (wasLookedAt ? 1 : 0)
  return {
    firstSeenAt: facts.firstSeenAt,
    endedAt: endOf(facts.call),
    wantsDetail: judgement.wantsDetail,
    isAnalysed: isAnalysed(facts.call, now),
    looks,
    nextLookAt: wasLookedAt ? nextLookAt(looks, now) : hasChanged || !known ? now : known.nextLookAt,
    settlesAt: judgement.settlesAt,
    isKept,
  }
}
