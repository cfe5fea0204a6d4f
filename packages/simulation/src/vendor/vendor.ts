/**
 * The Calls API in as few instructions as possible: its two endpoints and their limits as documented, as odd as the seed
 * makes them, on simulated traffic. The full emulator does more than most simulations need.
 */
import { type Instant, MINUTE } from "@earshot/core/instant"
import { createRandom, shuffle } from "@earshot/emulators/random"
import type { VendorOddities } from "../truth/oddity.ts"
import { CALL_MAX_MS, type Row, type SimulatedCall, hasEnd, isVisible, shownEnd } from "../truth/call.ts"
import { firstFrom } from "../truth/call.ts"
import type { Traffic } from "../truth/traffic.ts"
import { createRateLimits } from "./limit.ts"
import { detailOf, rowOf } from "./row.ts"

/** From this many details an hour on the poller has to choose, and what it gives up for that is excused. */
const DETAILS_SCARCE = 350

export type VendorAnswer = {
  status: number
  json: unknown
  headers: Readonly<Record<string, string>> | null
  /** The calls of a list, and their rows, in its order. */
  listed: readonly SimulatedCall[]
  rows: readonly Row[]
}

export type Vendor = {
  answer: (url: string, now: Instant) => VendorAnswer
  /** If there is one, it answers instead, and must say the same as the answer expected. */
  fetch?: (url: string, init: RequestInit | undefined, expected: VendorAnswer) => Promise<Response>
  requests: { list: number; detail: number; refused: number }
  /** Requests of a kind that came within the hour. */
  usedInHour: (kind: "list" | "detail", now: Instant) => number
  /** When details were scarce, about once a minute, in order. */
  scarceAt: Instant[]
}

type Query = {
  /** The first and the last instant that are asked for. */
  dateFrom: Instant
  dateTo: Instant
  page: number
  limit: number
  sortBy: string
  isDescending: boolean
}

/** `exceeded` is called with the documented limit that a request went over. */
export function createVendor(
  { traffic, oddities, seed }: { traffic: Traffic; oddities: VendorOddities; seed: number },
  exceeded: (limit: string) => void,
): Vendor {
  const limits = createRateLimits(oddities)
  const requests = { list: 0, detail: 0, refused: 0 }
  const scarceAt: Instant[] = []
  const die = createRandom("ties", seed)
  const shelf = { traffic, oddities, die }

  return {
    requests,
    usedInHour: limits.usedInHour,
    scarceAt,
    answer(url, now) {
      const path = url.slice(url.indexOf("/calls") + "/calls".length)
      const kind = path.startsWith("/") ? "detail" : "list"
      requests[kind]++
      const full = limits.take(kind, now)
      if (full) {
        exceeded(full.name)
        requests.refused++
        return refused(429, "Too many requests", { "retry-after": "60" })
      }
      if (kind === "detail" && limits.hasUsed(DETAILS_SCARCE, now) && now - (scarceAt.at(-1) ?? 0) > MINUTE)
        scarceAt.push(now)
      const headers = oddities.limitHeaders === "always" ? limits.headers(kind, now) : null
      traffic.callsAt(now)
      if (kind === "list") return listOf(shelf, parseQuery(path, oddities), headers, now)
      const call = traffic.call(decodeURIComponent(path.slice(1)))
      const { detailLagMs } = oddities
      const then = detailLagMs > 0 ? now - Math.round(die() * detailLagMs) : now
      if (!call || !isVisible(call, then)) return refused(404, "Call not found", headers)
      return { status: 200, json: { data: detailOf(call, then) }, headers, listed: [], rows: [] }
    },
  }
}

function refused(status: number, error: string, headers: VendorAnswer["headers"]): VendorAnswer {
  return { status, json: { error }, headers, listed: [], rows: [] }
}

/** Understands only queries as our client writes them. */
function parseQuery(path: string, { isInclusive, stampsMs }: VendorOddities): Query {
  const query: Query = {
    dateFrom: Number.NEGATIVE_INFINITY,
    dateTo: Number.POSITIVE_INFINITY,
    page: 1,
    limit: 20,
    sortBy: "createdAt",
    isDescending: true,
  }
  for (const part of path.slice(1).split("&")) {
    const [name = "", value = ""] = part.split("=")
    const at = Date.parse(decodeURIComponent(value)) - stampsMs
    if (name === "dateFrom") query.dateFrom = at + (isInclusive ? 0 : 1)
    else if (name === "page") query.page = Number(value)
    else if (name === "limit") query.limit = Number(value)
    else if (name === "sortBy") query.sortBy = value
    else if (name === "sortOrder") query.isDescending = value === "desc"
    else if (name === "dateTo") query.dateTo = at
    else if (path !== "") throw new Error(`The simulated vendor does not know ${name}.`)
  }
  return query
}

type Shelf = { traffic: Traffic; oddities: VendorOddities; die: () => number }

function listOf(shelf: Shelf, query: Query, headers: VendorAnswer["headers"], now: Instant): VendorAnswer {
  const found = query.sortBy === "endedAt" ? foundByEnd(shelf, query, now) : foundByStart(shelf, query, now)
  const first = (query.page - 1) * query.limit
  const { calls, total } = found
  const listed = shelf.oddities.shuffledTies
    ? shuffled(calls, tieOf(shelf, query, now), shelf.die).slice(first, first + query.limit)
    : calls.slice(first, first + query.limit)
  const pagination = {
    page: query.page,
    limit: query.limit,
    ...(shelf.oddities.totals === "page"
      ? { totalCount: listed.length, totalPages: Math.sign(listed.length) }
      : { totalCount: total, totalPages: Math.ceil(total / query.limit) }),
  }
  const rows = listed.map((call) => rowOf(call, now))
  return { status: 200, json: { data: rows, pagination }, headers, listed, rows }
}

