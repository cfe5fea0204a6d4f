/**
 * One turn, from its trigger to its report: acquire ▸ scan ▸ judge ▸ look closer ▸ keep ▸ commit ▸ deliver. Nothing is sent
 * before it is kept, and the cursor passes a call only after its alert is kept, so that a crash at any line needs no code of
 * its own: the next poll starts from what was kept. A trigger between two polls lists nothing, and looks closer at open calls.
 */
import { snoozedRules } from "@earshot/core/alert/rest"
import { type Limits, countPolls } from "@earshot/core/turn/budget"
import { withoutFuture } from "@earshot/core/turn/control"
import { OVER_MS } from "@earshot/core/turn/gate"
import { noteAfterMs, silenceMs } from "@earshot/core/turn/health"
import type { Nudge } from "@earshot/core/turn/nudge"
import type { Acquired, Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { tellBriefs } from "./brief.ts"
import { askTotal } from "./total.ts"
import { followUp } from "./follow-up.ts"
import { noteUnreadable } from "./incident.ts"
import { lookBetween, sendBetween } from "./look-between.ts"
import { BUSY_MS, lookNudged, noteNamed, noteSeen, putBack, putBackBehindPoll } from "./nudged-look.ts"
import { recallChannels, withRules } from "./memory/channel-memory.ts"
import { type Memory, forgetDoubtful } from "./memory/memory.ts"
import { takeLeft } from "./memory/nudge-memory.ts"
import { recallRules } from "./memory/rule-memory.ts"
import { forgetRecords } from "./memory/record-memory.ts"
import {
  type TurnMemory,
  beginTurn,
  completionToNote,
  isUninterrupted,
  pollsToNote,
  rememberNoted,
  rememberPoll,
  rememberTurn,
} from "./memory/turn-memory.ts"
import { deliverOwed } from "./outbox.ts"
import { type PollReport, type PutBack, type Worked, pastOf, skippedReport } from "./report.ts"
import { restateFirst } from "./restate.ts"
import { scanAndKeep } from "./scan.ts"
import type { PollSetup, Setting } from "./setup.ts"
import { timedStore } from "./timed-store.ts"
import { AFTER_GATE_MS, EARLY_MAX_MS, Overtaken, type Turn } from "./turn.ts"
import { withVitals } from "./vital-report.ts"

/**
 * Never rejects for what the vendor or a channel does: that is in the report. Rejects if the store fails, because
 * then nothing can be said; the next poll starts from what was kept. Over within `OVER_MS`, whatever hangs. `brought`: what brings
 * the trigger; none for a tick or the schedule.
 */
export async function poll(
  world: World,
  store: Store,
  setup: PollSetup,
  memory: Memory,
  brought: readonly Nudge[] = [],
): Promise<PollReport> {
  const calledAt = world.now()
  const isNudged = brought.length > 0
  const acquired = isNudged
    ? await acquireNudged(world, store, setup, memory.turn)
    : (knownToBeEarly(memory.turn, setup.limits, calledAt) ??
      (await acquire(world, store, setup, memory.turn)))
  const turn = turnOf(acquired, setup, { calledAt, now: world.now(), isNudged })
  const { startedAt } = turn
  const nudges = turn.kind === "poll" ? [...takeLeft(memory.nudge), ...brought] : brought
  if (turn.kind === "look") memory.turn.control = turn.control
  if (acquired.kind === "refused" && acquired.why === "busy") {
    const skipped = { ...skippedReport(turn, "busy"), durationMs: startedAt - calledAt }
    return withVitals(memory, turn, withPutBack(skipped, putBack(nudges, BUSY_MS)))
  }
  const isMine = isUninterrupted(memory.turn, turn)
  beginTurn(memory.turn, turn, isMine)
  if (!isMine) {
    forgetRecords(memory.record)
    memory.coverage.isStale = true
  }
  const timed = timedStore(world, store, turn.overAt)
  try {
    const opened = { turn, isUninterrupted: isMine, nudges }
    const { worked, later } = await work(world, timed, setup, memory, opened)
    noteNamed(memory.nudge, nudges)
    const since = turn.kind === "look" ? calledAt : startedAt
    if (!worked) {
      if (isNudged) await noteSeen(world, timed, memory.turn, turn)
      const next = followUp(world, memory, turn)
      const early = { ...skippedReport(turn, "early"), ...next, durationMs: world.now() - since }
      return withVitals(memory, turn, withPutBack(early, later))
    }
    rememberTurn(memory.turn, worked.turn)
    const report = await endTurn(world, timed, setup, memory, worked)
    rememberPoll(memory.turn, turn, pastOf(report))
    if (isNudged) await noteSeen(world, timed, memory.turn, worked.turn)
    const next = followUp(world, memory, worked.turn)
    const told = withPutBack({ ...report, ...next, durationMs: world.now() - since }, later)
    return withVitals(memory, worked.turn, told)
  } catch (error) {
    forgetDoubtful(memory, turn)
    rememberPoll(memory.turn, turn, { outcome: error instanceof Overtaken ? "overtaken" : "broken" })
    if (!(error instanceof Overtaken)) throw error
    const overtaken = { ...skippedReport(turn, "overtaken"), durationMs: world.now() - startedAt }
    return withVitals(memory, turn, withPutBack(overtaken, putBack(nudges, BUSY_MS)))
  }
}

/** What the turn is there for; `worked` null: there was nothing to do. Throws `Overtaken`. */
async function work(
  world: World,
  store: Store,
  setup: PollSetup,
  memory: Memory,
  opened: Pick<Setting, "turn" | "isUninterrupted"> & { nudges: readonly Nudge[] },
): Promise<{ worked: Worked | null; later: PutBack | null }> {
  const { turn, nudges } = opened
  if (turn.kind === "poll") {
    const worked = await scanAndKeep(world, store, setup, memory, opened)
    return { worked, later: putBackBehindPoll(nudges, memory.watch.watch) }
  }
  if (nudges.length > 0) return lookNudged(world, store, setup, memory, opened)
  const looked = await lookBetween(world, store, setup, memory, opened)
  return { worked: looked ?? sendBetween(opened), later: null }
}

/** Sends what is owed, and notes what this turn leaves behind. */
async function endTurn(
  world: World,
  timed: Store,
  setup: PollSetup,
  memory: Memory,
  worked: Worked,
): Promise<PollReport> {
  const live = withRules(await recallChannels(world, timed, setup, memory.channel, worked.turn), memory.rule)
  const { channels } = live
  const recallSnoozes = async () =>
    snoozedRules(await recallRules(world, timed, memory.rule, worked.turn.control), world.now())
  const delivered = await deliverOwed(world, timed, live, memory, { ...worked, recallSnoozes })
  const restated = [...(worked.restated ?? []), ...(delivered?.restated ?? [])]
  await restateFirst(world, timed, channels, memory.turn, { ...worked, restated })
  await noteUnreadable(world, timed, memory.turn)
  if (worked.isComplete) await noteCompletion(world, timed, setup.limits, memory.turn, worked.turn)
  if (worked.turn.kind === "poll") {
    await tellBriefs(world, timed, channels, memory, worked.turn)
    if (worked.isComplete) await askTotal(world, timed, setup, memory, worked.turn)
  }
  const { isComplete, report } = worked
  const vitals = { ...report.vitals, ...delivered?.vitals }
  return { ...report, ...delivered?.counts, isComplete, vitals }
}

function withPutBack(report: PollReport, later: PutBack | null): PollReport {
  return later ? { ...report, putBack: later } : report
}

/** A poll if it was let in, and otherwise a look, which is there to see how things stand. */
function turnOf(
  { kind, control: stored }: Acquired,
  { limits, lookbackMs }: PollSetup,
  { calledAt, now, isNudged }: { calledAt: number; now: number; isNudged: boolean },
): Turn {
  const control = withoutFuture(stored, { since: now - lookbackMs, now })
  const ring = countPolls(control.ring, control.fence, limits, now)
  const overAt = calledAt + OVER_MS
  const turn = { control, limits, ring, startedAt: now, overAt }
  if (kind === "acquired") return { kind: "poll", nudge: "none", ...turn }
  return { kind: "look", nudge: isNudged ? "asks" : "none", ...turn }
}

/** The gate only ever closes for longer: while this process knows it to be closed, nobody has to be asked. */
function knownToBeEarly({ control }: TurnMemory, { gateMs }: Limits, now: number): Acquired | null {
  if (!control) return null
  const waitMs = control.nextPollAt - now
  return waitMs > EARLY_MAX_MS && waitMs <= gateMs ? { kind: "refused", why: "early", control } : null
}

/** A nudge waits for nothing: while the gate is closed, it is a look. */
async function acquireNudged(
  world: World,
  store: Store,
  { limits: { gateMs }, lookbackMs }: PollSetup,
  memory: TurnMemory,
): Promise<Acquired> {
  const now = world.now()
  const { control } = memory
  const waitMs = control ? control.nextPollAt + AFTER_GATE_MS - now : 0
  if (control && waitMs > 0 && waitMs <= gateMs + AFTER_GATE_MS)
    return { kind: "refused", why: "early", control }
  return tryToAcquire(store, { now, gateMs, lookbackMs }, memory)
}

/** A trigger that comes a moment early waits for the gate instead of being lost. */
async function acquire(
  world: World,
  store: Store,
  { limits: { gateMs }, lookbackMs }: PollSetup,
  memory: TurnMemory,
): Promise<Acquired> {
  const attempt = (now: number) => tryToAcquire(store, { now, gateMs, lookbackMs }, memory)
  const first = await attempt(world.now())
  if (first.kind === "acquired" || first.why === "busy") return first
  const waitMs = first.control.nextPollAt - world.now()
  if (waitMs > EARLY_MAX_MS) return first
  await world.sleep(Math.max(0, waitMs))
  return attempt(world.now())
}

async function tryToAcquire(
  store: Store,
  { now, gateMs, lookbackMs }: { now: number; gateMs: number; lookbackMs: number },
  memory: TurnMemory,
): Promise<Acquired> {
  const completedAt = completionToNote(memory, gateMs, now)
  const polls = pollsToNote(memory, gateMs, now)
  const tried = await store.acquire({ now, gateMs, since: now - lookbackMs, completedAt, polls })
  rememberNoted(memory, tried, now)
  if (tried.kind === "acquired") {
    memory.completedAt = null
    if (polls) memory.past = []
  }
  return tried
}

/**
 * A poll has completed its work: everything is stored, and what was due has been handed to the channels. The start of this
 * process's next poll notes it. It is noted at once if what is noted is too old for that, as after another process died.
 */
async function noteCompletion(
  world: World,
  store: Store,
  { gateMs }: Limits,
  memory: TurnMemory,
  { control }: Turn,
): Promise<void> {
  const now = world.now()
  // Before the completion: if this poll dies or fails in between, the next one finds the same gap.
  const isGap = control.completedAt > 0 && now - control.completedAt > silenceMs(control)
  if (isGap) await store.noteGap({ from: control.completedAt, to: now })
  memory.completedAt = now
  if (now - control.completedAt <= noteAfterMs(gateMs)) return
  // If another poll has begun, it notes its own.
  if (!(await store.changeControl(control.fence, { completedAt: now }))) return
  memory.completedAt = null
  if (memory.control?.fence === control.fence) memory.control = { ...memory.control, completedAt: now }
}
