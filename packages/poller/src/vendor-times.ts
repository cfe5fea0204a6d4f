/**
 * What the times in the list say of the vendor's clock: fresh pages are compared with those before them, reach back now and
 * then to wherever calls may be dated, and calls that are dated beyond every clock are read aside.
 */
import type { Call } from "@earshot/calls-api/call"
import { type Instant, MINUTE } from "@earshot/core/instant"
import type { Reading } from "@earshot/core/list/plan"
import { sightOf } from "@earshot/core/list/sight"
import { appearedAfter, freshFrom, sampleOf, shownPage, withSample } from "@earshot/core/list/vendor-clock"
import { type Watch, overviewOf } from "@earshot/core/watch/watch"
import type { ListMemory } from "./memory/list-memory.ts"
import type { Listed } from "./read-pages.ts"

/** The reading, or a fresh one that reaches further back if no call of the last minutes is known. */
export function widened(reading: Reading, { readings }: ListMemory, watch: Watch, listNow: Instant): Reading {
  if (reading.kind === "scan") return reading
  const [newest = null] = overviewOf(watch).starts
  return { ...reading, from: freshFrom(reading.from, { newest, readings }, listNow) }
}

/** When a call was certainly not listed yet, by what fresh pages have shown so far; null if nobody knows. */
export function appearanceIn({
  shown: { near, wide },
}: ListMemory): (row: Call, now: Instant) => Instant | null {
  return (row, now) => appearedAfter(near, row, now) ?? appearedAfter(wide, row, now)
}

/**
 * Remembers what a fresh page showed. Of one that reached further back than planned, only the calls that were asked for are
 * left: the others are old, and are read again in their time.
 */
export function noteFresh(
  memory: ListMemory,
  listed: Listed,
  { planned, read }: { planned: Reading; read: Reading },
  now: Instant,
): Listed {
  if (read.kind === "scan" || listed.end.kind !== "done") return listed
  const all = [...listed.rows.values()]
  const depth = read.from < planned.from ? "wide" : "near"
  memory.samples = withSample(memory.samples, sampleOf(memory.shown[depth], all, now))
  memory.shown[depth] = shownPage(all, read.from, now)
  if (depth === "near") return listed
  const rows = all.filter((row) => (sightOf(row).startedAt ?? planned.from) >= planned.from)
  return { ...listed, rows: new Map(rows.map((row) => [row.id, row])), from: planned.from }
}

const READ_ASIDE_EVERY_MS = 10 * MINUTE

/** Whether calls that are dated beyond every clock are to be read now, because no other reading comes to them. */
export function isAheadDue({ ahead }: ListMemory, now: Instant): boolean {
  return ahead.seenAt > ahead.readAt && now - ahead.readAt >= READ_ASIDE_EVERY_MS
}
