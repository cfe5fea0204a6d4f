/** Channels that are left alone for a while in a simulation, by quiet hours and by snoozes: for some of the later seeds. */
import { CHANNEL_IDS, type ChannelId } from "@earshot/core/channel/channel"
import { type QuietSettings, quietUntil } from "@earshot/core/channel/quiet"
import { DAY, HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { between, chance, createRandom, integer, pick } from "@earshot/emulators/random"
import type { Channel } from "@earshot/io/channel/channel"
import type { ProfileName } from "./fault.ts"
import { PLAIN_SEEDS } from "./wrong-clock.ts"

/** `spans`: when it is left alone. Critical alerts come all the same in those of quiet hours, if it is set so. */
export type Rest = {
  channel: ChannelId
  quiet: QuietSettings & { criticalPasses: boolean }
  spans: readonly { kind: "quiet" | "snooze"; from: Instant; to: Instant }[]
}

const ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "America/St_Johns"]

const ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const

/** After that, what was held has been sent, whatever fails meanwhile. */
const CATCH_UP_MS = 45 * MINUTE

/** A message may have been on its way when the quiet began, and clocks differ. */
const BEGINNING_MS = 3 * MINUTE

export function planRests(options: {
  seed: number
  profile: ProfileName
  start: Instant
  end: Instant
}): Rest[] {
  const { seed, profile, start, end } = options
  const random = createRandom("rests", seed, profile)
  if (profile === "calm" || seed <= PLAIN_SEEDS || !chance(random, 0.6)) return []
  const clock = (hour: number) => `${String(hour % 24).padStart(2, "0")}:${pick(random, ["00", "30"])}`
  const begins = integer(random, 0, 23)
  const quietHours = {
    from: clock(begins),
    until: clock(begins + integer(random, 2, 9)),
    days: ALL_DAYS.filter(() => chance(random, 0.8)),
  }
  const quiet = { quietHours, timeZone: pick(random, ZONES), criticalPasses: chance(random, 0.7) }
  const channel = pick(random, CHANNEL_IDS)
  const spans: { kind: "quiet" | "snooze"; from: Instant; to: Instant }[] = []
  // Every zone is off by quarters of an hour.
  for (let at = start - DAY; at < end + DAY; at += 15 * MINUTE) {
    const until = quietUntil(quiet, at)
    if (until === null) continue
    spans.push({ kind: "quiet", from: at, to: until })
    at = until - 15 * MINUTE
  }
  if (chance(random, 0.5)) {
    const from = start + Math.round((end - start) * between(random, 0.1, 0.6))
    spans.push({ kind: "snooze", from, to: Math.min(end - HOUR, from + between(random, HOUR, 6 * HOUR)) })
  }
  return [{ channel, quiet, spans }]
}

/** The channel with what it is set to, a snooze as long as it lasts. */
export function withRest(channel: Channel, rests: readonly Rest[], now: () => Instant): Channel {
  const rest = rests.find((one) => one.channel === channel.id)
  if (!rest) return channel
  return {
    ...channel,
    ...rest.quiet,
    get snoozedUntil() {
      const snooze = rest.spans.find(({ kind, from, to }) => kind === "snooze" && from <= now() && now() < to)
      return snooze ? isoOf(snooze.to) : null
    },
  }
}

/** Whether a message may not arrive in the channel now. */
export function restsAt(
  rests: readonly Rest[],
  channel: ChannelId,
  { isCritical, now }: { isCritical: boolean; now: Instant },
): boolean {
  return rests.some(({ quiet, spans, ...rest }) => {
    if (rest.channel !== channel) return false
    return spans.some(({ kind, from, to }) => {
      const passes = isCritical && kind === "quiet" && quiet.criticalPasses
      return !passes && from + BEGINNING_MS < now && now < to - BEGINNING_MS
    })
  })
}

/** Whether what was found then may still be held now: by a rest that began a moment later at the latest, or one that has just ended. */
export function isHeldSince(
  rests: readonly Rest[],
  channel: ChannelId,
  { isCritical, at, now }: { isCritical: boolean; at: Instant; now: Instant },
): boolean {
  return rests.some(({ quiet, spans, ...rest }) => {
    if (rest.channel !== channel) return false
    return spans.some(({ kind, from, to }) => {
      const passes = isCritical && kind === "quiet" && quiet.criticalPasses
      return !passes && from - BEGINNING_MS < at && at < to && now < to + CATCH_UP_MS
    })
  })
}

/** Whether the channel was not left alone in this time, and had nothing left from before. */
export function wasAwake(rests: readonly Rest[], channel: ChannelId, from: Instant, to: Instant): boolean {
  return rests.every((rest) => {
    const isFree = (span: { from: Instant; to: Instant }) => span.to + CATCH_UP_MS < from || span.from > to
    return rest.channel !== channel || rest.spans.every(isFree)
  })
}
