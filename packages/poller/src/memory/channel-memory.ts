/**
 * The channels that messages go to: those of the deployment and those that people added, opened, while no edit can have been made
 * since they were read. A channel that cannot be opened is left out and named, and holds up no other.
 */
import type { Inheritance } from "@earshot/core/alert/inheritance"
import type { Recipient } from "@earshot/core/alert/routing"
import { isOfDeployment } from "@earshot/core/channel/channel"
import { liveChannels, rosterOf } from "@earshot/core/channel/roster"
import { type ChannelSettings, type StoredChannel, isReadableChannel } from "@earshot/core/channel/settings"
import type { Instant } from "@earshot/core/instant"
import type { RuleSentence } from "@earshot/core/message/small-type"
import { shownSentence } from "@earshot/core/message/rule-sentence"
import { withUnreadable } from "@earshot/core/turn/incident"
import { RULES_EDIT_MS } from "@earshot/core/turn/gate"
import type { Channel } from "@earshot/io/channel/channel"
import { type Opened, withSettings } from "@earshot/io/channel/stored"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { changeIncidents } from "../incident.ts"
import type { Turn } from "../turn.ts"
import { type LastRead, type RuleMemory, isUnedited } from "./rule-memory.ts"

export type ChannelMemory = {
  known: (LastRead & { live: LiveChannels }) | null
  /** When this process last looked whether anybody is subscribed to the topics; 0: never. */
  subscribersCheckedAt: Instant
}

export type LiveChannels = { channels: readonly Channel[] } & Inheritance

/** What a deployment brings. */
export type Deployed = {
  /** Those of the deployment itself. */
  channels: readonly Channel[]
  /** Opens a channel that people added. Without it there are none but the deployment's, and none is looked for. */
  openChannel?: (settings: ChannelSettings) => Opened
}

/** The channels in memory, if they are surely current: an edit is announced along with those of rules. */
export function rememberedChannels(
  { channels, openChannel }: Deployed,
  { known }: ChannelMemory,
  { control, startedAt }: Pick<Turn, "control" | "startedAt">,
): LiveChannels | null {
  if (!openChannel) return { channels, recipients: channels.map(({ id }) => id), deleted: [], rules: [] }
  const isCurrent =
    known &&
    isUnedited(known, control) &&
    (known.readAt > control.rulesChangedAt + RULES_EDIT_MS || known.readAt >= startedAt)
  return isCurrent ? known.live : null
}

export async function recallChannels(
  world: World,
  store: Store,
  setup: Deployed,
  memory: ChannelMemory,
  turn: Pick<Turn, "control" | "startedAt">,
): Promise<LiveChannels> {
  const known = rememberedChannels(setup, memory, turn)
  if (known) return known
  const readAt = world.now()
  const { live, unreadable } = openAll(world, setup, await store.readChannels())
  if (unreadable.length > 0) {
    const items = unreadable.map((id) => `channel ${id}`)
    await changeIncidents(store, (incidents) => withUnreadable(incidents, items, readAt))
  }
  memory.known = { readAt, changedAt: turn.control.rulesChangedAt, live }
  return live
}

/** The channels with the rules that this process judges by: where they go, and as long as a message gives that version of one, what it asks for. */
export function withRules(live: LiveChannels, { rules }: RuleMemory): LiveChannels {
  const ruleSentence: RuleSentence = ({ ruleId, version }, privacy) => {
    const rule = rules?.compiled.find(({ id }) => id === ruleId)
    return rule?.version === version ? shownSentence(rule.condition, privacy) : null
  }
  const channels = live.channels.map((channel) => ({ ...channel, ruleSentence }))
  return { ...live, channels, rules: rules?.compiled ?? [] }
}

type Roll = { live: LiveChannels; unreadable: readonly string[] }

function openAll(world: World, { channels, openChannel }: Deployed, stored: readonly StoredChannel[]): Roll {
  const unreadable: string[] = []
  const leaveOut = (channel: string, why: string) => {
    world.log({ level: "error", event: "channel.unreadable", channel, why })
    unreadable.push(channel)
  }
  for (const channel of stored) if (!isReadableChannel(channel)) leaveOut(channel.id, "it is damaged")
  const deployment = Object.fromEntries(channels.map(({ id, privacy }) => [id, privacy]))
  const opened: Channel[] = []
  const recipients: Recipient[] = []
  for (const settings of liveChannels(rosterOf(deployment, stored))) {
    const { id, severityFrom, agents } = settings
    const own = channels.find((channel) => channel.id === id)
    const answer = own ? { ok: true as const, channel: withSettings(own, settings) } : openChannel?.(settings)
    if (!answer?.ok) {
      leaveOut(id, answer?.why ?? "")
      continue
    }
    opened.push(answer.channel)
    recipients.push({ id, severityFrom, agents, isFallback: isOfDeployment(id) })
  }
  const deleted = stored.flatMap((channel) =>
    isReadableChannel(channel) && channel.isDeleted ? [channel.id] : [],
  )
  // Somebody has to hear, even if none that people chose can be opened.
  const own = { channels, recipients: channels.map(({ id }) => id), deleted, rules: [] }
  return {
    live: opened.length === 0 ? own : { channels: opened, recipients, deleted, rules: [] },
    unreadable,
  }
}
