/** The trigger that a turn asks for, if the next regular one comes too late. */
import { REGULAR_MS, followUpAt } from "@earshot/core/watch/between"
import type { OpenCall, Watch } from "@earshot/core/watch/watch"
import { lookAt } from "@earshot/core/detail/look"
import { type Instant, SECOND } from "@earshot/core/instant"
import type { World } from "@earshot/io/world"
import { planDetails } from "./examine.ts"
import type { Memory } from "./memory/memory.ts"
import type { PollReport } from "./report.ts"
import type { TurnMemory } from "./memory/turn-memory.ts"
import { type PaceMemory, betweenLists, renewPace } from "./look-pace.ts"
import { FULL_APPETITE } from "./setup.ts"
import { AFTER_GATE_MS, EARLY_MAX_MS, LOOK_MARGIN_MS, type Turn } from "./turn.ts"

type FollowUpMemory = PaceMemory & Pick<Memory, "watch">

/** Triggers are asked for in whole seconds, and one that comes this much later than another is none of its own. */
const SAME_MS = SECOND / 2

/** How late one that was asked for may come and still be known. */
const ASKED_MS = 1.5 * SECOND

/** A gate that opens later than this after a regular trigger is opened in time for the next one, which comes twenty seconds later. */
const NEXT_MS = 17 * SECOND

/** The trigger that this turn asks for: at most one is on its way. */
export function followUp(world: World, whole: FollowUpMemory, turn: Turn): Pick<PollReport, "followUpMs"> {
  const now = world.now()
  const {
    turn: memory,
    watch: { watch },
  } = whole
  if (turn.kind === "poll" && watch) renewPace(whole, turn, watch, now)
  const isMine = memory.lastFence === turn.control.fence
  const ownLookAt = isMine && watch ? lookFollowUp(whole, turn, watch, now) : null
  memory.pollAskedAt = pollFollowUp(memory, turn, now)
  const sendAt = isMine ? sendFollowUp(memory, turn, now) : null
  const wanted = [ownLookAt, sendAt, memory.pollAskedAt].filter((at) => at !== null)
  if (wanted.length === 0) return {}
  const at = Math.min(...wanted)
  if (isOnItsWay(memory, turn, now) && memory.followUpAt <= at + SAME_MS) return {}
  memory.followUpAt = at
  return { followUpMs: at - now }
}

/** Whether the last trigger that was asked for is still to come: it may be a little late, and this turn may be what it brought. */
function isOnItsWay({ followUpAt }: TurnMemory, { nudge, startedAt }: Turn, now: Instant): boolean {
  if (followUpAt > now + SAME_MS) return true
  return nudge !== "none" && followUpAt > startedAt
}

/** None if another process has had a turn, which asks for its own. */
function lookFollowUp(memory: FollowUpMemory, turn: Turn, watch: Watch, now: Instant): Instant | null {
  const { control } = turn
  const until = control.nextPollAt - LOOK_MARGIN_MS - SAME_MS
  const mayLook = (call: OpenCall) => {
    const request = lookAt(call.open.id, call, { notice: "a-later-list", occasion: "time" }, now)
    return (
      request !== null && planDetails([request], { appetite: FULL_APPETITE, memory, turn }, now).length > 0
    )
  }
  const at = followUpAt(watch, betweenLists(turn, watch, memory), { now, until, mayLook })
  return at === null || control.detailBlockedUntil > at ? null : at
}

/** For the first message that is due before the next poll: one that is held for a moment, or tried again. */
function sendFollowUp(
  { control }: TurnMemory,
  { control: { nextPollAt } }: Turn,
  now: Instant,
): Instant | null {
  const dueAt = control?.dueAt ?? null
  if (dueAt === null || dueAt <= now) return null
  // A trigger may come as much too soon, and would find nothing due.
  const at = dueAt + SAME_MS
  return at <= Math.min(now + REGULAR_MS, nextPollAt - LOOK_MARGIN_MS - SAME_MS) ? at : null
}

/**
 * A regular trigger that finds the gate closed, because the last poll came late, would leave the next poll to the one after it; so it asks
 * for one in between, and the turns until then do so as well.
 */
function pollFollowUp(
  { followUpAt: askedAt, pollAskedAt }: TurnMemory,
  { kind, nudge, control, limits, startedAt }: Turn,
  now: Instant,
): Instant | null {
  if (kind === "poll") return null
  if (pollAskedAt !== null && pollAskedAt > now + SAME_MS) return pollAskedAt
  const waitMs = control.nextPollAt - now
  const isRegular = nudge === "none" && Math.abs(startedAt - askedAt) > ASKED_MS
  const isClosed = waitMs > EARLY_MAX_MS && waitMs <= Math.min(limits.gateMs, NEXT_MS)
  return isRegular && isClosed ? control.nextPollAt + AFTER_GATE_MS : null
}
