/**
 * The store in memory, for tests and for the simulation, where the AWS SDK alone would cost more than a poll. It keeps
 * the very values it was given and freezes them, so that no reader can change what was written.
 */
import type { DeadDelivery, StoredDigest } from "@earshot/core/alert/outbox"
import { type ChannelPace, NO_PACE } from "@earshot/core/alert/pace"
import { PARTY_CALLS_MAX, PARTY_CALLS_MS, type PartyCall } from "@earshot/core/call/party-calls"
import type { ChannelSettings } from "@earshot/core/channel/settings"
import { callReference } from "@earshot/core/fingerprint"
import { NO_PRESENCE, type Presence, addPresence } from "@earshot/core/rule/presence"
import { type Control, FIRST_CONTROL } from "@earshot/core/turn/control"
import { refusalOf } from "@earshot/core/turn/gate"
import { type Incidents, NO_INCIDENTS } from "@earshot/core/turn/incident"
import { packWatch, unpackWatch } from "@earshot/core/watch/packed-watch"
import { EMPTY_WATCH, type Watch } from "@earshot/core/watch/watch"
import { createCoverage } from "./memory-coverage.ts"
import { createEdits, createRules, createTokens } from "./memory-rule.ts"
import { frozen, refuseTooLarge } from "./frozen.ts"
import { createCalls } from "./memory-call.ts"
import type { Store } from "./store.ts"

/** A watch of at most this many calls is far below the limit, and measuring one takes as long as a poll. */
const WATCH_UNMEASURED_CALLS = 1000

export function createMemoryStore(): Store {
  return {
    ...createTurns(),
    ...createIncidents(),
    ...createCalls(),
    ...createOutbox(),
    ...createEdits(),
    ...createTokens(),
    ...createRules(frozen),
    ...createStoredChannels(),
    ...createReferences(),
    ...createParties(),
    ...createPresence(),
    ...createCoverage(),
  }
}

/** The poller's state and the watch. */
function createTurns() {
  let control: Control | null = null
  let watch: Watch | null = null
  return {
    acquire: async ({ now, gateMs, since, completedAt = null, polls = null }) => {
      const known = control ?? FIRST_CONTROL
      const why = refusalOf(known, { now, gateMs })
      if (why) return { kind: "refused", why, control: known }
      control = Object.freeze({
        ...known,
        fence: known.fence + 1,
        nextPollAt: now + gateMs,
        polledAt: now,
        ...(completedAt !== null && { completedAt }),
        ...(polls !== null && { polls }),
        since: known.since === 0 ? since : known.since,
      })
      return { kind: "acquired", control }
    },
    beginLook: async (known, { now, change }) => {
      const isCurrent = control?.fence === known.fence && control.rulesChangedAt === known.rulesChangedAt
      if (!control || !isCurrent || control.leaseUntil > now) return null
      control = frozenControl({ ...control, ...change, fence: known.fence + 1 })
      return control
    },
    changeControl: async (fence, change) => {
      if (control?.fence !== fence) return false
      control = frozenControl({ ...control, ...change })
      return true
    },
    readControl: async () => control,
    announceRules: async (now) => {
      control = Object.freeze({ ...(control ?? FIRST_CONTROL), rulesChangedAt: now })
    },
    announceDue: async (now) => {
      control = Object.freeze({ ...(control ?? FIRST_CONTROL), dueAskedAt: now })
    },

    // A map cannot be frozen, so every reader gets a watch of its own.
    readWatch: async () => (watch === null ? EMPTY_WATCH : unpackWatch(packWatch(watch))),
    writeWatch: async (next) => {
      if ((watch?.version ?? 0) !== next.version - 1) return false
      if (next.calls.size > WATCH_UNMEASURED_CALLS) refuseTooLarge(packWatch(next))
      watch = next
      return true
    },
  } satisfies Partial<Store>
}

function createIncidents() {
  let incidents: Incidents = NO_INCIDENTS
  return {
    readIncidents: async () => incidents,
    writeIncidents: async (next) => {
      if (incidents.version !== next.version - 1) return false
      incidents = frozen(next)
      return true
    },
  } satisfies Partial<Store>
}

function createOutbox() {
  const paces = new Map<string, ChannelPace>()
  const dead = new Map<string, DeadDelivery>()
  const digests = new Map<string, StoredDigest>()
  const keyOf = ({ channel, callId, seq }: Pick<DeadDelivery, "channel" | "callId" | "seq">) =>
    `${channel}#${callId}#${seq}`
  return {
    readPace: async (channel) => paces.get(channel) ?? NO_PACE,
    writePace: async (channel, pace) => {
      if ((paces.get(channel)?.version ?? 0) !== pace.version - 1) return false
      paces.set(channel, frozen(pace))
      return true
    },
    noteDead: async (delivery) => void dead.set(keyOf(delivery), delivery),
    forgetDead: async (delivery) => void dead.delete(keyOf(delivery)),
    deadDeliveries: async ({ channel, after, max }) =>
      [...dead]
        .filter(([key, one]) => {
          return (channel === undefined || one.channel === channel) && (!after || key > keyOf(after))
        })
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, max)
        .map(([, one]) => one),
    keepDigest: async (digest) => void digests.set(digest.id, frozen(digest)),
    readDigest: async (id) => digests.get(id) ?? null,
  } satisfies Partial<Store>
}

function createStoredChannels() {
  const channels = new Map<string, ChannelSettings>()
  return {
    readChannels: async () => [...channels.values()],
    readChannel: async (id) => channels.get(id) ?? null,
    writeChannel: async (channel) => {
      const known = channels.get(channel.id)
      if (known && known.version !== channel.version - 1) return false
      channels.set(channel.id, frozen(channel))
      return true
    },
  } satisfies Partial<Store>
}

function createReferences() {
  const ids = new Set<string>()
  return {
    noteReference: async (callId) => void ids.add(callId),
    referredCalls: async (reference) => [...ids].filter((id) => callReference(id) === reference),
  } satisfies Partial<Store>
}

function createParties() {
  const parties = new Map<string, readonly PartyCall[]>()
  return {
    notePartyCalls: async (party, calls, now) => {
      const others = (parties.get(party) ?? []).filter(
        (known) => !calls.some(({ key, at }) => key === known.key && at === known.at),
      )
      const kept = [...calls, ...others]
        .filter(({ at }) => at > now - PARTY_CALLS_MS)
        .sort((a, b) => b.at - a.at)
        .slice(0, PARTY_CALLS_MAX)
      parties.set(party, kept)
      return kept
    },
  } satisfies Partial<Store>
}

function createPresence() {
  const days = new Map<string, Presence>()
  return {
    addPresence: async (day, presence) => {
      days.set(day, addPresence(days.get(day) ?? NO_PRESENCE, presence))
    },
    readPresence: async (firstDay) =>
      [...days]
        .flatMap(([day, presence]) => (day >= firstDay ? presence : []))
        .reduce(addPresence, NO_PRESENCE),
  } satisfies Partial<Store>
}

/** Leaves the ring's counts alone, which only their type protects: V8 adds up a frozen array five times slower. */
function frozenControl(control: Control): Control {
  Object.freeze(control.ring)
  return Object.freeze(control)
}
