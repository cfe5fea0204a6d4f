/**
 * The calls that a poll has to remember: each call of the window with a fingerprint, so that a change is noticed, and
 * for open calls what they are waiting for. `packed-watch.ts` says how they are stored.
 */
import { believable } from "../clock.ts"
import { WAIT_MS } from "../horizon.ts"
import { type Instant, MINUTE, isImaginable } from "../instant.ts"
import type { CallKey } from "./call-key.ts"
import { LOOK_WAIT_MAX_MS, OpenState } from "./open-state.ts"
import { NO_WAITS, type Waits } from "./wait.ts"

export type WatchedCall = {
  key: CallKey
  /** Its start by the vendor's clock, which is its place in the list. */
  startedAt: Instant
  fingerprint: string
  /** Null once every rule is decided. */
  open: OpenState | null
}

export type Watch = {
  /** Counts the writes, so that two polls cannot overwrite each other's. 0: never written. */
  version: number
  /** The rules by which these calls were judged. */
  rulesKey: string
  calls: ReadonlyMap<CallKey, WatchedCall>
  /** How long what was awaited has taken to come. */
  waits: Waits
}

export const EMPTY_WATCH: Watch = { version: 0, rulesKey: "", calls: new Map(), waits: NO_WAITS }

export type OpenCall = WatchedCall & { open: OpenState }

/** What is looked up in a watch again and again: the starts that can be true, newest first, and the open calls. */
export type Overview = { starts: readonly Instant[]; open: readonly OpenCall[] }

const overviews = new WeakMap<Watch["calls"], Overview>()

/** Computed once for the same calls: most polls change nothing. */
export function overviewOf({ calls }: Watch): Overview {
  const known = overviews.get(calls)
  if (known) return known
  const starts: Instant[] = []
  for (const { startedAt: at } of calls.values()) if (isImaginable(at)) starts.push(at)
  return note(
    calls,
    starts.sort((a, b) => b - a),
  )
}

function note(calls: Watch["calls"], starts: readonly Instant[]): Overview {
  const open = [...calls.values()].filter(isOpen)
  const overview = { starts, open }
  overviews.set(calls, overview)
  return overview
}

function isOpen(call: WatchedCall): call is OpenCall {
  return call.open !== null
}

/** By so many times its root may a count be too high by chance. */
const CHANCE = 1.5

/** The spans in which starts are counted, in minutes. */
const RATE_MINUTES = [10, 20, 60]

/**
 * How many calls begin within an hour, by the vendor's clock: as many as in the last one that there is; or as many as its last minutes
 * promise, less what may be chance. A morning is busy long before an hour of it is over.
 */
export function callsInHour(watch: Watch): number {
  const { starts } = overviewOf(watch)
  const counts = RATE_MINUTES.map((minutes) => {
    const from = (starts[0] ?? 0) - minutes * MINUTE
    const before = starts.findIndex((at) => at <= from)
    const count = before === -1 ? starts.length : before
    return minutes === 60 ? count : ((count - CHANCE * Math.sqrt(count)) * 60) / minutes
  })
  return Math.round(Math.max(...counts))
}

/**
 * The watch as it is read: a look that was put off for longer than looks ever are was put off by a clock that was wrong,
 * and is due now. The same one if there is none.
 */
export function rightWatch(watch: Watch, now: Instant): Watch {
  const { open } = overviewOf(watch)
  const isRight = ({ open: { nextLookAt } }: OpenCall) => lookAtOf(nextLookAt, now) === nextLookAt
  if (open.every(isRight)) return watch
  const calls = new Map(watch.calls)
  for (const call of open) {
    const nextLookAt = lookAtOf(call.open.nextLookAt, now)
    calls.set(call.key, { ...call, open: { ...call.open, nextLookAt } })
  }
  return { ...watch, calls }
}

function lookAtOf(nextLookAt: Instant, now: Instant): Instant {
  return believable(nextLookAt, { waitMaxMs: LOOK_WAIT_MAX_MS, now })
}

/** The watch with these calls, or the same one if nothing in it differs from them. */
export function withCalls(watch: Watch, rulesKey: string, calls: readonly WatchedCall[]): Watch {
  const changed = calls.filter((call) => !isSameCall(call, watch.calls.get(call.key)))
  if (changed.length === 0 && watch.rulesKey === rulesKey) return watch
  // By hand, because to copy a map, Node 20 creates an array for each entry.
  const all = new Map<CallKey, WatchedCall>()
  for (const call of watch.calls.values()) all.set(call.key, call)
  for (const call of changed) all.set(call.key, call)
  // Most changes only affect an open call's state: no start has to be sorted in.
  if (changed.every(({ key, startedAt: at }) => watch.calls.get(key)?.startedAt === at))
    note(all, overviewOf(watch).starts)
  return { ...watch, rulesKey, calls: all }
}

/**
 * At most `openMax` open calls. If there are more, closes those that ended longest ago; `givenUp` are those.
 * Closes a call in progress only if there are no others.
 */
export function closeOldest(watch: Watch, openMax: number): { watch: Watch; givenUp: readonly OpenCall[] } {
  const { open } = overviewOf(watch)
  const tooMany = open.length - openMax
  if (tooMany <= 0) return { watch, givenUp: [] }
  const endOf = (call: OpenCall) => call.open.endedAt ?? Number.POSITIVE_INFINITY
  const oldest = [...open]
    .sort((a, b) => Math.sign(endOf(a) - endOf(b)) || a.startedAt - b.startedAt)
    .slice(0, tooMany)
  const calls = new Map(watch.calls)
  for (const call of oldest) calls.set(call.key, { ...call, open: null })
  return { watch: { ...watch, calls }, givenUp: oldest }
}

/**
 * Calls that wait now for a detail that a rule needs: they have ended, or may have, their rules have settled otherwise, and nobody
 * could fetch it yet.
 */
export function countWaiting(watch: Watch, now: Instant): number {
  return overviewOf(watch).open.filter(({ open }) => isWaiting(open, now)).length
}

/**
 * Whether an open call is one of those. One that goes on for all that is known, and that the list has long ceased to show, may have
 * ended as well: it waits once nobody could look for a while.
 */
export function isWaiting(open: OpenState, now: Instant): boolean {
  const { endedAt, wantsDetail, settlesAt, firstSeenAt, nextLookAt } = open
  if (!wantsDetail) return false
  if (endedAt === null) return now - firstSeenAt >= WAIT_MS && now - nextLookAt >= LOOK_WAIT_MAX_MS
  return settlesAt === null || settlesAt <= now
}

/** Whether two watches differ in more than what has been looked at and when it will be looked at again. */
export function hasChangedMore(watch: Watch, before: Watch): boolean {
  if (watch.calls.size !== before.calls.size || watch.rulesKey !== before.rulesKey) return true
  for (const call of watch.calls.values()) {
    const known = before.calls.get(call.key)
    if (call === known) continue
    if (!known?.open || !call.open) return true
    const { looks, nextLookAt } = known.open
    if (!isSameCall({ ...call, open: { ...call.open, looks, nextLookAt } }, known)) return true
  }
  return false
}

function isSameCall(call: WatchedCall, known: WatchedCall | undefined): boolean {
  if (call === known) return true
  if (call.startedAt !== known?.startedAt || call.fingerprint !== known.fingerprint) return false
  const [open, before] = [call.open, known.open]
  if (!open || !before) return open === before
  return open === before || STATE.every((name) => open[name] === before[name])
}

const STATE = OpenState.keyof().options
