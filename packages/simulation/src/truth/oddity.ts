/**
 * What a simulated vendor does that its page does not mention: one answer to each open question, and how often calls
 * are odd, both chosen by the seed. The names are those of the emulator's oddities.
 */
import { SECOND } from "@earshot/core/instant"
import { createRandom, pick } from "@earshot/emulators/random"
import type { ProfileName } from "../time/fault.ts"

export type VendorOddities = {
  /** What `dateFrom` is compared with. */
  dateField: "createdAt" | "endedAt"
  isInclusive: boolean
  /** Where calls without an end come in a list by their end, whatever the order. */
  nulls: "first" | "last"
  /** Calls that are equal under the sort come in another order at each request. */
  shuffledTies: boolean
  /** Whether the limits are told with every answer, or only with a 429. */
  limitHeaders: "always" | "on429"
  resetHeader: "iso" | "unix"
  rows: CallOddities
  /** A detail is up to so much behind the list. */
  detailLagMs: number
}

/** Each number is the share of the calls, from 0 to 1, that the oddity befalls. */
export type CallOddities = {
  /** A fact that may be null is, for good. */
  nulls: number
  /** Facts that are null are left out. */
  missing: number
  /** A status or an activity that no page lists. */
  unknownValues: number
  /** `createdAt` is cut to the whole minute. */
  equalTimestamps: number
  /** The call is shown up to four minutes late. */
  lateVisibility: number
  deletions: number
  /** The score changes once, three quarters of an hour after the end. */
  revisedScores: number
  /** Calls in progress have a duration of 0. */
  zeroDuration: number
  /** The caller's number is withheld, or no number. */
  strangeNumbers: number
  /** The list leaves out what was said, and only the detail tells it. */
  shortTranscripts: number
  /** The row in the list is no call at all. */
  unreadable: number
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
  zeroDuration: 0,
  strangeNumbers: 0,
  shortTranscripts: 0,
  unreadable: 0,
}

const PLAIN_ROWS: CallOddities = { ...NO_ROWS, lateVisibility: 0.01, deletions: 0.005 }

const ODD_ROWS: CallOddities = {
  nulls: 0.05,
  missing: 0.3,
  unknownValues: 0.03,
  equalTimestamps: 0.1,
  lateVisibility: 0.01,
  deletions: 0.01,
  revisedScores: 0.02,
  zeroDuration: 0.5,
  strangeNumbers: 0.05,
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
}

/** Nothing is odd in the calm profile; in the others half of the seeds have odd rows, and all their own reading. */
export function chooseOddities(seed: number, profile: ProfileName): VendorOddities {
  if (profile === "calm") return PLAIN
  const random = createRandom("oddities", seed, profile)
  return {
    // Few APIs that sort by one time filter by another.
    dateField: random() < 0.15 ? "endedAt" : "createdAt",
    isInclusive: random() < 0.5,
    nulls: pick(random, ["first", "last"] as const),
    shuffledTies: random() < 0.5,
    limitHeaders: pick(random, ["always", "on429"] as const),
    resetHeader: pick(random, ["iso", "unix"] as const),
    rows: random() < 0.5 ? ODD_ROWS : PLAIN_ROWS,
    detailLagMs: random() < 0.3 ? 30 * SECOND : 0,
  }
}
