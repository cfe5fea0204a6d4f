/**
 * The words of a call with their times: the transcript, the timeline, the summary.
 *
 * A performance takes as long as its words take to say; a call takes as long as its plan says. The difference is spent
 * on hold, with the agent coming back on the line now and then, or by talking faster.
 */
import type { Activity, SpokenTurn } from "./call.ts"
import type { CallPlan } from "./plan.ts"
import { between, createRandom, shuffle, type Random } from "./random.ts"
import { perform, type Performance } from "./performance.ts"
import type { Beat, DeedType, Speaker } from "./stage.ts"

export type Script = {
  readonly turns: readonly SpokenTurn[]
  readonly writeTimeline: () => readonly Activity[]
  readonly summary: string
  readonly memory: string
}

/** "full": everything that is said. "few": the first two turns, for when nobody reads them. */
export type Wordiness = "full" | "few"

/** The same plan makes the same script. Throws as `perform` does. */
export function writeScript(plan: CallPlan, wordiness: Wordiness = "full"): Script {
  const { timed, summary, memory, hangsUp } = rehearse(plan, wordiness)
  const instantOf = (atMs: number) => new Date(plan.createdAt + Math.round(atMs)).toISOString()
  const entries = timed.map(({ beat, atMs }) => ({ beat, timestamp: instantOf(atMs) }))
  return {
    turns: entries.flatMap(({ beat, timestamp }) =>
      beat.kind === "said" ? [{ speaker: beat.speaker, text: beat.text, timestamp }] : [],
    ),
    // Only the detail shows the timeline.
    writeTimeline: () => writeTimeline(plan, entries, hangsUp),
    summary,
    memory,
  }
}

/** What was said and the summary, in lower case and kept apart: the text that a search looks through. */
export function writeSearchText(plan: CallPlan, wordiness: Wordiness = "full"): string {
  const { timed, summary } = rehearse(plan, wordiness)
  const said = timed.flatMap(({ beat }) => (beat.kind === "said" ? [beat.text] : []))
  return [...said, summary].join(SEARCH_TEXT_GAP).toLowerCase()
}

/** No search can contain it, so none matches across the end of one turn and the beginning of the next. */
export const SEARCH_TEXT_GAP = "\0"

type Rehearsal = Omit<Performance, "beats"> & { readonly timed: readonly TimedBeat[] }

/** The performance with its times, which use some of its dice. */
function rehearse(plan: CallPlan, wordiness: Wordiness): Rehearsal {
  const random = createRandom(plan.wordSeed)
  const { beats, summary, memory, hangsUp } = perform(plan, random)
  const { timed, holdMs } = giveTimes(beats, plan.endedAt - plan.createdAt, random)
  // After an answered transfer people talk, and the agent does not hear what they say.
  const isHold = holdMs >= LONG_HOLD_MS && timed.at(-1)?.beat.kind === "said"
  const waited = isHold ? ` The call included about ${Math.round(holdMs / 60_000)} minutes on hold.` : ""
  return {
    timed: wordiness === "few" ? keepFew(timed) : timed,
    summary: summary + waited,
    memory,
    hangsUp,
  }
}

type Entry = { readonly beat: Beat; readonly timestamp: string }

function writeTimeline(plan: CallPlan, entries: readonly Entry[], hangsUp: Speaker): readonly Activity[] {
  const silent = { sender: null, data: null, toolData: null }
  const activities: Omit<Activity, "id">[] = [
    { type: "CALL_ANSWERED", ...silent, timestamp: plan.createdAtText },
    ...entries.map(({ beat, timestamp }) =>
      beat.kind === "said"
        ? { type: "RESPONSE", sender: beat.speaker, data: beat.text, toolData: null, timestamp }
        : { type: beat.type, sender: "agent", data: beat.data, toolData: beat.toolData, timestamp },
    ),
    { type: "HANGUP", ...silent, sender: hangsUp, timestamp: plan.endedAtText },
  ]
  return activities.map((activity, index) => ({ id: activityId(plan, index), ...activity }))
}

