/** What is owed at the end of a turn: whether to look for it, and when there will be something again. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { type Instant, MINUTE, SECOND, earliest } from "@earshot/core/instant"
import { BEHIND_MS } from "@earshot/core/list/plan"
import { LAST_STEP_MS, UNTIL_MS } from "@earshot/core/turn/gate"
import type { Control } from "@earshot/core/turn/control"
import { type Incidents, channelsWithDead, withRevived } from "@earshot/core/turn/incident"
import type { Channel } from "@earshot/io/channel/channel"
import { reviveDelivery } from "@earshot/io/revive"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Delivery, PUT_OFF_MAX_MS, countPending } from "@earshot/core/alert/delivery"
import type { SnoozedRules } from "@earshot/core/alert/rest"
import { type Delivered, deliverDue } from "./deliver.ts"
import { changeIncidents, noteOutcomes } from "./incident.ts"
import type { LiveChannels } from "./memory/channel-memory.ts"
import type { Memory } from "./memory/memory.ts"
import { rememberRecord } from "./memory/record-memory.ts"
import { inParallel } from "./parallel.ts"
import type { PollReport, Worked } from "./report.ts"
import { tellTrouble } from "./tell.ts"
import type { Vitals } from "./vital.ts"

/** The index of what is due is asked this often even if nothing should be, and by each new process. */
const DUE_CHECK_MS = 30 * MINUTE

/** The index may lag behind a write. What has just become due and is not in it is looked for again. */
const INDEX_LAG_MS = 5 * SECOND

/** The rules that somebody has snoozed. Costs a read at most. */
export type RecallSnoozes = () => Promise<SnoozedRules>

/**
 * Delivers what this turn kept, the calls in `owing`, and what is due from before, and notes when something will be due
 * again. Null if there was no reason to look for any.
 */
export async function deliverOwed(
  world: World,
  store: Store,
  { channels, ...inheritance }: LiveChannels,
  memory: Memory,
  { turn, owing, recallSnoozes }: Pick<Worked, "turn" | "owing"> & { recallSnoozes: RecallSnoozes },
): Promise<{
  counts: Pick<PollReport, "delivered" | "failed" | "pending">
  vitals: Pick<Vitals, "refusing" | "latencySeconds">
  restated: readonly CallRecord[]
} | null> {
  const { control, startedAt } = turn
  const isDue = control.dueAt !== null && control.dueAt <= world.now()
  const askedAt = control.dueAskedAt + INDEX_LAG_MS
  const isAsked = control.dueAskedAt > 0 && memory.turn.dueCheckedAt <= askedAt
  const sinceMs = startedAt - memory.turn.dueCheckedAt
  const isCheck = isAsked || sinceMs >= DUE_CHECK_MS || sinceMs < 0
  if (!isDue && !isCheck && owing.size === 0) return null
  memory.turn.dueCheckedAt = startedAt
  const deadline = Math.min(startedAt + UNTIL_MS.send, turn.overAt - LAST_STEP_MS)
  const isCatchingUp = isBehind(control, world.now())
  const snoozed = await recallSnoozes()
  const mark = createDueMark(world, store, control)
  const done = await deliverDue(world, store, channels, memory.turn, {
    owing,
    deadline,
    end: turn.overAt - SECOND,
    isCatchingUp,
    snoozed,
    isCheck,
    inheritance,
    mark: mark.make,
  })
  if (done.mayRelease) memory.turn.dueCheckedAt = 0
  const { delivered, failed } = done
  for (const id of done.ids) rememberRecord(memory.record, id, null)
  const soon = await noteAndTell(world, store, channels, memory, { done, deadline })
  const next = earliest(done.nextDueAt, soon)
  const now = world.now()
  // Whoever reads a later time believes that a wrong clock wrote it. To look once an hour is cheap. And what is overdue may have been
  // stored just now, so that the index does not show it yet.
  const dueAt = next && Math.max(now, Math.min(next, now + PUT_OFF_MAX_MS))
  const changes = { dueAt, pending: done.pending }
  const added = done.isAll ? countOwed(owing, startedAt) : 0
  const hidden = Math.max(0, control.pending + added - done.pending - delivered)
  // Or somebody has marked what it kept, and failed before it could count it.
  const isNothingFound = owing.size === 0 && delivered + failed === 0
  const mayHide = hidden > 0 || isNothingFound
  // What should be due is held, or a wrong clock has put it off: that is looked into by the next poll.
  if (isDue && isNothingFound && !isCheck) memory.turn.dueCheckedAt = 0
  if (control.dueAt !== null && mayHide && world.now() - control.dueAt < INDEX_LAG_MS) {
    changes.dueAt = Math.min(changes.dueAt ?? control.dueAt, control.dueAt)
    changes.pending += hidden
  }
  if (mark.isMade() || changes.dueAt !== control.dueAt || changes.pending !== control.pending) {
    // If another poll has started, it may have marked something of its own: the mark stays.
    const isMarked = await store.changeControl(control.fence, changes)
    memory.turn.control = isMarked ? { ...control, ...changes } : null
    // It may also have looked before this turn made something due, and would not look again for half an hour.
    if (!isMarked && (done.hasMadeDue || soon !== null)) await store.announceDue(world.now())
  }
  return {
    counts: { delivered, failed, pending: changes.pending },
    vitals: { refusing: countRefusing(done), latencySeconds: done.latencySeconds },
    restated: done.restated,
  }
}

