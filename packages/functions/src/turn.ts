/**
 * One poll's turn: its number, what it may still spend, and whether it has the lease. Requests beyond the first
 * are charged here before they are made, in the write that takes the lease; whoever has been overtaken by another
 * poll learns it by that write.
 */
import { affordable, charge, type Limits, type RequestKind, type Ring } from "@earshot/core/budget"
import { type Control, type ControlChange, LEASE_MS, UNTIL_MS } from "@earshot/core/control"
import type { Instant } from "@earshot/core/instant"
import type { Store } from "@earshot/io/store"
import type { World } from "@earshot/io/world"

export type Turn = {
  /** The state as this poll found it. */
  control: Control
  limits: Limits
  ring: Ring
  startedAt: Instant
}

/** Whether it is too late in this poll to begin more of a kind. */
export function isTooLate(world: World, turn: Turn, kind: keyof typeof UNTIL_MS): boolean {
  return world.now() - turn.startedAt >= UNTIL_MS[kind]
}

/** Thrown and caught within a poll: another poll has started, and what is left is its business. */
export class Overtaken extends Error {}

/**
 * Takes the lease, or keeps it, and charges as many requests as can be afforded, at most `wanted`. From here on
 * something may be owed, and a poll that finds this one vanished has to look.
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
  await change(store, turn, { ring, leaseUntil: now + LEASE_MS, dueAt: turn.control.dueAt ?? now })
  return { turn: { ...turn, ring }, granted }
}

/** Changes the poller's state. Throws `Overtaken` if another poll has started. */
export async function change(store: Store, turn: Turn, changes: ControlChange): Promise<void> {
  if (!(await store.changeControl(turn.control.fence, changes))) throw new Overtaken()
}
