/**
 * The calls of a simulated business, and when each of their facts comes to be. They are made as time goes by and
 * never change once made: what is known at an instant follows from the instants below.
 */
import { HOUR, type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import {
  between,
  chance,
  createRandom,
  exponential,
  integer,
  logBetween,
  logNormal,
  type Random,
  uuid,
} from "@earshot/emulators/random"

export type SimulatedCall = {
  id: string
  createdAt: Instant
  /** When the list and the detail begin to show the call. */
  visibleAt: Instant
  endedAt: Instant
  summaryAt: Instant
  scoreAt: Instant
  score: number
  sentimentAt: Instant
  angry: number
  /** Infinity for what never happens. */
  transferredAt: Instant
  flaggedAt: Instant
  deletedAt: Instant
  /** The row as it was last written, and the number of facts in it. */
  row: { key: number; json: string }
  /** An answer that showed it has arrived. */
  wasRead: boolean
  /** When the vendor first showed, in a list that arrived, that a rule matches. */
  shownAt: Instant
}

/** A burst of so many calls at one instant, more than a page of the list holds. */
const CROWD = 130

export type Traffic = {
  /** By start; those of one instant in any order. All that exist at `now`. */
  callsAt: (now: Instant) => readonly SimulatedCall[]
  call: (id: string) => SimulatedCall | undefined
}

/** `perHour` calls an hour on average from `from` to `to`; `hasCrowds`: now and then very many at one instant. */
export function createTraffic(options: {
  seed: number
  perHour: number
  from: Instant
  to: Instant
  hasCrowds: boolean
}): Traffic {
  const random = createRandom("traffic", options.seed)
  const calls: SimulatedCall[] = []
  const byId = new Map<string, SimulatedCall>()
  const meanMs = HOUR / options.perHour
  let next = options.from + Math.round(exponential(random, meanMs))

  const add = (createdAt: Instant) => {
    const call = makeCall(random, createdAt)
    calls.push(call)
    byId.set(call.id, call)
  }
  return {
    callsAt(now) {
      while (next <= now && next <= options.to) {
        add(next)
        if (options.hasCrowds && chance(random, 0.00005)) for (let more = 0; more < CROWD; more++) add(next)
        if (!chance(random, 0.02)) next += Math.max(1, Math.round(exponential(random, meanMs)))
      }
      return calls
    },
    call: (id) => byId.get(id),
  }
}

function makeCall(random: Random, createdAt: Instant): SimulatedCall {
  const lengthMs = chance(random, 0.03)
    ? logBetween(random, 20 * MINUTE, 4 * HOUR)
    : Math.min(20 * MINUTE, Math.max(9 * SECOND, logNormal(random, 150 * SECOND, 0.75)))
  const endedAt = createdAt + Math.round(lengthMs)
  const scoreAt = endedAt + Math.round(scoreDelay(random))
  const hasScore = !chance(random, 0.02)
  const isFlagged = chance(random, 0.08)
  const isAngry = chance(random, 0.08)
  return {
    id: uuid(random),
    createdAt,
    visibleAt: createdAt + (chance(random, 0.01) ? integer(random, 1, 4 * MINUTE) : 0),
    endedAt,
    summaryAt: endedAt + integer(random, 2 * SECOND, 15 * SECOND),
    scoreAt: hasScore ? scoreAt : Number.POSITIVE_INFINITY,
    score: chance(random, 0.08) ? integer(random, 0, 4) / 2 : integer(random, 5, 10) / 2,
    sentimentAt: chance(random, 0.02)
      ? Number.POSITIVE_INFINITY
      : scoreAt + integer(random, SECOND, 8 * SECOND),
    angry: isAngry ? between(random, 0.5, 1) : between(random, 0, 0.4),
    transferredAt: chance(random, 0.05)
      ? createdAt + Math.round(lengthMs * between(random, 0.2, 1))
      : Number.POSITIVE_INFINITY,
    flaggedAt: isFlagged ? endedAt + Math.round(flagDelay(random)) : Number.POSITIVE_INFINITY,
    deletedAt: chance(random, 0.005)
      ? createdAt + integer(random, MINUTE, 3 * HOUR)
      : Number.POSITIVE_INFINITY,
    row: { key: -1, json: "" },
    wasRead: false,
    shownAt: Number.POSITIVE_INFINITY,
  }
}

function scoreDelay(random: Random): number {
  if (chance(random, 0.01)) return between(random, 30 * MINUTE, 3 * HOUR)
  if (chance(random, 0.1)) return between(random, 10 * MINUTE, 30 * MINUTE)
  return 5 * SECOND + exponential(random, 90 * SECOND)
}

/** The vendor flags most of them at once, people the others in the course of the day. */
function flagDelay(random: Random): number {
  if (chance(random, 0.6)) return between(random, 0, 5 * SECOND)
  return logBetween(random, 2 * MINUTE, 8 * HOUR)
}

export function isVisible(call: SimulatedCall, now: Instant): boolean {
  return call.visibleAt <= now && now < call.deletedAt
}

/** When each of the rules that exist from the start begins to match; Infinity if it never does. */
export function matchTimes(call: SimulatedCall): Record<string, Instant> {
  const never = Number.POSITIVE_INFINITY
  return {
    flagged: call.flaggedAt,
    "low-score": call.score <= 2 ? call.scoreAt : never,
    "angry-caller": call.angry >= 0.5 ? call.sentimentAt : never,
    transferred: call.transferredAt,
  }
}
