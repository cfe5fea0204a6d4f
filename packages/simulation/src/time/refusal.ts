/** Channels that refuse everything for hours in a simulation, or ask to wait for as long: for some of the later seeds. */
import { CHANNEL_IDS, type ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { type Random, between, chance, createRandom, pick } from "@earshot/emulators/random"
import type { ChannelEdit } from "./channel-edit.ts"
import type { Storm } from "../truth/storm.ts"
import type { PlannedTime } from "./fault.ts"
import { PLAIN_SEEDS } from "./wrong-clock.ts"

export type Refusal = { channel: ChannelId; kind: "refused" | "throttled"; from: Instant; to: Instant }

/** After that, what waited has been sent: a message waits for its next attempt for a quarter of an hour at most. */
const CATCH_UP_MS = 45 * MINUTE

/** `edits`: what people do to channels. Those that they have added refuse as well. */
export function planRefusals(span: PlannedTime, edits: readonly ChannelEdit[] = []): Refusal[] {
  const { seed, profile } = span
  if (profile === "calm" || seed <= PLAIN_SEEDS) return []
  const random = createRandom("refusals", seed, profile)
  const own = chance(random, 0.6) ? refusalOf(span, random, CHANNEL_IDS) : []
  const die = createRandom("refusals of added ones", seed, profile)
  const added = [...new Set(edits.map(({ id }) => id))].filter((id) => !CHANNEL_IDS.some((one) => one === id))
  return [...own, ...(added.length > 0 && chance(die, 0.5) ? refusalOf(span, die, added) : [])]
}

/** While the calls of a storm are found, e-mail asks to wait, and then owes all of them at once. */
export function stormRefusal({ at }: Storm): Refusal {
  return { channel: "email", kind: "throttled", from: at - MINUTE, to: at + 50 * MINUTE }
}

function refusalOf({ start, end }: PlannedTime, random: Random, ids: readonly ChannelId[]): Refusal[] {
  const from = start + Math.round((end - start) * between(random, 0.05, 0.7))
  const to = Math.min(end - HOUR, from + between(random, 10 * MINUTE, 5 * HOUR))
  const kind = chance(random, 0.6) ? "refused" : "throttled"
  return to > from ? [{ channel: pick(random, ids), kind, from, to }] : []
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
