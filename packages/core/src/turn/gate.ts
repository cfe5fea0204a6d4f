/** Who may start a turn and when, and how long each of its steps may start new work. */
import { AHEAD_MAX_MS } from "../clock.ts"
import { type Instant, MINUTE, SECOND } from "../instant.ts"
import type { Control } from "./control.ts"

/** How long a poll may run; Lambda's own timeout stops one that runs longer. */
export const POLL_MAX_MS = 60 * SECOND

/**
 * After this much of a poll, each step starts nothing new, so that it finishes in time and leaves time for the steps
 * after it: what was fetched has to be judged and stored, what was stored has to be sent. The rest is left to the next
 * poll.
 */
export const UNTIL_MS = {
  list: 10 * SECOND,
  judge: 13 * SECOND,
  look: 15 * SECOND,
  keep: 24 * SECOND,
  send: 36 * SECOND,
} as const

/** A turn is over by then, from the call that began it, whatever hangs: the alarm for slow polls rings at 50 s. */
export const OVER_MS = 48 * SECOND

/** What the last step that begins may take: a channel that does not answer for ten seconds, and to mark that. */
export const LAST_STEP_MS = 12 * SECOND

/** Longer than a poll may run. */
export const LEASE_MS = POLL_MAX_MS + 15 * SECOND

/** Longer than an edit of a rule may take from its announcement to its write. */
export const RULES_EDIT_MS = MINUTE

/** A lease or a gate further ahead than this was written by a wrong clock and is ignored. */
export function latestHolds({ now, gateMs }: { now: Instant; gateMs: number }): {
  leaseMax: Instant
  nextMax: Instant
} {
  return { leaseMax: now + LEASE_MS + AHEAD_MAX_MS, nextMax: now + gateMs + AHEAD_MAX_MS }
}

/** Whether a poll may start and, if not, why. The stores check the same in one conditional write. */
export function refusalOf(
  control: Control,
  { now, gateMs }: { now: Instant; gateMs: number },
): "busy" | "early" | null {
  const { leaseMax, nextMax } = latestHolds({ now, gateMs })
  if (control.leaseUntil > now && control.leaseUntil <= leaseMax) return "busy"
  return control.nextPollAt > now && control.nextPollAt <= nextMax ? "early" : null
}
