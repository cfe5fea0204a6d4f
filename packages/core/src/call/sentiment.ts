/**
 * The caller's mood as shares from 0 to 1. The vendor does not document the scale; the example's four numbers lie in 0..1
 * and add up to 1. It is recognised by all four together, because a rounded share may be a little above 1.
 */
import type { CallDetail } from "@earshot/calls-api/call"

export const MOODS = ["happy", "sad", "angry", "neutral"] as const

export type MoodName = (typeof MOODS)[number]

type Shares = NonNullable<NonNullable<CallDetail["metadata"]>["sentiment"]>

/** A share of 1 that somebody has computed. */
const SHARE_MAX = 1.01

/** From here on the numbers can only be percentages, rounded or with one of the four missing. */
const PERCENT_SUM_MIN = 90

/** Whether the mood was computed: shares add up to something. Four zeros stand for what is not known yet. */
export function hasMood(shares: Shares | null): boolean {
  if (shares === null) return false
  for (const mood of MOODS) if ((shares[mood] ?? 0) > 0) return true
  return false
}

/** The share of one mood from 0 to 1; null if it is not known. */
export function shareOf(shares: Shares | null, mood: MoodName): number | null {
  const share = shares?.[mood] ?? null
  if (shares === null || share === null || share < 0 || !hasMood(shares)) return null
  let known = 0
  let sum = 0
  let largest = 0
  for (const other of MOODS) {
    const value = shares[other] ?? -1
    if (value < 0) continue
    known++
    sum += value
    largest = Math.max(largest, value)
  }
  if (largest <= SHARE_MAX) return Math.min(1, share)
  // What is missing would make up the rest of a hundred.
  const arePercentages = sum >= PERCENT_SUM_MIN || known < MOODS.length
  return Math.min(1, share / (arePercentages ? 100 : sum))
}

/** The strongest mood; null if none is known. */
export function dominantMood(shares: Shares | null): MoodName | null {
  let largest: MoodName | null = null
  for (const mood of MOODS) {
    const share = shareOf(shares, mood)
    if (share !== null && share > (largest === null ? 0 : (shareOf(shares, largest) ?? 0))) largest = mood
  }
  return largest
}
