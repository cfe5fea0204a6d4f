/**
 * The watch as this process last read or wrote it, and what it has found since: not every turn writes it. The poller's state
 * names the version that counts.
 */
import { type Instant, MINUTE } from "@earshot/core/instant"
import type { Control } from "@earshot/core/turn/control"
import { type Watch, rightWatch } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"

/** `aheadSince`: since when the watch says more than what is stored of its version; null: it does not. */
export type WatchMemory = { watch: Watch | null; aheadSince: Instant | null }

/** For how long at most what is stored may say less. */
const AHEAD_MAX_MS = MINUTE

/** The watch of the version that `control` names, if it is remembered. */
export function rememberedWatch({ watch }: WatchMemory, control: Control, now: Instant): Watch | null {
  return watch?.version === control.watchVersion ? rightWatch(watch, now) : null
}

/**
 * The watch of the version that `control` names, read from the store if it is not remembered. `isDamaged`: what is stored cannot
 * be read, and the watch is empty.
 */
export async function recallWatch(
  world: World,
  store: Store,
  memory: WatchMemory,
  control: Control,
): Promise<{ watch: Watch; isDamaged: boolean }> {
  const known = rememberedWatch(memory, control, world.now())
  if (known) return { watch: known, isDamaged: false }
  const { isDamaged = false, ...watch } = await store.readWatch()
  memory.aheadSince = null
  if (!isDamaged) memory.watch = watch
  return { watch: rightWatch(watch, world.now()), isDamaged }
}

/** As it was written, or with no more than times of looks besides, which are worth no write. */
export function rememberWatch(memory: WatchMemory, watch: Watch): void {
  memory.watch = watch
}

/** With what is not written yet. */
export function rememberAhead(memory: WatchMemory, watch: Watch, now: Instant): void {
  memory.watch = watch
  memory.aheadSince ??= now
}

/** Whether a write can still wait for a turn that begins by `nextAt`. */
export function mayStayAhead({ aheadSince }: WatchMemory, now: Instant, nextAt: Instant): boolean {
  const since = aheadSince ?? now
  return since <= now && nextAt - since <= AHEAD_MAX_MS
}

/** Before a write: until it has succeeded, nobody knows which watch is stored. */
export function forgetWatch(memory: WatchMemory): void {
  memory.watch = null
  memory.aheadSince = null
}
