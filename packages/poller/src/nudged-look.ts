/**
 * A look that nudges have asked for: the details of the calls that may just have ended, or one list of the newest ends. Whatever it
 * asks is charged before, to the same budgets as everything else and to the nudges' own part of them, and a poll that is near goes
 * first. What cannot be done now is put back for a moment, a few times at most.
 */
import {
  type Asking,
  type NudgeTarget,
  insteadOfList,
  noticedEnds,
  nudgeTarget,
} from "@earshot/core/detail/nudge-target"
import { type Instant, SECOND } from "@earshot/core/instant"
import type { Candidate } from "@earshot/core/list/candidate"
import { rulesKey } from "@earshot/core/rule/rule"
import { spareLists } from "@earshot/core/turn/budget"
import {
  NUDGE_TRIES_MAX,
  type Nudge,
  nudgeAllowance,
  withArrival,
  withSooner,
} from "@earshot/core/turn/nudge"
import { callKey } from "@earshot/core/watch/call-key"
import type { OpenCall, Watch, WatchedCall } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { examine } from "./examine.ts"
import { type LookState, endLook, settingForLook, watchForLook } from "./look-between.ts"
import type { Memory } from "./memory/memory.ts"
import {
  type NudgeMemory,
  TOGETHER_MS,
  askingFor,
  askingUnlisted,
  leaveToPoll,
  noteAsked,
  noteEnds,
  noteTold,
} from "./memory/nudge-memory.ts"
import { readNewestEnds } from "./newest-end.ts"
import type { PutBack, Worked } from "./report.ts"
import type { PollSetup, Setting } from "./setup.ts"
import type { TurnMemory } from "./memory/turn-memory.ts"
import { NUDGE_MARGIN_MS, type Turn, chargeTurn } from "./turn.ts"
import { examineUnlisted } from "./unlisted-call.ts"

/** Behind a poll, which takes about a second. */
const AGAIN_MS = 2 * SECOND

/** Until whoever is at work is done. */
export const BUSY_MS = SECOND

/** `worked` null: nothing was asked, nor written. `later`: what is to be tried again. */
export type Nudged = { worked: Worked | null; later: PutBack | null }

/** Throws `Overtaken`. */
export async function lookNudged(
  world: World,
  store: Store,
  setup: PollSetup,
  memory: Memory,
  opened: Pick<Setting, "turn" | "isUninterrupted"> & { nudges: readonly Nudge[] },
): Promise<Nudged> {
  const { turn, nudges } = opened
  const now = world.now()
  const watch = watchForLook(memory, opened)
  if (!watch) return { worked: null, later: putBack(nudges, BUSY_MS) }
  if (turn.control.nextPollAt - now <= NUDGE_MARGIN_MS) {
    leaveToPoll(memory.nudge, nudges)
    return { worked: null, later: null }
  }
  const asking = (id: string) => askingFor(memory.nudge, id, now)
  const partiesOf = (id: string) => memory.list.parties.get(id) ?? []
  const target = nudgeTarget(watch, nudges, {
    partiesOf,
    askingFor: asking,
    askingUnlisted: (id) => askingUnlisted(memory.nudge, id, now),
  })
  if (target.calls.length === 0 && target.unlisted.length === 0 && !target.wantsList)
    return { worked: null, later: putBackForAWhile(target.tooSoon) }
  // What names a call that goes on is worth a look of its own: there are only so many of those.
  const sinceMs = Math.abs(now - memory.nudge.lookedAt)
  if (target.named.size === 0 && sinceMs < TOGETHER_MS)
    return { worked: null, later: putBack(nudges, TOGETHER_MS - sinceMs) }
  const setting = await settingForLook(world, store, setup, memory, opened)
  return look(world, store, setup, { state: { watch, setting }, target, nudges, asking })
}

type Errand = {
  state: LookState
  target: NudgeTarget
  nudges: readonly Nudge[]
  asking: (id: string) => Asking
}

