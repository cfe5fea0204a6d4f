/**
 * One poll: acquire ▸ scan ▸ judge ▸ look closer ▸ keep ▸ commit ▸ deliver. Nothing is sent before it is kept, and
 * the cursor passes a call only after its alert is kept, so that a crash at any line needs no code of its own: the
 * next poll starts from what was kept.
 */
import type { Trouble } from "@earshot/calls-api/answer"
import type { CallsApi } from "@earshot/calls-api/client"
import { affordable, charge, countPolls, type Limits } from "@earshot/core/budget"
import { pickCandidates } from "@earshot/core/candidate"
import { type ControlChange, failureAfter, UNTIL_MS } from "@earshot/core/control"
import { isoOf, MINUTE, SECOND } from "@earshot/core/instant"
import { rulesKey } from "@earshot/core/rule"
import { advance, type Cursor, prune, windowStart } from "@earshot/core/scan"
import type { Watch, WatchedCall } from "@earshot/core/watch"
import type { Channel } from "@earshot/io/channel"
import type { Acquired, Store } from "@earshot/io/store"
import type { World } from "@earshot/io/world"
import { deliverDue } from "./deliver.ts"
import { type Examined, examine } from "./examine.ts"
import { readList } from "./listing.ts"
import { type Memory, recallRules, recallWatch } from "./memory.ts"
import { budgetOf, emptyReport, type PollReport } from "./report.ts"
import { change, chargeTurn, isTooLate, Overtaken, type Turn } from "./turn.ts"

export type PollSetup = {
  api: CallsApi
  channels: readonly Channel[]
  limits: Limits
  /** How far before the very first poll a call may have started and still be told. */
  lookbackMs: number
}

/** The index of what is due is asked this often even if nothing should be, and by each new process. */
const DUE_CHECK_MS = 30 * MINUTE

/** How early a trigger may come and still wait for its turn. */
const EARLY_MAX_MS = 2.5 * SECOND

/**
 * Never rejects for what the vendor or a channel does: that is in the report. Rejects if the store fails, because
 * then nothing can be said; the next poll starts from what was kept.
 */
export async function poll(
  world: World,
  store: Store,
  setup: PollSetup,
  memory: Memory,
): Promise<PollReport> {
  const { limits } = setup
  const calledAt = world.now()
  const acquired = await acquire(world, store, setup)
  const startedAt = world.now()
  const { control } = acquired
  if (acquired.kind === "refused") {
    const ring = countPolls(control.ring, control.fence, limits, startedAt)
    return { ...emptyReport(control, ring, limits), skipped: acquired.why, durationMs: startedAt - calledAt }
  }
  const ring = countPolls(control.ring, control.fence, limits, startedAt)
  const turn: Turn = { control, limits, ring, startedAt }
  try {
    const scanned = await scanAndKeep(world, store, setup, memory, turn)
    const report = await deliver(world, store, setup, memory, scanned)
    return { ...report, durationMs: world.now() - startedAt }
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error
    // What was kept is kept, and what is owed is marked: the poll that has taken over goes on with it.
    memory.watch = null
    const report = emptyReport(control, ring, limits)
    return { ...report, skipped: "overtaken", durationMs: world.now() - startedAt }
  }
}

/** A trigger that comes a moment early waits for the gate instead of being lost. */
async function acquire(world: World, store: Store, { limits, lookbackMs }: PollSetup): Promise<Acquired> {
  const attempt = (now: number) => store.acquire({ now, gateMs: limits.gateMs, since: now - lookbackMs })
  const first = await attempt(world.now())
  if (first.kind === "acquired" || first.why === "busy") return first
  const waitMs = first.control.nextPollAt - world.now()
  if (waitMs > EARLY_MAX_MS) return first
  await world.sleep(Math.max(0, waitMs))
  return attempt(world.now())
}

type AfterScan = { turn: Turn; report: PollReport; keptIds: readonly string[]; mayOwe: boolean }

