/** Looks once an hour whether anybody is subscribed to the topics that messages go to, and has another channel told what is wrong. */
import { HOUR } from "@earshot/core/instant"
import type { SubscriptionCount } from "@earshot/core/turn/subscription"
import { withSubscriptions } from "@earshot/core/turn/topic"
import type { Channel } from "@earshot/io/channel/channel"
import type { Store } from "@earshot/io/store/store"
import { type World, causeOf } from "@earshot/io/world"
import { changeIncidents } from "./incident.ts"
import type { Deployed } from "./memory/channel-memory.ts"
import type { Memory } from "./memory/memory.ts"

/**
 * Asks of each topic at most once an hour, however many processes there are. Never rejects for what SNS says: then nothing is known,
 * and nothing is noted. What is to be said of it in another channel is said by the next poll.
 */
export async function checkSubscriptions(
  world: World,
  store: Store,
  setup: Deployed,
  memory: Pick<Memory, "channel" | "turn">,
): Promise<void> {
  const now = world.now()
  if (now - memory.channel.subscribersCheckedAt < HOUR) return
  memory.channel.subscribersCheckedAt = now
  const channels = memory.channel.known?.live.channels ?? setup.channels
  const topics = channels.filter(({ countSubscriptions }) => countSubscriptions !== undefined)
  if (topics.length === 0) return
  const { subscriptions } = await store.readIncidents()
  const isDue = ({ id }: Channel) => {
    const at = subscriptions[id]?.at ?? 0
    return at > now || now - at >= HOUR
  }
  const counted = await Promise.all(
    topics.filter(isDue).map(async (channel) => ({ id: channel.id, count: await count(world, channel) })),
  )
  if (counted.every(({ count }) => count === null)) return
  const isOnly = channels.length === 1
  const noted = await changeIncidents(store, (known) => {
    return counted.reduce(
      (next, { id, count }) => (count ? withSubscriptions(next, id, count, { isOnly, now }) : next),
      known,
    )
  })
  if (noted.notices.length === 0) return
  memory.turn.areChannelsFine = false
  await store.announceDue(now)
}

async function count(world: World, { id, countSubscriptions }: Channel): Promise<SubscriptionCount | null> {
  try {
    return (await countSubscriptions?.()) ?? null
  } catch (error) {
    const why = causeOf(error)
    world.log({ level: "warn", event: "subscriptions.failed", channel: id, why })
    return null
  }
}
