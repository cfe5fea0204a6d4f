/**
 * What this process knows of the vendor's list besides the watch: how often it was read, what it reviewed, the crowds in it,
 * and how large a page may be.
 */
import type { Instant } from "@earshot/core/instant"
import type { Crowd } from "@earshot/core/list/crowd"
import { PAGE_ROWS } from "@earshot/core/list/page"
import type { ShownPage } from "@earshot/core/list/vendor-clock"
import type { PartyMemory } from "./party-memory.ts"

/** A call from before the window as it was last reviewed: its row, and whether everything that a rule needs was there. */
export type Reviewed = { fingerprint: string; isExamined: boolean }

export type ListMemory = {
  /**
   * Polls of this process that have read the list, since it began or the rules have changed: the first is a scan, which shows
   * what a new rule judges.
   */
  readings: number
  /** By call id, the oldest first: their records need not be read again while their rows stay as they are. */
  reviewed: Map<string, Reviewed>
  /** By the start that their calls share. */
  crowds: Map<Instant, Crowd>
  /** How many rows a page may have: fewer than the vendor allows, once a page was too large to read. */
  pageRows: number
  /** How far from our clock calls were dated that have just appeared, the newest last. */
  samples: readonly number[]
  /** What the newest fresh page showed, and the newest that reached back to wherever calls may be dated. */
  shown: { near: ShownPage | null; wide: ShownPage | null }
  /** Calls dated beyond every clock: when they were last seen, last read aside, and last filled a fresh page. */
  ahead: { seenAt: Instant; readAt: Instant; filledAt: Instant }
  parties: PartyMemory
}

/** A week of a busy team's calls; they take about three megabytes. */
const REVIEWED_MAX = 30_000

export function createListMemory(): ListMemory {
  return {
    readings: 0,
    reviewed: new Map(),
    crowds: new Map(),
    pageRows: PAGE_ROWS,
    samples: [],
    shown: { near: null, wide: null },
    ahead: { seenAt: 0, readAt: 0, filledAt: 0 },
    parties: new Map(),
  }
}

/**
 * Whether a call from before the window was reviewed with this very row, so that its record need not be read. One that
 * nobody has examined does not count while details are plentiful, because now somebody may.
 */
export function isReviewed(
  { reviewed }: ListMemory,
  callId: string,
  fingerprint: string,
  { areDetailsPlentiful }: { areDetailsPlentiful: boolean },
): boolean {
  const known = reviewed.get(callId)
  return known?.fingerprint === fingerprint && (known.isExamined || !areDetailsPlentiful)
}

/** The oldest are forgotten first: their records are read again when their turn comes. */
export function rememberReviewed({ reviewed }: ListMemory, added: ReadonlyMap<string, Reviewed>): void {
  for (const [id, call] of added) {
    reviewed.delete(id)
    reviewed.set(id, call)
  }
  for (const id of reviewed.keys()) {
    if (reviewed.size <= REVIEWED_MAX) return
    reviewed.delete(id)
  }
}

/** How far the calls with this start were read; null: nothing is known of a crowd there. */
export function recallCrowd({ crowds }: ListMemory, startedAt: Instant): Crowd | null {
  return crowds.get(startedAt) ?? null
}

/** At most this many crowds are remembered; others are counted anew each time. */
const CROWDS_MAX = 20

/** Remembers how far a crowd was read; null: forgets it. */
export function rememberCrowd({ crowds }: ListMemory, startedAt: Instant, crowd: Crowd | null): void {
  if (!crowd) {
    crowds.delete(startedAt)
    return
  }
  crowds.set(startedAt, crowd)
  for (const oldest of crowds.keys()) if (crowds.size > CROWDS_MAX) crowds.delete(oldest)
}

/** The next reading of the list begins anew: what was counted of crowds may not have been kept. */
export function forgetCrowds({ crowds }: ListMemory): void {
  crowds.clear()
}

/** The next reading is a scan. */
export function forgetReadings(memory: ListMemory): void {
  memory.readings = 0
}