/** Says in the poller's state that something is due, once: if this turn dies after it has freed a message, the next one looks for it. */
function createDueMark(world: World, store: Store, { fence, dueAt }: Control) {
  let made: Promise<boolean> | null = null
  return {
    make: async () => {
      if (dueAt !== null && dueAt <= world.now()) return true
      return (made ??= store.changeControl(fence, { dueAt: world.now() }))
    },
    isMade: () => made !== null,
  }
}

/** Messages that this turn has made due, which nobody has counted before. */
function countOwed(owing: Worked["owing"], startedAt: Instant): number {
  const isNew = ({ owedAt }: Delivery) => owedAt >= startedAt
  return [...owing.values()].reduce((sum, { value }) => sum + countPending(value.deliveries.filter(isNew)), 0)
}

function countRefusing({ outcomes }: Delivered): number {
  const refused = outcomes.filter(({ kind }) => kind === "refused")
  return new Set(refused.map(({ channel }) => channel)).size
}

/** Until then the mark that something is due stays, so that a poll that dies here leaves it all to the next. */
async function noteAndTell(
  world: World,
  store: Store,
  channels: readonly Channel[],
  memory: Memory,
  { done, deadline }: { done: Delivered; deadline: Instant },
): Promise<Instant | null> {
  const noted = await noteOutcomes(world, store, memory.turn, done)
  if (!noted) return null
  const incidents = await tellTrouble(world, store, channels, memory.turn, { incidents: noted, deadline })
  const isRevived = await reviveDead(world, store, incidents, deadline)
  if (isRevived) return world.now()
  return incidents.notices.length > 0
    ? Math.min(...incidents.notices.map(({ notBefore }) => notBefore))
    : null
}

/** As many as a digest has room for; the others follow with the next polls. */
const REVIVED_MAX = 500

const LANES = 8

/** What was given up for channels that take messages again is due again. */
async function reviveDead(
  world: World,
  store: Store,
  incidents: Incidents,
  deadline: Instant,
): Promise<boolean> {
  let isAny = false
  for (const channel of channelsWithDead(incidents)) {
    if (world.now() >= deadline) break
    const dead = await store.deadDeliveries({ channel, max: REVIVED_MAX })
    const revived = await inParallel(dead, LANES, async (one) => {
      return world.now() < deadline && reviveDelivery(store, one, world.now())
    })
    isAny ||= revived.some(Boolean)
    if (dead.length < REVIVED_MAX && world.now() < deadline)
      await changeIncidents(store, (known) => withRevived(known, [channel]))
  }
  return isAny
}

function isBehind({ resumeAt }: Control, now: Instant): boolean {
  return resumeAt !== null && resumeAt < now - BEHIND_MS
}
