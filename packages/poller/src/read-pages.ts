/**
 * Reads the vendor's list: the calls that ended last, which is one page; or from an instant on, by start time, page 1
 * only, then again from the last row's second. More rows with one start than fit into a page are the one case for page
 * numbers; they may come in another order at each request, and so are counted.
 */
import { pausedUntil } from "@earshot/calls-api/allowance"
import type { Trouble } from "@earshot/calls-api/answer"
import type { Call } from "@earshot/calls-api/call"
import { type CallsApi, listCalls } from "@earshot/calls-api/client"
import { type Instant, instantOf, isoOf } from "@earshot/core/instant"
import { PAST_MS, firstPage, nextByNumber, throughCrowd, wayOn } from "@earshot/core/list/crowd"
import { PAGE_ROWS, isInOrder } from "@earshot/core/list/page"
import type { Reading } from "@earshot/core/list/plan"
import type { Watch } from "@earshot/core/watch/watch"
import type { World } from "@earshot/io/world"
import type { Memory } from "./memory/memory.ts"

/** Pages in one poll at most: what they hold has to be judged and kept in the same poll. */
const PAGES_MAX = 6

/**
 * A page that is too large to read is asked for again with so many times fewer rows. Each page after it has one row more,
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
  /** What ended the reading before its time; null if nothing did. */
  trouble: Trouble | null
  /** It ended at a page that was not sorted as asked and not the last: nobody knows what others show. */
  isOutOfOrder: boolean
}

/**
 * Reads what a poll has planned to ask of the list. The first request is paid for; `mayReadOn` is asked before each further
 * one, and false ends the reading there. `isStuck`: without it the next reading could not get any further either. With a
 * `watch`, calls that start together and fill more than a page are read until all are known, `ROUNDS_MAX` times at most, by
 * as many polls as it takes.
 */
export async function readList(
  world: World,
  api: CallsApi,
  { kind, from }: Pick<Reading, "kind" | "from">,
  { memory, watch }: { memory: Pick<Memory, "pageRows" | "crowds">; watch: Watch | null },
  mayReadOn: (isStuck: boolean) => Promise<boolean>,
): Promise<Listed> {
  const pageFrom = (at: Instant) => {
    const limit = memory.pageRows
    const crowd = watch ? memory.crowds.get(at) : undefined
    if (!crowd || crowd.limit >= limit) return firstPage(kind, at, limit, crowd)
    // It was counted in smaller pages than may be had now.
    memory.crowds.delete(at)
    return firstPage(kind, at, limit, undefined)
  }
  let page = pageFrom(from)
  const listed: Listed = {
    rows: new Map(),
    unreadable: 0,
    // What begins among calls that start together does not show all of them.
    from: page.query.page > 1 ? from + 1 : from,
    readTo: from,
    blockedUntil: 0,
    trouble: null,
    isOutOfOrder: false,
  }
  let isStuck = true
  for (let requests = 0; requests < PAGES_MAX; requests++) {
    if (requests > 0 && (listed.blockedUntil > 0 || !(await mayReadOn(isStuck)))) return listed
    const answer = await listCalls(world, api, page.query)
    listed.blockedUntil = pausedUntil(answer.allowance, world.now())
    if (!answer.ok) {
      const { trouble } = answer
      if (trouble.kind === "rate-limited") listed.blockedUntil = Math.max(listed.blockedUntil, trouble.until)
      const isTooLarge = trouble.kind === "unreadable" && trouble.reason === "too-large"
      if (!isTooLarge) return { ...listed, trouble }
      if (page.query.limit === 1) {
        listed.unreadable++
        world.log({ level: "warn", event: "list.row-too-large", after: isoOf(page.from) })
        page = nextByNumber(page)
        continue
      }
      memory.pageRows = Math.ceil(page.query.limit / PAGE_DIVISOR)
      memory.crowds.clear()
      page = pageFrom(page.from)
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
    const { totalPages = null, totalCount = null } = pagination ?? {}
    const isFull = count >= page.query.limit
    // A full page is the last one only if both numbers say so: to ask for one more costs a request, and not to ask calls.
    const isAll = !isFull || (totalCount !== null && totalCount <= page.query.page * page.query.limit)
    const isLast = isAll && (totalPages === null ? !isFull : page.query.page >= totalPages)
    const starts = calls.flatMap((call) => instantOf(call.createdAt) ?? [])
    const way = wayOn(page, starts, count === 0 || isLast)
    if (watch && way !== "end" && !isInOrder(starts)) {
      return { ...listed, readTo: page.from, isOutOfOrder: true }
    }
    const further = watch ? throughCrowd(memory.crowds, watch, { page, calls, way }) : way
    if (further === "end") return { ...listed, readTo: null }
    if (further === "enough") return { ...listed, readTo: page.from }
    isStuck = typeof further !== "number"
    if (further === "next") page = nextByNumber(page)
    else page = pageFrom(further === "again" ? page.from : further)
    listed.readTo = page.from
  }
  // The polls themselves come through more of them in time; what only reads again does not.
  return isStuck && !watch ? { ...listed, readTo: page.from + PAST_MS } : listed
}
