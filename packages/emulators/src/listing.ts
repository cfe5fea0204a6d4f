/**
 * A query answered from a source: filter, sort, cut a page.
 *
 * What the vendor's page leaves open is a `Reading`, so that the emulator can be either of the APIs that the page
 * might describe.
 */
import type { EmulatedCall } from "./call.ts"
import type { CallQuery } from "./query.ts"
import { shuffle, type Random } from "./random.ts"
import type { CallSource } from "./source.ts"

export type Reading = {
  /** What `dateFrom` and `dateTo` are compared with. */
  readonly dateField: "createdAt" | "endedAt"
  readonly dateBounds: "inclusive" | "exclusive"
  /** Where calls that have no end or no duration go when sorted by it, whatever the order. */
  readonly nulls: "first" | "last"
  /** If given, calls that are equal under the sort come in another order at each request. */
  readonly tieBreaker?: Random | undefined
}

export const PLAIN_READING: Reading = { dateField: "createdAt", dateBounds: "inclusive", nulls: "last" }

export type Listing = { readonly calls: readonly EmulatedCall[]; readonly totalCount: number }

/** A page beyond the last is empty. */
export function listCalls(source: CallSource, query: CallQuery, now: number, reading: Reading): Listing {
  const range = reading.dateField === "createdAt" ? { from: query.dateFrom, until: query.dateTo } : {}
  const found = source.callsAt(now, range).filter(createFilter(query, reading))
  const ordered = reading.tieBreaker ? shuffle(reading.tieBreaker, found) : found
  const sorted = ordered.sort(createOrder(query, reading))
  const start = (query.page - 1) * query.limit
  return { calls: sorted.slice(start, start + query.limit), totalCount: sorted.length }
}

function createFilter(query: CallQuery, reading: Reading): (call: EmulatedCall) => boolean {
  const type = query.callType === "all" ? undefined : query.callType.toUpperCase()
  const isInRange = createDateFilter(query, reading)
  return (call) => {
    if (!isInRange(call)) return false
    if (type !== undefined && call.type !== type) return false
    if (query.agentId !== undefined && call.agent?.id !== query.agentId) return false
    if (query.minDuration !== undefined && !(call.duration !== null && call.duration >= query.minDuration)) {
      return false
    }
    if (query.maxDuration !== undefined && !(call.duration !== null && call.duration <= query.maxDuration)) {
      return false
    }
    return query.search === undefined || mentions(call, query.search)
  }
}

/** Times are compared as text, which is right because all of them are written in one form. */
function createDateFilter(query: CallQuery, reading: Reading): (call: EmulatedCall) => boolean {
  const from = query.dateFrom === undefined ? undefined : new Date(query.dateFrom).toISOString()
  const to = query.dateTo === undefined ? undefined : new Date(query.dateTo).toISOString()
  if (from === undefined && to === undefined) return () => true
  const isInclusive = reading.dateBounds === "inclusive"
  return (call) => {
    const time = call[reading.dateField]
    if (time === null) return false
    if (from !== undefined && (isInclusive ? time < from : time <= from)) return false
    return to === undefined || (isInclusive ? time <= to : time < to)
  }
}

function mentions(call: EmulatedCall, text: string): boolean {
  const isThere = (value: string | null) => value !== null && value.toLowerCase().includes(text)
  return (
    isThere(call.from) ||
    isThere(call.to) ||
    isThere(call.summary) ||
    call.transcript.some((turn) => isThere(turn.text))
  )
}

function createOrder(query: CallQuery, reading: Reading): (a: EmulatedCall, b: EmulatedCall) => number {
  const sign = query.sortOrder === "asc" ? 1 : -1
  const nullSign = reading.nulls === "first" ? 1 : -1
  const field = query.sortBy
  return (a, b) => {
    const left = a[field]
    const right = b[field]
    if (left === right) return 0
    if (left === null) return -nullSign
    if (right === null) return nullSign
    return left < right ? -sign : sign
  }
}
