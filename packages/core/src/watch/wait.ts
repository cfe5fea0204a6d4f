/**
 * How long what is awaited takes to come, as it was with this team's calls of late: a call's end after it was first seen, its score after
 * the end, and its mood after the score. Counts by spans of time, of which older ones fade: a few dozen waits, in as many letters. Few
 * of its own make a team much like any other.
 */
import { SECOND } from "../instant.ts"

/** What a look may find. */
export type LookAim = "end" | "score" | "mood"

export const LOOK_AIMS: readonly LookAim[] = ["end", "score", "mood"]

/** Where spans begin, in seconds; the last has no end. What never came counts there. */
const SPANS = [0, 3, 6, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200] as const

/** The longest that is reckoned with. */
const LAST_SECONDS = 2400

/** How many of the last waits ended in each span. */
type Tally = readonly number[]

export type Waits = Readonly<Record<LookAim, Tally>>

const NO_TALLY: Tally = SPANS.map(() => 0)

export const NO_WAITS: Waits = { end: NO_TALLY, score: NO_TALLY, mood: NO_TALLY }

/** At so many waits all counts are halved. */
const TALLY_MAX = 60

/** The waits with one more; `waitedMs` null: it has not come, and nobody waits for it any more. */
export function withWait(waits: Waits, aim: LookAim, waitedMs: number | null): Waits {
  const seconds = waitedMs === null ? Number.POSITIVE_INFINITY : Math.max(0, waitedMs / SECOND)
  const tally = waits[aim].map((count, span) => (span === spanOf(seconds) ? count + 1 : count))
  const total = tally.reduce((sum, count) => sum + count, 0)
  return { ...waits, [aim]: total < TALLY_MAX ? tally : halved(tally) }
}

/** Half of all up to each span, so that of many spans with one wait each, half keep theirs. */
function halved(tally: Tally): Tally {
  let before = 0
  return tally.map((count) => {
    const half = Math.floor((before + count) / 2) - Math.floor(before / 2)
    before += count
    return half
  })
}

function spanOf(seconds: number): number {
  return SPANS.findLastIndex((from) => from <= seconds)
}

/**
 * What is to be expected in a span, of what has been awaited until then: how likely it comes within a second, and which share of all
 * waits gets there.
 */
export type Expected = { from: number; seconds: number; chance: number; share: number }

/** Any team's: the share that has not come after `seconds` is `(within / (within + seconds)) ** steepness`. */
const ANY_TEAM: Record<LookAim, { within: number; steepness: number }> = {
  end: { within: 120, steepness: 1.2 },
  score: { within: 60, steepness: 0.75 },
  mood: { within: 8, steepness: 1.5 },
}

/** It counts as many waits of a team's own. */
const ANY_TEAM_COUNT = 6

const expectations = new WeakMap<Waits, Readonly<Record<LookAim, readonly Expected[]>>>()

/** By span, and computed once for the same waits. */
export function expectedOf(waits: Waits): Readonly<Record<LookAim, readonly Expected[]>> {
  const known = expectations.get(waits)
  if (known) return known
  const expected = { end: expect(waits, "end"), score: expect(waits, "score"), mood: expect(waits, "mood") }
  expectations.set(waits, expected)
  return expected
}

function expect(waits: Waits, aim: LookAim): Expected[] {
  const { within, steepness } = ANY_TEAM[aim]
  const left = (seconds: number) => ANY_TEAM_COUNT * (within / (within + seconds)) ** steepness
  const tally = waits[aim]
  const all = ANY_TEAM_COUNT + tally.reduce((sum, count) => sum + count, 0)
  let reached = all
  const spans = SPANS.map((from, span) => {
    const to = SPANS[span + 1] ?? LAST_SECONDS
    const isLast = to === LAST_SECONDS
    // Whether what is counted last has come at all is not known.
    const came = left(from) - left(to) + (isLast ? 0 : (tally[span] ?? 0))
    const waited = (to - from) * (reached - came / 2)
    const share = reached / all
    reached -= came
    return { from, seconds: to - from, share, came, waited }
  })
  return spans.map(({ from, seconds, share, came, waited }, span) => {
    // A few dozen waits leave spans with many or none by chance: their neighbours count half.
    const near = [spans[span - 1], spans[span + 1]].filter((one) => one !== undefined)
    const half = (of: (one: { came: number; waited: number }) => number) =>
      near.reduce((sum, one) => sum + of(one) / 2, 0)
    const chance = (came + half((one) => one.came)) / (waited + half((one) => one.waited))
    return { from, seconds, chance, share }
  })
}

/** How likely it comes within the next second. */
export function chanceAt(waits: Waits, aim: LookAim, awaitedMs: number): number {
  return expectedOf(waits)[aim][Math.max(0, spanOf(awaitedMs / SECOND))]?.chance ?? 0
}

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/** A letter for each span. */
export function packWaits(waits: Waits): string {
  return LOOK_AIMS.map((aim) => waits[aim].map((count) => DIGITS[count]).join("")).join(".")
}

/** What cannot be read is as if nothing had been learnt: a look is sooner or later for it, and no more. */
export function unpackWaits(packed: string): Waits {
  const tallies = packed.split(".").map((text) => text.split("").map((digit) => DIGITS.indexOf(digit)))
  const isWhole = (tally: Tally | undefined) =>
    tally?.length === SPANS.length && tally.every((count) => count >= 0)
  if (tallies.length !== LOOK_AIMS.length || !tallies.every(isWhole)) return NO_WAITS
  const [end = NO_TALLY, score = NO_TALLY, mood = NO_TALLY] = tallies
  return { end, score, mood }
}
