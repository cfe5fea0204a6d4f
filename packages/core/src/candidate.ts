/**
 * Which calls a poll has to judge: those that are new in the list or differ from what was seen, and open ones
 * whose time has come. All others are as they were, and cost nothing.
 */
import type { Call } from "@earshot/calls-api/call"
import { fingerprint } from "./facts.ts"
import { type Instant, instantOf } from "./instant.ts"
import { OPEN_MAX_MS } from "./judgement.ts"
import { type Cursor, WAIT_MS, windowStart } from "./scan.ts"
import type { Watch, WatchedCall } from "./watch.ts"

export type Candidate = {
  /** As it will be remembered, but for what is still awaited. */
  call: WatchedCall
  /** What the list says now; null if it does not show the call. */
  row: Call | null
  /** The list shows something that it did not show before. */
  hasChanged: boolean
  /** Never seen before. */
  isNew: boolean
  /** The list will show this call again, so that its end is noticed there. */
  isListed: boolean
}

export type Scanned = {
  rows: ReadonlyMap<string, Call>
  /** Where the reading started, and how far it came; null: to the end of the list. */
  from: Instant
  readTo: Instant | null
}

/** In the order of their starts, so that whatever does not fit into a poll is the newest. */
export function pickCandidates(
  watch: Watch,
  cursor: Cursor,
  scanned: Scanned,
  rulesKey: string,
  now: Instant,
): Candidate[] {
  const candidates = new Map<string, Candidate>()
  const haveRulesChanged = watch.rulesKey !== rulesKey
  for (const row of scanned.rows.values()) {
    const known = watch.calls.get(row.id)
    // A call that does not say when it started counts as old as can be: nothing newer is passed over for it.
    const at = instantOf(row.createdAt) ?? known?.at ?? scanned.from
    if (at < cursor.since) continue
    const seen = fingerprint(row)
    const hasChanged = known?.fingerprint !== seen
    const isRejudged = haveRulesChanged && at >= cursor.watermark
    if (!hasChanged && !isRejudged) continue
    const call = { id: row.id, at, fingerprint: seen, open: known?.open ?? null }
    candidates.set(row.id, { call, row, hasChanged, isNew: !known, isListed: true })
  }
  const start = windowStart(cursor, watch)
  const wasReadWhole = scanned.readTo === null && scanned.from <= start
  for (const call of watch.calls.values()) {
    if (!call.open || candidates.has(call.id)) continue
    const row = scanned.rows.get(call.id) ?? null
    // After an hour the list may never tell that a call is over, and its detail is asked instead.
    const isSilent = call.open.endedAt === null && now >= call.open.firstSeenAt + WAIT_MS
    const isListed = !isSilent && (row !== null || (call.at >= start && !wasReadWhole))
    if (!haveRulesChanged && !isDue(call, isListed, now)) continue
    candidates.set(call.id, { call, row, hasChanged: false, isNew: false, isListed })
  }
  return [...candidates.values()].sort((a, b) => a.call.at - b.call.at)
}

function isDue({ open }: WatchedCall, isListed: boolean, now: Instant): boolean {
  if (!open) return false
  if (now >= open.firstSeenAt + OPEN_MAX_MS) return true
  if (open.settlesAt !== null && now >= open.settlesAt) return true
  return now >= open.nextLookAt && (!isListed || (open.endedAt !== null && open.wantsDetail))
}
