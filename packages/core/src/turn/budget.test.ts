/**
 * The vendor's limits are never exceeded, whatever happens to polls, and polls are not refused without need. Here the
 * vendor counts as we assume it does: every request of any hour and any minute, by the time of its arrival.
 */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { HOUR, type Instant, MINUTE, SECOND } from "../instant.ts"
import { START, dice } from "../test-example.ts"
import {
  EMPTY_RING,
  type Limits,
  RING_MINUTES,
  type Ring,
  affordable,
  charge,
  countPolls,
  detailsForLooks,
  gateOf,
  looksUntilList,
  paceOf,
  packCounts,
  spareLists,
  unpackCounts,
  usedInHour,
} from "./budget.ts"
import { LEASE_MS, POLL_MAX_MS } from "./gate.ts"

const limitsOf = (gateMs: number): Limits => ({ listPerHour: 200, detailPerHour: 500, gateMs })

const anyGate = fc.constantFrom(0, 18 * SECOND, 19 * SECOND, 60 * SECOND)

/** A series of polls that behave alike. */
type Phase = {
  polls: number
  /** Triggers come up to this long after one another. */
  betweenMs: number
  pages: number
  details: number
  /** How long after a poll's start its requests arrive: at once, as late as possible, or any time between. */
  arrival: "early" | "late" | "any"
  /** How many of a hundred polls crash: before they ask, or with their requests charged and not all of them made. */
  crashes: number
  /** The clock is set at the start of the phase: back by any time, or forward within the tolerance. */
  clockMs: number
}

const anyPhase: fc.Arbitrary<Phase> = fc.record({
  polls: fc.integer({ min: 1, max: 220 }),
  betweenMs: fc.constantFrom(SECOND, 18 * SECOND, 19 * SECOND, 25 * SECOND, MINUTE, 20 * MINUTE, 2 * HOUR),
  pages: fc.constantFrom(0, 0, 1, 6, 40),
  details: fc.constantFrom(0, 0, 1, 20, 60, 600),
  arrival: fc.constantFrom("early", "late", "any"),
  crashes: fc.constantFrom(0, 0, 5, 50),
  clockMs: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -10 * MINUTE, max: 0 }) },
    { weight: 1, arbitrary: fc.nat(20 * SECOND) },
  ),
})

/**
 * Polls as the poller does: the gate and the lease bound when a poll starts, requests beyond its first list are charged
 * in advance, unused ones are returned. Returns when the requests arrived, by a clock that never steps.
 */
