/** How closely open calls are followed between two polls, and the trigger that a turn asks for if the next regular one comes too late. */
import { type BetweenLists, awaitedIn, followUpAt } from "@earshot/core/watch/between"
import { type LookPace, priceOf } from "@earshot/core/watch/interval"
import { type Watch, callsInHour } from "@earshot/core/watch/watch"
import { type Instant, SECOND } from "@earshot/core/instant"
import { detailsForLooks, looksUntilList } from "@earshot/core/turn/budget"
import type { World } from "@earshot/io/world"
import type { Memory } from "./memory/memory.ts"
import type { NudgeMemory } from "./memory/nudge-memory.ts"
import type { PollReport } from "./report.ts"
import type { TurnMemory } from "./memory/turn-memory.ts"
import { EARLY_MAX_MS, LOOK_MARGIN_MS, type Turn } from "./turn.ts"

type Spent = Pick<Turn, "ring" | "limits">

/** How closely calls are followed, as details, calls and nudges come now. */
export function paceOfLooks(
  { ring, limits }: Spent,
  watch: Watch,
  { toldShare }: NudgeMemory,
  now: Instant,
): LookPace {
  const { waits } = watch
  const calls = Math.max(1, callsInHour(watch))
  const price = priceOf({
    details: detailsForLooks(ring, limits, calls),
    calls,
    untilList: looksUntilList(ring),
    awaited: awaitedIn(watch, now),
    toldShare,
    waits,
    listEveryMs: limits.gateMs + SECOND,
  })
  return { price, toldShare, waits }
}

/** What lists say between now and the next poll; a list that cannot be had says nothing. */
export function betweenLists(
  turn: Spent & Pick<Turn, "control" | "startedAt">,
  watch: Watch,
  memory: NudgeMemory,
): BetweenLists {
  const { control, limits, startedAt } = turn
  const isListed = control.failure === null && control.listBlockedUntil <= startedAt
  const listEveryMs = limits.gateMs + SECOND
  const list = isListed ? { listedAt: control.nextPollAt - limits.gateMs, listEveryMs } : null
  return { pace: paceOfLooks(turn, watch, memory, startedAt), list }
}

/** Triggers are asked for in whole seconds, and one that comes this much later than another is none of its own. */
const SAME_MS = SECOND / 2

/** How late one that was asked for may come and still be known. */
const ASKED_MS = 1.5 * SECOND

/** A gate that opens later than this after a regular trigger is opened in time for the next one, which comes twenty seconds later. */
const NEXT_MS = 17 * SECOND

/** Polls come a second after the gate has opened. */
const AFTER_GATE_MS = SECOND

/** The trigger that this turn asks for: at most one is on its way. */
export function followUp(
  world: World,
  { turn: memory, watch: { watch }, nudge }: Pick<Memory, "turn" | "watch" | "nudge">,
  turn: Turn,
): Pick<PollReport, "followUpMs"> {
  const now = world.now()
  const lookAt =
    memory.lastFence === turn.control.fence && watch ? lookFollowUp(turn, watch, nudge, now) : null
  memory.pollAskedAt = pollFollowUp(memory, turn, now)
  const wanted = [lookAt, memory.pollAskedAt].filter((at) => at !== null)
  if (wanted.length === 0) return {}
  const at = Math.min(...wanted)
  if (memory.followUpAt > now + SAME_MS && memory.followUpAt <= at + SAME_MS) return {}
  memory.followUpAt = at
  return { followUpMs: at - now }
}

/** None if another process has had a turn, which asks for its own. */
function lookFollowUp(turn: Turn, watch: Watch, nudge: NudgeMemory, now: Instant): Instant | null {
  const { control } = turn
  const until = control.nextPollAt - LOOK_MARGIN_MS - SAME_MS
  const at = followUpAt(watch, betweenLists(turn, watch, nudge), { now, until })
  return at === null || control.detailBlockedUntil > at ? null : at
}

/**
 * A regular trigger that finds the gate closed, because the last poll came late, would leave the next poll to the one after it; so it asks
 * for one in between, and the turns until then do so as well.
 */
function pollFollowUp(
  { followUpAt: askedAt, pollAskedAt }: TurnMemory,
  { kind, nudge, control, limits }: Turn,
  now: Instant,
): Instant | null {
  if (kind === "poll") return null
  if (pollAskedAt !== null && pollAskedAt > now + SAME_MS) return pollAskedAt
  const waitMs = control.nextPollAt - now
  const isRegular = nudge === "none" && Math.abs(now - askedAt) > ASKED_MS
  const isClosed = waitMs > EARLY_MAX_MS && waitMs <= Math.min(limits.gateMs, NEXT_MS)
  return isRegular && isClosed ? control.nextPollAt + AFTER_GATE_MS : null
}
