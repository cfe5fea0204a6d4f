/** Times as people read them: of day in a zone of their own, and into a call as a player shows them. */
import { type Instant, SECOND } from "../instant.ts"

export const UTC = "UTC"

/** Such as `2024-01-15 14:34 UTC`, or `2024-01-15 08:34 CST` in `America/Chicago`. A zone that nobody knows is UTC. */
export function timeText(instant: Instant, timeZone: string = UTC): string {
  const { date, clock, zone } = localTime(instant, timeZone)
  return `${date} ${clock} ${zone}`
}

/** The same without the day. */
export function clockText(instant: Instant, timeZone: string = UTC): string {
  const { clock, zone } = localTime(instant, timeZone)
  return `${clock} ${zone}`
}

/** The day and the time of day in a zone, such as `2024-01-15` and `08:34`. Both sort as they follow each other. */
export function localTime(instant: Instant, timeZone: string): { date: string; clock: string; zone: string } {
  const format = timeZone === UTC ? null : formatIn(timeZone)
  if (!format) {
    const [date = "", clock = ""] = new Date(instant).toISOString().slice(0, -8).split("T")
    return { date, clock, zone: UTC }
  }
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]))
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? ""
  return {
    date: `${part("year")}-${part("month")}-${part("day")}`,
    clock: `${part("hour")}:${part("minute")}`,
    zone: part("timeZoneName"),
  }
}

/** Making one takes longer than a message. A deployment has a few zones. */
const formats = new Map<string, Intl.DateTimeFormat | null>()

/** What is stored may name a zone that this machine does not know: null. */
function formatIn(timeZone: string): Intl.DateTimeFormat | null {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = isTimeZone(timeZone)
    ? new Intl.DateTimeFormat("en-US", {
        timeZone,
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
        timeZoneName: "short",
      })
    : null
  if (formats.size < 100) formats.set(timeZone, format)
  return format
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== ""
  } catch {
    // A RangeError, and nothing else: there is no such zone.
    return false
  }
}

/** Such as `1:12` or `1:02:05`: how far into a call. */
export function offsetText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / SECOND)
  const two = (number: number) => String(number).padStart(2, "0")
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** Such as `4 min 5 s`: how long a call lasted. */
export function lengthText(seconds: number): string {
  const whole = Math.round(seconds)
  const minutes = Math.floor(whole / 60)
  if (minutes === 0) return `${whole} s`
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`
}
