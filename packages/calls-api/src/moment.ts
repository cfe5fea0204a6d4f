/**
 * Reads a time as the vendor writes it. `Date.parse` alone would read a time without a zone as local time, so the same
 * answer would mean another moment on another machine: here it is UTC everywhere.
 */

/** Longer than any way to write a date; `Date.parse` also accepts a comment in brackets of any length. */
const MOMENT_CHARACTERS_MAX = 100

/** How the vendor's page writes times, and nearly every answer too. */
const USUAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

/** ISO 8601 with a time and without a zone; databases put a space between date and time. */
const WITHOUT_ZONE = /^([+-]?\d{4,6}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)$/

/** The same with a zone of whole hours, as PostgreSQL writes it. */
const WITH_HOURS = /^([+-]?\d{4,6}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)([+-]\d\d)$/

/** A date without a time is UTC already. */
const DATE_ONLY = /^[+-]?\d{4,6}(?:-\d\d){0,2}$/

/** Other ways to write a date name their zone at the end, perhaps with a remark behind it. */
const ENDS_WITH_ZONE = /(?:z|ut|utc|gmt|[ecmp][sd]t|[+-]\d\d:?\d\d)\s*(?:\([^)]*\)\s*)?$/i

/** In epoch milliseconds; null for text that is no date with a year of four digits. */
export function momentOf(text: string): number | null {
  if (text.length > MOMENT_CHARACTERS_MAX) return null
  const time = Date.parse(USUAL.test(text) ? text : withZone(text))
  return Number.isNaN(time) ? null : time
}

function withZone(text: string): string {
  // Date.parse makes a date of almost anything with a digit in it.
  if (!/\d{4}/.test(text)) return ""
  const local = WITHOUT_ZONE.exec(text)
  if (local) return `${local[1]}T${local[2]}Z`
  const hours = WITH_HOURS.exec(text)
  if (hours) return `${hours[1]}T${hours[2]}${hours[3]}:00`
  return DATE_ONLY.test(text) || ENDS_WITH_ZONE.test(text) ? text : `${text} UTC`
}

const SECONDS = { min: 1e9, max: 1e10 }

/** Epoch seconds or milliseconds, as ISO 8601; null for a number that is neither. They are told apart until 2286. */
export function isoOfEpoch(value: number): string | null {
  const { min, max } = SECONDS
  if (value >= min && value < max) return new Date(value * 1000).toISOString()
  return value >= min * 1000 && value < max * 1000 ? new Date(value).toISOString() : null
}
