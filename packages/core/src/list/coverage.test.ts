/**
 * The scan, the fresh pages and the watch, together on a model of the vendor's list: no call is passed over, whenever
 * it appears and however little may be read, and with one page per poll no call's end goes unnoticed for long.
 */
import type { Call } from "@earshot/calls-api/call"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { LATE_MS } from "../horizon.ts"
import { HOUR, type Instant, MINUTE, SECOND, isoOf } from "../instant.ts"
import { START, dice, openOf, rowOf, watchOf } from "../test-example.ts"
import type { CallKey } from "../watch/call-key.ts"
import type { Watch, WatchedCall } from "../watch/watch.ts"
import { pickCandidates } from "./candidate.ts"
import { type Cursor, advance, prune, windowStart } from "./cursor.ts"
import { PAGE_ROWS } from "./page.ts"
import { planReading } from "./plan.ts"

/** A call as the vendor lists it: it appears up to five minutes after its start, and ends. */
type Listed = { id: string; at: Instant; appearsAt: Instant; endsAt: Instant; going: Call; ended: Call }

/** `pages`: how many pages of a backlog may be read. */
type PollOfModel = { afterMs: number; pages: number }

/** A series of calls that are alike. */
type Stretch = { calls: number; everyMs: number; lateMs: number; lastsMs: number }

/** Calls one after another, at most two at a time, a third of which appear late. */
function trafficOf(stretches: readonly Stretch[], roll: () => number): Listed[] {
  let at = START + 1
  return stretches.flatMap(({ calls, everyMs, lateMs, lastsMs }, stretch) =>
    Array.from({ length: calls }, (_, index) => {
      at += Math.floor(roll() * 2 * everyMs) + (index % 2)
      const lateness = Math.floor((roll() < 0.3 ? roll() : 0) * lateMs)
      return listedCall(`${stretch}-${index}`, at, { lateness, lasts: Math.floor(roll() * lastsMs) })
    }),
  )
}

function listedCall(id: string, at: Instant, { lateness = 0, lasts = 0 } = {}): Listed {
  const endsAt = at + lasts
  const ended = rowOf({ id, createdAt: isoOf(at), endedAt: isoOf(endsAt) })
  const going = { ...ended, endedAt: null, status: "in_progress" }
  return { id, at, appearsAt: at + lateness, endsAt, going, ended }
}

/** `goingFirst`: where the vendor sorts calls without an end when the list is sorted by end. */
type ModelOptions = { skewMs?: number; goingFirst?: boolean }

/**
 * Polls as the poller does, and reports which calls were judged, which of them after their end, and how many polls
 * after it. `calls` are in the order of their starts.
 */
