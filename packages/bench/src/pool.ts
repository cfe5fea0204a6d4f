/** Makes the runs of the benchmarks in as many processes as there are processors. */
import { fork } from "node:child_process"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import type { Run, RunResult } from "./run.ts"

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url))

/** The results in no particular order. Rejects if a run throws. */
export async function makeRuns(
  runs: readonly Run[],
  progress: (share: number) => void,
): Promise<RunResult[]> {
  // The longest first, so that no process is left alone with one in the end.
  const waiting = [...runs].sort((a, b) => workOf(a) - workOf(b))
  const total = runs.reduce((sum, run) => sum + workOf(run), 0)
  const results: RunResult[] = []
  let made = 0

  const work = async () => {
    const child = fork(WORKER, { serialization: "advanced", execArgv: ["--import", "tsx"] })
    const isGone = new Promise<never>((_, reject) => {
      child.once("exit", () => reject(new Error("A process of the benchmark has ended; see above.")))
    })
    isGone.catch(() => {})
    try {
      for (let run = waiting.pop(); run; run = waiting.pop()) {
        const answer = new Promise<RunResult>((resolve) => child.once("message", resolve))
        child.send(run)
        results.push(await Promise.race([answer, isGone]))
        made += workOf(run)
        progress(made / total)
      }
    } finally {
      if (child.connected) child.disconnect()
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), runs.length) }, work))
  return results
}

/** Roughly: polls cost something, and calls do. */
function workOf({ hours, rate }: Run): number {
  return hours * (60 + rate)
}
