/**
 * A source with row oddities: calls that appear late, disappear, lack and vary facts, or have times that are not true.
 * What a list sorts by and filters by is what is shown.
 *
 * The id and the seed decide what happens to a call, so it is the same every time.
 */
import { withFacts, type Activity, type EmulatedCall, type SpokenTurn } from "./call.ts"
import type { Oddities } from "./oddity.ts"
import { createRandom, hash, logBetween, pick, share, type Random } from "./random.ts"
import type { CallSource } from "./source.ts"

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const LATE_MAX_MS = 4 * MINUTE_MS
const REVISED_AFTER_MS = 45 * MINUTE_MS

/** How long a timeline stays empty after the end, if it is empty until then. */
export const EMPTY_TIMELINE_MS = 25_000

/** The same source with row oddities. Its own calls must not be changed in place: their odd form is kept. */
export function createOddSource(source: CallSource, oddities: Oddities): CallSource {
  const { rows, values, times } = oddities
  if (!rows && !values && !times) return source
  const stampsMs = times?.stampsMs ?? 0
  const fates = new WeakMap<EmulatedCall, OddFate>()
  const knownFate = (call: EmulatedCall): OddFate => {
    const found = fates.get(call)
    if (found) return found
    const fate = fateOf(call, oddities)
    fates.set(call, fate)
    return fate
  }
  const see = (call: EmulatedCall, now: number): EmulatedCall | undefined => {
    const fate = knownFate(call)
    if (now < fate.visibleAt || now >= fate.deletedAt) return undefined
    return now >= fate.revisedAt ? fate.revised : fate.call
  }
  return {
    callsAt(now, range = {}) {
      const from = range.from === undefined ? undefined : range.from - stampsMs
      // A timestamp cut to the minute is up to a minute before the true one.
      const until = range.until === undefined ? undefined : range.until - stampsMs + MINUTE_MS
      return source.callsAt(now, { from, until }).flatMap((call) => see(call, now) ?? [])
    },
    callAt(now, id) {
      const call = source.callAt(now, id)
      return call && see(call, now)
    },
  }
}

/** Instants are epoch milliseconds; Infinity for what never happens. */
export type OddFate = {
  /** With the facts it is shown with. */
  readonly call: EmulatedCall
  /** The same, with the score it is shown with from `revisedAt` on. */
  readonly revised: EmulatedCall
  readonly visibleAt: number
  readonly deletedAt: number
  readonly revisedAt: number
}

/** What happens to a call that is over, for anyone who has to know the truth behind what the API shows. */
export function fateOf(original: EmulatedCall, oddities: Oddities): OddFate {
  const { seed = 0, rows = {} } = oddities
  const { id } = original
  // The dice are rolled in a fixed order, so that one switch does not disturb the others.
  const dice = createRandom(seed, id)
  const isCut = befalls(dice, rows.equalTimestamps)
  const isZero = befalls(dice, rows.zeroDuration)
  const isShort = befalls(dice, rows.shortTranscripts)
  const isStrange = befalls(dice, rows.strangeNumbers)
  const isUnknown = befalls(dice, rows.unknownValues)
  const isNull = befalls(dice, rows.nulls)
  const isRevised = befalls(dice, rows.revisedScores)
  const isLate = befalls(dice, rows.lateVisibility)
  const isDeleted = befalls(dice, rows.deletions)

  let changes: Partial<EmulatedCall> = {}
  if (isCut) changes = { ...changes, createdAt: `${original.createdAt.slice(0, 16)}:00.000Z` }
  if (isZero && original.duration === null) changes = { ...changes, duration: 0 }
  if (isShort) changes = { ...changes, listedTurns: 2 }
  if (isStrange) changes = { ...changes, ...strangeNumber(original, createRandom(seed, id, "number")) }
  if (isUnknown) changes = { ...changes, ...unknownValue(original, createRandom(seed, id, "unknown")) }
  if (share(seed, id, "typeset") < (rows.typesetTexts ?? 0))
    changes = { ...changes, ...typesetTexts(original, changes) }
  if (isNull) changes = { ...changes, ...someNulls(original, createRandom(seed, id, "nulls")) }
  const isChanged = Object.keys(changes).length > 0
  const dated = isChanged ? withFacts(original, changes) : original
  const call = withOddTimes(dated, original, oddities)

  const createdAt = Date.parse(dated.createdAt)
  return {
    call,
    visibleAt: isLate ? createdAt + LATE_MAX_MS * share(seed, id, "late") : 0,
    deletedAt: isDeleted ? createdAt + lifeMsOf(seed, id) : Infinity,
    ...decideRevision(call, isRevised ? dated.endedAt : null),
  }
}

function befalls(dice: Random, share: number | undefined): boolean {
  return dice() < (share ?? 0)
}

function lifeMsOf(seed: number, id: string): number {
  return logBetween(createRandom(seed, id, "life"), MINUTE_MS, 360 * MINUTE_MS)
}

/** `endedAt`: when it really ended; null: nothing is revised. */
function decideRevision(call: EmulatedCall, endedAt: string | null): Pick<OddFate, "revised" | "revisedAt"> {
  const { score } = call
  if (score === null || endedAt === null) return { revised: call, revisedAt: Infinity }
  const revised = withFacts(call, { score: score >= 2.5 ? score - 2 : 4 })
  return { revised, revisedAt: Date.parse(endedAt) + REVISED_AFTER_MS }
}

