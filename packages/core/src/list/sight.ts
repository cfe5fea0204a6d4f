/** What is looked at of every row of the list at every poll. */
import type { Call } from "@earshot/calls-api/call"
import { fingerprint } from "../fingerprint.ts"
import { type Instant, instantOf, isTooEarly } from "../instant.ts"
import { type CallKey, callKey } from "../watch/call-key.ts"

/** `startedAt` is null for a row that does not say when its call started, or says a time before there were such calls. */
export type Sight = { key: CallKey; startedAt: Instant | null; fingerprint: string }

const sights = new WeakMap<Call, Sight>()

/** Made once for a row that is given again: of most rows nothing has changed since the last poll. */
export function sightOf(row: Call): Sight {
  const known = sights.get(row)
  if (known) return known
  const sight = { key: callKey(row.id), startedAt: startOf(row), fingerprint: fingerprint(row) }
  sights.set(row, sight)
  return sight
}

/** A start in the far future is a place in the list all the same: it is read past. */
function startOf({ createdAt }: Call): Instant | null {
  const startedAt = instantOf(createdAt)
  return startedAt === null || isTooEarly(startedAt) ? null : startedAt
}
