/** Keeps what is known of a call: one conditional write, made on what others may have written meanwhile. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { isSameJson } from "@earshot/core/json"
import type { Store, Versioned } from "@earshot/io/store/store"

/** Writes of one record that may collide with somebody else's. More than that, and something is wrong. */
const ATTEMPTS_MAX = 5

/** `stored` is null if it was worth no write. */
export type Kept = {
  record: CallRecord
  stored: Versioned<CallRecord> | null
  isNewAlert: boolean
  owesMore: boolean
}

/**
 * Writes the record that `decide` makes of the one that is stored. It is asked again with a newer one if somebody
 * else has written meanwhile. What is worth no write is not written: a call of which the list tells everything
 * that is known, or of which a detail told that it goes on. `mark` is called before a write that owes somebody a
 * message. Throws after five collisions.
 */
export async function keepCall(
  store: Store,
  callId: string,
  known: Versioned<CallRecord> | null,
  { decide, mark }: { decide: (known: CallRecord | null) => CallRecord; mark: () => Promise<void> },
): Promise<Kept> {
  let current = known
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const record = decide(current?.value ?? null)
    const kept = {
      record,
      isNewAlert: record.alert !== null && !current?.value.alert,
      owesMore: record.deliveries.length > (current?.value.deliveries.length ?? 0),
    }
    const isWorthIt =
      current !== null || !record.isOpen || record.alert !== null || record.facts.detailIsFinal
    if (!isWorthIt) return { stored: null, ...kept }
    if (current && tellsTheSame(record, current.value)) return { stored: current, ...kept }
    if (kept.owesMore) await mark()
    const version = current?.version ?? 0
    if (await store.writeCall(record, version))
      return { stored: { version: version + 1, value: record }, ...kept }
    current = await store.readCall(callId)
  }
  throw new Error(`The record of call ${callId} was changed by others ${ATTEMPTS_MAX} times.`)
}

/** While a call is open, it is not worth a write that somebody has looked at it again and found nothing new. */
function tellsTheSame(record: CallRecord, stored: CallRecord): boolean {
  const { detailedAt } = record.isOpen ? stored.facts : record.facts
  return isSameJson({ ...record, facts: { ...record.facts, detailedAt } }, stored)
}
