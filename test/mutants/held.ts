/** Bugs in daily briefs, and in what snoozes hold back. */
import { type Mutant, after, runs } from "./mutant.ts"

const STATE = "packages/core/src/receipt/brief-state.ts"
const RECEIPT = "packages/core/src/receipt/receipt.ts"
const RESTING = "packages/poller/src/resting.ts"

export const HELD: readonly Mutant[] = [
  {
    name: "a brief is sent however late its turn is",
    why: "A brief is sent only while it can still be noted that it was, or it comes again.",
    edits: [
      {
        file: "packages/poller/src/brief.ts",
        from: "if (!(await pacer.mayStart())) return giveUp",
        to: "if (memory.briefs.size < 0) return giveUp",
      },
    ],
    caughtBy: runs("overlap", 30, 12, 2008),
  },
  {
    name: "a brief that was sent is due again",
    why: "A daily brief comes once a day.",
    edits: [
      {
        file: STATE,
        from: "if (state.day > day || (state.day === day && state.isSent)) return false",
        to: "if (state.day > day) return false",
      },
    ],
    caughtBy: runs("calm", 20, 1, 8),
  },
  {
    name: "every brief tells of a whole day",
    why: "A daily brief tells of the hours since the last one.",
    edits: [
      { file: STATE, from: "from: isKnown ? hourOf(toldTo) : to - 24 * HOUR", to: "from: to - 24 * HOUR" },
    ],
    caughtBy: runs("calm", 5, 13, 21),
  },
  {
    name: "a brief counts a call for each rule",
    why: "The alerts of a brief are as many as the calls that people were alerted to.",
    edits: [
      { file: RECEIPT, from: "alerts: new Set([...alerts].map(keyIn)).size", to: "alerts: alerts.size" },
    ],
    caughtBy: runs("calm", 20, 6, 12),
  },
  {
    name: "a brief says nothing of a gap",
    why: "A time in which nobody read the list is said.",
    edits: [
      {
        file: "packages/poller/src/poll.ts",
        from: "if (isGap) await store.noteGap({ from: control.completedAt, to: now })",
        to: "",
      },
    ],
    caughtBy: after(2, runs("calm", 5, 13, 21)),
  },
  {
    name: "a snoozed channel is sent its brief",
    why: "A snoozed channel is sent nothing but tests.",
    edits: [
      {
        file: "packages/poller/src/brief.ts",
        from: "brief && snoozedUntil(channel, world.now()) === null",
        to: "brief",
      },
    ],
    caughtBy: runs("default", 5, 12, 76),
  },
  {
    name: "the snooze of a rule holds nothing",
    why: "What a snoozed rule alone would say is held.",
    edits: [
      {
        file: RESTING,
        from: "return restUntil(channel, news, snoozed, now)",
        to: "return restUntil(channel, news, new Map(), now)",
      },
    ],
    caughtBy: runs("calm", 20, 6, 14),
  },
  {
    name: "what a snooze held waits for its time, though it is ended",
    why: "What need not wait any more once a snooze is ended is sent with one of the next polls.",
    edits: [
      {
        file: RESTING,
        from: "if (until < (delivery.restUntil ?? 0)) record",
        to: "if (until < 0) record",
      },
    ],
    caughtBy: runs("calm", 20, 6, 23),
  },
]