function simulate(limits: Limits, phases: readonly Phase[], seed: number) {
  const roll = dice(seed)
  const list: Instant[] = []
  const detail: Instant[] = []
  const stored = { ring: EMPTY_RING, fence: 0, nextPollAt: 0, leaseUntil: 0 }
  const write = (ring: Ring) => {
    const [lists, details] = [ring.list, ring.detail].map((counts) => unpackCounts(packCounts(counts)))
    stored.ring = { ...ring, list: lists ?? [], detail: details ?? [] }
  }
  let real = START + Math.floor(roll() * HOUR)
  let clockAhead = 0
  // A request may arrive as late as a poll may run; the clock may gain what a poll does not use.
  let toleranceMs = 20 * SECOND
  const lateMs = POLL_MAX_MS - (phases.some(({ clockMs }) => clockMs > 0) ? toleranceMs : 0)
  let refused = 0

  for (const phase of phases) {
    const gainMs = Math.min(phase.clockMs, toleranceMs)
    clockAhead += gainMs
    toleranceMs -= Math.max(0, gainMs)
    for (let poll = 0; poll < phase.polls; poll++) {
      // Long silences come once in a phase, or it would last for weeks.
      const isSilence = phase.betweenMs > MINUTE
      real += Math.floor((isSilence && poll > 0 ? 19 * SECOND : phase.betweenMs) * (0.5 + roll() / 2)) + 1
      if (stored.leaseUntil > real + clockAhead || stored.nextPollAt > real + clockAhead) continue
      const fence = ++stored.fence
      stored.nextPollAt = real + clockAhead + limits.gateMs
      // The clock is read once the request was answered.
      const earlyMs = roll() < 0.1 ? Math.floor(roll() * 10 * SECOND) : 0
      const now = real + earlyMs + clockAhead
      const startedReal = real
      const arrival = () => {
        const share = phase.arrival === "any" ? roll() : phase.arrival === "late" ? 1 : 0
        return startedReal + earlyMs + Math.floor(share * (lateMs - earlyMs))
      }
      let ring = countPolls(stored.ring, fence, limits, now)
      const isCrash = roll() * 100 < phase.crashes
      if (isCrash && roll() < 0.5) continue
      if (affordable(ring, "list", limits) < 0) {
        refused++
        write(charge(ring, "list", -1))
        continue
      }
      if (limits.gateMs === 0) write(ring)
      list.push(arrival())
      const want = (kind: "list" | "detail", most: number) => {
        const count = Math.max(0, Math.min(Math.ceil(roll() * most), affordable(ring, kind, limits)))
        if (count === 0) return 0
        ring = charge(ring, kind, count)
        write(ring)
        stored.leaseUntil = now + LEASE_MS
        return count
      }
      const pages = want("list", phase.pages)
      const details = want("detail", phase.details)
      const made = (count: number) => (isCrash || roll() < 0.2 ? Math.floor(roll() * (count + 1)) : count)
      const [pagesMade, detailsMade] = [isCrash ? made(pages) : pages, made(details)]
      for (let page = 0; page < pagesMade; page++) list.push(arrival())
      for (let look = 0; look < detailsMade; look++) detail.push(arrival())
      if (pages + details === 0) continue
      if (isCrash) continue
      // No other poll can have started meanwhile.
      real = Math.max(real, startedReal + (phase.arrival === "early" ? 0 : lateMs))
      write(charge(ring, "detail", detailsMade - details))
      stored.leaseUntil = 0
    }
  }
  return { list, detail, refused }
}

/** The most that arrived within any span of this length, both ends included. */
function mostWithin(times: readonly Instant[], milliseconds: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  let most = 0
  let first = 0
  for (const [index, time] of sorted.entries()) {
    while (time - (sorted[first] ?? time) > milliseconds) first++
    most = Math.max(most, index - first + 1)
  }
  return most
}

describe("the vendor's limits", () => {
  const greedy: Phase = {
    polls: 220,
    betweenMs: 25 * SECOND,
    pages: 40,
    details: 600,
    arrival: "early",
    crashes: 0,
    clockMs: 0,
  }

  test("are never exceeded, in any hour and any minute, through crashes, delays, refunds and clocks that are set", () => {
    const most = { lists: 0, details: 0, listsOfMinute: 0, ofMinute: 0 }
    fc.assert(
      fc.property(
        anyGate,
        fc.array(anyPhase, { minLength: 1, maxLength: 8 }),
        fc.nat(),
        (gateMs, phases, seed) => {
          const { list, detail } = simulate(limitsOf(gateMs), phases, seed)
          const seen = {
            lists: mostWithin(list, HOUR),
            details: mostWithin(detail, HOUR),
            listsOfMinute: mostWithin(list, MINUTE),
            ofMinute: mostWithin([...list, ...detail], MINUTE),
          }
          expect(seen.lists).toBeLessThanOrEqual(200)
          expect(seen.details).toBeLessThanOrEqual(500)
          expect(seen.listsOfMinute).toBeLessThanOrEqual(30)
          expect(seen.ofMinute).toBeLessThanOrEqual(100)
          most.lists = Math.max(most.lists, seen.lists)
          most.details = Math.max(most.details, seen.details)
          most.listsOfMinute = Math.max(most.listsOfMinute, seen.listsOfMinute)
          most.ofMinute = Math.max(most.ofMinute, seen.ofMinute)
        },
      ),
      {
        numRuns: 200,
        examples: [greedy, { ...greedy, pages: 0 }].map((phase) => [19 * SECOND, [phase], 1]),
      },
    )
    // The simulation has reached each limit; otherwise it would have proved nothing.
    expect(most).toEqual({ lists: 200, details: 500, listsOfMinute: 30, ofMinute: 100 })
  })
})

