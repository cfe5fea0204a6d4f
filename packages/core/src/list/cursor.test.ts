/** How far the list was read, and what a poll asks of it next. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { LATE_MS, LOOKBACK_MAX_MS, WAIT_MS } from "../horizon.ts"
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../instant.ts"
import { START, watchOf, watchedOf } from "../test-example.ts"
import type { Watch } from "../watch/watch.ts"
import { type Cursor, DECIDED_CALLS_MAX, LOOKBACK_ROWS, advance, prune, windowStart } from "./cursor.ts"
import { rewound } from "./outage.ts"
import { PAGE_ROWS, goesOnAt, isInOrder } from "./page.ts"
import { type Reading, planReading } from "./plan.ts"

const cursorAt = (watermark: Instant, changes: Partial<Cursor> = {}): Cursor => ({
  since: START - 30 * DAY,
  watermark,
  resumeAt: null,
  ...changes,
})

/** Calls of about the last ten days, some dated far ahead by mistake. */
const anyAt = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: START - 10 * DAY, max: START }) },
  { weight: 20, arbitrary: fc.integer({ min: START - 3 * HOUR, max: START }) },
  { weight: 1, arbitrary: fc.integer({ min: START, max: START + 1000 * DAY }) },
)

const anyWatch = fc
  .array(fc.tuple(anyAt, fc.boolean()), { maxLength: 150 })
  .map((calls) =>
    watchOf(calls.map(([at, isOpen], index) => watchedOf(`call-${index}`, at, { open: isOpen ? {} : null }))),
  )

const anyCursor = fc.record({
  since: fc.integer({ min: START - 12 * DAY, max: START }),
  watermark: fc.integer({ min: START - 12 * DAY, max: START }),
  resumeAt: fc.option(anyAt, { nil: null }),
})

describe("a page is in order", () => {
  test("if no call starts before another that comes first, but for those of one second", () => {
    const second = fc.array(fc.integer({ min: 0, max: SECOND - 1 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(second, { minLength: 2, maxLength: 30 }), (seconds) => {
        const starts = seconds.flatMap((parts, index) =>
          parts.map((part) => START + 2 * index * SECOND + part),
        )
        expect(isInOrder(starts)).toBe(true)
        expect(isInOrder(starts.toReversed())).toBe(false)
        expect(isInOrder([...starts, START])).toBe(false)
      }),
    )
    expect([isInOrder([]), isInOrder([START])]).toEqual([true, true])
  })
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
        const later = [...watch.calls.values()].filter((call) => call.startedAt > start)
        expect(later.length).toBeLessThan(LOOKBACK_ROWS)
        expect(LOOKBACK_ROWS).toBeLessThan(PAGE_ROWS)
      }),
    )
  })

  test("as far back as eighty calls, or a week, even if a call is dated ahead by mistake", () => {
    const hourly = (count: number) =>
      Array.from({ length: count }, (_, index) => watchedOf(`call-${index}`, START - index * HOUR))
    expect(windowStart(cursorAt(START), watchOf([]))).toBe(START)
    expect(windowStart(cursorAt(START), watchOf(hourly(10)))).toBe(START - 9 * HOUR)
    expect(windowStart(cursorAt(START), watchOf(hourly(150)))).toBe(START - 79 * HOUR)
    const rare = hourly(40).map((call, index) => ({ ...call, startedAt: START - index * DAY }))
    expect(windowStart(cursorAt(START), watchOf(rare))).toBe(START - 7 * DAY)
    const ahead = watchedOf("ahead", START + 1000 * DAY, { open: {} })
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
        const calls = [...watch.calls.values()].filter((call) => call.startedAt <= START + 10 * MINUTE)
        const newest = Math.max(...calls.map((call) => call.startedAt))
        expect(next.watermark).toBeLessThanOrEqual(newest - LATE_MS)
        expect(next.watermark).toBeLessThanOrEqual(readTo ?? next.watermark)
        for (const call of calls) {
          if (call.open && call.startedAt > newest - WAIT_MS)
            expect(next.watermark).toBeLessThanOrEqual(call.startedAt)
        }
      }),
      { numRuns: 500 },
    )
  })

  test("is not moved by our clock, however late it gets", () => {
    fc.assert(
      fc.property(anyCursor, anyWatch, anyReadTo, fc.nat(365 * DAY), (cursor, watch, readTo, later) => {
        const dated = watchOf([...watch.calls.values()].filter((call) => call.startedAt <= START))
        const { watermark } = advance(cursor, dated, readTo, START)
        expect(advance(cursor, dated, readTo, START + later).watermark).toBe(watermark)
      }),
    )
  })

  test("is not carried away by a call that is dated ahead by mistake", () => {
    const watch = watchOf([watchedOf("now", START), watchedOf("ahead", START + 11 * MINUTE)])
    expect(advance(cursorAt(START - HOUR), watch, null, START).watermark).toBe(START - LATE_MS)
  })

  test("waits an hour for an open call, and follows it by its id from then on", () => {
    const open = (at: Instant) => watchedOf("open", at, { open: {} })
    const newest = watchedOf("newest", START)
    const after = (at: Instant) =>
      advance(cursorAt(START - 2 * HOUR), watchOf([open(at), newest]), null, START).watermark
    expect(after(START - WAIT_MS + 1)).toBe(START - WAIT_MS + 1)
    expect(after(START - WAIT_MS)).toBe(START - LATE_MS)
  })
})

