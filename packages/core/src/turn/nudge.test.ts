/** How much nudges may use, and what is remembered of them. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { HOUR, MINUTE, SECOND } from "../instant.ts"
import type { Limits } from "./budget.ts"
import {
  NO_NUDGES,
  nudgeAllowance,
  nudgeLimit,
  nudgesUsed,
  packNudges,
  unpackNudges,
  withNudge,
  withArrival,
  withSooner,
} from "./nudge.ts"

const START = Date.UTC(2026, 0, 5, 9)

const LIMITS: Limits = { listPerHour: 200, detailPerHour: 500, gateMs: 19 * SECOND }

describe("nudges", () => {
  test("may use a fifth of the hour's details, and a fifth of the lists that polls leave", () => {
    expect(nudgeLimit("detail", LIMITS)).toBe(100)
    expect(nudgeLimit("list", LIMITS)).toBe(4)
    expect(nudgeLimit("list", { ...LIMITS, gateMs: 0 })).toBe(0)
    expect(nudgeLimit("list", { ...LIMITS, listPerHour: 10 })).toBe(0)
    expect(nudgeLimit("detail", { ...LIMITS, detailPerHour: 0 })).toBe(0)
  })

  test("never use more than that in any hour, however they come", () => {
    const arrivals = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 5 * MINUTE }), fc.integer({ min: 1, max: 9 })),
      {
        maxLength: 200,
      },
    )
    fc.assert(
      fc.property(arrivals, (steps) => {
        let use = NO_NUDGES
        let now = START
        const made: [number, number][] = []
        for (const [gap, wanted] of steps) {
          now += gap
          const count = Math.min(wanted, nudgeAllowance(use, "detail", LIMITS, now))
          use = unpackNudges(packNudges(withNudge(use, { kind: "detail", count, isFirst: true }, now)))
          made.push([now, count])
          const inHour = made
            .filter(([at]) => at > now - HOUR - MINUTE)
            .reduce((sum, [, one]) => sum + one, 0)
          expect(inHour).toBeLessThanOrEqual(100)
        }
      }),
      { numRuns: 60 },
    )
  })

  test("have it all again an hour and some minutes later", () => {
    const used = withNudge(NO_NUDGES, { kind: "detail", count: 100, isFirst: true }, START)
    expect(nudgeAllowance(used, "detail", LIMITS, START + HOUR)).toBe(0)
    expect(nudgeAllowance(used, "detail", LIMITS, START + HOUR + 15 * MINUTE)).toBe(100)
    expect(nudgesUsed(used, "detail", START)).toBe(100)
  })

  test("counted by a clock that was far ahead count as of now", () => {
    const used = withNudge(NO_NUDGES, { kind: "detail", count: 60, isFirst: true }, START + 48 * HOUR)
    expect(nudgeAllowance(used, "detail", LIMITS, START)).toBe(40)
    expect(
      nudgeAllowance(
        withNudge(used, { kind: "detail", count: 0, isFirst: false }, START),
        "detail",
        LIMITS,
        START + 2 * HOUR,
      ),
    ).toBe(100)
  })
})

describe("what is remembered of nudges", () => {
  test("are the turns and the calls of this day", () => {
    const once = withSooner(
      withNudge(NO_NUDGES, { kind: "detail", count: 2, isFirst: true }, START),
      2,
      START,
    )
    const twice = withNudge(once, { kind: "detail", count: 1, isFirst: false }, START + MINUTE)
    expect(twice).toMatchObject({ looks: 1, sooner: 2, at: START + MINUTE })
    expect(withNudge(twice, { kind: "list", count: 1, isFirst: true }, START + 24 * HOUR)).toMatchObject({
      looks: 1,
      sooner: 0,
    })
  })

  test("says that one came every ten minutes at most", () => {
    const seen = withArrival(NO_NUDGES, START)
    expect(seen).toMatchObject({ at: START, looks: 0 })
    expect(withArrival(seen ?? NO_NUDGES, START + 9 * MINUTE)).toBeNull()
    expect(withArrival(seen ?? NO_NUDGES, START + 10 * MINUTE)).toMatchObject({ at: START + 10 * MINUTE })
    // A clock that was ahead has written it.
    expect(withArrival(seen ?? NO_NUDGES, START - HOUR)).toMatchObject({ at: START - HOUR })
  })

  test.each(["", "x", "0".repeat(26), "0".repeat(28), `${"0".repeat(26)}.`, "💥"])(
    "is nothing if it cannot be read: %j",
    (packed) => {
      expect(unpackNudges(packed)).toEqual(NO_NUDGES)
    },
  )

  test("is read back as it was written", () => {
    const use = {
      at: Date.UTC(2126, 0, 1),
      list: [35, 0, 1, 2, 3],
      detail: [1295, 0, 1, 2, 3],
      looks: 46_655,
      sooner: 7,
    }
    expect(unpackNudges(packNudges(use))).toEqual(use)
  })
})
