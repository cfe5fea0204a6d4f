/**
 * Which page of the list to ask for next, so that no call of a time range is passed over. Pure.
 *
 * The way through the range is a time-keyset: always the first page, in order of `createdAt`, from just
 * before the last call seen; so nothing shifts when calls are added or deleted. Only where more calls share
 * an instant than a page holds are there page numbers, and then the pages are read again until nothing new
 * turns up: a call deleted in between moves those behind it one place up, and calls of one instant may come
 * in another order at each request.
 */
import type { Call, Listing } from "./call.ts"

/** A place in the range: `page` of the calls from `dateFrom` (epoch ms) on. */
export type Walk = {
  readonly dateFrom: number
  readonly page: number
  readonly limit: number
  readonly crowd: Crowd
}

/** What the pages read from one `dateFrom` have shown; it matters only if there was more than one. */
type Crowd = {
  readonly passes: number
  /** Every id of every pass. */
  readonly known: ReadonlySet<string>
  /** The ids seen since `totalCount` last fell, which is when a call was deleted for sure. */
  readonly recent: ReadonlySet<string>
  readonly totalCount: number | null
  /** Calls in this pass, repeated ones counted again. */
  readonly calls: number
  readonly hasFound: boolean
  /** Passes in a row, before this one, that found nothing new. */
  readonly vainPasses: number
  /** The crowd's ids as they came, in this pass and in the one before. */
  readonly order: readonly string[]
  readonly orderBefore: readonly string[] | null
}

/** `unsettled`: so many passes found something new that we go on without being sure to have everything. */
export type Advance =
  | { kind: "next"; walk: Walk; unsettled: boolean }
  | { kind: "end"; unsettled: boolean }
  | { kind: "disorder" }

/**
 * Asked for from a millisecond earlier, a list holds the calls of the instant that is meant even if the
 * vendor excludes the bound. No end is asked for at all: whether `dateTo` means a call's beginning or its end
 * is unknown, and reading one call too far costs nothing.
 */
export const OVERLAP_MS = 1

/**
 * Of a thousand calls in another order at each request, ten passes leave one unseen in thirty walks; twenty,
 * none.
 */
const PASSES_MAX = 20

/** If the order changes at each request, a pass without anything new is chance; so many in a row are not. */
const VAIN_PASSES_ENOUGH = 3

export function startWalk(from: number, limit: number): Walk {
  return { dateFrom: from - OVERLAP_MS, page: 1, limit, crowd: emptyCrowd() }
}

/** The same place with half as many rows a page, for answers that are too large; null if one is too many. */
export function narrowWalk(walk: Walk): Walk | null {
  if (walk.limit === 1) return null
  return { ...walk, page: 1, limit: Math.floor(walk.limit / 2), crowd: emptyCrowd() }
}

/** Where to go on after this page, given the range's end (epoch ms). */
export function advanceWalk(walk: Walk, listing: Listing, to: number): Advance {
  const times = listing.calls.flatMap(({ createdAt }) => (createdAt === null ? [] : [Date.parse(createdAt)]))
  const isOrdered = times.every((time, index) => index === 0 || (times[index - 1] ?? time) <= time)
  if (!isOrdered) return { kind: "disorder" }

  const crowd = addPage(walk, listing)
  const last = times.at(-1) ?? Number.NEGATIVE_INFINITY
  const isEnd = isLastPage(walk, listing) || last > to
  const dateFrom = last - OVERLAP_MS
  if (!isEnd && dateFrom <= walk.dateFrom) {
    return { kind: "next", walk: { ...walk, page: walk.page + 1, crowd }, unsettled: false }
  }
  const isSettled = walk.page === 1 || hasSettled(crowd)
  if (!isSettled && crowd.passes + 1 < PASSES_MAX) {
    return { kind: "next", walk: { ...walk, page: 1, crowd: nextPass(crowd) }, unsettled: false }
  }
  if (isEnd) return { kind: "end", unsettled: !isSettled }
  const next = { dateFrom, page: 1, limit: walk.limit, crowd: emptyCrowd() }
  return { kind: "next", walk: next, unsettled: !isSettled }
}

/** The call belongs to the range, or has no time: then the vendor, who put it there, is believed. */
export function isWithin(call: Call, { from, to }: { from: number; to: number }): boolean {
  if (call.createdAt === null) return true
  const time = Date.parse(call.createdAt)
  return time >= from && time <= to
}

/** A short page alone proves nothing: the vendor may allow fewer rows than were asked for. */
function isLastPage({ page, limit }: Walk, { calls, unreadable, pagination }: Listing): boolean {
  const rows = calls.length + unreadable
  const told = pagination?.limit ?? limit
  const size = told >= 1 && told < limit ? told : limit
  const total = pagination?.totalCount ?? null
  return rows === 0 || (rows < size && total !== null && total <= (page - 1) * size + rows)
}

function emptyCrowd(): Crowd {
  const none = new Set<string>()
  return {
    passes: 0,
    known: none,
    recent: none,
    totalCount: null,
    calls: 0,
    hasFound: false,
    vainPasses: 0,
    order: [],
    orderBefore: null,
  }
}

function addPage({ crowd, dateFrom }: Walk, { calls, pagination }: Listing): Crowd {
  const ids = calls.map(({ id }) => id)
  const crowded = calls.filter((call) =>
    isWithin(call, { from: Number.NEGATIVE_INFINITY, to: dateFrom + OVERLAP_MS }),
  )
  const totalCount = pagination?.totalCount ?? null
  const hasFallen = totalCount !== null && crowd.totalCount !== null && totalCount < crowd.totalCount
  return {
    ...crowd,
    known: new Set([...crowd.known, ...ids]),
    recent: new Set(hasFallen ? ids : [...crowd.recent, ...ids]),
    totalCount,
    calls: crowd.calls + ids.length,
    hasFound: crowd.hasFound || ids.some((id) => !crowd.known.has(id)),
    order: [...crowd.order, ...crowded.map(({ id }) => id)],
  }
}

/**
 * Two passes that showed the same calls in the same places missed none between two pages. Where the order
 * never is the same: as many different calls were seen as the list has places while none was deleted, so each
 * place's call is known. Calls added meanwhile only repeat rows, which asks for more; one deleted just as
 * another is added goes unnoticed, and for that there must have been several passes without anything new.
 */
function hasSettled(crowd: Crowd): boolean {
  const { order, orderBefore, hasFound, recent, calls, vainPasses } = crowd
  const isSame = order.length === orderBefore?.length && order.every((id, place) => id === orderBefore[place])
  if (isSame && new Set(order).size === order.length) return true
  const isEnough = !hasFound && vainPasses + 1 >= VAIN_PASSES_ENOUGH
  return isEnough && recent.size >= calls
}

function nextPass(crowd: Crowd): Crowd {
  return {
    ...crowd,
    passes: crowd.passes + 1,
    calls: 0,
    hasFound: false,
    vainPasses: crowd.hasFound ? 0 : crowd.vainPasses + 1,
    order: [],
    orderBefore: crowd.order,
  }
}