async function scanAndKeep(
  world: World,
  store: Store,
  { api, channels }: PollSetup,
  memory: Memory,
  opened: Turn,
): Promise<AfterScan> {
  const { control, limits } = opened
  const idle = emptyReport(control, opened.ring, limits)
  const untouched = { turn: opened, report: idle, keptIds: [], mayOwe: false }
  const skipped = skipReason(opened)
  if (skipped) {
    // The poll was counted when it started, but asks nothing.
    const ring = charge(opened.ring, "list", -1)
    await change(store, opened, { ring })
    return {
      ...untouched,
      turn: { ...opened, ring },
      report: { ...idle, skipped, budget: budgetOf(ring, limits) },
    }
  }
  // Without a gate nothing bounds how often polls start, so each is counted before it asks.
  if (limits.gateMs === 0) await change(store, opened, { ring: opened.ring })

  const watch = await recallWatch(store, memory, control)
  const rules = await recallRules(world, store, memory, control)
  const cursor: Cursor = {
    since: control.since,
    watermark: control.watermark ?? control.since,
    resumeAt: control.resumeAt,
  }
  const from = cursor.resumeAt ?? windowStart(cursor, watch)
  let turn = opened
  const listed = await readList(world, api, from, async () => {
    if (isTooLate(world, turn, "list")) return false
    const charged = await chargeTurn(world, store, turn, "list", 1)
    turn = charged.turn
    return charged.granted === 1
  })
  if (listed.trouble && listed.rows.size === 0) {
    const report = await recordTrouble(world, store, turn, listed.trouble, idle)
    return { ...untouched, turn, report, mayOwe: turn !== opened }
  }
  if (listed.trouble) world.log({ level: "warn", event: "list.broken-off", why: listed.trouble.message })

  const scanned = { rows: listed.rows, from, readTo: listed.readTo }
  const candidates = pickCandidates(watch, cursor, scanned, rulesKey(rules), world.now())
  const openCalls = [...watch.calls.values()].filter((call) => call.open).length
  const channelIds = channels.map(({ id }) => id)
  const examined = await examine(
    world,
    store,
    { api, rules, channels: channelIds, turn, openCalls },
    candidates,
  )
  turn = examined.turn
  const readTo = earliest(listed.readTo, examined.leftOverFrom)
  const next = nextState(watch, cursor, examined, { ...scanned, readTo }, rulesKey(rules), world.now())
  const hadLease = turn.ring !== opened.ring
  const committed = await commit(store, turn, {
    memory,
    watch,
    cursor,
    next,
    examined,
    listBlockedUntil: listed.blockedUntil,
    hadLease,
  })

  return {
    turn: { ...turn, ring: committed },
    keptIds: examined.owingIds,
    mayOwe: hadLease,
    report: {
      ...idle,
      listed: listed.rows.size,
      new: candidates.filter((candidate) => candidate.isNew).length,
      unreadable: listed.unreadable,
      details: examined.requests,
      alerts: examined.alerts,
      unexamined: control.unexamined + examined.unexamined,
      watermark: isoOf(next.cursor.watermark),
      budget: budgetOf(committed, limits),
    },
  }
}

/** Why nothing may be listed now; null if something may. */
function skipReason({ control, ring, limits, startedAt }: Turn): "blocked" | "budget" | null {
  if (control.listBlockedUntil > startedAt) return "blocked"
  // This poll's own request is counted already.
  return affordable(ring, "list", limits) < 0 ? "budget" : null
}

function nextState(
  watch: Watch,
  cursor: Cursor,
  examined: Examined,
  scanned: { rows: ReadonlyMap<string, unknown>; readTo: number | null },
  key: string,
  now: number,
): { watch: Watch; cursor: Cursor } {
  const calls = new Map<string, WatchedCall>(watch.calls)
  for (const call of examined.calls) calls.set(call.id, call)
  const seen: Watch = { ...watch, rulesKey: key, calls }
  const next = advance(cursor, seen, scanned.readTo, now)
  return { watch: prune(seen, windowStart(next, seen), new Set(scanned.rows.keys())), cursor: next }
}

