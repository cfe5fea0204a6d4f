/**
 * Which page of the list to ask for next, so that no call of a time range is missed. Pure.
 *
 * It pages by time: always the first page, in order of `createdAt`, from just before the last call seen, so nothing
 * shifts when calls are added or deleted. Page numbers are used only where more calls share an instant than a page
 * holds. A call may slip through between two such pages, so they are read again until counting proves that none did.
 * The proof holds in whatever order the calls come and whatever is added or deleted meanwhile.
 */
import type { Call, Listing } from "./call.ts"
import { momentOf } from "./moment.ts"

/** A place in the range: `page` of the calls from `dateFrom` (epoch ms) on, with `limitMax` rows if they fit. */
export type Walk = {
  readonly dateFrom: number
  readonly page: number
  readonly limit: number
  readonly limitMax: number
  readonly crowd: Crowd
}

/** What the pages read from one `dateFrom` have shown; it matters only if there is more than one. */
type Crowd = {
  readonly pages: number
  /** On which of the pages, counted through all passes, each call of the crowd was seen first and last. */
  readonly sightings: ReadonlyMap<string, Sighting>
  /** The pages that showed where the crowd ends, one of each pass. */
  readonly ends: readonly CrowdEnd[]
}

type Sighting = { readonly first: number; readonly last: number }

/** `places`: how many places the crowd took at that moment, or more. `onward`: where the page leads. */
type CrowdEnd = { readonly page: number; readonly places: number; readonly onward: Onward }

type Onward = { kind: "next"; dateFrom: number } | { kind: "end" }

/** `unsettled`: so many passes found something new that we continue without being sure to have everything. */
export type Advance =
  | { kind: "next"; walk: Walk; unsettled: boolean }
  | { kind: "end"; unsettled: boolean }
  | { kind: "disorder" }

/**
 * Requested from a millisecond earlier, a list includes the calls of the instant itself even if the vendor excludes the
 * bound. No upper bound is sent: we do not know whether `dateTo` means a call's beginning or its end, and reading one
 * call too many costs nothing.
 */
export const OVERLAP_MS = 1

/**
 * At most this many passes: where calls come and go all the time, there may never be a proof. If the order differs at
 * each request, a pass overlooks a call with a chance of at most 1/e; this many passes overlook one of a thousand calls
 * in one walk of half a million.
 */
const PASSES_MAX = 20

export function startWalk(from: number, limit: number): Walk {
  return { dateFrom: from - OVERLAP_MS, page: 1, limit, limitMax: limit, crowd: emptyCrowd() }
}

/**
 * Half as many rows per page, for answers that are too large; null if even one row is too many. The page with the same
 * number begins no later than before.
 */
export function narrowWalk(walk: Walk): Walk | null {
  if (walk.limit === 1) return null
  return { ...walk, limit: Math.floor(walk.limit / 2) }
}

/** Where to continue after this page, given the range's end (epoch ms). */
export function advanceWalk(walk: Walk, listing: Listing, to: number): Advance {
  const times = listing.calls.flatMap(({ createdAt }) =>
    createdAt === null ? [] : [momentOf(createdAt) ?? 0],
  )
  const isOrdered = times.every((time, index) => index === 0 || (times[index - 1] ?? time) <= time)
  if (!isOrdered) return { kind: "disorder" }

  const last = times.at(-1) ?? Number.NEGATIVE_INFINITY
  const isEnd = isLastPage(walk, listing) || last > to
  const dateFrom = last - OVERLAP_MS
  const crowd = addPage(walk, listing)
  if (!isEnd && dateFrom <= walk.dateFrom) {
    return { kind: "next", walk: { ...walk, page: walk.page + 1, crowd }, unsettled: false }
  }
  const onward: Onward = isEnd ? { kind: "end" } : { kind: "next", dateFrom }
  const ends = [...crowd.ends, { page: crowd.pages, places: countPlaces(walk, listing), onward }]
  const proven = ends.findLast((end) => isWhole(end, crowd))
  if (!proven && ends.length < PASSES_MAX) {
    return { kind: "next", walk: { ...walk, page: 1, crowd: { ...crowd, ends } }, unsettled: false }
  }
  const unsettled = proven === undefined
  const way = proven?.onward ?? onward
  if (way.kind === "end") return { kind: "end", unsettled }
  // Either a few long calls or one faulty answer was too large: the next page may be wider again.
  const limit = Math.min(walk.limit * 2, walk.limitMax)
  const next = { ...walk, dateFrom: way.dateFrom, page: 1, limit, crowd: emptyCrowd() }
  return { kind: "next", walk: next, unsettled }
}

/** The call belongs to the range, or has no time: then we trust the vendor, who listed it there. */
export function isWithin(call: Call, { from, to }: { from: number; to: number }): boolean {
  if (call.createdAt === null) return true
  const time = momentOf(call.createdAt) ?? 0
  return time >= from && time <= to
}

/** A short page alone proves nothing: the vendor may allow fewer rows than requested. */
function isLastPage(walk: Walk, listing: Listing): boolean {
  const rows = rowsOf(listing)
  const total = listing.pagination?.totalCount ?? null
  const isShort = rows < sizeOf(walk, listing)
  return rows === 0 || (isShort && total !== null && total <= placesBefore(walk, listing) + rows)
}

function rowsOf({ calls, unreadable }: Listing): number {
  return calls.length + unreadable
}

/** How many rows make a full page. */
function sizeOf({ limit }: Walk, { pagination }: Listing): number {
  const told = pagination?.limit ?? limit
  return told >= 1 && told < limit ? told : limit
}

function placesBefore(walk: Walk, listing: Listing): number {
  return (walk.page - 1) * sizeOf(walk, listing)
}

function emptyCrowd(): Crowd {
  return { pages: 0, sightings: new Map(), ends: [] }
}

function addPage(walk: Walk, listing: Listing): Crowd {
  const pages = walk.crowd.pages + 1
  const sightings = new Map(walk.crowd.sightings)
  for (const id of crowdOn(walk, listing)) {
    sightings.set(id, { first: sightings.get(id)?.first ?? pages, last: pages })
  }
  return { ...walk.crowd, pages, sightings }
}

/** The calls at the instant to get past, or before it. A call without a time may be listed anywhere. */
function crowdOn({ dateFrom }: Walk, { calls }: Listing): ReadonlySet<string> {
  const crowded = calls.filter(
    ({ createdAt }) => createdAt !== null && (momentOf(createdAt) ?? 0) <= dateFrom + OVERLAP_MS,
  )
  return new Set(crowded.map(({ id }) => id))
}

/**
 * How many places the crowd took when this page showed its end: those before the page, plus its rows on it. Too many if
 * the crowd ended before the page; then nothing is proven.
 */
function countPlaces(walk: Walk, listing: Listing): number {
  return placesBefore(walk, listing) + crowdOn(walk, listing).size
}

/**
 * A call seen by then and seen again since was listed at that moment. If those are as many as there were places, no
 * other call was listed: a call that was there all along is among them.
 */
function isWhole({ page, places }: CrowdEnd, { sightings }: Crowd): boolean {
  let listed = 0
  for (const { first, last } of sightings.values()) if (first <= page && page <= last) listed += 1
  return listed >= places
}
