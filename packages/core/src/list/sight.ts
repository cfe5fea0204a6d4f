/** What is looked at of every row of the list at every poll. */
import type { Call } from "@earshot/calls-api/call"
import { fingerprint } from "../fingerprint.ts"
import { type Instant, instantOf } from "../instant.ts"
import { type CallKey, callKey } from "../watch/call-key.ts"

/** `startedAt` is null for a row that does not say when its call started. */
export type Sight = { key: CallKey; startedAt: Instant | null; fingerprint: string }

const sights = new WeakMap<Call, Sight>()

/** Made once for a row that is given again: of most rows nothing has changed since the last poll. */
export function sightOf(row: Call): Sight {
  const known = sights.get(row)
  if (known) return known
  const sight = { key: callKey(row.id), startedAt: instantOf(row.createdAt), fingerprint: fingerprint(row) }
  sights.set(row, sight)
  return sight
}
