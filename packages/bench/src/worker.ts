/** A process of the pool that makes one run of the benchmarks after another. */
import { runOne } from "./run.ts"

export const work = runOne

// Nobody waits for the result any more.
process.once("disconnect", () => process.exit())
