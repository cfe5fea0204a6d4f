/**
 * Which calls a poll has to judge: those that are new in the list or differ from what was seen, and open ones
 * whose time has come. All others are as they were, and cost nothing.
 */
import type { Call } from "@earshot/calls-api/call"
import { type BetweenLists, lookBetweenAt } from "../watch/between.ts"
import { OPEN_MAX_MS, WAIT_MS } from "../horizon.ts"
import type { Instant } from "../instant.ts"
import type { CallKey } from "../watch/call-key.ts"
import { type OpenState, isLookDue } from "../watch/open-state.ts"
import { type Watch, type WatchedCall, overviewOf } from "../watch/watch.ts"
import { type Cursor, windowStart } from "./cursor.ts"
import { sightOf } from "./sight.ts"

/**
 * A call that a turn considers, and why.
 * - `new`: never seen before.
 * - `old`: it started before the window, so only its record, if there is one, says what is known of it.
 * - `changed`: the list shows something that it did not show before.
 * - `due`: the rules have changed, or the time to wait for a fact is over.
 * - `look`: a detail might be worth a request; without one there is nothing new to judge.
 * - `probe`: the same between two polls, when no list is read; `nudged`: somebody says that it has just ended.
 */
export type Candidate = {
  id: string
  /** As it will be remembered, but for what is still awaited. */
  call: WatchedCall
} & (
  | {
      kind: "new" | "old" | "changed"
      row: Call
      /** Of a new call: it was not listed then, so that it cannot have been over long before. */
      notBefore?: Instant | null
    }
  | {
      kind: "due" | "look"
      /** What the list says now; null if it does not show the call. */
      row: Call | null
      /** The list will show this call again, so its end will be noticed there. */
      isListed: boolean
    }
  | { kind: "probe" | "nudged"; row: null }
)

/** Whether the list shows something that it did not show before. Such a call holds the cursor until it is judged. */
export function hasChanged({ kind }: Candidate): boolean {
  return kind === "new" || kind === "old" || kind === "changed"
}

/** Whether the call is only there for a detail: nothing new is known of it. */
export function isOnlyLook({ kind }: Candidate): boolean {
  return kind === "look" || kind === "probe" || kind === "nudged"
}

/** Whether the list will show the call again, so that a change of it costs nothing to notice. */
export function isListed(candidate: Candidate): boolean {
  return candidate.kind === "due" || candidate.kind === "look" ? candidate.isListed : true
}

export type Scanned = {
  rows: ReadonlyMap<string, Call>
  /** Where the reading started. */
  from: Instant
  /** Every call from `from` on was shown, to the end of the list. */
  isWhole: boolean
}

/** What is known besides: `appearedAfter` says when a call was certainly not listed yet. */
export type Known = {
  rulesKey: string
  isReviewed: (id: string, fingerprint: string) => boolean
  appearedAfter?: (row: Call) => Instant | null
}

/**
 * In the order of their starts, so that whatever does not fit into a poll is the newest. `isReviewed` says of a call from
 * before the window whether its record need not be read for a row with this fingerprint.
 */
export function pickCandidates(
  watch: Watch,
  cursor: Cursor,
  scanned: Scanned,
  { rulesKey, isReviewed, appearedAfter }: Known,
  now: Instant,
): Candidate[] {
  const candidates = new Map<CallKey, Candidate>()
  const listed = new Map<CallKey, Call>()
  const haveRulesChanged = watch.rulesKey !== rulesKey
  const start = windowStart(cursor, watch)
  for (const row of scanned.rows.values()) {
    const { key, startedAt, fingerprint: seen } = sightOf(row)
    const known = watch.calls.get(key)
    if (known?.open) listed.set(key, row)
    // A call that does not say when it started counts as old as can be: nothing newer is passed over for it.
    const at = startedAt ?? known?.startedAt ?? scanned.from
    if (at < cursor.since) continue
    const hasChanged = known?.fingerprint !== seen
    const isRejudged = haveRulesChanged && at >= cursor.watermark
    if (!hasChanged && !isRejudged) continue
    const kind = known ? "changed" : at < start ? "old" : "new"
    if (kind === "old" && isReviewed(row.id, seen)) continue
    const { id } = row
    const call = { key, startedAt: at, fingerprint: seen, open: known?.open ?? null }
    const notBefore = kind === "new" ? (appearedAfter?.(row) ?? null) : null
    candidates.set(
      key,
      hasChanged ? { id, call, row, kind, notBefore } : { id, call, row, kind: "due", isListed: true },
    )
  }
  const wasReadWhole = scanned.isWhole && scanned.from <= start
  for (const call of overviewOf(watch).open) {
    if (candidates.has(call.key)) continue
    const row = listed.get(call.key) ?? null
    // What was read whole and does not show a call will not show it. After an hour the list may never tell that a
    // call is over, and its detail is asked instead.
    const isGone = wasReadWhole && row === null && call.startedAt >= start
    const isSilent = call.open.endedAt === null && now >= call.open.firstSeenAt + WAIT_MS
    const isListed = !isGone && !isSilent
    const kind = haveRulesChanged ? "due" : dueFor(call.open, isListed, now)
    if (kind) candidates.set(call.key, { id: call.open.id, call, row, kind, isListed })
  }
  return [...candidates.values()].sort((a, b) => a.call.startedAt - b.call.startedAt)
}

/** Between two polls, when no list is read: open calls of which a detail may tell sooner than the next list. */
export function pickProbes(watch: Watch, between: BetweenLists, now: Instant): Candidate[] {
  const probes: Candidate[] = []
  for (const call of overviewOf(watch).open) {
    const { open } = call
    const due = lookBetweenAt(open, between)
    if (!due || due.from > now || due.to < now) continue
    probes.push({ id: open.id, call, row: null, kind: "probe" })
  }
  return probes
}

function dueFor(open: OpenState, isListed: boolean, now: Instant): "due" | "look" | null {
  if (now >= open.firstSeenAt + OPEN_MAX_MS) return "due"
  if (open.settlesAt !== null && now >= open.settlesAt) return "due"
  const isWanted = !isListed || (open.endedAt !== null && open.wantsDetail)
  return isWanted && isLookDue(open, now) ? "look" : null
}
