/**
 * Where one channel's messages are claimed, sent and marked, one by one or many as a digest. An attempt is counted before it is made,
 * so that a crash can repeat a message, which then says so, but never lose one.
 */
import type { Alert } from "@earshot/core/alert/alert"
import type { CallRecord } from "@earshot/core/alert/call-record"
import { withDelivery } from "@earshot/core/alert/call-record"
import { settleTest } from "@earshot/core/alert/channel-test"
import {
  type Claimed,
  type Delivery,
  type SendResult,
  nextOf,
  seqOf,
  settle,
  unclaim,
} from "@earshot/core/alert/delivery"
import { claimNext } from "@earshot/core/alert/owing"
import type { ChannelId } from "@earshot/core/channel/channel"
import type { SendOutcome } from "@earshot/core/turn/incident"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import type { Desk } from "./desk.ts"

/** A claim, and the record with it. */
export type ClaimedCall = { record: CallRecord; claimed: Claimed }

/** Nothing is owed without an alert, but a record may be damaged. */
const NO_ALERT: Alert = { raisedAt: 0, reasons: [] }

/** Null if somebody else was quicker. */
export async function claimCall(
  world: World,
  desk: Desk,
  { callId, channelId, digest }: { callId: string; channelId: ChannelId; digest?: string },
): Promise<ClaimedCall | null> {
  let claimed: Claimed | null = null
  const record = await desk.update(callId, (current) => {
    const next = claimNext(current.deliveries, current.alert ?? NO_ALERT, channelId, world.now(), digest)
    claimed = next && next.claimed
    return next && { ...current, deliveries: next.deliveries }
  })
  return record && claimed && { record, claimed }
}

/** What came of an attempt, marked; what was given up is listed before that. Returns how the delivery stands then. */
export async function settleCall(
  world: World,
  store: Store,
  desk: Desk,
  { record: { callId, isTest }, claimed }: ClaimedCall,
  result: SendResult,
  { roll, isAway }: { roll: number; isAway: boolean },
): Promise<Delivery> {
  const settled = isTest
    ? settleTest(claimed, result, world.now())
    : settle(claimed, result, world.now(), { roll, isAway })
  if (settled.state === "dead" && !isTest) {
    const { channel, deadAt, why } = settled
    await store.noteDead({ channel, callId, seq: seqOf(settled), deadAt, why })
    world.log({ level: "error", event: "delivery.dead", channel, callId, why, attempts: claimed.attempts })
  }
  await putBack(desk, callId, claimed, settled)
  return settled
}

/** For a claim on what was not sent after all. */
export async function unclaimCall(
  world: World,
  desk: Desk,
  { record: { callId }, claimed }: ClaimedCall,
): Promise<void> {
  await putBack(desk, callId, claimed, unclaim(claimed, world.now()))
}

/** A claim that ran out meanwhile is somebody else's now, and so is what comes of it. */
async function putBack(desk: Desk, callId: string, mine: Claimed, next: Delivery): Promise<void> {
  await desk.update(callId, (current) => {
    const candidate = nextOf(current.deliveries, mine.channel)
    const isMine =
      candidate?.state === "claimed" &&
      seqOf(candidate) === seqOf(mine) &&
      candidate.attempts === mine.attempts
    return isMine ? withDelivery(current, next) : null
  })
}

/** As the incidents are told. */
export function outcomeOf(
  channel: ChannelId,
  result: SendResult,
  { dead, isAway }: { dead: number; isAway: boolean },
): SendOutcome {
  if (result.kind === "sent") return { channel, kind: "sent", dead, why: "" }
  const kind = isAway ? "away" : result.kind === "refused" ? "refused" : "failed"
  return { channel, kind, dead, why: result.why }
}
