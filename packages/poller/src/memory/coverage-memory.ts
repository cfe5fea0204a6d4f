/**
 * What this process has found out of calls since it last wrote that down for the coverage receipt. Written every ten minutes at most,
 * never at the cost of a poll. What a process takes with it when it dies, the next one finds again in the records.
 */
import {
  type CallNote,
  type CallState,
  type HourChange,
  changesOf,
  alertedRules,
  hourOf,
  stateOfRecord,
} from "@earshot/core/receipt/hour"
import type { Call } from "@earshot/calls-api/call"
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import type { CompiledRule } from "@earshot/core/rule/rule"
import { type CallKey, callKey } from "@earshot/core/watch/call-key"
import type { Watch } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import { type World, causeOf } from "@earshot/io/world"

export type CoverageMemory = {
  /** What became of calls, by their keys. */
  notes: Map<CallKey, CallNote>
  /** Rows of one reading that could not be read, the most of each hour. */
  unreadable: Map<Instant, number>
  /** Somebody else has had a turn since the notes were made, and may have noted the same calls. */
  isStale: boolean
  /** Calls that were decided before this process began, by id; null: it has not read the list yet. */
  found: Map<string, { key: CallKey; startedAt: Instant }> | null
  isStarted: boolean
  keptAt: Instant
  /** The last hour whose calls were counted, or that was over when this process began; null: it has just begun. */
  totalOf: Instant | null
}

export function createCoverageMemory(): CoverageMemory {
  return {
    notes: new Map(),
    unreadable: new Map(),
    isStale: false,
    found: null,
    isStarted: false,
    keptAt: 0,
    totalOf: null,
  }
}

const KEEP_EVERY_MS = 10 * MINUTE

/** With a table that takes no notes, more than this are forgotten: then receipts say less. */
const NOTES_MAX = 20_000

/** What is known of a call that this turn has judged, kept until the turn is over. */
export function noteOf(
  call: Omit<CallNote, "state" | "ruleIds">,
  state: CallState,
  alerted: Parameters<typeof alertedRules>[0] | null,
): CallNote {
  return { key: call.key, startedAt: call.startedAt, state, ruleIds: alerted ? alertedRules(alerted) : [] }
}

export function noteCalls(memory: CoverageMemory, notes: Iterable<CallNote>): void {
  for (const note of notes) {
    if (note.state !== "open" || note.ruleIds.length > 0) memory.notes.set(note.key, note)
  }
}

type Reading = { rows: ReadonlyMap<string, Call>; unreadable: number }

/** What a reading of the list says beside the calls that were judged. */
function noteReading(
  memory: CoverageMemory,
  watch: Watch,
  { rows, unreadable }: Reading,
  now: Instant,
): void {
  const hour = hourOf(now)
  if (unreadable > (memory.unreadable.get(hour) ?? 0)) memory.unreadable.set(hour, unreadable)
  if (memory.found) return
  memory.found = new Map()
  for (const id of rows.keys()) {
    const known = watch.calls.get(callKey(id))
    if (known && !known.open) memory.found.set(id, { key: known.key, startedAt: known.startedAt })
  }
}

/**
 * Notes what a reading showed, and writes the notes down if it is time. A failure is only logged, and they are written the next
 * time. `watch`: as it was before the reading.
 */
export async function keepCoverage(
  world: World,
  store: Store,
  memory: CoverageMemory,
  { rules, watch, read }: { rules: readonly CompiledRule[]; watch: Watch; read: Reading },
): Promise<void> {
  const now = world.now()
  const { keptAt } = memory
  noteReading(memory, watch, read, now)
  if (now >= keptAt && now - keptAt < KEEP_EVERY_MS) return
  const isAnything = memory.notes.size > 0 || memory.unreadable.size > 0 || (memory.found?.size ?? 0) > 0
  if (!isAnything && memory.isStarted) return
  await writeDown(world, store, memory, rules)
}

/** The same at once, before somebody is told how many calls there were. */
export async function keepCoverageNow(
  world: World,
  store: Store,
  memory: CoverageMemory,
  rules: readonly CompiledRule[],
): Promise<void> {
  if (memory.notes.size > 0) await writeDown(world, store, memory, rules)
}

async function writeDown(
  world: World,
  store: Store,
  memory: CoverageMemory,
  rules: readonly CompiledRule[],
): Promise<void> {
  const now = world.now()
  memory.keptAt = now
  try {
    if (!memory.isStarted) await store.startCoverage(now)
    memory.isStarted = true
    await noteFound(store, memory, rules, now)
    await writeNotes(store, memory, now)
  } catch (error) {
    world.log({ level: "warn", event: "coverage.late", calls: memory.notes.size, why: causeOf(error) })
    if (memory.notes.size > NOTES_MAX) memory.notes.clear()
  }
}

/** Of the calls that were decided before this process began, those that no process has noted. */
async function noteFound(
  store: Store,
  memory: CoverageMemory,
  rules: readonly CompiledRule[],
  now: Instant,
): Promise<void> {
  const { found } = memory
  if (!found || found.size === 0) return
  const starts = [...found.values()].map(({ startedAt }) => startedAt)
  const span = { from: Math.max(Math.min(...starts), now - 8 * 24 * HOUR), to: now + HOUR }
  const { hours } = await store.readCoverage(span)
  const isNoted = ({ key, startedAt }: { key: CallKey; startedAt: Instant }) => {
    const hour = hours.get(hourOf(startedAt))
    return hour !== undefined && [hour.checked, hour.unexamined, hour.deleted].some((set) => set.has(key))
  }
  const missing = [...found].filter(([, call]) => !isNoted(call) && !memory.notes.has(call.key))
  const records = missing.length > 0 ? await store.readCalls(missing.map(([id]) => id)) : new Map()
  for (const [id, call] of missing) {
    const record = records.get(id)?.value ?? null
    const state = record ? stateOfRecord(record, rules, now) : "unexamined"
    if (state) memory.notes.set(call.key, noteOf(call, state, record))
  }
  memory.found = new Map()
}

async function writeNotes(store: Store, memory: CoverageMemory, now: Instant): Promise<void> {
  const changes = changesOf(memory.notes.values(), memory, now)
  for (const [hour, count] of memory.unreadable) {
    const change: HourChange = changes.get(hour) ?? { add: {}, remove: {} }
    changes.set(hour, { ...change, add: { ...change.add, unreadable: [String(count)] } })
  }
  for (const [hour, change] of changes) await store.addCoverage(hour, change)
  memory.notes.clear()
  memory.unreadable.clear()
  memory.isStale = false
}
