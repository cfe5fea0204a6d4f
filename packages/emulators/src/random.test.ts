/** The dice: the same for the same seed, and fair enough for traffic. */
import { describe, expect, test } from "vitest"
import { createCache } from "./cache.ts"
import {
  between,
  createRandom,
  exponential,
  hash,
  integer,
  logBetween,
  logNormal,
  pick,
  share,
  shuffle,
  uuid,
} from "./random.ts"

const draw = (count: number, next: () => number) => Array.from({ length: count }, next)
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

test("a seed is a stream of its own", () => {
  expect(draw(5, createRandom("a", 1))).toEqual(draw(5, createRandom("a", 1)))
  expect(draw(5, createRandom("a", 1))).not.toEqual(draw(5, createRandom("a", 2)))
  expect(hash("ab", "c")).not.toBe(hash("a", "bc"))
  expect(share("x", "y")).toBe(share("x", "y"))
})

describe("distributions", () => {
  const random = createRandom("distributions")

  test("even", () => {
    const values = draw(20_000, random)
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThan(1)
    expect(mean(values)).toBeCloseTo(0.5, 1)
    expect(mean(draw(20_000, () => between(random, 10, 20)))).toBeCloseTo(15, 0)
  })

  test("integers, both ends included", () => {
    expect(new Set(draw(500, () => integer(random, 3, 6)))).toEqual(new Set([3, 4, 5, 6]))
  })

  test("skewed", () => {
    expect(mean(draw(40_000, () => exponential(random, 90)))).toBeGreaterThan(87)
    expect(median(draw(40_000, () => logNormal(random, 150, 0.75)))).toBeGreaterThan(145)
    expect(median(draw(40_000, () => logNormal(random, 150, 0.75)))).toBeLessThan(155)
    expect(median(draw(40_000, () => logBetween(random, 1, 100)))).toBeGreaterThan(9)
    expect(median(draw(40_000, () => logBetween(random, 1, 100)))).toBeLessThan(11)
  })
})

test("picking and shuffling lose nothing", () => {
  const random = createRandom("pick")
  expect(new Set(draw(200, () => pick(random, [1, 2, 3])))).toEqual(new Set([1, 2, 3]))
  expect(() => pick(random, [])).toThrow("nothing to pick from")
  expect(new Set(shuffle(random, [1, 2, 3, 4]))).toEqual(new Set([1, 2, 3, 4]))
})

test("identifiers have the form of a version 4 UUID and do not repeat", () => {
  const random = createRandom("uuid")
  const ids = Array.from({ length: 5_000 }, () => uuid(random))
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test("a cache makes once what it has room for, and the oldest again", () => {
  const cache = createCache<string, string>(2)
  const made: string[] = []
  const recall = (key: string) => cache.recall(key, () => (made.push(key), key.toUpperCase()))
  expect(["a", "a", "b", "a", "c", "b", "a"].map(recall)).toEqual(["A", "A", "B", "A", "C", "B", "A"])
  expect(made).toEqual(["a", "b", "c", "a"])
})
