/** How far apart looks are: by what a detail has to save, by what has come how soon, by nudges; and the price at which details last. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { MINUTE, SECOND } from "../instant.ts"
import {
  type Demand,
  LOOK_EVERY_MAX_MS,
  LOOK_EVERY_MIN_MS,
  type LookPace,
  PRICE_MAX,
  PRICE_MIN,
  lookEveryMs,
  looksBetween,
  priceOf,
  turnPriceOf,
} from "./interval.ts"
import { type LookAim, LOOK_AIMS, NO_WAITS, type Waits, chanceAt, withWait } from "./wait.ts"

const share = fc.double({ min: 0, max: 1, noNaN: true })

const aims = fc.constantFrom(...LOOK_AIMS)

const prices = fc.double({ min: PRICE_MIN, max: PRICE_MAX, noNaN: true })

const waitsOf = (aim: LookAim, seconds: number, count = 50): Waits =>
  Array.from({ length: count }).reduce((waits: Waits) => withWait(waits, aim, seconds * SECOND), NO_WAITS)

const paceOf = (changes: Partial<LookPace> = {}): LookPace => {
  return { price: 0.5, turnPrice: 0.5, toldShare: 0, waits: NO_WAITS, listEveryMs: 20 * SECOND, ...changes }
}

describe("looks at an open call", () => {
  test("are as far apart as one is expected to save its price", () => {
    for (const price of [0.2, 0.5, 2]) {
      const every = lookEveryMs("score", 40 * SECOND, paceOf({ price })) / SECOND
      const chance = chanceAt(NO_WAITS, "score", 40 * SECOND)
      // It comes in that time by a chance of `every * chance`, and is then found half of it sooner.
      expect((every * chance * every) / 2).toBeCloseTo(price, 2)
    }
  })

  test("are close when what is awaited has come after so long, and far apart before and after", () => {
    const pace = paceOf({ waits: waitsOf("score", 240) })
    const every = (seconds: number) => lookEveryMs("score", seconds * SECOND, pace)
    expect(every(30)).toBeGreaterThan(2 * every(240))
    expect(every(1000)).toBeGreaterThan(2 * every(240))
  })

  test("that wait for an end are rare where nudges tell of most, and never cease", () => {
    const told = (toldShare: number) => lookEveryMs("end", 0, paceOf({ toldShare }))
    expect(told(0.75) / told(0)).toBeCloseTo(2, 2)
    expect(told(1)).toBe(told(0.9))
    expect(told(1)).toBeLessThan(MINUTE)
    expect(lookEveryMs("score", 0, paceOf({ toldShare: 1 }))).toBe(lookEveryMs("score", 0, paceOf()))
  })

  test("that wait for a mood are ever farther apart, since it comes within seconds or not at all", () => {
    const pace = paceOf({ price: PRICE_MIN, waits: waitsOf("mood", 400) })
    expect(lookEveryMs("mood", 0, pace)).toBe(LOOK_EVERY_MIN_MS)
    expect(lookEveryMs("mood", 100 * SECOND, pace)).toBe(35 * SECOND)
    expect(lookEveryMs("mood", 400 * SECOND, pace)).toBe(140 * SECOND)
  })

  test("are between two seconds and eight minutes apart, and no closer for a higher price, or more nudges", () => {
    fc.assert(
      fc.property(
        aims,
        fc.integer({ min: -MINUTE, max: 100 * 60 * MINUTE }),
        prices,
        share,
        fc.double({ min: 1, max: 10, noNaN: true }),
        (aim, awaitedMs, price, toldShare, rise) => {
          const every = lookEveryMs(aim, awaitedMs, paceOf({ price, toldShare }))
          expect(every).toBeGreaterThanOrEqual(LOOK_EVERY_MIN_MS)
          expect(every).toBeLessThanOrEqual(LOOK_EVERY_MAX_MS)
          expect(
            lookEveryMs(aim, awaitedMs, paceOf({ price: price * rise, toldShare })),
          ).toBeGreaterThanOrEqual(every)
          const more = toldShare + (1 - toldShare) / rise
          expect(lookEveryMs(aim, awaitedMs, paceOf({ price, toldShare: more }))).toBeGreaterThanOrEqual(
            every,
          )
        },
      ),
    )
  })
})

describe("looks between two lists", () => {
  const LIST_MS = 20 * SECOND

  test("are as many as save their price one by one, since the list is a look as well", () => {
    // One look halves 20 s, which saves 5 s on average; a second one saves a third of that; and so on.
    const chance = 0.01
    for (const price of [0.9, 0.5, 0.3, 0.1, 0.05]) {
      const every = Math.sqrt((2 * price) / chance) * SECOND
      const looks = looksBetween(every, LIST_MS)
      const saves = (count: number) => (chance * 20 * 20) / 2 / (count * (count + 1))
      expect(saves(looks)).toBeGreaterThanOrEqual(price)
      expect(saves(looks + 1)).toBeLessThan(price)
    }
    expect(looksBetween(14.2 * SECOND, LIST_MS)).toBe(0)
    expect(looksBetween(14.1 * SECOND, LIST_MS)).toBe(1)
  })

  test("are never closer than looks can be", () => {
    for (const listEveryMs of [LIST_MS, 60 * SECOND, 300 * SECOND])
      expect(listEveryMs / (looksBetween(LOOK_EVERY_MIN_MS, listEveryMs) + 1)).toBeGreaterThanOrEqual(
        LOOK_EVERY_MIN_MS,
      )
    // Lists as close as looks leave nothing to look at.
    expect(looksBetween(LOOK_EVERY_MIN_MS, SECOND)).toBe(0)
  })
})

describe("the price of a detail", () => {
  const demandOf = (changes: Partial<Demand> = {}): Demand => ({
    details: 400,
    calls: 20,
    untilList: 16,
    awaited: [],
    toldShare: 0,
    waits: NO_WAITS,
    listEveryMs: 20 * SECOND,
    ...changes,
  })

  test("is the lowest where there is more than anybody needs, and the highest where there is nothing", () => {
    expect(priceOf(demandOf({ calls: 1 }))).toBeCloseTo(PRICE_MIN, 3)
    expect(priceOf(demandOf({ details: 0 }))).toBeCloseTo(PRICE_MAX, -1)
    expect(priceOf(demandOf({ untilList: 0, awaited: [{ aim: "mood", awaitedMs: 0 }] }))).toBeCloseTo(
      PRICE_MAX,
      3,
    )
  })

  test("rises with the calls, and falls with the details and with nudges", () => {
    const prices = [5, 20, 60, 150].map((calls) => priceOf(demandOf({ calls })))
    expect(prices).toEqual([...prices].sort((a, b) => a - b))
    expect(new Set(prices).size).toBe(prices.length)
    expect(priceOf(demandOf({ details: 200 }))).toBeGreaterThan(priceOf(demandOf()))
    expect(priceOf(demandOf({ toldShare: 0.9 }))).toBeLessThan(priceOf(demandOf()))
  })

  test("counts what is made in the turns of others: the more calls, the more of it", () => {
    // As many details for each call.
    const priceFor = (calls: number) => priceOf(demandOf({ calls, details: 12 * calls }))
    expect(priceFor(60)).toBeGreaterThan(priceFor(5) * 1.05)
    expect(turnPriceOf(1, 60)).toBe(turnPriceOf(1, 5))
  })

  test("of a turn is that of its detail where others share it anyway", () => {
    expect([5, 70, 100, 130, 400].map((calls) => turnPriceOf(2, calls))).toEqual([3, 3, 2.5, 2, 2])
  })

  test("leaves for the next list no more looks than the minute has, at the calls that wait now", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ aim: aims, awaitedMs: fc.integer({ min: 0, max: 10 * MINUTE }) }), {
          maxLength: 30,
        }),
        fc.integer({ min: 3, max: 16 }),
        (awaited, untilList) => {
          const price = priceOf(demandOf({ calls: 1, awaited, untilList }))
          const looks = awaited.map(({ aim, awaitedMs }) => {
            const every = lookEveryMs(aim, awaitedMs, paceOf({ price }))
            return aim === "mood" ? (20 * SECOND) / every : looksBetween(every, 20 * SECOND)
          })
          expect(looks.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(untilList)
        },
      ),
    )
  })
})
