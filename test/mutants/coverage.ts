/** Bugs in the coverage receipt and the daily brief. */
import type { Mutant } from "./mutant.ts"

const RECEIPT = "packages/core/src/receipt/receipt.ts"
const HOUR_FILE = "packages/core/src/receipt/hour.ts"
const POLL = "packages/poller/src/poll.ts"

export const COVERAGE: readonly Mutant[] = [
  {
    name: "an open call counts as checked",
    why: "The receipt never says more than was done.",
    edits: [{ file: RECEIPT, from: "if (isOpen(key)) count.waiting++", to: "if (false) count.waiting++" }],
    caughtBy: "packages/core/src/receipt/receipt.test.ts",
  },
  {
    name: "a stale note takes others out",
    why: "If somebody else may have noted the same call since, what says less of it stands.",
    edits: [{ file: HOUR_FILE, from: "if (isStale) continue", to: "if (false) continue" }],
    caughtBy: "packages/core/src/receipt/receipt.test.ts",
  },
  {
    name: "a gap is not noted",
    why: "A time in which nobody read the list is said.",
    edits: [{ file: POLL, from: "if (isGap) await", to: "if (!isGap) await" }],
    caughtBy: "packages/poller/src/memory/coverage-memory.test.ts",
  },
]
