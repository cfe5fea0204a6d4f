/** Health is about work that was done: failing unless a poll has completed within three minutes, or three intervals. */
import { describe, expect, test } from "vitest"
import { HOUR, MINUTE, SECOND } from "../instant.ts"
import { START as NOW } from "../test-example.ts"
import { type Control, FIRST_CONTROL } from "./control.ts"
import { noteAfterMs, pollFaults } from "./health.ts"

const EVERY_19_S = 19 * SECOND

const BY_HAND = 0

/** A poll began and one completed so long ago. */
const state = (begunMs: number, completedMs: number | null, changes: Partial<Control> = {}): Control => ({
  ...FIRST_CONTROL,
  polledAt: NOW - begunMs,
  nextPollAt: NOW - begunMs + EVERY_19_S,
  completedAt: completedMs === null ? 0 : NOW - completedMs,
  ...changes,
})

const kindsOf = (control: Control | null, intervalMs: number) =>
  pollFaults(control, intervalMs, NOW).map(({ kind }) => kind)

describe("polls are", () => {
  test("failing before the first one, and until it has completed, by hand too", () => {
    for (const intervalMs of [BY_HAND, EVERY_19_S]) {
      expect(kindsOf(null, intervalMs)).toEqual(["not-polled"])
      expect(kindsOf({ ...FIRST_CONTROL, rulesChangedAt: NOW }, intervalMs)).toEqual(["not-polled"])
      expect(kindsOf(state(SECOND, null), intervalMs)).toEqual(["incomplete"])
      expect(kindsOf(state(SECOND, 0), intervalMs)).toEqual([])
    }
  })

  test.each([
    ["three minutes, where they come more often", EVERY_19_S, 3 * MINUTE],
    ["three intervals, where they come less often", 10 * MINUTE, 30 * MINUTE],
  ])("failing if none has completed within %s, however many began", (_what, intervalMs, silenceMs) => {
    expect(kindsOf(state(SECOND, silenceMs), intervalMs)).toEqual([])
    const faults = pollFaults(state(SECOND, silenceMs + 1), intervalMs, NOW)
    expect(faults).toMatchObject([{ kind: "incomplete", since: NOW - silenceMs - 1 }])
    expect(faults[0]?.text).toContain("none has completed its work")
  })

  test("failing if none began, and that is what it says", () => {
    const faults = pollFaults(state(3 * MINUTE + 1, 3 * MINUTE + 1), EVERY_19_S, NOW)
    expect(faults).toMatchObject([{ kind: "silent", text: "The last poll started 3 min ago." }])
  })

  test("measured by the poller's own gate if that is longer than the interval", () => {
    const gateMs = 190 * SECOND
    const control = state(SECOND, 9 * MINUTE, { nextPollAt: NOW - SECOND + gateMs })
    expect(kindsOf(control, EVERY_19_S)).toEqual([])
    expect(kindsOf({ ...control, completedAt: NOW - 10 * MINUTE }, EVERY_19_S)).toEqual(["incomplete"])
  })

  test("by hand failing if the last one began more than a minute ago and did not complete; silence says nothing", () => {
    expect(kindsOf(state(24 * HOUR, 24 * HOUR), BY_HAND)).toEqual([])
    expect(kindsOf(state(MINUTE, HOUR), BY_HAND)).toEqual([])
    expect(kindsOf(state(MINUTE + 1, HOUR), BY_HAND)).toEqual(["incomplete"])
  })

  test("failing at once if the list cannot be read, in the failure's own words and since when", () => {
    const failure = { kind: "unauthorized", message: "The API key was refused.", since: NOW - HOUR, at: NOW }
    expect(pollFaults(state(SECOND, SECOND, { failure }), EVERY_19_S, NOW)).toEqual([
      { kind: "list", since: NOW - HOUR, text: failure.message },
    ])
  })

  test("not proven to work by a clock that was ahead, and not failing by one that is a little behind", () => {
    expect(kindsOf(state(SECOND, -HOUR), EVERY_19_S)).toEqual(["incomplete"])
    expect(kindsOf(state(-5 * SECOND, -5 * SECOND), EVERY_19_S)).toEqual([])
  })
})

test("a completion is noted before it is too old to prove anything, whoever polls next", () => {
  for (const gateMs of [19 * SECOND, MINUTE, 10 * MINUTE, HOUR]) {
    // Noted just not, then a gate, a late trigger and a slow poll: still within three intervals.
    const oldest = noteAfterMs(gateMs) + gateMs + 10 * SECOND + 30 * SECOND
    expect(oldest).toBeLessThanOrEqual(Math.max(3 * MINUTE, 3 * gateMs))
  }
  expect(noteAfterMs(0)).toBe(0)
})
