/**
 * One turn: its number, what it may still spend, and what it may still begin. A poll reads the list; a look, between two
 * polls, only fetches details of open calls. All requests but a poll's first are charged here before they are made. A turn
 * that was overtaken finds out when one of these writes fails.
 */
import { type Instant, SECOND } from "@earshot/core/instant"
import { type Limits, type RequestKind, type Ring, affordable, charge } from "@earshot/core/turn/budget"
import type { Control, ControlChange } from "@earshot/core/turn/control"
import { withNudge } from "@earshot/core/turn/nudge"
import { pollsBeside } from "@earshot/core/turn/past-poll"
import { LAST_STEP_MS, LEASE_MS, UNTIL_MS } from "@earshot/core/turn/gate"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"

/**
 * - `poll`: it was let in by the gate, and takes the lease with its first charge.
 * - `look`: it begins, if at all, with its first charge, takes no lease, and must be over when the next poll comes.
 */
export type Turn = {
  kind: "poll" | "look"
  /** The state as this turn found it or has left it. */
  control: Control
  limits: Limits
  /** The requests of the last hour, those of this turn included. */
  ring: Ring
  startedAt: Instant
  /** The turn ends then at the latest. */
  overAt: Instant
  /** Of a look that nudges have asked for: its requests count as theirs. `begun`: they have made some. */
  nudge: "none" | "asks" | "begun"
}

/**
 * How long after the gate has opened a poll begins, be it for a nudge or for a trigger that was asked for. Ticks come a second later than
 * a gate, which is what is counted with when lists are spared: so polls come no more often than by ticks alone.
 */
export const AFTER_GATE_MS = SECOND

/** How early a trigger may come and still wait for its turn. */
export const EARLY_MAX_MS = 2500

/** A look asks for no more details when the next poll is this near. */
export const LOOK_MARGIN_MS = 2500

/** The same for one that nudges ask for, which is usually a single detail: ticks come a second after the gate has opened. */
export const NUDGE_MARGIN_MS = 700

/** Whether there is still time in this turn to begin more of a step. */
export function mayBegin(world: World, turn: Turn, step: keyof typeof UNTIL_MS): boolean {
  const now = world.now()
  const marginMs = turn.nudge === "none" ? LOOK_MARGIN_MS : NUDGE_MARGIN_MS
  const isPollNear = turn.kind === "look" && now >= turn.control.nextPollAt - marginMs
  return (
    now - turn.startedAt < UNTIL_MS[step] &&
    now < turn.overAt - LAST_STEP_MS &&
    !(step === "look" && isPollNear)
  )
}

/** Thrown and caught within a turn: another one has begun, and what is left to do is that one's. */
export class Overtaken extends Error {}

/**
 * Charges as many requests as can be afforded, at most `wanted`. A poll takes the lease with it, or keeps it. Throws
 * `Overtaken`.
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
  switch (turn.kind) {
    case "poll":
      return { turn: await change(store, turn, { ring, leaseUntil: now + LEASE_MS }), granted }
    case "look": {
      // Its number must not be counted as a poll that lists.
      const uncounted = { ...ring, fence: turn.control.fence + 1 }
      const spent = { kind, count: granted, isFirst: turn.nudge === "asks" }
      const nudges = turn.nudge === "none" ? {} : { nudges: withNudge(turn.control.nudges, spent, now) }
      const control = await store.beginLook(turn.control, { now, change: { ring: uncounted, ...nudges } })
      if (!control) throw new Overtaken()
      const nudge = turn.nudge === "none" ? "none" : "begun"
      return { turn: { ...turn, control, ring: uncounted, nudge }, granted }
    }
  }
}

/**
 * What has to be awaited before anything is owed: it says so in the poller's state, so that the next turn looks for it if
 * this one vanishes. A poll says it once. A look says it each time, and so learns of a poll that has begun: that one may
 * have looked for what is owed and found nothing yet. `course.turn` is the turn as the marks leave it. Throws `Overtaken`.
 */
export function createMark(world: World, store: Store, course: { turn: Turn }): () => Promise<void> {
  const mark = async () => {
    course.turn = await markOwing(world, store, course.turn)
  }
  let first: Promise<void> | null = null
  return course.turn.kind === "look" ? mark : () => (first ??= mark())
}

async function markOwing(world: World, store: Store, turn: Turn): Promise<Turn> {
  const now = world.now()
  const { dueAt } = turn.control
  const isMarked = dueAt !== null && dueAt <= now
  return isMarked && turn.kind === "poll" ? turn : change(store, turn, { dueAt: now })
}

/** Changes the poller's state. Throws `Overtaken` if another turn has begun. */
export async function change(store: Store, turn: Turn, wanted: ControlChange): Promise<Turn> {
  const changes = withRoom(turn.control, wanted)
  if (!(await store.changeControl(turn.control.fence, changes))) throw new Overtaken()
  return { ...turn, control: { ...turn.control, ...changes }, ring: changes.ring ?? turn.ring }
}

/** A failure takes the room of past polls. */
function withRoom({ polls }: Control, changes: ControlChange): ControlChange {
  const kept = pollsBeside(polls, changes.failure ?? null)
  return kept.length < polls.length ? { ...changes, polls: kept } : changes
}
