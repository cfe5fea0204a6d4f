/** Texts become instants and lengths of time, or are refused; nothing that is not a date becomes one. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { AHEAD_MAX_MS, hasCome } from "./clock.ts"
import { DAY, HOUR, MINUTE, SECOND, durationOf, durationText, instantOf, isoOf } from "./instant.ts"

test("what was put off waits for its time, unless that is further ahead than anything is put off", () => {
  const now = Date.UTC(2026, 0, 5)
  const comes = (ms: number) => hasCome(now + ms, { waitMaxMs: HOUR, now })
  for (const ms of [-DAY, 0, HOUR + AHEAD_MAX_MS + 1, DAY]) expect(comes(ms), `${ms}`).toBe(true)
  for (const ms of [1, HOUR, HOUR + AHEAD_MAX_MS]) expect(comes(ms), `${ms}`).toBe(false)
})

describe("an ISO 8601 duration", () => {
  test.each([
    ["PT0S", 0],
    ["PT30M", 30 * MINUTE],
    ["PT90M", 90 * MINUTE],
    ["PT1H30M5S", 90 * MINUTE + 5 * SECOND],
    ["P1D", DAY],
    ["P2W", 14 * DAY],
    ["P1DT12H", 36 * HOUR],
  ])("%s is %i milliseconds", (text, milliseconds) => {
    expect(durationOf(text)).toBe(milliseconds)
  })

  test.each([
    "",
    "P",
    "PT",
    "P1DT",
    "30M",
    "PT30",
    "pt30m",
    "PT1.5S",
    "-PT1S",
    "+PT1S",
    "PT-1S",
    " PT1S",
    "PT1S\n",
    "P1Y",
    "P1M",
    "PT1S1M",
    "P1D1W",
    "PT1D",
    "PT٣M",
    `PT${"9".repeat(400)}S`,
    "P99999999999W",
  ])("%j is refused", (text) => {
    expect(durationOf(text)).toBeUndefined()
  })

  test("that is read leads from any instant of our time to a date that can be written", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom("W", "D"), (count, unit) => {
        const length = durationOf(`P${count}${unit}`) ?? 0
        expect(isoOf(Date.UTC(2026, 0, 1) - length)).toMatch(/^\d{4}-/)
      }),
    )
  })
})

test.each([
  [-5 * SECOND, "0 s"],
  [0, "0 s"],
  [45 * SECOND, "45 s"],
  [89.4 * SECOND, "89 s"],
  [90 * SECOND, "2 min"],
  [59 * MINUTE, "59 min"],
  [59.6 * MINUTE, "1 h"],
  [HOUR, "1 h"],
  [125 * MINUTE, "2 h 5 min"],
  [47 * HOUR + 59 * MINUTE, "47 h 59 min"],
  [48 * HOUR, "2 d"],
  [80 * HOUR, "3 d"],
])("%i milliseconds read as %s", (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text)
})

test("an instant is the same after it was written and read", () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      expect(instantOf(isoOf(date.getTime()))).toBe(date.getTime())
    }),
  )
})

test("what is no date is null", () => {
  expect([null, "", "yesterday", "2026-13-01"].map(instantOf)).toEqual([null, null, null, null])
})
