/**
 * How the alerts of a rule would have reached people: one by one, in digests, or held by quiet hours. As the channels are set now,
 * and as if nothing else had been sent: an estimate, which snoozes do not enter, because they are over by then.
 */
import { NO_SNOOZES, restUntil } from "../alert/rest.ts"
import { type RecipientSettings, recipientsOf } from "../alert/routing.ts"
import { type ChannelId, isOfDeployment } from "../channel/channel.ts"
import type { ChannelSettings } from "../channel/settings.ts"
import type { Facts } from "../call/facts.ts"
import { HOUR, type Instant, MINUTE } from "../instant.ts"
import type { CompiledRule } from "../rule/rule.ts"

export type PreviewedAlert = { at: Instant; agent: Facts["call"]["agent"] }

export type ChannelForecast = { channel: ChannelId; single: number; digested: number; held: number }

/** `channels`: those that are live, and what they are set to. */
export function forecast(
  rule: Pick<CompiledRule, "id" | "severity" | "channels">,
  alerts: readonly PreviewedAlert[],
  channels: readonly ChannelSettings[],
): ChannelForecast[] {
  const recipients = recipientsAmong(channels)
  const byChannel = new Map<ChannelId, Instant[]>()
  for (const { at, agent } of alerts) {
    for (const id of recipientsOf(rule, agent, recipients, () => false)) {
      const times = byChannel.get(id)
      if (times) times.push(at)
      else byChannel.set(id, [at])
    }
  }
  return channels.flatMap((channel) => {
    const times = byChannel.get(channel.id)
    return times ? [{ channel: channel.id, ...outcomesOf(rule, times, channel) }] : []
  })
}

/** Live channels as alerts are given to them. */
export function recipientsAmong(channels: readonly ChannelSettings[]): RecipientSettings[] {
  return channels.map(({ id, severityFrom, agents }) => {
    return { id, severityFrom, agents, isFallback: isOfDeployment(id) }
  })
}

/** More at once than `digestFrom`, within a minute, or more than `perHour` of the rule within an hour, become a digest. */
function outcomesOf(
  { id: ruleId, severity }: Pick<CompiledRule, "id" | "severity">,
  times: Instant[],
  channel: ChannelSettings,
): Omit<ChannelForecast, "channel"> {
  const awake = { ...channel, snoozedUntil: null }
  const isHeld = (at: Instant) => restUntil(awake, [{ ruleId, severity }], NO_SNOOZES, at) !== null
  const sorted = times.sort((a, b) => a - b)
  const due = sorted.filter((at) => !isHeld(at))
  const atOnce = new Map<number, number>()
  const minuteOf = (at: Instant) => Math.floor(at / MINUTE)
  for (const at of due) atOnce.set(minuteOf(at), (atOnce.get(minuteOf(at)) ?? 0) + 1)
  const singles: Instant[] = []
  let first = 0
  for (const at of due) {
    while ((singles[first] ?? at) <= at - HOUR) first++
    const isMany = (atOnce.get(minuteOf(at)) ?? 0) > channel.digestFrom
    if (!isMany && singles.length - first < channel.perHour) singles.push(at)
  }
  return { single: singles.length, digested: due.length - singles.length, held: sorted.length - due.length }
}
