/** A channel's daily brief: once a day by its zone, late rather than never, and whatever repeats says so. */
import { expect, test } from "vitest"
import { DAY, HOUR, MINUTE } from "../instant.ts"
import {
  NO_BRIEF,
  briefDay,
  briefSpan,
  claimedBrief,
  failedBrief,
  isBriefDue,
  sentBrief,
} from "./brief-state.ts"

const BERLIN = { at: "08:00", timeZone: "Europe/Berlin" }

test("is due from its time on, by the channel's zone, until the day is over", () => {
  expect(briefDay(BERLIN, Date.UTC(2026, 0, 5, 6, 59))).toBeNull()
  expect(briefDay(BERLIN, Date.UTC(2026, 0, 5, 7, 0))).toBe("2026-01-05")
  expect(briefDay(BERLIN, Date.UTC(2026, 0, 5, 22, 59))).toBe("2026-01-05")
  expect(briefDay(BERLIN, Date.UTC(2026, 0, 5, 23, 0))).toBeNull()
  expect(briefDay({ ...BERLIN, at: "00:00" }, Date.UTC(2026, 0, 5, 23, 0))).toBe("2026-01-06")
})

test("comes once on the days that have its time twice, or not at all", () => {
  const night = { at: "02:30", timeZone: "Europe/Berlin" }
  for (const start of [Date.UTC(2026, 2, 28, 12), Date.UTC(2026, 9, 24, 12)]) {
    let state = NO_BRIEF
    const days: string[] = []
    for (let now = start; now < start + DAY; now += 10 * MINUTE) {
      const day = briefDay(night, now)
      if (day === null || !isBriefDue(state, day, now)) continue
      days.push(day)
      state = sentBrief(claimedBrief(state, day, now), now)
    }
    expect(new Set(days).size).toBe(days.length)
    expect(days).toHaveLength(2)
  }
})

test("is claimed by one, and whoever follows a claim that ran out says that it may be a repeat", () => {
  const now = Date.UTC(2026, 0, 5, 8)
  const first = claimedBrief(NO_BRIEF, "2026-01-05", now)
  expect(first.mayRepeat).toBe(false)
  expect(isBriefDue(first, "2026-01-05", now + MINUTE)).toBe(false)
  expect(isBriefDue(first, "2026-01-05", now + 2 * MINUTE)).toBe(true)
  const second = claimedBrief(first, "2026-01-05", now + 2 * MINUTE)
  expect(second.mayRepeat).toBe(true)
  const sent = sentBrief(second, now)
  expect(isBriefDue(sent, "2026-01-05", now + 12 * HOUR)).toBe(false)
  expect(isBriefDue(sent, "2026-01-06", now + DAY)).toBe(true)
  expect(claimedBrief(sent, "2026-01-06", now + DAY).mayRepeat).toBe(false)
})

test("that a channel did not take is tried again, marked only if it may have arrived", () => {
  const now = Date.UTC(2026, 0, 5, 8)
  const claimed = claimedBrief(NO_BRIEF, "2026-01-05", now)
  const refused = failedBrief(claimed, false, now)
  expect(isBriefDue(refused, "2026-01-05", now + MINUTE)).toBe(false)
  expect(isBriefDue(refused, "2026-01-05", now + 6 * MINUTE)).toBe(true)
  expect(claimedBrief(refused, "2026-01-05", now + 6 * MINUTE).mayRepeat).toBe(false)
  const lost = failedBrief(claimed, true, now)
  expect(claimedBrief(lost, "2026-01-05", now + 6 * MINUTE).mayRepeat).toBe(true)
})

test("tells of whole hours that were over a while ago, from where the last one ended", () => {
  const now = Date.UTC(2026, 0, 5, 8, 0, 20)
  const to = Date.UTC(2026, 0, 5, 7)
  expect(briefSpan(NO_BRIEF, now)).toEqual({ from: to - DAY, to })
  const late = { ...NO_BRIEF, toldTo: to - 20 * HOUR }
  expect(briefSpan(late, now)).toEqual({ from: to - 20 * HOUR, to })
  expect(briefSpan({ ...NO_BRIEF, toldTo: to - 30 * DAY }, now)).toEqual({ from: to - DAY, to })
})
