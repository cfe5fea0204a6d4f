/** What is still awaited of a call after it was judged, and when its next look is due. */
import { type Facts, endOf, isAnalysed } from "../call/facts.ts"
import { WAIT_MS } from "../horizon.ts"
import { type Instant, MINUTE, SECOND } from "../instant.ts"
import type { Judgement } from "../rule/judgement.ts"
import type { OpenState } from "../watch/open-state.ts"

/** Triggers come every ten seconds, some of them a little early: at first each of them looks. */
const PROBE_MS = 8 * SECOND

/**
 * What has not come for long is not likely to come in the next moment: the chance of it falls about with the time it has been awaited,
 * and looks that are apart by the root of that time find the most for the details they cost. Until then each trigger looks.
 */
const EVEN_MS = 90 * SECOND

const WAIT_MIN_MS = 8 * SECOND

/** Without a score long after the end: when it comes, the list shows it, and only what comes without it is waited for. */
const UNSCORED_MIN_MS = 2 * MINUTE

const WAIT_FACTOR = 1.6

const WAIT_MAX_MS = 8 * MINUTE

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
  { ageMs, endedMs }: { ageMs: number; endedMs: number },
): number {
  if (!hasEnded) return ageMs < WAIT_MS ? probeMs(ageMs) : WAIT_MAX_MS
  if (!isAnalysed) return probeMs(endedMs)
  const least = hasScore ? WAIT_MIN_MS : UNSCORED_MIN_MS
  return Math.min(WAIT_MAX_MS, Math.round(least * WAIT_FACTOR ** (Math.min(looks, 20) - 1)))
}

/** How long after a look the next one is due, at something that has been awaited for so long. */
export function probeMs(awaitedMs: number): number {
  return Math.round(PROBE_MS * Math.sqrt(Math.max(1, awaitedMs / EVEN_MS)))
}

/** What is still awaited of a call after a judgement; null if nothing is. */
export function openStateAfter(
  known: OpenState | null,
  facts: Facts,
  judgement: Judgement,
  {
    hasChanged,
    wasLookedAt,
    isKept,
    isAlerted,
  }: { hasChanged: boolean; wasLookedAt: boolean; isKept: boolean; isAlerted: boolean },
  now: Instant,
): OpenState | null {
  if (!judgement.isOpen) return null
  const looks = (hasChanged || !known ? 0 : known.looks) + (wasLookedAt ? 1 : 0)
  const endedAt = endOf(facts)
  const waits = waitMs(
    {
      hasEnded: endedAt !== null,
      isAnalysed: isAnalysed(facts, now),
      hasScore: facts.call.score !== null,
      looks,
    },
    { ageMs: now - facts.firstSeenAt, endedMs: now - (endedAt ?? now) },
  )
  return {
    id: facts.call.id,
    firstSeenAt: facts.firstSeenAt,
    heldMs: endedAt === null ? (known?.heldMs ?? 0) : 0,
    endedAt,
    wantsDetail: judgement.wantsDetail,
    isAnalysed: endedAt !== null && facts.call.score !== null,
    looks,
    nextLookAt: wasLookedAt ? now + waits : hasChanged || !known ? now : known.nextLookAt,
    settlesAt: judgement.settlesAt,
    isKept,
    isAlerted,
  }
}
