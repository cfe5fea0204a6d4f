/**
 * For tests: sixty days of calls and faults in every run of the tests, over the days on which clocks are changed, and through storms. What the poller promises is kept at every volume,
 * however the vendor reads its own page, whatever fails. `npm run simulate` takes as many days as there is time for.
 */
import { MINUTE } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { simulate } from "./simulation.ts"

type Days = {
  profile: "calm" | "default" | "stress"
  rate: number
  days: number
  seed: number
  start?: number
  storm?: number
  triggerMs?: number
}

/** The day before clocks are changed in Europe; within the two weeks after it they are in the other zones as well. */
const SPRING = Date.UTC(2026, 2, 28)

const AUTUMN = Date.UTC(2026, 9, 24)

/**
 * What starts a poll where the queue of the ticks is gone, and the schedule alone is left. All that is promised holds there as well, and
 * such days take half of the time. The others have six times as many triggers, so that polls overlap.
 */
export const SCHEDULE_ALONE_MS = MINUTE

/** A file of tests for each, so that they run beside each other. Quiet days cost least, so that there are most of them. */
export const DAYS = {
  quiet: [
    { profile: "default", rate: 5, days: 15, seed: 101, triggerMs: SCHEDULE_ALONE_MS },
    { profile: "default", rate: 5, days: 15, seed: 102, start: AUTUMN, triggerMs: SCHEDULE_ALONE_MS },
    { profile: "stress", rate: 5, days: 8, seed: 113, triggerMs: SCHEDULE_ALONE_MS },
    { profile: "stress", rate: 5, days: 4, seed: 103, start: SPRING },
  ],
  usual: [
    { profile: "default", rate: 20, days: 6, seed: 104, triggerMs: SCHEDULE_ALONE_MS },
    { profile: "stress", rate: 20, days: 5, seed: 105, start: AUTUMN },
  ],
  busy: [
    { profile: "default", rate: 60, days: 2.8, seed: 106, start: SPRING },
    { profile: "stress", rate: 60, days: 2.9, seed: 107 },
    { profile: "default", rate: 150, days: 0.5, seed: 108 },
    { profile: "stress", rate: 150, days: 0.4, seed: 109 },
    { profile: "default", rate: 450, days: 0.15, seed: 110 },
    { profile: "calm", rate: 20, days: 0.15, seed: 111, storm: 1500 },
    { profile: "default", rate: 20, days: 0.15, seed: 112, storm: 600 },
  ],
} satisfies Record<string, Days[]>

/** Defines the tests of these days. */
export function testDays(kind: keyof typeof DAYS): void {
  test.each<Days>(DAYS[kind])(
    "$days days in the $profile profile at $rate calls an hour",
    async (scenario) => {
      const outcome = await simulate(scenario)
      expect(outcome).toMatchObject({ missed: 0, falseAlerts: 0, violations: 0, problems: [] })
      expect(outcome.duplicates).toBeLessThanOrEqual(outcome.unknownOutcomes)
      // A fifth of the calls are matched by a rule; some are not told by the end, because they are flagged late.
      expect(outcome.alerts).toBeGreaterThan((scenario.rate * scenario.days * 24) / 10)
    },
    900_000,
  )
}
