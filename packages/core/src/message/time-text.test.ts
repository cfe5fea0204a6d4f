/** Times as the people of a channel read them. */
import { expect, test } from "vitest"
import { MINUTE, SECOND } from "../instant.ts"
import { START } from "../test-example.ts"
import { clockText, lengthText, offsetText, timeText } from "./time-text.ts"

test.each([
  [undefined, "2026-03-02 09:00 UTC"],
  ["UTC", "2026-03-02 09:00 UTC"],
  ["America/Chicago", "2026-03-02 03:00 CST"],
  ["Asia/Kolkata", "2026-03-02 14:30 GMT+5:30"],
  ["Pacific/Auckland", "2026-03-02 22:00 GMT+13"],
  ["No/Such_Zone", "2026-03-02 09:00 UTC"],
  ["", "2026-03-02 09:00 UTC"],
])("in the zone %s it is %s", (zone, text) => {
  expect(timeText(START, zone)).toBe(text)
  expect(clockText(START, zone)).toBe(text.slice("2026-03-02 ".length))
})

test("midnight is 00:00, and summer time is", () => {
  expect(timeText(Date.UTC(2026, 6, 1, 5), "America/Chicago")).toBe("2026-07-01 00:00 CDT")
})

test("how far into a call is written as a player does", () => {
  expect([0, 72 * SECOND, 61 * MINUTE + 5 * SECOND].map(offsetText)).toEqual(["0:00", "1:12", "1:01:05"])
  expect([9, 60, 245].map(lengthText)).toEqual(["9 s", "1 min", "4 min 5 s"])
})
