/** A delivery is tried until it is sent or given up, and a message that may be a repeat says so. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { AHEAD_MAX_MS } from "../clock.ts"
import { DAY, HOUR, MINUTE, SECOND } from "../instant.ts"
import { START } from "../test-example.ts"
import {
  AWAY_GIVE_UP_MS,
  CLAIM_MS,
  type Claimed,
  Delivery,
  GIVE_UP_MS,
  HOLD_MS,
  type SendResult,
  claim,
  countPending,
  earliestAttemptAt,
  nextAttemptAt,
  owe,
  revive,
  rightDelivery,
  settle,
  unclaim,
} from "./delivery.ts"

const owed = (): Delivery => {
  return owe("slack", 0, { dueAt: START, now: START })
}

const claimed = (changes: Partial<Claimed> = {}): Claimed => ({
  channel: "slack",
  state: "claimed",
  attempts: 1,
  owedAt: START,
  mayRepeat: false,
  claimedUntil: START + CLAIM_MS,
  ...changes,
})

/** The outcome of a claimed attempt. `vanished`: its sender died, and may have sent the message. */
type Outcome = SendResult | { kind: "vanished" }

const deadOne = (): Delivery => ({ ...claimed(), state: "dead", deadAt: START, why: "no" })

const anyRoll = fc.double({ min: 0, max: 1, noNaN: true })

const anyRetry = fc.record({
  kind: fc.constant("retry" as const),
  why: fc.constant("down"),
  mayHaveArrived: fc.boolean(),
  afterMs: fc.option(fc.oneof(fc.nat(2 * HOUR), fc.constant(Number.POSITIVE_INFINITY)), { nil: undefined }),
})

const anyFailure: fc.Arbitrary<SendResult> = fc.oneof(
  anyRetry,
  fc.constant({ kind: "refused" as const, why: "no" }),
)

const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 6, arbitrary: anyRetry },
  { weight: 2, arbitrary: fc.constant({ kind: "vanished" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "sent" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "refused" as const, why: "no" }) },
)

const anyStep = fc.record({
  afterMs: fc.oneof(fc.nat(3 * MINUTE), fc.nat(2 * HOUR), fc.nat(80 * HOUR)),
  outcome: anyOutcome,
  roll: fc.double({ min: 0, max: 1, noNaN: true }),
})

describe("over whatever happens, whenever somebody looks", () => {
  test("an attempt says that it may repeat if and only if an earlier one may have arrived", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
        let delivery = owed()
        let now = START
        let mayHaveArrived = false
        for (const { afterMs, outcome, roll } of steps) {
          now += afterMs
          const attempt = claim(delivery, now)
          if (!attempt) continue
          expect(attempt.mayRepeat).toBe(mayHaveArrived)
          delivery = outcome.kind === "vanished" ? attempt : settle(attempt, outcome, now, { roll })
          if (outcome.kind === "vanished" || (outcome.kind === "retry" && outcome.mayHaveArrived)) {
            mayHaveArrived = true
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  test("attempts are counted one by one before they are made, no two at once, and none after the end", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
        let delivery = owed()
        let now = START
        for (const { afterMs, outcome, roll } of steps) {
          now += afterMs
          const attempt = claim(delivery, now)
          const at = nextAttemptAt(delivery)
          expect(attempt !== null).toBe(at !== null && at <= now)
          if (delivery.state === "sent" || delivery.state === "dead") expect(attempt).toBeNull()
          if (!attempt) continue
          expect(attempt).toMatchObject({ channel: "slack", owedAt: START, attempts: delivery.attempts + 1 })
          expect(claim(attempt, now + CLAIM_MS - 1)).toBeNull()
          delivery = outcome.kind === "vanished" ? attempt : settle(attempt, outcome, now, { roll })
          expect(delivery).toMatchObject({ channel: "slack", owedAt: START, attempts: attempt.attempts })
          expect(Delivery.parse(JSON.parse(JSON.stringify(delivery)))).toEqual(delivery)
        }
      }),
      { numRuns: 500 },
    )
  })

  test("a retry waits as long as it is asked to, and by itself a quarter of an hour at most, and never more than an hour", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        anyRetry,
        fc.nat(GIVE_UP_MS - 1),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, result, age, roll) => {
          const now = START + age
          const next = settle(claimed({ attempts }), result, now, { roll })
          if (next.state !== "due") throw new Error(`It is ${next.state}.`)
          const waitMs = next.dueAt - now
          expect(waitMs).toBeGreaterThanOrEqual(Math.min(result.afterMs ?? 0, HOUR))
          expect(waitMs).toBeGreaterThanOrEqual(0.6 * Math.min(15 * MINUTE, SECOND * 4 ** (attempts - 1)) - 1)
          expect(waitMs).toBeLessThanOrEqual(HOUR)
          expect(next.mayRepeat).toBe(result.mayHaveArrived)
        },
      ),
    )
  })

  test.each([
    ["a day", false, GIVE_UP_MS, 180],
    ["three days if its channel was taken away", true, AWAY_GIVE_UP_MS, 480],
  ])(
    "one that never arrives is tried for %s, however its channel refuses it, and then dead for a reason",
    (_, isAway, giveUpMs, attemptsMax) => {
      fc.assert(
        fc.property(fc.infiniteStream(fc.tuple(anyFailure, anyRoll)), (results) => {
          let delivery = owed()
          let now = START
          while (delivery.state !== "dead") {
            now = nextAttemptAt(delivery) ?? now
            const attempt = claim(delivery, now)
            const [result, roll] = results.next().value
            if (!attempt) throw new Error("It was due.")
            delivery = settle(attempt, result, now, { roll, isAway })
          }
          expect(delivery.why).toMatch(/^gave up: (?:down|no)$/)
          expect(now - START).toBeGreaterThanOrEqual(giveUpMs)
          expect(now - START).toBeLessThanOrEqual(giveUpMs + HOUR)
          expect(delivery.attempts).toBeLessThan(attemptsMax)
        }),
        { numRuns: 30 },
      )
    },
  )
})

