/**
 * The end of a turn's work: first the watch, then the cursor, so that what the cursor has passed is remembered. A turn that does
 * not move the cursor may leave the watch to a later one.
 */
import { stateOfRecord } from "@earshot/core/receipt/hour"
import { isExaminedIn } from "@earshot/core/detail/assessment"
import { noticedEnds } from "@earshot/core/detail/nudge-target"
import { DAY, HOUR, type Instant } from "@earshot/core/instant"
import type { CompiledRule } from "@earshot/core/rule/rule"
import { charge } from "@earshot/core/turn/budget"
import type { ControlChange } from "@earshot/core/turn/control"
import { waitsAfter } from "@earshot/core/watch/waited"
import {
  type OpenCall,
  type Watch,
  closeOldest,
  hasChangedMore,
  overviewOf,
  withCalls,
} from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import type { Examined } from "./examined.ts"
import { noteCalls, noteOf } from "./memory/coverage-memory.ts"
import { rememberReviewed } from "./memory/list-memory.ts"
import type { Memory } from "./memory/memory.ts"
import { noteEnds } from "./memory/nudge-memory.ts"
import { type SightMemory, noteSights } from "./memory/sight-memory.ts"
import { isAlone } from "./memory/turn-memory.ts"
import { forgetWatch, mayStayAhead, rememberAhead, rememberWatch } from "./memory/watch-memory.ts"
import { inParallel } from "./parallel.ts"
import { Overtaken, type Turn, change } from "./turn.ts"

/** Marks written at once. */
const MARK_LANES = 8

/** A mark counts for a day, and that there are marks is noted once an hour. */
const MARKS_MS = DAY + HOUR

/**
 * At most this many open calls are remembered; with more, those that ended longest ago are given up. With as many decided
 * calls beside them as there may be the watch stays below 350 KB.
 */
export const OPEN_CALLS_MAX = 1000

/** The watch with what was judged. Notes in `examined` which calls had to be given up unexamined. */
export function watchAfter(watch: Watch, { calls, unexamined, notes }: Examined, rulesKey: string): Watch {
  const { watch: closed, givenUp } = closeOldest(withCalls(watch, rulesKey, calls), OPEN_CALLS_MAX)
  for (const call of givenUp) {
    const { open } = call
    if (open.endedAt === null || open.wantsDetail) unexamined.add(open.id)
    notes.set(open.id, noteOf(call, "unexamined", null))
  }
  return closed
}

/**
 * Marks the calls that were closed unexamined, before the watch forgets them, and takes the mark off those that were examined
 * after all. That there are marks is said first, or nobody would look for those to take off. Throws `Overtaken`.
 */
async function markExamined(
  store: Store,
  examined: Examined,
  rules: readonly CompiledRule[],
  now: Instant,
): Promise<Turn> {
  const { turn, unexamined, decided, notes } = examined
  // A poll that died may have kept the detail, and the watch did not hear of it.
  const kept = unexamined.size > 0 ? await store.readCalls([...unexamined]) : []
  for (const [id, { value }] of kept) {
    if (!isExaminedIn(value, rules, now)) continue
    unexamined.delete(id)
    const note = notes.get(id)
    if (note && stateOfRecord(value, rules, now) === "checked") notes.set(id, noteOf(note, "checked", value))
  }
  const { unexaminedAt } = turn.control
  const isNews = unexamined.size > 0 && now - unexaminedAt >= HOUR
  const marking = isNews ? await change(store, turn, { unexaminedAt: now }) : turn
  await inParallel([...unexamined], MARK_LANES, (id) => store.markUnexamined(id, now))
  if (now - unexaminedAt >= MARKS_MS) return marking
  // What began after the last mark was made has none.
  const marked = [...decided].filter(([, startedAt]) => startedAt <= unexaminedAt + HOUR)
  await inParallel(marked, MARK_LANES, ([id]) => store.markUnexamined(id, null))
  return marking
}

