/**
 * Delivers what is due. Each channel works through the due calls at its own pace and waits for no other; what is owed to a channel
 * that is not there is put off beside them.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { type Inheritance, inherited } from "@earshot/core/alert/inheritance"
import { countPending, isDue, nextAttemptAt, nextOf } from "@earshot/core/alert/delivery"
import type { SnoozedRules } from "@earshot/core/alert/rest"
import { CHANNEL_IDS, type ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, earliest } from "@earshot/core/instant"
import type { SendOutcome } from "@earshot/core/turn/incident"
import type { Channel } from "@earshot/io/channel/channel"
import type { Store, Versioned } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { claimCall, outcomeOf, settleCall } from "./counter.ts"
import { createDesk, type Desk } from "./desk.ts"
import { createDueIndex, isTimeFor } from "./due-index.ts"
import type { TurnMemory } from "./memory/turn-memory.ts"
import { releaseRested } from "./resting.ts"
import { type Served, type Serving, serveChannel } from "./serve.ts"
import { latencyOf, rememberOwed } from "./vital.ts"

/** `ids`: the calls whose records may have been changed. `outcomes`: what came of each message, in their order. */
export type Delivered = {
  delivered: number
  failed: number
  pending: number
  /** The index shows no others that are pending. */
  isAll: boolean
  nextDueAt: Instant | null
  ids: readonly string[]
  outcomes: readonly SendOutcome[]
  /** How many alerts wait for a channel, of those that were looked at. */
  waiting: (channel: ChannelId) => number
  /** Records of which messages that can be changed are to be brought up to date. */
  restated: readonly CallRecord[]
  /** There may be more that need not be held any more. */
  mayRelease: boolean
  /** What was held, or owed to a channel that is gone, was made due now. */
  hasMadeDue: boolean
  latencySeconds: number
}

export type Delivering = {
  /** Calls that this turn has made due, as they were stored: the index may not show them yet. */
  owing: ReadonlyMap<string, Versioned<CallRecord>>
  deadline: Instant
  end: Instant
  isCatchingUp: boolean
  snoozed: SnoozedRules
  /** What is held is looked through as well: perhaps it need not be any more. */
  isCheck: boolean
  inheritance: Inheritance
  mark: () => Promise<boolean>
}

