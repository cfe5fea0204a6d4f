/**
 * Reads the vendor's list: the calls that ended last, which is one page; or from an instant on, by start time, page 1
 * only, then again from the last row's start. More rows with one start than fit into a page are the one case for page
 * numbers; they may come in another order at each request, and so are counted.
 */
import type { Call } from "@earshot/calls-api/call"
import { type CallsApi, type ListQuery, listCalls } from "@earshot/calls-api/client"
import { pausedUntil } from "./allowance.ts"
import type { Trouble } from "@earshot/calls-api/answer"
import { type Instant, instantOf, isoOf } from "@earshot/core/instant"
import { PAGE_ROWS, type Reading } from "@earshot/core/scan"
import { callKey, type Watch } from "@earshot/core/watch"
import type { World } from "@earshot/io/world"
import type { Memory } from "./memory.ts"

/** Pages in one poll at most: what they hold has to be judged and kept in the same poll. */
const PAGES_MAX = 6
/**
 * A page that is too large to read is asked for again with so many times fewer rows. Each page after it has one row more,
 * for what made it too large goes by, and a process may live for days.
 */
const PAGE_DIVISOR = 4
/** So often calls that start together are read again: a vendor may show the same page under every number. */
const ROUNDS_MAX = 10

export type Listed = {
  /** The newest row of each call, by id. */
  rows: Map<string, Call>
  /** Rows that have no readable id. */
  unreadable: number
  /** Everything from the start up to here was read; null: to the end of the list. Says nothing of a fresh page. */
  readTo: Instant | null
  /** Until when the vendor's headers ask not to be asked; 0: they do not. */
  blockedUntil: Instant
  /** What ended the reading before its time; null if nothing did. */
  trouble: Trouble | null
}

type Page = { query: ListQuery; from: Instant }

/** Calls with one start, on numbered pages: their rows on these pages, and the keys of those that are known. */
type Crowd = { from: Instant; rows: number; known: Set<string> }

/**
 * Reads what a poll has planned to ask of the list. The first request is paid for; `mayReadOn` is asked before each further
 * one, and false ends the reading there. `isStuck`: without it the next reading could not get any further either. With a
 * `watch`, calls that start together and fill more than a page are read again until all are known, `ROUNDS_MAX` times at
 * most.
 */
export async function readList(
  world: World,
  api: CallsApi,
  { kind, from }: Pick<Reading, "kind" | "from">,
  { memory, watch }: { memory: Pick<Memory, "pageRows" | "crowd">; watch: Watch | null },
  mayReadOn: (isStuck: boolean) => Promise<boolean>,
): Promise<Listed> {
  const listed: Listed = {
    rows: new Map(),
    unreadable: 0,
    readTo: from,
    blockedUntil: 0,
    trouble: null,
  }
  let page: Page = { query: queryFrom(kind, from, memory.pageRows), from }
  let crowd: Crowd | null = null
  let isStuck = true
  for (let requests = 0; requests < PAGES_MAX; requests++) {
    if (requests > 0 && (listed.blockedUntil > 0 || !(await mayReadOn(isStuck)))) return listed
    const answer = await listCalls(world, api, page.query)
    listed.blockedUntil = pausedUntil(answer.allowance, world.now())
    if (!answer.ok) {
      const { trouble } = answer
      if (trouble.kind === "rate-limited") listed.blockedUntil = Math.max(listed.blockedUntil, trouble.until)
      const isTooLarge = trouble.kind === "unreadable" && trouble.reason === "too-large"
      if (!isTooLarge || memory.pageRows === 1) return { ...listed, trouble }
      memory.pageRows = Math.ceil(memory.pageRows / PAGE_DIVISOR)
      page = { ...page, query: queryFrom(kind, page.from, memory.pageRows) }
      isStuck = true
      continue
    }
    memory.pageRows = Math.min(PAGE_ROWS, memory.pageRows + 1)
    const { calls, unreadable, odd, pagination } = answer.value
    listed.unreadable += unreadable
    for (const call of calls) listed.rows.set(call.id, call)
    const oddFields = Object.keys(odd)
    if (unreadable > 0 || oddFields.length > 0) {
      world.log({ level: "warn", event: "list.odd", unreadable, fields: oddFields.slice(0, 20).join(" ") })
    }
    if (kind === "fresh") return listed
    const count = calls.length + unreadable
    const pages = pagination?.totalPages ?? null
    const isLast = pages === null ? count < (page.query.limit ?? PAGE_ROWS) : (page.query.page ?? 1) >= pages
    const next = nextPage(page, calls, count === 0 || isLast)
    if (watch && (crowd || next?.from === page.from)) {
      crowd = counted(crowd ?? crowdAt(page.from, watch), calls)
      if (next?.from !== page.from) {
        const rounds = memory.crowd?.from === page.from ? memory.crowd.rounds : 0
        if (crowd.known.size < crowd.rows && rounds < ROUNDS_MAX) {
          // Some were shown twice, and others not at all.
          memory.crowd = { from: page.from, rounds: rounds + 1 }
          crowd.rows = 0
          page = { from: page.from, query: queryFrom(kind, page.from, page.query.limit) }
          isStuck = true
          continue
        }
        crowd = null
      }
    }
    if (!next) return { ...listed, readTo: null }
    isStuck = next.from === page.from
    listed.readTo = next.from
    page = next
  }
  return listed
}

function crowdAt(from: Instant, watch: Watch): Crowd {
  const known = new Set<string>()
  for (const { at, key } of watch.calls.values()) if (at === from) known.add(key)
  return { from, rows: 0, known }
}

function counted({ from, rows, known }: Crowd, calls: readonly Call[]): Crowd {
  const mine = calls.filter((call) => (instantOf(call.createdAt) ?? from) <= from)
  for (const { id } of mine) known.add(callKey(id))
  return { from, rows: rows + mine.length, known }
}

/** Null at the end of the list. */
function nextPage({ query, from }: Page, calls: readonly Call[], isLast: boolean): Page | null {
  if (isLast) return null
  let newest = from
  for (const call of calls) newest = Math.max(newest, instantOf(call.createdAt) ?? from)
  if (newest > from) return { from: newest, query: queryFrom("scan", newest, query.limit) }
  return { from, query: { ...query, page: (query.page ?? 1) + 1 } }
}

/**
 * It is not known whether bounds are inclusive, so that a page starts a millisecond before what is meant. No upper bound
 * is ever sent: it might mean the calls' ends.
 */
function queryFrom(kind: Reading["kind"], from: Instant, limit = PAGE_ROWS): ListQuery {
  const dateFrom = isoOf(from - 1)
  return kind === "scan"
    ? { sortBy: "createdAt", sortOrder: "asc", dateFrom, limit, page: 1 }
    : { sortBy: "endedAt", sortOrder: "desc", dateFrom, limit, page: 1 }
}
