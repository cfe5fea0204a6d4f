/**
 * What the clocks of a time zone show: for a channel's quiet hours, and for rules about calls at night. Zones are
 * `@date-fns/tz`'s, from the platform's tables.
 */
import { tzOffset } from "@date-fns/tz/tzOffset"
import { HOUR, type Instant, MINUTE } from "./instant.ts"

export const WEEK = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const

/** Zones that the platform knows: to ask it takes half a millisecond, and thousands of comparisons may name one. */
const knownZones = new Set<string>()

/** More are asked for each time. */
const KNOWN_ZONES_MAX = 1000

/** An IANA zone, which knows of summer time. An offset such as +02:00 does not. */
export function isTimeZone(text: string): boolean {
  if (knownZones.has(text)) return true
  if (!/^[A-Za-z]/.test(text)) return false
  try {
    const isZone = new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== ""
    if (isZone && knownZones.size < KNOWN_ZONES_MAX) knownZones.add(text)
    return isZone
  } catch {
    return false
  }
}

export const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/

/** Milliseconds since midnight, of a text such as `22:00`. */
export function timeOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number)
  return hours * HOUR + minutes * MINUTE
}

/** What a wall clock shows, as if its zone were UTC. NaN if nobody knows the zone. */
export function wallTime(timeZone: string, at: Instant): number {
  return at + tzOffset(timeZone, new Date(at)) * MINUTE
}

/** Of a day that counts from 1970 as the wall clock does. */
export function weekdayOf(day: number): (typeof WEEK)[number] {
  return WEEK[(((day + 4) % 7) + 7) % 7] ?? "sun"
}
