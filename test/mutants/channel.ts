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
        from: "return fallbackOf(recipients)",
        to: "return []",
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
    name: "what only a deleted channel was owed waits for ever",
    why: "What somebody is owed in a channel that was deleted is told to somebody else.",
    edits: [
      {
        file: "packages/core/src/alert/inheritance.ts",
        from: "if (heirs.length === 0) return null",
        to: "if (heirs.length >= 0) return null",
      },
    ],
    caughtBy: runs("stress", 60, 12, 344),
  },
  {
    name: "who takes a reason only since an edit is said to have had it decided",
    why: "A reason is decided for those that it went to when it was found, whatever people edit before another channel is deleted.",
    edits: [
      {
        file: "packages/core/src/alert/inheritance.ts",
        from: "passedOverFor(alert, told + index) ?? (rule ? to : [])",
        to: "rule ? to : (passedOverFor(alert, told + index) ?? [])",
      },
    ],
    caughtBy: runs("default", 20, 12, 14),
  },
  {
    name: "what was taken back while a process died over its alert is told and stays said",
    why: "What a message gives that is not true any more is taken back after it, whichever attempt arrives.",
    edits: [
      {
        file: "packages/core/src/alert/owing.ts",
        from: "deliveries: [...after, ...withdrawalOwed(after, alert, channel, now)]",
        to: "deliveries: after",
      },
    ],
    caughtBy: "packages/core/src/alert/withdrawal.test.ts",
  },
  {
    name: "what only a deleted channel was owed goes to the fallback, whoever takes it",
    why: "What a deleted channel was owed goes to those that take it now.",
    edits: [
      {
        file: "packages/core/src/alert/inheritance.ts",
        from: "to.length > 0 ? to : fallbackOf(recipients)",
        to: "fallbackOf(recipients)",
      },
    ],
    caughtBy: "packages/core/src/alert/inheritance.test.ts",
  },
  {
    name: "a channel that refuses is said nowhere until it has done so for a quarter of an hour",
    why: "That a channel refuses is said in another one by the second poll that it refuses.",
    edits: [
      {
        file: "packages/core/src/turn/incident.ts",
        from: "(isRefused || now - failingSince >= FAILING_MS)",
        to: "now - failingSince >= FAILING_MS",
      },
    ],
    caughtBy: runs("default", 20, 16, 13, 9),
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
