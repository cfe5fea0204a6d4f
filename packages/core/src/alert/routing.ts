/**
 * Whom a rule's alerts go to. A rule names channels, or leaves it to them: each takes the severities and the agents that it is
 * set to. What no channel takes goes to the fallback, because somebody has to hear.
 */
import type { ChannelId } from "../channel/channel.ts"
import type { Facts } from "../call/facts.ts"
import { fold } from "../fold.ts"
import { type Severity, isWorse } from "../rule/rule.ts"

/** A live channel, and what it takes. A bare id: everything, and it is there for what nobody takes. */
export type Recipient = ChannelId | RecipientSettings

export type RecipientSettings = {
  id: ChannelId
  severityFrom: Severity
  /** Ids or names; empty: every agent. */
  agents: readonly string[]
  /** Whether it takes what no channel takes. */
  isFallback: boolean
}

/** What a rule says of where its alerts go. */
type Routed = { channels?: readonly ChannelId[] | undefined; severity: Severity }

/** The agent of a call. */
type Agent = Facts["call"]["agent"]

/**
 * Of `recipients`, those that a rule's alert about a call of this agent goes to; never none if there are any. Those that the
 * rule names and that are live; or those that take it; or the fallback. `wasOwed`: whether the channel was given what the rule found
 * in this call, or will be. If that is one the rule names, and it is not live now, nobody takes its place.
 */
export function recipientsOf(
  { channels: named, severity }: Routed,
  agent: Agent,
  recipients: readonly Recipient[],
  wasOwed: (channel: ChannelId) => boolean,
): ChannelId[] {
  const takers = takersOf({ channels: named, severity }, agent, recipients)
  if (takers.length > 0 || named?.some(wasOwed)) return takers
  return fallbackOf(recipients)
}

/** The same without the fallback: none if it would be left to that. */
export function takersOf(
  { channels: named, severity }: Routed,
  agent: Agent,
  recipients: readonly Recipient[],
): ChannelId[] {
  const all = recipients.map(settingsOf)
  const takers = named
    ? all.filter(({ id }) => named.includes(id))
    : all.filter((one) => takes(one, severity, agent))
  return idsOf(takers)
}

/** Whether alerts of this severity about calls of this agent go to a channel that no rule names. */
export function takes(recipient: Recipient, severity: Severity, agent: Agent): boolean {
  const { severityFrom, agents } = settingsOf(recipient)
  return !isWorse(severityFrom, severity) && (agents.length === 0 || isAmong(agent, agents))
}

/** As people write it: case, spaces around it and kinds of quotes make no difference. */
function isAmong(agent: Agent, agents: readonly string[]): boolean {
  if (!agent) return false
  const known = [agent.id, agent.name].flatMap((text) => (text ? [fold(text)] : []))
  return agents.some((text) => known.includes(fold(text)))
}

/** Whom everything goes to that nobody else is left for. */
export function fallbackOf(recipients: readonly Recipient[]): ChannelId[] {
  return idsOf(fallbackAmong(recipients.map(settingsOf)))
}

/** Those of the deployment, or all if none of them is live. */
function fallbackAmong(all: readonly RecipientSettings[]): readonly RecipientSettings[] {
  const fallback = all.filter(({ isFallback }) => isFallback)
  return fallback.length > 0 ? fallback : all
}

export function settingsOf(recipient: Recipient): RecipientSettings {
  if (typeof recipient !== "string") return recipient
  return { id: recipient, severityFrom: "info", agents: [], isFallback: true }
}

function idsOf(recipients: readonly RecipientSettings[]): ChannelId[] {
  return recipients.map(({ id }) => id)
}
