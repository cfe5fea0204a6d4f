/** The end of a turn's work: first the watch, then the cursor, so that what the cursor has passed is remembered. */
import { charge } from "@earshot/core/turn/budget"
import type { ControlChange } from "@earshot/core/turn/control"
import { type Watch, closeOldest, hasChangedMore, withCalls } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import type { Examined } from "./examined.ts"
import { rememberReviewed } from "./memory/list-memory.ts"
import type { Memory } from "./memory/memory.ts"
import { forgetWatch, rememberWatch } from "./memory/watch-memory.ts"
import { Overtaken, type Turn, change } from "./turn.ts"

/**
 * At most this many open calls are remembered; with more, those that ended longest ago are given up. With as many decided
 * calls beside them as there may be the watch stays below 350 KB.
 */
export const OPEN_CALLS_MAX = 1000

/** The watch with what was judged, and how many calls had to be given up unexamined. */
export function watchAfter(
  watch: Watch,
  { calls }: Examined,
  rulesKey: string,
): { watch: Watch; unexamined: number } {
  const { watch: closed, givenUp } = closeOldest(withCalls(watch, rulesKey, calls), OPEN_CALLS_MAX)
  return { watch: closed, unexamined: givenUp }
}

/** Writes the watch if it says something new, and what has changed of the poller's state. Throws `Overtaken`. */
export async function commit(
  store: Store,
  memory: Memory,
  { turn, reviewed, unused, blockedUntil }: Examined,
  { watch, nextWatch, changes }: { watch: Watch; nextWatch: Watch; changes: ControlChange },
): Promise<Turn> {
  rememberReviewed(memory.list, reviewed)
  const ring = unused > 0 ? charge(turn.ring, "detail", -unused) : turn.ring
  const all: ControlChange = {
    ...changes,
    // A lease that a poll has left when it vanished goes as well.
    ...(turn.control.leaseUntil > 0 && { leaseUntil: 0 }),
    ...(ring !== turn.ring && { ring }),
    ...(blockedUntil > 0 && { detailBlockedUntil: blockedUntil }),
  }
  if (!hasChangedMore(nextWatch, watch)) {
    // Which calls were looked at is worth no write: forgetting it costs a look.
    rememberWatch(memory.watch, nextWatch)
    // A poll that vanished may have written the watch and not its number.
    if (watch.version !== turn.control.watchVersion) all.watchVersion = watch.version
  } else if (nextWatch !== watch) {
    const written = { ...nextWatch, version: watch.version + 1 }
    forgetWatch(memory.watch)
    if (!(await store.writeWatch(written))) throw new Overtaken()
    rememberWatch(memory.watch, written)
    all.watchVersion = written.version
  }
  return Object.keys(all).length > 0 ? change(store, turn, all) : turn
}
