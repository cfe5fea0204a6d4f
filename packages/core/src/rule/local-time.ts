/**
 * When a call began, by the wall clock of a time zone: `{"days": ["sat", "sun"], "from": "18:00", "until": "08:00", "zone":
 * "America/New_York"}`. Hours may cross midnight; then `days` are those on which they begin.
 */
import { DAY, type Instant, MINUTE } from "../instant.ts"
import { TIME_OF_DAY, WEEK, isTimeZone, timeOfDay, wallTime, weekdayOf } from "../wall-clock.ts"

type Day = (typeof WEEK)[number]

export type Hours = { zone: string; days: readonly Day[]; from: string; until: string }

export const HOURS_EXAMPLE = '{"from": "18:00", "until": "08:00", "zone": "Europe/Berlin"}'

/** Longer texts are no zone. */
const ZONE_MAX = 64

/** The hours that are meant, or what is wrong with each part. Left out: every day, and from midnight to midnight. */
export function readHours(value: unknown): { hours: Hours } | { issues: { key: string; message: string }[] } {
  const issues: { key: string; message: string }[] = []
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return {
      issues: [
        {
          key: "",
          message: `takes hours such as ${HOURS_EXAMPLE}`,
        },
      ],
    }
  }
  const { zone, days, from = "00:00", until = "00:00", ...others }: Record<string, unknown> = { ...value }
  for (const key of Object.keys(others))
    issues.push({ key, message: "is not known; during takes days, from, until, zone" })
  const isZone = typeof zone === "string" && zone.length <= ZONE_MAX && isTimeZone(zone)
  if (!isZone) issues.push({ key: "zone", message: "must be an IANA time zone such as Europe/Berlin" })
  const known =
    days === undefined ? [...WEEK] : Array.isArray(days) ? WEEK.filter((day) => days.includes(day)) : []
  const areDays =
    days === undefined || (Array.isArray(days) && days.length > 0 && days.length === known.length)
  if (!areDays) issues.push({ key: "days", message: `must be a list of different days: ${WEEK.join(", ")}` })
  for (const [key, time] of Object.entries({ from, until })) {
    const isTime = typeof time === "string" && TIME_OF_DAY.test(time)
    if (!isTime) issues.push({ key, message: "must be a time of day such as 22:00" })
  }
  if (issues.length > 0 || typeof zone !== "string") return { issues }
  return { hours: { zone, days: known, from: String(from), until: String(until) } }
}

/** Hours that end when they begin are a whole day. Those that end before they begin end on the next day. */
export function isDuring({ zone, days, from, until }: Hours): (at: Instant) => boolean {
  const [start, end] = [timeOfDay(from), timeOfDay(until)]
  return (at) => {
    const shown = wallTime(zone, at)
    const day = Math.floor(shown / DAY)
    const time = shown - day * DAY
    const beginsToday = days.includes(weekdayOf(day))
    if (end > start) return beginsToday && time >= start && time < end
    return (beginsToday && time >= start) || (days.includes(weekdayOf(day - 1)) && time < end)
  }
}

/** Such as `Mon 21:30`; the zone is the rule's. */
export function localTimeText(at: Instant, zone: string): string {
  const shown = wallTime(zone, at)
  const day = Math.floor(shown / DAY)
  const minutes = Math.floor((shown - day * DAY) / MINUTE)
  const digits = (number: number) => String(number).padStart(2, "0")
  const weekday = weekdayOf(day)
  return `${weekday[0]?.toUpperCase()}${weekday.slice(1)} ${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`
}

/** Such as `18:00 to 08:00 on sat and sun (Europe/Berlin)`: without a comma, since it stands in lists. */
export function hoursText({ zone, days, from, until }: Hours): string {
  const time = from === until && from === "00:00" ? "all day" : `${from} to ${until}`
  const onDays =
    days.length === WEEK.length
      ? ""
      : ` on ${joined([...days.slice(days[0] === "sun" ? 1 : 0), ...(days[0] === "sun" ? ["sun"] : [])])}`
  return `${time}${onDays} (${zone})`
}

function joined(days: readonly string[]): string {
  return days.length < 2 ? days.join("") : `${days.slice(0, -1).join(", ")} and ${days.at(-1)}`
}
