/**
 * Reads the vendor's list: the calls that ended last, which is one page; or from an instant on, by start time, page 1
 * only, then again from the last row's second. More rows with one start than fit into a page are the one case for page
 * numbers; they may come in another order at each request, and so are counted.
 */
import { pausedUntil } from "@earshot/calls-api/allowance"
import type { Trouble } from "@earshot/calls-api/answer"
import type { Call } from "@earshot/calls-api/call"
import { type CallsApi, type Listing, listCalls } from "@earshot/calls-api/client"
import { HOUR, type Instant, instantOf, isoOf } from "@earshot/core/instant"
import {
  PAST_MS,
  type Page,
  type Way,
  firstPage,
  nextByNumber,
  throughCrowd,
  wayOn,
} from "@earshot/core/list/crowd"
import { OFF_MAX_MS } from "@earshot/core/list/cursor"
import { type Doubt, doubtOf } from "@earshot/core/list/doubt"
import { PAGE_ROWS, isInOrder } from "@earshot/core/list/page"
import type { Reading } from "@earshot/core/list/plan"
import { sightOf } from "@earshot/core/list/sight"
import type { Watch } from "@earshot/core/watch/watch"
import type { World } from "@earshot/io/world"
import { type ListMemory, forgetCrowds, recallCrowd, rememberCrowd } from "./memory/list-memory.ts"

/** Pages in one poll at most: what they hold has to be judged and kept in the same poll. */
const PAGES_MAX = 6

/**
 * A page that is too large to read is asked for again with a quarter of the rows. Each page after it has one row more,
 * for what made it too large goes by, and a process may live for days.
 */
const PAGE_DIVISOR = 4

export type Listed = {
  /** The newest row of each call, by id. */
  rows: Map<string, Call>
  /** Rows that have no readable id. */
  unreadable: number
  /** Everything between them was read; `readTo` null: to the end of the list. Says nothing of a fresh page. */
  from: Instant
  readTo: Instant | null
  /** Until when the vendor's headers ask not to be asked; 0: they do not. */
  blockedUntil: Instant
  end: ListedEnd
  /** What was wrong about a page; null if nothing was. */
  doubt: Doubt | null
  /** How far the `Date` of an answer was ahead of our clock; null: no answer had one. */
  serverAheadMs: number | null
}

/**
 * How a reading ended: as planned; before its time; or at a page that was not sorted as asked and not the last, so that
 * nobody knows what others show.
 */
export type ListedEnd = { kind: "done" } | { kind: "broken-off"; trouble: Trouble } | { kind: "out-of-order" }

/** Where pages are remembered, and the watch with whose help crowds are read through; null: they are not. */
type Known = { memory: ListMemory; watch: Watch | null }

/**
 * Reads what a poll has planned to ask of the list. The first request is paid for; `mayReadOn` is asked before each further
 * one, and false ends the reading there. `isStuck`: without it the next reading could not get any further either; `pages`:
 * those that were asked for. With a `watch`, calls that start together and fill more than a page are read until all are
 * known, `ROUNDS_MAX` times at most, by as many polls as it takes.
 */
export async function readList(
  world: World,
  api: CallsApi,
  { kind, from }: Pick<Reading, "kind" | "from">,
  known: Known,
  mayReadOn: (isStuck: boolean, pages: number) => Promise<boolean>,
): Promise<Listed> {
  let page = cappedPage(known.memory, pageFrom(known, kind, from), world.now())
  // A read that starts inside a crowd has not seen all of it.
  const seenFrom = page.query.page > 1 ? from + 1 : from
  const listed: Listed = {
    rows: new Map(),
    unreadable: 0,
    from: seenFrom,
    readTo: from,
    blockedUntil: 0,
    end: { kind: "done" },
    doubt: null,
    serverAheadMs: null,
  }
  let isStuck = true
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    if (pages > 0 && (listed.blockedUntil > 0 || !(await mayReadOn(isStuck, pages)))) return listed
    const answer = await listCalls(world, api, page.query)
    listed.blockedUntil = pausedUntil(answer.allowance, world.now())
    if (typeof answer.servedAt === "number") listed.serverAheadMs = answer.servedAt - world.now()
    if (!answer.ok) {
      const { trouble } = answer
      const smaller = smallerPage(world, known, listed, kind, page, trouble)
      if (!smaller) return { ...listed, end: { kind: "broken-off", trouble } }
      page = smaller
      continue
    }
    take(world, known.memory, listed, answer.value)
    noteAhead(known.memory, kind, answer.value.calls, world.now())
    listed.doubt ??= doubtOf(answer.value, page.query.page)
    // What shows nothing though there is something was not read.
    if (kind === "fresh" || listed.doubt?.kind === "hollow") return { ...listed, readTo: page.from }
    const way = wayAfter(known, page, answer.value)
    if (way === "out-of-order") return { ...listed, readTo: page.from, end: { kind: "out-of-order" } }
    if (way === "end") return { ...listed, readTo: null }
    if (way === "enough") return { ...listed, readTo: page.from }
    isStuck = typeof way !== "number"
    if (way === "next") page = nextByNumber(page)
    else page = pageFrom(known, kind, way === "again" ? page.from : way)
    listed.readTo = page.from
  }
  // The polls themselves come through more of them in time; what only reads again does not.
  return isStuck && !known.watch ? { ...listed, readTo: page.from + PAST_MS } : listed
}