/** `original` says when the call really ended. */
function withOddTimes(dated: EmulatedCall, original: EmulatedCall, oddities: Oddities): EmulatedCall {
  const { seed = 0, values = {}, times = {} } = oddities
  const { id, endedAt } = original
  let call = times.stampsMs ? shifted(dated, times.stampsMs) : dated
  const isHit = (name: "emptyFirst" | "impossibleEnds") => share(seed, id, name) < (values[name] ?? 0)
  if (isHit("emptyFirst"))
    call = withFacts(call, {
      emptyUntil: endedAt === null ? Infinity : Date.parse(endedAt) + EMPTY_TIMELINE_MS,
    })
  if (!isHit("impossibleEnds") || call.endedAt === null) return call
  return withFacts(call, { endedAt: impossibleEnd(call, createRandom(seed, id, "end")) })
}

/** All its times as a clock would have written them that is ahead by so much. What was said is written when it is read. */
function shifted(call: EmulatedCall, byMs: number): EmulatedCall {
  const at = (time: string) => new Date(Date.parse(time) + byMs).toISOString()
  const atAnother = <T extends { readonly timestamp: string }>(item: T) => {
    return { ...item, timestamp: at(item.timestamp) }
  }
  return withFacts(call, {
    createdAt: at(call.createdAt),
    endedAt: call.endedAt === null ? null : at(call.endedAt),
    get transcript() {
      return call.transcript.map(atAnother)
    },
    get activityTimeline() {
      return call.activityTimeline.map(atAnother)
    },
  })
}

function impossibleEnd({ createdAt }: EmulatedCall, random: Random): string {
  const early = new Date(Date.parse(createdAt) - HOUR_MS).toISOString()
  return pick(random, ["1970-01-01T00:00:00.000Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", early])
}

const SIP_ADDRESS = "sip:4711@pbx.example"
/** Withheld, in words and as the carriers' keypads spell them; a short code; and an address. */
const STRANGE_NUMBERS = [
  "anonymous",
  "Restricted",
  "",
  "+17378742833",
  "266696687",
  "0000000000",
  "22395",
  SIP_ADDRESS,
]

/** A caller can withhold the number; the person called has one, of whatever kind. */
function strangeNumber(call: EmulatedCall, random: Random): Partial<EmulatedCall> {
  return call.type === "OUTGOING" ? { to: SIP_ADDRESS } : { from: pick(random, STRANGE_NUMBERS) }
}

function typesetTexts(call: EmulatedCall, changes: Partial<EmulatedCall>): Partial<EmulatedCall> {
  const { transcript, summary } = withFacts(call, changes)
  return {
    searchText: undefined,
    summary: summary === null ? null : typeset(summary),
    transcript: transcript.map((turn) => ({ ...turn, text: typeset(turn.text) })),
  }
}

/** It looks the same, and hardly a letter of it is. */
function typeset(text: string): string {
  return text
    .normalize("NFD")
    .replaceAll("'", "\u2019")
    .replaceAll(" - ", " \u2014 ")
    .replace(/\b(an?|the|my|i) /gi, "$1\u00a0")
    .replace(/\b(\p{L}{4})(?=\p{L}{3})/gu, "$1\u00ad")
}

const NULLABLE = [
  "endedAt",
  "agent",
  "summary",
  "recordingUrl",
  "metadata",
  "sentiment",
  "score",
  "memory",
] as const

function someNulls(call: EmulatedCall, random: Random): Partial<EmulatedCall> {
  let changes: Partial<EmulatedCall> = {}
  for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) {
    const name = pick(random, NULLABLE)
    if (name === "summary") changes = { ...changes, searchText: undefined }
    if (name !== "sentiment") changes = { ...changes, [name]: null }
    else if (call.metadata) changes = { metadata: { ...call.metadata, sentiment: null }, ...changes }
  }
  return changes
}

const STATUSES = ["ended", "failed", "no-answer", "voicemail", "CANCELLED"]
const TYPES = ["WEB", "INTERNAL", "incoming"]
const SPEAKERS = ["system", "human", "Agent"]
const ACTIVITIES = ["DTMF", "VOICEMAIL_LEFT", "GUARDRAIL"]

function unknownValue(call: EmulatedCall, random: Random): Partial<EmulatedCall> {
  const kind = pick(random, ["status", "type", "speaker", "activity"])
  const target = hash(call.id)
  if (kind === "status") return { status: pick(random, STATUSES) }
  if (kind === "type") return { type: pick(random, TYPES) }
  if (kind === "speaker") {
    const speaker = pick(random, SPEAKERS)
    const mark = (turn: SpokenTurn, index: number) => (index % 4 === target % 4 ? { ...turn, speaker } : turn)
    return { transcript: call.transcript.map(mark) }
  }
  const type = pick(random, ACTIVITIES)
  const mark = (one: Activity, index: number) => (index % 5 === target % 5 ? { ...one, type } : one)
  return { activityTimeline: call.activityTimeline.map(mark) }
}
