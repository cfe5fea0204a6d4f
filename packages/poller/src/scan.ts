/** A poll's work: reads the list, judges what is new or has changed, keeps what came of it, and moves the cursor. */
import type { Trouble } from "@earshot/calls-api/answer"
import { MINUTE, earliest } from "@earshot/core/instant"
import { pickCandidates } from "@earshot/core/list/candidate"
import { type Cursor, advance, prune, windowStart } from "@earshot/core/list/cursor"
import { afterOutage, outageBefore, rewound, withoutWatch } from "@earshot/core/list/outage"
import { advanceReview } from "@earshot/core/list/review"
import {
  behindCursor,
  clockNoticeText,
  cursorAtNotice,
  noticeAfter,
  samplesToKeep,
} from "@earshot/core/list/vendor-clock"
import { rulesKey } from "@earshot/core/rule/rule"
import { affordable, areDetailsPlentiful, charge, spareLists } from "@earshot/core/turn/budget"
import { type ControlChange, cursorOf } from "@earshot/core/turn/control"
import { failureAfter, failureAfterList, isDoubtful, withHint } from "@earshot/core/turn/failure"
import type { Watch } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { commit, watchAfter } from "./commit.ts"
import { examine } from "./examine.ts"
import type { Examined } from "./examined.ts"
import { noteLostWatch } from "./incident.ts"
import { isRebuilding } from "./memory/turn-memory.ts"
import { forgetCrowds, forgetReadings, isReviewed } from "./memory/list-memory.ts"
import type { Memory } from "./memory/memory.ts"
import { recallChannels } from "./memory/channel-memory.ts"
import { keepCoverage } from "./memory/coverage-memory.ts"
import { keepPresence } from "./memory/presence-memory.ts"
import { recallRules } from "./memory/rule-memory.ts"
import { recallWatch } from "./memory/watch-memory.ts"
import { type Read, type ReadKind, readForPoll } from "./read-list.ts"
import { type Worked, emptyReport, skippedReport } from "./report.ts"
import { FULL_APPETITE, type PollSetup, SMALL_APPETITE, type Setting } from "./setup.ts"
import { type Turn, change, chargeTurn, mayBegin } from "./turn.ts"

/** That the list was read is written down this often, because each time is a write. */
const READ_AT_EVERY_MS = 10 * MINUTE

/** Throws `Overtaken`. */
export async function scanAndKeep(
  world: World,
  store: Store,
  setup: PollSetup,
  memory: Memory,
  { turn: opened, isUninterrupted }: Pick<Setting, "turn" | "isUninterrupted">,
): Promise<Worked> {
  const reason = skipReason(opened)
  if (reason) {
    // The poll was counted when it started, but asks nothing.
    const turn = await change(store, opened, { ring: charge(opened.ring, "list", -1) })
    return { turn, report: skippedReport(turn, reason), owing: new Map(), isComplete: false }
  }
  // Without a gate nothing bounds how often polls start, so each is counted before it asks.
  const started = setup.limits.gateMs === 0 ? await change(store, opened, { ring: opened.ring }) : opened
  const state = await recallState(world, store, setup, memory, started)
  const { turn: charged, read } = await readCharged(world, store, setup, memory, started, state)
  if (read.kind === "failed") return recordTrouble(world, store, charged, read)
  if (read.brokenOff) world.log({ level: "warn", event: "list.broken-off", why: read.brokenOff.message })

  const { watch, cursor, rules, recipients: channels, key, appetite } = state
  const plenty = { areDetailsPlentiful: areDetailsPlentiful(charged.ring, charged.limits) }
  const candidates = pickCandidates(
    watch,
    cursor,
    { rows: read.rows, from: read.from, isWhole: read.kind === "scan" && read.readTo === null },
    {
      rulesKey: key,
      isReviewed: (id, print) => isReviewed(memory.list, id, print, plenty),
      appearedAfter: (row) => read.appearedAfter?.(row, world.now()) ?? null,
    },
    world.now(),
  )
  const setting = {
    api: setup.api,
    rules,
    channels,
    memory,
    turn: charged,
    isUninterrupted: isUninterrupted && !isRebuilding(memory.turn, world.now()),
    appetite,
  }
  const examined = await examine(world, store, setting, candidates)
  // Calls that did not fit must be listed again.
  if (examined.deferredFrom !== null) forgetCrowds(memory.list)

  const { turn, failure } = await commitScan(world, store, setting, opened, state, read, examined)
  await keepPresence(world, store, memory.presence)
  await keepCoverage(world, store, memory.coverage, { rules, watch, read })
  const isNews = failure !== null && isDoubtful(read)
  if (isNews) logFailure(world, failure.kind, failure.message)
  const report = {
    ...emptyReport(turn),
    ...(isNews && { ok: false, error: failure.message }),
    listed: read.rows.size,
    new: candidates.filter(({ kind }) => kind === "new").length,
    unreadable: read.unreadable,
    details: examined.requests,
    alerts: examined.alerts,
    unexamined: examined.unexamined.size,
  }
  const isComplete = !failure && read.brokenOff === null && examined.deferredFrom === null
  return { turn, report, owing: examined.owing, restated: examined.restated, isComplete }
}

/** What a poll starts from: the watch as it is stored and after an outage, the rules, the cursor. */
type State = Awaited<ReturnType<typeof recallState>>

