/** Bugs in what is kept of when things were learnt, and in what is made of it. */
import { type Mutant, runs } from "./mutant.ts"

const REPLAY = "packages/core/src/preview/replay.ts"

export const PREVIEW: readonly Mutant[] = [
  {
    name: "a verdict waits for the poller",
    why: "What people say of an alert counts for its rule's precision at once.",
    edits: [
      {
        file: "packages/core/src/receipt/precision.ts",
        from: ", ...(alerts.length > 0 && { alerts })",
        to: "",
      },
    ],
    caughtBy: "packages/api/src/route/precision.test.ts",
  },
  {
    name: "a preview judges with hindsight",
    why: "A preview says what the engine would have done by what was known then.",
    edits: [{ file: REPLAY, from: "return knownAtEach(record) ?? [{", to: "return [{" }],
    caughtBy: runs("stress", 30, 12, 13),
  },
  {
    name: "a preview guesses what is not kept",
    why: "What depends on what is not kept is said to be untold.",
    edits: [{ file: REPLAY, from: "return !verdict || wasAsked() ? null", to: "return !verdict ? null" }],
    caughtBy: "packages/core/src/preview/preview.test.ts",
  },
]
