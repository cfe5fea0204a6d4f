/** How far the list was read, and that nothing is passed over, whenever it appears. */
import type { Call } from "@earshot/calls-api/call"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { pickCandidates } from "./candidate.ts"
import { DAY, HOUR, type Instant, isoOf, MINUTE, SECOND } from "./instant.ts"
import {
  advance,
  type Cursor,
  LATE_MS,
  LOOKBACK_MAX_MS,
  LOOKBACK_ROWS,
  PAGE_ROWS,
  prune,
  WAIT_MS,
  windowStart,
} from "./scan.ts"
import { dice, rowOf, START } from "./test-world.ts"
import { EMPTY_WATCH, type OpenState, type Watch, type WatchedCall } from "./watch.ts"

const openState: OpenState = {
  firstSeenAt: START,
  endedAt: null,
  wantsDetail: false,
  isAnalysed: false,
  looks: 0,
  nextLookAt: START,
  settlesAt: null,
  isKept: false,
}
const watchOf = (calls: readonly WatchedCall[]): Watch => ({
  ...EMPTY_WATCH,
  calls: new Map(calls.map((call) => [call.id, call])),
})
const cursorAt = (watermark: Instant, changes: Partial<Cursor> = {}): Cursor => ({
  since: START - 30 * DAY,
  watermark,
  resumeAt: null,
  ...changes,
})

/** Calls of about the last ten days, some of them dated far ahead by mistake. */
const anyAt = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: START - 10 * DAY, max: START }) },
  { weight: 20, arbitrary: fc.integer({ min: START - 3 * HOUR, max: START }) },
  { weight: 1, arbitrary: fc.integer({ min: START, max: START + 1000 * DAY }) },
)
const anyWatch = fc.array(fc.tuple(anyAt, fc.boolean()), { maxLength: 150 }).map((calls) =>
  watchOf(
    calls.map(([at, isOpen], index) => ({
      id: `call-${index}`,
      at,
      fingerprint: "f",
      open: isOpen ? openState : null,
    })),
  ),
)
const anyCursor = fc.record({
  since: fc.integer({ min: START - 12 * DAY, max: START }),
  watermark: fc.integer({ min: START - 12 * DAY, max: START }),
  resumeAt: fc.option(anyAt, { nil: null }),
})

describe("a scan starts", () => {
  test("at the watermark or before it, never before the first call that may be told", () => {
    fc.assert(
      fc.property(anyCursor, anyWatch, (cursor, watch) => {
        const start = windowStart(cursor, watch)
        expect(start).toBeGreaterThanOrEqual(cursor.since)
        expect(start).toBeLessThanOrEqual(Math.max(cursor.since, cursor.watermark))
        expect(start).toBeGreaterThanOrEqual(cursor.watermark - LOOKBACK_MAX_MS)
      }),
    )
  })

  test("so that what it reads again fits into a page with room for what is new", () => {
    fc.assert(
      fc.property(anyCursor, anyWatch, (cursor, watch) => {
        const start = windowStart(cursor, watch)
        if (start === cursor.watermark || start === cursor.since) return
        const later = [...watch.calls.values()].filter((call) => call.at > start)
        expect(later.length).toBeLessThan(LOOKBACK_ROWS)
        expect(LOOKBACK_ROWS).toBeLessThan(PAGE_ROWS)
      }),
    )
  })

  test("as far back as eighty calls, or a week, even if a call is dated ahead by mistake", () => {
    const hourly = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        id: `call-${index}`,
        at: START - index * HOUR,
        fingerprint: "f",
        open: null,
      }))
    expect(windowStart(cursorAt(START), watchOf([]))).toBe(START)
    expect(windowStart(cursorAt(START), watchOf(hourly(10)))).toBe(START - 9 * HOUR)
    expect(windowStart(cursorAt(START), watchOf(hourly(150)))).toBe(START - 79 * HOUR)
    const rare = hourly(40).map((call, index) => ({ ...call, at: START - index * DAY }))
    expect(windowStart(cursorAt(START), watchOf(rare))).toBe(START - 7 * DAY)
    const ahead = { id: "ahead", at: START + 1000 * DAY, fingerprint: "f", open: openState }
    expect(windowStart(cursorAt(START), watchOf([ahead, ...hourly(10)]))).toBe(START - 9 * HOUR)
  })
})

