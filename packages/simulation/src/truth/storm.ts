/** A storm: hundreds or thousands of calls that are flagged, and that the vendor shows, at one instant. A few of them are critical. */
import { type Instant, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import type { SimulatedCall } from "./call.ts"

export type Storm = { at: Instant; calls: number }

const NEVER = Number.POSITIVE_INFINITY

/** One call in so many has the score that a rule of the storm finds critical. */
const CRITICAL_EVERY = 40

/** What is for a storm only: its rule, and the score that it asks for. */
export const WORST_SCORE = 0

/** They begin within one minute and are over before anybody can see them. `make`: a call that begins then, as any other. */
export function stormCalls(
  { at, calls }: Storm,
  make: (startedAt: Instant) => SimulatedCall,
): SimulatedCall[] {
  return Array.from({ length: calls }, (_, index): SimulatedCall => {
    const startedAt = at - 3 * MINUTE + Math.round((index / calls) * MINUTE)
    const call = make(startedAt)
    const seconds = 9 + (index % 50)
    const endedAt = startedAt + seconds * SECOND
    return {
      ...call,
      seconds,
      endedAt,
      texts: { ...call.texts, endedAt: isoOf(endedAt) },
      visibleAt: at,
      flaggedAt: at,
      summaryAt: at,
      scoreAt: at,
      score: index % CRITICAL_EVERY === 0 ? WORST_SCORE : 4,
      angry: 0,
      transferredAt: NEVER,
      revisedAt: NEVER,
      deletedAt: NEVER,
    }
  })
}

export function isOfStorm({ visibleAt, flaggedAt }: SimulatedCall, { at }: Storm): boolean {
  return visibleAt === at && flaggedAt === at
}
