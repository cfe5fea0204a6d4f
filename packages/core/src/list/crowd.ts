/**
 * Crowds: more calls with one start than fit into a page. They are the one case for page numbers, and may come in another
 * order at each request, so they are counted.
 */
import type { Call } from "@earshot/calls-api/call"
import type { ListQuery } from "@earshot/calls-api/client"
import { type Instant, instantOf, isoOf } from "../instant.ts"
import { callKey } from "../watch/call-key.ts"
import type { Watch } from "../watch/watch.ts"
import { goesOnAt } from "./page.ts"
import type { Reading } from "./plan.ts"

/** Calls with one start that fill more than a page of a scan, and how far they were read. */
export type Crowd = {
  /** Rows of each of their pages. */
  limit: number
  /** Where the reading goes on; once all are known, the page on which they end, with so many of them. */
  page: number
  isRead: boolean
  lastPageRows: number
  /** Of those before it the one that is read again next, and whether that is now. */
  reread: { isNext: boolean; page: number }
  /** Their rows on the pages of this round, and the keys of those that are known. */
  rows: number
  keys: Set<string>
  /** How often they were read again, because some were not shown. */
  rounds: number
}

/** So often calls that start together are read again: a vendor may show the same page under every number. */
const ROUNDS_MAX = 10

/** So many are remembered; others are counted anew each time. */
const CROWDS_MAX = 20

/** So far past an instant a page does not show it any more, whether bounds are inclusive or not. */
export const PAST_MS = 2

type Page = { from: Instant; query: ListQuery & { limit: number; page: number } }

/**
 * What follows a page: a page that begins at an instant, the next by its number, the first of them again, nothing, or nothing
 * now.
 */
type Way = Instant | "next" | "again" | "end" | "enough"

export function nextByNumber({ from, query }: Page): Page {
  return { from, query: { ...query, page: query.page + 1 } }
}

export function wayOn({ from }: Page, starts: readonly Instant[], isLast: boolean): Way {
  return isLast ? "end" : (goesOnAt(from, starts) ?? "next")
}

/**
 * The way on, among calls that start together and fill more than a page. They may come in another order at each request, so
 * that they are counted: if fewer are known than there are, some were shown twice, and others not at all. Once all are
 * known, the page on which they end is enough to go on from, until there are more or fewer of them; and every other time
 * one of the pages before it is read instead, for what may have changed there.
 */
export function throughCrowd(
  crowds: Map<Instant, Crowd>,
  watch: Watch,
  { page, calls, way }: { page: Page; calls: readonly Call[]; way: Way },
): Way {
  const { from } = page
  const { limit, page: number } = page.query
  const known = crowds.get(from)
  if (!known && way !== "next") return way
  const mine = calls.filter((call) => (instantOf(call.createdAt) ?? from) <= from)
  if (known?.isRead) {
    if (number < known.page) {
      known.reread = { isNext: false, page: (number % (known.page - 1)) + 1 }
      return "enough"
    }
    known.reread.isNext = known.page > 1
    const areMore = mine.length > 0 && way === "next"
    const areFewer = mine.length === 0 && known.lastPageRows > 0
    if (!areMore && !areFewer) return way
    crowds.delete(from)
    return "again"
  }
  const crowd = known ?? newCrowd(limit, keysAt(from, watch))
  crowds.set(from, crowd)
  for (const oldest of crowds.keys()) if (crowds.size > CROWDS_MAX) crowds.delete(oldest)
  crowd.rows += mine.length
  for (const { id } of mine) crowd.keys.add(callKey(id))
  if (way === "next") {
    crowd.page = number + 1
    // The same page under every number: there is no last one.
    return crowd.rows > (ROUNDS_MAX + 1) * crowd.keys.size ? from + PAST_MS : way
  }
  if (crowd.keys.size < crowd.rows && crowd.rounds < ROUNDS_MAX) {
    crowds.set(from, { ...crowd, page: 1, rows: 0, rounds: crowd.rounds + 1 })
    return "again"
  }
  crowds.set(from, { ...crowd, isRead: true, page: number, lastPageRows: mine.length })
  return way
}

function newCrowd(limit: number, keys: Set<string>): Crowd {
  return {
    limit,
    page: 1,
    isRead: false,
    lastPageRows: 0,
    reread: { isNext: false, page: 1 },
    rows: 0,
    keys,
    rounds: 0,
  }
}

function keysAt(from: Instant, watch: Watch): Set<string> {
  const keys = new Set<string>()
  for (const { startedAt: at, key } of watch.calls.values()) if (at === from) keys.add(key)
  return keys
}

/**
 * It is not known whether bounds are inclusive, so that a page starts a millisecond before what is meant. No upper bound
 * is ever sent: it might mean the calls' ends.
 */
export function firstPage(
  kind: Reading["kind"],
  from: Instant,
  limit: number,
  crowd: Crowd | undefined,
): Page {
  const dateFrom = isoOf(from - 1)
  if (kind === "fresh")
    return { from, query: { sortBy: "endedAt", sortOrder: "desc", dateFrom, limit, page: 1 } }
  const isAside = crowd?.isRead && crowd.reread.isNext
  const page = isAside ? crowd.reread.page : (crowd?.page ?? 1)
  return {
    from,
    query: { sortBy: "createdAt", sortOrder: "asc", dateFrom, limit: crowd?.limit ?? limit, page },
  }
}
