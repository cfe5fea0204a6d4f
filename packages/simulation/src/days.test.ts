/**
 * Sixty days of calls and faults in every run of the tests: the poller keeps its promises at every volume, however the
 * vendor reads its own documentation, and whatever fails. `npm run simulate` simulates as many days as there is time for.
 */
import { expect, test } from "vitest"
import { simulate } from "./simulation.ts"

/** Most of the days are quiet ones, which cost least. */
const RUNS = [
  { profile: "default", rate: 5, days: 15, seed: 101 },
  { profile: "default", rate: 5, days: 15, seed: 102 },
  { profile: "stress", rate: 5, days: 12, seed: 103 },
  { profile: "default", rate: 20, days: 6, seed: 104 },
  { profile: "stress", rate: 20, days: 5, seed: 105 },
  { profile: "default", rate: 60, days: 3, seed: 106 },
  { profile: "stress", rate: 60, days: 3, seed: 107 },
  { profile: "default", rate: 150, days: 0.5, seed: 108 },
  { profile: "stress", rate: 150, days: 0.4, seed: 109 },
  { profile: "default", rate: 450, days: 0.15, seed: 110 },
] as const

test("there are at least sixty days", () => {
  expect(RUNS.reduce((sum, { days }) => sum + days, 0)).toBeGreaterThanOrEqual(60)
})

test.each(RUNS)(
  "$days days in the $profile profile at $rate calls an hour",
  async (scenario) => {
    const outcome = await simulate(scenario)
    expect(outcome).toMatchObject({ missed: 0, falseAlerts: 0, violations: 0, problems: [] })
    expect(outcome.duplicates).toBeLessThanOrEqual(outcome.unknownOutcomes)
    // A fifth of the calls match a rule; some raise no alert by the end, because they are flagged late.
    expect(outcome.alerts).toBeGreaterThan((scenario.rate * scenario.days * 24) / 10)
  },
  120_000,
)
