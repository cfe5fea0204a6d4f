/**
 * Which calls a reference stands for. It is noted where a message gave it instead of the call's id; `GET /alerts` gives it of every
 * alert, so that those without a note are looked up among the alerts.
 */
import { callReference } from "@earshot/core/fingerprint"
import type { AlertedCall, Store } from "@earshot/io/store/store"

const REFERENCE = /^[0-9A-HJKMNP-TV-Z]{8}$/i

/** One request of the table brings as many: they are keys and no records. */
const BATCH = 1000

/** Of so many alerts, the newest. An older one is found by its call's id. */
const ALERTS_MAX = 5000

/** Ids of calls; none if it is not the form of a reference. */
export async function callsReferredTo(store: Store, asked: string): Promise<readonly string[]> {
  if (!REFERENCE.test(asked)) return []
  const reference = asked.toUpperCase()
  const noted = await store.referredCalls(reference)
  if (noted.length > 0) return noted
  const found: string[] = []
  let after: AlertedCall | undefined
  for (let read = 0; read < ALERTS_MAX; read += BATCH) {
    const alerted = await store.alertedCalls({ from: 0, to: EVER, max: BATCH, ...(after && { after }) })
    for (const { callId } of alerted) if (callReference(callId) === reference) found.push(callId)
    after = alerted.at(-1)
    if (alerted.length < BATCH) break
  }
  return found
}

const EVER = Number.MAX_SAFE_INTEGER
