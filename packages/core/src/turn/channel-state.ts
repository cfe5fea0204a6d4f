/** How a channel does, for people who look at the list of channels: from its pace, and what went wrong with its messages. */
import { type ChannelPace, lastTookAt } from "../alert/pace.ts"
import { DAY, type Instant } from "../instant.ts"
import type { Incidents } from "./incident.ts"
import { subscriptionTrouble } from "./subscription.ts"

/**
 * ok: it took the last message. degraded: it has failed since, or not everybody it goes to can get its messages. dead: it refuses
 * messages, or has failed for a day. `tookAt`: when it last took a message; null: that is not known. `dead`: messages given up
 * within a day.
 */
export type ChannelHealth = {
  state: "ok" | "degraded" | "dead"
  why: string | null
  since: Instant | null
  tookAt: Instant | null
  dead: number
}

export function channelHealth(
  { channels, subscriptions }: Incidents,
  { id, pace, now }: { id: string; pace: ChannelPace; now: Instant },
): ChannelHealth {
  const known = channels[id]
  const dead = known?.deadAt.filter((at) => now - at < DAY).length ?? 0
  if (!known || known.failingSince === null) {
    const topic = subscriptions[id]
    const why = topic ? subscriptionTrouble(topic) : null
    const tookAt = lastTookAt(pace) || null
    return { state: why === null ? "ok" : "degraded", why, since: topic?.since ?? null, tookAt, dead }
  }
  const { failingSince, isRefused, why, tookAt } = known
  const state = isRefused || now - failingSince >= DAY ? "dead" : "degraded"
  return { state, why, since: failingSince, tookAt: tookAt || null, dead }
}
