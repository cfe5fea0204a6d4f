/** That runs in other processes are the runs that were asked for. */
import { expect, test } from "vitest"
import { makeRuns } from "./pool.ts"
import { type BenchRun, runOne } from "./run.ts"

const run = (seed: number): BenchRun => ({ kind: "latency", rate: 20, seed, hours: 0.5 })

test("what is no number comes back as such", async () => {
  // In so short a time there is no call whose openness could be measured.
  const [result] = await makeRuns([{ ...run(1), hours: 0.001 }], () => {})
  expect(result?.latency?.openMs).toBeNaN()
})

test("each run is made once, in a process as here", async () => {
  const shares: number[] = []
  const results = await makeRuns([run(1), run(2), run(3)], (share) => shares.push(share))
  expect(results.map((result) => result.run.seed).sort((a, b) => a - b)).toEqual([1, 2, 3])
  expect(results.find((result) => result.run.seed === 2)).toEqual(await runOne(run(2)))
  expect(shares).toEqual([1 / 3, 2 / 3, 1])
})