describe("a poll is not refused", () => {
  test("for polls and details, however they come, if the gate is 19 s or more", () => {
    fc.assert(
      fc.property(fc.constantFrom(19, 20, 30, 60), fc.nat(), (seconds, seed) => {
        const limits = limitsOf(seconds * SECOND)
        const roll = dice(seed)
        let ring = EMPTY_RING
        let at = START + Math.floor(roll() * HOUR)
        let isWriting = false
        for (let fence = 1; fence <= 1500; fence++) {
          // Now and then switches between hours in which every poll writes and hours in which none does.
          if (roll() < 0.01) isWriting = !isWriting
          at += limits.gateMs + (roll() < 0.1 ? Math.floor(roll() * 40 * SECOND) : 0)
          const counted = countPolls(ring, fence, limits, at + Math.floor(roll() * 10 * SECOND))
          expect(affordable(counted, "list", limits)).toBeGreaterThanOrEqual(0)
          if (!isWriting && roll() > 0.02) continue
          const details = Math.floor(roll() * (Math.max(0, affordable(counted, "detail", limits)) + 1))
          ring = charge(counted, "detail", details)
        }
      }),
      { numRuns: 40 },
    )
  })

  test("for longer than 63 minutes, whatever was spent before and however many polls were not written down", () => {
    const anyCounts = fc.array(fc.nat(255), { maxLength: RING_MINUTES })
    fc.assert(
      fc.property(
        fc.constantFrom(0, 18, 19, 60),
        anyCounts,
        anyCounts,
        fc.nat(100_000),
        fc.nat(MINUTE - 1),
        (seconds, list, detail, polls, offset) => {
          const limits = limitsOf(seconds * SECOND)
          const from = START + offset
          let ring: Ring = { minute: Math.floor(from / MINUTE), fence: 7, list, detail }
          let fence = 7 + polls
          let at = from
          for (;;) {
            ring = countPolls(ring, ++fence, limits, at)
            if (affordable(ring, "list", limits) >= 0) break
            ring = charge(ring, "list", -1)
            at += limits.gateMs || 20 * SECOND
          }
          expect(at - from).toBeLessThanOrEqual(63 * MINUTE)
        },
      ),
    )
  })
})

describe("polls that were not written down", () => {
  test("are counted no earlier than they were and no more often, for as long as they lie within the hour", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(18, 19, 60),
        fc.array(fc.oneof(fc.constant(0), fc.nat(3 * MINUTE)), { minLength: 1, maxLength: 400 }),
        fc.nat(MINUTE - 1),
        (seconds, lateness, offset) => {
          const limits = limitsOf(seconds * SECOND)
          let at = START + offset
          const starts = lateness.map((late) => (at += limits.gateMs + late))
          const { minute, list, fence } = countPolls(EMPTY_RING, starts.length, limits, at)
          expect(fence).toBe(starts.length)
          expect(list.length).toBeLessThanOrEqual(RING_MINUTES)
          for (let minutes = 1; minutes <= RING_MINUTES; minutes++) {
            const counted = list.slice(0, minutes).reduce((sum, count) => sum + count, 0)
            const were = starts.filter((start) => Math.floor(start / MINUTE) > minute - minutes).length
            expect(counted).toBeGreaterThanOrEqual(were)
            expect(counted).toBeLessThanOrEqual(starts.length)
          }
        },
      ),
    )
  })

  test("count a gate apart: of a week of idle polls no more than an hour's are left", () => {
    const limits = limitsOf(19 * SECOND)
    const ring = countPolls(EMPTY_RING, 31_832, limits, START)
    expect(usedInHour(ring, "list")).toBe(193)
    expect(affordable(ring, "list", limits)).toBe(7)
    expect(ring.list.slice(0, 4)).toEqual([1, 3, 3, 3])
  })

  test("count as of now if there is no gate, because nobody knows when they were", () => {
    const ring = countPolls({ ...EMPTY_RING, fence: 5 }, 12, limitsOf(0), START)
    expect(ring).toMatchObject({ fence: 12, list: [7] })
  })

  test("are counted once", () => {
    const limits = limitsOf(19 * SECOND)
    const ring = countPolls(EMPTY_RING, 3, limits, START)
    expect(countPolls(ring, 3, limits, START)).toEqual(ring)
    expect(usedInHour(countPolls(ring, 4, limits, START + MINUTE), "list")).toBe(4)
  })

  test("by a clock that was set back count as later, never as earlier", () => {
    const limits = limitsOf(19 * SECOND)
    const ring = countPolls(EMPTY_RING, 3, limits, START)
    const back = countPolls(ring, 5, limits, START - 2 * MINUTE)
    expect(back.minute).toBe(ring.minute)
    expect(back.list[0]).toBe((ring.list[0] ?? 0) + 1)
    expect(usedInHour(back, "list")).toBe(5)
  })

  test("by a clock that was set back far count as of now, and leave the ring an hour from now", () => {
    const limits = limitsOf(19 * SECOND)
    const ring = charge(countPolls(EMPTY_RING, 100, limits, START), "detail", 7)
    for (const early of [3 * MINUTE, HOUR, 1000 * HOUR]) {
      const back = countPolls(ring, 101, limits, START - early)
      expect([usedInHour(back, "list"), usedInHour(back, "detail")]).toEqual([101, 7])
      expect(back.list.slice(0, 1)).toEqual([101])
      const later = (minutes: number) => countPolls(back, 101, limits, START - early + minutes * MINUTE)
      expect(usedInHour(later(RING_MINUTES - 1), "list")).toBe(101)
      expect(usedInHour(later(RING_MINUTES), "list")).toBe(0)
    }
  })
})

