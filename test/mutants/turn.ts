/** Bugs in how polls keep out of each other's way, and in what they keep first. */
import { after, type Mutant, runs } from "./mutant.ts"

const RULE_MEMORY = "packages/poller/src/memory/rule-memory.ts"
const LOOK_BETWEEN = "packages/poller/src/look-between.ts"
const COMMIT = "packages/poller/src/commit.ts"
const SCAN = "packages/poller/src/scan.ts"
const GATE = "packages/core/src/turn/gate.ts"
const TURN_FILE = "packages/poller/src/turn.ts"
const STORE = "packages/io/src/store/memory-store.ts"

const LEASE_CONDITION = {
  file: GATE,
  from: 'if (control.leaseUntil > now && control.leaseUntil <= leaseMax) return "busy"',
  to: 'if (control.leaseUntil === leaseMax + 1) return "busy"',
}
const FENCE_CONDITION = {
  file: STORE,
  from: "if (control?.fence !== fence) return false",
  to: "if (!control) return false",
}

export const TURN: readonly Mutant[] = [
  {
    name: "past polls beside the longest failure",
    why: "The poller's state stays below a kilobyte, so that an idle poll is one write unit.",
    edits: [
      {
        file: "packages/core/src/turn/past-poll.ts",
        from: "FAILURE_BYTES_MAX - Buffer.byteLength(failure.message) - HEAD_CHARACTERS",
        to: "FAILURE_BYTES_MAX",
      },
    ],
    caughtBy: "packages/core/src/turn/control.test.ts",
  },
  {
    name: "the watch before the records",
    why: "A call that the watch remembers is kept, or a crash in between forgets what it owes.",
    edits: [
      {
        file: SCAN,
        from: "const examined = await examine(world, store, setting, candidates)",
        to: `if (candidates.length > 0) {
          const calls = candidates.map(({ call }) => call)
          const early = { ...watchAfter(watch, { calls } as never, key).watch, version: watch.version + 1 }
          if (await store.writeWatch(early)) {
            setting.turn = await change(store, setting.turn, { watchVersion: early.version })
            state.stored.version = early.version
          }
        }
        const examined = await examine(world, store, setting, candidates)`,
      },
    ],
    caughtBy: runs("stress", 60, 12, 1, 2),
  },
  {
    name: "the cursor before the watch",
    why: "What the cursor has passed is remembered, or nobody follows the calls that are still open.",
    edits: [
      {
        file: COMMIT,
        from: "  } else {\n",
        to: `  } else {
    await change(store, turn, { ...all, leaseUntil: 0, watchVersion: watch.version + 1 })
`,
      },
    ],
    caughtBy: after(2, runs("overlap", 450, 3, 1)),
  },
  {
    name: "the watch is left for good",
    why: "What is left to a later turn is written within a minute, and before the cursor moves.",
    edits: [
      {
        file: COMMIT,
        from: "if (!isAhead || mayLeaveWatch(memory, turn, committed, now)) {",
        to: "if (!isAhead || memory.turn.lastFence !== null || mayLeaveWatch(memory, turn, committed, now)) {",
      },
    ],
    caughtBy: after(2, runs("default", 300, 4, 2, 1, 3)),
  },
  {
    name: "no lease",
    why: "While one poll works, no other begins.",
    edits: [LEASE_CONDITION],
    caughtBy: "packages/io/src/store/store.test.ts",
  },
  {
    name: "no fence",
    why: "A poll that was overtaken writes nothing.",
    edits: [FENCE_CONDITION],
    caughtBy: runs("overlap", 450, 2, 1, 2, 4, 5, 6, 7),
  },
  {
    name: "neither lease nor fence",
    why: "Two polls at once do not undo each other's work.",
    edits: [LEASE_CONDITION, FENCE_CONDITION],
    caughtBy: runs("overlap", 450, 2, 1, 2, 4, 5, 6, 7),
  },
  {
    name: "no gate",
    why: "Polls are a gate apart, which is what bounds the requests that they do not write down.",
    edits: [
      {
        file: GATE,
        from: 'return control.nextPollAt > now && control.nextPollAt <= nextMax ? "early" : null',
        to: "return null",
      },
    ],
    caughtBy: runs("default", 60, 12, 1),
  },
  {
    name: "a turn between polls ignores the lease",
    why: "A look between two polls does not take the turn of a poll that still works.",
    edits: [
      {
        file: STORE,
        from: "if (!control || !isCurrent || control.leaseUntil > now)",
        to: "if (!control || !isCurrent)",
      },
      {
        file: LOOK_BETWEEN,
        from: "if (!isUninterrupted || control.leaseUntil > startedAt) return null",
        to: "if (!isUninterrupted) return null",
      },
    ],
    caughtBy: "packages/io/src/store/store.test.ts",
  },
  {
    name: "an old watch is good enough",
    why: "A process that was idle while another polled reads again what is remembered.",
    edits: [
      {
        file: "packages/poller/src/memory/watch-memory.ts",
        from: "return watch?.version === control.watchVersion ? rightWatch(watch, now) : null",
        to: "return watch && control.fence >= 0 ? rightWatch(watch, now) : null",
      },
    ],
    caughtBy: "packages/poller/src/memory/memory.test.ts",
  },
  {
    name: "the watch of another poll is overwritten",
    why: "Of two polls that remember different things, one gives way.",
    edits: [
      { file: STORE, from: "if ((watch?.version ?? 0) !== next.version - 1) return false", to: "" },
      LEASE_CONDITION,
      FENCE_CONDITION,
    ],
    caughtBy: runs("overlap", 450, 2, 1, 2),
  },
  {
    name: "rules are read once",
    why: "An edit of a rule is in force within minutes.",
    edits: [
      {
        file: RULE_MEMORY,
        from: "return isCurrent ? rules.compiled : null",
        to: "return rules && isCurrent !== null ? rules.compiled : null",
      },
    ],
    caughtBy: runs("default", 60, 12, 1),
  },
  {
    name: "a clock that was wrong keeps the gate",
    why: "A gate that a clock an hour ahead has closed holds nobody up.",
    edits: [
      {
        file: GATE,
        from: "return control.nextPollAt > now && control.nextPollAt <= nextMax ?",
        to: "return control.nextPollAt > now && nextMax > 0 ?",
      },
    ],
    caughtBy: runs("stress", 60, 12, 521),
  },
  {
    name: "nothing is marked before it is kept",
    why: "A poll that vanishes after it has kept an alert leaves a mark that something is owed.",
    edits: [{ file: TURN_FILE, from: "change(store, turn, { dueAt: now })", to: "turn" }],
    caughtBy: "packages/poller/src/outbox.test.ts",
  },
  {
    name: "health by work begun",
    why: "A poll that begins and dies has proven nothing.",
    edits: [
      {
        file: "packages/core/src/turn/health.ts",
        from: "if (now - completedAt <= silenceAfter(",
        to: "if (now - Math.max(completedAt, polledAt) <= silenceAfter(",
      },
    ],
    caughtBy: "packages/poller/src/health.test.ts",
  },
  {
    name: "complete before it has delivered",
    why: "A poll that dies of what it delivers has not completed.",
    edits: [
      {
        file: "packages/poller/src/poll.ts",
        from: "  const delivered = await deliverOwed(",
        to: "  memory.turn.completedAt = worked.isComplete ? world.now() : null\n  const delivered = await deliverOwed(",
      },
    ],
    caughtBy: "packages/poller/src/health.test.ts",
  },
  {
    name: "a fence that does not rise",
    why: "Each poll has a number of its own, by which it learns that it was overtaken.",
    edits: [
      {
        file: STORE,
        from: "        fence: known.fence + 1,\n        nextPollAt",
        to: "        fence: known.fence,\n        nextPollAt",
      },
    ],
    caughtBy: runs("calm", 60, 4, 1),
  },
  {
    name: "marks that nobody waits for",
    why: "A rejection that nobody handles ends the process on Lambda, so that nothing goes on by itself.",
    edits: [
      {
        file: COMMIT,
        from: "await inParallel([...unexamined], MARK_LANES",
        to: "void inParallel([...unexamined], MARK_LANES",
      },
    ],
    caughtBy: "packages/poller/src/rejection.test.ts",
  },
]
