/** The calls of a simulated business, made as time goes by from one seed, with as many odd ones as asked for. */
import { callReference } from "@earshot/core/fingerprint"
import { HOUR, type Instant, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import {
  type Random,
  between,
  chance,
  createRandom,
  exponential,
  integer,
  logBetween,
  logNormal,
  pick,
  share,
  uuid,
} from "@earshot/emulators/random"
import { type Storm, stormCalls } from "./storm.ts"
import {
  CALL_MAX_MS,
  EMPTY_MS,
  type OddValues,
  RIGHT_VALUES,
  type SimulatedCall,
  shiftTexts,
} from "./call.ts"
import { flagDelay, scoreDelay } from "./delay.ts"
import { type CallOddities, NO_ROWS, STRANGE_NUMBERS } from "./oddity.ts"

/** Calls that begin at one instant in a burst: more than a page of the list holds. */
const CROWD = 130

const REVISED_AFTER_MS = 45 * MINUTE

const NEVER = Number.POSITIVE_INFINITY

export type Traffic = {
  /** All that exist at `now`, by `createdAt`; calls of the same instant come in any order. */
  callsAt: (now: Instant) => readonly SimulatedCall[]
  /** The same calls by end, with those in progress last. */
  byEnd: () => readonly SimulatedCall[]
  /** Those of them that are not shown all the time, by `createdAt`. */
  fleeting: () => readonly SimulatedCall[]
  /** By its id, or by the reference that stands for it where the id is not shown. */
  call: (id: string) => SimulatedCall | undefined
}

/** On average `perHour` calls an hour between `from` and `to`; with `hasCrowds`, now and then very many at one instant. */
export function createCallTraffic(options: {
  seed: number
  perHour: number
  from: Instant
  to: Instant
  hasCrowds: boolean
  oddities: CallOddities
  /** How far the times of calls are ahead of the truth, where they are shown. */
  stampsMs?: number
  /** So many calls that are flagged, and shown all at once then. */
  storm?: Storm | null
  /** May change each call as it is made, to add what is odd about it. */
  befall?: (call: SimulatedCall) => void
}): Traffic {
  const random = createRandom("traffic", options.seed)
  // From its own stream, so that the same seed makes the same calls, odd or not.
  const die = createRandom("odd calls", options.seed)
  const valueDie = createRandom("odd values", options.seed)
  const calls: SimulatedCall[] = []
  const byEnd: SimulatedCall[] = []
  const fleeting: SimulatedCall[] = []
  const byId = new Map<string, SimulatedCall>()
  const byReference = new Map<string, SimulatedCall>()
  const meanMs = HOUR / options.perHour
  let next = options.from + Math.round(exponential(random, meanMs))

  const add = (startedAt: Instant) => {
    const { oddities, stampsMs = 0 } = options
    const call = makeCall(random, startedAt, die, oddities)
    befallValues(call, valueDie, { oddities, stampsMs })
    options.befall?.(call)
    enter(call)
  }
  const enter = (call: SimulatedCall) => {
    const { stampsMs = 0 } = options
    shiftTexts(call, stampsMs)
    insert(calls, call, (other) => other.createdAt)
    insert(byEnd, call, (other) => other.endedAt)
    if (call.visibleAt > call.createdAt || call.deletedAt < NEVER)
      insert(fleeting, call, (other) => other.createdAt)
    byId.set(call.id, call)
    byReference.set(callReference(call.id), call)
  }
  const stormDie = createRandom("storm", options.seed)
  const storm = options.storm
    ? stormCalls(options.storm, (startedAt) => makeCall(stormDie, startedAt, stormDie, NO_ROWS))
    : []
  return {
    callsAt(now) {
      if (storm.length > 0 && options.storm && now >= options.storm.at)
        for (const call of storm.splice(0)) enter(call)
      while (next <= now && next <= options.to) {
        add(next)
        if (options.hasCrowds && chance(random, 0.00005)) for (let more = 0; more < CROWD; more++) add(next)
        if (!chance(random, 0.02)) next += Math.max(1, Math.round(exponential(random, meanMs)))
      }
      return calls
    },
    byEnd: () => byEnd,
    fleeting: () => fleeting,
    call: (id) => byId.get(id) ?? byReference.get(id),
  }
}

function insert(calls: SimulatedCall[], call: SimulatedCall, timeOf: (call: SimulatedCall) => Instant): void {
  let index = calls.length
  for (;;) {
    const before = calls[index - 1]
    if (!before || timeOf(before) <= timeOf(call)) break
    index--
  }
  if (index === calls.length) calls.push(call)
  else calls.splice(index, 0, call)
}

function makeCall(random: Random, startedAt: Instant, die: Random, oddities: CallOddities): SimulatedCall {
  const lengthMs = chance(random, 0.03)
    ? logBetween(random, 20 * MINUTE, CALL_MAX_MS)
    : Math.min(20 * MINUTE, Math.max(9 * SECOND, logNormal(random, 150 * SECOND, 0.75)))
  const endedAt = startedAt + Math.round(lengthMs)
  const scoreAt = endedAt + Math.round(scoreDelay(random))
  const hasScore = !chance(random, 0.02)
  const isFlagged = chance(random, 0.08)
  const isAngry = chance(random, 0.08)
  const lateMs = chance(random, oddities.lateVisibility) ? integer(random, 1, 4 * MINUTE) : 0
  const call: SimulatedCall = {
    id: uuid(random),
    createdAt: startedAt,
    visibleAt: startedAt + lateMs,
    endedAt,
    seconds: Math.round((endedAt - startedAt) / 1000),
    texts: { createdAt: "", endedAt: isoOf(endedAt) },
    summaryAt: endedAt + integer(random, 2 * SECOND, 15 * SECOND),
    scoreAt: hasScore ? scoreAt : NEVER,
    score: chance(random, 0.08) ? integer(random, 0, 4) / 2 : integer(random, 5, 10) / 2,
    revisedAt: NEVER,
    revisedScore: 0,
    sentimentAt: chance(random, 0.02) ? NEVER : scoreAt + integer(random, SECOND, 8 * SECOND),
    angry: isAngry ? between(random, 0.5, 1) : between(random, 0, 0.4),
    transferredAt: chance(random, 0.05) ? startedAt + Math.round(lengthMs * between(random, 0.2, 1)) : NEVER,
    flaggedAt: isFlagged ? endedAt + Math.round(flagDelay(random)) : NEVER,
    deletedAt: chance(random, oddities.deletions) ? startedAt + integer(random, MINUTE, 3 * HOUR) : NEVER,
    look: {
      hidesEnd: false,
      hidesNulls: false,
      status: null,
      activity: null,
      hasZeroDuration: false,
      number: null,
      isShortened: false,
      isUnreadable: false,
      isTypeset: false,
      values: RIGHT_VALUES,
    },
    row: {},
    rowUntil: 0,
    arrived: null,
    account: { isKept: false, raisedAt: NEVER, reasons: null, owed: new Set(), sent: {} },
  }
  befall(call, die, oddities)
  call.texts.createdAt = isoOf(call.createdAt)
  return call
}

/** What is odd about a call. */
function befall(call: SimulatedCall, die: Random, oddities: CallOddities): void {
  const { look } = call
  if (chance(die, oddities.equalTimestamps)) {
    const minute = Math.floor(call.createdAt / MINUTE) * MINUTE
    // A call that is late too is late by the time that it shows.
    call.visibleAt = Math.max(call.createdAt, minute + (call.visibleAt - call.createdAt))
    call.createdAt = minute
  }
  if (chance(die, oddities.nulls)) {
    const fact = pick(die, ["end", "score", "sentiment", "summary"] as const)
    if (fact === "end") look.hidesEnd = true
    if (fact === "score") call.scoreAt = NEVER
    if (fact === "sentiment") call.sentimentAt = NEVER
    if (fact === "summary") call.summaryAt = NEVER
  }
  if (chance(die, oddities.revisedScores) && call.scoreAt < call.endedAt + REVISED_AFTER_MS) {
    call.revisedAt = call.endedAt + REVISED_AFTER_MS
    call.revisedScore = call.score >= 2.5 ? call.score - 2 : 4
  }
  // Not by the die, whose later rolls would change.
  const isCorrected = share("corrected", call.id) < oddities.correctedScores && call.score <= 2
  if (isCorrected && call.revisedAt === NEVER && call.scoreAt < call.endedAt + REVISED_AFTER_MS) {
    call.revisedAt = call.endedAt + REVISED_AFTER_MS
    call.revisedScore = 4
  }
  if (chance(die, oddities.unknownValues)) {
    if (chance(die, 0.5)) look.status = pick(die, ["ended", "failed", "no-answer", "voicemail", "CANCELLED"])
    else look.activity = pick(die, ["DTMF", "VOICEMAIL_LEFT", "GUARDRAIL"])
  }
  look.hidesNulls = chance(die, oddities.missing)
  look.hasZeroDuration = chance(die, oddities.zeroDuration)
  look.isUnreadable = chance(die, oddities.unreadable)
  if (chance(die, oddities.strangeNumbers)) look.number = pick(die, STRANGE_NUMBERS)
  look.isShortened = chance(die, oddities.shortTranscripts)
  // Not by the die, whose later rolls would change.
  look.isTypeset = share("typeset", call.id) < oddities.typesetTexts
}

/** How the values of a call are odd. */
function befallValues(
  call: SimulatedCall,
  die: Random,
  { oddities, stampsMs }: { oddities: CallOddities; stampsMs: number },
): void {
  const values: OddValues = {
    isEmptyFirst: chance(die, oddities.emptyFirst),
    isPercent: chance(die, oddities.percentages),
    hasOneSpeaker: chance(die, oddities.oneSpeaker),
    hasOtherWords: chance(die, oddities.otherWords),
    isText: chance(die, oddities.numbersAsText),
    end: null,
  }
  if (chance(die, oddities.impossibleEnds)) {
    const early = isoOf(call.createdAt + stampsMs - HOUR)
    values.end = pick(die, [
      "1970-01-01T00:00:00.000Z",
      "0001-01-01T00:00:00Z",
      "9999-12-31T23:59:59Z",
      early,
    ])
  }
  call.look.values = values
  // What an empty timeline hides is not known before it is filled.
  if (values.isEmptyFirst && call.transferredAt < NEVER)
    call.transferredAt = Math.max(call.transferredAt, call.endedAt + EMPTY_MS)
}