test("forgotten are only decided calls that the next scan does not list", () => {
  fc.assert(
    fc.property(anyCursor, anyWatch, (cursor, watch) => {
      const start = windowStart(cursor, watch)
      const pruned = prune(watch, start)
      for (const call of watch.calls.values()) {
        const isNeeded = call.open !== null || call.startedAt >= start
        expect(pruned.calls.get(call.key)).toBe(isNeeded ? call : undefined)
      }
      // The next scan starts no earlier because of it.
      expect(windowStart(cursor, pruned)).toBeGreaterThanOrEqual(start)
    }),
    { numRuns: 500 },
  )
})

test("what is remembered stays the same if nothing is forgotten, so that nothing has to be written", () => {
  const recent = watchOf([watchedOf("open", START - MINUTE, { open: {} }), watchedOf("decided", START)])
  expect(prune(recent, START - HOUR)).toBe(recent)
  const followed = watchOf([watchedOf("open", START - 3 * HOUR, { open: {} }), watchedOf("decided", START)])
  expect(prune(followed, START - HOUR)).toBe(followed)
  expect([...prune(followed, START + 1).calls.values()].map(({ open }) => open?.id)).toEqual(["open"])
})

test("of more decided calls than may be remembered the oldest are forgotten, and no open one is", () => {
  const decided = Array.from({ length: DECIDED_CALLS_MAX + 100 }, (_, call) => ({
    ...watchedOf(`call-${call}`, START + call),
    open: null,
  }))
  const open = watchedOf("open", START, { open: {} })
  const pruned = prune(watchOf([open, ...decided]), START)
  const left = [...pruned.calls.values()]
  expect(left.filter((call) => call.open)).toHaveLength(1)
  const starts = left.filter((call) => !call.open).map(({ startedAt: at }) => at)
  expect(starts).toHaveLength(DECIDED_CALLS_MAX)
  expect(Math.min(...starts)).toBe(START + 100)
  expect(prune(pruned, START)).toBe(pruned)
})

describe("the reading of a list that is too long goes on", () => {
  test("where it ended", () => {
    const watch = watchOf([])
    const resumeAt = (readTo: Instant) => advance(cursorAt(START - DAY), watch, readTo, START).resumeAt
    expect(resumeAt(START - HOUR)).toBe(START - HOUR)
    expect(resumeAt(START - LATE_MS - 1)).toBe(START - LATE_MS - 1)
    expect(advance(cursorAt(START - DAY), watch, null, START).resumeAt).toBeNull()
  })

  test("from the watermark again once it has come to the last minutes, in which calls may yet appear", () => {
    const resumeAt = (readTo: Instant) => advance(cursorAt(START - DAY), watchOf([]), readTo, START).resumeAt
    for (const readTo of [START - LATE_MS, START, START + 10 * MINUTE]) expect(resumeAt(readTo)).toBeNull()
    // A start dated further ahead is a mistake, and says nothing about how far the scan has come.
    expect(resumeAt(START + 10 * MINUTE + 1)).toBe(START + 5 * MINUTE + 1)
  })

  test("never before the watermark, unless it was rewound, and never beyond what was read", () => {
    fc.assert(
      fc.property(anyCursor, anyWatch, anyAt, (cursor, watch, readTo) => {
        const { watermark, resumeAt } = advance(cursor, watch, readTo, START)
        if (resumeAt === null) {
          expect(readTo).toBeGreaterThanOrEqual(START - LATE_MS)
          return
        }
        expect(resumeAt).toBeGreaterThanOrEqual(Math.min(watermark, cursor.resumeAt ?? watermark))
        if (watermark <= readTo) expect(resumeAt).toBeLessThanOrEqual(readTo)
      }),
    )
  })
})