describe("the watermark", () => {
  const anyReadTo = fc.option(anyAt, { nil: null })

  test("never moves back, and forward only behind what was read, what is open and what may appear late", () => {
    fc.assert(
      fc.property(anyCursor, anyWatch, anyReadTo, (cursor, watch, readTo) => {
        const next = advance(cursor, watch, readTo, START)
        expect(next.since).toBe(cursor.since)
        expect(next.watermark).toBeGreaterThanOrEqual(cursor.watermark)
        if (next.watermark === cursor.watermark) return
        const calls = [...watch.calls.values()].filter((call) => call.at <= START + 10 * MINUTE)
        const newest = Math.max(...calls.map((call) => call.at))
        expect(next.watermark).toBeLessThanOrEqual(newest - LATE_MS)
        expect(next.watermark).toBeLessThanOrEqual(readTo ?? next.watermark)
        for (const call of calls) {
          if (call.open && call.at > newest - WAIT_MS) expect(next.watermark).toBeLessThanOrEqual(call.at)
        }
      }),
      { numRuns: 500 },
    )
  })

  test("is not moved by our clock, however late it gets", () => {
    fc.assert(
      fc.property(anyCursor, anyWatch, anyReadTo, fc.nat(365 * DAY), (cursor, watch, readTo, later) => {
        const dated = watchOf([...watch.calls.values()].filter((call) => call.at <= START))
        const { watermark } = advance(cursor, dated, readTo, START)
        expect(advance(cursor, dated, readTo, START + later).watermark).toBe(watermark)
      }),
    )
  })

  test("is not carried away by a call that is dated ahead by mistake", () => {
    const call = (id: string, at: Instant) => ({ id, at, fingerprint: "f", open: null })
    const watch = watchOf([call("now", START), call("ahead", START + 11 * MINUTE)])
    expect(advance(cursorAt(START - HOUR), watch, null, START).watermark).toBe(START - LATE_MS)
  })

  test("waits an hour for an open call, and follows it by its id from then on", () => {
    const open = (at: Instant): WatchedCall => ({ id: "open", at, fingerprint: "f", open: openState })
    const newest: WatchedCall = { id: "newest", at: START, fingerprint: "f", open: null }
    const after = (at: Instant) =>
      advance(cursorAt(START - 2 * HOUR), watchOf([open(at), newest]), null, START).watermark
    expect(after(START - WAIT_MS + 1)).toBe(START - WAIT_MS + 1)
    expect(after(START - WAIT_MS)).toBe(START - LATE_MS)
  })
})

test("forgotten are only decided calls that the next scan does not list", () => {
  fc.assert(
    fc.property(anyCursor, anyWatch, fc.nat(20), (cursor, watch, listedCount) => {
      const listed = new Set([...watch.calls.keys()].slice(0, listedCount))
      const pruned = prune(watch, windowStart(cursor, watch), listed)
      const start = windowStart(cursor, pruned)
      for (const call of watch.calls.values()) {
        const isNeeded = call.open !== null || call.at >= start || listed.has(call.id)
        if (isNeeded) expect(pruned.calls.get(call.id)).toBe(call)
        else if (call.at < windowStart(cursor, watch)) expect(pruned.calls.has(call.id)).toBe(false)
      }
    }),
    { numRuns: 500 },
  )
})

describe("the reading of a list that is too long goes on", () => {
  test("where it ended, but reads the last minutes again, in which calls may yet appear", () => {
    const watch = watchOf([])
    const resumeAt = (readTo: Instant) => advance(cursorAt(START - DAY), watch, readTo, START).resumeAt
    expect(resumeAt(START - HOUR)).toBe(START - HOUR)
    expect(resumeAt(START - MINUTE)).toBe(START - LATE_MS)
    expect(advance(cursorAt(START - DAY), watch, null, START).resumeAt).toBeNull()
  })

  test("never before the watermark and never beyond what was read", () => {
    fc.assert(
      fc.property(anyCursor, anyWatch, anyAt, (cursor, watch, readTo) => {
        const { watermark, resumeAt } = advance(cursor, watch, readTo, START)
        expect(resumeAt).toBeGreaterThanOrEqual(watermark)
        if (watermark <= readTo) expect(resumeAt).toBeLessThanOrEqual(readTo)
      }),
    )
  })
})

/** A call as the vendor lists it: it appears up to five minutes after its start, and ends. */
type Listed = { id: string; at: Instant; appearsAt: Instant; endsAt: Instant; going: Call; ended: Call }
type PollOfModel = { afterMs: number; pages: number }

/** A stretch of calls that are alike. */
type Stretch = { calls: number; everyMs: number; lateMs: number; lastsMs: number }

/** Calls one after another, two of them at a time at most, a third of them appearing late. */
function trafficOf(stretches: readonly Stretch[], roll: () => number): Listed[] {
  let at = START + 1
  return stretches.flatMap(({ calls, everyMs, lateMs, lastsMs }, stretch) =>
    Array.from({ length: calls }, (_, index) => {
      at += Math.floor(roll() * 2 * everyMs) + (index % 2)
      const id = `${stretch}-${index}`
      const endsAt = at + Math.floor(roll() * lastsMs)
      const ended = rowOf({ id, createdAt: isoOf(at), endedAt: isoOf(endsAt) })
      const going = { ...ended, endedAt: null, status: "in_progress" }
      return {
        id,
        at,
        appearsAt: at + Math.floor((roll() < 0.3 ? roll() : 0) * lateMs),
        endsAt,
        going,
        ended,
      }
    }),
  )
}

/**
 * Scans like `functions` does, page 1 by start time from an instant on, a limited number of pages a poll, and says
 * which calls were judged, and which of them after their end. `calls` are in the order of their starts.
 */
