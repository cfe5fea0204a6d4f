/**
 * What a warm process remembers from poll to poll, so that an idle poll reads nothing. The poller's state carries
 * the versions by which a memory proves to be current.
 */
import { type Control, RULES_EDIT_MS } from "@earshot/core/control"
import type { Instant } from "@earshot/core/instant"
import { type CompiledRule, compileRules, rulesInForce } from "@earshot/core/rule"
import type { Watch } from "@earshot/core/watch"
import type { Store } from "@earshot/io/store"
import type { World } from "@earshot/io/world"

export type Memory = {
  watch: Watch | null
  rules: { readAt: Instant; compiled: readonly CompiledRule[] } | null
  /** When the index of what is due was last asked. */
  dueCheckedAt: Instant
}

/** A process that has just started remembers nothing. */
export function createMemory(): Memory {
  return { watch: null, rules: null, dueCheckedAt: 0 }
}

/** The watch of the version that `control` names, from memory if it is that one. */
export async function recallWatch(store: Store, memory: Memory, control: Control): Promise<Watch> {
  if (memory.watch?.version !== control.watchVersion) memory.watch = await store.readWatch()
  return memory.watch
}

/**
 * The rules in force. Those in memory are current if they were read well after the last edit was announced: an
 * edit is announced before it is made.
 */
export async function recallRules(
  world: World,
  store: Store,
  memory: Memory,
  control: Control,
): Promise<readonly CompiledRule[]> {
  const known = memory.rules
  if (known && known.readAt > control.rulesChangedAt + RULES_EDIT_MS) return known.compiled
  const readAt = world.now()
  const compiled = compileRules(rulesInForce(await store.readRules()))
  memory.rules = { readAt, compiled }
  return compiled
}