describe("the ring", () => {
  test("is read back as it was written, in at most 124 characters a kind", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { maxLength: RING_MINUTES }), (counts) => {
        const packed = packCounts(counts)
        expect(packed.length).toBeLessThanOrEqual(124)
        const unpacked = unpackCounts(packed)
        expect(counts.map((_, slot) => unpacked[slot] ?? 0)).toEqual(counts)
        expect(unpacked.length).toBeLessThanOrEqual(counts.length)
      }),
    )
  })

  test("forgets nothing that was charged when it is written, though a clock that was far ahead is put right", () => {
    const anyStep = fc.record({
      minutes: fc.oneof(fc.nat(3), fc.integer({ min: -3 * 60, max: 3 * 60 })),
      details: fc.nat(200),
      polls: fc.nat(300),
    })
    fc.assert(
      fc.property(
        fc.array(anyStep, { minLength: 1, maxLength: 80 }),
        fc.constantFrom(0, MINUTE),
        (steps, gateMs) => {
          let ring = EMPTY_RING
          let at = START
          for (const { minutes, details, polls } of steps) {
            at += minutes * MINUTE
            ring = charge(countPolls(ring, ring.fence + polls, limitsOf(gateMs), at), "detail", details)
            for (const kind of ["list", "detail"] as const) {
              const unpacked = unpackCounts(packCounts(ring[kind]))
              expect(ring[kind].map((_, slot) => unpacked[slot] ?? 0)).toEqual(ring[kind])
            }
          }
        },
      ),
    )
  })

  test("is read as earlier versions wrote it", () => {
    expect(unpackCounts("01000aff")).toEqual([1, 0, 10, 255])
    expect(unpackCounts("")).toEqual([])
  })

  test("stays overdrawn when it is written, however far", () => {
    fc.assert(
      fc.property(fc.integer({ min: 201, max: 100_000 }), (polls) => {
        const ring = countPolls(EMPTY_RING, polls, limitsOf(0), START)
        const read = { ...ring, list: unpackCounts(packCounts(ring.list)) }
        expect(affordable(read, "list", limitsOf(0))).toBeLessThan(0)
      }),
    )
  })

  test("takes back what was charged and not used, and never more", () => {
    const ring = charge(charge(EMPTY_RING, "detail", 20), "detail", -5)
    expect(usedInHour(ring, "detail")).toBe(15)
    expect(usedInHour(charge(ring, "detail", -100), "detail")).toBe(0)
    expect(usedInHour(ring, "list")).toBe(0)
  })

  test("keeps each kind to its own part of a minute, so that details never keep a poll from listing", () => {
    const limits = limitsOf(19 * SECOND)
    const ring = countPolls(EMPTY_RING, 1, limits, START)
    expect([affordable(ring, "list", limits), affordable(ring, "detail", limits)]).toEqual([29, 70])
    const spent = charge(ring, "detail", 70)
    expect([affordable(spent, "list", limits), affordable(spent, "detail", limits)]).toEqual([29, 0])
  })
})