describe("after an outage", () => {
  const watermark = START - 10 * MINUTE
  const begun = watermark - 2 * HOUR

  test("the scan goes on from two hours before the watermark, page by page, and the watermark stays", () => {
    const cursor = cursorAt(watermark)
    const back = rewound(cursor, watchOf([]), 8 * HOUR)
    expect(back).toEqual({ ...cursor, resumeAt: begun })
    const readTo = START - 1.5 * HOUR
    expect(advance(back, watchOf([]), readTo, START + 8 * HOUR)).toEqual({ ...cursor, resumeAt: readTo })
  })

  test("that comes before the scan is through, it just goes on", () => {
    const goesOn = cursorAt(watermark, { resumeAt: watermark - HOUR })
    expect(rewound(goesOn, watchOf([]), DAY)).toBe(goesOn)
    const isBeyond = cursorAt(watermark, { resumeAt: watermark + MINUTE })
    expect(rewound(isBeyond, watchOf([]), DAY).resumeAt).toBe(begun)
    expect(rewound(isBeyond, watchOf([]), HOUR).resumeAt).toBe(watermark - HOUR)
  })

  test("not from before the first call that may be told, nor forward", () => {
    const since = START - 1.8 * HOUR
    expect(rewound(cursorAt(watermark, { since }), watchOf([]), DAY).resumeAt).toBe(since)
    expect(rewound(cursorAt(watermark, { resumeAt: START - 5 * HOUR }), watchOf([]), DAY).resumeAt).toBe(
      START - 5 * HOUR,
    )
    const old = watchOf([watchedOf("old", START - 4 * HOUR)])
    expect(rewound(cursorAt(watermark), old, DAY).resumeAt).toBe(START - 4 * HOUR)
  })
})

