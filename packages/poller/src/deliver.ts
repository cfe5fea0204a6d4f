/**
 * Delivers what is due: claims a delivery, sends it, marks it. Each channel works through the due calls at its own
 * pace and waits for no other. An attempt is counted before it is made, so that a crash can repeat a message, which
 * then says so, but never lose one.
 */
import type { Alert } from "@earshot/core/alert/alert"
import { type CallRecord, withDelivery } from "@earshot/core/alert/call-record"
import {
  type Claimed,
  PUT_OFF_MAX_MS,
  type SendResult,
  countPending,
  earliestAttemptAt,
  isDue,
  nextOf,
  seqOf,
  settle,
} from "@earshot/core/alert/delivery"
import { claimNext, givenBefore } from "@earshot/core/alert/owing"
import { CHANNEL_IDS, type ChannelId } from "@earshot/core/channel/channel"
import { hasCome } from "@earshot/core/clock"
import { HOUR, type Instant, earliest } from "@earshot/core/instant"
import { composeMessage, endedAt } from "@earshot/core/message/message"
import type { SendOutcome } from "@earshot/core/turn/incident"
import type { Channel } from "@earshot/io/channel/channel"
import type { DueCall, Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Desk, createDesk } from "./desk.ts"

/** At most this many calls are asked of the index at once; the others come with the next polls. */
const DUE_MAX = 200

/**
 * A channel that is through with them goes on to the next ones, at most this often: what it owes must not wait behind
 * another channel that hangs, and all that is owed there. Looking at a call costs a read.
 */
const DUE_PAGES_MAX = 10

/** `ids`: the calls whose records may have been changed. `outcomes`: what came of each message, in their order. */
export type Delivered = {
  delivered: number
  failed: number
  pending: number
  nextDueAt: Instant | null
  ids: readonly string[]
  outcomes: readonly SendOutcome[]
}

/**
 * Delivers what the index says is due, and the calls in `owingIds`, which the index may not show yet. Starts
 * nothing new after `deadline`.
 */
export async function deliverDue(
  world: World,
  store: Store,
  channels: readonly Channel[],
  { owingIds, deadline }: { owingIds: readonly string[]; deadline: Instant },
): Promise<Delivered> {
  const now = world.now()
  const pages: Promise<DueCall[]>[] = []
  // Each page is asked for once, by the channel that comes to it first.
  const pageAt = (page: number): Promise<DueCall[]> =>
    (pages[page] ??= page === 0 ? store.dueCalls(DUE_MAX) : dueAfter(store, pageAt(page - 1), now))
  const idsOf = (indexed: readonly DueCall[]) =>
    indexed.filter((due) => isTimeFor(due, now)).map((due) => due.callId)

  const desk = createDesk(world, store)
  const outcomes: SendOutcome[] = []
  // What is owed to a channel that is not configured is put off beside the others, and waits for none of them.
  const known = [...new Set([...CHANNEL_IDS, ...channels.map(({ id }) => id)])]
  const ofEach = known.map(async (channelId) => {
    const channel = channels.find(({ id }) => id === channelId) ?? null
    for (let page = 0; page < (channel ? DUE_PAGES_MAX : 1); page++) {
      const indexed = idsOf(await pageAt(page))
      const ids = page === 0 ? [...new Set([...owingIds, ...indexed])] : indexed
      outcomes.push(...(await deliverAll(world, desk, ids, { channelId, channel, deadline })))
      if (world.now() >= deadline) return
    }
  })
  await Promise.all(ofEach)

  const read = await Promise.all(pages)
  const indexed = read.flat()
  const looked = new Set([...owingIds, ...idsOf(indexed)])
  const ids = [...looked]
  outcomes.push(...(await putOffUnknown(world, desk, ids, { known, deadline })))
  const later = indexed.filter((due) => !looked.has(due.callId))
  const next = { pending: 0, nextDueAt: read.at(-1)?.length === DUE_MAX ? now : null }
  for (const due of later) {
    next.pending += due.pending
    next.nextDueAt = earliest(next.nextDueAt, due.dueAt)
  }
  for (const callId of ids) {
    const record = await desk.read(callId)
    if (!record) continue
    next.pending += countPending(record.deliveries)
    next.nextDueAt = earliest(next.nextDueAt, earliestAttemptAt(record.deliveries))
  }
  const delivered = outcomes.filter(({ kind }) => kind === "sent").length
  return { ...next, ids, outcomes, delivered, failed: outcomes.length - delivered }
}

/** The index may have been written by a clock that is wrong. */
function isTimeFor({ dueAt }: DueCall, now: Instant): boolean {
  return hasCome(dueAt, { waitMaxMs: PUT_OFF_MAX_MS, now })
}