async function look(
  world: World,
  store: Store,
  setup: PollSetup,
  { state, target, nudges, asking }: Errand,
): Promise<Nudged> {
  const { watch } = state
  const { memory, turn: opened } = state.setting
  const mayList = target.wantsList && mayListFor(setup, state, world.now())
  const turn = mayList ? (await chargeTurn(world, store, opened, "list", 1)).turn : opened
  const listed = mayList
    ? await readNewestEnds(world, state.setting.api, { turn, memory, watch })
    : { candidates: [], blockedUntil: 0 }
  const calls =
    target.wantsList && !mayList ? [...target.calls, ...insteadOfList(watch, asking)] : target.calls
  const candidates = [...listed.candidates, ...nudgedOnes(calls, listed.candidates)]
  const withinPart = (now: Turn): Setting => {
    const { appetite } = state.setting
    const details = nudgeAllowance(now.control.nudges, "detail", setup.limits, world.now())
    return {
      ...state.setting,
      turn: now,
      appetite: { ...appetite, details: Math.min(appetite.details, details) },
    }
  }
  const setting = withinPart(turn)
  const examined = await examine(world, store, setting, candidates)
  // What those have used is no longer there for these.
  const forUnlisted = { setting: withinPart(examined.turn), watch }
  const unlisted = await examineUnlisted(world, store, forUnlisted, examined, target.unlisted)
  // There is no detail for it now: there may be in a moment, when the minute's are not used up.
  if (examined.turn === opened) return { worked: null, later: putBackForAWhile(nudges) }
  noteEnds(memory.nudge, unlisted.ends, "told")
  const ids = [...new Set(calls.map(({ open }) => open.id))]
  noteAsked(memory.nudge, ids, target.named, world.now())
  let after = watch
  const worked = await endLook(world, store, { watch, setting }, examined, (next) => {
    after = next
    const found = noticedEnds(watch, next, world.now()).length + unlisted.ends.length
    return {
      ...(listed.blockedUntil > 0 && { listBlockedUntil: listed.blockedUntil }),
      ...(found > 0 && { nudges: withSooner(examined.turn.control.nudges, found, world.now()) }),
    }
  })
  const sooner = noticedEnds(watch, after, world.now()).length + unlisted.ends.length
  const again = nudges.filter((nudge) =>
    nudge.id !== null && target.unlisted.includes(nudge.id)
      ? !unlisted.done.has(nudge.id)
      : calls.length > 0 && mayComeTrue(nudge, after, sooner),
  )
  const nudge = { asked: nudges.length, sooner }
  return { worked: { ...worked, report: { ...worked.report, nudge } }, later: putBackForAWhile(again) }
}

/** One list is taken only if no poll needs it, and if nudges have not had their part of those. */
function mayListFor({ limits }: PollSetup, { watch, setting }: LookState, now: Instant): boolean {
  const { ring, control } = setting.turn
  return (
    control.listBlockedUntil <= now &&
    watch.rulesKey === rulesKey(setting.rules) &&
    spareLists(ring, limits) > 0 &&
    nudgeAllowance(control.nudges, "list", limits, now) > 0
  )
}

/** But for those that the list has just shown, which are judged anyway. */
function nudgedOnes(calls: readonly OpenCall[], listed: readonly Candidate[]): Candidate[] {
  const shown = new Set(listed.map(({ id }) => id))
  const once = new Map(calls.map((call) => [call.open.id, call]))
  return [...once.values()].flatMap((call) =>
    shown.has(call.open.id) ? [] : [{ id: call.open.id, call, row: null, kind: "nudged" as const }],
  )
}

/** The call that it means was asked for and goes on, as far as the vendor's detail says: that may be a moment behind. */
function mayComeTrue({ id, party }: Nudge, after: Watch, sooner: number): boolean {
  const known = id === null ? undefined : after.calls.get(callKey(id))
  return known ? isGoing(known) : party !== null && sooner === 0
}

function isGoing({ open }: WatchedCall): boolean {
  return open !== null && open.endedAt === null
}

/** Those that were put back often enough are given up: the next poll sees what they were about. */
export function putBack(nudges: readonly Nudge[], afterMs: number): PutBack | null {
  const again = nudges.filter(({ tries }) => tries < NUDGE_TRIES_MAX)
  return again.length === 0
    ? null
    : { nudges: again.map((nudge) => ({ ...nudge, tries: nudge.tries + 1 })), afterMs }
}

/** For as long as the vendor's detail may be behind: one second, then two, then four. */
function putBackForAWhile(nudges: readonly Nudge[]): PutBack | null {
  const tries = Math.min(NUDGE_TRIES_MAX, ...nudges.map((nudge) => nudge.tries))
  return putBack(nudges, SECOND * 2 ** tries)
}

/** After a turn: ends that it, or one before it, noticed by itself were told of as well. */
export function noteNamed(memory: NudgeMemory, nudges: readonly Nudge[]): void {
  noteTold(
    memory,
    nudges.flatMap(({ id }) => (id === null ? [] : callKey(id))),
  )
}

/** Those that may still tell something: the list may show less than the detail does, or a moment later. */
export function putBackBehindPoll(nudges: readonly Nudge[], after: Watch | null): PutBack | null {
  return putBack(
    nudges.filter((nudge) => mayTellMore(nudge, after)),
    AGAIN_MS,
  )
}

function mayTellMore({ id, party }: Nudge, after: Watch | null): boolean {
  const known = id === null ? undefined : after?.calls.get(callKey(id))
  return known ? isGoing(known) : id !== null || party !== null
}

/** Says in the poller's state that nudges come, ten minutes after it was last said: those that led to no request say nothing else. */
export async function noteSeen(
  world: World,
  store: Store,
  memory: TurnMemory,
  { control, nudge }: Turn,
): Promise<void> {
  const nudges = nudge === "begun" ? null : withArrival(control.nudges, world.now())
  if (!nudges || !(await store.changeControl(control.fence, { nudges }))) return
  if (memory.control?.fence === control.fence) memory.control = { ...memory.control, nudges }
}
