/** What is still awaited of a call after it was judged, and when its next look is due. */
import { type Facts, endOf, isAnalysed } from "../call/facts.ts"
import { WAIT_MS } from "../horizon.ts"
import { type Instant, MINUTE } from "../instant.ts"
import type { Judgement } from "../rule/judgement.ts"
import type { OpenState } from "../watch/open-state.ts"
import { LOOK_EVERY_MAX_MS, type LookPace, lookEveryMs, looksBetween } from "../watch/interval.ts"

/**
 * Without a score long after the end: when it comes, the list shows it, and only what comes without it is waited for, unless there are
 * details to see it sooner.
 */
const UNSCORED_MIN_MS = 2 * MINUTE

const WAIT_FACTOR = 1.6

/**
 * How long to wait after a detail has left a call undecided. In progress it may end at any moment, and then its analysis
 * may come at any moment. If it has lasted for so long that the list may never show its end, there is no hurry. What
 * is still missing once there is a score gets less likely with each look.
 */
function waitMs(
  {
    hasEnded,
    isAnalysed,
    hasScore,
    looks,
  }: { hasEnded: boolean; isAnalysed: boolean; hasScore: boolean; looks: number },
  { ageMs, endedMs, scoredMs }: { ageMs: number; endedMs: number; scoredMs: number },
  pace: LookPace,
): number {
  if (!hasEnded) return ageMs < WAIT_MS ? lookEveryMs("end", ageMs, pace) : LOOK_EVERY_MAX_MS
  if (!isAnalysed) return lookEveryMs("score", endedMs, pace)
  if (hasScore) return lookEveryMs("mood", scoredMs, pace)
  const everyMs = lookEveryMs("score", endedMs, pace)
  if (looksBetween(everyMs, pace.listEveryMs) > 0) return everyMs
  return Math.min(LOOK_EVERY_MAX_MS, Math.round(UNSCORED_MIN_MS * WAIT_FACTOR ** (Math.min(looks, 20) - 1)))
}

/** `pace`: how closely calls are followed now. */
type Looked = {
  hasChanged: boolean
  wasLookedAt: boolean
  isKept: boolean
  isAlerted: boolean
  pace: LookPace
}

/** What is still awaited of a call after a judgement; null if nothing is. */
export function openStateAfter(
  known: OpenState | null,
  facts: Facts,
  judgement: Judgement,
  { hasChanged, wasLookedAt, isKept, isAlerted, pace }: Looked,
  now: Instant,
): OpenState | null {
  if (!judgement.isOpen) return null
  // What comes after the score comes within seconds, however long the score took.
  const isScored = facts.call.score !== null && known?.isAnalysed === false
  const looks = (hasChanged || !known || isScored ? 0 : known.looks) + (wasLookedAt ? 1 : 0)
  const endedAt = endOf(facts)
  const hasScore = facts.call.score !== null
  const scoredAt = endedAt === null || !hasScore || !judgement.wantsDetail ? null : (known?.scoredAt ?? now)
  const waits = waitMs(
    {
      hasEnded: endedAt !== null,
      isAnalysed: isAnalysed(facts, now),
      hasScore: facts.call.score !== null,
      looks,
    },
    {
      ageMs: now - facts.firstSeenAt,
      endedMs: now - (endedAt ?? now),
      scoredMs: Math.max(0, now - (scoredAt ?? now)),
    },
    pace,
  )
  const isNew = hasChanged || !known
  // The list has just shown that it goes on.
  const firstLookAt = endedAt === null ? now + waits : now
  return {
    id: facts.call.id,
    firstSeenAt: facts.firstSeenAt,
    heldMs: endedAt === null ? (known?.heldMs ?? 0) : 0,
    endedAt,
    wantsDetail: judgement.wantsDetail,
    isAnalysed: endedAt !== null && hasScore,
    scoredAt,
    looks,
    nextLookAt: wasLookedAt ? now + waits : isNew ? firstLookAt : known.nextLookAt,
    settlesAt: judgement.settlesAt,
    isKept,
    isAlerted,
  }
}
