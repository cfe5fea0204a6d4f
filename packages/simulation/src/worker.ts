/** A process of the pool that simulates one seed after another, and says how far it is. */
import { type SeedRun, timedRun } from "./run.ts"
import type { Scenario } from "./scenario.ts"

/** What of a scenario can be sent to another process. */
export type SeedTask = Pick<
  Scenario,
  "days" | "seed" | "profile" | "rate" | "vendor" | "triggerMs" | "start" | "storm" | "nudging"
>

export function work(task: SeedTask): Promise<SeedRun> {
  return timedRun({ ...task, progress: (share) => void process.send?.(share) })
}

// Nobody waits for the result any more.
process.once("disconnect", () => process.exit())
