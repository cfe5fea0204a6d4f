/**
 * Crowds: more calls with one start than fit into a page. They are the one case for page numbers, and may come in another
 * order at each request, so they are counted.
 */
import type { Call } from "@earshot/calls-api/call"
import type { ListQuery } from "@earshot/calls-api/client"
import { type Instant, isoOf } from "../instant.ts"
import type { Watch } from "../watch/watch.ts"
import { goesOnAt } from "./page.ts"
import type { Reading } from "./plan.ts"
import { sightOf } from "./sight.ts"

/** Calls with one start that fill more than a page of a scan, and how far they were read. */
export type Crowd = {
  /** Rows of each of their pages. */
  limit: number
  /** Where the reading goes on; once all are known, the page on which they end, and how many of them are on it. */
  page: number
  isRead: boolean
  lastPageRows: number
  /** Of the pages before it, the one to read again next, and whether that is now. */
  reread: { isNext: boolean; page: number }
  /** Their rows on the pages of this round, and the keys of those that are known. */
  rows: number
  keys: ReadonlySet<string>
  /** How often they were read again, because some were not shown. */
  rounds: number
}

/** Calls that start together are read again at most this often: a vendor may show the same page under every number. */
const ROUNDS_MAX = 10

/** Starting this far after an instant leaves it out of the page, whether bounds are inclusive or not. */
export const PAST_MS = 2

/** A page to ask for, and the instant from which it shows calls. */
export type Page = { from: Instant; query: ListQuery & { limit: number; page: number } }

/**
 * What follows a page: a page that begins at an instant, the next by its number, the first of them again, nothing, or nothing
 * now.
 */
export type Way = Instant | "next" | "again" | "end" | "enough"

export function nextByNumber({ from, query }: Page): Page {
  return { from, query: { ...query, page: query.page + 1 } }
}

export function wayOn({ from }: Page, starts: readonly Instant[], isLast: boolean): Way {
  return isLast ? "end" : (goesOnAt(from, starts) ?? "next")
}

/**
 * The way on, among calls that start together and fill more than a page, and what is known of that crowd then; null: nothing
 * is, or has to be counted anew. They may come in another order at each request, so they are counted: if fewer are known than
 * there are, some were shown twice, and others not at all. Once all are known, the page on which they end is enough to go on
 * from, until there are more or fewer of them; and every other time one of the pages before it is read instead, for what may
 * have changed there.
 */
export function throughCrowd(
  known: Crowd | null,
  watch: Watch,
  { page, calls, way }: { page: Page; calls: readonly Call[]; way: Way },
): { way: Way; crowd: Crowd | null } {
  const { from, query } = page
  if (!known && way !== "next") return { way, crowd: null }
  const mine = calls.filter((call) => (sightOf(call).startedAt ?? from) <= from)
  if (known?.isRead) return againThroughCrowd(known, query.page, mine.length, way)
  const before = known ?? newCrowd(query.limit, keysAt(from, watch))
  const keys = new Set(before.keys)
  for (const call of mine) keys.add(sightOf(call).key)
  const crowd = { ...before, keys, rows: before.rows + mine.length }
  if (way === "next") {
    // The same page under every number: there is no last one.
    const isEndless = crowd.rows > (ROUNDS_MAX + 1) * keys.size
    return { way: isEndless ? from + PAST_MS : way, crowd: { ...crowd, page: query.page + 1 } }
  }
  if (keys.size < crowd.rows && crowd.rounds < ROUNDS_MAX) {
    return { way: "again", crowd: { ...crowd, page: 1, rows: 0, rounds: crowd.rounds + 1 } }
  }
  return { way, crowd: { ...crowd, isRead: true, page: query.page, lastPageRows: mine.length } }
}

/** A page of a crowd all of whose calls are known. */
function againThroughCrowd(
  known: Crowd,
  page: number,
  rows: number,
  way: Way,
): { way: Way; crowd: Crowd | null } {
  if (page < known.page) {
    const reread = { isNext: false, page: (page % (known.page - 1)) + 1 }
    return { way: "enough", crowd: { ...known, reread } }
  }
  const areMore = rows > 0 && way === "next"
  const areFewer = rows === 0 && known.lastPageRows > 0
  if (areMore || areFewer) return { way: "again", crowd: null }
  return { way, crowd: { ...known, reread: { ...known.reread, isNext: known.page > 1 } } }
}

function newCrowd(limit: number, keys: ReadonlySet<string>): Crowd {
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
export function firstPage(kind: Reading["kind"], from: Instant, limit: number, crowd: Crowd | null): Page {
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
