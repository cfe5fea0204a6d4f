/** The command `npm run simulate`: what its last line says, and what it does when a promise is broken. */
import { runCommand } from "@earshot/command/test-command"
import { expect, test } from "vitest"

const simulate = (options: string) =>
  runCommand("packages/simulation/src/simulate.ts", options.split(" "), {})

test("ends with one line of JSON that says what came of it", async () => {
  const { code, lastLine, err } = await simulate("--days 0.05 --seed 7 --profile default --rate 60")
  const result: unknown = JSON.parse(lastLine)
  expect(result).toMatchObject({
    days: expect.any(Number),
    alerts: expect.any(Number),
    missed: 0,
    falseAlerts: 0,
    violations: 0,
    duplicates: expect.any(Number),
    unknownOutcomes: expect.any(Number),
    crashes: expect.any(Number),
    latency: { mean: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) },
    hoursPerCpuSecond: expect.any(Number),
    seed: 7,
    profile: "default",
    rate: 60,
  })
  expect({ code, err }).toEqual({ code: 0, err: "" })
})

test("many seeds make one result, the same as one by one", async () => {
  const [both, first, second] = await Promise.all([
    simulate("--days 0.02 --seed 3 --seeds 2 --profile stress"),
    simulate("--days 0.02 --seed 3 --profile stress"),
    simulate("--days 0.02 --seed 4 --profile stress"),
  ])
  const results = [both, first, second].map(({ lastLine }) => JSON.parse(lastLine))
  expect(results[0].trace).toBe(`${results[1].trace} ${results[2].trace}`)
  expect(results[0].alerts).toBe(results[1].alerts + results[2].alerts)
  expect(results[0].crashes).toBe(results[1].crashes + results[2].crashes)
})

test("a seed that breaks a promise is named with the command that shows it again", async () => {
  // A poller that is triggered every hour is late with everything.
  const { code, lastLine, err } = await simulate(
    "--days 0.1 --seed 5 --profile calm --trigger 3600 --vendor emulator",
  )
  expect(JSON.parse(lastLine).violations).toBeGreaterThan(0)
  expect(err).toContain("late in ")
  const again = "--days 0.1 --seed 5 --profile calm --rate 60 --trigger 3600 --vendor emulator"
  expect(err).toContain(`npm run simulate -- ${again}`)
  expect(code).toBe(1)
})
