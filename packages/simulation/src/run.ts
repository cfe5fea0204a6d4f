/** One seed's simulation, and the processor time that it took. */
import type { Scenario } from "./scenario.ts"
import { type Outcome, simulate } from "./simulation.ts"

export type SeedRun = { seed: number; outcome: Outcome; cpuSeconds: number }

/** Nothing else may go on in this process meanwhile. */
export async function timedRun(scenario: Scenario): Promise<SeedRun> {
  const before = process.cpuUsage()
  const outcome = await simulate(scenario)
  const used = process.cpuUsage(before)
  return { seed: scenario.seed, outcome, cpuSeconds: (used.user + used.system) / 1e6 }
}
