/** Which processes have which channel when, by examples: the ledger excuses by it, and must not excuse too much. */
import { DAY, HOUR, MINUTE } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { deploymentAt, hadChannel, isFailingAt, planDeployments } from "./deployment.ts"

const AWAY = [
  { from: 0, channels: ["slack", "email"] },
  { from: HOUR, channels: ["slack"] },
  { from: 2 * HOUR, channels: ["slack", "email"] },
] as const

test("a channel that is away was there before and is there after, and the other all the time", () => {
  expect(hadChannel(AWAY, "email", 0, HOUR - 1)).toBe(true)
  expect(hadChannel(AWAY, "email", 0, HOUR)).toBe(false)
  expect(hadChannel(AWAY, "email", 2 * HOUR + MINUTE, DAY)).toBe(false)
  expect(hadChannel(AWAY, "email", 2 * HOUR + 3 * MINUTE, DAY)).toBe(true)
  expect(hadChannel(AWAY, "slack", 0, DAY)).toBe(true)
  expect(deploymentAt(AWAY, 90 * MINUTE)).toBe(AWAY[1])
})

test("it fails before it is taken away, and the other does not", () => {
  expect(isFailingAt(AWAY, "email", HOUR - MINUTE)).toBe(true)
  expect(isFailingAt(AWAY, "slack", HOUR - MINUTE)).toBe(false)
  expect(isFailingAt(AWAY, "email", HOUR)).toBe(false)
  expect(isFailingAt(AWAY, "email", 2 * HOUR - MINUTE)).toBe(false)
})

test("half of the seeds have a channel taken away, for less time than a delivery is retried, and always given back", () => {
  const planned = Array.from({ length: 200 }, (_, seed) =>
    planDeployments({ seed, profile: "stress", start: 0, end: 30 * DAY }),
  )
  const changed = planned.filter(({ length }) => length > 1)
  expect(changed.length).toBeGreaterThan(70)
  for (const [, away, back] of changed) {
    expect(away?.channels).toHaveLength(1)
    expect(back?.channels).toHaveLength(2)
    expect((back?.from ?? 0) - (away?.from ?? 0)).toBeLessThan(72 * HOUR)
  }
})
