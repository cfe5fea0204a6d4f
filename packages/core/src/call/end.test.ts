/** A time that cannot be true decides nothing: neither that a call is over, nor when it was. */
import { describe, expect, test } from "vitest"
import { DAY, HOUR, MINUTE, SECOND, isoOf } from "../instant.ts"
import { judge } from "../rule/judgement.ts"
import { START, ruleOf, rowOf } from "../test-example.ts"
import { hasEnded, secondsOf } from "./end.ts"
import { type EndHint, NO_HINT, endOf, observeDetail, observeRow } from "./facts.ts"

const CREATED = START - 5 * MINUTE

const SEEN = START + 20 * SECOND

/** Of a call that lasted 245 seconds, was seen to be over at `SEEN`, and has no score yet. */
function endFor(changes: Parameters<typeof rowOf>[0], hint: Partial<EndHint> = {}): number | null {
  return endOf(observeRow(null, rowOf({ score: null, ...changes }), SEEN, { ...NO_HINT, ...hint }))
}

const BY_LENGTH = CREATED + 245 * SECOND

describe("an end that cannot be true gives way to the start and the length", () => {
  test.each([
    ["1970", isoOf(0)],
    ["the year 1", "0001-01-01T00:00:00Z"],
    ["the year 9999", "9999-12-31T23:59:59Z"],
    ["before the start", isoOf(CREATED - 2 * MINUTE)],
    ["an hour early, at a clock change", isoOf(START - HOUR)],
    ["an hour late, at a clock change", isoOf(START + HOUR)],
    ["tomorrow", isoOf(START + DAY)],
  ])("%s", (_, endedAt) => {
    expect(endFor({ endedAt })).toBe(BY_LENGTH)
  })

  test("unless that cannot be true either: then it was over when we saw it", () => {
    const endedAt = isoOf(0)
    for (const changes of [
      { duration: null },
      { duration: 3600 },
      { duration: -65 },
      { createdAt: null },
      { createdAt: isoOf(0) },
      { createdAt: isoOf(START + 7 * HOUR) },
    ])
      expect(endFor({ endedAt, ...changes }), JSON.stringify(changes)).toBe(SEEN)
  })
})

test("a believable end is the vendor's, to a rounded minute", () => {
  for (const endedAt of [START, START - 10 * SECOND, SEEN + MINUTE, BY_LENGTH - MINUTE])
    expect(endFor({ endedAt: isoOf(endedAt) })).toBe(endedAt)
})

test("an end that leaves no time for the call's length gives way to it", () => {
  expect(endFor({ endedAt: isoOf(CREATED) })).toBe(BY_LENGTH)
  expect(endFor({ endedAt: isoOf(CREATED + MINUTE), duration: 290 })).toBe(CREATED + 290 * SECOND)
})

test("an end before the call was seen to last, or to be listed, is none", () => {
  const early = { createdAt: isoOf(START - 7 * HOUR - 5 * MINUTE), endedAt: isoOf(START - 7 * HOUR) }
  expect(endFor(early)).toBe(START - 7 * HOUR)
  expect(endFor(early, { notBefore: START })).toBe(SEEN)
  // A list may be some minutes behind.
  expect(endFor({}, { notBefore: START + 4 * MINUTE })).toBe(START)
})

describe("what was decided", () => {
  const lasting = { endedAt: null, status: "in_progress", score: null, duration: null }
  const impossible = { endedAt: isoOf(START + HOUR), score: null }

  test("stays, though an end that lay ahead has passed by now", () => {
    const first = observeRow(null, rowOf(impossible), SEEN)
    expect(endOf(observeRow(first, rowOf({ ...impossible, score: 1 }), START + 2 * HOUR))).toBe(BY_LENGTH)
  })

  test("stays, whatever the list says later, if the watch knows it", () => {
    const hint = { notBefore: null, overAt: SEEN }
    expect(endOf(observeRow(null, rowOf({ endedAt: isoOf(0) }), START + 2 * HOUR, hint))).toBe(SEEN)
  })

  test("is put off by another end: the call went on", () => {
    const first = observeRow(null, rowOf(), SEEN)
    const going = observeDetail(first, { ...first.call, ...lasting }, SEEN)
    const again = START + 10 * MINUTE
    expect(endOf(observeRow(going, rowOf({ endedAt: isoOf(again) }), again + SECOND))).toBe(again)
  })

  test("is not made earlier", () => {
    const first = observeRow(null, rowOf({ endedAt: null, duration: null }), SEEN)
    expect(endOf(observeRow(first, rowOf(), SEEN))).toBe(SEEN)
  })
})

test("an end of no time that anybody lived in is none while the call is said to last", () => {
  for (const endedAt of ["0001-01-01T00:00:00Z", isoOf(0), "9999-12-31T23:59:59Z"]) {
    for (const status of ["in_progress", "In Progress", "ringing"])
      expect(hasEnded(rowOf({ endedAt, status, score: null })), status).toBe(false)
    expect(hasEnded(rowOf({ endedAt, status: "failed", score: null }))).toBe(true)
  }
  expect(hasEnded(rowOf({ status: "in_progress", score: null }))).toBe(true)
})

test("no rule settles by an impossible end, and none waits for one", () => {
  const rule = ruleOf({ "sentiment.angry": { gte: 0.5 } })
  for (const endedAt of [isoOf(0), isoOf(START - HOUR), "9999-12-31T00:00:00Z"]) {
    const facts = observeRow(null, rowOf({ endedAt, score: null }), SEEN)
    expect(judge([rule], facts, SEEN)).toMatchObject({ isOpen: true, settlesAt: BY_LENGTH + 30 * MINUTE })
    expect(judge([rule], facts, BY_LENGTH + 31 * MINUTE).verdicts[0]?.isSettled).toBe(true)
  }
})

test("a length below zero is none", () => {
  expect(secondsOf(rowOf({ duration: -65 }))).toBeNull()
  expect(secondsOf(rowOf({ duration: 0 }))).toBe(0)
})
