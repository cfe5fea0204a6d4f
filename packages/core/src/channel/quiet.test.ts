/** Quiet hours go by the wall clock of the channel's zone, on every day of the year. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { DAY, HOUR, MINUTE, SECOND } from "../instant.ts"
import { type QuietSettings, quietUntil } from "./quiet.ts"

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const

type Hours = NonNullable<QuietSettings["quietHours"]>

const quiet = (timeZone: string, from: string, until: string, days: Hours["days"] = [...DAYS]) => ({
  timeZone,
  quietHours: { from, until, days },
})

const until = (settings: QuietSettings, at: string) => {
  const end = quietUntil(settings, Date.parse(at))
  return end === null ? null : new Date(end).toISOString()
}

describe("a night in Berlin, from 22:00 until 07:30", () => {
  const night = quiet("Europe/Berlin", "22:00", "07:30")
  test.each([
    ["2026-01-15T20:59:59.999Z", null],
    ["2026-01-15T21:00:00Z", "2026-01-16T06:30:00.000Z"],
    ["2026-01-16T06:29:59.999Z", "2026-01-16T06:30:00.000Z"],
    ["2026-01-16T06:30:00Z", null],
    // In summer.
    ["2026-07-15T20:00:00Z", "2026-07-16T05:30:00.000Z"],
    // The night that is an hour shorter, and the one that is an hour longer.
    ["2026-03-28T21:00:00Z", "2026-03-29T05:30:00.000Z"],
    ["2026-10-24T20:00:00Z", "2026-10-25T06:30:00.000Z"],
  ])("at %s: %s", (at, end) => {
    expect(until(night, at)).toBe(end)
  })
})

describe("where the clocks are set", () => {
  test.each([
    // 02:30 does not exist on 29 March: the clock jumps from 02:00 to 03:00 at 01:00 UTC.
    ["Europe/Berlin", "22:00", "02:30", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00.000Z"],
    ["Europe/Berlin", "02:30", "06:00", "2026-03-29T00:59:00Z", null],
    ["Europe/Berlin", "02:30", "06:00", "2026-03-29T01:00:00Z", "2026-03-29T04:00:00.000Z"],
    // 02:30 comes twice on 25 October, at 00:30 and at 01:30 UTC.
    ["Europe/Berlin", "22:00", "02:30", "2026-10-25T00:45:00Z", "2026-10-25T01:30:00.000Z"],
    ["Europe/Berlin", "02:30", "06:00", "2026-10-25T00:30:00Z", "2026-10-25T05:00:00.000Z"],
    ["Europe/Berlin", "02:30", "02:45", "2026-10-25T01:15:00Z", "2026-10-25T01:45:00.000Z"],
    ["America/New_York", "23:00", "02:15", "2026-03-08T05:00:00Z", "2026-03-08T07:00:00.000Z"],
    ["America/New_York", "23:00", "01:15", "2026-11-01T05:30:00Z", "2026-11-01T06:15:00.000Z"],
    // By half an hour, and at midnight.
    ["Australia/Lord_Howe", "22:00", "02:15", "2026-10-03T13:00:00Z", "2026-10-03T15:30:00.000Z"],
    ["Africa/Cairo", "00:30", "06:00", "2026-04-23T22:00:00Z", "2026-04-24T03:00:00.000Z"],
    ["Asia/Kathmandu", "22:00", "06:00", "2026-05-01T17:00:00Z", "2026-05-02T00:15:00.000Z"],
  ])("%s %s to %s at %s: %s", (zone, from, to, at, end) => {
    expect(until(quiet(zone, from, to), at)).toBe(end)
  })
})

describe("days", () => {
  test("are those on which quiet hours begin", () => {
    const friday = quiet("UTC", "20:00", "06:00", ["fri"])
    expect(until(friday, "2026-01-09T20:00:00Z")).toBe("2026-01-10T06:00:00.000Z")
    expect(until(friday, "2026-01-10T05:00:00Z")).toBe("2026-01-10T06:00:00.000Z")
    expect(until(friday, "2026-01-10T20:00:00Z")).toBeNull()
    expect(until(friday, "2026-01-09T05:00:00Z")).toBeNull()
  })

  test("that follow each other without a gap are one span: a weekend ends on Monday", () => {
    const weekend = quiet("UTC", "00:00", "00:00", ["sat", "sun"])
    expect(until(weekend, "2026-01-10T12:00:00Z")).toBe("2026-01-12T00:00:00.000Z")
    expect(until(weekend, "2026-01-09T23:59:00Z")).toBeNull()
    expect(until(weekend, "2026-01-12T00:00:00Z")).toBeNull()
    const six = quiet("UTC", "08:00", "08:00", ["mon", "tue", "wed", "thu", "fri", "sat"])
    expect(until(six, "2026-01-05T08:00:00Z")).toBe("2026-01-11T08:00:00.000Z")
  })

  test("that never end are not quiet, because somebody has to hear", () => {
    expect(until(quiet("UTC", "08:00", "08:00"), "2026-01-09T12:00:00Z")).toBeNull()
  })
})

test("a zone that nobody knows, and a channel without quiet hours, are not quiet", () => {
  expect(until(quiet("Mars/Olympus", "00:00", "12:00"), "2026-01-09T01:00:00Z")).toBeNull()
  expect(until({ timeZone: "UTC", quietHours: null }, "2026-01-09T01:00:00Z")).toBeNull()
})

describe("for any hours, zone and time", () => {
  const ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Africa/Casablanca",
    "Africa/Cairo",
    "America/Santiago",
  ]
  const two = (number: number) => String(number).padStart(2, "0")
  const time = fc.nat(24 * 60 - 1).map((minutes) => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`)
  const hours = fc.record({
    timeZone: fc.constantFrom(...ZONES),
    quietHours: fc.record({ from: time, until: time, days: fc.subarray([...DAYS], { minLength: 1 }) }),
  })
  // Half of them within two days of a change of clocks somewhere.
  const changes = ["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01"]
  const at = fc.oneof(
    fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) }),
    fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -2 * DAY, max: 2 * DAY }))
      .map(([day, offset]) => Date.parse(day) + offset),
  )

  /** By another way: what the wall clock shows, minute by minute, decides, but for the days on which clocks are set. */
  const shows = (timeZone: string, instant: number) => {
    const format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    })
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]))
    const day = DAYS.findIndex((name) => name === parts.get("weekday")?.toLowerCase())
    return { day, time: `${parts.get("hour")}:${parts.get("minute")}` }
  }
  const isQuiet = ({ timeZone, quietHours }: { timeZone: string; quietHours: Hours }, instant: number) => {
    const { day, time: shown } = shows(timeZone, instant)
    const { from, until: to, days } = quietHours
    const begins = (index: number) => days.some((name) => name === DAYS[(index + 7) % 7])
    if (to > from) return begins(day) && shown >= from && shown < to
    return (begins(day) && shown >= from) || (begins(day - 1) && shown < to)
  }
  const isSetNear = (timeZone: string, instant: number) => {
    const name = (moment: number) =>
      new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "longOffset" }).format(moment).slice(11)
    return name(instant - DAY) !== name(instant + DAY)
  }

  test("it is quiet when the wall clock says so, where no clock is set", () => {
    fc.assert(
      fc.property(hours, at, (settings, instant) => {
        fc.pre(!isSetNear(settings.timeZone, instant))
        const end = quietUntil(settings, instant)
        const never = settings.quietHours.from === settings.quietHours.until
        if (end === null && never && settings.quietHours.days.length === 7) return
        expect(end !== null).toBe(isQuiet(settings, instant))
      }),
      { numRuns: 2000 },
    )
  })

  test("quiet hours end: after now, within a week, all at the same time, and not into others", () => {
    fc.assert(
      fc.property(hours, at, (settings, instant) => {
        const end = quietUntil(settings, instant)
        if (end === null) return
        expect(end).toBeGreaterThan(instant)
        expect(end - instant).toBeLessThanOrEqual(7 * DAY)
        expect(quietUntil(settings, end - 1)).toBe(end)
        expect(quietUntil(settings, instant + Math.floor((end - instant) / 2))).toBe(end)
        expect(quietUntil(settings, end)).toBeNull()
        // What the wall clock shows then is the end, or the jump over it.
        if (!isSetNear(settings.timeZone, end))
          expect(shows(settings.timeZone, end).time).toBe(settings.quietHours.until)
      }),
      { numRuns: 2000 },
    )
  })

  test("nights are as long as their wall clocks say, and an hour more or less on two days of the year", () => {
    const lengths = new Map<number, number>()
    const night = quiet("Europe/Berlin", "22:00", "06:00")
    for (let day = 0; day < 365; day++) {
      const noon = Date.UTC(2026, 0, 1, 12) + day * DAY
      let start = noon
      while (quietUntil(night, start) === null) start += 15 * MINUTE
      const length = ((quietUntil(night, start) ?? 0) - start) / HOUR
      lengths.set(length, (lengths.get(length) ?? 0) + 1)
      expect(quietUntil(night, start - SECOND)).toBeNull()
    }
    expect([...lengths].sort(([a], [b]) => a - b)).toEqual([
      [7, 1],
      [8, 363],
      [9, 1],
    ])
  })
})
