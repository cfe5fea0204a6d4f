/** The poller's state is small, and is read back as it was. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CLAIM_MS } from "../alert/delivery.ts"
import { DAY, HOUR, MINUTE, SECOND } from "../instant.ts"
import { outageBefore } from "../list/outage.ts"
import { NO_REVIEW } from "../list/review.ts"
import { START } from "../test-example.ts"
import { RING_MINUTES } from "./budget.ts"
import { PUT_OFF_MAX_MS } from "../alert/delivery.ts"
import { type Control, FIRST_CONTROL, withoutFuture } from "./control.ts"
import { failureAfter } from "./failure.ts"
import { LAST_STEP_MS, LEASE_MS, OVER_MS, POLL_MAX_MS, UNTIL_MS, refusalOf } from "./gate.ts"
import { POLL_OUTCOMES, type PastPolls, pollsBeside, withPoll } from "./past-poll.ts"
import { PackedControl, packChange, unpackControl } from "./packed-control.ts"

const anyInstant = fc.integer({ min: 0, max: 8.64e15 })

const anyCounts = fc.array(fc.nat(255), { maxLength: RING_MINUTES }).map((counts) => {
  // Empty minutes at the end are dropped.
  while (counts.at(-1) === 0) counts.pop()
  return counts
})

const anyPass = fc.record({ startedAt: anyInstant, from: fc.option(anyInstant, { nil: null }) })

const anyPoll = fc.record({
  at: fc.integer({ min: START, max: START + HOUR }),
  outcome: fc.constantFrom(...POLL_OUTCOMES),
  listed: fc.nat(2000),
  alerts: fc.nat(2000),
})

const anyControl: fc.Arbitrary<Control> = fc.record({
  fence: fc.nat(),
  leaseUntil: anyInstant,
  nextPollAt: anyInstant,
  polledAt: anyInstant,
  completedAt: anyInstant,
  readAt: anyInstant,
  since: anyInstant,
  watermark: fc.option(anyInstant, { nil: null }),
  resumeAt: fc.option(anyInstant, { nil: null }),
  review: fc.record({ recent: anyPass, day: anyPass, week: anyPass }),
  watchVersion: fc.nat(),
  rulesChangedAt: anyInstant,
  dueAskedAt: anyInstant,
  ring: fc.record({ minute: fc.nat(), fence: fc.nat(), list: anyCounts, detail: anyCounts }),
  listBlockedUntil: anyInstant,
  detailBlockedUntil: anyInstant,
  channels: fc.option(fc.constantFrom(["slack"], ["slack", "email"]), { nil: null }),
  dueAt: fc.option(anyInstant, { nil: null }),
  pending: fc.nat(),
  unexaminedAt: anyInstant,
  failure: fc.option(
    fc.record({ kind: fc.string(), message: fc.string(), since: anyInstant, at: anyInstant }),
    { nil: null },
  ),
  clockNotice: fc.option(fc.record({ stampsMs: fc.integer(), serverMs: fc.integer(), since: anyInstant }), {
    nil: null,
  }),
  stampSamples: fc.array(fc.integer(), { maxLength: 3 }),
  nudges: fc.record({
    at: fc.integer({ min: 0, max: 83_000_000 }).map((minutes) => minutes * MINUTE),
    list: fc.array(fc.nat(35), { minLength: 5, maxLength: 5 }),
    detail: fc.array(fc.nat(1295), { minLength: 5, maxLength: 5 }),
    looks: fc.nat(46_655),
    sooner: fc.nat(46_655),
  }),
  polls: fc.array(anyPoll, { maxLength: 10 }).map((polls) => polls.reduce(withPoll, [])),
})

/** What the store writes apart from changes: when a poll starts, and when a rule is edited. */
const packOf = ({ fence, polledAt, since, rulesChangedAt, dueAskedAt, ...change }: Control) => ({
  ...packChange(change),
  fence,
  polled: polledAt,
  since,
  rulesChanged: rulesChangedAt,
  dueAsked: dueAskedAt,
})

test("the state is read back as it was written", () => {
  fc.assert(
    fc.property(anyControl, (control) => {
      const stored = JSON.parse(JSON.stringify(packOf(control)))
      expect(unpackControl(PackedControl.parse(stored))).toEqual(control)
    }),
    { numRuns: 300 },
  )
})

test("what is absent is as before the first poll", () => {
  expect(unpackControl(PackedControl.parse({}))).toEqual(FIRST_CONTROL)
})

test("a change writes what it names, null too, and nothing else", () => {
  expect(packChange({ dueAt: null, pending: 0 })).toEqual({ due: null, pending: 0 })
  expect(packChange({})).toEqual({})
  expect(packChange({ ring: { minute: 1, fence: 2, list: [3], detail: [] } })).toEqual({
    ringMinute: 1,
    ringFence: 2,
    ringList: "03",
    ringDetail: "",
  })
})

