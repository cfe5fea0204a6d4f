/**
 * Real-world behaviour that the API's page does not mention, each behind a switch.
 *
 * Five kinds: row oddities (facts that are null, left out, unheard of, late or deleted), values that mean little or are
 * written otherwise, clocks that are wrong, readings of the page where it can be read two ways, and forms of the answer
 * about which the vendor's pages contradict themselves. A call's id and the seed decide which calls are hit, so a call
 * stays as odd as it was.
 */
import { PLAIN_READING, type QueryReading } from "./listing.ts"
import { chance, createRandom, pick, share } from "./random.ts"

export type Oddities = {
  readonly seed?: number
  readonly rows?: RowOddities
  readonly values?: ValueOddities
  readonly times?: TimeOddities
  readonly reading?: Partial<Omit<QueryReading, "tieBreaker">> & {
    /** Calls that are equal under the sort come in a different order at each request. */
    readonly shuffledTies?: boolean
  }
  readonly answer?: Partial<AnswerForm>
}

/** Each number is the share of calls, from 0 to 1, that the oddity hits. */
export type RowOddities = {
  /** One to three facts that may be null are null, permanently. */
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
  /** The other side's number is withheld, empty, or a SIP address. */
  readonly strangeNumbers?: number
  /** What was said and its summary are typeset: curly quotes, unbreakable spaces, soft hyphens, accents of their own. */
  readonly typesetTexts?: number
}

/** How values are written; each number is the share of calls, from 0 to 1. */
export type ValueOddities = {
  /** The end is of 1970, the year 1 or 9999, or from before the start. */
  readonly impossibleEnds?: number
  /** What is not known yet is empty or zero instead of null, and the timeline is empty until 25 s after the end. */
  readonly emptyFirst?: number
  /** The sentiment comes as percentages. */
  readonly percentages?: number
  /** A large share of the sentiment is rounded to a little too much. */
  readonly roundedMoods?: number
  /** Every turn is said to be the agent's. */
  readonly oneSpeaker?: number
  /** The words of other services, in another case. */
  readonly otherWords?: number
  /** Score and duration come as texts, and flags as numbers. */
  readonly numbersAsText?: number
  /** Times have no zone. */
  readonly timesWithoutZone?: number
}

/** Clocks of the vendor, and how far each is ahead of the truth, in milliseconds; behind if negative. */
export type TimeOddities = {
  /** The one that dates calls: all their times, with which `dateFrom` and `dateTo` are compared too. */
  readonly stampsMs?: number
  /** The server's: the `Date` of each answer, and when it says that its limits are reset. Without it there is no `Date`. */
  readonly serverMs?: number
}

export type AnswerForm = {
  /** "specific" is the older page's pair of 401 bodies, "coded" the later page's single one. */
  readonly unauthorized: "specific" | "coded"
  readonly resetHeader: "iso" | "unix"
  readonly limitHeaders: "always" | "on429"
  /** Which limit the headers of an accepted request describe. */
  readonly limitShown: "hour" | "tightest"
  /** What happens to `limit=500`. */
  readonly limitAboveMax: "reject" | "clamp"
  /** "page": the numbers of rows and pages count only the page itself. "no-rows": they are right, and no row is shown. */
  readonly totals: "list" | "page" | "no-rows"
}

export const PLAIN_ANSWER: AnswerForm = {
  unauthorized: "specific",
  resetHeader: "iso",
  limitHeaders: "always",
  limitShown: "hour",
  limitAboveMax: "reject",
  totals: "list",
}

/** Every oddity of values at once: nothing that a call says can be taken at its word. */
const EVERY_VALUE: Required<ValueOddities> = {
  impossibleEnds: 0.1,
  emptyFirst: 0.5,
  percentages: 0.3,
  roundedMoods: 0.1,
  oneSpeaker: 0.3,
  otherWords: 0.3,
  numbersAsText: 0.3,
  timesWithoutZone: 0.3,
}

const HOUR_MS = 3_600_000

export type EveryOddity = Oddities & {
  readonly rows: Required<RowOddities>
  readonly values: Required<ValueOddities>
  readonly times: Required<TimeOddities>
}

/**
 * Every oddity of rows and values at once, and for each open question of the page an answer that the seed chooses. A
 * client can still be judged by it: nothing hides a call for ever that is there.
 */
export function everyOddity(seed: number): EveryOddity {
  const random = createRandom(seed, "oddities")
  const dateField = pick(random, ["createdAt", "endedAt"] as const)
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
      strangeNumbers: 0.05,
      typesetTexts: 0.3,
    },
    // A list that is filtered by ends never shows a call whose end is of 1970.
    values: dateField === "createdAt" ? EVERY_VALUE : { ...EVERY_VALUE, impossibleEnds: 0 },
    times: { stampsMs: hoursOff(seed, "stamps", [-7, 5.5]), serverMs: hoursOff(seed, "server", [-3, 4]) },
    reading: {
      dateField,
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
      // Not "no-rows", which shows nothing at all.
      totals: chance(createRandom(seed, "totals"), 0.3) ? "page" : "list",
    },
  }
}

/** In milliseconds. Most clocks are right; each has a die of its own, so that a new one changes nothing else of a seed. */
function hoursOff(seed: number, clock: string, hours: readonly number[]): number {
  const die = createRandom(seed, clock)
  return chance(die, 0.25) ? pick(die, hours) * HOUR_MS : 0
}

/** The reading that the oddities ask for, or the plain one. */
export function oddReading(oddities: Oddities): QueryReading {
  const { shuffledTies = false, ...reading } = oddities.reading ?? {}
  const tieBreaker = shuffledTies ? createRandom(oddities.seed ?? 0, "ties") : undefined
  return { ...PLAIN_READING, ...reading, tieBreaker }
}

/** Whether this call's nulls are left out of its JSON. */
export function hidesNulls(oddities: Oddities, id: string): boolean {
  return share(oddities.seed ?? 0, id, "missing") < (oddities.rows?.missing ?? 0)
}
