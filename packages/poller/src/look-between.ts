/** A look: between two polls, fetches details of open calls, keeps what came of them, and sends what is due, without listing any. */
import { SECOND } from "@earshot/core/instant"
import { pickProbes } from "@earshot/core/list/candidate"
import type { ControlChange } from "@earshot/core/turn/control"
import type { Watch } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { commit, watchAfter } from "./commit.ts"
import { examine } from "./examine.ts"
import type { Examined } from "./examined.ts"
import { betweenLists } from "./look-pace.ts"
import type { Memory } from "./memory/memory.ts"
import { recallChannels } from "./memory/channel-memory.ts"
import { recallRules } from "./memory/rule-memory.ts"
import { rememberedWatch } from "./memory/watch-memory.ts"
import { type Worked, emptyReport } from "./report.ts"
import { FULL_APPETITE, type PollSetup, type Setting } from "./setup.ts"

/** Null if there is nothing to look at; then nothing was written. Throws `Overtaken`. */
export async function lookBetween(
  world: World,
  store: Store,
  setup: PollSetup,
  memory: Memory,
  opened: Pick<Setting, "turn" | "isUninterrupted">,
): Promise<Worked | null> {
  const watch = watchForLook(memory, opened)
  if (!watch) return null
  const { startedAt } = opened.turn
  const probes = pickProbes(watch, betweenLists(opened.turn, watch, memory), startedAt)
  if (probes.length === 0) return null
  const setting = await settingForLook(world, store, setup, memory, opened)
  const examined = await examine(world, store, setting, probes)
  if (examined.turn === opened.turn) return null
  return endLook(world, store, { watch, setting }, examined)
}

/** A turn for messages alone, whose time has come between two polls. Null if there are none, or if somebody else may be at work. */
export function sendBetween({
  turn,
  isUninterrupted,
}: Pick<Setting, "turn" | "isUninterrupted">): Worked | null {
  const { control, startedAt } = turn
  const isDue = control.dueAt !== null && control.dueAt <= startedAt
  const isFree = isUninterrupted && control.leaseUntil <= startedAt
  if (!isDue || !isFree) return null
  return { turn, report: emptyReport(turn), owing: new Map(), isComplete: false }
}

/** What a look starts from. */
export type LookState = { watch: Watch; setting: Setting }

/** The watch as this process remembers it. Null if it cannot look: somebody else may be at work, or it does not remember how things stand. */
export function watchForLook(
  memory: Memory,
  { turn: { control, startedAt }, isUninterrupted }: Pick<Setting, "turn" | "isUninterrupted">,
): Watch | null {
  // The poll of another process may still be at work, and what it has charged since it began is not known here.
  if (!isUninterrupted || control.leaseUntil > startedAt) return null
  // A process that does not remember the state of things leaves it to the next poll to read it.
  return rememberedWatch(memory.watch, control, startedAt)
}

/** Reads nothing, but for a minute after somebody has edited a rule or a channel: until then they may be edited again unannounced. */
export async function settingForLook(
  world: World,
  store: Store,
  setup: PollSetup,
  memory: Memory,
  { turn, isUninterrupted }: Pick<Setting, "turn" | "isUninterrupted">,
): Promise<Setting> {
  const { control, startedAt } = turn
  const [rules, { recipients: channels }] = await Promise.all([
    recallRules(world, store, memory.rule, control),
    recallChannels(world, store, setup, memory.channel, turn),
  ])
  // A vendor that does not answer must not keep this process from the next poll.
  const { api } = setup
  const timeoutMs = Math.min(api.timeoutMs, Math.max(SECOND, control.nextPollAt - startedAt))
  const appetite = FULL_APPETITE
  return { api: { ...api, timeoutMs }, rules, channels, memory, turn, isUninterrupted, appetite }
}

/** Remembers what a look has found. `changes` are those of the poller's state besides. Throws `Overtaken`. */
export async function endLook(
  world: World,
  store: Store,
  { watch, setting: { memory, rules } }: LookState,
  examined: Examined,
  changesAfter: (next: Watch) => ControlChange = () => ({}),
): Promise<Worked> {
  const nextWatch = watchAfter(watch, examined, watch.rulesKey)
  const changes = changesAfter(nextWatch)
  const turn = await commit(world, store, memory, examined, { watch, nextWatch, changes, rules })
  const report = {
    ...emptyReport(turn),
    details: examined.requests,
    alerts: examined.alerts,
    unexamined: examined.unexamined.size,
  }
  return { turn, report, owing: examined.owing, restated: examined.restated, isComplete: false }
}
