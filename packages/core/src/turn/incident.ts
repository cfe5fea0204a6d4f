/**
 * What went wrong beside the polls themselves and is not over, or not seen: a channel that takes no messages, messages
 * that were given up, stored items that could not be read. Kept for the people who ask after Earshot's health, in an item of
 * its own that is written only when something of it changes.
 */
import * as z from "zod"
import { RECORD_MS } from "../alert/call-record.ts"
import type { Delivery } from "../alert/delivery.ts"
import { DAY, HOUR, type Instant, MINUTE } from "../instant.ts"
import type { Fault } from "./health.ts"
import { TroubleNotice, noticeOf, withNotice } from "../alert/notice.ts"
import { Subscriptions } from "./subscription.ts"

const ChannelState = z.object({
  /** Since when it has taken no message; null: it took the last one. */
  failingSince: z.number().nullable(),
  /** While it fails: when it had last taken a message; 0: not known. */
  tookAt: z.number().default(0),
  /** It refused the last message for good, rather than for now. */
  isRefused: z.boolean(),
  why: z.string(),
  /** When messages to it were given up that nobody has said to have seen: the latest last, at most `DEAD_MAX`. */
  deadAt: z.array(z.number()),
  /** There may be messages that were given up, and could be sent once it takes any. */
  hasDead: z.boolean().default(false),
  /** Another channel is told, or was, that it takes no messages, and not yet that this is over. */
  isTold: z.boolean().default(false),
  /** When another channel was last told. */
  toldAt: z.number().default(0),
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
  /** What is still to be said in one channel about another. */
  notices: z.array(TroubleNotice).default([]),
  /** Who is subscribed to the topics, by channel. */
  subscriptions: z.record(z.string(), Subscriptions).default({}),
})

export type Incidents = z.infer<typeof Incidents>

export const NO_INCIDENTS: Incidents = {
  version: 0,
  channels: {},
  unreadable: [],
  watchRebuiltAt: null,
  notices: [],
  subscriptions: {},
}

/**
 * What came of one message. `failed`: the channel did not take it for now; `refused`: it takes none as things are; `away`: the
 * channel is not configured. `dead`: how many deliveries were given up with it.
 */
export type SendOutcome = {
  channel: Delivery["channel"]
  kind: "sent" | "failed" | "refused" | "away"
  dead: number
  /** Our own sentence, empty if it was sent. */
  why: string
  /** If it was not sent: when the channel had last taken a message. */
  tookAt?: Instant
}

const DEAD_MAX = 20

/** A channel that merely fails for now is no news before it has done so for this long. */
const FAILING_MS = 15 * MINUTE

/** A channel that takes messages and refuses them by turns is said to do so this often at most. */
const TOLD_EVERY_MS = HOUR

const FINE: ChannelState = {
  failingSince: null,
  tookAt: 0,
  isRefused: false,
  why: "",
  deadAt: [],
  hasDead: false,
  isTold: false,
  toldAt: 0,
}

/**
 * The incidents after these messages, in their order. The same object if they change nothing. `waiting`: how many alerts wait
 * for a channel.
 */
export function withOutcomes(
  known: Incidents,
  outcomes: readonly SendOutcome[],
  now: Instant,
  waiting: (channel: Delivery["channel"]) => number = () => 0,
): Incidents {
  const channels = { ...known.channels }
  let { notices } = known
  let hasChanged = false
  for (const outcome of outcomes) {
    const { channel } = outcome
    const before = channels[channel] ?? FINE
    const state = afterOutcome(before, outcome, now)
    const told = isToTell(before, state, now)
    const isTrouble = told === "trouble"
    const after = told ? { ...state, isTold: isTrouble, toldAt: isTrouble ? now : state.toldAt } : state
    if (after === before) continue
    channels[channel] = after
    hasChanged = true
    if (!told) continue
    const since = (isTrouble ? after : before).failingSince ?? now
    const { why } = after
    const notice = noticeOf({ kind: told, about: channel, since, at: now, why, waiting: waiting(channel) })
    notices = withNotice(notices, notice)
  }
  return hasChanged ? { ...known, channels, notices } : known
}

