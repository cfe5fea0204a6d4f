/** A look: between two polls, fetches details of open calls and keeps what came of them, without listing any. */
import { SECOND } from "@earshot/core/instant"
import { pickProbes } from "@earshot/core/list/candidate"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { commit, watchAfter } from "./commit.ts"
import { examine } from "./examine.ts"
import type { Memory } from "./memory/memory.ts"
import { rememberedChannels } from "./memory/channel-memory.ts"
import { rememberedRules } from "./memory/rule-memory.ts"
import { rememberedWatch } from "./memory/watch-memory.ts"
import { type Worked, emptyReport } from "./report.ts"
import { FULL_APPETITE, type PollSetup, type Setting } from "./setup.ts"

/** Null if there is nothing to look at; then nothing was written. Throws `Overtaken`. */
export async function lookBetween(
  world: World,
  store: Store,
  setup: PollSetup,
  memory: Memory,
  { turn: opened, isUninterrupted }: Pick<Setting, "turn" | "isUninterrupted">,
): Promise<Worked | null> {
  const { control, startedAt } = opened
  // The poll of another process may still be at work, and what it has charged since it began is not known here.
  if (!isUninterrupted) return null
  // A process that does not remember the state of things leaves it to the next poll to read it.
  const watch = rememberedWatch(memory.watch, control, startedAt)
  const rules = rememberedRules(memory.rule, control)
  const live = rememberedChannels(setup, memory.channel, opened)
  if (!watch || !rules || !live || control.leaseUntil > startedAt) return null
  // A vendor that does not answer must not keep this process from the next poll.
  const { api } = setup
  const timeoutMs = Math.min(api.timeoutMs, Math.max(SECOND, control.nextPollAt - startedAt))
  const setting = {
    api: { ...api, timeoutMs },
    rules,
    channels: live.recipients,
    memory,
    turn: opened,
    isUninterrupted,
    appetite: FULL_APPETITE,
  }
  const examined = await examine(world, store, setting, pickProbes(watch, startedAt))
  if (examined.turn === opened) return null
  const nextWatch = watchAfter(watch, examined, watch.rulesKey)
  const turn = await commit(world, store, memory, examined, {
    watch,
    nextWatch,
    changes: {},
    rules: setting.rules,
  })
  const report = {
    ...emptyReport(turn),
    details: examined.requests,
    alerts: examined.alerts,
    unexamined: examined.unexamined.size,
  }
  return { turn, report, owing: examined.owing, restated: examined.restated, isComplete: false }
}
