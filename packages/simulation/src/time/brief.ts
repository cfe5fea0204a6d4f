/** Channels that want a daily brief in a simulation: for some of the later seeds, in calm times too. */
import { CHANNEL_IDS, type ChannelId } from "@earshot/core/channel/channel"
import type { Instant } from "@earshot/core/instant"
import { type Random, chance, createRandom, integer, pick } from "@earshot/emulators/random"
import type { ChannelEdit } from "./channel-edit.ts"
import type { PlannedTime } from "./fault.ts"
import { type Rest, ZONES, unreadOf } from "./rest.ts"
import { PLAIN_SEEDS } from "./wrong-clock.ts"

/** `at`: the time of day in the zone. `from`: when people asked for it. `unread`: when nobody can read that they did. */
export type BriefWish = {
  channel: ChannelId
  at: string
  timeZone: string
  from: Instant
  unread: Rest["unread"]
}

/** Later in the evening the day would be over before a channel that refuses takes it. */
const LAST_HOUR = 20

/** `edits`: what else people do to channels. Of those that they add, only one that stays as it is gets one. */
export function planBriefs(
  { seed, profile, start }: PlannedTime,
  edits: readonly ChannelEdit[],
  rests: readonly Rest[],
): BriefWish[] {
  if (seed <= PLAIN_SEEDS) return []
  const random = createRandom("briefs", seed, profile)
  const own = CHANNEL_IDS.map((channel) => ({ channel, from: start }))
  const steady = edits.filter(({ id }) => edits.filter((edit) => edit.id === id).length === 1)
  const added = steady.flatMap(({ id, at }) => (isOwn(id) ? [] : [{ channel: id, from: at }]))
  return [...own, ...added].flatMap(({ channel, from }) => {
    const isWanted = chance(random, 0.5)
    const at = timeOfDay(random)
    const zone = pick(random, [...ZONES, "UTC"])
    const timeZone = rests.find((rest) => rest.channel === channel)?.quiet.timeZone ?? zone
    return isWanted ? [{ channel, at, timeZone, from, unread: unreadOf(channel, edits) }] : []
  })
}

function timeOfDay(random: Random): string {
  return `${String(integer(random, 0, LAST_HOUR)).padStart(2, "0")}:${pick(random, ["00", "30"])}`
}

const isOwn = (id: ChannelId) => CHANNEL_IDS.some((one) => one === id)

/** The edits, with what people write for that: when they add the channel, or for the deployment's own at the beginning. */
export function withBriefs(edits: readonly ChannelEdit[], briefs: readonly BriefWish[]): ChannelEdit[] {
  const changeOf = ({ at, timeZone }: BriefWish) => ({ brief: { at }, timeZone })
  const first = briefs.flatMap((wish): ChannelEdit[] => {
    if (!isOwn(wish.channel)) return []
    return [{ kind: "write", id: wish.channel, at: wish.from, change: changeOf(wish) }]
  })
  const changed = edits.map((edit): ChannelEdit => {
    const wish = briefs.find(({ channel, from }) => channel === edit.id && from === edit.at)
    if (!wish || isOwn(edit.id) || edit.kind !== "write") return edit
    return { ...edit, change: { ...edit.change, ...changeOf(wish) } }
  })
  return [...first, ...changed].sort((a, b) => a.at - b.at)
}
