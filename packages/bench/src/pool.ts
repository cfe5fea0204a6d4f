/** Makes the runs of the benchmarks on every processor. */
import { runInProcesses } from "@earshot/simulation/pool"
import type { BenchRun, RunResult } from "./run.ts"

/** The results, those of the longest runs first. Rejects if a run throws. */
export function makeRuns(runs: readonly BenchRun[], progress: (share: number) => void): Promise<RunResult[]> {
  const total = runs.reduce((sum, run) => sum + workOf(run), 0)
  let made = 0
  return runInProcesses<BenchRun, RunResult>({
    worker: new URL("./worker.ts", import.meta.url),
    // The longest first, so that no process is left alone with one at the end.
    tasks: runs.toSorted((a, b) => workOf(b) - workOf(a)),
    done(run) {
      made += workOf(run)
      progress(made / total)
    },
  })
}

/** Roughly: polls cost something, and calls do. */
function workOf({ hours, rate }: BenchRun): number {
  return hours * (60 + rate)
}
