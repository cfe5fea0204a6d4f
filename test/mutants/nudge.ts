/** Bugs in what nudges do and what they may use. */
import { type Mutant, runs } from "./mutant.ts"

const NUDGED_LOOK = "packages/poller/src/nudged-look.ts"
const UNLISTED = "packages/poller/src/unlisted-call.ts"
const NUDGE_MEMORY = "packages/poller/src/memory/nudge-memory.ts"
const ASSESSMENT = "packages/core/src/detail/assessment.ts"

const TESTS = "packages/poller/src/nudged-look.test.ts"

export const NUDGE: readonly Mutant[] = [
  {
    name: "nudges take every detail",
    why: "A leaked secret burns a fifth of the hour's details, and no more.",
    edits: [
      {
        file: NUDGED_LOOK,
        from: "details: Math.min(appetite.details, details)",
        to: "details: appetite.details + 0 * details",
      },
    ],
    caughtBy: runs("stress", 60, 8, 13),
  },
  {
    name: "nudges ask twice for the last detail",
    why: "What calls of the list have used of the nudges' part is not there for those that no list has shown.",
    edits: [
      { file: NUDGED_LOOK, from: "withinPart(examined.turn)", to: "{ ...setting, turn: examined.turn }" },
    ],
    caughtBy: runs("overlap", 20, 12, 2007),
  },
  {
    name: "a call that no list has shown moves the cursor",
    why: "The cursor hears of a call from the list alone, however soon a nudge has shown it.",
    edits: [
      {
        file: UNLISTED,
        from: "  examined.calls = calls\n",
        to: "  examined.calls.push(...calls)\n",
      },
    ],
    caughtBy: TESTS,
  },
  {
    name: "the detail of an id that no list has shown is counted nowhere",
    why: "A request is charged before it is made, even for a call that only a nudge has named.",
    edits: [
      {
        file: UNLISTED,
        from: 'chargeTurn(world, store, examined.turn, "detail", planned.length)',
        to: 'chargeTurn(world, store, examined.turn, "detail", 0)',
      },
    ],
    caughtBy: runs("stress", 60, 8, 13),
  },
  {
    name: "nudges take every list",
    why: "Of the lists that polls leave, nudges take a fifth.",
    edits: [
      {
        file: NUDGED_LOOK,
        from: 'nudgeAllowance(control.nudges, "list", limits, now) > 0',
        to: 'nudgeAllowance(control.nudges, "list", limits, now) > -1',
      },
    ],
    caughtBy: runs("stress", 60, 8, 13),
  },
  {
    name: "a guess wears a call out",
    why: "A nudge that names a call is not refused because others, which named none, had it looked at.",
    edits: [
      {
        file: NUDGED_LOOK,
        from: "noteAsked(memory.nudge, ids, target.named, world.now())",
        to: "noteAsked(memory.nudge, ids, new Set(ids), world.now())",
      },
    ],
    caughtBy: TESTS,
  },
  {
    name: "a call is worn out for good",
    why: "A call that was named too often is looked at again some minutes later.",
    edits: [
      {
        file: NUDGE_MEMORY,
        from: "if (Math.abs(now - known.from) < NAMED_MS && known.named >= NAMED_MAX)",
        to: "if (known.named >= NAMED_MAX)",
      },
    ],
    caughtBy: TESTS,
  },
  {
    name: "a score that is no news",
    why: "Once the list shows a score, its call is looked at at once, whatever a nudge has shown of it before.",
    edits: [
      {
        file: ASSESSMENT,
        from: "return row.score !== null || row.flagged",
        to: "return row.flagged",
      },
    ],
    caughtBy: TESTS,
  },
]
