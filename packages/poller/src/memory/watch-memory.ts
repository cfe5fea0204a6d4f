/** The watch as this process last read or wrote it. The poller's state names the version that counts. */
import type { Instant } from "@earshot/core/instant"
import type { Control } from "@earshot/core/turn/control"
import { type Watch, rightWatch } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"

export type WatchMemory = { watch: Watch | null }

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
  if (!isDamaged) rememberWatch(memory, watch)
  return { watch: rightWatch(watch, world.now()), isDamaged }
}

export function rememberWatch(memory: WatchMemory, watch: Watch): void {
  memory.watch = watch
}

/** Before a write: until it has succeeded, nobody knows which watch is stored. */
export function forgetWatch(memory: WatchMemory): void {
  memory.watch = null
}
