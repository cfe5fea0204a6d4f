/**
 * A query answered from a source: filter, sort, cut out a page.
 *
 * What the vendor's page leaves open is a `Reading`, so that the emulator can behave as either of the APIs the page
 * might describe.
 */
import type { EmulatedCall } from "./call.ts"
import type { CallQuery } from "./query.ts"
import { hash, type Random } from "./random.ts"
import type { CallSource } from "./source.ts"

export type QueryReading = {
  /** What `dateFrom` and `dateTo` are compared with. */
  readonly dateField: "createdAt" | "endedAt"
  readonly dateBounds: "inclusive" | "exclusive"
  /** Where calls that have no end or no duration go when sorted by it, whatever the order. */
  readonly nulls: "first" | "last"
  /** If given, calls that are equal under the sort come in a different order at each request. */
  readonly tieBreaker?: Random | undefined
}

export const PLAIN_READING: QueryReading = { dateField: "createdAt", dateBounds: "inclusive", nulls: "last" }

/** Deeper pages than this are found by sorting everything. */
const SELECTED_MAX = 500

export type QueryResult = { readonly calls: readonly EmulatedCall[]; readonly totalCount: number }

/** A page beyond the last is empty. */
export function answerQuery(
  source: CallSource,
  query: CallQuery,
  now: number,
  reading: QueryReading,
): QueryResult {
  const range = reading.dateField === "createdAt" ? { from: query.dateFrom, until: query.dateTo } : {}
  const found = source.callsAt(now, range).filter(createFilter(query, reading))
  const all = found.map((call) => ({ key: call[query.sortBy], call }))
  const end = query.page * query.limit
  const page = takeFirst(all, end, createOrder(query, reading)).slice(end - query.limit)
  return { calls: page.map(({ call }) => call), totalCount: found.length }
}

/** The first of the items in order. Sorting a hundred thousand for the sake of one page would take a second. */
function takeFirst<T>(items: readonly T[], count: number, order: (a: T, b: T) => number): T[] {
  if (count > SELECTED_MAX) return items.toSorted(order).slice(0, count)
  const first: T[] = []
  for (const item of items) {
    const last = first.length === count ? first[count - 1] : undefined
    if (last !== undefined && order(item, last) >= 0) continue
    // After its equals, so that they stay in the order in which they came.
    let [low, high] = [0, first.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = first[middle]
      if (other !== undefined && order(item, other) < 0) high = middle
      else low = middle + 1
    }
    first.splice(low, 0, item)
    if (first.length > count) first.pop()
  }
  return first
}

function createFilter(query: CallQuery, reading: QueryReading): (call: EmulatedCall) => boolean {
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

/** Times are compared as text, which is right because all are written in one form, but for impossible ends of other years. */
function createDateFilter(query: CallQuery, reading: QueryReading): (call: EmulatedCall) => boolean {
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
  if (contains(call.from, text) || contains(call.to, text)) return true
  const { searchText } = call
  if (searchText !== undefined) return searchText.includes(text)
  if (call.summary !== null && contains(call.summary, text)) return true
  return call.transcript.some((turn) => contains(turn.text, text))
}

function contains(value: string, text: string): boolean {
  return value.toLowerCase().includes(text)
}

/** The key is what the call is sorted by: computed once, and compared often. */
type Sorted = { readonly key: string | number | null; readonly call: EmulatedCall }

function createOrder(query: CallQuery, reading: QueryReading): (a: Sorted, b: Sorted) => number {
  const sign = query.sortOrder === "asc" ? 1 : -1
  const nullSign = reading.nulls === "first" ? 1 : -1
  const salt = reading.tieBreaker?.()
  return (a, b) => {
    if (a.key === b.key) return salt === undefined ? 0 : hash(salt, a.call.id) - hash(salt, b.call.id)
    if (a.key === null) return -nullSign
    if (b.key === null) return nullSign
    return a.key < b.key ? -sign : sign
  }
}
