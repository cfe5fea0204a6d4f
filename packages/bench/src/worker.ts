/** A process of the benchmarks: the parent sends runs, one after the other, and gets their results. */
import { type Run, runOne } from "./run.ts"

process.on("message", (run: Run) => {
  void runOne(run).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
      process.exit(1)
    },
  )
})

process.on("disconnect", () => process.exit())
