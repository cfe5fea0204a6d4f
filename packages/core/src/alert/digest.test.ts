/** What is sent singly and what together: nothing is lost in between, and however much comes, people get few messages. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { HOUR, MINUTE, SECOND } from "../instant.ts"
import { Severity } from "../rule/rule.ts"
import { START } from "../test-example.ts"
import { DIGEST_CALLS_MAX, type DueAlert, NO_DIGESTS, planSends } from "./digest.ts"
import { HOLD_MAX_MS, NO_PACE, blocked, freeAt, held, sentInHour } from "./pace.ts"

const SETTINGS = { digestFrom: 5, perHour: 20, isCatchingUp: false }

const alert = (index: number, changes: Partial<DueAlert> = {}): DueAlert => ({
  callId: `call-${index}`,
  severity: "warning",
  ruleIds: ["flagged"],
  owedAt: START + index,
  isLate: false,
  abandoned: null,
  isTest: false,
  ...changes,
})

const alerts = (count: number, changes: Partial<DueAlert> = {}) =>
  Array.from({ length: count }, (_, index) => alert(index, changes))

const anyAlert = fc.record({
  severity: fc.constantFrom(...Severity.options),
  ruleIds: fc.subarray(["flagged", "low-score", "angry-caller", "transferred"]),
  owedAt: fc.integer({ min: START - 2 * HOUR, max: START }),
  isLate: fc.boolean(),
  abandoned: fc.constantFrom(null, null, "digest-1"),
  isTest: fc.constantFrom(false, false, false, true),
})

const idsOf = (plan: readonly DueAlert[]) => plan.map(({ callId }) => callId)

test("each alert is sent singly, or in the digest, or waits for a time that is near: never two of them, never none", () => {
  const anyDue = fc.array(anyAlert, { maxLength: 150 })
  const anySettings = fc.record({ digestFrom: fc.nat(10), perHour: fc.nat(30), isCatchingUp: fc.boolean() })
  fc.assert(
    fc.property(anyDue, anySettings, fc.nat(2 * MINUTE), (some, settings, digestAgo) => {
      const due = some.map((one, index) => ({ ...one, callId: `call-${index}` }))
      const pace = { ...NO_PACE, digestAt: START - digestAgo }
      const { singles, digest, waitsUntil } = planSends(due, pace, settings, START)
      const sent = [...idsOf(singles), ...idsOf(digest)]
      expect(new Set(sent).size).toBe(sent.length)
      if (sent.length < due.length) expect(waitsUntil).not.toBeNull()
      expect(digest.length).not.toBe(1)
      expect((waitsUntil ?? START) - START).toBeLessThanOrEqual(3 * MINUTE)
      // The worst first, and of one severity the newest.
      const plain = singles.filter(({ isTest }) => !isTest)
      expect(singles.slice(0, singles.length - plain.length).every(({ isTest }) => isTest)).toBe(true)
      const ranks = plain.slice(0, -1).map(({ severity }) => Severity.options.indexOf(severity))
      expect(ranks).toEqual([...ranks].sort((a, b) => b - a))
    }),
    { numRuns: 500 },
  )
})

describe("alerts of one moment", () => {
  test("up to five are sent singly, and six together", () => {
    expect(planSends(alerts(5), NO_PACE, SETTINGS, START)).toMatchObject({ digest: [], waitsUntil: null })
    const six = planSends(alerts(6), NO_PACE, SETTINGS, START)
    expect([six.singles.length, six.digest.length]).toEqual([0, 6])
  })

  test("over which a process has died are half as many the next time, but not few", () => {
    const sizeAfter = (died: number) => {
      const due = [...alerts(died, { abandoned: "digest-1" }), ...alerts(400).map(renamed)]
      return planSends(due, NO_PACE, SETTINGS, START).digest.length
    }
    const renamed = (one: DueAlert) => ({ ...one, callId: `other-${one.callId}` })
    expect([300, 240, 60, 0].map(sizeAfter)).toEqual([150, 120, 50, 400])
  })

  test("with critical ones among them: those are sent singly, the newest first, and before the others", () => {
    const due = [
      ...alerts(8),
      ...alerts(3, { severity: "critical" }).map((one) => ({ ...one, callId: `c-${one.callId}` })),
    ]
    const plan = planSends(due, NO_PACE, SETTINGS, START)
    expect(idsOf(plan.singles)).toEqual(["c-call-2", "c-call-1", "c-call-0"])
    expect(plan.digest).toHaveLength(8)
  })

  test("are never more than twenty single critical ones in an hour, however often that is asked", () => {
    let pace = NO_PACE
    let singles = 0
    for (let turn = 0; turn < 100; turn++) {
      const now = START + turn * 20 * SECOND
      const plan = planSends(alerts(1000, { severity: "critical", owedAt: now }), pace, SETTINGS, now)
      singles += plan.singles.length
      expect(plan.digest.length).toBeLessThanOrEqual(DIGEST_CALLS_MAX)
      pace = held(pace, {
        forMs: SECOND,
        singles: plan.singles.map(({ ruleIds }) => ruleIds),
        hasDigest: true,
        now,
      })
    }
    expect(singles).toBe(20)
  })

  test("are all single where a channel has no digests", () => {
    const plan = planSends(alerts(50), NO_PACE, { ...SETTINGS, digestFrom: NO_DIGESTS }, START)
    expect([plan.singles.length, plan.digest.length]).toEqual([50, 0])
  })

  test("while old calls are caught up with, or what was given up comes again, are one from two on", () => {
    expect(planSends(alerts(2), NO_PACE, { ...SETTINGS, isCatchingUp: true }, START).digest).toHaveLength(2)
    expect(planSends(alerts(2, { isLate: true }), NO_PACE, SETTINGS, START).digest).toHaveLength(2)
    expect(planSends(alerts(1, { isLate: true }), NO_PACE, SETTINGS, START).singles).toHaveLength(1)
  })
})

describe("one rule in an hour", () => {
  const twenty = held(NO_PACE, {
    forMs: SECOND,
    singles: Array.from({ length: 20 }, () => ["flagged"]),
    hasDigest: false,
    now: START,
  })

  test("has twenty single alerts; the next ones wait for each other for three minutes, and critical ones for one", () => {
    const [one, two] = [alert(0), alert(1)]
    expect(planSends([one, two], twenty, SETTINGS, START + SECOND)).toMatchObject({
      singles: [],
      digest: [],
      waitsUntil: START + 3 * MINUTE,
    })
    expect(planSends([one, two], twenty, SETTINGS, START + 3 * MINUTE).digest).toHaveLength(2)
    const bad = { ...one, severity: "critical" as const }
    expect(planSends([bad, two], { ...twenty, digestAt: START }, SETTINGS, START + SECOND).waitsUntil).toBe(
      START + MINUTE,
    )
    expect(
      planSends([alert(0, { ruleIds: ["flagged", "low-score"] })], twenty, SETTINGS, START).singles,
    ).toHaveLength(1)
  })

  test("is over after an hour", () => {
    expect(sentInHour(twenty, "flagged", START + HOUR - MINUTE)).toBe(20)
    expect(planSends([alert(0)], twenty, SETTINGS, START + HOUR + MINUTE).singles).toHaveLength(1)
  })
})

describe("a channel's pace", () => {
  test("is held for a few seconds at most, whoever asks for more, and by no clock of the future", () => {
    const hold = held(NO_PACE, { forMs: HOUR, singles: [], hasDigest: false, now: START })
    expect(freeAt(hold, START)).toBe(START + HOLD_MAX_MS)
    expect(freeAt(hold, START - DAY_MS)).toBe(START - DAY_MS)
  })

  test("is blocked as long as the channel asks, an hour at most, and five minutes by itself", () => {
    const asked = blocked(NO_PACE, { afterMs: 9 * HOUR, failures: 1, now: START })
    expect(freeAt(asked, START)).toBe(START + HOUR)
    const failing = blocked(NO_PACE, { afterMs: undefined, failures: 50, now: START })
    expect(freeAt(failing, START)).toBe(START + 5 * MINUTE)
    expect(freeAt(blocked(NO_PACE, { afterMs: undefined, failures: 1, now: START }), START)).toBe(
      START + 4 * SECOND,
    )
  })

  test("stays small, whatever rules are called", () => {
    let pace = NO_PACE
    for (let index = 0; index < 5000; index++) {
      const singles = [[`rule-${index}-${"x".repeat(50)}`]]
      pace = held(pace, { forMs: SECOND, singles, hasDigest: false, now: START + index * SECOND })
    }
    expect(JSON.stringify(pace).length).toBeLessThan(50_000)
    expect(sentInHour(pace, null, START + 5000 * SECOND)).toBeGreaterThan(3000)
  })
})

const DAY_MS = 24 * HOUR
