/**
 * How the tests run: `unit` needs nothing but the packages, `alone` also changes its own process, `infra` needs SST's
 * platform, and `browser` a Chromium.
 */
import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { ALONE, LongestFirst } from "./test/schedule.ts"

/** What hangs ends. A test of seconds may take a minute where other things run. */
const shared = { testTimeout: 180_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    // Vitest would leave one processor idle, which is half of a small machine; and some tests wait for processes that they have started.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "test/*.test.ts"],
          exclude: ALONE,
          // Modules are loaded once in each thread, not once for each file: half of what most files cost.
          pool: "threads",
          isolate: false,
        },
      },
      { test: { ...shared, name: "alone", include: ALONE } },
      // One after another in one process, so that what a deploy registers is computed once for all of them.
      {
        test: {
          ...shared,
          name: "infra",
          include: ["test/infra/**/*.test.ts"],
          isolate: false,
          fileParallelism: false,
          unstubEnvs: true,
        },
      },
      { test: { ...shared, name: "browser", include: ["test/browser/**/*.test.ts"] } },
    ],
  },
})
