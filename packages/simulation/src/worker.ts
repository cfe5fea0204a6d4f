/** A process that simulates the seeds it is sent, one after another. */
import * as z from "zod"
import type { Run } from "./result.ts"
import { type Scenario, VENDOR_NAMES } from "./scenario.ts"
import { simulate } from "./simulation.ts"
import { PROFILE_NAMES } from "./time/fault.ts"

const Task = z.object({
  days: z.number(),
  seed: z.number(),
  profile: z.enum(PROFILE_NAMES),
  rate: z.number(),
  triggerMs: z.number(),
  vendor: z.enum(VENDOR_NAMES),
})

/** What a worker says: how far it is, or what came of a seed. */
export type Report = { share: number } | { run: Run }

export async function timedRun(scenario: Scenario): Promise<Run> {
  const before = process.cpuUsage()
  const outcome = await simulate(scenario)
  const used = process.cpuUsage(before)
  return { seed: scenario.seed, outcome, cpuSeconds: (used.user + used.system) / 1e6 }
}

const say = (report: Report) => void process.send?.(report)

if (process.send) {
  process.on("message", (message) => {
    const progress = (share: number) => say({ share })
    void timedRun({ ...Task.parse(message), progress }).then((run) => say({ run }))
  })
}
