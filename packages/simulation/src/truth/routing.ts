/**
 * Which channels a rule's alert about a call must reach, and which it may, as `docs/channels.md` says it and not as the poller works it
 * out. While channels are edited nobody can say which version a process has read: then it may go by either.
 */
import type { ChannelId, Privacy } from "@earshot/core/channel/channel"
import { type Instant, MINUTE } from "@earshot/core/instant"
import type { Severity } from "@earshot/core/rule/rule"
import type { RuleVersion } from "./rule.ts"
import type { SimulatedCall } from "./call.ts"
import { agentOf } from "./agent.ts"

/** A channel as people have set it. */
export type ListedChannel = {
  id: ChannelId
  isLive: boolean
  privacy: Privacy
  severityFrom: Severity
  agents: readonly string[]
  /** It came with the deployment. */
  isOwn: boolean
}

/** All channels from a time on. */
export type Roster = { from: Instant; channels: readonly ListedChannel[] }

export type Routing = {
  /** Every channel that there ever is. */
  ids: readonly ChannelId[]
  /** Whether the alert goes there by what is set all through this time, or by some of it. */
  reach: (
    version: Routed,
    call: SimulatedCall,
    channel: ChannelId,
    span: { from: Instant; to: Instant },
  ) => "always" | "sometimes" | "never"
  /** Whether there is such a channel, and it is not off, all through this time. */
  isThere: (channel: ChannelId, from: Instant, to: Instant) => boolean
  /** Whether somebody may have deleted the channel in this time, or it was not there yet. */
  wasDeleted: (channel: ChannelId, from: Instant, to: Instant) => boolean
  /** How much its messages may show now. */
  privacyOf: (channel: ChannelId, now: Instant) => Privacy
}

type Agent = ReturnType<typeof agentOf>

type Routed = Pick<RuleVersion, "named" | "severity">

/** An edit is in force everywhere by then; a clock may be a little off. */
const EDIT_MS = 3 * MINUTE

const SEVERITIES: readonly Severity[] = ["info", "warning", "critical"]

const LEVELS: readonly Privacy[] = ["minimal", "standard", "full"]

/** `rosters` in order; the first is there from the beginning. `hidesAgents`: the vendor may leave out which agent took a call. */
export function createRouting(rosters: readonly Roster[], { hidesAgents = false } = {}): Routing {
  const ids = [...new Set(rosters.flatMap(({ channels }) => channels.map(({ id }) => id)))]
  const within = (from: Instant, to: Instant) =>
    rosters.filter((roster, index) => {
      const until = (rosters[index + 1]?.from ?? Number.POSITIVE_INFINITY) + EDIT_MS
      return roster.from - EDIT_MS <= to && from <= until
    })
  return {
    ids,
    reach(version, call, channel, { from, to }) {
      const agents = hidesAgents ? [agentOf(call), null] : [agentOf(call)]
      const states = within(from, to).flatMap(({ channels }) => agents.map((agent) => ({ channels, agent })))
      const hits = states.filter(({ channels, agent }) =>
        reachedBy(version, agent, channels).includes(channel),
      )
      if (hits.length === 0) return "never"
      return hits.length === states.length ? "always" : "sometimes"
    },
    isThere: (channel, from, to) =>
      within(from, to).every(({ channels }) => liveAmong(channels).some(({ id }) => id === channel)),
    wasDeleted: (channel, from, to) =>
      within(from, to).some(({ channels }) => !channels.some(({ id }) => id === channel)),
    privacyOf(channel, now) {
      const levels = within(now - EDIT_MS, now).flatMap(({ channels }) =>
        channels.flatMap(({ id, privacy }) => (id === channel ? LEVELS.indexOf(privacy) : [])),
      )
      return LEVELS[Math.max(0, ...levels)] ?? "minimal"
    },
  }
}

function reachedBy({ named, severity }: Routed, agent: Agent, all: readonly ListedChannel[]): ChannelId[] {
  const live = liveAmong(all)
  const takers = live.filter((channel) => {
    return named ? named.includes(channel.id) : takes(channel, severity, agent)
  })
  const own = live.filter(({ isOwn }) => isOwn)
  return (takers.length > 0 ? takers : own.length > 0 ? own : live).map(({ id }) => id)
}

/** If every channel is off, the deployment's are not. */
function liveAmong(all: readonly ListedChannel[]): readonly ListedChannel[] {
  const live = all.filter(({ isLive }) => isLive)
  return live.length > 0 ? live : all.filter(({ isOwn }) => isOwn)
}

function takes({ severityFrom, agents }: ListedChannel, severity: Severity, agent: Agent): boolean {
  if (SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(severityFrom)) return false
  const said = agents.map((text) => text.trim().toLowerCase())
  return (
    agents.length === 0 ||
    (agent !== null && [agent.id, agent.name.toLowerCase()].some((text) => said.includes(text)))
  )
}
