/**
 * What a simulated vendor does that its documentation does not mention: its answer to each open question and how often
 * calls are odd, both chosen by the seed. The names are those of the emulator's oddities.
 */
import { HOUR, SECOND } from "@earshot/core/instant"
import { chance, createRandom, pick } from "@earshot/emulators/random"
import type { ProfileName } from "../time/fault.ts"
import { PLAIN_SEEDS } from "../time/wrong-clock.ts"

export type VendorOddities = {
  /** What `dateFrom` is compared with. */
  dateField: "createdAt" | "endedAt"
  isInclusive: boolean
  /** Where calls without an end come in a list by their end, whatever the order. */
  nulls: "first" | "last"
  /** Calls that the sort leaves equal come in another order with each request. */
  shuffledTies: boolean
  /** Whether every answer shows the limits, or only a 429. */
  limitHeaders: "always" | "on429"
  resetHeader: "iso" | "unix"
  rows: CallOddities
  /** A detail is behind the list by up to this much. */
  detailLagMs: number
  /** All times of calls are ahead by this much; the calls' own facts say when they really were. */
  stampsMs: number
  /** What the numbers of rows and pages count: the whole list, or only the page itself. */
  totals: "list" | "page"
}

/** Each number is the share of calls, from 0 to 1, that have the oddity. */
export type CallOddities = {
  /** One of the facts that may be null stays null. */
  nulls: number
  /** Facts that are null are left out. */
  missing: number
  /** A status or an activity that is not documented. */
  unknownValues: number
  /** `createdAt` is cut to the whole minute. */
  equalTimestamps: number
  /** The call is shown up to four minutes late. */
  lateVisibility: number
  deletions: number
  /** The score changes once, three quarters of an hour after the end. */
  revisedScores: number
  /** A low score is corrected upwards, as late. */
  correctedScores: number
  /** Calls in progress have a duration of 0. */
  zeroDuration: number
  /** The caller's number is withheld, or no number. */
  strangeNumbers: number
  /** The summary has spaces that do not break. */
  typesetTexts: number
  /** The list leaves out what was said, and only the detail has it. */
  shortTranscripts: number
  /** The row in the list is no call at all. */
  unreadable: number
  /** The end is of 1970, the year 1 or 9999, or from before the start. */
  impossibleEnds: number
  /** What is not known yet is empty or zero instead of null. */
  emptyFirst: number
  /** The mood comes as percentages. */
  percentages: number
  /** Every turn is said to be the agent's. */
  oneSpeaker: number
  /** The words of other services, in another case. */
  otherWords: number
  /** Numbers come as texts, and flags as numbers. */
  numbersAsText: number
}

/** No call is odd. */
export const NO_ROWS: CallOddities = {
  nulls: 0,
  missing: 0,
  unknownValues: 0,
  equalTimestamps: 0,
  lateVisibility: 0,
  deletions: 0,
  revisedScores: 0,
  correctedScores: 0,
  zeroDuration: 0,
  strangeNumbers: 0,
  typesetTexts: 0,
  shortTranscripts: 0,
  unreadable: 0,
  impossibleEnds: 0,
  emptyFirst: 0,
  percentages: 0,
  oneSpeaker: 0,
  otherWords: 0,
  numbersAsText: 0,
}

const PLAIN_ROWS: CallOddities = { ...NO_ROWS, lateVisibility: 0.01, deletions: 0.005 }

const ODD_ROWS: CallOddities = {
  ...NO_ROWS,
  nulls: 0.05,
  missing: 0.3,
  unknownValues: 0.03,
  equalTimestamps: 0.1,
  lateVisibility: 0.01,
  deletions: 0.01,
  revisedScores: 0.02,
  zeroDuration: 0.5,
  strangeNumbers: 0.05,
  typesetTexts: 0,
  shortTranscripts: 0.5,
  unreadable: 0.002,
}

export const PLAIN: VendorOddities = {
  dateField: "createdAt",
  isInclusive: true,
  nulls: "last",
  shuffledTies: false,
  limitHeaders: "on429",
  resetHeader: "iso",
  rows: PLAIN_ROWS,
  detailLagMs: 0,
  totals: "list",
  stampsMs: 0,
}

/** Nothing is odd in the calm profile. In the others each seed has its own answers, and half of them have odd calls. */
export function chooseOddities(seed: number, profile: ProfileName): VendorOddities {
  if (profile === "calm") return PLAIN
  const random = createRandom("oddities", seed, profile)
  const answers = {
    // Few APIs that sort by one time filter by another.
    dateField: random() < 0.15 ? "endedAt" : "createdAt",
    isInclusive: random() < 0.5,
    nulls: pick(random, ["first", "last"] as const),
    shuffledTies: random() < 0.5,
    limitHeaders: pick(random, ["always", "on429"] as const),
    resetHeader: pick(random, ["iso", "unix"] as const),
    rows: { ...(random() < 0.5 ? ODD_ROWS : PLAIN_ROWS), ...chooseTexts(seed, profile) },
    detailLagMs: random() < 0.3 ? 30 * SECOND : 0,
  } satisfies Omit<VendorOddities, "totals" | "stampsMs">
  if (seed <= PLAIN_SEEDS) return { ...answers, totals: "list", stampsMs: 0 }
  const die = createRandom("odd values", seed, profile)
  const sometimes = (share: number, of: number) => (die() < share ? of : 0)
  const values = {
    // A list by ends that begins with such an end does not show the call at all, or shows it always.
    impossibleEnds: answers.dateField === "createdAt" ? sometimes(0.5, 0.04) : 0,
    emptyFirst: sometimes(0.5, 0.5),
    percentages: sometimes(0.3, 1),
    oneSpeaker: sometimes(0.3, 1),
    otherWords: sometimes(0.5, 0.3),
    numbersAsText: sometimes(0.5, 0.3),
  }
  const totals = die() < 0.3 ? "page" : "list"
  // What is promised of such a list needs processes that live for a while, and calls to notice it by.
  const stampsMs = die() < 0.25 ? pick(die, [-7 * HOUR, 5.5 * HOUR]) : 0
  return { ...answers, rows: { ...answers.rows, ...values }, totals, stampsMs }
}

/** With a die of its own, and only above the first seeds, whose calls stay as they are. */
function chooseTexts(
  seed: number,
  profile: ProfileName,
): Pick<CallOddities, "typesetTexts" | "correctedScores"> {
  const die = createRandom("odd texts", seed, profile)
  return {
    typesetTexts: seed > PLAIN_SEEDS && chance(die, 0.5) ? 0.3 : 0,
    correctedScores: seed > PLAIN_SEEDS ? 0.3 : 0,
  }
}

/** Withheld, in words and as the carriers' keypads spell them; a short code; and an address. */
export const STRANGE_NUMBERS = [
  "anonymous",
  "Restricted",
  "",
  "+17378742833",
  "266696687",
  "+0000000000",
  "22395",
  "sip:2001@pbx.example",
]
