/**
 * The vendor's request limits. Requests are counted per minute, before they are made, in a ring that is stored
 * with the poller's state: a crash can waste some of the budget, never exceed it.
 *
 * The one list request that opens each poll is not written down one by one, which would cost a write for each
 * idle poll: polls are numbered by the fence, so their number since the ring was last written is known.
 */
import { type Instant, MINUTE } from "./instant.ts"

export type RequestKind = "list" | "detail"

/**
 * An hour, the minute that is just running, and one more because a request may reach the vendor up to a minute
 * after it was counted: that is how long a poll may run.
 */
export const RING_MINUTES = 62

/** For the limits of a minute: the running one, the one before, and one for the same reason. */
const RECENT_SLOTS = 3

export type Ring = {
  /** Minutes since 1970 of the first slot. */
  minute: number
  /** The fence up to which polls are counted. */
  fence: number
  /** Requests of this minute, of the minute before, … */
  list: readonly number[]
  detail: readonly number[]
}

export const EMPTY_RING: Ring = { minute: 0, fence: 0, list: [], detail: [] }

export type Limits = {
  listPerHour: number
  detailPerHour: number
  /** The shortest time between the starts of two polls; 0: polls are not spaced. */
  gateMs: number
}

/** Besides the hourly limits: 100 GET requests a minute for a team, and 30 filtered lists. */
export const REQUESTS_PER_MINUTE = 100
export const LISTS_PER_MINUTE = 30

/** The gate as it is kept: never closer than the hourly limit of lists allows. */
export function gateOf(intervalMs: number, listPerHour: number): number {
  return intervalMs === 0 ? 0 : Math.max(intervalMs, Math.ceil((60 * MINUTE) / listPerHour))
}

/** The ring at `now`, with every poll up to `fence` counted. Minutes that have left the hour are dropped. */
export function countPolls(ring: Ring, fence: number, limits: Limits, now: Instant): Ring {
  const rolled = roll(ring, Math.floor(now / MINUTE))
  const polls = Math.max(0, fence - rolled.fence)
  if (polls === 0) return rolled
  const list = [...rolled.list]
  const within = (minutes: number) =>
    limits.gateMs === 0 ? polls : Math.min(polls, Math.ceil((minutes * MINUTE) / limits.gateMs) + 1)
  // Those that can have been recent count as of now, the others as of just before that: never too early.
  const recent = within(RECENT_SLOTS)
  list[0] = (list[0] ?? 0) + recent
  list[RECENT_SLOTS] = (list[RECENT_SLOTS] ?? 0) + (within(RING_MINUTES) - recent)
  return { ...rolled, fence, list: Array.from(list, (count) => count ?? 0) }
}

/** The ring with `count` more requests, which may then be made. A negative count gives back what was not. */
export function charge(ring: Ring, kind: RequestKind, count: number): Ring {
  const counts = [...ring[kind]]
  counts[0] = Math.max(0, (counts[0] ?? 0) + count)
  return { ...ring, [kind]: counts }
}

export function usedInHour(ring: Ring, kind: RequestKind): number {
  return sum(ring[kind])
}

/** How many more requests of a kind may be made now. Negative if polls have already overdrawn it. */
export function affordable(ring: Ring, kind: RequestKind, limits: Limits): number {
  const lists = sum(ring.list.slice(0, RECENT_SLOTS))
  const requests = lists + sum(ring.detail.slice(0, RECENT_SLOTS))
  const perHour = kind === "list" ? limits.listPerHour : limits.detailPerHour
  const bounds = [perHour - usedInHour(ring, kind), REQUESTS_PER_MINUTE - requests]
  if (kind === "list") bounds.push(LISTS_PER_MINUTE - lists)
  return Math.min(...bounds)
}

/** When a list request can be afforded again, if none is made before. Within the hour and two minutes. */
export function affordableAt(ring: Ring, limits: Limits): Instant {
  for (let minutes = 1; minutes < RING_MINUTES; minutes++) {
    const later = roll(ring, ring.minute + minutes)
    if (affordable(later, "list", limits) > 0) return later.minute * MINUTE
  }
  return (ring.minute + RING_MINUTES) * MINUTE
}

function roll(ring: Ring, minute: number): Ring {
  // A clock that went backwards counts into the slot it finds: later than it was, which is on the safe side.
  const passed = minute - ring.minute
  if (passed <= 0) return ring
  const shift = (counts: readonly number[]) =>
    passed >= RING_MINUTES
      ? []
      : [...Array.from({ length: passed }, () => 0), ...counts].slice(0, RING_MINUTES)
  return { ...ring, minute, list: shift(ring.list), detail: shift(ring.detail) }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

/** Two hexadecimal digits a minute: 124 characters a kind, so that the poller's state stays below a write unit. */
export function packCounts(counts: readonly number[]): string {
  return counts
    .map((count) => Math.min(255, count).toString(16).padStart(2, "0"))
    .join("")
    .replace(/(00)+$/, "")
}

export function unpackCounts(packed: string): number[] {
  return (packed.match(/../g) ?? []).map((digits) => Number.parseInt(digits, 16))
}