function pollAll(
  calls: readonly Listed[],
  polls: readonly PollOfModel[],
  { skewMs = 0, goingFirst = false }: ModelOptions = {},
) {
  let cursor: Cursor = { since: START, watermark: START, resumeAt: null }
  let watch: Watch = watchOf([], { rulesKey: "rules" })
  const judged = new Set<string>()
  /** By id, for how many polls the call was over and listed before it was judged as such. */
  const waited = new Map<string, number>()
  const polledSince = new Map<string, number>()
  const byId = new Map(calls.map((call) => [call.id, call]))
  let over: Listed[] = []
  let ahead = 0
  let now = START
  const visible: Listed[] = []
  const inOrder = [...calls].sort((a, b) => a.appearsAt - b.appearsAt)
  const rowAt = (call: Listed): [string, Call] => [call.id, call.endsAt <= now ? call.ended : call.going]
  const pageByStart = (from: Instant) =>
    visible
      .filter((call) => call.at >= from)
      .sort((a, b) => a.at - b.at)
      .slice(0, PAGE_ROWS)
  const pageByEnd = (from: Instant) => {
    const noEnd = goingFirst ? Number.MAX_SAFE_INTEGER : 0
    const endOf = ({ endsAt }: Listed) => (endsAt <= now ? endsAt : noEnd)
    const listed = visible.filter((call) => call.at >= from)
    return listed.sort((a, b) => endOf(b) - endOf(a)).slice(0, PAGE_ROWS)
  }
  for (const [turn, { afterMs, pages }] of polls.entries()) {
    now += afterMs
    for (; ahead < inOrder.length; ahead++) {
      const next = inOrder[ahead]
      if (!next || next.appearsAt > now) break
      visible.push(next)
      over.push(next)
    }
    const reading = planReading(cursor, watch, turn, now + skewMs)
    const isScan = reading.kind === "scan"
    const rows = new Map<string, Call>(isScan ? [] : pageByEnd(reading.from).map(rowAt))
    const pagesMax = isScan ? (reading.isBehind ? pages : 1) : 0
    let readTo: Instant | null = reading.from
    for (let page = 0; readTo !== null && page < pagesMax; page++) {
      const first: Instant = readTo
      const listed = pageByStart(first)
      for (const call of listed) rows.set(...rowAt(call))
      readTo = listed.length < PAGE_ROWS ? null : Math.max(first + 1, (listed.at(-1)?.at ?? first) - 1)
    }
    const scanned = { rows, from: reading.from, isWhole: isScan && readTo === null }
    const known = { rulesKey: "rules", isReviewed: () => false }
    const candidates = pickCandidates(watch, cursor, scanned, known, now + skewMs)
    const next = new Map<CallKey, WatchedCall>(watch.calls)
    for (const { id, call } of candidates) {
      judged.add(id)
      const hasEnded = (byId.get(id)?.endsAt ?? 0) <= now
      const open = openOf({ id, firstSeenAt: now + skewMs, nextLookAt: now + skewMs + 30 * SECOND })
      next.set(call.key, { ...call, open: hasEnded ? null : open })
      if (hasEnded && !waited.has(id)) waited.set(id, 0)
    }
    const seen: Watch = { ...watch, calls: next }
    if (isScan) cursor = advance(cursor, seen, readTo, now + skewMs)
    watch = prune(seen, windowStart(cursor, seen))
    over = over.filter(({ id, endsAt }) => {
      if (endsAt > now) return true
      const found = waited.get(id)
      if (found === undefined) polledSince.set(id, (polledSince.get(id) ?? 0) + 1)
      else waited.set(id, polledSince.get(id) ?? 0)
      return found === undefined
    })
  }
  return { judged, waited, watch }
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
    return Array.from({ length: 90 }, () => ({ afterMs: Math.ceil((end + 70 * MINUTE) / 60), pages: 2 }))
  }

  test("each call is judged: one that appears while the rest of a long list is still unread, and older than that", () => {
    const second = (seconds: number) => START + seconds * SECOND
    const calls = [
      listedCall("late", second(10), { lateness: 294 * SECOND }),
      ...Array.from({ length: 150 }, (_, index) => listedCall(`call-${index}`, second(20 + index))),
      listedCall("newest", second(315)),
    ]
    const polls = [299, 19, 19, 300, 300, 19, 19, 19, 19].map((seconds) => ({
      afterMs: seconds * SECOND,
      pages: 1,
    }))
    expect(pollAll(calls, polls).judged.size).toBe(152)
  })

  test("each call is judged, and judged again after its end", () => {
    fc.assert(
      fc.property(
        fc.array(anyStretch, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.array(anyPoll, { maxLength: 40 }),
        // Our clock may be behind the vendor's.
        fc.constantFrom(0, 0, -MINUTE, -HOUR),
        fc.boolean(),
        (stretches, seed, polls, skewMs, goingFirst) => {
          const calls = trafficOf(stretches, dice(seed))
          const options = { skewMs, goingFirst }
          const { judged, waited, watch } = pollAll(calls, [...polls, ...toTheEnd(calls)], options)
          expect(calls.map(({ id }) => id).filter((id) => !judged.has(id))).toEqual([])
          expect(calls.map(({ id }) => id).filter((id) => !waited.has(id))).toEqual([])
          expect([...watch.calls.values()].filter((call) => call.open)).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe("with one page a poll, every twenty seconds", () => {
  /** Calls of a few minutes, some of them of an hour or two. */
  function busy(perHour: number, hours: number, roll: () => number): Listed[] {
    let at = START
    return Array.from({ length: perHour * hours }, (_, index) => {
      at += Math.floor(roll() * ((2 * HOUR) / perHour))
      const lasts = (roll() < 0.03 ? 1 + 119 * roll() : 1 + 4 * roll()) * MINUTE
      return listedCall(`call-${index}`, at, {
        lateness: Math.floor((roll() < 0.01 ? roll() : 0) * 4 * MINUTE),
        lasts: Math.floor(lasts),
      })
    })
  }

  test.each([
    [20, 4, 1],
    [150, 3, 2],
    [450, 1.5, 2],
    // More are in progress than a page holds, so the vendor may show no others, and only the scan shows what has ended.
    [3000, 0.5, 180],
  ])(
    "and %d calls an hour for %d hours each is judged, and its end seen by the %d. poll",
    (perHour, hours, most) => {
      for (const goingFirst of [false, true]) {
        for (const seed of perHour > 200 ? [1] : [1, 2]) {
          const calls = busy(perHour, hours, dice(seed))
          const end = Math.max(...calls.map(({ endsAt }) => endsAt)) - START
          const polls = Array.from({ length: Math.ceil((end + HOUR) / (20 * SECOND)) }, () => ({
            afterMs: 20 * SECOND,
            pages: 1,
          }))
          const { judged, waited, watch } = pollAll(calls, polls, { goingFirst })
          expect(judged.size).toBe(calls.length)
          expect([...watch.calls.values()].filter((call) => call.open)).toEqual([])
          // A call that appears late, after its end, may have to wait for the scan to come round.
          const prompt = calls.filter(({ appearsAt, endsAt }) => appearsAt <= endsAt)
          const longest = Math.max(...prompt.map(({ id }) => waited.get(id) ?? Number.POSITIVE_INFINITY))
          expect(longest).toBeLessThanOrEqual(most - 1)
        }
      }
    },
  )
})