describe("the stored state", () => {
  /**
   * An item's size by AWS's rules: names and texts by their bytes, a number one byte per two digits plus one, a map
   * three plus one per entry.
   * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
   */
  function sizeOf(value: unknown): number {
    if (value === null || typeof value === "boolean") return 1
    if (typeof value === "string") return Buffer.byteLength(value)
    if (typeof value === "number")
      return Math.ceil(String(Math.abs(value)).length / 2) + 1 + (value < 0 ? 1 : 0)
    if (typeof value !== "object") throw new Error("It is nothing that can be stored.")
    const entries = Object.entries(value)
    return 3 + entries.reduce((size, [name, part]) => size + 1 + Buffer.byteLength(name) + sizeOf(part), 0)
  }
  const itemSize = (item: object) =>
    Object.entries(item).reduce((size, [name, value]) => size + Buffer.byteLength(name) + sizeOf(value), 0)

  test("fits into one write unit of 1,024 bytes, with a full ring and the longest failure, in a hundred years", () => {
    const at = Date.UTC(2126, 0, 1)
    const full = Array.from({ length: RING_MINUTES }, () => 255)
    const fence = 9_999_999_999
    const polls: PastPolls = Array.from({ length: 10 }, (_, index) => {
      return { at: at - index * MINUTE, outcome: "complete", listed: 600, alerts: 600 }
    })
    const messages = ["x", "é", "€", "💥", "\ud800"].map((letter) => letter.repeat(1000))
    for (const message of [null, "", "x".repeat(70), ...messages]) {
      const failure = message === null ? null : failureAfter(null, "rate-limited", message, at)
      const control: Control = {
        fence,
        leaseUntil: at,
        nextPollAt: at,
        polledAt: at,
        completedAt: at,
        readAt: at,
        since: at,
        watermark: at,
        resumeAt: at,
        review: {
          recent: { startedAt: at, from: at },
          day: { startedAt: at, from: at },
          week: { startedAt: at, from: at },
        },
        watchVersion: fence,
        rulesChangedAt: at,
        dueAskedAt: at,
        listBlockedUntil: at,
        detailBlockedUntil: at,
        channels: ["slack", "email"],
        dueAt: at,
        pending: 999_999,
        unexaminedAt: at,
        failure,
        clockNotice: { stampsMs: -27 * HOUR, serverMs: -27 * HOUR, since: at },
        stampSamples: [-27 * HOUR, -27 * HOUR, -27 * HOUR],
        nudges: {
          at,
          list: Array.from({ length: 5 }, () => 35),
          detail: Array.from({ length: 5 }, () => 1295),
          looks: 46_655,
          sooner: 46_655,
        },
        polls: pollsBeside(polls, failure),
        ring: {
          minute: Math.floor(at / MINUTE),
          fence,
          list: full,
          detail: full,
        },
      }
      // With who wrote it last, and the longest name of an e-mail topic's team.
      const size = itemSize({ pk: "TEAM#default", sk: "CONTROL", by: "0123456789a", ...packOf(control) })
      expect(size).toBeLessThan(1024)
    }
  })

  test("and the ruler by which that is measured is right", () => {
    expect(itemSize({ pk: "ab", n: 1234, big: 1_700_000_000_000, map: { a: "é", b: null } })).toBe(
      2 + 2 + (1 + 3) + (3 + 8) + (3 + 3 + (1 + 1 + 2) + (1 + 1 + 1)),
    )
  })
})

describe("a poll may start", () => {
  const control = { ...FIRST_CONTROL, leaseUntil: START + 1, nextPollAt: START + 2 }
  const gateMs = 19_000
  const refusal = (changes: Partial<Control>, now = START) =>
    refusalOf({ ...FIRST_CONTROL, ...changes }, { now, gateMs })

  test("when nobody has the lease and the gate is open, and otherwise it is said why not", () => {
    expect(refusal({})).toBeNull()
    expect(refusal(control)).toBe("busy")
    expect(refusal(control, START + 1)).toBe("early")
    expect(refusal(control, START + 2)).toBeNull()
    expect(refusal({ leaseUntil: START + LEASE_MS })).toBe("busy")
    expect(refusal({ nextPollAt: START + gateMs })).toBe("early")
  })

  test("in spite of a lease or a gate of a clock that is wrong, but not because the request was a minute on its way", () => {
    const late = MINUTE + POLL_MAX_MS
    expect(refusal({ leaseUntil: START + LEASE_MS + late })).toBe("busy")
    expect(refusal({ leaseUntil: START + LEASE_MS + late + 1 })).toBeNull()
    expect(refusal({ nextPollAt: START + gateMs + late })).toBe("early")
    expect(refusal({ nextPollAt: START + gateMs + late + 1 })).toBeNull()
    expect(refusal({ leaseUntil: START + 1000 * HOUR, nextPollAt: START + gateMs })).toBe("early")
  })

  test("only after an earlier one has surely ended: leases and claims outlive polls", () => {
    const steps = [UNTIL_MS.list, UNTIL_MS.look, UNTIL_MS.keep, UNTIL_MS.send, OVER_MS, POLL_MAX_MS]
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(UNTIL_MS.send).toBeLessThanOrEqual(OVER_MS - LAST_STEP_MS)
    expect(LEASE_MS).toBeGreaterThan(POLL_MAX_MS)
    expect(CLAIM_MS).toBeGreaterThan(POLL_MAX_MS)
  })
})

