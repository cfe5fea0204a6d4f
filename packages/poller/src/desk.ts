/** The records that one turn delivers from: each is read once, and changed by one channel at a time. */
import { type CallRecord, rightRecord } from "@earshot/core/alert/call-record"
import type { Store, Versioned } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"

/** Writes of one record that may collide with somebody else's before it is left to a later poll. */
const COLLISIONS_MAX = 5

export type Desk = {
  read: (callId: string) => Promise<CallRecord | null>
  /** The record if it has been read. */
  known: (callId: string) => CallRecord | null
  /** Makes it known what the call's reference stands for. */
  refer: (callId: string) => Promise<void>
  /** The record after the change; null if `decide` found nothing to change, or others kept changing it. */
  update: (callId: string, decide: (record: CallRecord) => CallRecord | null) => Promise<CallRecord | null>
}

/**
 * One at a time for each record: the channels of one poll work on the same records, and would otherwise only
 * make each other's writes fail, which cost as much as those that succeed. `kept`: records as this turn has just written them,
 * which need not be read.
 */
export function createDesk(
  world: World,
  store: Store,
  kept: ReadonlyMap<string, Versioned<CallRecord>>,
): Desk {
  const records = new Map<string, Versioned<CallRecord> | null>(kept)
  const queues = new Map<string, Promise<unknown>>()

  async function load(callId: string): Promise<Versioned<CallRecord> | null> {
    const known = records.get(callId)
    if (known !== undefined) return known
    const stored = await store.readCall(callId)
    const right = stored && { ...stored, value: rightRecord(stored.value, world.now()) }
    records.set(callId, right)
    return right
  }

  async function change(
    callId: string,
    decide: (record: CallRecord) => CallRecord | null,
  ): Promise<CallRecord | null> {
    for (let attempt = 0; attempt < COLLISIONS_MAX; attempt++) {
      const known = await load(callId)
      const next = known && decide(known.value)
      if (!known || !next) return null
      if (await store.writeCall(next, known.version)) {
        records.set(callId, { version: known.version + 1, value: next })
        return next
      }
      records.delete(callId)
    }
    return null
  }

  function inTurn<T>(callId: string, work: () => Promise<T>): Promise<T> {
    const before = queues.get(callId) ?? Promise.resolve()
    const mine = before.then(work, work)
    queues.set(callId, mine)
    return mine
  }

  return {
    known: (callId) => records.get(callId)?.value ?? null,
    refer: (callId) => store.noteReference(callId),
    read: (callId) => inTurn(callId, async () => (await load(callId))?.value ?? null),
    update: (callId, decide) => inTurn(callId, () => change(callId, decide)),
  }
}
