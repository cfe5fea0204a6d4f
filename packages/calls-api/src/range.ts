/**
 * All calls in a range of time, one after another, however many pages they fill and whatever happens meanwhile.
 *
 * Yields every call of the range that is listed throughout the read, each once. A call that is added or deleted
 * meanwhile may be included or not. `walk.ts` decides which page comes next; this file makes the requests, waits as the
 * vendor demands, and eventually gives up.
 */
import { unreadable, type Trouble } from "./answer.ts"
import type { Call, Listing } from "./call.ts"
import { listCalls, type CallsApi, type ClientWorld, type ListQuery } from "./client.ts"
import { momentOf } from "./moment.ts"
import type { Odd } from "./reading.ts"
import { advanceWalk, isWithin, narrowWalk, startWalk } from "./walk.ts"

/** Both bounds are ISO 8601, are compared with `createdAt`, and belong to the range. */
export type CallsRange = {
  from: string
  to: string
  /** Narrows the range further. */
  filter?: Pick<ListQuery, "search" | "callType" | "agentId" | "minDuration" | "maxDuration">
  /** Rows per page; 100 by default and at most. */
  limit?: number
  /** Requests in all, including repeated ones; 1,000 by default, enough for about 98,000 calls. */
  requestsMax?: number
  /** How often one page is requested before its trouble is final; 4 by default, and 1 never waits. */
  attemptsMax?: number
}

/** `odd` and `unreadable` count some rows twice, because pages overlap. */
export type Tally = {
  requests: number
  unreadable: number
  odd: Odd
  /**
   * Instants shared by more calls than a page holds, among which calls came and went so often that there is no proof of
   * having them all.
   */
  unsettled: number
}

/**
 * The last step says how it ended: `complete`; `stopped`, because `requestsMax` was reached; or `failed`. A new range
 * would continue from `resumeFrom` (ISO 8601); it may yield some earlier calls again.
 */
export type RangeStep =
  | { kind: "call"; call: Call }
  | { kind: "complete"; tally: Tally }
  | { kind: "stopped"; resumeFrom: string; tally: Tally }
  | { kind: "failed"; trouble: Trouble; resumeFrom: string; tally: Tally }

const PAGE_ROWS_MAX = 100
const REQUESTS_MAX = 1000
const ATTEMPTS_MAX = 4

/** The wait before the second attempt; doubled before each further one. After a 429 the vendor says how long. */
const BACKOFF_MS = 1000

/**
 * Yields the calls, then exactly one other step. Calls come in order of `createdAt`, except where so many share an
 * instant that it is read again. Throws a RangeError if a bound is not a date.
 */
export async function* callsBetween(
  world: ClientWorld,
  api: CallsApi,
  range: CallsRange,
): AsyncGenerator<RangeStep, void, void> {
  const bounds = { from: parseBound(range.from), to: parseBound(range.to) }
  const { requestsMax = REQUESTS_MAX, attemptsMax = ATTEMPTS_MAX, limit = PAGE_ROWS_MAX } = range
  const tally: Tally = { requests: 0, unreadable: 0, odd: {}, unsettled: 0 }
  const given = new Set<string>()
  let walk = startWalk(bounds.from, limit)
  let attempts = 0

  while (tally.requests < requestsMax) {
    tally.requests += 1
    attempts += 1
    const resumeFrom = new Date(walk.dateFrom).toISOString()
    const query = { ...range.filter, dateFrom: resumeFrom, sortBy: "createdAt", sortOrder: "asc" } as const
    const answer = await listCalls(world, api, { ...query, page: walk.page, limit: walk.limit })

    if (!answer.ok) {
      const { trouble } = answer
      const narrower = isTooLarge(trouble) ? narrowWalk(walk) : null
      // Even a single row that is too large may be due to one faulty answer.
      const canPass = trouble.retryable || isTooLarge(trouble)
      const isFinal = !canPass || attempts >= attemptsMax || tally.requests >= requestsMax
      if (!narrower && isFinal) {
        yield { kind: "failed", trouble, resumeFrom, tally }
        return
      }
      if (!narrower) await world.sleep(pauseMs(trouble, attempts, world.now()))
      attempts = narrower ? 0 : attempts
      walk = narrower ?? walk
      continue
    }

    attempts = 0
    count(tally, answer.value)
    for (const call of answer.value.calls) {
      if (given.has(call.id) || !isWithin(call, bounds)) continue
      given.add(call.id)
      yield { kind: "call", call }
    }
    const advance = advanceWalk(walk, answer.value, bounds.to)
    if (advance.kind === "disorder") {
      const trouble = unreadable("wrong-shape", "The calls are not in the order that was asked for.", false)
      yield { kind: "failed", trouble, resumeFrom, tally }
      return
    }
    if (advance.unsettled) tally.unsettled += 1
    if (advance.kind === "end") {
      yield { kind: "complete", tally }
      return
    }
    walk = advance.walk
  }
  yield { kind: "stopped", resumeFrom: new Date(walk.dateFrom).toISOString(), tally }
}

function parseBound(text: string): number {
  const time = momentOf(text)
  if (time === null) throw new RangeError("A bound of the range is not an ISO 8601 date.")
  return time
}

function isTooLarge(trouble: Trouble): boolean {
  return trouble.kind === "unreadable" && trouble.reason === "too-large"
}

function pauseMs(trouble: Trouble, attempts: number, now: number): number {
  if (trouble.kind === "rate-limited") return Math.max(trouble.until - now, 0)
  return BACKOFF_MS * 2 ** (attempts - 1)
}

function count(tally: Tally, listing: Listing): void {
  tally.unreadable += listing.unreadable
  for (const [field, times] of Object.entries(listing.odd)) {
    tally.odd[field] = (tally.odd[field] ?? 0) + times
  }
}
