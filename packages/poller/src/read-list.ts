/**
 * What one poll reads of the list: what it has planned to, and, where a request is left over that no other poll
 * needs, a page of calls that the polls do not read any more.
 */
import type { Trouble } from "@earshot/calls-api/answer"
import type { Call } from "@earshot/calls-api/call"
import type { CallsApi } from "@earshot/calls-api/client"
import type { Instant } from "@earshot/core/instant"
import { type Cursor, OFF_MAX_MS, windowStart } from "@earshot/core/list/cursor"
import type { Doubt } from "@earshot/core/list/doubt"
import { type Reading, planReading } from "@earshot/core/list/plan"
import { type Pass, type Review, planReview } from "@earshot/core/list/review"
import type { Watch } from "@earshot/core/watch/watch"
import type { World } from "@earshot/io/world"
import type { ListMemory } from "./memory/list-memory.ts"
import { noteParties } from "./memory/party-memory.ts"
import { type Listed, readList } from "./read-pages.ts"
import type { Appetite } from "./setup.ts"
import { appearanceIn, isAheadDue, noteFresh, widened } from "./vendor-times.ts"

/**
 * - `scan`: everything from `from` to `readTo` was read; null: to the end of the list. `isInOrder` false: the vendor does not
 *   sort as asked, so the scan cannot go on.
 * - `fresh`: the calls that ended last, which moves no cursor.
 */
export type ReadKind = { kind: "scan"; readTo: Instant | null; isInOrder: boolean } | { kind: "fresh" }

/** `failed`: no row was read. `brokenOff`: some were; what ended the poll's own reading before its time. */
export type Read =
  | { kind: "failed"; trouble: Trouble; blockedUntil: Instant; reviewed: null }
  | (ReadKind & {
      /** The newest row of each call, by id. */
      rows: Map<string, Call>
      unreadable: number
      /** What was wrong about a page; null if nothing was. */
      doubt: Doubt | null
      /** Where the poll's own reading started. */
      from: Instant
      /** The pass that was gone on with, how far it came, and where it ends; null if there was none. */
      reviewed: { pass: Pass; readTo: Instant | null; until: Instant } | null
      blockedUntil: Instant
      brokenOff: Trouble | null
      serverAheadMs: number | null
      /** When a call was certainly not listed yet; null if nobody knows. */
      appearedAfter?: (row: Call, now: Instant) => Instant | null
    })

/** `aheadMs`: how far the times of calls are ahead of our clock. */
export type ListState = { cursor: Cursor; watch: Watch; review: Review; aheadMs: number }

/**
 * `mayAsk` is asked before each request but the first, which is paid for; it charges the request. `spare` tells how many
 * requests no other poll needs.
 */
export async function readForPoll(
  world: World,
  api: CallsApi,
  memory: ListMemory,
  { cursor, watch, review, aheadMs }: ListState,
  { mayAsk, spare, appetite }: { mayAsk: () => Promise<boolean>; spare: () => number; appetite: Appetite },
): Promise<Read> {
  const until = windowStart(cursor, watch)
  const planPass = (left: number | null) =>
    planReview(review, { since: cursor.since, until, spare: left }, world.now())
  const readPass = (pass: Pass) =>
    readList(world, api, { kind: "scan", from: pass.from }, { memory, watch: null }, async (isStuck) => {
      return isStuck && mayAsk()
    })

  const listNow = world.now() + aheadMs
  const planned = planReading(cursor, watch, memory.readings++, listNow)
  const reading = widened(planned, memory, watch, listNow)
  const appearedAfter = appearanceIn(memory)
  const ownPass = reading.mayGiveWay ? planPass(null) : null
  if (ownPass) {
    const listed = await readPass(ownPass)
    return toRead("fresh", listed, reviewedBy(ownPass, listed, until))
  }
  const all = await readList(world, api, reading, { memory, watch }, async (isStuck, pages) => {
    const isWorthIt = isStuck || (reading.isBehind && pages < appetite.pages && spare() > 0)
    return isWorthIt && mayAsk()
  })
  noteParties(memory.parties, all.rows.values())
  const listed = noteFresh(memory, all, { planned, read: reading }, world.now())
  const read = { ...toRead(reading.kind, listed, null), appearedAfter }
  const isOver = read.kind === "failed" || read.brokenOff !== null || listed.blockedUntil > 0
  if (isOver || !appetite.mayReread) return read
  if (isAheadDue(memory, world.now()) && (await mayAsk())) {
    memory.ahead.readAt = world.now()
    const from = world.now() + OFF_MAX_MS
    const aside = await readList(world, api, { kind: "scan", from }, { memory, watch }, mayAsk)
    return { ...read, rows: new Map([...aside.rows, ...read.rows]) }
  }
  const pass = planPass(spare())
  if (!pass || !(await mayAsk())) return read
  const again = await readPass(pass)
  return {
    ...read,
    rows: new Map([...again.rows, ...read.rows]),
    unreadable: read.unreadable + again.unreadable,
    doubt: read.doubt ?? again.doubt,
    reviewed: reviewedBy(pass, again, until),
    blockedUntil: again.blockedUntil,
  }
}

function toRead(kind: Reading["kind"], listed: Listed, reviewed: Read["reviewed"]): Read {
  const { rows, unreadable, doubt, from, readTo, blockedUntil, end, serverAheadMs } = listed
  const brokenOff = end.kind === "broken-off" ? end.trouble : null
  if (brokenOff && rows.size === 0) {
    return { kind: "failed", trouble: brokenOff, blockedUntil, reviewed: null }
  }
  const both = { rows, unreadable, doubt, from, reviewed, blockedUntil, brokenOff, serverAheadMs }
  if (kind === "fresh") return { kind, ...both }
  return { kind, readTo, isInOrder: end.kind !== "out-of-order", ...both }
}

/** What could not be read now is read when the pass goes on. */
function reviewedBy(pass: Pass, { readTo, end }: Listed, until: Instant): Read["reviewed"] {
  return { pass, readTo: end.kind === "broken-off" ? pass.from : readTo, until }
}