/** In the form of a UUID, and cheap: the call's own with a different beginning. */
function activityId(plan: CallPlan, index: number): string {
  const start = (Math.imul(plan.wordSeed + index, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")
  return start + plan.id.slice(8)
}

type TimedBeat = { readonly beat: Beat; readonly atMs: number }

/** People speak about 160 words a minute, and pause a little between turns. */
const LETTER_MS = 67
const PAUSE_MS = 900
const DEED_MS = { TOOL_CALL: 2_000, TRANSFER: 11_000, SEND_EMAIL: 900, SEND_TEXT: 900 }
const ANSWERING_MS = 1_200
const HANGING_UP_MS = 700
/** Any slower, and the rest is spent on hold. */
const PACE_MAX = 1.4
const HOLD_FILLER_EVERY_MS = 60_000
const HOLD_FILLERS_MAX = 6
/** A hold that a summary mentions. */
const LONG_HOLD_MS = 300_000

function giveTimes(
  beats: readonly Beat[],
  lengthMs: number,
  random: Random,
): { timed: TimedBeat[]; holdMs: number } {
  const natural = beats.map(naturalMs)
  const naturalSum = natural.reduce((sum, ms) => sum + ms, 0)
  const available = Math.max(0, lengthMs - ANSWERING_MS - HANGING_UP_MS)
  const pace = Math.min(available / naturalSum, PACE_MAX)
  const holdMs = available - naturalSum * pace
  const holdIndex = findHold(beats)

  const timed: TimedBeat[] = []
  let atMs = ANSWERING_MS
  for (const [index, beat] of beats.entries()) {
    timed.push({ beat, atMs })
    atMs += (natural[index] ?? 0) * pace
    if (index !== holdIndex) continue
    if (beats.length > index + 1) timed.push(...fillHold(atMs, holdMs, random))
    atMs += holdMs
  }
  return { timed, holdMs }
}

function naturalMs(beat: Beat): number {
  return beat.kind === "said" ? PAUSE_MS + LETTER_MS * beat.text.length : DEED_MS[beat.type]
}

/** A caller waits while someone is fetched or something is looked up; failing both, in the middle. */
function findHold(beats: readonly Beat[]): number {
  const transfer = indexOfDeed(beats, "TRANSFER")
  if (transfer >= 0) return transfer
  const tool = indexOfDeed(beats, "TOOL_CALL")
  return tool >= 0 ? tool : Math.floor(beats.length / 2)
}

function indexOfDeed(beats: readonly Beat[], type: DeedType): number {
  return beats.findIndex((beat) => beat.kind === "done" && beat.type === type)
}

const FILLERS = [
  "Thank you for holding. I'm still on it.",
  "Still with you. This is taking longer than it should.",
  "Thanks for your patience, I haven't forgotten you.",
  "I'm still waiting for an answer from a colleague. Please stay on the line.",
  "I'm sorry about the wait. Nearly there.",
  "Are you still there? Good. It shouldn't be much longer.",
]

function fillHold(fromMs: number, holdMs: number, random: Random): TimedBeat[] {
  const count = Math.min(HOLD_FILLERS_MAX, Math.floor(holdMs / HOLD_FILLER_EVERY_MS))
  const fillers = shuffle(random, FILLERS)
  return Array.from({ length: count }, (_, index) => ({
    beat: { kind: "said", speaker: "agent", text: fillers[index % fillers.length] ?? "" },
    atMs: fromMs + (holdMs * (index + between(random, 0.6, 0.9))) / (count + 0.5),
  }))
}

function keepFew(timed: readonly TimedBeat[]): readonly TimedBeat[] {
  let said = 0
  return timed.filter(({ beat }) => beat.kind === "done" || (said += 1) <= 2)
}
