/** How far apart looks are: closer while details are plentiful, farther the longer something is awaited, and never without bounds. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { MINUTE, SECOND } from "../instant.ts"
import { type LookAim, LOOK_EVERY_MAX_MS, type LookPace, SPARING, lookEveryMs } from "./interval.ts"

const AWAITED: readonly LookAim[] = ["end", "analysis"]

const PLENTIFUL: LookPace = { thrift: 0, toldShare: 0 }

const share = fc.double({ min: 0, max: 1, noNaN: true })

const anyPace = fc.record({ thrift: share, toldShare: share })

describe("looks at an open call", () => {
  test("are seconds apart while details are plentiful: an analysis tells more, and comes sooner, than an end", () => {
    expect(lookEveryMs("analysis", 0, PLENTIFUL)).toBe(2 * SECOND)
    expect(lookEveryMs("end", 0, PLENTIFUL)).toBe(5 * SECOND)
  })

  test("come once between two polls while they are scarce", () => {
    for (const awaited of AWAITED) expect(lookEveryMs(awaited, 90 * SECOND, SPARING)).toBe(8 * SECOND)
  })

  test("are farther apart the longer something is awaited, and the more so the scarcer details are", () => {
    const growth = (pace: LookPace) =>
      lookEveryMs("analysis", 6 * MINUTE, pace) / lookEveryMs("analysis", 90 * SECOND, pace)
    expect(growth(PLENTIFUL)).toBeCloseTo(4 ** 0.4, 2)
    expect(growth(SPARING)).toBeCloseTo(4 ** 0.8, 2)
  })

  test("that wait for an end are rare where nudges tell of most, and never cease", () => {
    const told = (toldShare: number) => lookEveryMs("end", 0, { thrift: 0.7, toldShare })
    expect(told(0.75)).toBeGreaterThan(2.5 * told(0))
    expect(told(1)).toBe(told(0.9))
    expect(told(1)).toBeLessThan(MINUTE)
    expect(lookEveryMs("analysis", 0, { thrift: 0.7, toldShare: 1 })).toBe(
      lookEveryMs("analysis", 0, { thrift: 0.7, toldShare: 0 }),
    )
  })

  test("are between two seconds and eight minutes apart, and no closer for more thrift, waiting or nudges", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...AWAITED),
        fc.integer({ min: -MINUTE, max: 100 * 60 * MINUTE }),
        anyPace,
        fc.integer({ min: 0, max: 60 * MINUTE }),
        share,
        (awaited, awaitedMs, pace, more, rise) => {
          const every = lookEveryMs(awaited, awaitedMs, pace)
          expect(every).toBeGreaterThanOrEqual(2 * SECOND)
          expect(every).toBeLessThanOrEqual(LOOK_EVERY_MAX_MS)
          expect(lookEveryMs(awaited, awaitedMs + more, pace)).toBeGreaterThanOrEqual(every)
          const raised = (of: number) => of + (1 - of) * rise
          const tighter = { ...pace, thrift: raised(pace.thrift) }
          expect(lookEveryMs(awaited, awaitedMs, tighter)).toBeGreaterThanOrEqual(every)
          const told = { ...pace, toldShare: raised(pace.toldShare) }
          expect(lookEveryMs(awaited, awaitedMs, told)).toBeGreaterThanOrEqual(every)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
