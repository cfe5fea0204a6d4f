/**
 * What reality does to an API that its page does not mention, each behind a switch.
 *
 * Three kinds: oddities of the rows (facts that are null, left out, unheard of, late or deleted), readings of the
 * page where it can be read two ways, and forms of the answer that the vendor's pages contradict themselves about.
 * Which calls are hit is decided by their id and the seed, so a call stays as odd as it was.
 */
import { withFacts, type Activity, type EmulatedCall, type Turn } from "./call.ts"
import { PLAIN_READING, type Reading } from "./listing.ts"
import { createRandom, hash, logBetween, pick, share, type Random } from "./random.ts"
import type { CallSource } from "./source.ts"

export type Oddities = {
  readonly seed?: number
  readonly rows?: RowOddities
  readonly reading?: Partial<Omit<Reading, "tieBreaker">> & {
    /** Calls that are equal under the sort come in another order at each request. */
    readonly shuffledTies?: boolean
  }
  readonly answer?: Partial<AnswerForm>
}

/** Each number is the share of the calls, from 0 to 1, that the oddity befalls. */
export type RowOddities = {
  /** One to three facts that may be null are, for good. */
  readonly nulls?: number
  /** Facts that are null are left out of the JSON instead. */
  readonly missing?: number
  /** A status, type, speaker or activity that no page lists. */
  readonly unknownValues?: number
  /** `createdAt` is cut to the whole minute, so that calls share it. */
  readonly equalTimestamps?: number
  /** The call is not served until up to four minutes after its `createdAt`. */
  readonly lateVisibility?: number
  /** The call is deleted between a minute and six hours after its `createdAt`. */
  readonly deletions?: number
  /** The score changes once, three quarters of an hour after the end. */
  readonly revisedScores?: number
  /** The list shows only the first two turns of the transcript, as the documented example may mean. */
  readonly shortTranscripts?: number
  /** Calls in progress have a duration of 0 instead of null. */
  readonly zeroDuration?: number
}

export type AnswerForm = {
  /** "specific" is the older page's pair of 401 bodies, "coded" the later page's single one. */
  readonly unauthorized: "specific" | "coded"
  readonly resetHeader: "iso" | "unix"
  readonly limitHeaders: "always" | "on429"
  /** Which limit the headers of an accepted request tell of. */
  readonly limitShown: "hour" | "tightest"
  /** What becomes of `limit=500`. */
  readonly limitAboveMax: "reject" | "clamp"
}

export const PLAIN_ANSWER: AnswerForm = {
  unauthorized: "specific",
  resetHeader: "iso",
  limitHeaders: "always",
  limitShown: "hour",
  limitAboveMax: "reject",
}

/** Every oddity of the rows at once, and for each open question of the page an answer that the seed chooses. */
export function everyOddity(seed: number): Oddities {
  const random = createRandom(seed, "oddities")
  return {
    seed,
    rows: {
      nulls: 0.05,
      missing: 0.3,
      unknownValues: 0.03,
      equalTimestamps: 0.1,
      lateVisibility: 0.01,
      deletions: 0.01,
      revisedScores: 0.02,
      shortTranscripts: 0.2,
      zeroDuration: 0.5,
    },
    reading: {
      dateField: pick(random, ["createdAt", "endedAt"] as const),
      dateBounds: pick(random, ["inclusive", "exclusive"] as const),
      nulls: pick(random, ["first", "last"] as const),
      shuffledTies: true,
    },
    answer: {
      unauthorized: pick(random, ["specific", "coded"] as const),
      resetHeader: pick(random, ["iso", "unix"] as const),
      limitHeaders: pick(random, ["always", "on429"] as const),
      limitShown: pick(random, ["hour", "tightest"] as const),
      limitAboveMax: pick(random, ["reject", "clamp"] as const),
    },
  }
}

export function oddReading(oddities: Oddities): Reading {
  const { shuffledTies = false, ...reading } = oddities.reading ?? {}
  const tieBreaker = shuffledTies ? createRandom(oddities.seed ?? 0, "ties") : undefined
  return { ...PLAIN_READING, ...reading, tieBreaker }
}

/** Whether this call's nulls are left out of its JSON. */
export function hidesNulls(oddities: Oddities, id: string): boolean {
  return share(oddities.seed ?? 0, id, "missing") < (oddities.rows?.missing ?? 0)
}

const MINUTE_MS = 60_000
const LATE_MAX_MS = 4 * MINUTE_MS
const REVISED_AFTER_MS = 45 * MINUTE_MS

/** The same source with the oddities of its rows. Its own calls must not be changed in place: their odd form is kept. */
export function createOddSource(source: CallSource, oddities: Oddities): CallSource {
  const rows = oddities.rows
  if (!rows) return source
  const seed = oddities.seed ?? 0
  const fates = new WeakMap<EmulatedCall, Fate>()
  const fateOf = (call: EmulatedCall): Fate => {
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

type Fate = {
  readonly call: EmulatedCall
  readonly revised: EmulatedCall
  readonly visibleAt: number
  readonly deletedAt: number
  readonly revisedAt: number
}

function decideFate(original: EmulatedCall, rows: RowOddities, seed: number): Fate {
  const befalls = (name: keyof RowOddities) => share(seed, original.id, name) < (rows[name] ?? 0)
  const die = (name: string) => createRandom(seed, original.id, `${name} how`)

  let changes: Partial<EmulatedCall> = {}
  if (befalls("equalTimestamps"))
    changes = { ...changes, createdAt: `${original.createdAt.slice(0, 16)}:00.000Z` }
  if (befalls("zeroDuration") && original.duration === null) changes = { ...changes, duration: 0 }
  if (befalls("shortTranscripts")) changes = { ...changes, listedTurns: 2 }
  if (befalls("unknownValues")) changes = { ...changes, ...unknownValue(original, die("unknownValues")) }
  if (befalls("nulls")) changes = { ...changes, ...someNulls(original, die("nulls")) }
  const call = withFacts(original, changes)

  const createdAt = Date.parse(call.createdAt)
  const isRevised = befalls("revisedScores") && call.score !== null && call.endedAt !== null
  const score = call.score !== null && call.score >= 2.5 ? call.score - 2 : 4
  return {
    call,
    revised: isRevised ? withFacts(call, { score }) : call,
    visibleAt: befalls("lateVisibility") ? createdAt + LATE_MAX_MS * die("lateVisibility")() : 0,
    deletedAt: befalls("deletions")
      ? createdAt + logBetween(die("deletions"), MINUTE_MS, 360 * MINUTE_MS)
      : Infinity,
    revisedAt: isRevised ? Date.parse(call.endedAt ?? call.createdAt) + REVISED_AFTER_MS : Infinity,
  }
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
    const mark = (turn: Turn, index: number) => (index % 4 === target % 4 ? { ...turn, speaker } : turn)
    return { transcript: call.transcript.map(mark) }
  }
  const type = pick(random, ACTIVITIES)
  const mark = (one: Activity, index: number) => (index % 5 === target % 5 ? { ...one, type } : one)
  return { activityTimeline: call.activityTimeline.map(mark) }
}
