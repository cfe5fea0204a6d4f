/** Bugs in how requests are counted. */
import { type Mutant, runs } from "./mutant.ts"

const COMMIT = "packages/poller/src/commit.ts"
const BUDGET = "packages/core/src/turn/budget.ts"
const TURN_FILE = "packages/poller/src/turn.ts"
const SCAN = "packages/poller/src/scan.ts"

export const LIMIT: readonly Mutant[] = [
  {
    name: "charged after use",
    why: "A crash may waste requests, but never forget that they were made.",
    edits: [
      {
        file: TURN_FILE,
        from: "return { turn: await change(store, turn, { ring, leaseUntil: now + LEASE_MS }), granted }",
        to: "return { turn: { ...(await change(store, turn, { leaseUntil: now + LEASE_MS })), ring }, granted }",
      },
      {
        file: COMMIT,
        from: "...(ring !== turn.ring && { ring }),",
        to: "...(turn.kind === 'poll' && turn.control.leaseUntil > 0 && { ring }),",
      },
    ],
    caughtBy: runs("stress", 450, 3, 1, 2, 3, 4),
  },
  {
    name: "details are not charged",
    why: "Each request is counted before it is made.",
    edits: [
      {
        file: TURN_FILE,
        from: "const ring = charge(turn.ring, kind, granted)",
        to: 'const ring = charge(turn.ring, kind, kind === "detail" ? 0 : granted)',
      },
    ],
    caughtBy: runs("stress", 450, 3, 1),
  },
  {
    name: "a ring of sixty minutes",
    why: "A request counts for an hour from when the vendor hears of it, not from the minute in which it was charged.",
    edits: [{ file: BUDGET, from: "RING_MINUTES = 62", to: "RING_MINUTES = 60" }],
    caughtBy: "packages/core/src/turn/budget.test.ts",
  },
  {
    name: "polls are not counted",
    why: "The list request of each poll counts although nobody writes it down.",
    edits: [
      {
        file: BUDGET,
        from: "age < fence - rolled.fence",
        to: "age < Math.min(0, fence - rolled.fence)",
      },
    ],
    caughtBy: runs("calm", 450, 6, 1),
  },
  {
    name: "a refund of what has left the minute",
    why: "What is given back is taken from what was charged.",
    edits: [
      {
        file: BUDGET,
        from: "counts[0] = Math.max(0, (counts[0] ?? 0) + count)",
        to: "counts[0] = (counts[0] ?? 0) + count",
      },
    ],
    caughtBy: "packages/core/src/turn/budget.test.ts",
  },
  {
    name: "no limit of a minute",
    why: "The vendor takes a hundred requests a minute and no more.",
    edits: [
      {
        file: BUDGET,
        from: "return Math.min(perHour - usedInHour(ring, kind), PER_MINUTE[kind] - recent)",
        to: "return Math.min(perHour - usedInHour(ring, kind), Math.max(1000, recent))",
      },
    ],
    caughtBy: "packages/core/src/turn/budget.test.ts",
  },
  {
    name: "a list goes on after a 429",
    why: "Nothing is asked before the time that the vendor has named.",
    edits: [
      {
        file: SCAN,
        from: "...(blockedUntil > 0 && { listBlockedUntil: blockedUntil }),",
        to: "",
      },
    ],
    caughtBy: "packages/poller/src/poll.test.ts",
  },
  {
    name: "lists are not charged",
    why: "Each further page is counted before it is asked for.",
    edits: [
      {
        file: TURN_FILE,
        from: "const ring = charge(turn.ring, kind, granted)",
        to: 'const ring = charge(turn.ring, kind, kind === "list" ? 0 : granted)',
      },
    ],
    caughtBy: runs("calm", 450, 6, 1),
  },
  {
    name: "no limit of an hour",
    why: "The vendor takes 500 details an hour and no more.",
    edits: [
      {
        file: BUDGET,
        from: "return Math.min(perHour - usedInHour(ring, kind), PER_MINUTE[kind] - recent)",
        to: "return Math.min(perHour, PER_MINUTE[kind] - recent)",
      },
    ],
    caughtBy: [...runs("calm", 450, 6, 1), ...runs("stress", 450, 3, 2, 3)],
  },
]
