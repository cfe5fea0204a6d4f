/** Which records cannot be read in a simulation: nothing is owed for their calls, but people must be able to see them named. */
import { HOUR, type Instant } from "@earshot/core/instant"
import type { DamageWatcher } from "../process/damaged-store.ts"
import type { Process } from "../process/process.ts"
import type { StoreWatcher } from "../process/store.ts"
import type { Books } from "./books.ts"

export type DamageLedger = DamageWatcher & Pick<StoreWatcher, "took"> & { checkNamed: () => void }

/** Turns in which a process may have failed to say what it came upon. After more, its death explains nothing. */
const TURNS_MAX = 5

/** Who came upon a record last, and how many turns it has ended since. */
type Taker = { process: Process; turns: number }

export function createDamageLedger(books: Books): DamageLedger {
  const { damaged, findings, now } = books
  const met = new Map<string, Instant>()
  const named = new Set<string>()
  const takers = new Map<string, Taker>()
  /** A process that dies after it came upon one leaves it to the next that does. */
  const isExcused = ({ process, turns }: Taker) => process.isDead && turns <= TURNS_MAX
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
      for (const taker of takers.values()) if (taker.process === process) taker.turns++
      for (const callId of callIds)
        if (takers.get(callId)?.process !== process) takers.set(callId, { process, turns: 0 })
    },
    named(items) {
      for (const item of items) named.add(item)
    },
    checkNamed() {
      for (const [callId, at] of met) {
        const taker = takers.get(callId)
        if (now() - at > HOUR && !named.has(`call ${callId}`) && !(taker && isExcused(taker)))
          findings.violated(`the record of call ${callId} cannot be read, and nobody is told`)
      }
    },
  }
}
