/** How a channel does, for people who look at the list of channels: from what went wrong with its messages. */
import { DAY, type Instant } from "../instant.ts"
import type { Incidents } from "./incident.ts"

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

export function channelHealth({ channels }: Incidents, id: string, now: Instant): ChannelHealth {
  const known = channels[id]
  const dead = known?.deadAt.filter((at) => now - at < DAY).length ?? 0
  if (!known || known.failingSince === null) return { state: "ok", why: null, since: null, dead }
  const { failingSince, isRefused, why } = known
  const state = isRefused || now - failingSince >= DAY ? "dead" : "degraded"
  return { state, why, since: failingSince, dead }
}
