/** Makes deliveries that were given up due again: for a person who asks for it, and for a channel that takes messages again. */
import { withDelivery } from "@earshot/core/alert/call-record"
import { revive, seqOf } from "@earshot/core/alert/delivery"
import type { DeadDelivery } from "@earshot/core/alert/outbox"
import type { Instant } from "@earshot/core/instant"
import type { Store } from "./store/store.ts"

/** Writes of one record that may collide with somebody else's. */
const COLLISIONS_MAX = 5

/** False if it is not dead, or its record is gone. Either way it is listed no more. */
export async function reviveDelivery(store: Store, dead: DeadDelivery, now: Instant): Promise<boolean> {
  for (let attempt = 0; attempt < COLLISIONS_MAX; attempt++) {
    const stored = await store.readCall(dead.callId)
    const delivery = stored?.value.deliveries.find(
      (one) => one.channel === dead.channel && seqOf(one) === dead.seq,
    )
    if (!stored || delivery?.state !== "dead") {
      await store.forgetDead(dead)
      return false
    }
    if (await store.writeCall(withDelivery(stored.value, revive(delivery, now)), stored.version)) {
      await store.forgetDead(dead)
      return true
    }
  }
  return false
}
