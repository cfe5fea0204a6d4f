/** Bugs in the outbox: what is claimed, sent, marked, and made again. */
import { type Mutant, inStorm, runs } from "./mutant.ts"

const DELIVERY_FILE = "packages/core/src/alert/delivery.ts"
const SLACK = "packages/io/src/channel/slack.ts"
const OWING = "packages/core/src/alert/owing.ts"
const DELIVER = "packages/poller/src/deliver.ts"
const COUNTER = "packages/poller/src/counter.ts"
const PACER = "packages/poller/src/pacer.ts"
const PACE = "packages/core/src/alert/pace.ts"
const TIMED = "packages/poller/src/timed-store.ts"
const STORE = "packages/io/src/store/memory-call.ts"

export const DELIVERY: readonly Mutant[] = [
  {
    name: "marked before it is sent",
    why: "A delivery is sent only once a channel has taken it.",
    edits: [
      {
        file: COUNTER,
        from: "return next && { ...current, deliveries: next.deliveries }",
        to: 'return next && withDelivery({ ...current, deliveries: next.deliveries }, settle(next.claimed, { kind: "sent" }, world.now(), { roll: 0 }))',
      },
    ],
    caughtBy: runs("default", 60, 12, 1),
  },
  {
    name: "sent without a claim",
    why: "An attempt is counted before it is made, so that a repeat is known to be one.",
    edits: [
      {
        file: COUNTER,
        from: "return next && { ...current, deliveries: next.deliveries }",
        to: "return next && { ...current }",
      },
    ],
    caughtBy: runs("default", 60, 12, 1),
  },
  {
    name: "what is claimed is in no index",
    why: "What a sender took with it when it died is found again.",
    edits: [
      { file: DELIVERY_FILE, from: "? Math.min(delivery.owedAt, delivery.claimedUntil)", to: "? null" },
    ],
    caughtBy: runs("default", 60, 12, 1, 2, 3),
  },
  {
    name: "the state says that nothing is due for an hour",
    why: "The state says when the first of all messages is due.",
    edits: [
      {
        file: "packages/poller/src/outbox.ts",
        from: "Math.max(now, Math.min(next, now + PUT_OFF_MAX_MS))",
        to: "now + PUT_OFF_MAX_MS",
      },
    ],
    caughtBy: runs("default", 150, 4, 191),
  },
  {
    name: "a judgement forgets what people said",
    why: "What people say of an alert stays in its record, whatever the poller writes.",
    edits: [
      {
        file: "packages/core/src/alert/call-record.ts",
        from: "...(known?.acknowledgement && { acknowledgement: known.acknowledgement }),",
        to: "",
      },
    ],
    caughtBy: "packages/poller/src/restate.test.ts",
  },
  {
    name: "a claim of 5 seconds",
    why: "Nobody sends what somebody else may still be sending.",
    edits: [{ file: DELIVERY_FILE, from: "CLAIM_MS = 90 * SECOND", to: "CLAIM_MS = 5 * SECOND" }],
    caughtBy: runs("overlap", 150, 6, 1, 2, 3),
  },
  {
    name: "a claim of 30 seconds",
    why: "Nobody sends what somebody else may still be sending, until that one's time is over.",
    edits: [{ file: DELIVERY_FILE, from: "CLAIM_MS = 90 * SECOND", to: "CLAIM_MS = 30 * SECOND" }],
    caughtBy: runs("overlap", 150, 12, 1, 2, 3, 4),
  },
  {
    name: "a record is overwritten",
    why: "Of two writes that were made on the same record, one is made again.",
    edits: [
      { file: STORE, from: "if ((calls.get(callId)?.version ?? 0) !== expected) return false", to: "" },
    ],
    caughtBy: runs("stress", 60, 12, 1, 2, 3, 4),
  },
  {
    name: "a failed send counts as sent",
    why: "What a channel did not take is sent again.",
    edits: [
      {
        file: DELIVERY_FILE,
        from: 'if (result.kind === "sent") {',
        to: 'if (result.kind !== "refused") {',
      },
    ],
    caughtBy: runs("default", 60, 12, 1),
  },
  {
    name: "a repeat that does not say so",
    why: "A message that may have arrived comes again only with a note.",
    edits: [
      {
        file: DELIVERY_FILE,
        from: "mayRepeat: mayRepeat || (!isRefused && result.mayHaveArrived)",
        to: "mayRepeat",
      },
    ],
    caughtBy: runs("stress", 60, 12, 1),
  },
  {
    name: "a repeat after a crash that does not say so",
    why: "A message whose sender vanished comes again only with a note.",
    edits: [
      {
        file: DELIVERY_FILE,
        from: 'mayRepeat: delivery.mayRepeat || delivery.state === "claimed"',
        to: "mayRepeat: delivery.mayRepeat",
      },
    ],
    caughtBy: runs("stress", 150, 12, 1, 2),
  },
  {
    name: "a channel is owed a call twice",
    why: "A channel is told of a call once, however many rules match.",
    edits: [
      {
        file: OWING,
        from: "else if (isFollowUpOwed(mine, alert, wanted)) {",
        to: 'else if (mine.every(({ state }) => state === "sent")) {',
      },
    ],
    caughtBy: runs("default", 60, 12, 1),
  },
  {
    name: "a page with 200 counts as sent",
    why: "What Slack took, it says with ok.",
    edits: [{ file: SLACK, from: 'word === "ok" || !SLACK_HOSTS.includes(hostname)', to: "true" }],
    caughtBy: [...runs("default", 60, 12, 1, 2, 4, 5), ...runs("stress", 60, 12, 3, 4, 6)],
  },
  {
    name: "worse news is not sent",
    why: "A reason that is worse than what a channel was given is sent to it.",
    edits: [
      { file: OWING, from: "else if (isFollowUpOwed(mine, alert, wanted)) {", to: "else if (false) {" },
    ],
    caughtBy: runs("default", 60, 12, 1),
  },
  {
    name: "a follow-up gives everything again",
    why: "What a channel was given is not sent to it again.",
    edits: [
      { file: OWING, from: "return Math.max(0, ...before.map", to: "return 0 * Math.max(0, ...before.map" },
    ],
    caughtBy: runs("default", 60, 12, 1),
  },
  {
    name: "a channel that is away is owed nothing",
    why: "What a channel was owed when it was taken away is told when it comes back.",
    edits: [
      {
        file: DELIVER,
        from: 'const result = { kind: "retry", why, mayHaveArrived: false, afterMs: HOUR } as const',
        to: 'const result = { kind: "sent" } as const',
      },
    ],
    caughtBy: runs("stress", 60, 12, 303),
  },
  {
    name: "what is due later is forgotten",
    why: "What could not be delivered now is tried again within minutes.",
    edits: [
      {
        file: DELIVER,
        from: "    ...next,\n    isAll,\n    ids,",
        to: "    ...next,\n    isAll,\n    nextDueAt: null,\n    ids,",
      },
    ],
    caughtBy: "packages/poller/src/outbox.test.ts",
  },
  {
    name: "a 429 stops only the message that met it",
    why: "A channel that asks to wait is asked by nobody before its time.",
    edits: [{ file: PACER, from: "if (await write(place, next)) return", to: "if (next) return" }],
    caughtBy: "packages/poller/src/storm.test.ts",
  },
  {
    name: "nobody holds a channel",
    why: "A channel's pace is one, however many processes send to it.",
    edits: [{ file: PACE, from: "heldUntil: now + Math.min(forMs, HOLD_MAX_MS),", to: "heldUntil: 0," }],
    caughtBy: runs("overlap", 150, 6, 1, 2, 3),
  },
  {
    name: "a turn waits for its table",
    why: "A poll is over before the alarm for slow polls rings, however slow the table is.",
    edits: [{ file: TIMED, from: "if (leftMs > REQUEST_MAX_MS) return work()", to: "return work()" }],
    caughtBy: "packages/poller/src/overtime.test.ts",
  },
  {
    name: "a delivery does not say which digest it is in",
    why: "A digest leads to each of its calls, and each of them to the digest.",
    edits: [{ file: OWING, from: "...(digest !== undefined && { digest })", to: "...{}" }],
    caughtBy: inStorm(600, runs("default", 20, 4, 112)),
  },
]