function afterOutcome(state: ChannelState, outcome: SendOutcome, now: Instant): ChannelState {
  const { kind, dead, why } = outcome
  if (kind === "sent") {
    return state.failingSince === null ? state : { ...state, failingSince: null, isRefused: false, why: "" }
  }
  const gone = Array.from({ length: Math.min(dead, DEAD_MAX) }, () => now)
  const deadAt = dead > 0 ? [...state.deadAt, ...gone].slice(-DEAD_MAX) : state.deadAt
  const hasDead = state.hasDead || dead > 0
  // Somebody took it away on purpose: what it is owed is news once it is given up.
  if (kind === "away") return dead > 0 ? { ...state, deadAt, hasDead } : state
  const isRefused = kind === "refused"
  // The reason may be another each time; what is new is only that the channel fails, or fails for good.
  const isSame = state.failingSince !== null && state.isRefused === isRefused && dead === 0
  if (isSame && (state.isTold || !isFailingLong(state, now))) return state
  const since = state.failingSince ?? now
  const tookAt = state.failingSince === null ? (outcome.tookAt ?? 0) : state.tookAt
  return { ...state, failingSince: since, tookAt, isRefused, why, deadAt, hasDead }
}

/** A channel that merely fails is said to be in trouble when it has failed for as long as makes it a fault. */
function isToTell(before: ChannelState, after: ChannelState, now: Instant): "trouble" | "over" | null {
  if (before.isTold) return after.failingSince === null ? "over" : null
  return isFailingLong(after, now) && now - before.toldAt >= TOLD_EVERY_MS ? "trouble" : null
}

function isFailingLong({ failingSince, isRefused }: ChannelState, now: Instant): boolean {
  return failingSince !== null && (isRefused || now - failingSince >= FAILING_MS)
}

/** Whether a message that is sent would change anything. */
export function areChannelsFine({ channels, notices }: Incidents): boolean {
  const isFine = ({ failingSince, hasDead }: ChannelState) => failingSince === null && !hasDead
  return notices.length === 0 && Object.values(channels).every(isFine)
}

/** The channels that take messages, and that others were given up for. */
export function channelsWithDead({ channels }: Incidents): string[] {
  return Object.entries(channels).flatMap(([id, { failingSince, hasDead }]) =>
    failingSince === null && hasDead ? [id] : [],
  )
}

/** Nothing of these channels is dead any more: it is due again. */
export function withRevived(known: Incidents, ids: readonly string[]): Incidents {
  return changedChannels(known, ids, (state) => ({ ...state, hasDead: false, deadAt: [] }))
}

/** Somebody has seen what was given up: it stays where it is listed, and is no fault any more. */
export function withSeen(known: Incidents): Incidents {
  return changedChannels(known, Object.keys(known.channels), (state) => ({ ...state, deadAt: [] }))
}

function changedChannels(
  known: Incidents,
  ids: readonly string[],
  change: (state: ChannelState) => ChannelState,
): Incidents {
  const there = ids.flatMap((id) => (known.channels[id] ? [[id, change(known.channels[id])] as const] : []))
  return there.length === 0
    ? known
    : { ...known, channels: { ...known.channels, ...Object.fromEntries(there) } }
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
    const { failingSince, why } = state
    const dead = recent(state.deadAt, now)
    const [first = null] = dead
    const many = dead.length === DEAD_MAX ? `${DEAD_MAX} or more messages` : countText(dead.length)
    const isFailing = isFailingLong(state, now)
    const failing = { since: failingSince, text: `The channel ${id} takes no messages: ${why}.` }
    const given = `${many} to ${id} could not be sent within a day: see GET /deliveries?state=dead.`
    return [
      ...(isFailing ? [{ kind: "channel" as const, ...failing }] : []),
      ...(first === null ? [] : [{ kind: "dead" as const, since: first, text: given }]),
    ]
  })
}

/** Channels that did not take the last message, which is tried again and no fault yet. */
export function recentFailures(
  { channels }: Incidents,
  now: Instant,
): { id: string; since: Instant; why: string }[] {
  return Object.entries(channels).flatMap(([id, state]) => {
    const { failingSince: since, why } = state
    return since === null || isFailingLong(state, now) ? [] : [{ id, since, why }]
  })
}

/** Messages given up that nobody has seen; at most `DEAD_MAX` of a channel are counted. */
export function countDead({ channels }: Incidents, now: Instant): number {
  return Object.values(channels).reduce((sum, { deadAt }) => sum + recent(deadAt, now).length, 0)
}

/** Of what is older, the record is not kept any more either. */
function recent(instants: readonly Instant[], now: Instant): Instant[] {
  return instants.filter((at) => now - at < RECORD_MS)
}

function countText(count: number): string {
  return count === 1 ? "1 message" : `${count} messages`
}
