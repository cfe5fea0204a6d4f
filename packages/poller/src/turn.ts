/**
 * One turn: its number, what it may still spend, and whether it has the lease. All requests but a poll's first are
 * charged here before they are made; a poll takes the lease in the same write, a look between two polls takes none.
 * Whoever has been overtaken learns it by that write.
 */
import type { Instant } from "@earshot/core/instant"
import { type Limits, type RequestKind, type Ring, affordable, charge } from "@earshot/core/turn/budget"
import type { Control, ControlChange } from "@earshot/core/turn/control"
import { LEASE_MS, UNTIL_MS } from "@earshot/core/turn/gate"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"

export type Turn = {
  /** The state as this poll found it or has left it. */
  control: Control
  limits: Limits
  /** The requests of the last hour, those of this poll included. */
  ring: Ring
  startedAt: Instant
  hasLease: boolean
  /** Between two polls: it begins, if at all, with its first charge, and must be over when the next poll comes. */
  isBetween: boolean
}

/** A turn between two polls asks no more when the next poll is so near. */
const BETWEEN_MARGIN_MS = 3000

/** Whether it is too late in this poll to begin more of a kind. */
export function isTooLate(world: World, turn: Turn, kind: keyof typeof UNTIL_MS): boolean {
  const now = world.now()
  if (turn.isBetween && kind === "look" && now >= turn.control.nextPollAt - BETWEEN_MARGIN_MS) return true
  return now - turn.startedAt >= UNTIL_MS[kind]
}

/** Thrown and caught within a turn: another has begun, and what is left is its business. */
export class Overtaken extends Error {}

/**
 * Charges as many requests as can be afforded, at most `wanted`. A poll takes the lease with it, or keeps it. A turn
 * between two polls begins with it and takes none: whoever comes meanwhile goes before. Throws `Overtaken`.
 */
export async function chargeTurn(
  world: World,
  store: Store,
  turn: Turn,
  kind: RequestKind,
  wanted: number,
): Promise<{ turn: Turn; granted: number }> {
  const granted = Math.max(0, Math.min(wanted, affordable(turn.ring, kind, turn.limits)))
  const ring = charge(turn.ring, kind, granted)
  const now = world.now()
  if (turn.isBetween) {
    // Its number must not be counted as a poll that lists.
    const uncounted = { ...ring, fence: turn.control.fence + 1 }
    const control = await store.beginLook(turn.control, { now, change: { ring: uncounted } })
    if (!control) throw new Overtaken()
    return { turn: { ...turn, control, ring: uncounted }, granted }
  }
  const leased = await change(store, turn, { ring, leaseUntil: now + LEASE_MS })
  return { turn: { ...leased, hasLease: true }, granted }
}

/**
 * Says that something is owed, before it is: if this turn vanishes then, the next one looks for it. A turn between two polls
 * says it each time, and so learns of a poll that has begun: that one may have looked for what is owed, and found nothing yet.
 * Throws `Overtaken`.
 */
export async function markOwing(world: World, store: Store, turn: Turn): Promise<Turn> {
  const now = world.now()
  const { dueAt } = turn.control
  const isMarked = dueAt !== null && dueAt <= now
  return isMarked && !turn.isBetween ? turn : change(store, turn, { dueAt: now })
}

/** Changes the poller's state. Throws `Overtaken` if another turn has begun. */
export async function change(store: Store, turn: Turn, changes: ControlChange): Promise<Turn> {
  if (!(await store.changeControl(turn.control.fence, changes))) throw new Overtaken()
  return { ...turn, control: { ...turn.control, ...changes }, ring: changes.ring ?? turn.ring }
}
