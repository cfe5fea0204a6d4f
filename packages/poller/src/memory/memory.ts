/**
 * What a warm process remembers from poll to poll, so that an idle poll reads nothing. The poller's state carries
 * the versions by which a memory proves to be current.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { Instant } from "@earshot/core/instant"
import type { Crowd } from "@earshot/core/list/crowd"
import { PAGE_ROWS } from "@earshot/core/list/page"
import { rulesInForce } from "@earshot/core/rule/default-rule"
import { type CompiledRule, compileRules } from "@earshot/core/rule/rule"
import type { Control } from "@earshot/core/turn/control"
import { RULES_EDIT_MS } from "@earshot/core/turn/gate"
import type { Watch } from "@earshot/core/watch/watch"
import type { Store, Versioned } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"

export type Memory = {
  watch: Watch | null
  rules: { readAt: Instant; compiled: readonly CompiledRule[] } | null
  /** When the index of what is due was last asked. */
  dueCheckedAt: Instant
  /** The poller's state as this process last left it, from which it tells whether a trigger comes between two polls. */
  control: Control | null
  /** The number of the last turn, if it was this process's and ended well. */
  lastFence: number | null
  /** The records of open calls as that turn left them, by id. One that is out of date makes a write fail, no more. */
  records: Map<string, Versioned<CallRecord>>
  /** Fingerprints, by id, of decided calls from before the window, whose records need not be read again. */
  reviewed: Map<string, string>
  /** The same of those that nobody has examined: they need not be read again while details are scarce. */
  passedOver: Map<string, string>
  /**
   * Polls of this process that have read the list, since it began or the rules have changed: the first is a scan, which shows
   * what a new rule judges.
   */
  readings: number
  /** Where more calls start together than fit into a page, by their start. */
  crowds: Map<Instant, Crowd>
  /** Rows that a page may have: fewer than the vendor allows, once a page was too large to read. */
  pageRows: number
}

/** A week of a busy team's calls; it takes about three megabytes. */
const REVIEWED_MAX = 30_000

/** Each is 400 KB at most, as a rule twenty; those that do not fit are read again. */
const RECORDS_MAX = 100

/** A process that has just started remembers nothing. */
export function createMemory(): Memory {
  return {
    watch: null,
    rules: null,
    dueCheckedAt: 0,
    control: null,
    lastFence: null,
    records: new Map(),
    reviewed: new Map(),
    passedOver: new Map(),
    readings: 0,
    crowds: new Map(),
    pageRows: PAGE_ROWS,
  }
}

/** The watch of the version that `control` names, from memory if it is that one. */
export async function recallWatch(store: Store, memory: Memory, control: Control): Promise<Watch> {
  if (memory.watch?.version !== control.watchVersion) memory.watch = await store.readWatch()
  return memory.watch
}

/** The rules in force, if those in memory are surely current: they were read well after the last edit was announced. */
export function rememberedRules(
  { rules }: Memory,
  { rulesChangedAt }: Control,
): readonly CompiledRule[] | null {
  return rules && rules.readAt > rulesChangedAt + RULES_EDIT_MS ? rules.compiled : null
}

/** The rules in force. An edit is announced before it is made. */
export async function recallRules(
  world: World,
  store: Store,
  memory: Memory,
  control: Control,
): Promise<readonly CompiledRule[]> {
  const known = rememberedRules(memory, control)
  if (known) return known
  const readAt = world.now()
  const compiled = compileRules(rulesInForce(await store.readRules()))
  memory.rules = { readAt, compiled }
  return compiled
}

/** Remembers the record of an open call; null: forgets it. */
export function rememberRecord(
  { records }: Memory,
  callId: string,
  record: Versioned<CallRecord> | null,
): void {
  records.delete(callId)
  if (!record) return
  records.set(callId, record)
  for (const oldest of records.keys()) {
    if (records.size <= RECORDS_MAX) return
    records.delete(oldest)
  }
}

/** Remembers fingerprints. The oldest are forgotten first: their records are read again when their turn comes. */
export function rememberReviewed(known: Map<string, string>, reviewed: ReadonlyMap<string, string>): void {
  for (const [id, fingerprint] of reviewed) {
    known.delete(id)
    known.set(id, fingerprint)
  }
  for (const id of known.keys()) {
    if (known.size <= REVIEWED_MAX) return
    known.delete(id)
  }
}
