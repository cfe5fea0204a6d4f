/** The price of a detail follows what there is to look at and what is left, but not every cluster of calls. */
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { START, openOf, watchOf, watchedOf } from "@earshot/core/test-example"
import { EMPTY_RING, type Limits, charge } from "@earshot/core/turn/budget"
import { FIRST_CONTROL } from "@earshot/core/turn/control"
import { describe, expect, test } from "vitest"
import { paceOfLooks, renewPace } from "./look-pace.ts"
import { createMemory } from "./memory/memory.ts"
import { beginTurn } from "./memory/turn-memory.ts"
import type { Turn } from "./turn.ts"

const LIMITS: Limits = { listPerHour: 200, detailPerHour: 500, gateMs: 19 * SECOND }

const RING = { ...EMPTY_RING, minute: Math.floor(START / MINUTE) }

/** So many calls of the last hour, one of which waits for its score. */
function watchWith(calls: number) {
  const open = openOf({ endedAt: START - MINUTE, wantsDetail: true, isAnalysed: false })
  const decided = Array.from({ length: calls - 1 }, (_, index) =>
    watchedOf(`call-${index}`, START - Math.round(((index + 1) * HOUR) / calls)),
  )
  return watchOf([watchedOf("ended", START - 2 * MINUTE, { open }), ...decided])
}

/** The price that a process comes to, poll by poll, with so many calls in each one's watch. */
function pricesOf(...polls: (readonly [calls: number, at: number])[]): number[] {
  const memory = createMemory()
  return polls.map(([calls, at]) => {
    renewPace(memory, { ring: RING, limits: LIMITS }, watchWith(calls), at)
    return memory.turn.pace?.price ?? Number.NaN
  })
}

const [FEW, MANY] = [20, 60]

describe("the price of a detail", () => {
  test("goes with calls that come in a cluster by and by", () => {
    const [few = 0] = pricesOf([FEW, START])
    const [many = 0] = pricesOf([MANY, START])
    expect(many).toBeGreaterThan(3 * few)
    const polls = Array.from({ length: 12 }, (_, index) => [MANY, START + index * 20 * SECOND] as const)
    const prices = pricesOf([FEW, START], ...polls)
    // Three tenths of the way, by the logarithm, and three tenths of what remains.
    expect(prices[1]).toBeCloseTo(few * (many / few) ** 0.3, 5)
    expect(prices[2]).toBeCloseTo(few * (many / few) ** 0.51, 5)
    expect(prices.at(-1)).toBeGreaterThan(0.9 * many)
  })

  test("starts anew after a pause, or if the clock was put back", () => {
    const [, later] = pricesOf([FEW, START], [MANY, START + 2 * MINUTE])
    const [, earlier] = pricesOf([FEW, START], [MANY, START - 2 * MINUTE])
    const [many] = pricesOf([MANY, START])
    expect([later, earlier]).toEqual([many, many])
  })

  test("is not that of before another process has had a turn", () => {
    const memory = createMemory()
    renewPace(memory, { ring: RING, limits: LIMITS }, watchWith(FEW), START)
    const turn: Turn = {
      kind: "look",
      nudge: "none",
      control: FIRST_CONTROL,
      limits: LIMITS,
      ring: RING,
      startedAt: START,
      overAt: START,
    }
    beginTurn(memory.turn, turn, true)
    expect(memory.turn.pace).not.toBeNull()
    beginTurn(memory.turn, turn, false)
    expect(memory.turn.pace).toBeNull()
  })

  test("is what the first list shows at the end of a first poll, not what was known before it", () => {
    const memory = createMemory()
    const spent = { ring: RING, limits: LIMITS }
    const { price: before } = paceOfLooks(memory, spent, watchOf([]), START)
    renewPace(memory, spent, watchWith(MANY), START + SECOND)
    const [many = 0] = pricesOf([MANY, START + SECOND])
    expect(many).toBeGreaterThan(10 * before)
    expect(memory.turn.pace?.price).toBe(many)
  })

  test("stays until the next poll, whatever is spent: what a trigger was asked for is looked at when it comes", () => {
    const memory = createMemory()
    renewPace(memory, { ring: RING, limits: LIMITS }, watchWith(FEW), START)
    const { pace } = memory.turn
    const spent = charge(RING, "detail", 400)
    expect(paceOfLooks(memory, { ring: spent, limits: LIMITS }, watchWith(MANY), START + SECOND)).toBe(pace)
    renewPace(memory, { ring: spent, limits: LIMITS }, watchWith(FEW), START + 20 * SECOND)
    expect(memory.turn.pace?.price).toBeGreaterThan(1.5 * (pace?.price ?? 0))
  })

  test("is with the turn's half as much again, where turns are made for one call", () => {
    const memory = createMemory()
    for (const at of [START, START + 20 * SECOND]) {
      renewPace(memory, { ring: RING, limits: LIMITS }, watchWith(at === START ? FEW : MANY), at)
      const { price = 1, turnPrice = 0 } = memory.turn.pace ?? {}
      expect(turnPrice / price).toBeCloseTo(1.5)
    }
  })
})
