/** Weeks with few calls; and that all the simulated days together are enough. */
import { expect, test } from "vitest"
import { DAYS, testDays } from "./test-days.ts"

test("there are at least sixty days", () => {
  const all = Object.values(DAYS).flat()
  expect(all.reduce((sum, { days }) => sum + days, 0)).toBeGreaterThanOrEqual(60)
})

testDays("quiet")
