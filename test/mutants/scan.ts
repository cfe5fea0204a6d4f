/** Bugs in how the list is read: what the cursor passes, where a scan goes on, and what is read again. */
import { after, type Mutant, runs } from "./mutant.ts"

const CROWD = "packages/core/src/list/crowd.ts"
const PAGE = "packages/core/src/list/page.ts"
const PLAN = "packages/core/src/list/plan.ts"
const HORIZON = "packages/core/src/horizon.ts"
const SCAN_FILE = "packages/core/src/list/cursor.ts"
const REVIEW = "packages/core/src/list/review.ts"
const CANDIDATE = "packages/core/src/list/candidate.ts"
const SCAN_POLL = "packages/poller/src/scan.ts"
const EXAMINE = "packages/poller/src/examine.ts"
const COMMIT = "packages/poller/src/commit.ts"

export const SCAN: readonly Mutant[] = [
  {
    name: "done at first sight",
    why: "A call that changes after it was first seen is judged again.",
    edits: [
      {
        file: CANDIDATE,
        from: "const hasChanged = known?.fingerprint !== seen",
        to: "const hasChanged = !known",
      },
    ],
    caughtBy: runs("default", 60, 12, 1),
  },
  {
    name: "no overlap",
    why: "A call that the list shows minutes after its start is found.",
    edits: [{ file: HORIZON, from: "LATE_MS = 5 * MINUTE", to: "LATE_MS = 0" }],
    caughtBy: "packages/core/src/list/coverage.test.ts",
  },
  {
    name: "a watermark by our own clock",
    why: "The watermark comes from what the vendor has shown, whatever time it is here.",
    edits: [
      {
        file: SCAN_FILE,
        from: "let watermark = newest - LATE_MS",
        to: "let watermark = now - LATE_MS",
      },
    ],
    caughtBy: "packages/core/src/list/cursor.test.ts",
  },
  {
    name: "a watermark that waits for no open call",
    why: "A call is listed while it is open, so that its end is noticed there.",
    edits: [
      {
        file: SCAN_FILE,
        from: "if (call.startedAt > newest - WAIT_MS) watermark = Math.min(watermark, call.startedAt)",
        to: "void call",
      },
    ],
    caughtBy: runs("calm", 60, 4, 1),
  },
  {
    name: "a watermark moved by a fresh page",
    why: "The watermark moves only over what was read completely.",
    edits: [
      {
        file: SCAN_POLL,
        from: 'return read.kind === "scan" ? advance(cursor, watch, earliest(read.readTo, deferredFrom), now) : cursor',
        to: 'return advance(cursor, watch, earliest(read.kind === "scan" ? read.readTo : null, deferredFrom), now)',
      },
    ],
    caughtBy: after(5, runs("calm", 450, 7, 1)),
  },
  {
    name: "a watermark that passes an unread page",
    why: "The watermark moves only as far as a scan has come.",
    edits: [
      {
        file: SCAN_FILE,
        from: "if (readTo !== null) watermark = Math.min(watermark, readTo)",
        to: "",
      },
    ],
    caughtBy: after(5, runs("calm", 450, 7, 1)),
  },
  {
    name: "calls that are deferred are passed",
    why: "The cursor waits for a call that a poll had no time to judge.",
    edits: [
      {
        file: EXAMINE,
        from: "if (hasChanged(candidate)) examined.deferredFrom = ",
        to: "if (!hasChanged(candidate)) examined.deferredFrom = ",
      },
    ],
    caughtBy: "packages/poller/src/review.test.ts",
  },
  {
    name: "no end to judging",
    why: "What was judged is kept before the poll's time is over, however slow the rules are.",
    edits: [{ file: EXAMINE, from: 'if (!mayBegin(world, turn, "judge")) {', to: "if (!turn) {" }],
    caughtBy: "packages/poller/src/examine.test.ts",
  },
  {
    name: "a scan that never goes on",
    why: "A window longer than a page is read to its end.",
    edits: [{ file: PLAN, from: "from: cursor.resumeAt ?? start", to: "from: start" }],
    caughtBy: runs("calm", 450, 6, 1),
  },
  {
    name: "a scan that never begins anew",
    why: "What was read once is read again in turn, because it may have changed.",
    edits: [
      {
        file: SCAN_FILE,
        from: "if (readTo === null) return { since: cursor.since, watermark, resumeAt: null }",
        to: "if (readTo === null) return { since: cursor.since, watermark, resumeAt: cursor.resumeAt }",
      },
      {
        file: SCAN_FILE,
        from: "const isNear = readTo >= now - LATE_MS && readTo <= now + DATED_AHEAD_MAX_MS",
        to: "const isNear = false",
      },
    ],
    caughtBy: runs("calm", 450, 6, 1),
  },
  {
    name: "a page begins after the last row",
    why: "Whether the vendor's bound is inclusive is not known, and calls may start at one instant.",
    edits: [
      {
        file: PAGE,
        from: "newest - SAME_START_MS + 1",
        to: "newest + 2",
      },
    ],
    caughtBy: after(3, runs("stress", 150, 6, 1, 2)),
  },
  {
    name: "more calls at one instant than a page holds",
    why: "A scan gets past any number of calls that start together.",
    edits: [{ file: CROWD, from: "{ ...query, page: query.page + 1 }", to: "query" }],
    caughtBy: "packages/poller/src/poll.test.ts",
  },
  {
    name: "old calls are read once",
    why: "A flag that somebody sets hours later is told.",
    edits: [
      {
        file: REVIEW,
        from: "if (from === null && waitedMs < soonestMs) continue",
        to: "if (from === null && (startedAt > 0 || waitedMs < soonestMs)) continue",
      },
    ],
    caughtBy: runs("default", 150, 12, 1),
  },
  {
    name: "old calls are never compared again",
    why: "A call that differs from its record is judged again, however old it is.",
    edits: [
      {
        file: "packages/poller/src/memory/list-memory.ts",
        from: "return known?.fingerprint === fingerprint && ",
        to: "return known !== undefined && (known.fingerprint === fingerprint || true) && ",
      },
    ],
    caughtBy: runs("calm", 60, 48, 1, 2),
  },
  {
    name: "a watermark that moves back",
    why: "What was passed once is passed for good.",
    edits: [{ file: SCAN_FILE, from: "  watermark = Math.max(cursor.watermark, watermark)\n", to: "" }],
    caughtBy: runs("calm", 60, 4, 1),
  },
  {
    name: "open calls are forgotten",
    why: "A call is remembered until every rule is decided, however old it is.",
    edits: [
      {
        file: SCAN_FILE,
        from: "if (call.open || call.startedAt >= earliest) calls.set",
        to: "if (call.startedAt >= earliest) calls.set",
      },
    ],
    caughtBy: runs("calm", 450, 6, 1),
  },
  {
    name: "calls that start together are not counted",
    why: "Of more calls with one start than a page holds none is passed over, in whatever order pages show them.",
    edits: [
      {
        file: CROWD,
        from: "keys.size < crowd.rows && crowd.rounds < ROUNDS_MAX",
        to: "crowd.rounds < 0",
      },
    ],
    caughtBy: runs("stress", 150, 36, 19),
  },
  {
    name: "a backlog is read in strides that kill",
    why: "After a poll that vanished the next takes one page of a backlog, so that it ends.",
    edits: [
      {
        file: SCAN_POLL,
        from: "control.leaseUntil > 0 ? SMALL_APPETITE : FULL_APPETITE",
        to: "control.leaseUntil < 0 ? SMALL_APPETITE : FULL_APPETITE",
      },
    ],
    caughtBy: "packages/poller/src/appetite.test.ts",
  },
  {
    name: "an outage is not noticed",
    why: "What an outage kept from being seen is seen after it, and its hours are no reason to give up a call.",
    edits: [
      {
        file: SCAN_POLL,
        from: "const outageMs = outageBefore(control, { now: startedAt, gateMs: limits.gateMs })",
        to: "const outageMs = outageBefore(control, { now: startedAt, gateMs: limits.gateMs }) * 0",
      },
    ],
    caughtBy: "packages/poller/src/poll.test.ts",
  },
  {
    name: "a decided call is judged without its record",
    why: "After an edit of a rule what was examined is not said to be unexamined, and is not fetched again.",
    edits: [
      {
        file: EXAMINE,
        from: 'const wasDecided = (kind === "changed" || kind === "due") && call.open === null',
        to: 'const wasDecided = kind === "new" && call.open === null',
      },
    ],
    caughtBy: runs("stress", 300, 15, 9),
  },
  {
    name: "a call is given up unread",
    why: "What a poll kept before it died is known before the call is counted as unexamined.",
    edits: [
      {
        file: COMMIT,
        from: "unexamined.delete(id)",
        to: "unexamined.add(id)",
      },
    ],
    caughtBy: runs("stress", 300, 15, 9),
  },
]