describe("what a poll asks", () => {
  const NOW = START + HOUR
  /** Decided calls a minute apart, the newest a minute ago. */
  const minutely = (count: number) =>
    Array.from({ length: count }, (_, index) => watchedOf(`call-${index}`, NOW - (index + 1) * MINUTE))
  const kinds = (cursor: Cursor, watch: Watch) =>
    Array.from({ length: 9 }, (_, turn) => planReading(cursor, watch, turn, NOW).kind)
  const longAgo = (hours: number) => watchedOf("long", NOW - hours * HOUR, { open: {} })

  const mostly = ["scan", "fresh", "scan", "scan", "fresh", "scan", "scan", "fresh", "scan"]

  test("is the scan twice in three, while one page shows the window with room for new calls and every open call", () => {
    const cursor = cursorAt(NOW - 5 * MINUTE)
    for (const watch of [watchOf([]), watchOf(minutely(79)), watchOf(minutely(500))]) {
      expect(kinds(cursor, watch)).toEqual(mostly)
      for (const turn of [0, 2])
        expect(planReading(cursor, watch, turn, NOW)).toMatchObject({ from: windowStart(cursor, watch) })
      for (let turn = 0; turn < 9; turn++) {
        expect(planReading(cursor, watch, turn, NOW)).toMatchObject({ isBehind: false, mayGiveWay: false })
      }
    }
    // An open call within the window does not matter, nor does one so old that it is about to be closed.
    expect(kinds(cursor, watchOf([...minutely(90), longAgo(1)]))).toEqual(mostly)
    expect(kinds(cursor, watchOf([...minutely(90), longAgo(7)]))).toEqual(mostly)
  })

  test("is the scan once in three, and twice the calls that ended last, with more calls than fit into a page", () => {
    const scans = ["scan", "fresh", "fresh", "scan", "fresh", "fresh", "scan", "fresh", "fresh"]
    const watermark = NOW - 100 * MINUTE
    expect(kinds(cursorAt(watermark), watchOf(minutely(95)))).toEqual(mostly)
    expect(kinds(cursorAt(watermark), watchOf(minutely(96)))).toEqual(scans)
    // A scan that has not reached the end of the list, or an open call from before the window.
    const resumed = cursorAt(NOW - 5 * MINUTE, { resumeAt: NOW - 5 * MINUTE })
    expect(kinds(resumed, watchOf(minutely(10)))).toEqual(scans)
    expect(kinds(cursorAt(NOW - 5 * MINUTE), watchOf([...minutely(90), longAgo(3)]))).toEqual(scans)
    expect(planReading(cursorAt(watermark), watchOf(minutely(96)), 0, NOW).from).toBe(watermark)
    expect(planReading(resumed, watchOf([]), 0, NOW).from).toBe(NOW - 5 * MINUTE)
  })

  test("is no backlog only because the last eighty calls began hours ago", () => {
    const everyTwoMinutes = minutely(80).map((call) => ({
      ...call,
      startedAt: NOW - (NOW - call.startedAt) * 2,
    }))
    const watch = watchOf([...everyTwoMinutes, longAgo(3)])
    expect(kinds(cursorAt(NOW - 5 * MINUTE), watch).filter((kind) => kind === "fresh")).toHaveLength(6)
    expect(planReading(cursorAt(NOW - 5 * MINUTE), watch, 0, NOW).isBehind).toBe(false)
  })

  test("is the scan twice in three while there is a backlog", () => {
    const behind = cursorAt(NOW - 3 * HOUR, { resumeAt: NOW - 2 * HOUR - 1 })
    expect(kinds(behind, watchOf([])).filter((kind) => kind === "scan")).toHaveLength(6)
    expect(planReading(behind, watchOf([]), 2, NOW)).toEqual({
      kind: "scan",
      from: NOW - 2 * HOUR - 1,
      isBehind: true,
      mayGiveWay: false,
    })
    expect(planReading({ ...behind, resumeAt: NOW - 2 * HOUR }, watchOf([]), 0, NOW).isBehind).toBe(false)
  })

  test("is a fresh page that may give way once in six, with no backlog: never a scan, never two in a row", () => {
    const long = watchOf(minutely(96))
    const readings = Array.from({ length: 18 }, (_, turn) =>
      planReading(cursorAt(NOW - 100 * MINUTE), long, turn, NOW),
    )
    const giveWay = readings.flatMap(({ mayGiveWay }, turn) => (mayGiveWay ? [turn] : []))
    expect(giveWay).toEqual([4, 10, 16])
    for (const turn of giveWay)
      expect([readings[turn]?.kind, readings[turn + 1]?.kind]).toEqual(["fresh", "fresh"])
    const behind = cursorAt(NOW - 3 * HOUR, { resumeAt: NOW - 3 * HOUR })
    for (let turn = 0; turn < 12; turn++) {
      expect(planReading(behind, watchOf([]), turn, NOW).mayGiveWay).toBe(false)
      expect(planReading(cursorAt(NOW - 3 * HOUR), watchOf(minutely(150)), turn, NOW).mayGiveWay).toBe(false)
      expect(planReading(cursorAt(NOW - 5 * MINUTE), watchOf([]), turn, NOW).mayGiveWay).toBe(false)
    }
  })

  test("starves neither, and asks for no page from after an open call that is not about to be closed", () => {
    fc.assert(
      fc.property(anyCursor, anyWatch, fc.nat(), (cursor, watch, turn) => {
        const readings: Reading[] = [0, 1, 2].map((later) => planReading(cursor, watch, turn + later, START))
        const fresh = readings.filter(({ kind }) => kind === "fresh")
        expect(fresh.length).toBeLessThan(3)
        const rows = [...watch.calls.values()].filter(({ startedAt: at }) => at >= windowStart(cursor, watch))
        if (rows.length > 95 || cursor.resumeAt !== null) expect(fresh.length).toBeGreaterThan(0)
        for (const { from } of fresh) {
          expect(from).toBeGreaterThanOrEqual(cursor.since)
          expect(from).toBeLessThanOrEqual(windowStart(cursor, watch))
          for (const { startedAt: at, open } of watch.calls.values()) {
            const isFollowed = open !== null && at >= START - 6 * HOUR && at >= cursor.since
            if (isFollowed) expect(from).toBeLessThanOrEqual(at)
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

test.each([
  ["from a second before its newest call, in which other calls may start", [0, 5000, 10_000], 9001],
  ["from its newest call, if it shows that second alone", [500, 100, 900], 900],
  ["from its newest call, if the page began with that second", [0, 999], 999],
  ["nowhere by time, if all start with it", [0, 0], null],
  ["nowhere by time, if no call says when it started", [], null],
])("a page is followed %s", (_, starts, expected) => {
  const next = goesOnAt(
    START,
    starts.map((at) => START + at),
  )
  expect(next).toBe(expected === null ? null : START + expected)
})