test("the pace is that of the last ten minutes or of the hour, whichever is higher", () => {
  const ringOf = (detail: number[]): Ring => ({ ...EMPTY_RING, detail })
  expect(paceOf(EMPTY_RING, "detail")).toBe(0)
  expect(paceOf(ringOf([5, 0, 0, 0, 0, 0, 0, 0, 0, 5]), "detail")).toBe(60)
  expect(paceOf(ringOf([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 70]), "detail")).toBe(70)
  expect(paceOf(ringOf([10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 70]), "detail")).toBe(80)
  expect(paceOf(ringOf([70]), "detail")).toBe(420)
  expect(paceOf(ringOf([70]), "list")).toBe(0)
})

describe("the gate", () => {
  test("is never closer than the polls' share of the hourly limit of lists allows, and can be switched off", () => {
    expect(gateOf(19 * SECOND, 200)).toBe(19 * SECOND)
    // 190 polls an hour, which leaves ten lists for other reading.
    expect(gateOf(5 * SECOND, 200)).toBe(18_948)
    expect(gateOf(19 * SECOND, 100)).toBe(37_895)
    expect(gateOf(0, 200)).toBe(0)
  })

  test("lets no hour have more polls than their share", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 60 * SECOND }),
        (perHour, wanted) => {
          const gate = gateOf(wanted, perHour)
          expect(gate).toBeGreaterThanOrEqual(wanted)
          expect(HOUR / gate).toBeLessThanOrEqual(0.95 * perHour)
          expect(gate === wanted || HOUR / (gate - 1) > 0.95 * perHour).toBe(true)
        },
      ),
    )
  })
})

