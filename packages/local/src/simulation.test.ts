/** What the poller guarantees, on hours of calls and faults from a seed: the long form is `npm run simulate`. */
import { describe, expect, test } from "vitest"
import { simulate } from "./simulation.ts"

const kept = { missed: 0, falseAlerts: 0, violations: 0, problems: [] }

describe("every matching call is told, truly, within the limits, and as often as it must be", () => {
  test.each([
    { profile: "default", seed: 1, rate: 60, hours: 3 },
    { profile: "default", seed: 2, rate: 5, hours: 6 },
    { profile: "stress", seed: 3, rate: 60, hours: 3 },
    { profile: "stress", seed: 4, rate: 150, hours: 2 },
  ] as const)("in the $profile profile at $rate calls an hour", async ({ profile, seed, rate, hours }) => {
    const outcome = await simulate({ profile, seed, rate, days: hours / 24 })
    expect(outcome).toMatchObject(kept)
    expect(outcome.duplicates).toBeLessThanOrEqual(outcome.unknownOutcomes)
    expect(outcome.alerts).toBeGreaterThan((rate * hours) / 10)
  })

  test("and exactly once where nothing fails", async () => {
    const outcome = await simulate({ profile: "calm", seed: 5, rate: 60, days: 0.1 })
    expect(outcome).toMatchObject({ ...kept, duplicates: 0, unknownOutcomes: 0, crashes: 0 })
    expect(outcome.alerts).toBeGreaterThan(15)
  })
})

test("a seed makes one course of events, and another seed another", async () => {
  const scenario = { profile: "stress", seed: 6, rate: 60, days: 0.05 } as const
  const first = await simulate(scenario)
  expect(first.crashes).toBeGreaterThan(0)
  expect(await simulate(scenario)).toEqual(first)
  expect((await simulate({ ...scenario, seed: 7 })).trace).not.toBe(first.trace)
})
