/** Bugs in where alerts go. */
import type { Mutant } from "./mutant.ts"

const ROUTING = "packages/core/src/alert/routing.ts"

export const CHANNEL: readonly Mutant[] = [
  {
    name: "what no channel takes goes to nobody",
    why: "An alert is never owed to nobody.",
    edits: [
      {
        file: ROUTING,
        from: "return idsOf(takers.length > 0 ? takers : fallbackAmong(all))",
        to: "return idsOf(takers)",
      },
    ],
    caughtBy: "packages/core/src/alert/routing.test.ts",
  },
]
