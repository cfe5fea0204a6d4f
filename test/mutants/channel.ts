/** Bugs in where alerts go. */
import { type Mutant, runs } from "./mutant.ts"

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
  {
    name: "the agents of a channel take none of their calls",
    why: "A channel takes the calls of its agents, whoever else hears of them.",
    edits: [
      {
        file: ROUTING,
        from: "(agents.length === 0 || isAmong(agent, agents))",
        to: "agents.length === 0",
      },
    ],
    caughtBy: runs("default", 20, 6, 15),
  },
  {
    name: "what was held comes one by one",
    why: "What quiet hours or a snooze have held is one digest afterwards.",
    edits: [
      {
        file: "packages/core/src/alert/digest.ts",
        from: " || hasRested(delivery, now)",
        to: "",
      },
    ],
    caughtBy: runs("default", 20, 24, 12),
  },
]
