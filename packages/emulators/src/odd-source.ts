/**
 * A source with the oddities of its rows: calls that come late, go, or lack and vary facts.
 *
 * What befalls a call is decided by its id and the seed, so that it is the same at every look.
 */
import { withFacts, type Activity, type EmulatedCall, type Turn } from "./call.ts"
import type { Oddities, RowOddities } from "./oddity.ts"
import { createRandom, hash, logBetween, pick, share, type Random } from "./random.ts"
import type { CallSource } from "./source.ts"

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
  const own = hash(seed, original.id)
  const befalls = (name: keyof RowOddities) => share(own, name) < (rows[name] ?? 0)
  const die = (name: string) => createRandom(own, `${name} how`)

  let changes: Partial<EmulatedCall> = {}
  if (befalls("equalTimestamps"))
    changes = { ...changes, createdAt: `${original.createdAt.slice(0, 16)}:00.000Z` }
  if (befalls("zeroDuration") && original.duration === null) changes = { ...changes, duration: 0 }
  if (befalls("shortTranscripts")) changes = { ...changes, listedTurns: 2 }
  if (befalls("strangeNumbers")) changes = { ...changes, ...strangeNumber(original, die("strangeNumbers")) }
  if (befalls("unknownValues")) changes = { ...changes, ...unknownValue(original, die("unknownValues")) }
  if (befalls("nulls")) changes = { ...changes, ...someNulls(original, die("nulls")) }
  const isChanged = Object.keys(changes).length > 0
  const call = isChanged ? withFacts(original, changes) : original

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

const SIP_ADDRESS = "sip:4711@pbx.example"
const STRANGE_NUMBERS = ["anonymous", "Restricted", "", SIP_ADDRESS]

/** Who calls can withhold the number; who is called has one, of whatever kind. */
function strangeNumber(call: EmulatedCall, random: Random): Partial<EmulatedCall> {
  return call.type === "OUTGOING" ? { to: SIP_ADDRESS } : { from: pick(random, STRANGE_NUMBERS) }
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
    const mark = (turn: Turn, index: number) => (index % 4 === target % 4 ? { ...turn, speaker } : turn)
    return { transcript: call.transcript.map(mark) }
  }
  const type = pick(random, ACTIVITIES)
  const mark = (one: Activity, index: number) => (index % 5 === target % 5 ? { ...one, type } : one)
  return { activityTimeline: call.activityTimeline.map(mark) }
}
