/**
 * Brings messages up to date where a channel can change what it took: a reason that was added and is no worse than what the channel
 * was told is sent to nobody, but the message about the call then says it. Nothing is kept of this: an edit that is lost is made up
 * for by the next one, and no alert waits for it. What people say of an alert is kept in its record until the message says it.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { nextOf, seqOf } from "@earshot/core/alert/delivery"
import { HOUR, type Instant } from "@earshot/core/instant"
import { endedAt } from "@earshot/core/message/message"
import { composeWhole } from "@earshot/core/message/whole"
import { LAST_STEP_MS, UNTIL_MS } from "@earshot/core/turn/gate"
import type { Channel } from "@earshot/io/channel/channel"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import type { TurnMemory } from "./memory/turn-memory.ts"
import { createPacer } from "./pacer.ts"
import type { Worked } from "./report.ts"

/** More are not changed in one turn: alerts have to come through. */
const EDITS_MAX = 10

/** At the channel's pace, and after what is owed. */
export async function restateFirst(
  world: World,
  store: Store,
  channels: readonly Channel[],
  memory: TurnMemory,
  { turn, restated = [] }: Pick<Worked, "turn" | "restated">,
): Promise<void> {
  const deadline = Math.min(turn.startedAt + UNTIL_MS.send, turn.overAt - LAST_STEP_MS)
  // What was delivered meanwhile is the newer one.
  const records = [...new Map(restated.map((record) => [record.callId, record])).values()]
  const left = new Set<string>()
  for (const channel of channels) {
    const { edit } = channel
    const pairs = edit
      ? records.flatMap((record) => {
          const receipt = sentReceipt(record, channel)
          // What is still to come brings the message up to date itself.
          return receipt === null || nextOf(record.deliveries, channel.id) ? [] : [{ record, receipt }]
        })
      : []
    // Until it is done.
    for (const { record } of pairs) left.add(placeOf(record, channel))
    const todo = pairs.slice(0, EDITS_MAX)
    if (!edit || todo.length === 0) continue
    const pacer = createPacer(world, store, memory, channel, deadline)
    pacer.expect({ count: todo.length, singles: [], hasDigest: false })
    for (const { record, receipt } of todo) {
      const whole = composeWhole(record, linksOf(channel, record, world.now()))
      if (!whole || !(await pacer.mayStart())) break
      const result = await pacer.attempt(() => edit(receipt, whole, endedAt(record)))
      if (result.kind === "retry") break
      left.delete(placeOf(record, channel))
    }
  }
  for (const record of records) {
    const isLeft = channels.some((channel) => left.has(placeOf(record, channel)))
    if (world.now() < deadline) await forgetRestated(store, record, { isLeft, now: world.now() })
  }
}

function placeOf({ callId }: CallRecord, { id }: Channel): string {
  return `${id} ${callId}`
}

/** A channel that cannot be had for as long keeps its message as it is. */
const RESTATE_MAX_MS = HOUR

/** If somebody has written the record meanwhile, another turn finds it again. */
async function forgetRestated(
  store: Store,
  { callId, restateAt }: CallRecord,
  { isLeft, now }: { isLeft: boolean; now: Instant },
): Promise<void> {
  if (restateAt === undefined || (isLeft && Math.abs(now - restateAt) < RESTATE_MAX_MS)) return
  const stored = await store.readCall(callId)
  if (!stored || stored.value.restateAt !== restateAt) return
  const { restateAt: _done, ...record } = stored.value
  await store.writeCall(record, stored.version)
}

/** What a channel says of every call, and where people do something about it. */
export function linksOf(
  { privacy, timeZone, callUrlTemplate, acknowledgeUrl, ruleSentence }: Channel,
  { callId }: CallRecord,
  now: Instant,
): Parameters<typeof composeWhole>[1] {
  const links = { callUrlTemplate, acknowledgeUrl: acknowledgeUrl?.({ callId, privacy }, now) }
  return { privacy, timeZone, ruleSentence, ...links }
}

/** What the channel knows the first message about the call by; null if it has none of its own. */
export function sentReceipt({ deliveries }: CallRecord, { id }: Pick<Channel, "id">): string | null {
  const first = deliveries.find((other) => other.channel === id && seqOf(other) === 0)
  // A digest is about other calls as well.
  return first?.state === "sent" && first.digest === undefined ? (first.receipt ?? null) : null
}
