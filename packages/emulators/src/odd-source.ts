/**
 * A source with row oddities: calls that appear late, disappear, or lack and vary facts.
 *
 * The id and the seed decide what happens to a call, so it is the same every time.
 */
import { withFacts, type Activity, type EmulatedCall, type SpokenTurn } from "./call.ts"
import type { Oddities, RowOddities } from "./oddity.ts"
import { createRandom, hash, logBetween, pick, share, type Random } from "./random.ts"
import type { CallSource } from "./source.ts"

const MINUTE_MS = 60_000
const LATE_MAX_MS = 4 * MINUTE_MS
const REVISED_AFTER_MS = 45 * MINUTE_MS

/** The same source with row oddities. Its own calls must not be changed in place: their odd form is kept. */
export function createOddSource(source: CallSource, oddities: Oddities): CallSource {
  const rows = oddities.rows
  if (!rows) return source
  const seed = oddities.seed ?? 0
  const fates = new WeakMap<EmulatedCall, OddFate>()
  const fateOf = (call: EmulatedCall): OddFate => {
    const found = fates.get(call)
    if (found) return found
    const fate = decideFate(call, rows, seed)
    fates.set(call, fate)
    return fate
  }
  const see = (call: EmulatedCall, now: number): EmulatedCall | undefined => {
    const fate = fateOf(call)
    if (now < fate.visibleAt || now >= fate.deletedAt) return undefined
    return now >= fate.revisedAt ? fate.revised : fate.call
  }
  return {
    callsAt(now, range = {}) {
      // A timestamp cut to the minute is up to a minute before the true one.
      const until = range.until === undefined ? undefined : range.until + MINUTE_MS
      return source.callsAt(now, { from: range.from, until }).flatMap((call) => see(call, now) ?? [])
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
export function fateOf(call: EmulatedCall, oddities: Oddities): OddFate {
  return decideFate(call, oddities.rows ?? {}, oddities.seed ?? 0)
}

function decideFate(original: EmulatedCall, rows: RowOddities, seed: number): OddFate {
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
  const call = isChanged ? withFacts(original, changes) : original

  const createdAt = Date.parse(call.createdAt)
  return {
    call,
    visibleAt: isLate ? createdAt + LATE_MAX_MS * share(seed, id, "late") : 0,
    deletedAt: isDeleted ? createdAt + lifeMsOf(seed, id) : Infinity,
    ...decideRevision(call, isRevised),
  }
}

function befalls(dice: Random, share: number | undefined): boolean {
  return dice() < (share ?? 0)
}

function lifeMsOf(seed: number, id: string): number {
  return logBetween(createRandom(seed, id, "life"), MINUTE_MS, 360 * MINUTE_MS)
}

function decideRevision(call: EmulatedCall, isRevised: boolean): Pick<OddFate, "revised" | "revisedAt"> {
  const { score, endedAt } = call
  if (!isRevised || score === null || endedAt === null) return { revised: call, revisedAt: Infinity }
  const revised = withFacts(call, { score: score >= 2.5 ? score - 2 : 4 })
  return { revised, revisedAt: Date.parse(endedAt) + REVISED_AFTER_MS }
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
