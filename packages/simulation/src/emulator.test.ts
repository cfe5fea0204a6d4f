/**
 * Three days in every run of the tests without any short cut: the vendor is the emulator, with its text, its limits and
 * all of its oddities. `npm run simulate -- --vendor emulator` simulates more.
 */
import { createStoreOn, startDynalite } from "@earshot/io/store/dynamo-stand-in"
import { realWorld } from "@earshot/io/world"
import { expect, test } from "vitest"
import { type Outcome, simulate } from "./simulation.ts"
import { SCHEDULE_ALONE_MS } from "./test-days.ts"

const RUNS = [
  { profile: "default", rate: 60, days: 0.2, seed: 201 },
  { profile: "stress", rate: 60, days: 0.25, seed: 202 },
  { profile: "default", rate: 5, days: 1.8, seed: 203, triggerMs: SCHEDULE_ALONE_MS },
  { profile: "stress", rate: 20, days: 0.6, seed: 204 },
  { profile: "overlap", rate: 150, days: 0.05, seed: 205 },
] as const

const CALM_DAYS = 0.15

function expectKept(outcome: Outcome): void {
  expect(outcome).toMatchObject({ missed: 0, falseAlerts: 0, violations: 0, problems: [] })
  expect(outcome.duplicates).toBeLessThanOrEqual(outcome.unknownOutcomes)
}

test("there are at least three days", () => {
  expect(RUNS.reduce((sum, { days }) => sum + days, CALM_DAYS)).toBeGreaterThanOrEqual(3)
})

test.each(RUNS)(
  "$days days in the $profile profile at $rate calls an hour",
  async (scenario) => {
    const outcome = await simulate({ ...scenario, vendor: "emulator" })
    expectKept(outcome)
    expect(outcome.alerts).toBeGreaterThan((scenario.rate * scenario.days * 24) / 10)
  },
  900_000,
)

test("where nothing fails, every alert arrives within minutes and once, however odd the vendor is", async () => {
  const scenario = { profile: "calm", seed: 206, rate: 60, days: CALM_DAYS, vendor: "emulator" } as const
  expect(await simulate(scenario)).toMatchObject({ missed: 0, falseAlerts: 0, problems: [], duplicates: 0 })
})

test("all the way, through the AWS SDK to the table and to SNS, and the same from the same seed", async () => {
  const standIn = await startDynalite()
  try {
    const scenario = { profile: "stress", seed: 207, rate: 60, days: 1 / 24, vendor: "emulator" } as const
    const world = realWorld(() => {})
    const whole = await simulate({ ...scenario, hasSns: true, store: await createStoreOn(world, standIn) })
    expectKept(whole)
    expect(whole.crashes).toBeGreaterThan(0)
    expect(whole.alerts).toBeGreaterThan(5)
    expect(await simulate({ ...scenario, hasSns: true })).toEqual(whole)
    expect(await simulate({ ...scenario, vendor: "simulated" })).not.toMatchObject({ trace: whole.trace })
  } finally {
    await standIn.stop()
  }
})