async function recallState(world: World, store: Store, setup: PollSetup, memory: Memory, turn: Turn) {
  const { control, limits, startedAt } = turn
  const { watch: stored, isDamaged } = await recallWatch(world, store, memory.watch, control)
  if (isDamaged) await noteLostWatch(world, store, memory.turn)
  const outageMs = outageBefore(control, { now: startedAt, gateMs: limits.gateMs })
  const watch = afterOutage(stored, outageMs, startedAt)
  const [rules, { recipients }] = await Promise.all([
    recallRules(world, store, memory.rule, control),
    recallChannels(world, store, setup, memory.channel, turn),
  ])
  const key = rulesKey(rules)
  if (watch.rulesKey !== key) forgetReadings(memory.list)
  const from = isDamaged ? withoutWatch(cursorOf(control)) : cursorOf(control)
  const known = behindCursor(from, control.clockNotice)
  const cursor = outageMs > 0 ? rewound(known, watch, outageMs) : known
  const aheadMs = control.clockNotice?.stampsMs ?? 0
  // Another process may have seen more.
  if (control.stampSamples.length > 0) memory.list.samples = control.stampSamples
  // Somebody took the lease and did not give it back.
  const appetite = control.leaseUntil > 0 ? SMALL_APPETITE : FULL_APPETITE
  const deployed = setup.channels.map(({ id }) => id)
  return { stored, watch, rules, recipients, deployed, key, cursor, appetite, aheadMs }
}

/** Reads the list. Every request but the first is charged before it is made. */
async function readCharged(
  world: World,
  store: Store,
  { api, limits }: PollSetup,
  memory: Memory,
  started: Turn,
  { cursor, watch, appetite, aheadMs }: State,
): Promise<{ turn: Turn; read: Read }> {
  let turn = started
  const { review } = started.control
  const read = await readForPoll(
    world,
    api,
    memory.list,
    { cursor, watch, review, aheadMs },
    {
      appetite,
      spare: () => spareLists(turn.ring, limits),
      mayAsk: async () => {
        if (!mayBegin(world, turn, "list")) return false
        const charged = await chargeTurn(world, store, turn, "list", 1)
        turn = charged.turn
        return charged.granted === 1
      },
    },
  )
  return { turn, read }
}

async function commitScan(
  world: World,
  store: Store,
  { memory, rules }: Setting,
  { control, startedAt }: Turn,
  { stored, watch, cursor, deployed, key, aheadMs }: State,
  read: Exclude<Read, { kind: "failed" }>,
  examined: Examined,
) {
  const seen = watchAfter(watch, examined, key)
  const moved = cursorAfter(cursor, read, examined, seen, world.now() + aheadMs)
  const samples = samplesToKeep(memory.list.samples)
  const notice = noticeAfter(
    control.clockNotice,
    { samples: memory.list.samples, serverAheadMs: read.serverAheadMs },
    world.now(),
  )
  if (notice && notice !== control.clockNotice)
    world.log({ level: "warn", event: "list.clock", why: clockNoticeText(notice) })
  const next = cursorAtNotice(moved, { before: control.clockNotice, after: notice }, world.now())
  const failure = failureAfterList(control.failure, read, world.now())
  const { reviewed } = read
  const changes: ControlChange = {
    ...(startedAt - control.readAt >= READ_AT_EVERY_MS && { readAt: startedAt }),
    // The first list that is read settles from when on calls may raise alerts.
    ...(control.watermark === null && { since: control.since }),
    ...(next.watermark !== control.watermark && { watermark: next.watermark }),
    ...(next.resumeAt !== control.resumeAt && { resumeAt: next.resumeAt }),
    ...(reviewed && { review: reviewAfter(control.review, reviewed, examined) }),
    ...(read.blockedUntil > 0 && { listBlockedUntil: read.blockedUntil }),
    ...(deployed.join() !== control.channels?.join() && { channels: deployed }),
    ...(failure !== control.failure && { failure }),
    ...(notice !== control.clockNotice && { clockNotice: notice }),
    ...(String(samples) !== String(control.stampSamples) && { stampSamples: samples }),
  }
  const nextWatch = prune(seen, windowStart(next, seen))
  const turn = await commit(world, store, memory, examined, { watch: stored, nextWatch, changes, rules })
  return { turn, failure }
}

/** Only a scan moves the cursor, and never past a call that was deferred. */
function cursorAfter(
  cursor: Cursor,
  read: ReadKind,
  { deferredFrom }: Examined,
  watch: Watch,
  now: number,
): Cursor {
  return read.kind === "scan" ? advance(cursor, watch, earliest(read.readTo, deferredFrom), now) : cursor
}

function reviewAfter(
  review: Turn["control"]["review"],
  { pass, readTo, until }: NonNullable<Read["reviewed"]>,
  { deferredFrom }: Examined,
) {
  return advanceReview(review, pass, earliest(readTo, deferredFrom), until)
}

/** Why nothing may be listed now; null if something may. */
function skipReason({ control, ring, limits, startedAt }: Turn): "blocked" | "budget" | null {
  if (control.listBlockedUntil > startedAt) return "blocked"
  // This poll's own request is counted already.
  return affordable(ring, "list", limits) < 0 ? "budget" : null
}

/** Writes down why nothing could be listed, for the people who ask after the poller's health. */
async function recordTrouble(
  world: World,
  store: Store,
  charged: Turn,
  { trouble, blockedUntil }: { trouble: Trouble; blockedUntil: number },
): Promise<Worked> {
  const error = withHint(trouble)
  const turn = await change(store, charged, {
    leaseUntil: 0,
    failure: failureAfter(charged.control.failure, trouble.kind, error, world.now()),
    ...(blockedUntil > 0 && { listBlockedUntil: blockedUntil }),
  })
  logFailure(world, trouble.kind, error)
  return { turn, report: { ...emptyReport(turn), ok: false, error }, owing: new Map(), isComplete: false }
}

function logFailure(world: World, kind: string, why: string): void {
  world.log({ level: "error", event: "list.failed", kind, why })
}
