/**
 * Writes down what people say of an alert. The record is written on what it was a moment ago, as the poller writes it, so that neither
 * loses what the other wrote. Then the verdict is noted where precision is counted, and the poller is told that messages may be
 * behind.
 */
import { type Acknowledgement, acknowledged } from "@earshot/core/alert/acknowledgement"
import type { CallRecord } from "@earshot/core/alert/call-record"
import { verdictChange } from "@earshot/core/receipt/precision"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"

/** A poll writes a record a few times in a second at most. */
const COLLISIONS_MAX = 10

/** People who change their minds at the same moment; each of them notes what stands in the end. */
const NOTES_MAX = 5

/**
 * The record as it stands then; null if the call has no alert. `said` null: what was said is taken back. Throws if others
 * keep writing the record.
 */
export async function acknowledgeAlert(
  world: World,
  store: Store,
  callId: string,
  said: Omit<Acknowledgement, "at"> | null,
): Promise<CallRecord | null> {
  for (let attempt = 0; attempt < COLLISIONS_MAX; attempt++) {
    const stored = await store.readCall(callId)
    if (!stored?.value.alert || stored.value.isTest) return null
    const now = world.now()
    const next = acknowledged(stored.value, said, now)
    if (!(await store.writeCall(next, stored.version))) continue
    await noteVerdict(world, store, next)
    if (next.restateAt === now) await store.announceDue(now)
    return next
  }
  throw new Error(`The record of an alert was changed by others ${COLLISIONS_MAX} times.`)
}

/** Whoever notes last reads what stands, so that what is counted is what the record says. */
async function noteVerdict(world: World, store: Store, written: CallRecord): Promise<void> {
  let noted = written
  for (let attempt = 0; attempt < NOTES_MAX; attempt++) {
    const { hour, change } = verdictChange(noted, world.now())
    await store.addCoverage(hour, change)
    const current = (await store.readCall(noted.callId))?.value ?? noted
    if (current.acknowledgement?.verdict === noted.acknowledgement?.verdict) return
    noted = current
  }
}
