/** A store in which items become unreadable at their time, as the store on DynamoDB shows them then. */
import type { Instant } from "@earshot/core/instant"
import { NO_INCIDENTS } from "@earshot/core/turn/incident"
import { EMPTY_WATCH } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import type { Damage } from "../time/damage.ts"

/** What the ledger hears. */
export type DamageWatcher = {
  /** The record of a call cannot be read from now on. */
  damaged: (callId: string) => void
  /** A process came upon a watch that cannot be read, and begins to rebuild it. */
  lostWatch: () => void
  /** What is known of the channels cannot be read: who has been told of what is forgotten. */
  lostIncidents: () => void
  /** A process came upon it. */
  met: (callId: string) => void
  /** Items that people can see named as unreadable. */
  named: (items: readonly string[]) => void
}

/** One that nobody of this version can have written. */
const LATER_RULE = { id: "of-a-later-version", version: 9, isReadable: false } as const

export function damagedStore(
  store: Store,
  damages: readonly Damage[],
  now: () => Instant,
  watcher: DamageWatcher,
): Store {
  const pending = [...damages]
  /** Whether the item is to be damaged now; each damage is done once. */
  const strikes = (item: Damage["item"]) => {
    const index = pending.findIndex((damage) => damage.item === item && damage.at <= now())
    return index >= 0 && pending.splice(index, 1).length > 0
  }
  return {
    ...store,
    ...damagedUntilWritten(store, strikes, watcher),
    ...damagedRecords(store, strikes, watcher),
    ...withLaterRule(store, strikes),
  }
}

type Strikes = (item: Damage["item"]) => boolean

function damagedUntilWritten(store: Store, strikes: Strikes, watcher: DamageWatcher) {
  const damage = { watch: false, incidents: false }
  return {
    readWatch: async () => {
      const watch = await store.readWatch()
      damage.watch ||= watch.version > 0 && strikes("watch")
      if (damage.watch) watcher.lostWatch()
      return damage.watch ? { ...EMPTY_WATCH, version: watch.version, isDamaged: true } : watch
    },
    writeWatch: async (watch) => {
      const isWritten = await store.writeWatch(watch)
      if (isWritten) damage.watch = false
      return isWritten
    },
    readIncidents: async () => {
      const incidents = await store.readIncidents()
      damage.incidents ||= incidents.version > 0 && strikes("incidents")
      if (damage.incidents) watcher.lostIncidents()
      return damage.incidents ? { ...NO_INCIDENTS, version: incidents.version } : incidents
    },
    writeIncidents: async (incidents) => {
      const isWritten = await store.writeIncidents(incidents)
      if (!isWritten) return false
      damage.incidents = false
      watcher.named(incidents.unreadable.map(({ item }) => item))
      return true
    },
  } satisfies Partial<Store>
}

/** Nobody mends a record. */
function damagedRecords(store: Store, strikes: Strikes, watcher: DamageWatcher) {
  const broken = new Set<string>()
  const met: string[] = []
  const meet = (callId: string) => {
    met.push(callId)
    watcher.met(callId)
  }
  return {
    readCall: async (callId) => {
      if (!broken.has(callId)) return store.readCall(callId)
      meet(callId)
      return null
    },
    readCalls: async (callIds) => {
      for (const id of callIds) if (broken.has(id)) meet(id)
      return store.readCalls(callIds.filter((id) => !broken.has(id)))
    },
    writeCall: async (record, expected) => {
      if (broken.has(record.callId)) return false
      const isWritten = await store.writeCall(record, expected)
      if (isWritten && strikes("record")) {
        broken.add(record.callId)
        watcher.damaged(record.callId)
      }
      return isWritten
    },
    takeUnreadable: () => [...store.takeUnreadable(), ...met.splice(0)],
  } satisfies Partial<Store>
}

function withLaterRule(store: Store, strikes: Strikes) {
  let isThere = false
  return {
    readRules: async () => {
      const rules = await store.readRules()
      isThere ||= strikes("rule")
      return isThere ? [...rules, LATER_RULE] : rules
    },
  } satisfies Partial<Store>
}
