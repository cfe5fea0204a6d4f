/**
 * Quiet hours: when a channel wants to be left alone, by the clock on its own wall. What a zone's clocks show is decided by
 * `@date-fns/tz`, from the platform's tables; which instants a wall clock's time stands for is decided here, because on two days of
 * the year that is none or two.
 */
import { tzOffset } from "@date-fns/tz/tzOffset"
import { DAY, HOUR, type Instant, MINUTE } from "../instant.ts"
import { timeOfDay, wallTime, weekdayOf } from "../wall-clock.ts"
import type { ChannelSettings } from "./settings.ts"

export type QuietSettings = Pick<ChannelSettings, "quietHours" | "timeZone">

/** No clock is further from UTC, and none is changed twice within this time. */
const OFFSETS_APART_MS = 26 * HOUR

/** Quiet hours that never end for so long are none: somebody has to hear. */
const ENDLESS_MS = 7 * DAY

/**
 * When the quiet hours end that the channel is in; null if it is in none. Hours that begin when others end are one. They begin when
 * the wall clock first shows `from` and end when it last shows `until`: where clocks are set back over either, the hour that comes twice
 * is quiet both times, and where they are set forward over it, it is the moment of the jump.
 */
export function quietUntil({ quietHours, timeZone }: QuietSettings, now: Instant): Instant | null {
  if (!quietHours) return null
  const shown = wallTime(timeZone, now)
  if (Number.isNaN(shown)) return null
  const today = Math.floor(shown / DAY)
  let end: Instant | null = null
  // In order of their beginnings, and so of their ends.
  for (let day = today - 2; day <= today + 8; day++) {
    const span = spanOf(quietHours, timeZone, day)
    if (!span || span.end <= now || span.end <= span.start) continue
    if (end === null ? span.start > now : span.start > end) break
    end = span.end
  }
  return end !== null && end - now > ENDLESS_MS ? null : end
}

type QuietHours = NonNullable<QuietSettings["quietHours"]>

/** The quiet hours that begin on a day, which counts from 1970 as the wall clock does; null if none do. */
function spanOf({ from, until, days }: QuietHours, timeZone: string, day: number) {
  if (!days.includes(weekdayOf(day))) return null
  const lastDay = until > from ? day : day + 1
  return {
    start: instantsOf(timeZone, day * DAY + timeOfDay(from)).first,
    end: instantsOf(timeZone, lastDay * DAY + timeOfDay(until)).last,
  }
}

/** When a wall clock shows this for the first and for the last time. If it never does: when it jumps past it, both times. */
function instantsOf(timeZone: string, shown: number): { first: Instant; last: Instant } {
  const [early, late] = [-OFFSETS_APART_MS, OFFSETS_APART_MS].map((apartMs) => {
    return shown - tzOffset(timeZone, new Date(shown + apartMs)) * MINUTE
  })
  if (early === undefined || late === undefined) throw new Error("There are two.")
  const right = [early, late].filter((at) => wallTime(timeZone, at) === shown)
  if (right.length > 0) return { first: Math.min(...right), last: Math.max(...right) }
  let [before, after] = [Math.min(early, late), Math.max(early, late)]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (wallTime(timeZone, middle) < shown) before = middle
    else after = middle
  }
  return { first: after, last: after }
}
