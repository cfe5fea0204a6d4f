/**
 * Holds back what quiet hours or a snooze keep from a channel, and lets it go when they end sooner than they were to. What is held is
 * not due: the index shows it only after its time, so that nobody asks for it meanwhile.
 */
import { type CallRecord, rightRecord, withDelivery } from "@earshot/core/alert/call-record"
import { earliestAttemptAt, isResting, nextOf, rest } from "@earshot/core/alert/delivery"
import { newsOf } from "@earshot/core/alert/digest"
import { type SnoozedRules, restUntil } from "@earshot/core/alert/rest"
import type { Instant } from "@earshot/core/instant"
import type { Channel } from "@earshot/io/channel/channel"
import type { Store, Versioned } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import type { Desk } from "./desk.ts"
import type { DueIndex } from "./due-index.ts"
import { inParallel } from "./parallel.ts"

/** After so many there may be more than were looked through. */
const MANY = 100

/** Records written at once. */
const LANES = 8

/** Until when the channel's next message about the call is held back; null: it is not. Somebody waits for a test. */
export function restOf(
  { deliveries, alert, isTest }: CallRecord,
  channel: Channel,
  snoozed: SnoozedRules,
  now: Instant,
): Instant | null {
  const next = nextOf(deliveries, channel.id)
  if (!next || isTest) return null
  const news = next.kind === "withdrawal" ? [] : newsOf(deliveries, next, alert)
  return restUntil(channel, news, snoozed, now)
}

export async function holdBack(
  { world, desk, deadline }: { world: World; desk: Desk; deadline: Instant },
  { id }: Channel,
  resting: readonly { callId: string; until: Instant }[],
): Promise<void> {
  await inParallel(resting, LANES, async ({ callId, until }) => {
    if (world.now() >= deadline) return
    await desk.update(callId, (record) => {
      const next = nextOf(record.deliveries, id)
      const held = next && rest(next, until, world.now())
      return held && held !== next ? withDelivery(record, held) : null
    })
  })
}

export type Released = { owing: Map<string, Versioned<CallRecord>>; isAll: boolean }

export type Releasing = {
  channels: readonly Channel[]
  snoozed: SnoozedRules
  deadline: Instant
  /** Says in the poller's state that something is due. False if another turn has begun. */
  mark: () => Promise<boolean>
}

/**
 * What is held and need not be any more, because somebody edited a channel or a rule since, or because a wrong clock held it back: it
 * is due then, which is marked first. `isAll` false: there may be more.
 */
export async function releaseRested(
  world: World,
  store: Store,
  index: DueIndex,
  { channels, snoozed, deadline, mark }: Releasing,
): Promise<Released> {
  const owing: Released["owing"] = new Map()
  let isOvertaken = false
  for (let page = 0; world.now() < deadline; page++) {
    const later = await index.later(page)
    if (later === null) break
    const known = later.length > 0 ? await store.readCalls(later.map(({ callId }) => callId)) : new Map()
    await inParallel([...known.values()], LANES, async ({ value, version }: Versioned<CallRecord>) => {
      if (world.now() >= deadline || isOvertaken) return
      const freed = releasedRecord(value, channels, snoozed, world.now())
      if (freed && !(await mark())) isOvertaken = true
      else if (freed && (await store.writeCall(freed, version)))
        owing.set(freed.callId, { version: version + 1, value: freed })
    })
  }
  return { owing, isAll: owing.size < MANY && !isOvertaken }
}

/** The record with what may go sooner; null if nothing may. */
function releasedRecord(
  stored: CallRecord,
  channels: readonly Channel[],
  snoozed: SnoozedRules,
  now: Instant,
): CallRecord | null {
  let record = rightRecord(stored, now)
  for (const delivery of record.deliveries) {
    if (!isResting(delivery, now) || nextOf(record.deliveries, delivery.channel) !== delivery) continue
    const channel = channels.find(({ id }) => id === delivery.channel)
    const until = (channel && restOf(record, channel, snoozed, now)) ?? now
    if (until < (delivery.restUntil ?? 0)) record = withDelivery(record, rest(delivery, until, now))
  }
  const [before, after] = [earliestAttemptAt(stored.deliveries), earliestAttemptAt(record.deliveries)]
  return after !== null && (before === null || after < before) ? record : null
}
