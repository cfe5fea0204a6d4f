/** How a channel does, for people who look at the list of channels: from what went wrong with its messages. */
import { DAY, type Instant } from "../instant.ts"
import type { Incidents } from "./incident.ts"
import { subscriptionTrouble } from "./subscription.ts"

/**
 * ok: it took the last message. degraded: it has failed since, or not everybody it goes to can get its messages. dead: it refuses
 * messages, or has failed for a day. `dead`: messages given up within a day.
 */
export type ChannelHealth = {
  state: "ok" | "degraded" | "dead"
  why: string | null
  since: Instant | null
  dead: number
}

export function channelHealth(
  { channels, subscriptions }: Incidents,
  id: string,
  now: Instant,
): ChannelHealth {
  const known = channels[id]
  const dead = known?.deadAt.filter((at) => now - at < DAY).length ?? 0
  if (!known || known.failingSince === null) {
    const topic = subscriptions[id]
    const why = topic ? subscriptionTrouble(topic) : null
    return { state: why === null ? "ok" : "degraded", why, since: topic?.since ?? null, dead }
  }
  const { failingSince, isRefused, why } = known
  const state = isRefused || now - failingSince >= DAY ? "dead" : "degraded"
  return { state, why, since: failingSince, dead }
}