/** What comes in the index after a page, if that was full and all of it due. */
async function dueAfter(store: Store, page: Promise<DueCall[]>, now: Instant): Promise<DueCall[]> {
  const calls = await page
  const last = calls.at(-1)
  if (!last || calls.length < DUE_MAX || !isTimeFor(last, now)) return []
  return store.dueCalls(DUE_MAX, last)
}

/** What one channel owes of these calls, at its pace. */
async function deliverAll(
  world: World,
  desk: Desk,
  ids: readonly string[],
  { channelId, channel, deadline }: { channelId: ChannelId; channel: Channel | null; deadline: Instant },
): Promise<SendOutcome[]> {
  const outcomes: SendOutcome[] = []
  for (const callId of ids) {
    if (world.now() >= deadline) break
    const outcome = await deliverOne(world, desk, { callId, channelId, channel })
    if (!outcome) continue
    outcomes.push(outcome)
    if (channel && callId !== ids.at(-1)) await world.sleep(channel.paceMs)
  }
  return outcomes
}

/** Which other channels are owed something, only the records say. That waits for an hour as well. */
async function putOffUnknown(
  world: World,
  desk: Desk,
  ids: readonly string[],
  { known, deadline }: { known: readonly ChannelId[]; deadline: Instant },
): Promise<SendOutcome[]> {
  const outcomes: SendOutcome[] = []
  for (const callId of ids) {
    const record = await desk.read(callId)
    for (const { channel: channelId } of record?.deliveries ?? []) {
      if (known.includes(channelId) || world.now() >= deadline) continue
      const outcome = await deliverOne(world, desk, { callId, channelId, channel: null })
      if (outcome) outcomes.push(outcome)
    }
  }
  return outcomes
}

/** Nothing is owed without an alert, but a record may be damaged. */
const NO_ALERT: Alert = { raisedAt: 0, reasons: [] }

/** Null if there was nothing to do for this channel. */
async function deliverOne(
  world: World,
  desk: Desk,
  { callId, channelId, channel }: { callId: string; channelId: ChannelId; channel: Channel | null },
): Promise<SendOutcome | null> {
  const known = await desk.read(callId)
  const delivery = known && nextOf(known.deliveries, channelId)
  if (!delivery || !isDue(delivery, world.now())) return null

  // Its message gives the reference instead of the id. In the other order a crash would leave one that leads nowhere.
  if (channel?.privacy === "minimal" && delivery.attempts === 0) await desk.refer(callId)
  let claimed: Claimed | null = null
  const record = await desk.update(callId, (current) => {
    const next = claimNext(current.deliveries, current.alert ?? NO_ALERT, channelId, world.now())
    claimed = next && next.claimed
    return next && { ...current, deliveries: next.deliveries }
  })
  if (!record || !claimed) return null
  const mine: Claimed = claimed

  const result = await send(channel, record, mine)
  const settled = settle(mine, result, world.now(), world.random())
  // A claim that ran out meanwhile is somebody else's now, and so is what comes of it.
  await desk.update(callId, (current) => {
    const candidate = nextOf(current.deliveries, channelId)
    const isMine =
      candidate?.state === "claimed" &&
      seqOf(candidate) === seqOf(mine) &&
      candidate.attempts === mine.attempts
    return isMine ? withDelivery(current, settled) : null
  })
  if (result.kind === "sent") return { channel: channelId, kind: "sent", isDead: false, why: "" }
  const { why } = result
  const isDead = settled.state === "dead"
  const event = isDead ? "delivery.dead" : "delivery.failed"
  world.log({ level: "warn", event, channel: channelId, callId, why, attempts: mine.attempts })
  const kind = channel === null ? "away" : result.kind === "refused" ? "refused" : "failed"
  return { channel: channelId, kind, isDead, why }
}

async function send(channel: Channel | null, record: CallRecord, claimed: Claimed): Promise<SendResult> {
  if (!channel) {
    const why = `the channel ${claimed.channel} is not configured`
    return { kind: "retry", why, mayHaveArrived: false, afterMs: HOUR }
  }
  const given = record.alert ? givenBefore(record.deliveries, claimed, record.alert) : 0
  const { mayRepeat } = claimed
  const { privacy, timeZone, callUrlTemplate } = channel
  const telling = { privacy, mayRepeat, given, taken: claimed.taken, timeZone, callUrlTemplate }
  const message = composeMessage(record, telling)
  if (!message) return { kind: "refused", why: "there is nothing to say" }
  return channel.send(message, endedAt(record))
}
