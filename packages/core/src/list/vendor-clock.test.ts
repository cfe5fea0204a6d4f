/** What a fresh page says of the vendor's clock. */
import { expect, test } from "vitest"
import { UNKNOWN_CALL } from "../call/unknown-call.ts"
import { HOUR, MINUTE, isoOf } from "../instant.ts"
import { sampleOf, shownPage } from "./vendor-clock.ts"

const NOW = Date.UTC(2026, 0, 5, 12)

function callEndedAt(id: string, at: number) {
  return { ...UNKNOWN_CALL, id, createdAt: isoOf(at - MINUTE), endedAt: isoOf(at) }
}

const AN_HOUR_AGO = NOW - HOUR

test("a call that was not on the page and is on it now has just ended, whatever it is dated", () => {
  const page = shownPage([callEndedAt("a", AN_HOUR_AGO), callEndedAt("b", NOW)], NOW - 6 * HOUR, NOW)
  const rows = [callEndedAt("b", NOW), callEndedAt("c", AN_HOUR_AGO + 1)]
  expect(sampleOf(page, rows, NOW + MINUTE)).toBe(1 - HOUR - MINUTE)
})

test("of calls that ended at the instant at which a page ends, another one there says nothing", () => {
  const page = shownPage([callEndedAt("a", AN_HOUR_AGO), callEndedAt("b", NOW)], NOW - 6 * HOUR, NOW)
  const rows = [callEndedAt("b", NOW), callEndedAt("tied", AN_HOUR_AGO)]
  expect(sampleOf(page, rows, NOW + MINUTE)).toBeNull()
})
