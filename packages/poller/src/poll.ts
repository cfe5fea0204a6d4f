/**
 * One poll: acquire ▸ scan ▸ judge ▸ look closer ▸ keep ▸ commit ▸ deliver. Nothing is sent before it is kept, and
 * the cursor passes a call only after its alert is kept, so that a crash at any line needs no code of its own: the
 * next poll starts from what was kept. A trigger between two polls lists nothing, and looks closer at open calls.
 */
import type { Trouble } from "@earshot/calls-api/answer"
import type { CallsApi } from "@earshot/calls-api/client"
import { MINUTE, SECOND } from "@earshot/core/instant"
import { pickCandidates, pickProbes } from "@earshot/core/list/candidate"
import { type Cursor, advance, prune, windowStart } from "@earshot/core/list/cursor"
import { afterOutage, outageBefore, rewound } from "@earshot/core/list/outage"
import { type Review, advanceReview } from "@earshot/core/list/review"
import { rulesKey } from "@earshot/core/rule/rule"
import { type Limits, affordable, charge, countPolls, spareLists } from "@earshot/core/turn/budget"
import { type ControlChange, cursorOf, withoutFuture } from "@earshot/core/turn/control"
import { failureAfter, failureAfterList, withHint } from "@earshot/core/turn/failure"
import { type Watch, closeOldest, hasChangedMore, withCalls } from "@earshot/core/watch/watch"
import type { Channel } from "@earshot/io/channel/channel"
import type { Acquired, Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Examined, type Setting, examine, hasPlenty } from "./examine.ts"
import { type Memory, recallRules, recallWatch, rememberReviewed, rememberedRules } from "./memory/memory.ts"
import { deliverOwed } from "./outbox.ts"
import { type Read, readForPoll } from "./read-list.ts"
import { type PollReport, emptyReport } from "./report.ts"
import { Overtaken, type Turn, change, chargeTurn, isTooLate } from "./turn.ts"

export type PollSetup = {
  api: CallsApi
  channels: readonly Channel[]
  limits: Limits
  /** How far before the very first poll a call may have started and still be told. */
  lookbackMs: number
}

/** That the list was read is written down so often, because each time is a write. */
const READ_AT_EVERY_MS = 10 * MINUTE

/** How early a trigger may come and still wait for its turn. */
const EARLY_MAX_MS = 2.5 * SECOND

/**
 * Open calls that are remembered at most; with more, those that ended longest ago are given up. With as many decided calls
 * beside them as there may be the watch stays below 350 KB.
 */
export const OPEN_CALLS_MAX = 1000

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
  const acquired = knownToBeEarly(memory, limits, calledAt) ?? (await acquire(world, store, setup))
  const startedAt = world.now()
  const control = withoutFuture(acquired.control, { since: startedAt - setup.lookbackMs, now: startedAt })
  const ring = countPolls(control.ring, control.fence, limits, startedAt)
  const isBetween = acquired.kind === "refused"
  if (isBetween) memory.control = control
  const turn: Turn = { control, limits, ring, startedAt, isBetween, hasLease: false }
  if (isBetween && acquired.why === "busy") {
    return { ...emptyReport(turn), skipped: "busy", durationMs: startedAt - calledAt }
  }
  const isUninterrupted = memory.lastFence === (isBetween ? control.fence : control.fence - 1)
  if (!isUninterrupted) memory.records.clear()
  try {
    const work = isBetween ? lookBetween : scanAndKeep
    const worked = await work(world, store, setup, memory, { turn, isUninterrupted })
    if (worked) {
      memory.control = worked.turn.control
      memory.lastFence = worked.turn.control.fence
    }
    const report = worked
      ? { ...worked.report, ...(await deliverOwed(world, store, setup.channels, memory, worked)) }
      : emptyReport(turn)
    if (isBetween) return { skipped: "early", ...report, durationMs: world.now() - calledAt }
    return { ...report, durationMs: world.now() - startedAt }
  } catch (error) {
    // What was counted of the list may not have been kept.
    memory.crowds.clear()
    // What was kept is kept, and what is owed is marked: the poll that has taken over goes on with it. But that one may have looked for it before it was kept, and taken the mark away.
    memory.dueCheckedAt = 0
    if (!(error instanceof Overtaken)) throw error
    return { ...emptyReport(turn), skipped: "overtaken", durationMs: world.now() - startedAt }
  }
}

