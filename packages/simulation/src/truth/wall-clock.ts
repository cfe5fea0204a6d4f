/**
 * What the clock on a wall shows, from the platform alone, and when quiet hours are by it, minute by minute as `docs/channels.md` says: the
 * poller has a library and an arithmetic of its own for that.
 */
import type { ChannelSettings } from "@earshot/core/channel/settings"
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"

export type QuietHours = Pick<ChannelSettings, "timeZone" | "criticalPasses"> & {
  quietHours: NonNullable<ChannelSettings["quietHours"]>
}

type Shown = { date: string; time: string; day: string; before: string }

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const

const clocks = new Map<string, Intl.DateTimeFormat>()

/** `before`: the day of the week before `day`. */
export function shownAt(timeZone: string, at: Instant): Shown {
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat("en-GB", { timeZone, ...PARTS })
  clocks.set(timeZone, clock)
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]))
  const day = String(parts["weekday"]).toLowerCase()
  const index = DAYS.findIndex((one) => one === day)
  const date = `${parts["year"]}-${parts["month"]}-${parts["day"]}`
  return { date, time: `${parts["hour"]}:${parts["minute"]}`, day, before: DAYS[(index + 6) % 7] ?? "" }
}

const PARTS = {
  weekday: "short",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
} as const

/** Every zone is off by quarters of an hour, and changes its clocks at one. */
const STEP_MS = 15 * MINUTE

/** What a clock shows twice, it shows twice within this time. */
const TWICE_MS = 3 * HOUR

/** Each time in which it is quiet, in order. */
export function quietSpans(quiet: QuietHours, from: Instant, to: Instant): { from: Instant; to: Instant }[] {
  const spans: { from: Instant; to: Instant }[] = []
  for (let at = Math.floor(from / STEP_MS) * STEP_MS; at < to; at += STEP_MS) {
    if (!isQuietBy(quiet, at)) continue
    const last = spans.at(-1)
    if (last && (last.to === at || isAllTwice(quiet.timeZone, last.to, at))) last.to = at + STEP_MS
    else spans.push({ from: at, to: at + STEP_MS })
  }
  return spans
}

/** By what the clock shows at this very time. */
function isQuietBy({ timeZone, quietHours: { from, until, days } }: QuietHours, at: Instant): boolean {
  const { time, day, before } = shownAt(timeZone, at)
  const begins = (on: string) => days.some((one) => one === on)
  if (from < until) return begins(day) && from <= time && time < until
  return (begins(day) && from <= time) || (begins(before) && time < until)
}

/** Whether the clock shows all of these times twice: then what is quiet once is quiet both times. */
function isAllTwice(timeZone: string, from: Instant, to: Instant): boolean {
  if (to - from > TWICE_MS) return false
  for (let at = from; at < to; at += STEP_MS) if (!isShownTwice(timeZone, at)) return false
  return true
}

function isShownTwice(timeZone: string, at: Instant): boolean {
  const { date, time } = shownAt(timeZone, at)
  for (let other = at - TWICE_MS; other <= at + TWICE_MS; other += STEP_MS) {
    if (other === at) continue
    const shown = shownAt(timeZone, other)
    if (shown.date === date && shown.time === time) return true
  }
  return false
}
