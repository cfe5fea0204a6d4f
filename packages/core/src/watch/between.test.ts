/** When a look between two polls is due, and when that is worth a trigger of its own. */
import { describe, expect, test } from "vitest"
import { MINUTE, SECOND } from "../instant.ts"
import { START, openOf, watchOf, watchedOf } from "../test-example.ts"
import type { OpenState } from "./open-state.ts"
import { followUpAt, lookBetweenAt } from "./between.ts"
import { SPARING } from "./interval.ts"

const NOW = START + MINUTE

const LIST = { listedAt: NOW, listEveryMs: 20 * SECOND }

const PLENTIFUL = { pace: { thrift: 0, toldShare: 0 }, list: LIST }

const going = (more: Partial<OpenState> = {}) =>
  openOf({ endedAt: null, firstSeenAt: NOW - MINUTE, nextLookAt: NOW - MINUTE, ...more })

const unscored = (more: Partial<OpenState> = {}) =>
  openOf({
    endedAt: NOW - MINUTE,
    wantsDetail: true,
    isAnalysed: false,
    nextLookAt: NOW - MINUTE,
    ...more,
  })

describe("a look between two polls", () => {
  test("is due some time after the list was read, which was a look at every call", () => {
    expect(lookBetweenAt(unscored(), PLENTIFUL, NOW)).toBe(NOW + 2 * SECOND)
    expect(lookBetweenAt(going(), PLENTIFUL, NOW)).toBe(NOW + 5 * SECOND)
    expect(lookBetweenAt(going(), { pace: SPARING, list: LIST }, NOW)).toBe(NOW + 8 * SECOND)
  })

  test("is not due before its time, whenever the list was read", () => {
    expect(lookBetweenAt(going({ nextLookAt: NOW + 9 * SECOND }), PLENTIFUL, NOW)).toBe(NOW + 9 * SECOND)
  })

  test("is not made if the next list says as much as soon", () => {
    const late = unscored({ endedAt: NOW - 9 * MINUTE })
    expect(lookBetweenAt(late, { pace: SPARING, list: LIST }, NOW)).toBeNull()
    expect(lookBetweenAt(late, PLENTIFUL, NOW)).not.toBeNull()
    const told = { thrift: 0.8, toldShare: 0.9 }
    expect(lookBetweenAt(going(), { pace: told, list: LIST }, NOW)).toBeNull()
    expect(lookBetweenAt(unscored(), { pace: told, list: LIST }, NOW)).not.toBeNull()
  })

  test("is due in its own time if the list cannot be had, or never shows what is awaited: the mood", () => {
    const late = unscored({ endedAt: NOW - 9 * MINUTE })
    expect(lookBetweenAt(late, { pace: SPARING, list: null }, NOW)).toBe(late.nextLookAt)
    const moodless = unscored({ isAnalysed: true, nextLookAt: NOW + SECOND })
    expect(lookBetweenAt(moodless, { pace: SPARING, list: LIST }, NOW)).toBe(NOW + SECOND)
  })

  test("is not made at a call that is over and needs no detail", () => {
    expect(lookBetweenAt(unscored({ wantsDetail: false }), PLENTIFUL, NOW)).toBeNull()
  })
})

describe("a trigger of its own", () => {
  const watching = (...open: OpenState[]) =>
    watchOf(open.map((one, index) => watchedOf(`call-${index}`, START, { open: one })))
  const UNTIL = NOW + 16 * SECOND
  const asked = (open: OpenState[], between = PLENTIFUL, until = UNTIL) =>
    followUpAt(watching(...open), between, { now: NOW, until })

  test("is worth the look that is due first", () => {
    expect(asked([going(), unscored()])).toBe(NOW + 2 * SECOND)
    expect(asked([])).toBeNull()
  })

  test("is not for what the regular one is in time for, or a poll", () => {
    const at = (seconds: number) => unscored({ isAnalysed: true, nextLookAt: NOW + seconds * SECOND })
    expect(asked([at(9)])).toBe(NOW + 9 * SECOND)
    expect(asked([at(9.001)])).toBeNull()
    expect(asked([at(5)], PLENTIFUL, NOW + 4 * SECOND)).toBeNull()
  })

  test("is not for what was due already, and got no detail: such triggers would never end", () => {
    expect(asked([unscored({ isAnalysed: true, nextLookAt: NOW })])).toBeNull()
  })

  test("is not asked for where details are scarce", () => {
    const scarce = (thrift: number) => ({ pace: { thrift, toldShare: 0 }, list: LIST })
    expect(asked([unscored()], scarce(0.87))).not.toBeNull()
    expect(asked([unscored()], scarce(0.88))).toBeNull()
  })
})