/** What was awaited and has come says how long it takes. That alone is worth no write. */
function withWaits(
  memory: SightMemory,
  { watch, nextWatch }: Pick<Committed, "watch" | "nextWatch">,
  { kind }: Turn,
  now: Instant,
): Watch {
  const waits = waitsAfter(watch, nextWatch, memory, now)
  noteSights(memory, { before: watch, after: nextWatch, isListed: kind === "poll" }, now)
  return waits === nextWatch.waits ? nextWatch : { ...nextWatch, waits }
}

type Committed = {
  watch: Watch
  nextWatch: Watch
  changes: ControlChange
  /** Those that the calls were judged by. */
  rules: readonly CompiledRule[]
}

/** What says which calls are not going to be listed again. */
const CURSOR = ["since", "watermark", "resumeAt", "review"] as const

/**
 * Whether the watch may be left to a later turn of this process. If there is none, all is as after a turn that died before it
 * wrote the watch: the next process is shown the same calls, and finds in their records what was found out about them.
 */
function mayLeaveWatch(memory: Memory, { control }: Turn, committed: Committed, now: Instant): boolean {
  const { watch, nextWatch, changes } = committed
  const { watermark, nextPollAt } = control
  // No scan shows what the cursor has passed a second time.
  const isPassed = ({ key, startedAt }: OpenCall) =>
    (watermark === null || startedAt < watermark) && !watch.calls.has(key)
  return (
    isAlone(memory.turn, now) &&
    mayStayAhead(memory.watch, now, nextPollAt) &&
    nextWatch.rulesKey === watch.rulesKey &&
    !CURSOR.some((name) => name in changes) &&
    !overviewOf(nextWatch).open.some(isPassed)
  )
}

/** Writes the watch if it says something new, and what has changed of the poller's state. Throws `Overtaken`. */
export async function commit(
  world: World,
  store: Store,
  memory: Memory,
  examined: Examined,
  judged: Committed,
): Promise<Turn> {
  const nextWatch = withWaits(memory.sight, judged, examined.turn, world.now())
  const committed = { ...judged, nextWatch }
  const { watch, changes, rules } = committed
  const { reviewed, unused, blockedUntil } = examined
  rememberReviewed(memory.list, reviewed)
  const turn = await markExamined(store, examined, rules, world.now())
  const ring = unused > 0 ? charge(turn.ring, "detail", -unused) : turn.ring
  const all: ControlChange = {
    ...changes,
    // A lease that a poll has left when it vanished goes as well.
    ...(turn.control.leaseUntil > 0 && { leaseUntil: 0 }),
    ...(ring !== turn.ring && { ring }),
    ...(blockedUntil > 0 && { detailBlockedUntil: blockedUntil }),
  }
  const now = world.now()
  const isNews = hasChangedMore(nextWatch, watch)
  const isAhead = isNews || memory.watch.aheadSince !== null
  if (!isAhead || mayLeaveWatch(memory, turn, committed, now)) {
    // Which calls were looked at is worth no write: forgetting it costs a look.
    if (isNews) rememberAhead(memory.watch, nextWatch, now)
    else rememberWatch(memory.watch, nextWatch)
    // A poll that vanished may have written the watch and not its number.
    if (watch.version !== turn.control.watchVersion) all.watchVersion = watch.version
  } else {
    const written = { ...nextWatch, version: watch.version + 1 }
    forgetWatch(memory.watch)
    if (!(await store.writeWatch(written))) throw new Overtaken()
    rememberWatch(memory.watch, written)
    all.watchVersion = written.version
  }
  const ends = noticedEnds(watch, nextWatch, world.now())
  noteEnds(memory.nudge, ends, turn.nudge === "none" ? "untold" : "told")
  // Not before a watch that is written: a turn that gives way to another one notes nothing.
  noteCalls(memory.coverage, examined.notes.values())
  return Object.keys(all).length > 0 ? change(store, turn, all) : turn
}
