/** Calls decided long ago are read again, as often as spare requests allow and no more. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { LOOKBACK_MAX_MS } from "../horizon.ts"
import { DAY, HOUR, type Instant, MINUTE } from "../instant.ts"
import { START, dice } from "../test-example.ts"
import {
  NO_REVIEW,
  PASSES,
  type Pass,
  RECENT_LATE_MS,
  type Review,
  advanceReview,
  planReview,
} from "./review.ts"

type Limits = { since: Instant; until: Instant; spare: number | null }

const always: Limits = { since: START - 30 * DAY, until: START, spare: 100 }

/** All passes are over; each began this many minutes ago. */
const over = (minutes: Record<keyof Review, number>): Review => ({
  recent: { startedAt: START - minutes.recent * MINUTE, from: null },
  day: { startedAt: START - minutes.day * MINUTE, from: null },
  week: { startedAt: START - minutes.week * MINUTE, from: null },
})

const quiet = { recent: 0, day: 0, week: 0 }

const kindAt = (review: Review, limits: Partial<Limits> = {}) =>
  planReview(review, { ...always, ...limits }, START)?.kind ?? null

describe("a pass begins", () => {
  test("over the last two and a half hours, the last day and the last week, back to where it says", () => {
    expect(planReview(over({ ...quiet, recent: 10 }), always, START)).toEqual({
      kind: "recent",
      startedAt: START,
      from: START - 2.5 * HOUR,
    })
    expect(planReview(over({ ...quiet, day: 60 }), always, START)).toEqual({
      kind: "day",
      startedAt: START,
      from: START - DAY,
    })
    expect(planReview(over({ ...quiet, week: 12 * 60 }), always, START)).toEqual({
      kind: "week",
      startedAt: START,
      from: START - LOOKBACK_MAX_MS,
    })
  })

  test("not before its time", () => {
    expect(kindAt(over(quiet))).toBeNull()
    for (const kind of ["recent", "day", "week"] as const) {
      const soonest = PASSES[kind].soonestMs / MINUTE
      expect(kindAt(over({ ...quiet, [kind]: soonest - 0.01 }))).toBeNull()
      expect(kindAt(over({ ...quiet, [kind]: soonest }))).toBe(kind)
    }
  })

  test("not before the first call that may be told", () => {
    for (const kind of ["recent", "day", "week"] as const) {
      const due = over({ ...quiet, [kind]: 24 * 60 })
      expect(planReview(due, { ...always, since: START - HOUR }, START)?.from).toBe(START - HOUR)
      expect(planReview(due, { ...always, since: START }, START)).toBeNull()
    }
  })

  test("not if the polls themselves read so far back", () => {
    expect(kindAt(NO_REVIEW, { until: START - LOOKBACK_MAX_MS })).toBeNull()
    expect(kindAt(over({ ...quiet, recent: 60 }), { until: START - 2.5 * HOUR })).toBeNull()
    expect(kindAt(over({ ...quiet, recent: 60 }), { until: START - 2.5 * HOUR + 1 })).toBe("recent")
  })

  test("with requests that nobody else needs; three are left for a scan that falls behind, unless it is late", () => {
    const isLate = over({ ...quiet, recent: RECENT_LATE_MS / MINUTE })
    const isDue = over({ ...quiet, recent: RECENT_LATE_MS / MINUTE - 1 })
    expect([0, 1].map((spare) => kindAt(isLate, { spare }))).toEqual([null, "recent"])
    expect([3, 4].map((spare) => kindAt(isDue, { spare }))).toEqual([null, "recent"])
    for (const kind of ["day", "week"] as const) {
      const never = over({ ...quiet, [kind]: 1_000_000 })
      expect([3, 4].map((spare) => kindAt(never, { spare }))).toEqual([null, kind])
    }
  })

  test("that is latest by its own measure, and over the last two hours before any other once it is late", () => {
    expect(kindAt(over({ recent: 15, day: 240, week: 0 }))).toBe("day")
    expect(kindAt(over({ recent: 15, day: 60, week: 0 }))).toBe("recent")
    expect(kindAt(over({ recent: 15, day: 120, week: 24 * 60 }))).toBe("week")
    expect(kindAt(over({ recent: 30, day: 100_000, week: 1_000_000 }))).toBe("recent")
  })
})

