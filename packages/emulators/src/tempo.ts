/**
 * How long things take: calls, and the facts that arrive after them.
 *
 * "real" is how long they take in a business; "lively" is for watching: everything within two minutes.
 */
import { between, chance, exponential, logBetween, logNormal, type Random } from "./random.ts"

export type Tempo = {
  readonly lengthMs: (random: Random) => number
  /** From the end of the call until the summary and the recording are there. */
  readonly summaryDelayMs: (random: Random) => number
  /** From the end of the call until the score is there. */
  readonly scoreDelayMs: (random: Random) => number
  /** From the score until the sentiment is there. */
  readonly sentimentDelayMs: (random: Random) => number
  /** From the end of the call until a person has listened and flagged it. */
  readonly flagDelayMs: (random: Random) => number
}

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** No call is shorter: someone has to say hello. */
const LENGTH_MIN_MS = 9 * SECOND_MS
/** Ordinary calls end before this; anything longer is one of the rare long ones. */
const LENGTH_ORDINARY_MAX_MS = 20 * MINUTE_MS

export const REAL_TEMPO: Tempo = {
  lengthMs(random) {
    if (chance(random, 0.03)) return logBetween(random, LENGTH_ORDINARY_MAX_MS, 4 * HOUR_MS)
    return clamp(logNormal(random, 150 * SECOND_MS, 0.75), LENGTH_MIN_MS, LENGTH_ORDINARY_MAX_MS)
  },
  summaryDelayMs: (random) => between(random, 2 * SECOND_MS, 15 * SECOND_MS),
  scoreDelayMs(random) {
    if (chance(random, 0.1)) return between(random, 10 * MINUTE_MS, 30 * MINUTE_MS)
    return Math.min(5 * SECOND_MS + exponential(random, 90 * SECOND_MS), 10 * MINUTE_MS)
  },
  sentimentDelayMs: (random) => between(random, SECOND_MS, 8 * SECOND_MS),
  flagDelayMs: (random) => logBetween(random, 2 * MINUTE_MS, 8 * HOUR_MS),
}

export const LIVELY_TEMPO: Tempo = {
  lengthMs: (random) => clamp(logNormal(random, 70 * SECOND_MS, 0.4), LENGTH_MIN_MS, 110 * SECOND_MS),
  summaryDelayMs: (random) => between(random, 0.5 * SECOND_MS, 2 * SECOND_MS),
  scoreDelayMs: (random) => logBetween(random, 2 * SECOND_MS, 60 * SECOND_MS),
  sentimentDelayMs: (random) => between(random, SECOND_MS, 4 * SECOND_MS),
  flagDelayMs: (random) => logBetween(random, 15 * SECOND_MS, 120 * SECOND_MS),
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}
