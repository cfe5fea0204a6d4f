/** Who may start a turn and when, and how long each step of one may begin new work. */
import { AHEAD_MAX_MS } from "../clock.ts"
import { type Instant, MINUTE, SECOND } from "../instant.ts"
import type { Control } from "./control.ts"

/** How long a poll may run; a Lambda that runs longer is stopped by its own timeout. */
export const POLL_MAX_MS = 60 * SECOND

/**
 * After this much of a poll nothing more of each kind is begun, so that what was begun ends in time, and no step
 * takes the time of the one after it: what was fetched has to be judged and kept, what was kept has to be sent.
 * The rest is the next poll's.
 */
export const UNTIL_MS = {
  list: 12 * SECOND,
  look: 22 * SECOND,
  keep: 32 * SECOND,
  send: 45 * SECOND,
} as const

/** Longer than a poll may run. */
export const LEASE_MS = POLL_MAX_MS + 15 * SECOND

/** Longer than an edit of a rule may take from its announcement to its write. */
export const RULES_EDIT_MS = MINUTE

/** A lease or a gate that lies further ahead than this was written by a clock that is wrong, and holds nobody up. */
export function latestHolds({ now, gateMs }: { now: Instant; gateMs: number }): {
  leaseMax: Instant
  nextMax: Instant
} {
  return { leaseMax: now + LEASE_MS + AHEAD_MAX_MS, nextMax: now + gateMs + AHEAD_MAX_MS }
}

/** Whether a poll may start, and if not, why. The stores ask the same in one conditional write. */
export function refusalOf(
  control: Control,
  { now, gateMs }: { now: Instant; gateMs: number },
): "busy" | "early" | null {
  const { leaseMax, nextMax } = latestHolds({ now, gateMs })
  if (control.leaseUntil > now && control.leaseUntil <= leaseMax) return "busy"
  return control.nextPollAt > now && control.nextPollAt <= nextMax ? "early" : null
}
