/** Health: failing unless it is proven that polls run and can read the calls. */
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { type Control, FIRST_CONTROL } from "@earshot/core/turn/control"
import { describe, expect, test } from "vitest"
import { Health, healthOf } from "./health.ts"

const NOW = Date.UTC(2026, 0, 5, 9)

const EVERY_19_S = 19 * SECOND

const BY_HAND = 0

const polled = (agoMs: number, change: Partial<Control> = {}): Control => ({
  ...FIRST_CONTROL,
  polledAt: NOW - agoMs,
  ...change,
})

describe("healthOf", () => {
  test("fails before the first poll, by hand too", () => {
    const announced = { ...FIRST_CONTROL, rulesChangedAt: NOW }
    for (const control of [null, announced]) {
      for (const intervalMs of [BY_HAND, EVERY_19_S]) {
        const health = healthOf(control, intervalMs, NOW)
        expect(health).toMatchObject({ status: "failing", detail: "No poll has run yet.", lastPollAt: null })
      }
    }
  })

  test("is ok after a poll, and says when it was", () => {
    const control = polled(4 * SECOND, { watermark: NOW - HOUR, pending: 2, unexamined: 3 })
    expect(healthOf(control, EVERY_19_S, NOW)).toEqual({
      behindFrom: null,
      status: "ok",
      detail: "The last poll started 4 s ago.",
      lastPollAt: "2026-01-05T08:59:56.000Z",
      watermark: "2026-01-05T08:00:00.000Z",
      failure: null,
      pending: 2,
      unexamined: 3,
    })
  })

  test.each([
    ["three minutes, where polls come more often", EVERY_19_S, 3 * MINUTE],
    ["three intervals, where they come less often", 10 * MINUTE, 30 * MINUTE],
  ])("fails after a silence of more than %s", (_what, intervalMs, silenceMs) => {
    expect(healthOf(polled(silenceMs), intervalMs, NOW).status).toBe("ok")
    expect(healthOf(polled(silenceMs + 1), intervalMs, NOW).status).toBe("failing")
    expect(healthOf(polled(silenceMs + 1), intervalMs, NOW).detail).toMatch(
      /^The last poll started \d+ min ago\.$/,
    )
  })

  test("does not take silence for failure where polls are started by hand", () => {
    expect(healthOf(polled(24 * HOUR), BY_HAND, NOW).status).toBe("ok")
  })

  test("fails with the failure's own words, and says since when", () => {
    const failure = { kind: "unauthorized", message: "The API key was refused.", since: NOW - HOUR, at: NOW }
    for (const intervalMs of [BY_HAND, EVERY_19_S]) {
      expect(healthOf(polled(SECOND, { failure }), intervalMs, NOW)).toMatchObject({
        status: "failing",
        detail: "The API key was refused.",
        failure: { ...failure, since: "2026-01-05T08:00:00.000Z", at: "2026-01-05T09:00:00.000Z" },
      })
    }
  })

  test("survives a clock that is behind the poller's", () => {
    const health = healthOf(polled(-5 * SECOND), EVERY_19_S, NOW)
    expect(health).toMatchObject({ status: "ok", detail: "The last poll started 0 s ago." })
  })

  test("is always what its schema says", () => {
    const failure = { kind: "x", message: "y", since: NOW, at: NOW }
    for (const control of [null, polled(0), polled(HOUR, { failure, watermark: 0 })]) {
      const health = healthOf(control, EVERY_19_S, NOW)
      expect(Health.parse(health)).toEqual(health)
    }
  })
})
