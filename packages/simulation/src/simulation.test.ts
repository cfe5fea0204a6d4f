/** What the poller guarantees, on days of calls and faults from a seed: the long form is `npm run simulate`. */
import { createStoreOn, startDynalite, startDynoxide } from "@earshot/io/store/dynamo-stand-in"
import { realWorld } from "@earshot/io/world"
import { afterAll, describe, expect, test } from "vitest"
import type { Scenario } from "./scenario.ts"
import { type Outcome, simulate } from "./simulation.ts"

const kept = { missed: 0, falseAlerts: 0, violations: 0, problems: [] }

function expectKept(outcome: Outcome): void {
  expect(outcome).toMatchObject(kept)
  expect(outcome.duplicates).toBeLessThanOrEqual(outcome.unknownOutcomes)
}

describe("every matching call raises an alert: truly, in time, within the limits, and without needless repeats", () => {
  test.each([
    { profile: "default", seed: 1, rate: 60, hours: 12 },
    { profile: "default", seed: 2, rate: 5, hours: 24 },
    { profile: "default", seed: 3, rate: 150, hours: 4 },
    { profile: "stress", seed: 4, rate: 60, hours: 6 },
    { profile: "stress", seed: 5, rate: 150, hours: 4 },
    { profile: "stress", seed: 6, rate: 450, hours: 1 },
  ] as const)("in the $profile profile at $rate calls an hour", async ({ profile, seed, rate, hours }) => {
    const outcome = await simulate({ profile, seed, rate, days: hours / 24 })
    expectKept(outcome)
    expect(outcome.alerts).toBeGreaterThan((rate * hours) / 10)
  })

  test.each([
    { profile: "calm", seed: 3, nudging: "usual", hours: 4 },
    { profile: "calm", seed: 4, nudging: "hostile", hours: 4 },
    { profile: "stress", seed: 11, nudging: "hostile", hours: 3 },
  ] as const)(
    "whatever nudges come: $nudging ones in the $profile profile",
    async ({ profile, seed, nudging, hours }) => {
      const outcome = await simulate({ profile, seed, rate: 60, days: hours / 24, nudging })
      expectKept(outcome)
      expect(outcome.alerts).toBeGreaterThan(6 * hours)
    },
  )

  test("and exactly one where nothing fails, with a watch of a few KB", async () => {
    const outcome = await simulate({ profile: "calm", seed: 5, rate: 150, days: 0.1 })
    expect(outcome).toMatchObject({ ...kept, duplicates: 0, unknownOutcomes: 0, crashes: 0 })
    expect(outcome.alerts).toBeGreaterThan(40)
    expect(outcome.watchBytesMax).toBeLessThan(10_000)
  })

  test("by e-mail through the AWS SDK too", async () => {
    const outcome = await simulate({ profile: "stress", seed: 1, rate: 60, days: 2 / 24, hasSns: true })
    expectKept(outcome)
    expect(outcome.unknownOutcomes).toBeGreaterThan(0)
  })
})

describe("a seed makes one course of events", async () => {
  const standIns = [await startDynalite(), await startDynoxide()].filter((standIn) => standIn !== null)
  afterAll(async () => {
    await Promise.all(standIns.map((standIn) => standIn.stop()))
  })
  const scenario = { profile: "stress", seed: 8, rate: 60, days: 0.5 / 24 } as const

  test("again and again, and another seed another", async () => {
    const first = await simulate(scenario)
    expect(first.crashes).toBeGreaterThan(0)
    expect(await simulate(scenario)).toEqual(first)
    expect((await simulate({ ...scenario, seed: 7 })).trace).not.toBe(first.trace)
  })

  test.each(standIns)("on $name through the AWS SDK the same as in memory", async (standIn) => {
    const store = await createStoreOn(
      realWorld(() => {}),
      standIn,
    )
    const outcome = await simulate({ ...scenario, store })
    expectKept(outcome)
    expect(outcome).toEqual(await simulate(scenario))
  })
})

test("a listener hears once of every call that a channel was alerted of", async () => {
  const heard: string[] = []
  const alerted: Scenario["alerted"] = ({ call, channel, at }) => {
    expect(at).toBeGreaterThan(call.createdAt)
    heard.push(`${call.id} ${channel}`)
  }
  const { alerts } = await simulate({ profile: "default", seed: 8, rate: 60, days: 0.05, alerted })
  expect(new Set(heard).size).toBe(heard.length)
  expect(new Set(heard.map((line) => line.split(" ")[0])).size).toBe(alerts)
})
