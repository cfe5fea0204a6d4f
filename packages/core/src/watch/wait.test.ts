/** What was waited for says what to expect: of each span, how likely it ends a wait; and it fades, and takes a few dozen letters. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { MINUTE, SECOND } from "../instant.ts"
import { dice } from "../test-example.ts"
import {
  LOOK_AIMS,
  NO_WAITS,
  type Waits,
  chanceAt,
  expectedOf,
  packWaits,
  unpackWaits,
  withWait,
} from "./wait.ts"

const aims = fc.constantFrom(...LOOK_AIMS)

const anyWaited = fc.option(fc.integer({ min: -MINUTE, max: 20_000 * SECOND }), { nil: null })

const anyWaits = fc
  .array(fc.tuple(aims, anyWaited), { maxLength: 300 })
  .map((all) => all.reduce((waits, [aim, waitedMs]) => withWait(waits, aim, waitedMs), NO_WAITS))

const after = (waited: readonly (number | null)[], from: Waits = NO_WAITS): Waits =>
  waited.reduce(
    (waits: Waits, seconds) => withWait(waits, "score", seconds === null ? null : seconds * SECOND),
    from,
  )

const countOf = (waits: Waits) => waits.score.reduce((sum, count) => sum + count, 0)

describe("what is to be expected", () => {
  test("of a team of which nothing is known is that of any team: less likely with each span", () => {
    for (const aim of LOOK_AIMS) {
      const chances = expectedOf(NO_WAITS)[aim].map(({ chance }) => chance)
      expect(chances).toEqual([...chances].sort((a, b) => b - a))
    }
  })

  test("is what came: where nothing has ever come little is, and where everything did much is", () => {
    const waits = after(Array.from({ length: 40 }, () => 240))
    const chance = (seconds: number) => chanceAt(waits, "score", seconds * SECOND)
    expect(chance(240)).toBeGreaterThan(5 * chance(30))
    expect(chance(240)).toBeGreaterThan(3 * chanceAt(NO_WAITS, "score", 240 * SECOND))
    expect(chance(30)).toBeLessThan(chanceAt(NO_WAITS, "score", 30 * SECOND) / 3)
    expect(chanceAt(waits, "mood", 30 * SECOND)).toBe(chanceAt(NO_WAITS, "mood", 30 * SECOND))
  })

  test("is near the truth where answers come at any moment, whatever chance does to single spans", () => {
    const roll = dice(5)
    const waits = after(Array.from({ length: 400 }, () => -Math.log(1 - roll()) * 90))
    for (const seconds of [15, 40, 70, 100, 150]) {
      expect(chanceAt(waits, "score", seconds * SECOND)).toBeGreaterThan(1 / 90 / 2)
      expect(chanceAt(waits, "score", seconds * SECOND)).toBeLessThan(2 / 90)
    }
  })

  test("is little where nothing comes, and never nothing", () => {
    const waits = after(Array.from({ length: 60 }, () => null))
    for (const seconds of [1, 100, 2000]) {
      const chance = chanceAt(waits, "score", seconds * SECOND)
      expect(chance).toBeGreaterThan(0)
      expect(chance).toBeLessThan(chanceAt(NO_WAITS, "score", seconds * SECOND) / 4)
    }
  })

  test("has all waits at first, and ever fewer, and a chance that is a number", () => {
    fc.assert(
      fc.property(anyWaits, aims, (waits, aim) => {
        const spans = expectedOf(waits)[aim]
        expect(spans[0]?.share).toBe(1)
        const shares = spans.map(({ share }) => share)
        expect(shares).toEqual([...shares].sort((a, b) => b - a))
        for (const { from, seconds, chance, share } of spans) {
          expect(share).toBeGreaterThanOrEqual(0)
          expect(chance).toBeGreaterThan(0)
          expect(chance).toBeLessThan(2)
          expect(chanceAt(waits, aim, (from + seconds / 2) * SECOND)).toBe(chance)
        }
      }),
    )
  })
})

describe("old waits", () => {
  test("fade: there are never more than sixty, and never fewer than thirty once there were", () => {
    let waits = NO_WAITS
    for (let index = 0; index < 500; index++) {
      waits = after([(index * 37) % 700], waits)
      expect(countOf(waits)).toBeLessThan(60)
      if (index >= 60) expect(countOf(waits)).toBeGreaterThanOrEqual(30)
    }
  })

  test("are outweighed by sixty new ones", () => {
    const soon = after(Array.from({ length: 100 }, () => 20))
    const late = after(
      Array.from({ length: 60 }, () => 400),
      soon,
    )
    const chance = (waits: Waits, seconds: number) => chanceAt(waits, "score", seconds * SECOND)
    expect(chance(late, 20)).toBeLessThan(chance(soon, 20) / 4)
    expect(chance(late, 400)).toBeGreaterThan(3 * chance(soon, 400))
  })

  test("are halved fairly: of spans with one wait each, half keep theirs", () => {
    const spread = [1, 4, 8, 15, 25, 40, 50, 70, 100, 150, 200, 400, 700]
    const waits = after([...spread, ...Array.from({ length: 47 }, () => null)])
    expect(countOf(waits)).toBe(30)
    expect(waits.score.slice(0, -1).reduce((sum, count) => sum + count, 0)).toBe(6)
  })
})

describe("as they are stored", () => {
  test("they are read back as they were, from some forty letters", () => {
    fc.assert(
      fc.property(anyWaits, (waits) => {
        const packed = packWaits(waits)
        expect(packed.length).toBeLessThan(50)
        expect(unpackWaits(packed)).toEqual(waits)
      }),
    )
  })

  test.each(["", "0", "00000000000000.0000000000000-.00000000000000", "0.0.0", "x".repeat(1000)])(
    "what is none of them, %j, is as if nothing had been learnt",
    (text) => {
      expect(unpackWaits(text)).toBe(NO_WAITS)
    },
  )
})
