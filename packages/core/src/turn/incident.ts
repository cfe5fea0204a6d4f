/**
 * What went wrong beside the polls themselves and is not over, or not long over: a channel that takes no messages, messages
 * that were given up, stored items that could not be read. Kept for the people who ask after Earshot's health, in an item of
 * its own that is written only when something of it changes.
 */
import * as z from "zod"
import type { Delivery } from "../alert/delivery.ts"
import { DAY, HOUR, type Instant, MINUTE } from "../instant.ts"
import type { Fault } from "./health.ts"
import { Subscriptions } from "./subscription.ts"

const ChannelState = z.object({
  /** Since when it has taken no message; null: it took the last one. */
  failingSince: z.number().nullable(),
  /** It refused the last message for good, rather than for now. */
  isRefused: z.boolean(),
  why: z.string(),
  /** When messages to it were given up, the latest last: those of a day, at most `DEAD_MAX`. */
  deadAt: z.array(z.number()),
})

type ChannelState = z.infer<typeof ChannelState>

export const Incidents = z.object({
  /** Counts the writes; 0: never written. */
  version: z.number(),
  channels: z.record(z.string(), ChannelState),
  /** Stored items that could not be read and were left out, and when they were last met. */
  unreadable: z.array(z.object({ item: z.string(), at: z.number() })),
  /** When the watch was last found damaged and rebuilt from the list. */
  watchRebuiltAt: z.number().nullable(),
  /** Who is subscribed to the topics, by channel. */
  subscriptions: z.record(z.string(), Subscriptions).default({}),
})

export type Incidents = z.infer<typeof Incidents>

export const NO_INCIDENTS: Incidents = {
  version: 0,
  channels: {},
  unreadable: [],
  watchRebuiltAt: null,
  subscriptions: {},
}

/**
 * What came of one message. `failed`: the channel did not take it for now; `refused`: it never will; `away`: the channel is
 * not configured. `isDead`: the message was given up.
 */
export type SendOutcome = {
  channel: Delivery["channel"]
  kind: "sent" | "failed" | "refused" | "away"
  isDead: boolean
  /** Our own sentence, empty if it was sent. */
  why: string
}

const DEAD_MAX = 20

/** A channel that merely fails for now is no news before it has done so for this long. */
const FAILING_MS = 15 * MINUTE

const FINE: ChannelState = { failingSince: null, isRefused: false, why: "", deadAt: [] }

/** The incidents after these messages, in their order. The same object if they change nothing. */
export function withOutcomes(known: Incidents, outcomes: readonly SendOutcome[], now: Instant): Incidents {
  const channels = { ...known.channels }
  let hasChanged = false
  for (const outcome of outcomes) {
    const before = channels[outcome.channel] ?? FINE
    const after = afterOutcome(before, outcome, now)
    if (after === before) continue
    channels[outcome.channel] = after
    hasChanged = true
  }
  return hasChanged ? { ...known, channels } : known
}

function afterOutcome(state: ChannelState, { kind, isDead, why }: SendOutcome, now: Instant): ChannelState {
  if (kind === "sent") {
    return state.failingSince === null ? state : { ...state, failingSince: null, isRefused: false, why: "" }
  }
  const deadAt = isDead ? [...recent(state.deadAt, now), now].slice(-DEAD_MAX) : state.deadAt
  // Somebody took it away on purpose: what it is owed is news once it is given up.
  if (kind === "away") return isDead ? { ...state, deadAt } : state
  const isRefused = kind === "refused"
  // The reason may be another each time; what is new is only that the channel fails, or fails for good.
  if (state.failingSince !== null && state.isRefused === isRefused && !isDead) return state
  return { failingSince: state.failingSince ?? now, isRefused, why, deadAt }
}

/** Whether a message that is sent would change anything. */
export function areChannelsFine({ channels }: Incidents): boolean {
  return Object.values(channels).every(({ failingSince }) => failingSince === null)
}

/** At most this many items are named; with more, it is the same trouble anyway. */
const UNREADABLE_MAX = 20

/** An item that is met at each poll is noted this often. */
const MET_EVERY_MS = HOUR

/** The incidents with items that could not be read. The same object if all of them were noted within the hour. */
export function withUnreadable(known: Incidents, items: readonly string[], now: Instant): Incidents {
  const noted = new Map(known.unreadable.map(({ item, at }) => [item, at]))
  const met = [...new Set(items)].filter((item) => now - (noted.get(item) ?? 0) >= MET_EVERY_MS)
  if (met.length === 0) return known
  const kept = known.unreadable.filter(({ item, at }) => !met.includes(item) && now - at < DAY)
  const unreadable = [...kept, ...met.map((item) => ({ item, at: now }))].slice(-UNREADABLE_MAX)
  return { ...known, unreadable }
}

/** Those that were met within a day: what is older was replaced, or has expired. */
export function unreadableItems({ unreadable }: Incidents, now: Instant): string[] {
  return unreadable.filter(({ at }) => now - at < DAY).map(({ item }) => item)
}

/** What is wrong with the channels, one after the other. */
export function channelFaults({ channels }: Incidents, now: Instant): Fault[] {
  return Object.entries(channels).flatMap(([id, state]): Fault[] => {
    const { failingSince, isRefused, why } = state
    const isFailing = failingSince !== null && (isRefused || now - failingSince >= FAILING_MS)
    const dead = recent(state.deadAt, now)
    const [first = null] = dead
    const many = dead.length === DEAD_MAX ? `${DEAD_MAX} or more messages` : countText(dead.length)
    return [
      ...(isFailing
        ? [
            {
              kind: "channel" as const,
              since: failingSince,
              text: `The channel ${id} takes no messages: ${why}.`,
            },
          ]
        : []),
      ...(first === null
        ? []
        : [
            {
              kind: "dead" as const,
              since: first,
              text: `${many} to ${id} given up within a day: see delivery.dead in the poller's log.`,
            },
          ]),
    ]
  })
}

/** Messages given up within a day. */
export function countDead({ channels }: Incidents, now: Instant): number {
  return Object.values(channels).reduce((sum, { deadAt }) => sum + recent(deadAt, now).length, 0)
}

function recent(instants: readonly Instant[], now: Instant): Instant[] {
  return instants.filter((at) => now - at < DAY)
}

function countText(count: number): string {
  return count === 1 ? "1 message" : `${count} messages`
}
