/** When this process last saw the calls that it follows: what comes between two sights has come in between. */
import type { Instant } from "@earshot/core/instant"
import type { CallKey } from "@earshot/core/watch/call-key"
import { type Watch, overviewOf } from "@earshot/core/watch/watch"

/** `listedAt`: when the list was last read; 0: never. `lookedAt`: when an open call was last found as it was, or changed. */
export type SightMemory = { listedAt: Instant; lookedAt: Map<CallKey, Instant> }

export function createSightMemory(): SightMemory {
  return { listedAt: 0, lookedAt: new Map() }
}

/** A turn has led from one watch to another. */
export function noteSights(
  memory: SightMemory,
  { before, after, isListed }: { before: Watch; after: Watch; isListed: boolean },
  now: Instant,
): void {
  if (isListed) memory.listedAt = now
  const lookedAt = new Map<CallKey, Instant>()
  for (const call of overviewOf(after).open) {
    const at = call === before.calls.get(call.key) ? memory.lookedAt.get(call.key) : now
    if (at !== undefined) lookedAt.set(call.key, at)
  }
  memory.lookedAt = lookedAt
}
