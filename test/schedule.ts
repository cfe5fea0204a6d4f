/** In what order files of tests run, and which of them must not share a process. */
import type { TestSequencer, TestSpecification } from "vitest/node"

/** They set variables that a module reads once, when it is loaded. Every other file shares its modules. */
export const ALONE = [
  "packages/functions/src/config.test.ts",
  "packages/local/src/doctor/checkup.test.ts",
  "packages/local/src/embedded.test.ts",
  "packages/local/src/transcript.test.ts",
  "packages/local/src/proxy.test.ts",
  "packages/local/src/tick.test.ts",
  "packages/local/src/heartbeat.test.ts",
  "packages/local/src/flood.test.ts",
  "packages/local/src/hanging.test.ts",
]

/** What takes longest, longest first. The rest takes seconds. A name that fits no file does no harm. */
const LONGEST = [
  "simulation/src/emulator.test.ts",
  "simulation/src/days-quiet.test.ts",
  "simulation/src/days-busy.test.ts",
  "simulation/src/days-usual.test.ts",
  "local/src/command/poll.test.ts",
  "simulation/src/simulation.test.ts",
  "api/src/generated-request.test.ts",
  "bench/src/pool.test.ts",
  "simulation/src/vendor/emulated-vendor.test.ts",
  "simulation/src/simulate.test.ts",
]

/** Starts what takes longest first, so that no processor is idle at the end. By itself, Vitest starts the largest file. */
export class LongestFirst implements TestSequencer {
  shard(files: TestSpecification[]): TestSpecification[] {
    return files
  }

  /** Files of one project stay together: a thread is kept only if the next file is of the same project. */
  sort(files: TestSpecification[]): TestSpecification[] {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(`packages/${name}`))
      return place < 0 ? LONGEST.length : place
    }
    const order = (a: TestSpecification, b: TestSpecification) =>
      a.project.name.localeCompare(b.project.name) || rank(a) - rank(b)
    return [...files].sort(order)
  }
}
