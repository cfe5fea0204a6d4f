/**
 * What one poll reads of the list: what it has planned to, and, where a request is left over that no other poll
 * needs, a page of calls that the polls do not read any more.
 */
import type { Trouble } from "@earshot/calls-api/answer"
import type { Call } from "@earshot/calls-api/call"
import type { CallsApi } from "@earshot/calls-api/client"
import type { Instant } from "@earshot/core/instant"
import { type Cursor, windowStart } from "@earshot/core/list/cursor"
import { type Reading, planReading } from "@earshot/core/list/plan"
import { type Pass, type Review, planReview } from "@earshot/core/list/review"
import type { Watch } from "@earshot/core/watch/watch"
import type { World } from "@earshot/io/world"
import type { Memory } from "./memory/memory.ts"
import { type Listed, readList } from "./read-pages.ts"

export type Read = {
  /** The newest row of each call, by id. */
  rows: Map<string, Call>
  unreadable: number
  /** Where the poll's own reading started, and how far a scan came: null, to the end of the list; undefined: no scan. */
  from: Instant
  scannedTo: Instant | null | undefined
  /** The pass that was gone on with, how far it came, and where it ends; null if there was none. */
  reviewed: { pass: Pass; readTo: Instant | null; until: Instant } | null
  blockedUntil: Instant
  /** What ended the poll's own reading before its time. Without any row, it is why the poll failed. */
  trouble: Trouble | null
  /** The vendor does not sort as asked, so that the scan cannot go on. */
  isOutOfOrder: boolean
}

/**
 * `mayAsk` is asked before each request but the first, which is paid for; it charges the request. `spare` tells how many
 * requests no other poll needs. `isCareful`: a page at a time, because a poll that had more to do has vanished.
 */
export async function readForPoll(
  world: World,
  api: CallsApi,
  memory: Memory,
  { cursor, watch, review }: { cursor: Cursor; watch: Watch; review: Review },
  { mayAsk, spare, isCareful }: { mayAsk: () => Promise<boolean>; spare: () => number; isCareful: boolean },
): Promise<Read> {
  const until = windowStart(cursor, watch)
  const planPass = (left: number | null) =>
    planReview(review, { since: cursor.since, until, spare: left }, world.now())
  const readPass = (pass: Pass) =>
    readList(world, api, { kind: "scan", from: pass.from }, { memory, watch: null }, async (isStuck) => {
      return isStuck && mayAsk()
    })

  const reading = planReading(cursor, watch, memory.readings++, world.now())
  const ownPass = reading.mayGiveWay ? planPass(null) : null
  if (ownPass) {
    const listed = await readPass(ownPass)
    return {
      ...toRead("fresh", listed),
      reviewed: reviewedBy(ownPass, listed, until),
    }
  }
  const listed = await readList(world, api, reading, { memory, watch }, async (isStuck) => {
    const isWorthIt = isStuck || (reading.isBehind && !isCareful && spare() > 0)
    return isWorthIt && mayAsk()
  })
  const read = toRead(reading.kind, listed)
  if (isCareful || listed.trouble || listed.blockedUntil > 0) return read
  const pass = planPass(spare())
  if (!pass || !(await mayAsk())) return read
  const again = await readPass(pass)
  return {
    ...read,
    rows: new Map([...again.rows, ...read.rows]),
    unreadable: read.unreadable + again.unreadable,
    reviewed: reviewedBy(pass, again, until),
    blockedUntil: again.blockedUntil,
  }
}

function toRead(kind: Reading["kind"], listed: Listed): Read {
  const { rows, unreadable, from, readTo, blockedUntil, trouble, isOutOfOrder } = listed
  const scannedTo = kind === "scan" ? readTo : undefined
  return { rows, unreadable, from, scannedTo, reviewed: null, blockedUntil, trouble, isOutOfOrder }
}

/** What could not be read now is read when the pass goes on. */
function reviewedBy(pass: Pass, { readTo, trouble }: Listed, until: Instant): Read["reviewed"] {
  return { pass, readTo: trouble ? pass.from : readTo, until }
}
