/**
 * Asks once an hour how many calls the vendor counts in the last hour that is over, so that the coverage receipt can say if Earshot was
 * shown fewer. It is asked with a list request that no poll needs, and costs two writes.
 */
import { listCalls } from "@earshot/calls-api/client"
import { HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { hourOf } from "@earshot/core/receipt/hour"
import { charge, spareLists } from "@earshot/core/turn/budget"
import type { Control } from "@earshot/core/turn/control"
import type { Store } from "@earshot/io/store/store"
import { type World, causeOf } from "@earshot/io/world"
import type { Memory } from "./memory/memory.ts"
import type { PollSetup } from "./setup.ts"
import { type Turn, mayBegin } from "./turn.ts"

/** A call may be listed this long after it started. */
const LISTED_MS = 30 * MINUTE

/** Never rejects: what could not be asked or written is asked again in the next hour, for that hour. */
export async function askTotal(
  world: World,
  store: Store,
  { api }: PollSetup,
  memory: Pick<Memory, "turn" | "coverage">,
  turn: Turn,
): Promise<void> {
  const now = world.now()
  const hour = hourOf(now - LISTED_MS) - HOUR
  const { control } = memory.turn
  // An hour that was over before this process began is left to whoever was there: new processes cost no request.
  const known = (memory.coverage.totalOf ??= hour)
  if (known >= hour || control?.fence !== turn.control.fence) return
  if (!isRead(control, hour) || control.listBlockedUntil > now || !mayBegin(world, turn, "keep")) return
  if (spareLists(turn.ring, turn.limits) < 1) return
  memory.coverage.totalOf = hour
  try {
    const ring = charge(turn.ring, "list", 1)
    memory.turn.control = null
    if (!(await store.changeControl(control.fence, { ring }))) return
    memory.turn.control = { ...control, ring }
    const query = { dateFrom: isoOf(hour), dateTo: isoOf(hour + HOUR - 1), limit: 1 }
    const answer = await listCalls(world, api, query)
    const total = answer.ok ? (answer.value.pagination?.totalCount ?? null) : null
    if (total === null || !Number.isSafeInteger(total)) return
    await store.addCoverage(hour, { add: { totals: [String(total)] }, remove: {} })
  } catch (error) {
    const why = causeOf(error)
    world.log({ level: "warn", event: "total.failed", why })
  }
}

/** Whether the list has been read beyond that hour, and began to be before it. Where all times are off, so are the vendor's hours. */
function isRead({ since, resumeAt, clockNotice }: Control, hour: Instant): boolean {
  const isBehind = resumeAt !== null && resumeAt < hour + HOUR
  return since <= hour && !isBehind && !clockNotice?.stampsMs
}