describe("what a clock that was far ahead has written", () => {
  test("is forgotten: blocks, readings and passes of the future", () => {
    const ahead = START + 2 * HOUR
    const pass = { startedAt: ahead, from: null }
    const control = {
      ...FIRST_CONTROL,
      since: START - HOUR,
      readAt: ahead,
      completedAt: ahead,
      unexaminedAt: ahead,
      listBlockedUntil: ahead,
      detailBlockedUntil: ahead,
      review: { ...NO_REVIEW, week: pass },
    }
    expect(withoutFuture(control, { since: START - 9, now: START })).toEqual({
      ...FIRST_CONTROL,
      since: START - HOUR,
    })
  })

  test("is forgotten: a first poll of the future, and how far the list was read since then", () => {
    const since = START + 2 * MINUTE + 1
    const control = { ...FIRST_CONTROL, since, watermark: since, resumeAt: since, fence: 7 }
    const begun = { ...FIRST_CONTROL, since: START - HOUR, fence: 7 }
    expect(withoutFuture(control, { since: START - HOUR, now: START })).toEqual(begun)
  })

  test("is not where reading began if the vendor has listed later calls: then it is our clock that is behind", () => {
    const since = START + DAY
    const control = { ...FIRST_CONTROL, since, watermark: since + 1 }
    expect(withoutFuture(control, { since: START - HOUR, now: START })).toEqual(control)
  })

  test("is when something is due: then it is due now", () => {
    const dueAt = (ms: number) =>
      withoutFuture({ ...FIRST_CONTROL, dueAt: START + ms }, { since: START, now: START }).dueAt
    expect(dueAt(PUT_OFF_MAX_MS + 2 * MINUTE)).toBe(START + PUT_OFF_MAX_MS + 2 * MINUTE)
    expect(dueAt(PUT_OFF_MAX_MS + 2 * MINUTE + 1)).toBe(START)
  })

  test("is all that is forgotten", () => {
    const pass = { startedAt: START - HOUR, from: START - DAY }
    const control = {
      ...FIRST_CONTROL,
      since: START + 2 * MINUTE,
      watermark: START + 2 * MINUTE,
      readAt: START + 2 * MINUTE,
      listBlockedUntil: START + HOUR,
      detailBlockedUntil: START + HOUR,
      review: { recent: pass, day: pass, week: pass },
    }
    expect(withoutFuture(control, { since: START - HOUR, now: START })).toEqual(control)
  })
})

test("an outage is half an hour or more in which the list could not be read, or three polls, once it ever was", () => {
  const readAt = 1_700_000_000_000
  const outage = (minutes: number, gateMs = 19 * SECOND) =>
    outageBefore({ ...FIRST_CONTROL, readAt }, { now: readAt + minutes * MINUTE, gateMs })
  expect([0, 29.99, 30, 600].map((minutes) => outage(minutes))).toEqual([0, 0, 30 * MINUTE, 600 * MINUTE])
  for (const gateMs of [HOUR, 0])
    expect([60, 179, 180].map((minutes) => outage(minutes, gateMs))).toEqual([0, 0, 3 * HOUR])
  expect(outageBefore(FIRST_CONTROL, { now: readAt, gateMs: 0 })).toBe(0)
})

describe("a failure", () => {
  test("lasts from when it was first seen, until another one takes its place", () => {
    const first = failureAfter(null, "server", "It answered 500.", START)
    const second = failureAfter(first, "server", "It answered 502.", START + 1)
    expect(second).toEqual({ kind: "server", message: "It answered 502.", since: START, at: START + 1 })
    expect(failureAfter(second, "timeout", "No answer.", START + 2).since).toBe(START + 2)
  })

  test("is cut to 139 bytes, and never inside a character", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("x", "é", "€", "💥", "\ud800"), maxLength: 300 }),
        (message) => {
          const kept = failureAfter(null, "server", message, START).message
          expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(139)
          expect(kept.isWellFormed()).toBe(true)
          if (Buffer.byteLength(message) <= 139) expect(kept).toBe(message.toWellFormed())
          else expect(message.toWellFormed().startsWith(kept)).toBe(true)
        },
      ),
    )
  })
})