function pageFrom({ memory, watch }: Known, kind: Reading["kind"], at: Instant): Page {
  const limit = memory.pageRows
  const crowd = watch && recallCrowd(memory, at)
  if (!crowd || crowd.limit >= limit) return firstPage(kind, at, limit, crowd)
  // It was counted in smaller pages than may be had now.
  rememberCrowd(memory, at, null)
  return firstPage(kind, at, limit, null)
}

/**
 * A fresh page that calls of an impossible time would fill is asked for without them. The bound is harmless whether it
 * means a call's beginning or its end.
 */
function cappedPage({ ahead }: ListMemory, page: Page, now: Instant): Page {
  const isCapped = page.query.sortBy === "endedAt" && now - ahead.filledAt < CAPPED_MS
  return isCapped ? { ...page, query: { ...page.query, dateTo: isoOf(now + OFF_MAX_MS) } } : page
}

/** For so long after such calls have filled a page. */
const CAPPED_MS = HOUR

/** What to ask for instead of a page that was too large to read; null after any other trouble. */
function smallerPage(
  world: World,
  known: Known,
  listed: Listed,
  kind: Reading["kind"],
  page: Page,
  trouble: Trouble,
): Page | null {
  const { memory } = known
  if (trouble.kind === "rate-limited") listed.blockedUntil = Math.max(listed.blockedUntil, trouble.until)
  if (trouble.kind !== "unreadable" || trouble.reason !== "too-large") return null
  if (page.query.limit === 1) {
    listed.unreadable++
    world.log({ level: "warn", event: "list.row-too-large", after: isoOf(page.from) })
    return nextByNumber(page)
  }
  memory.pageRows = Math.ceil(page.query.limit / PAGE_DIVISOR)
  forgetCrowds(memory)
  return pageFrom(known, kind, page.from)
}

function take(world: World, memory: ListMemory, listed: Listed, { calls, unreadable, odd }: Listing): void {
  memory.pageRows = Math.min(PAGE_ROWS, memory.pageRows + 1)
  listed.unreadable += unreadable
  for (const call of calls) listed.rows.set(call.id, call)
  const oddFields = Object.keys(odd)
  if (unreadable > 0 || oddFields.length > 0) {
    world.log({ level: "warn", event: "list.odd", unreadable, fields: oddFields.slice(0, 20).join(" ") })
  }
}

/** Calls that are dated beyond every clock are behind all others in a scan, and ahead of them in a fresh page. */
function noteAhead({ ahead }: ListMemory, kind: Reading["kind"], calls: readonly Call[], now: Instant): void {
  const isAhead = (time: string | null) => (instantOf(time) ?? 0) > now + OFF_MAX_MS
  if (calls.some((call) => isAhead(call.createdAt))) ahead.seenAt = now
  const odd = calls.filter((call) => isAhead(call.endedAt)).length
  if (kind === "fresh" && odd >= PAGE_ROWS / 4) ahead.filledAt = now
}

function wayAfter(
  { memory, watch }: Known,
  page: Page,
  { calls, unreadable, pagination }: Listing,
): Way | "out-of-order" {
  const count = calls.length + unreadable
  const { totalPages = null, limit: told = null } = pagination ?? {}
  const { limit, page: number } = page.query
  // A full page is never the last one, whatever numbers say: asking for one more costs a request, not asking costs calls.
  const isFull = count >= (told !== null && told >= 1 ? Math.min(told, limit) : limit)
  const isLast = !isFull && (totalPages === null || number >= totalPages)
  const starts: Instant[] = []
  for (const call of calls) {
    const { startedAt } = sightOf(call)
    if (startedAt !== null) starts.push(startedAt)
  }
  const way = wayOn(page, starts, count === 0 || isLast)
  if (!watch) return way
  if (way !== "end" && !isInOrder(starts)) return "out-of-order"
  const through = throughCrowd(recallCrowd(memory, page.from), watch, { page, calls, way })
  rememberCrowd(memory, page.from, through.crowd)
  return through.way
}
