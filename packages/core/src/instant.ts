/**
 * Time as the rest of the code knows it: an instant is a number of milliseconds since 1970 UTC, a length of time is a
 * number of milliseconds. Text is turned into either only here.
 */
import { momentOf } from "@earshot/calls-api/moment"

export type Instant = number

export const SECOND = 1000

export const MINUTE = 60 * SECOND

export const HOUR = 60 * MINUTE

export const DAY = 24 * HOUR

/** The earlier of two instants, of which null is none. */
export function earliest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}

/** Null for null and for text that is not a date. A time without a zone is UTC. */
export function instantOf(text: string | null): Instant | null {
  return text === null ? null : momentOf(text)
}

/** Before there were AI agents, and after anybody reads this: some write such times for "none" or "never". */
const IMAGINABLE = { from: Date.UTC(2000, 0), until: Date.UTC(2200, 0) }

/** A time that stands for "none". */
export function isTooEarly(instant: Instant): boolean {
  return instant < IMAGINABLE.from
}

/** Whether a call may have happened then. */
export function isImaginable(instant: Instant | null): instant is Instant {
  return instant !== null && instant >= IMAGINABLE.from && instant < IMAGINABLE.until
}

/** ISO 8601 in UTC with milliseconds, as the vendor writes it. */
export function isoOf(instant: Instant): string {
  return new Date(instant).toISOString()
}

const DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/

/** A hundred years: anything longer is a mistake, and an instant that far back may no longer be a date. */
const DURATION_MAX_MS = 36_525 * DAY

/**
 * Milliseconds of an ISO 8601 duration of weeks, days, hours, minutes and whole seconds, at most a hundred years.
 * Undefined for everything else: years and months have no fixed length.
 */
export function durationOf(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (!match || text === "P" || text.endsWith("T")) return undefined
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0))
  const length = weeks * 7 * DAY + days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND
  return length <= DURATION_MAX_MS ? length : undefined
}

/** A length of time for people: `45 s`, `3 min`, `2 h 5 min`, `3 d`. Negative lengths read as `0 s`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / SECOND))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `${Math.round(hours / 24)} d`
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}
