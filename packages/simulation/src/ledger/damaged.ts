/** Which records cannot be read in a simulation: nothing is owed for their calls, but people must be able to see them named. */
import { HOUR, type Instant } from "@earshot/core/instant"
import type { DamageWatcher } from "../process/damaged-store.ts"
import type { Process } from "../process/process.ts"
import type { StoreWatcher } from "../process/store.ts"
import type { Books } from "./books.ts"

export type DamageLedger = DamageWatcher & Pick<StoreWatcher, "took"> & { checkNamed: () => void }

export function createDamageLedger(books: Books): DamageLedger {
  const { damaged, findings, now } = books
  const met = new Map<string, Instant>()
  const named = new Set<string>()
  /** Who came upon each last, and is to say so. */
  const takers = new Map<string, Process>()
  return {
    lostWatch() {
      books.hasLostWatch = true
      books.watchLostAt = now()
    },
    lostIncidents() {
      books.incidentsLostAt = now()
    },
    damaged: (callId) => void damaged.add(callId),
    met(callId) {
      if (!met.has(callId)) met.set(callId, now())
    },
    took(callIds, process) {
      for (const callId of callIds) takers.set(callId, process)
    },
    named(items) {
      for (const item of items) named.add(item)
    },
    /** A process that dies after it came upon one leaves it to the next that does. */
    checkNamed() {
      for (const [callId, at] of met)
        if (now() - at > HOUR && !named.has(`call ${callId}`) && !takers.get(callId)?.isDead)
          findings.violated(`the record of call ${callId} cannot be read, and nobody is told`)
    },
  }
}
