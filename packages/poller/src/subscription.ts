/** Looks once an hour whether anybody is subscribed to the topics that messages go to, and notes what is wrong. */
import { HOUR } from "@earshot/core/instant"
import { type SubscriptionCount, subscriptionsAfter } from "@earshot/core/turn/subscription"
import type { Channel } from "@earshot/io/channel/channel"
import type { Store } from "@earshot/io/store/store"
import { type World, errorCode } from "@earshot/io/world"
import { changeIncidents } from "./incident.ts"
import type { ChannelMemory, Deployed } from "./memory/channel-memory.ts"

/**
 * Asks of each topic at most once an hour, however many processes there are. Never rejects for what SNS says: then nothing is known,
 * and nothing is noted.
 */
export async function checkSubscriptions(
  world: World,
  store: Store,
  setup: Deployed,
  memory: ChannelMemory,
): Promise<void> {
  const now = world.now()
  if (now - memory.subscribersCheckedAt < HOUR) return
  memory.subscribersCheckedAt = now
  const channels = memory.known?.live.channels ?? setup.channels
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
  await changeIncidents(store, (known) => {
    const next = { ...known.subscriptions }
    for (const { id, count } of counted) {
      if (count) next[id] = subscriptionsAfter(next[id], count, { isOnly: channels.length === 1, now })
    }
    return { ...known, subscriptions: next }
  })
}

async function count(world: World, { id, countSubscriptions }: Channel): Promise<SubscriptionCount | null> {
  try {
    return (await countSubscriptions?.()) ?? null
  } catch (error) {
    const why = errorCode(error) ?? (error instanceof Error ? error.name : "unknown")
    world.log({ level: "warn", event: "subscriptions.failed", channel: id, why })
    return null
  }
}