const startOf = (call: SimulatedCall) => call.createdAt

const endOf = (call: SimulatedCall) => call.endedAt

type Found = { calls: SimulatedCall[]; total: number }

function foundByStart(shelf: Shelf, query: Query, now: Instant): Found {
  const { traffic, oddities } = shelf
  const all = traffic.callsAt(now)
  const from = firstOf(shelf, query, now)
  const wanted = query.page * query.limit
  const calls: SimulatedCall[] = []
  for (let step = 0; step < all.length - from; step++) {
    const call = all[query.isDescending ? all.length - 1 - step : from + step]
    if (!call || !isIn(call, query, oddities, now)) continue
    // Those that begin at the same instant as the last are wanted too: any of them may come first.
    if (calls.length >= wanted && calls.at(-1)?.createdAt !== call.createdAt) break
    calls.push(call)
  }
  return { calls, total: countIn(shelf, query, now) }
}

function foundByEnd(shelf: Shelf, query: Query, now: Instant): Found {
  if (!query.isDescending) throw new Error("The simulated vendor sorts by ends only backwards.")
  const { traffic, oddities } = shelf
  const all = traffic.callsAt(now)
  const wanted = query.page * query.limit
  const endless: SimulatedCall[] = []
  for (let index = firstOf(shelf, query, now); index < all.length; index++) {
    const call = all[index]
    if (call && !hasEnd(call, now) && isIn(call, query, oddities, now)) endless.push(call)
  }
  const ended: SimulatedCall[] = []
  const byEnd = traffic.byEnd()
  for (let index = firstFrom(byEnd, now + 1, endOf) - 1; index >= 0; index--) {
    const call = byEnd[index]
    if (!call || call.endedAt < query.dateFrom) break
    if (!isIn(call, query, oddities, now) || !hasEnd(call, now)) continue
    if (call.look.values.end !== null) continue
    if (ended.length >= wanted && ended.at(-1)?.endedAt !== call.endedAt) break
    ended.push(call)
  }
  const odd = all.slice(firstOf(shelf, query, now)).filter((call) => {
    return call.look.values.end !== null && hasEnd(call, now) && isIn(call, query, oddities, now)
  })
  const shown = (call: SimulatedCall) => shownEnd(call, oddities.stampsMs)
  const sorted = odd.length === 0 ? ended : [...odd, ...ended].sort((a, b) => shown(b) - shown(a))
  return {
    calls: oddities.nulls === "first" ? [...endless, ...sorted] : [...sorted, ...endless],
    total: countIn(shelf, query, now),
  }
}

/** The first index, by start, that may be in the list. */
function firstOf({ traffic, oddities }: Shelf, { dateFrom }: Query, now: Instant): number {
  // A call that ended after an instant may have begun long before it.
  const reach = oddities.dateField === "createdAt" ? dateFrom : dateFrom - CALL_MAX_MS
  return dateFrom === Number.NEGATIVE_INFINITY ? 0 : firstFrom(traffic.callsAt(now), reach, startOf)
}

/** How many calls the list has on all its pages: for a list by start, all that began since but for a few. */
function countIn(shelf: Shelf, query: Query, now: Instant): number {
  const { traffic, oddities } = shelf
  const all = traffic.callsAt(now)
  const first = firstOf(shelf, query, now)
  let count = 0
  if (oddities.dateField === "endedAt" || query.dateTo < now) {
    for (let index = first; index < all.length; index++) {
      const call = all[index]
      if (call && isIn(call, query, oddities, now)) count++
    }
    return count
  }
  const fleeting = traffic.fleeting()
  count = all.length - first
  for (let index = firstFrom(fleeting, query.dateFrom, startOf); index < fleeting.length; index++) {
    const call = fleeting[index]
    if (call && !isVisible(call, now)) count--
  }
  return count
}

function isIn(
  call: SimulatedCall,
  { dateFrom, dateTo }: Query,
  { dateField }: VendorOddities,
  now: Instant,
): boolean {
  const time = dateField === "createdAt" ? call.createdAt : call.endedAt
  if (time < dateFrom || time > dateTo) return false
  return isVisible(call, now) && (dateField === "createdAt" || hasEnd(call, now))
}

type Tie = (one: SimulatedCall, other: SimulatedCall) => boolean

/** Whether the sort leaves two neighbours equal. */
function tieOf({ oddities }: Shelf, { sortBy }: Query, now: Instant): Tie {
  if (sortBy !== "endedAt") return (one, other) => one.createdAt === other.createdAt
  const placeOf = (call: SimulatedCall) =>
    hasEnd(call, now) ? shownEnd(call, oddities.stampsMs) : call.endedAt
  // An end that is not shown yet is no tie, be it the same as one that is.
  return (one, other) => hasEnd(one, now) === hasEnd(other, now) && placeOf(one) === placeOf(other)
}

/** The calls with those that are equal in any order. */
function shuffled(calls: SimulatedCall[], isTie: Tie, die: () => number): SimulatedCall[] {
  const result: SimulatedCall[] = []
  for (let index = 0; index < calls.length;) {
    const first = calls[index]
    if (!first) break
    let next = index + 1
    for (let other = calls[next]; other && isTie(first, other); other = calls[next]) next++
    result.push(...(next === index + 1 ? [first] : shuffle(die, calls.slice(index, next))))
    index = next
  }
  return result
}
