/** Rate limits are obeyed as stated, in either of the vendor's two spellings, and never for longer than an hour. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { pausedUntil, pauseUntil, readAllowance } from "./allowance.ts"

const NOW = Date.parse("2024-01-15T10:29:15.250Z")
const SECOND = 1000
const HOUR = 3_600_000

describe("what is left", () => {
  test.each([
    ["an ISO timestamp", "2024-01-15T10:30:00.000Z", Date.parse("2024-01-15T10:30:00Z")],
    ["Unix seconds", "1705314600", Date.parse("2024-01-15T10:30:00Z")],
    ["Unix milliseconds", "1705314600000", Date.parse("2024-01-15T10:30:00Z")],
    ["a number of seconds, which no page mentions", "45", null],
    ["nonsense", "soon", null],
    ["a negative number", "-1705314600", null],
  ])("the reset may be %s", (_name, reset, resetAt) => {
    const headers = new Headers({
      "X-RateLimit-Limit": "200",
      "X-RateLimit-Remaining": "0",
      "X-RateLimit-Reset": reset,
    })
    expect(readAllowance(headers, NOW)).toEqual({ limit: 200, remaining: 0, resetAt })
  })

  test("is unknown without headers, and each part for itself", () => {
    expect(readAllowance(new Headers(), NOW)).toBeNull()
    expect(readAllowance(new Headers({ "X-RateLimit-Limit": "many" }), NOW)).toBeNull()
    expect(readAllowance(new Headers({ "X-RateLimit-Remaining": "7" }), NOW)).toEqual({
      limit: null,
      remaining: 7,
      resetAt: null,
    })
  })
})

describe("where the vendor's clock is off, as its Date shows,", () => {
  const at = (time: number) => new Date(time).toISOString()

  test.each([-3 * HOUR, 4 * HOUR, 0])("by %i ms, a reset is as far away as it says", (offMs) => {
    const date = new Date(NOW + offMs).toUTCString()
    // The date has no parts of a second.
    const told = NOW + offMs - (offMs === 0 ? 0 : NOW % SECOND) + 20 * SECOND
    const headers = new Headers({ Date: date, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at(told) })
    expect(pausedUntil(readAllowance(headers, NOW), NOW)).toBe(NOW + 20 * SECOND)
    expect(pauseUntil(headers, undefined, NOW)).toBe(NOW + 20 * SECOND)
    expect(pauseUntil(new Headers({ Date: date }), { resetAt: at(told) }, NOW)).toBe(NOW + 20 * SECOND)
    expect(pauseUntil(new Headers({ Date: date, "Retry-After": at(told) }), {}, NOW)).toBe(NOW + 20 * SECOND)
    expect(pauseUntil(new Headers({ Date: date, "Retry-After": "7" }), {}, NOW)).toBe(NOW + 7 * SECOND)
  })

  test("by seconds, or nobody knows how far, times count as they are", () => {
    for (const date of [new Date(NOW - 30 * SECOND).toUTCString(), "soon", ""]) {
      const headers = new Headers({ Date: date, "X-RateLimit-Reset": at(NOW + 20 * SECOND) })
      expect(pauseUntil(headers, undefined, NOW)).toBe(NOW + 20 * SECOND)
    }
  })
})

describe("the pause after a 429", () => {
  test.each([
    ["Retry-After in seconds", { "Retry-After": "45" }, undefined, 45 * SECOND],
    ["Retry-After as a date", { "Retry-After": "Mon, 15 Jan 2024 10:30:00 GMT" }, undefined, 44_750],
    ["the body's retryAfter", {}, { retryAfter: 45 }, 45 * SECOND],
    ["the body's resetAt", {}, { resetAt: "2024-01-15T10:30:00.000Z" }, 44_750],
    ["X-RateLimit-Reset in ISO", { "X-RateLimit-Reset": "2024-01-15T10:30:00.000Z" }, undefined, 44_750],
    ["X-RateLimit-Reset in Unix seconds", { "X-RateLimit-Reset": "1705314600" }, undefined, 44_750],
    ["nothing: a minute", {}, undefined, 60 * SECOND],
    ["only nonsense: a minute", { "Retry-After": "later" }, { retryAfter: "x", resetAt: {} }, 60 * SECOND],
    ["a reset that has passed: a minute", { "X-RateLimit-Reset": "1705310000" }, undefined, 60 * SECOND],
    ["no time at all: a second", { "Retry-After": "0" }, undefined, SECOND],
    ["a day: an hour", { "Retry-After": "86400" }, undefined, HOUR],
    ["a year: an hour", {}, { resetAt: "2025-01-15T10:30:00.000Z" }, HOUR],
    [
      "what is relative before what is absolute",
      { "X-RateLimit-Reset": "1705314600" },
      { retryAfter: 5 },
      5000,
    ],
    ["the header before the body", { "Retry-After": "7" }, { retryAfter: 5 }, 7000],
  ])("follows %s", (_name, headers, body, pauseMs) => {
    expect(pauseUntil(new Headers(headers as Record<string, string>), body, NOW) - NOW).toBe(pauseMs)
  })

  test("is between a second and an hour, whatever is said", () => {
    const value = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.date({ noInvalidDate: true }),
      fc.stringMatching(/^[ -~]*$/),
    )
    const headers = fc.dictionary(fc.constantFrom("retry-after", "x-ratelimit-reset"), value.map(String))
    fc.assert(
      fc.property(headers, fc.anything(), value, (headers, body, told) => {
        for (const sent of [body, { retryAfter: told }, { resetAt: told }]) {
          const pauseMs = pauseUntil(new Headers(headers), sent, NOW) - NOW
          expect(pauseMs).toBeGreaterThanOrEqual(SECOND)
          expect(pauseMs).toBeLessThanOrEqual(HOUR)
        }
      }),
    )
  })
})