describe("lists that no poll needs", () => {
  type Taste = "all" | "one" | "some" | "seldom"
  /** When a poll takes them: all at once, as soon as there are some, one now and then, or none for a long time. */
  const anyTaste = fc.constantFrom<Taste>("all", "one", "some", "seldom")

  /** Polls a second more than a gate apart, which spend the spare lists; returns when lists were requested. */
  function pollFor(limits: Limits, tastes: readonly Taste[], { seed, start }: { seed: number; start: Ring }) {
    const roll = dice(seed)
    const asked: Instant[] = []
    let ring = start
    let spent = 0
    let at = START + Math.floor(roll() * MINUTE)
    for (const [index, taste] of tastes
      .flatMap((taste) => Array.from({ length: 60 }, () => taste))
      .entries()) {
      at += limits.gateMs + SECOND
      const counted = countPolls(ring, start.fence + index + 1, limits, at)
      expect(affordable(counted, "list", limits)).toBeGreaterThanOrEqual(0)
      asked.push(at)
      const spare = spareLists(counted, limits)
      const share = {
        all: 1,
        one: 1 / Math.max(1, spare),
        some: roll() < 0.2 ? roll() : 0,
        seldom: roll() < 0.01 ? 1 : 0,
      }
      const count = Math.round(spare * share[taste])
      if (count === 0 && roll() > 0.02) continue
      ring = charge(counted, "list", count)
      ring = { ...ring, list: unpackCounts(packCounts(ring.list)) }
      spent += count
      for (let list = 0; list < count; list++) asked.push(at)
    }
    return { asked, spent }
  }
  const anyLimits = fc.constantFrom(
    limitsOf(gateOf(19 * SECOND, 200)),
    limitsOf(gateOf(1, 200)),
    limitsOf(MINUTE),
    { ...limitsOf(gateOf(19 * SECOND, 100)), listPerHour: 100 },
    { ...limitsOf(gateOf(19 * SECOND, 20)), listPerHour: 20 },
  )

  test("can be spent at any time without a later poll being refused, or the hour's limit exceeded", () => {
    fc.assert(
      fc.property(
        anyLimits,
        fc.array(anyTaste, { minLength: 1, maxLength: 12 }),
        fc.nat(),
        (limits, tastes, seed) => {
          const { asked } = pollFor(limits, tastes, { seed, start: EMPTY_RING })
          expect(mostWithin(asked, HOUR)).toBeLessThanOrEqual(limits.listPerHour)
          expect(mostWithin(asked, MINUTE)).toBeLessThanOrEqual(30)
        },
      ),
      { numRuns: 150 },
    )
  })

  test("can be spent after any hour that was within the limit", () => {
    const anyLists = fc.array(fc.nat(6), { minLength: RING_MINUTES, maxLength: RING_MINUTES })
    fc.assert(
      fc.property(anyLists, anyTaste, fc.nat(), (list, taste, seed) => {
        const limits = limitsOf(19 * SECOND)
        const start: Ring = { minute: Math.floor(START / MINUTE), fence: 7, list, detail: [] }
        // A ring that would refuse a poll even if nothing were spent says nothing about what may be spent.
        let ring = start
        for (let poll = 1; poll <= 190; poll++) {
          ring = countPolls(ring, 7 + poll, limits, START + poll * (limits.gateMs + SECOND))
          fc.pre(affordable(ring, "list", limits) >= 0)
        }
        pollFor(limits, [taste, taste, taste, taste], { seed, start })
      }),
      { numRuns: 100 },
    )
  })

  test("are a few an hour with polls every twenty seconds, and many with fewer polls", () => {
    const hours = Array.from({ length: 6 * 3 }, (): Taste => "all")
    const perHour = (limits: Limits) => {
      const { asked, spent } = pollFor(limits, hours, { seed: 1, start: EMPTY_RING })
      return (spent * HOUR) / ((asked.at(-1) ?? 0) - START)
    }
    expect(perHour(limitsOf(19 * SECOND))).toBeGreaterThan(7)
    expect(perHour(limitsOf(MINUTE))).toBeGreaterThan(100)
  })

  test("are none when polls have spent the hour's, and none are owed", () => {
    const limits = limitsOf(19 * SECOND)
    const full: Ring = {
      ...EMPTY_RING,
      minute: Math.floor(START / MINUTE),
      list: Array.from({ length: 62 }, () => 4),
    }
    expect(spareLists(full, limits)).toBe(0)
    expect(spareLists({ ...full, list: [] }, limits)).toBeGreaterThan(7)
    expect(spareLists({ ...full, list: [] }, limits)).toBeLessThan(15)
    expect(spareLists({ ...full, list: [] }, { ...limits, gateMs: 0 })).toBe(30)
    expect(spareLists({ ...full, list: [29] }, { ...limits, gateMs: 0 })).toBe(1)
  })
})

describe("what looks may use", () => {
  const LIMITS = { listPerHour: 200, detailPerHour: 500, gateMs: 19_000 }
  const spent = (...detail: number[]) => ({ ...EMPTY_RING, detail })
  const evenly = (perMinute: number) => spent(...Array.from({ length: RING_MINUTES }, () => perMinute))

  test("is most of the hour, less what each call takes anyway", () => {
    expect(detailsForLooks(EMPTY_RING, LIMITS, 0)).toBe(470)
    expect(detailsForLooks(EMPTY_RING, LIMITS, 100)).toBe(340)
    expect(detailsForLooks(EMPTY_RING, LIMITS, 450)).toBe(0)
  })

  test("is what is left, and what will be an hour old in twenty minutes: as much as is used evenly can be used on", () => {
    expect(detailsForLooks(evenly(6), LIMITS, 0)).toBe(470 - 62 * 6 + 360)
    expect(detailsForLooks(spent(100, 100, 100), LIMITS, 0)).toBe(170)
    expect(detailsForLooks(spent(...Array.from({ length: 52 }, () => 0), 30), LIMITS, 0)).toBe(530)
    expect(detailsForLooks(spent(250, 250), LIMITS, 0)).toBe(0)
  })

  test("until the next list is a third of what the minutes' limits leave, so that a nudge finds some", () => {
    expect(looksUntilList(EMPTY_RING)).toBeCloseTo(50 / 3)
    expect(looksUntilList(spent(10, 10, 6))).toBe(8)
    expect(looksUntilList(spent(30, 30))).toBe(0)
  })
})