function scanAll(calls: readonly Listed[], polls: readonly PollOfModel[], skewMs: number) {
  let cursor: Cursor = { since: START, watermark: START, resumeAt: null }
  let watch: Watch = { ...EMPTY_WATCH, rulesKey: "rules" }
  const judged = new Set<string>()
  const judgedAtEnd = new Set<string>()
  const byId = new Map(calls.map((call) => [call.id, call]))
  let now = START
  const pageFrom = (from: Instant) => {
    const page: Listed[] = []
    for (const call of calls) {
      if (page.length === PAGE_ROWS) break
      if (call.at >= from && call.appearsAt <= now) page.push(call)
    }
    return page
  }
  for (const { afterMs, pages } of polls) {
    now += afterMs
    const from = cursor.resumeAt ?? windowStart(cursor, watch)
    const rows = new Map<string, Call>()
    let readTo: Instant | null = from
    for (let page = 0; page < pages && readTo !== null; page++) {
      const first: Instant = readTo
      const listed = pageFrom(first)
      for (const call of listed) rows.set(call.id, call.endsAt <= now ? call.ended : call.going)
      readTo = listed.length < PAGE_ROWS ? null : Math.max(first + 1, (listed.at(-1)?.at ?? first) - 1)
    }
    const known = new Map(watch.calls)
    const candidates = pickCandidates(watch, cursor, { rows, from, readTo }, "rules", now + skewMs)
    for (const { call } of candidates) {
      judged.add(call.id)
      const hasEnded = (byId.get(call.id)?.endsAt ?? 0) <= now
      if (hasEnded) judgedAtEnd.add(call.id)
      const open = { ...openState, firstSeenAt: now + skewMs, nextLookAt: now + skewMs + 30 * SECOND }
      known.set(call.id, { ...call, open: hasEnded ? null : open })
    }
    const seen: Watch = { ...watch, calls: known }
    cursor = advance(cursor, seen, readTo, now + skewMs)
    watch = prune(seen, windowStart(cursor, seen), new Set(rows.keys()))
  }
  return { judged, judgedAtEnd, watch }
}

describe("whatever calls come, however late they appear, and however little may be read at once", () => {
  const anyStretch: fc.Arbitrary<Stretch> = fc.record({
    calls: fc.integer({ min: 1, max: 150 }),
    everyMs: fc.constantFrom(0, 300, 700, 2 * SECOND, 12 * SECOND, MINUTE, 10 * MINUTE),
    lateMs: fc.constantFrom(0, MINUTE, LATE_MS, LATE_MS),
    lastsMs: fc.constantFrom(0, 3 * MINUTE, 90 * MINUTE),
  })
  const anyPoll: fc.Arbitrary<PollOfModel> = fc.record({
    afterMs: fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: 19 * SECOND, max: 25 * SECOND }) },
      { weight: 2, arbitrary: fc.integer({ min: 19 * SECOND, max: 5 * MINUTE }) },
      { weight: 1, arbitrary: fc.integer({ min: 19 * SECOND, max: HOUR }) },
    ),
    pages: fc.constantFrom(1, 1, 1, 2, 6),
  })
  /** Polls until everything has happened that will, and an hour more for a clock that is an hour behind. */
  const toTheEnd = (calls: readonly Listed[]): PollOfModel[] => {
    const end = Math.max(...calls.map((call) => Math.max(call.appearsAt, call.endsAt))) - START
    return Array.from({ length: 60 }, () => ({ afterMs: Math.ceil((end + 70 * MINUTE) / 50), pages: 2 }))
  }

  test("each call is judged: one that appears while the rest of a long list is still unread, and older than that", () => {
    const call = (id: string, at: Instant, appearsAt: Instant): Listed => {
      const ended = rowOf({ id, createdAt: isoOf(at), endedAt: isoOf(at) })
      return { id, at, appearsAt, endsAt: at, ended, going: ended }
    }
    const second = (seconds: number) => START + seconds * SECOND
    const calls = [
      call("late", second(10), second(304)),
      ...Array.from({ length: 150 }, (_, index) =>
        call(`call-${index}`, second(20 + index), second(20 + index)),
      ),
      call("newest", second(315), second(315)),
    ]
    const polls = [299, 19, 19, 300, 300].map((seconds) => ({ afterMs: seconds * SECOND, pages: 1 }))
    expect(scanAll(calls, polls, 0).judged.size).toBe(152)
  })

  test("each call is judged, and judged again after its end", () => {
    fc.assert(
      fc.property(
        fc.array(anyStretch, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.array(anyPoll, { maxLength: 40 }),
        // Our clock may be behind the vendor's.
        fc.constantFrom(0, 0, -MINUTE, -HOUR),
        (stretches, seed, polls, skewMs) => {
          const calls = trafficOf(stretches, dice(seed))
          const { judged, judgedAtEnd, watch } = scanAll(calls, [...polls, ...toTheEnd(calls)], skewMs)
          expect(calls.map(({ id }) => id).filter((id) => !judged.has(id))).toEqual([])
          expect(calls.map(({ id }) => id).filter((id) => !judgedAtEnd.has(id))).toEqual([])
          expect([...watch.calls.values()].filter((call) => call.open)).toEqual([])
        },
      ),
      { numRuns: 80 },
    )
  })
})
