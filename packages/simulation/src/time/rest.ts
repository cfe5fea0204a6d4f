/** Channels that are left alone for a while in a simulation, by quiet hours and by snoozes: for some of the later seeds. */
import { CHANNEL_IDS, type ChannelId } from "@earshot/core/channel/channel"
import { DAY, HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { type Random, between, chance, createRandom, integer, pick } from "@earshot/emulators/random"
import { type QuietHours, quietSpans } from "../truth/wall-clock.ts"
import type { ChannelEdit } from "./channel-edit.ts"
import type { PlannedTime } from "./fault.ts"
import { PLAIN_SEEDS } from "./wrong-clock.ts"

/**
 * `spans`: when it is left alone. Critical alerts come all the same in those of quiet hours, if it is set so. `unread`: when nobody can
 * read what it is set to, so that one of the deployment's is as it was at first.
 */
export type Rest = {
  channel: ChannelId
  quiet: QuietHours
  spans: readonly { kind: "quiet" | "snooze"; from: Instant; to: Instant }[]
  unread: readonly { from: Instant; to: Instant }[]
}

export const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kathmandu",
  "Pacific/Auckland",
  "America/St_Johns",
]

const ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const

/** After that, what was held has been sent, whatever fails meanwhile. */
const CATCH_UP_MS = 45 * MINUTE

/** A message may have been on its way when the quiet began, and clocks differ. */
const BEGINNING_MS = 3 * MINUTE

/** `edits`: what else people do to channels. Only one that stays as it is after it was added is left alone. */
export function planRests(span: PlannedTime, edits: readonly ChannelEdit[] = []): Rest[] {
  const { seed, profile } = span
  if (profile === "calm" || seed <= PLAIN_SEEDS) return []
  const random = createRandom("rests", seed, profile)
  const own = chance(random, 0.6) ? [restOf(span, random, null)] : []
  const readable = own.map((rest) => ({ ...rest, unread: unreadOf(rest.channel, edits) }))
  const die = createRandom("rests of added ones", seed, profile)
  const steady = edits.filter(({ id }) => edits.filter((edit) => edit.id === id).length === 1)
  const added = steady.filter(({ id }) => !CHANNEL_IDS.some((one) => one === id))
  return [...readable, ...added.flatMap((edit) => (chance(die, 0.5) ? [restOf(span, die, edit)] : []))]
}

function restOf({ start, end }: PlannedTime, random: Random, added: ChannelEdit | null): Rest {
  const clock = (hour: number) => `${String(hour % 24).padStart(2, "0")}:${pick(random, ["00", "30"])}`
  const begins = integer(random, 0, 23)
  const hours = { from: clock(begins), until: clock(begins + integer(random, 2, 9)) }
  const some = ALL_DAYS.filter(() => chance(random, 0.8))
  const quietHours = { ...hours, days: some.length > 0 ? some : [...ALL_DAYS] }
  const quiet = { quietHours, timeZone: pick(random, ZONES), criticalPasses: chance(random, 0.7) }
  const channel = pick(random, CHANNEL_IDS)
  const spans: { kind: "quiet" | "snooze"; from: Instant; to: Instant }[] = quietSpans(
    quiet,
    start - DAY,
    end + DAY,
  ).map((one) => ({ kind: "quiet", ...one }))
  if (chance(random, 0.5)) {
    const from = start + Math.round((end - start) * between(random, 0.2, 0.6))
    spans.push({ kind: "snooze", from, to: Math.min(end - HOUR, from + between(random, HOUR, 6 * HOUR)) })
  }
  return { channel: added?.id ?? channel, quiet, spans, unread: [] }
}

/** From each mishap to when somebody writes the channel again. */
export function unreadOf(channel: ChannelId, edits: readonly ChannelEdit[]): Rest["unread"] {
  const mine = edits.filter(({ id }) => id === channel)
  return mine.flatMap(({ kind, at }, index) => {
    const next = mine.slice(index).find((edit) => edit.kind === "write")
    return kind === "damage" ? [{ from: at, to: next?.at ?? Number.POSITIVE_INFINITY }] : []
  })
}

/**
 * The edits, with what people write for that: quiet hours when a channel is added, or for the deployment's own at the beginning, and a
 * snooze when it begins.
 */
export function withRests(
  edits: readonly ChannelEdit[],
  rests: readonly Rest[],
  start: Instant,
): ChannelEdit[] {
  const quietOf = (id: ChannelId) => rests.find(({ channel }) => channel === id)?.quiet
  const write = (id: ChannelId, at: Instant, change: Change): ChannelEdit => ({
    kind: "write",
    id,
    at,
    change,
  })
  const first = CHANNEL_IDS.flatMap((id) => (quietOf(id) ? [write(id, start, quietOf(id) ?? {})] : []))
  const changed = edits.map((edit) => {
    const quiet = CHANNEL_IDS.some((id) => id === edit.id) ? undefined : quietOf(edit.id)
    return quiet && edit.kind === "write" ? { ...edit, change: { ...edit.change, ...quiet } } : edit
  })
  const snoozes = rests.flatMap(({ channel, spans }) =>
    spans.flatMap(({ kind, from, to }) =>
      kind === "snooze" ? [write(channel, from, { snoozedUntil: isoOf(to) })] : [],
    ),
  )
  return [...first, ...changed, ...snoozes].sort((a, b) => a.at - b.at)
}

type Change = Extract<ChannelEdit, { kind: "write" }>["change"]

/** Whether a message may not arrive in the channel now. */
export function restsAt(
  rests: readonly Rest[],
  channel: ChannelId,
  { isCritical, now }: { isCritical: boolean; now: Instant },
): boolean {
  return rests.some(({ quiet, spans, ...rest }) => {
    const isRead = rest.unread.every(({ from, to }) => now < from || to + BEGINNING_MS < now)
    if (rest.channel !== channel || !isRead) return false
    return spans.some(({ kind, from, to }) => {
      const passes = isCritical && kind === "quiet" && quiet.criticalPasses
      return !passes && from + BEGINNING_MS < now && now < to - BEGINNING_MS
    })
  })
}

/** Whether somebody has surely snoozed the channel now, and everybody can read that. */
export function isSnoozedChannel(rests: readonly Rest[], channel: ChannelId, now: Instant): boolean {
  const snoozes = rests.map((rest) => ({
    ...rest,
    spans: rest.spans.filter(({ kind }) => kind === "snooze"),
  }))
  return restsAt(snoozes, channel, { isCritical: false, now })
}

/** Whether nobody had snoozed the channel at any moment of this time. */
export function wasUnsnoozedChannel(
  rests: readonly Rest[],
  channel: ChannelId,
  from: Instant,
  to: Instant,
): boolean {
  return rests.every(({ channel: id, spans }) => {
    return id !== channel || spans.every((span) => span.kind === "quiet" || span.to < from || span.from > to)
  })
}

/** Whether the channel was not left alone in this time, and had nothing left from before. */
export function wasAwake(rests: readonly Rest[], channel: ChannelId, from: Instant, to: Instant): boolean {
  return rests.every((rest) => {
    const isFree = (span: { from: Instant; to: Instant }) => span.to + CATCH_UP_MS < from || span.from > to
    return rest.channel !== channel || rest.spans.every(isFree)
  })
}