/** Delivers what the index says is due and what this turn owes. Starts nothing new after `deadline`. */
export async function deliverDue(
  world: World,
  store: Store,
  channels: readonly Channel[],
  memory: TurnMemory,
  { owing: kept, deadline, end, isCatchingUp, snoozed, isCheck, inheritance, mark }: Delivering,
): Promise<Delivered> {
  const now = world.now()
  const index = createDueIndex(store, [...kept.keys()], now)
  const releasing = { channels, snoozed, deadline, mark }
  const released = isCheck ? await releaseRested(world, store, index, releasing) : null
  const owing = new Map([...kept, ...(released?.owing ?? [])])
  index.add(released?.owing.keys() ?? [])
  const desk = createDesk(world, store, owing)
  const serving: Serving = { world, store, desk, index, memory, deadline, end, isCatchingUp, snoozed }
  // What is owed to a channel that is not configured is put off beside the others, and waits for none of them.
  const away = CHANNEL_IDS.filter((id) => channels.every((channel) => channel.id !== id))
  const [served, ...putOff] = await Promise.all([
    Promise.all(channels.map(async (channel) => [channel.id, await serveChannel(serving, channel)] as const)),
    ...away.map(async (channelId) => putOffAll(serving, (await index.page(0)) ?? [], () => [channelId])),
  ])
  const { calls, mayGoOn, isAll } = await index.read()
  const isKnown = new Set([...CHANNEL_IDS, ...channels.map(({ id }) => id)])
  const ids = [
    ...new Set([...owing.keys(), ...calls.flatMap((due) => (isTimeFor(due, now) ? due.callId : []))]),
  ]
  const strangersOf = ({ deliveries }: CallRecord) =>
    deliveries.flatMap(({ channel }) => (isKnown.has(channel) ? [] : [channel]))
  const hasInherited = await inheritAll(serving, ids, inheritance)
  putOff.push(await putOffAll(serving, ids, strangersOf))

  const all = [...served.map(([, one]) => one), ...putOff]
  const waits = new Map(served.map(([id, { waitsUntil }]) => [id, waitsUntil]))
  const next = { pending: 0, nextDueAt: mayGoOn ? now : null }
  const records = ids.flatMap((callId) => desk.known(callId) ?? [])
  for (const record of records) {
    next.pending += countPending(record.deliveries)
    next.nextDueAt = earliest(next.nextDueAt, nextSendAt(record, waits))
  }
  const looked = new Set(records.map(({ callId }) => callId))
  rememberOwed(memory, records, {
    channels: channels.map(({ id }) => id),
    pendingIds: new Set([...looked, ...calls.map(({ callId }) => callId)]),
    now: world.now(),
  })
  for (const due of calls) {
    if (looked.has(due.callId)) continue
    next.pending += due.pending
    next.nextDueAt = earliest(next.nextDueAt, due.dueAt)
  }
  return {
    ...next,
    isAll,
    ids,
    restated: records.filter(({ restateAt }) => restateAt !== undefined),
    mayRelease: released?.isAll === false,
    hasMadeDue: hasInherited || (released?.owing.size ?? 0) > 0,
    latencySeconds: Math.max(0, ...records.map((record) => latencyOf(record, now))),
    outcomes: all.flatMap(({ outcomes }) => outcomes),
    delivered: all.reduce((sum, { delivered }) => sum + delivered, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    waiting: (channel) => records.filter(({ deliveries }) => nextOf(deliveries, channel) !== null).length,
  }
}

/** When a message of the record may be sent next: not before its channel may be used. Null if none is left to send. */
function nextSendAt(
  { deliveries }: CallRecord,
  waits: ReadonlyMap<ChannelId, Instant | null>,
): Instant | null {
  let next: Instant | null = null
  for (const delivery of deliveries) {
    const at = nextAttemptAt(delivery)
    if (at === null || nextOf(deliveries, delivery.channel) !== delivery) continue
    next = earliest(next, Math.max(at, waits.get(delivery.channel) ?? at))
  }
  return next
}

/** What is owed to nobody but channels that somebody has deleted is owed to others from then on, who are sent it by the next poll. */
async function inheritAll(
  { world, desk, deadline }: Serving,
  ids: readonly string[],
  inheritance: Inheritance,
): Promise<boolean> {
  const { deleted } = inheritance
  let isAny = false
  if (deleted.length === 0) return isAny
  for (const callId of ids) {
    if (world.now() >= deadline) break
    const record = await desk.read(callId)
    if (!record?.deliveries.some(({ channel }) => deleted.includes(channel))) continue
    const heirs = await desk.update(callId, (known) => inherited(known, inheritance, world.now()))
    if (!heirs) continue
    world.log({ level: "warn", event: "delivery.inherited", callId })
    isAny = true
  }
  return isAny
}

/** What is owed to channels that are not there, of which only the records say which. That waits for an hour. */
async function putOffAll(
  { world, store, desk, deadline }: Serving,
  ids: readonly string[],
  channelsOf: (record: CallRecord) => readonly ChannelId[],
): Promise<Served> {
  const served: Served = { outcomes: [], delivered: 0, failed: 0, waitsUntil: null }
  for (const callId of ids) {
    if (world.now() >= deadline) break
    const record = await desk.read(callId)
    for (const channelId of record ? channelsOf(record) : []) {
      if (world.now() < deadline) await putOffOne({ world, store, desk }, { callId, channelId }, served)
    }
  }
  return served
}

async function putOffOne(
  { world, store, desk }: { world: World; store: Store; desk: Desk },
  { callId, channelId }: { callId: string; channelId: ChannelId },
  served: Served,
): Promise<void> {
  const known = await desk.read(callId)
  const delivery = known && nextOf(known.deliveries, channelId)
  if (!delivery || !isDue(delivery, world.now())) return
  const call = await claimCall(world, desk, { callId, channelId })
  if (!call) return
  const why = `the channel ${channelId} is not configured`
  const result = { kind: "retry", why, mayHaveArrived: false, afterMs: HOUR } as const
  const settled = await settleCall(world, store, desk, call, result, { roll: world.random(), isAway: true })
  const { attempts } = call.claimed
  world.log({ level: "warn", event: "delivery.failed", channel: channelId, callId, why, attempts })
  served.failed++
  const dead = settled.state === "dead" ? 1 : 0
  served.outcomes.push(outcomeOf(channelId, result, { dead, isAway: true }))
}
