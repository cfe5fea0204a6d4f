/**
 * The vendor's request limits. Requests are counted per minute, before they are made, in a ring stored with the
 * poller's state: a crash can waste some of the budget, but never exceed it.
 *
 * The list request that opens each poll is not written down, which would cost each idle poll a write: the fence numbers
 * polls, so their number since the ring was last written is known.
 */
import { type Instant, MINUTE, SECOND } from "../instant.ts"

export type RequestKind = "list" | "detail"

/**
 * An hour, the current minute, and one more because a request may reach the vendor up to a minute after it was counted:
 * that is how long a poll may run.
 */
export const RING_MINUTES = 62

/** Clocks of different machines differ by less. */
const CLOCK_SKEW_MINUTES = 2

/** For the limits of a minute: the current one, the one before, and one more for the same reason. */
const RECENT_SLOTS = 3

export type Ring = {
  /** The first slot, in minutes since 1970. */
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

/**
 * Besides the hourly limits, the vendor takes 100 GET requests a minute, 30 of them filtered lists. Each kind has its
 * own part, so that a burst of details never keeps a poll from listing.
 */
const PER_MINUTE: Record<RequestKind, number> = { list: 30, detail: 70 }

/** Polls may use at most this share of the hour's lists; the rest is for long lists and re-reading. */
const POLL_SHARE = 0.95

/** The gate as it is enforced: never shorter than the polls' share of the hourly list limit allows. */
export function gateOf(intervalMs: number, listPerHour: number): number {
  return intervalMs === 0 ? 0 : Math.max(intervalMs, Math.ceil((60 * MINUTE) / (POLL_SHARE * listPerHour)))
}

/** The ring at `now`, with every poll up to `fence` counted. Minutes that have left the hour are dropped. */
export function countPolls(ring: Ring, fence: number, limits: Limits, now: Instant): Ring {
  const rolled = roll(ring, Math.floor(now / MINUTE))
  // Without a gate we do not know when they were, and now is the safe assumption. With one, polls are at least a gate
  // apart, so each started no later than this. Counting those as of now would be safe too, but all polls of a quiet
  // hour would leave the ring an hour late, and new ones would be refused.
  const list = [...rolled.list]
  const newest = Math.max(now, rolled.minute * MINUTE)
  for (let age = 0; age < fence - rolled.fence; age++) {
    const slot = rolled.minute - Math.floor((newest - age * limits.gateMs) / MINUTE)
    if (slot >= RING_MINUTES) break
    while (list.length <= slot) list.push(0)
    list[slot] = (list[slot] ?? 0) + 1
  }
  return { ...rolled, fence, list }
}

/** The ring with `count` more requests, which may then be made. A negative count returns those that were not made. */
export function charge(ring: Ring, kind: RequestKind, count: number): Ring {
  const counts = [...ring[kind]]
  counts[0] = Math.max(0, (counts[0] ?? 0) + count)
  return { ...ring, [kind]: counts }
}

export function usedInHour(ring: Ring, kind: RequestKind): number {
  return sum(ring[kind])
}

/** How many recent minutes show how fast requests are being used. */
const PACE_MINUTES = 10

/** Requests an hour, at the pace of the last ten minutes or of the hour, whichever is higher. */
export function paceOf(ring: Ring, kind: RequestKind): number {
  const recent = sum(ring[kind], PACE_MINUTES)
  return Math.max(usedInHour(ring, kind), (recent * 60) / PACE_MINUTES)
}

/** Of the hour's details, what is meant to be used. */
const MEANT_SHARE = 0.94

/** What a call's first look and its last take, which do not depend on how closely it is followed. */
const LOOKS_EACH = 1.3

/** What leaves the hour in this time may be used again in as much. */
const SOON_MINUTES = 20

/**
 * How many details an hour calls may be followed with that go on, or wait for what comes after their end: what is left, and what will
 * soon be an hour old. `calls`: begin in an hour.
 */
export function detailsForLooks(ring: Ring, limits: Limits, calls: number): number {
  const left = MEANT_SHARE * limits.detailPerHour - usedInHour(ring, "detail")
  const soon = sum(ring.detail) - sum(ring.detail, RING_MINUTES - SOON_MINUTES)
  return Math.max(0, left + (soon * 60) / SOON_MINUTES - LOOKS_EACH * calls)
}

/** Looks that can wait leave this many of the minute's details to calls that end, or are nudged, in the next moment. */
export const LEFT_PER_MINUTE = 20

/** Of the minute's details that looks may use, so many lists have a part: what a call may take at first, several share later. */
const LISTS = 3

/** How many looks there may be until the next list. */
export function looksUntilList(ring: Ring): number {
  const left = PER_MINUTE.detail - LEFT_PER_MINUTE - sum(ring.detail, RECENT_SLOTS)
  return Math.max(0, left / LISTS)
}

/**
 * A call from before the window that nobody could examine is examined while details are spent at less than this share of
 * the hour's: more than what is spent on probes, which can wait, and less than what new calls take on a busy day.
 */
const PLENTIFUL_SHARE = 0.8

/** Whether there are details for calls that nobody could examine in their time. */
export function areDetailsPlentiful(ring: Ring, { detailPerHour }: Limits): boolean {
  return paceOf(ring, "detail") < PLENTIFUL_SHARE * detailPerHour
}

/** How much of a kind was used and how much there is, in the hour and in the minute. */
export function budgetOf(
  ring: Ring,
  kind: RequestKind,
  limits: Limits,
): Record<"hour" | "minute", { used: number; limit: number }> {
  const perHour = kind === "list" ? limits.listPerHour : limits.detailPerHour
  return {
    hour: { used: usedInHour(ring, kind), limit: perHour },
    minute: { used: sum(ring[kind], RECENT_SLOTS), limit: PER_MINUTE[kind] },
  }
}

/** How many more requests of a kind may be made now. Negative if polls have already overdrawn it. */
export function affordable(ring: Ring, kind: RequestKind, limits: Limits): number {
  const perHour = kind === "list" ? limits.listPerHour : limits.detailPerHour
  const recent = sum(ring[kind], RECENT_SLOTS)
  return Math.min(perHour - usedInHour(ring, kind), PER_MINUTE[kind] - recent)
}

/**
 * How many lists may be requested now, beyond the polls' own, without making any poll of the next hour wait. Polls are
 * expected a second more than a gate apart, as the ticks come.
 */
export function spareLists(ring: Ring, limits: Limits): number {
  let inRing = usedInHour(ring, "list")
  const pollsIn = (minutes: number) =>
    limits.gateMs === 0 ? 0 : Math.ceil((minutes * MINUTE) / (limits.gateMs + SECOND))
  let spare = affordable(ring, "list", limits) - pollsIn(RECENT_SLOTS)
  for (let minute = 1; minute <= RING_MINUTES; minute++) {
    inRing -= ring.list[RING_MINUTES - minute] ?? 0
    spare = Math.min(spare, limits.listPerHour - inRing - pollsIn(minute + 1))
  }
  return Math.max(0, spare)
}

function roll(ring: Ring, minute: number): Ring {
  const passed = minute - ring.minute
  if (passed < -CLOCK_SKEW_MINUTES) {
    // A clock was far ahead. Everything counted so far counts as of now, which is the safe assumption.
    return { ...ring, minute, list: [sum(ring.list)], detail: [sum(ring.detail)] }
  }
  // A clock that went back a little counts into the slot it finds: later than true, which is safe as well.
  if (passed <= 0) return ring
  const shift = (counts: readonly number[]) =>
    passed >= RING_MINUTES
      ? []
      : [...Array.from({ length: passed }, () => 0), ...counts].slice(0, RING_MINUTES)
  return { ...ring, minute, list: shift(ring.list), detail: shift(ring.detail) }
}

function sum(counts: readonly number[], end = counts.length): number {
  let total = 0
  for (let slot = 0; slot < end; slot++) total += counts[slot] ?? 0
  return total
}

/**
 * Two hexadecimal digits per minute: 124 characters per kind, so that the poller's state stays below a write unit. A
 * count that needs more digits is in brackets. Those are rare: the limits of a minute are lower, and only counts
 * combined from many minutes exceed them.
 */
export function packCounts(counts: readonly number[]): string {
  return counts
    .map((count) => (count > 255 ? `(${count.toString(16)})` : count.toString(16).padStart(2, "0")))
    .join("")
    .replace(/(00)+$/, "")
}

export function unpackCounts(packed: string): number[] {
  return (packed.match(/\(\w+\)|../g) ?? []).map((digits) => Number.parseInt(digits.replace("(", ""), 16))
}
