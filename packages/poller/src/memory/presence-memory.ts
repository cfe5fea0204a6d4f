/** What this process has counted of the fields that closed calls had, until it is added to what is stored. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { type Instant, MINUTE } from "@earshot/core/instant"
import { NO_PRESENCE, type Presence, addPresence, dayOf, presenceOf } from "@earshot/core/rule/presence"
import { NO_NAMES, type SeenNames, addNames, newNames } from "@earshot/core/rule/seen-name"
import type { Store } from "@earshot/io/store/store"
import { type World, causeOf } from "@earshot/io/world"

/** `named`: the names that this process has added to a day, so that what it adds is bounded however long it lives. */
export type PresenceMemory = {
  counted: Presence
  keptAt: Instant
  named: { day: string; names: SeenNames }
}

export function createPresenceMemory(): PresenceMemory {
  return { counted: NO_PRESENCE, keptAt: 0, named: { day: "", names: NO_NAMES } }
}

/** Each time is a write. A process that ends before loses at most what it counted in this time. */
const KEEP_EVERY_MS = 10 * MINUTE

/** Counts a call that was closed by this record. */
export function countFields(memory: PresenceMemory, { facts }: CallRecord): void {
  const part = presenceOf(facts.call, { hasDetail: facts.detailIsFinal })
  memory.counted = addPresence(memory.counted, part)
}

/** Adds what was counted to what is stored, every ten minutes at most. Nothing depends on it, so that a failure is only logged. */
export async function keepPresence(world: World, store: Store, memory: PresenceMemory): Promise<void> {
  const now = world.now()
  const { counted, keptAt } = memory
  if (counted.calls === 0 || (now >= keptAt && now - keptAt < KEEP_EVERY_MS)) return
  const day = dayOf(now)
  const named = memory.named.day === day ? memory.named.names : NO_NAMES
  const seen = newNames(counted.seen, named)
  memory.counted = NO_PRESENCE
  memory.keptAt = now
  try {
    await store.addPresence(day, { ...counted, seen })
    memory.named = { day, names: addNames(named, seen) }
  } catch (error) {
    world.log({ level: "warn", event: "presence.lost", calls: counted.calls, why: causeOf(error) })
  }
}
