/** What is owed at the end of a turn: whether to look for it, and when there will be something again. */
import { MINUTE, SECOND } from "@earshot/core/instant"
import { UNTIL_MS } from "@earshot/core/turn/gate"
import type { Channel } from "@earshot/io/channel/channel"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { deliverDue } from "./deliver.ts"
import { noteOutcomes } from "./incident.ts"
import type { Memory } from "./memory/memory.ts"
import { rememberRecord } from "./memory/record-memory.ts"
import type { PollReport, Worked } from "./report.ts"

/** The index of what is due is asked this often even if nothing should be, and by each new process. */
const DUE_CHECK_MS = 30 * MINUTE

/** The index may lag behind a write. What has just become due and is not in it is looked for again. */
const INDEX_LAG_MS = 5 * SECOND

/**
 * Delivers what this turn kept, the calls in `owingIds`, and what is due from before, and notes when something will be due
 * again. Null if there was no reason to look for any.
 */
export async function deliverOwed(
  world: World,
  store: Store,
  channels: readonly Channel[],
  memory: Memory,
  { turn, owingIds }: Pick<Worked, "turn" | "owingIds">,
): Promise<Pick<PollReport, "delivered" | "failed" | "pending"> | null> {
  const { control, startedAt } = turn
  const isDue = control.dueAt !== null && control.dueAt <= world.now()
  const isCheck = startedAt - memory.turn.dueCheckedAt >= DUE_CHECK_MS
  if (!isDue && !isCheck && owingIds.length === 0) return null
  memory.turn.dueCheckedAt = startedAt
  const deadline = startedAt + UNTIL_MS.send
  const done = await deliverDue(world, store, channels, { owingIds, deadline })
  const { delivered, failed, outcomes } = done
  for (const id of done.ids) rememberRecord(memory.record, id, null)
  const changes = { dueAt: done.nextDueAt, pending: done.pending }
  const hidden = Math.max(0, control.pending - done.pending - delivered)
  // Or somebody has marked what it kept, and failed before it could count it.
  const isNothingFound = owingIds.length === 0 && delivered + failed === 0
  const mayHide = hidden > 0 || isNothingFound
  if (control.dueAt !== null && mayHide && world.now() - control.dueAt < INDEX_LAG_MS) {
    changes.dueAt = Math.min(done.nextDueAt ?? control.dueAt, control.dueAt)
    changes.pending += hidden
  }
  if (changes.dueAt !== control.dueAt || changes.pending !== control.pending) {
    // If another poll has started, it may have marked something of its own: the mark stays.
    const isMarked = await store.changeControl(control.fence, changes)
    memory.turn.control = isMarked ? { ...control, ...changes } : null
  }
  await noteOutcomes(world, store, memory.turn, outcomes)
  return { delivered, failed, pending: changes.pending }
}