/** First the watch, then the cursor: what the cursor has passed is remembered. Returns the ring as it is kept. */
async function commit(
  store: Store,
  turn: Turn,
  {
    memory,
    watch,
    cursor,
    next,
    examined,
    listBlockedUntil,
    hadLease,
  }: {
    memory: Memory
    watch: Watch
    cursor: Cursor
    next: { watch: Watch; cursor: Cursor }
    examined: Examined
    listBlockedUntil: number
    hadLease: boolean
  },
): Promise<Turn["ring"]> {
  const { control } = turn
  const hasWatchChanged =
    examined.calls.some((call) => JSON.stringify(call) !== JSON.stringify(watch.calls.get(call.id))) ||
    next.watch.calls.size !== watch.calls.size ||
    next.watch.rulesKey !== watch.rulesKey
  const ring = examined.unused > 0 ? charge(turn.ring, "detail", -examined.unused) : turn.ring
  const changes: ControlChange = {
    ...(hadLease && { leaseUntil: 0, ring }),
    ...(next.cursor.watermark !== cursor.watermark && { watermark: next.cursor.watermark }),
    ...(next.cursor.resumeAt !== cursor.resumeAt && { resumeAt: next.cursor.resumeAt }),
    ...(listBlockedUntil > 0 && { listBlockedUntil }),
    ...(examined.blockedUntil > 0 && { detailBlockedUntil: examined.blockedUntil }),
    ...(examined.unexamined > 0 && { unexamined: control.unexamined + examined.unexamined }),
    ...(control.failure && { failure: null }),
  }
  if (hasWatchChanged) {
    const written = { ...next.watch, version: watch.version + 1 }
    memory.watch = null
    if (!(await store.writeWatch(written))) throw new Overtaken()
    memory.watch = written
    changes.watchVersion = written.version
  }
  if (Object.keys(changes).length > 0) await change(store, turn, changes)
  return ring
}

/** Writes down why nothing could be listed, for the people who ask after the poller's health. */
async function recordTrouble(
  world: World,
  store: Store,
  turn: Turn,
  trouble: Trouble,
  idle: PollReport,
): Promise<PollReport> {
  const error =
    trouble.kind === "unauthorized" ? `${trouble.message} Check ECHOWIN_API_KEY.` : trouble.message
  await change(store, turn, {
    leaseUntil: 0,
    failure: failureAfter(turn.control.failure, trouble.kind, error, world.now()),
    ...(trouble.kind === "rate-limited" && { listBlockedUntil: trouble.until }),
  })
  world.log({ level: "error", event: "list.failed", kind: trouble.kind, why: error })
  return { ...idle, ok: false, error }
}

/** Delivers what this poll kept and what is due from before, and notes when something will be due again. */
async function deliver(
  world: World,
  store: Store,
  { channels }: PollSetup,
  memory: Memory,
  { turn, report, keptIds, mayOwe }: AfterScan,
): Promise<PollReport> {
  const { control, startedAt } = turn
  const isDue = control.dueAt !== null && control.dueAt <= startedAt
  const isCheck = startedAt - memory.dueCheckedAt >= DUE_CHECK_MS
  if (!isDue && !isCheck && keptIds.length === 0 && !mayOwe) return report
  memory.dueCheckedAt = startedAt
  const deadline = startedAt + UNTIL_MS.send
  const { delivered, failed, pending, nextDueAt } = await deliverDue(world, store, channels, {
    keptIds,
    deadline,
  })
  const marked = mayOwe ? (control.dueAt ?? startedAt) : control.dueAt
  if (nextDueAt !== marked || pending !== control.pending) {
    // If another poll has started, it may have marked something of its own: the mark stays.
    await store.changeControl(control.fence, { dueAt: nextDueAt, pending })
  }
  return { ...report, delivered, failed, pending }
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}
