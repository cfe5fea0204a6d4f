/** When a clock is wrong, by examples: the ledger excuses by it, and must not excuse too much. */
import { DAY, HOUR, MINUTE } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { mayBeMistimed, planWrongClock } from "./wrong-clock.ts"

test("a quarter of the seeds of the stress profile have a clock that is an hour wrong, for minutes", () => {
  const plan = (seed: number, profile: "stress" | "default") =>
    planWrongClock({ seed, profile, start: 0, end: DAY })
  const seeds = Array.from({ length: 200 }, (_, seed) => seed)
  const planned = seeds.flatMap((seed) => plan(seed, "stress") ?? [])
  expect(planned.length).toBeGreaterThan(30)
  expect(planned.length).toBeLessThan(70)
  expect(new Set(planned.map(({ byMs }) => byMs))).toEqual(new Set([HOUR, -HOUR]))
  for (const { from, to } of planned) expect(to - from).toBeLessThanOrEqual(20 * MINUTE)
  expect(seeds.every((seed) => plan(seed, "default") === null)).toBe(true)
})

test("it excuses what is counted meanwhile, and until the counts of that hour are gone", () => {
  const clock = { from: DAY, to: DAY + 10 * MINUTE, byMs: HOUR }
  expect(mayBeMistimed(clock, DAY - HOUR, DAY - 1)).toBe(false)
  expect(mayBeMistimed(clock, DAY - HOUR, DAY)).toBe(true)
  expect(mayBeMistimed(clock, DAY + 2 * HOUR, DAY + 2 * HOUR)).toBe(true)
  expect(mayBeMistimed(clock, DAY + 3 * HOUR, DAY + 4 * HOUR)).toBe(false)
  expect(mayBeMistimed(null, 0, 2 * DAY)).toBe(false)
})
