/**
 * How often each field was there in the calls of the last days: a rule on a field that a team's calls never have cannot
 * alert anybody, and says so to nobody. Counted once for each call, when it is closed, so that what comes late is counted.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { DAY, type Instant, isoOf } from "../instant.ts"
import { FIELDS } from "./field.ts"
import type { Field } from "./field-type.ts"
import { NO_NAMES, type SeenNames, addNames, seenNamesIn } from "./seen-name.ts"

/** Counts of calls, of all of which and of those whose detail was fetched `present` says how many had a field, by its name. */
export type Presence = {
  calls: number
  details: number
  /** Calls with a score above 1: without any, the scores of a team may be shares, and not 0 to 5 as documented. */
  scoresAboveOne: number
  present: Readonly<Record<string, number>>
  seen: SeenNames
}

export const NO_PRESENCE: Presence = { calls: 0, details: 0, scoresAboveOne: 0, present: {}, seen: NO_NAMES }

/** This many days are kept apart and added up, today included. */
export const PRESENCE_DAYS = 7

/** Fewer calls say nothing about what a team's calls never have. */
export const PRESENCE_CALLS_MIN = 50

/** `2026-01-05`, by UTC: what is counted on one day is kept together. */
export function dayOf(instant: Instant): string {
  return isoOf(instant).slice(0, 10)
}

/** The earliest day that still counts. */
export function firstDayOf(now: Instant): string {
  return dayOf(now - (PRESENCE_DAYS - 1) * DAY)
}

/** One call's own part. `hasDetail`: its detail was fetched; without one, what only a detail has is not missing. */
export function presenceOf(call: CallDetail, { hasDetail }: { hasDetail: boolean }): Presence {
  const present: Record<string, number> = {}
  for (const { name, source, read, presentWith } of FIELDS) {
    // It is there with another field, and one count for both keeps what is stored small.
    if (presentWith !== undefined) continue
    if ((source === "list" || hasDetail) && read(call) !== null) present[name] = 1
  }
  const scoresAboveOne = (call.score ?? 0) > 1 ? 1 : 0
  const seen = seenNamesIn(call, { hasDetail })
  return { calls: 1, details: hasDetail ? 1 : 0, scoresAboveOne, present, seen }
}

export function addPresence(a: Presence, b: Presence): Presence {
  const present: Record<string, number> = { ...a.present }
  for (const [name, count] of Object.entries(b.present)) present[name] = (present[name] ?? 0) + count
  return {
    calls: a.calls + b.calls,
    details: a.details + b.details,
    scoresAboveOne: a.scoresAboveOne + b.scoresAboveOne,
    present,
    seen: addNames(a.seen, b.seen),
  }
}

/** Of how many calls it is known whether they have the field, and how many of them do. */
export function presenceIn(
  { calls, details, present }: Presence,
  { name, source, presentWith = name }: Field,
): { calls: number; present: number } {
  return { calls: source === "list" ? calls : details, present: present[presentWith] ?? 0 }
}

/** Whether the field was there in none of at least fifty calls. */
export function isNeverThere(presence: Presence, field: Field): boolean {
  const { calls, present } = presenceIn(presence, field)
  return calls >= PRESENCE_CALLS_MIN && present === 0
}

/**
 * What to tell people if none of at least fifty scores was above 1, where 0 to 5 is documented: a rule for scores of at most 2
 * would match every call. The scores themselves are left as the vendor sent them. Null if they look right.
 */
export function scoreScaleNotice({ scoresAboveOne, present }: Presence): string | null {
  const scores = present["score"] ?? 0
  if (scores < PRESENCE_CALLS_MIN || scoresAboveOne > 0) return null
  return `None of the last ${scores} scores is above 1: this team's scores seem to go from 0 to 1, not from 0 to 5.`
}
