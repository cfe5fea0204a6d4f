/**
 * A test message, from the request to what the channel said. It is put into the outbox like any alert, and the poller sends it:
 * this API may not, and a test that went another way would prove less.
 */
import { testRecord } from "@earshot/core/alert/channel-test"
import type { Delivery } from "@earshot/core/alert/delivery"
import type { ChannelId } from "@earshot/core/channel/channel"
import { SECOND } from "@earshot/core/instant"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import * as z from "zod"

export const TestView = z.object({
  id: z.string(),
  channel: z.string(),
  state: z
    .enum(["waiting", "sent", "failed"])
    .describe("waiting: the poller has not tried it yet. sent: the channel took it. failed: it did not."),
  why: z.string().nullable().describe("What the channel said, if it did not take it."),
})

export type TestView = z.infer<typeof TestView>

/** Looks for what came of it. The function is stopped after 20 s, and a poll comes about every 20. */
const LOOKS_MAX = 16

/** Starts a test and waits for a while for what comes of it. `isPolled`: polls come by themselves. */
export async function testChannel(
  world: World,
  store: Store,
  channel: ChannelId,
  { isPolled }: { isPolled: boolean },
): Promise<TestView> {
  const now = world.now()
  const id = `${now.toString(36)}${Math.floor(world.random() * 36 ** 6).toString(36)}`
  const record = testRecord(channel, id, now)
  await store.writeCall(record, 0)
  await store.announceDue(now)
  const looks = isPolled ? LOOKS_MAX : 0
  for (let look = 0; look < looks; look++) {
    await world.sleep(SECOND)
    const view = await readTest(store, channel, id)
    if (view && view.state !== "waiting") return view
  }
  return { id, channel, state: "waiting", why: null }
}

/** Null if there is no such test of this channel, or it is too long ago. */
export async function readTest(store: Store, channel: ChannelId, id: string): Promise<TestView | null> {
  const stored = await store.readCall(testRecord(channel, id, 0).callId)
  const delivery = stored?.value.deliveries.find((one) => one.channel === channel)
  return delivery ? { id, channel, ...outcomeOf(delivery) } : null
}

function outcomeOf(delivery: Delivery): Pick<TestView, "state" | "why"> {
  switch (delivery.state) {
    case "due":
    case "claimed":
      return { state: "waiting", why: null }
    case "sent":
      return { state: "sent", why: null }
    case "dead":
      return { state: "failed", why: delivery.why }
  }
}