/** The gate only ever closes for longer: while this process knows it to be closed, nobody has to be asked. */
function knownToBeEarly({ control }: Memory, { gateMs }: Limits, now: number): Acquired | null {
  if (!control) return null
  const waitMs = control.nextPollAt - now
  return waitMs > EARLY_MAX_MS && waitMs <= gateMs ? { kind: "refused", why: "early", control } : null
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

/** `owingIds`: calls with a delivery that this poll has made due. */
type Worked = { turn: Turn; report: PollReport; owingIds: readonly string[] }

async function scanAndKeep(
  world: World,
  store: Store,
  setup: PollSetup,
  memory: Memory,
  { turn: opened, isUninterrupted }: Pick<Setting, "turn" | "isUninterrupted">,
): Promise<Worked> {
  const { control, limits } = opened
  const skipped = skipReason(opened)
  if (skipped) {
    // The poll was counted when it started, but asks nothing.
    const ring = charge(opened.ring, "list", -1)
    const turn = await change(store, opened, { ring })
    return { turn, report: { ...emptyReport(turn), skipped }, owingIds: [] }
  }
  // Without a gate nothing bounds how often polls start, so each is counted before it asks.
  let turn = limits.gateMs === 0 ? await change(store, opened, { ring: opened.ring }) : opened

  const stored = await recallWatch(store, memory, control)
  const outageMs = outageBefore(control, { now: opened.startedAt, gateMs: limits.gateMs })
  const watch = afterOutage(stored, outageMs, opened.startedAt)
  const rules = await recallRules(world, store, memory, control)
  const key = rulesKey(rules)
  if (watch.rulesKey !== key) memory.readings = 0
  // Somebody took the lease and did not give it back.
  const isCareful = control.leaseUntil > 0
  const cursor = outageMs > 0 ? rewound(cursorOf(control), watch, outageMs) : cursorOf(control)
  const read = await readForPoll(
    world,
    setup.api,
    memory,
    { cursor, watch, review: control.review },
    {
      isCareful,
      spare: () => spareLists(turn.ring, limits),
      mayAsk: async () => {
        if (isTooLate(world, turn, "list")) return false
        const charged = await chargeTurn(world, store, turn, "list", 1)
        turn = charged.turn
        return charged.granted === 1
      },
    },
  )
  if (read.trouble && read.rows.size === 0) {
    const failed = await recordTrouble(world, store, turn, { ...read, trouble: read.trouble })
    const report = { ...emptyReport(failed.turn), ok: false, error: failed.error }
    return { turn: failed.turn, report, owingIds: [] }
  }
  if (read.trouble) world.log({ level: "warn", event: "list.broken-off", why: read.trouble.message })

  const candidates = pickCandidates(
    watch,
    cursor,
    { rows: read.rows, from: read.from, isWhole: read.scannedTo === null },
    { rulesKey: key, reviewed: hasPlenty(turn) ? memory.reviewed : reviewedOrPassedOver(memory) },
    world.now(),
  )
  const channels = setup.channels.map(({ id }) => id)
  const setting = { api: setup.api, rules, channels, memory, turn, isUninterrupted, isCareful }
  const examined = await examine(world, store, setting, candidates)
  turn = examined.turn
  // Who was left over is to be shown again.
  if (examined.leftOverFrom !== null) memory.crowds.clear()

  const seen = see(watch, examined, key)
  const next = cursorAfter(cursor, read, examined, seen.watch, world.now())
  const nextWatch = prune(seen.watch, windowStart(next, seen.watch))
  const unexamined = examined.unexamined + seen.givenUp
  const failure = failureAfterList(control.failure, read, world.now())
  turn = await commit(store, memory, turn, {
    watch: stored,
    nextWatch,
    examined,
    changes: {
      ...(opened.startedAt - control.readAt >= READ_AT_EVERY_MS && { readAt: opened.startedAt }),
      // The first list that is read settles from when on calls are told.
      ...(control.watermark === null && { since: control.since }),
      ...(next.watermark !== control.watermark && { watermark: next.watermark }),
      ...(next.resumeAt !== control.resumeAt && { resumeAt: next.resumeAt }),
      ...(read.reviewed && { review: reviewAfter(control.review, read.reviewed, examined) }),
      ...(read.blockedUntil > 0 && { listBlockedUntil: read.blockedUntil }),
      ...(unexamined > 0 && { unexamined: control.unexamined + unexamined }),
      ...(failure !== control.failure && { failure }),
    },
  })
  if (failure && read.isOutOfOrder) logFailure(world, failure.kind, failure.message)
  return {
    turn,
    owingIds: examined.owingIds,
    report: {
      ...emptyReport(turn),
      ...(failure && read.isOutOfOrder && { ok: false, error: failure.message }),
      listed: read.rows.size,
      new: candidates.filter((candidate) => candidate.isNew).length,
      unreadable: read.unreadable,
      details: examined.requests,
      alerts: examined.alerts,
    },
  }
}

/** Looks closer at open calls, without listing any. Null if there is nothing to look at, and then nothing was written. */
async function lookBetween(
  world: World,
  store: Store,
  { api, channels }: PollSetup,
  memory: Memory,
  { turn: opened, isUninterrupted }: Pick<Setting, "turn" | "isUninterrupted">,
): Promise<Worked | null> {
  const { control, startedAt } = opened
  const { watch } = memory
  const rules = rememberedRules(memory, control)
  // The poll of another process may still be at work, and what it has charged since it began is not known here.
  if (!isUninterrupted) return null
  // A process that does not remember the state of things leaves it to the next poll to read it.
  if (watch?.version !== control.watchVersion || !rules || control.leaseUntil > startedAt) return null
  // A vendor that does not answer must not keep this process from the next poll.
  const timeoutMs = Math.min(api.timeoutMs, Math.max(SECOND, control.nextPollAt - startedAt))
  const setting = {
    api: { ...api, timeoutMs },
    rules,
    channels: channels.map(({ id }) => id),
    memory,
    turn: opened,
    isUninterrupted,
    isCareful: false,
  }
  const examined = await examine(world, store, setting, pickProbes(watch, startedAt))
  if (examined.turn === opened) return null
  const nextWatch = see(watch, examined, watch.rulesKey).watch
  const changes = examined.unexamined > 0 ? { unexamined: control.unexamined + examined.unexamined } : {}
  const turn = await commit(store, memory, examined.turn, { watch, nextWatch, examined, changes })
  const report = { ...emptyReport(turn), details: examined.requests, alerts: examined.alerts }
  return { turn, report, owingIds: examined.owingIds }
}

function reviewedOrPassedOver({ reviewed, passedOver }: Memory): Pick<Memory["reviewed"], "get"> {
  return { get: (id) => reviewed.get(id) ?? passedOver.get(id) }
}

/** Why nothing may be listed now; null if something may. */
function skipReason({ control, ring, limits, startedAt }: Turn): "blocked" | "budget" | null {
  if (control.listBlockedUntil > startedAt) return "blocked"
  // This poll's own request is counted already.
  return affordable(ring, "list", limits) < 0 ? "budget" : null
}

/** The watch with what was judged. */
function see(watch: Watch, examined: Examined, key: string): { watch: Watch; givenUp: number } {
  return closeOldest(withCalls(watch, key, examined.calls), OPEN_CALLS_MAX)
}

/** Only a scan moves the cursor, and never over a call that was left over. */
function cursorAfter(
  cursor: Cursor,
  { scannedTo }: Read,
  { leftOverFrom }: Examined,
  watch: Watch,
  now: number,
): Cursor {
  return scannedTo === undefined ? cursor : advance(cursor, watch, earliest(scannedTo, leftOverFrom), now)
}

function reviewAfter(
  review: Review,
  { pass, readTo, until }: NonNullable<Read["reviewed"]>,
  { leftOverFrom }: Examined,
): Review {
  return advanceReview(review, pass, earliest(readTo, leftOverFrom), until)
}

/** First the watch, then the cursor: what the cursor has passed is remembered. */
async function commit(
  store: Store,
  memory: Memory,
  turn: Turn,
  {
    watch,
    nextWatch,
    examined,
    changes,
  }: { watch: Watch; nextWatch: Watch; examined: Examined; changes: ControlChange },
): Promise<Turn> {
  rememberReviewed(memory.reviewed, examined.reviewed)
  rememberReviewed(memory.passedOver, examined.passedOver)
  const ring = examined.unused > 0 ? charge(turn.ring, "detail", -examined.unused) : turn.ring
  const all: ControlChange = {
    ...changes,
    // A lease that a poll has left when it vanished goes as well.
    ...(turn.control.leaseUntil > 0 && { leaseUntil: 0 }),
    ...(ring !== turn.ring && { ring }),
    ...(examined.blockedUntil > 0 && { detailBlockedUntil: examined.blockedUntil }),
  }
  if (!hasChangedMore(nextWatch, watch)) {
    // Who has been looked at is worth no write: to forget it costs a look.
    memory.watch = nextWatch
    // A poll that vanished may have written the watch and not its number.
    if (watch.version !== turn.control.watchVersion) all.watchVersion = watch.version
  } else if (nextWatch !== watch) {
    const written = { ...nextWatch, version: watch.version + 1 }
    memory.watch = null
    if (!(await store.writeWatch(written))) throw new Overtaken()
    memory.watch = written
    all.watchVersion = written.version
  }
  return Object.keys(all).length > 0 ? change(store, turn, all) : turn
}

/** Writes down why nothing could be listed, for the people who ask after the poller's health. */
async function recordTrouble(
  world: World,
  store: Store,
  turn: Turn,
  { trouble, blockedUntil }: { trouble: Trouble; blockedUntil: number },
): Promise<{ turn: Turn; error: string }> {
  const error = withHint(trouble)
  const changed = await change(store, turn, {
    leaseUntil: 0,
    failure: failureAfter(turn.control.failure, trouble.kind, error, world.now()),
    ...(blockedUntil > 0 && { listBlockedUntil: blockedUntil }),
  })
  logFailure(world, trouble.kind, error)
  return { turn: changed, error }
}

function logFailure(world: World, kind: string, why: string): void {
  world.log({ level: "error", event: "list.failed", kind, why })
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}