test.each([
  { kind: "retry", why: "down", mayHaveArrived: false } as const,
  { kind: "refused", why: "no" } as const,
])(
  "one that nobody could try for days is tried for a quarter of an hour at least before it is given up",
  (down) => {
    const back = START + 2 * GIVE_UP_MS
    fc.assert(
      fc.property(anyRoll, (roll) => {
        let delivery: Delivery = settle(claimed(), down, START, { roll })
        let now = back
        while (delivery.state !== "dead") {
          now = Math.max(now, nextAttemptAt(delivery) ?? now)
          const attempt = claim(delivery, now)
          if (!attempt) throw new Error("It was due.")
          delivery = settle(attempt, down, now, { roll })
        }
        expect(now - back).toBeGreaterThan(20 * MINUTE)
        expect(now - back).toBeLessThan(2 * HOUR)
      }),
    )
  },
)

describe("an attempt", () => {
  test("that succeeds is the last; one that is refused is made again", () => {
    expect(settle(claimed(), { kind: "sent" }, START + 1, { roll: 0 })).toEqual({
      channel: "slack",
      attempts: 1,
      owedAt: START,
      mayRepeat: false,
      state: "sent",
      sentAt: START + 1,
    })
    expect(settle(claimed(), { kind: "refused", why: "archived" }, START + 1, { roll: 0 })).toMatchObject({
      state: "due",
      mayRepeat: false,
    })
  })

  test("whose sender vanished is made again when its claim has run out", () => {
    const first = claim(owed(), START)
    expect(first).toMatchObject({ attempts: 1, mayRepeat: false, claimedUntil: START + CLAIM_MS })
    expect(first && claim(first, START + CLAIM_MS)).toMatchObject({ attempts: 2, mayRepeat: true })
  })
})

test("a clock that was far ahead holds up neither a claim nor a retry for longer than can be, once they are read", () => {
  const read = (delivery: Delivery, ms: number) => rightDelivery(delivery, START - ms)
  const claimable = (delivery: Delivery, ms: number) => claim(read(delivery, ms), START - ms) !== null
  const busy = claimed()
  expect([0, AHEAD_MAX_MS, AHEAD_MAX_MS + 1].map((ms) => claimable(busy, ms))).toEqual([false, false, true])
  expect(claim(read(busy, DAY), START - DAY)).toMatchObject({ attempts: 2, mayRepeat: true })
  const asked = { kind: "retry", why: "no", mayHaveArrived: false, afterMs: 9 * HOUR } as const
  const due = settle(busy, asked, START, { roll: 1 })
  expect([0, AHEAD_MAX_MS, AHEAD_MAX_MS + 1].map((ms) => claimable(due, ms))).toEqual([false, false, true])
  const untried = owe("slack", 0, { dueAt: START + HOLD_MS, now: START })
  expect([0, AHEAD_MAX_MS, AHEAD_MAX_MS + 1].map((ms) => claimable(untried, ms))).toEqual([
    false,
    false,
    true,
  ])
})

test("pending are deliveries that are due or claimed, and the earliest of them says when to look again", () => {
  const due: Delivery = { ...owed(), state: "due", dueAt: START + HOUR }
  const sent = settle(claimed(), { kind: "sent" }, START, { roll: 0 })
  const dead = deadOne()
  expect(countPending([due, claimed({ channel: "email" }), sent, dead])).toBe(2)
  expect(earliestAttemptAt([due, claimed({ channel: "email" }), sent, dead])).toBe(START + CLAIM_MS)
  expect(earliestAttemptAt([sent, due])).toBe(START + HOUR)
  expect(earliestAttemptAt([sent, dead])).toBeNull()
})

test("one that is dead can be made due again, for another day, and still says that it may be a repeat", () => {
  const dead: Delivery = {
    ...claimed({ attempts: 99, mayRepeat: true }),
    state: "dead",
    deadAt: START,
    why: "no",
  }
  const back = START + 5 * DAY
  const revived = revive(dead, back)
  expect(revived).toMatchObject({ state: "due", dueAt: back, owedAt: back, attempts: 0, isRevived: true })
  expect(claim(revived, back)).toMatchObject({ attempts: 1, mayRepeat: true })
  const busy = claimed()
  expect(revive(busy, back)).toBe(busy)
})

test("a claim on what was not sent after all counts no attempt and leaves no doubt", () => {
  const attempt = claim(owed(), START)
  expect(attempt && unclaim(attempt, START + MINUTE)).toEqual({ ...owed(), dueAt: START + MINUTE })
})
