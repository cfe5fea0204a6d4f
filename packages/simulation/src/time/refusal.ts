/** Channels that refuse everything for hours in a simulation, or ask to wait for as long: for some of the later seeds. */
import { CHANNEL_IDS, type ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { between, chance, createRandom, pick } from "@earshot/emulators/random"
import type { ProfileName } from "./fault.ts"
import { PLAIN_SEEDS } from "./wrong-clock.ts"

export type Refusal = { channel: ChannelId; kind: "refused" | "throttled"; from: Instant; to: Instant }

/** After that, what waited has been sent: a message waits for its next attempt for a quarter of an hour at most. */
const CATCH_UP_MS = 45 * MINUTE

export function planRefusals(options: {
  seed: number
  profile: ProfileName
  start: Instant
  end: Instant
}): Refusal[] {
  const { seed, profile, start, end } = options
  const random = createRandom("refusals", seed, profile)
  if (profile === "calm" || seed <= PLAIN_SEEDS || !chance(random, 0.6)) return []
  const from = start + Math.round((end - start) * between(random, 0.05, 0.7))
  const to = Math.min(end - HOUR, from + between(random, 10 * MINUTE, 5 * HOUR))
  const kind = chance(random, 0.6) ? "refused" : "throttled"
  return to > from ? [{ channel: pick(random, CHANNEL_IDS), kind, from, to }] : []
}

export function refusalAt(refusals: readonly Refusal[], party: string, now: Instant): Refusal | null {
  return refusals.find(({ channel, from, to }) => channel === party && from <= now && now < to) ?? null
}

/** Whether the channel took messages all the time, and had done so for long enough to have none left from before. */
export function tookMessages(
  refusals: readonly Refusal[],
  channel: ChannelId,
  from: Instant,
  to: Instant,
): boolean {
  return refusals.every((refusal) => {
    return refusal.channel !== channel || refusal.to + CATCH_UP_MS < from || refusal.from > to
  })
}
