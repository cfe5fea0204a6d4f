/** Bugs in the coverage receipt. */
import { type Mutant, runs } from "./mutant.ts"

export const COVERAGE: readonly Mutant[] = [
  {
    name: "what was checked is not noted",
    why: "On a calm day the receipt counts every call as checked.",
    edits: [
      {
        file: "packages/poller/src/memory/coverage-memory.ts",
        from: "memory.notes.set(note.key, note)",
        to: "memory.notes.delete(note.key)",
      },
    ],
    caughtBy: runs("calm", 20, 11, 1),
  },
]