describe("a pass goes on", () => {
  const pass: Pass = { kind: "week", startedAt: START - 3 * HOUR, from: START - 5 * DAY }

  test("where it was, and is over at the end of the list or where the polls' own reading begins", () => {
    const review = over(quiet)
    const read = (readTo: Instant | null) => advanceReview(review, pass, readTo, START - HOUR)
    const startedAt = pass.startedAt
    expect(read(START - 4 * DAY)).toEqual({ ...review, week: { startedAt, from: START - 4 * DAY } })
    expect(read(START - HOUR - 1).week.from).toBe(START - HOUR - 1)
    expect(read(START - HOUR).week).toEqual({ startedAt, from: null })
    expect(read(null).week).toEqual({ startedAt, from: null })
    expect(planReview(read(START - 4 * DAY), always, START)).toEqual({
      kind: "week",
      startedAt,
      from: START - 4 * DAY,
    })
  })

  test("but not over what lies further back than it should, or before the first call that may be told", () => {
    const review = { ...over(quiet), day: { startedAt: START - 9 * HOUR, from: START - 2 * DAY } }
    expect(planReview(review, always, START)).toMatchObject({ kind: "day", from: START - DAY })
    expect(planReview(review, { ...always, since: START - HOUR }, START)).toMatchObject({
      from: START - HOUR,
    })
  })

  test("with a poll's own request only if it is more than twice as late as it should be", () => {
    for (const kind of ["recent", "day", "week"] as const) {
      const waited = (times: number) => over({ ...quiet, [kind]: (times * PASSES[kind].everyMs) / MINUTE })
      if (kind !== "recent") expect(kindAt(waited(2), { spare: null })).toBeNull()
      expect(kindAt(waited(2.01), { spare: null })).toBe(kind)
    }
    expect(kindAt(over({ ...quiet, recent: 29 }), { spare: null })).toBeNull()
    expect(kindAt(over({ recent: 29, day: 300, week: 0 }), { spare: null })).toBe("day")
  })

  test("and the last two hours have their turn meanwhile", () => {
    const review = {
      ...over({ ...quiet, recent: 30 }),
      week: { startedAt: START - DAY, from: START - 4 * DAY },
    }
    expect(kindAt(review)).toBe("recent")
  })
})

test("however many calls there are and whatever is left over, each pass comes to its end, none begins too often and no page is skipped", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(10, 60, 150),
      fc.constantFrom(14, 19),
      fc.nat(),
      (rate, sparePerHour, seed) => {
        const roll = dice(seed)
        const pageMs = (100 * HOUR) / rate
        let review: Review = NO_REVIEW
        let spare = 0
        const read: Record<keyof Review, Pass[]> = { recent: [], day: [], week: [] }
        const ended: Record<keyof Review, number> = { recent: 0, day: 0, week: 0 }
        const hours = 300
        for (let now = START; now < START + hours * HOUR; now += 2 * MINUTE) {
          spare = Math.min(20, spare + sparePerHour / 30)
          const until = now - pageMs * (0.8 + roll() / 10)
          const pass = planReview(review, { since: START - 10 * DAY, until, spare }, now)
          if (!pass) continue
          spare--
          const { from: goesOn } = review[pass.kind]
          const { backMs } = PASSES[pass.kind]
          if (goesOn !== null) expect(pass.from).toBe(Math.max(goesOn, now - backMs))
          read[pass.kind].push(pass)
          review = advanceReview(review, pass, Math.round(pass.from + pageMs * (0.9 + roll() / 5)), until)
          if (review[pass.kind].from === null) ended[pass.kind]++
        }
        for (const kind of ["recent", "day", "week"] as const) {
          const begun = read[kind].filter(
            ({ startedAt }, index) => read[kind][index - 1]?.startedAt !== startedAt,
          )
          for (const [index, { startedAt }] of begun.slice(1).entries())
            expect(startedAt - (begun[index]?.startedAt ?? 0)).toBeGreaterThanOrEqual(PASSES[kind].soonestMs)
          expect(ended[kind]).toBeGreaterThanOrEqual(begun.length - 1)
        }
        // If polls do not read the last two hours themselves, those are re-read every half hour or little later.
        const recent = read.recent.filter(
          ({ startedAt }, index) => read.recent[index - 1]?.startedAt !== startedAt,
        )
        if (rate > 50) {
          const gaps = recent
            .slice(1)
            .map(({ startedAt }, index) => startedAt - (recent[index]?.startedAt ?? 0))
          expect(Math.max(...gaps)).toBeLessThanOrEqual(40 * MINUTE)
          expect(gaps.length).toBeGreaterThan(1.5 * hours)
        } else expect(recent).toEqual([])
        // And the longer passes take what is left, but get to their end.
        expect(ended.day).toBeGreaterThan(1)
        expect(ended.week).toBeGreaterThan(0)
      },
    ),
    { numRuns: 12 },
  )
})
