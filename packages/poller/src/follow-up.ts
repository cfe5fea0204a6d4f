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
import { LOOK_MARGIN_MS, type Turn } from "./turn.ts"

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

/** The trigger that this turn asks for: at most one is on its way. None if another process has had a turn, which has its own. */
export function followUp(
  world: World,
  { turn: memory, watch: { watch }, nudge }: Pick<Memory, "turn" | "watch" | "nudge">,
  turn: Turn,
): Pick<PollReport, "followUpMs"> {
  const { control } = turn
  if (!watch || memory.lastFence !== control.fence) return {}
  const now = world.now()
  const at = followUpAt(watch, betweenLists(turn, watch, nudge), {
    now,
    until: control.nextPollAt - LOOK_MARGIN_MS,
  })
  if (at === null || control.detailBlockedUntil > at) return {}
  if (memory.followUpAt > now + SAME_MS && memory.followUpAt <= at + SAME_MS) return {}
  memory.followUpAt = at
  return { followUpMs: at - now }
}
