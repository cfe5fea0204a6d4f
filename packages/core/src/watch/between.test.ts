/** When a look between two polls is due, what shares a turn, and when that is worth a trigger of its own. */
import { describe, expect, test } from "vitest"
import { MINUTE, SECOND } from "../instant.ts"
import { START, openOf, watchOf, watchedOf } from "../test-example.ts"
import type { OpenState } from "./open-state.ts"
import { type BetweenLists, awaitedIn, followUpAt, lookBetweenAt } from "./between.ts"
import { type LookPace, lookEveryMs } from "./interval.ts"
import { NO_WAITS, withWait } from "./wait.ts"

const NOW = START + MINUTE

/** After a minute, scores come by a chance of a hundredth a second or so. */
const waits = Array.from({ length: 50 }).reduce(
  (all: typeof NO_WAITS, _, index) => withWait(all, "score", index * 3 * SECOND),
  NO_WAITS,
)

const at = (price: number, more: Partial<LookPace> = {}): BetweenLists => {
  const pace = { price, turnPrice: price, toldShare: 0, waits, listEveryMs: 20 * SECOND, ...more }
  return { pace, listedAt: NOW }
}

const CHEAP = at(0.02)
const DEAR = at(0.9)

const going = (more: Partial<OpenState> = {}) =>
  openOf({ endedAt: null, firstSeenAt: NOW - MINUTE, nextLookAt: NOW - MINUTE, ...more })

const unscored = (more: Partial<OpenState> = {}) =>
  openOf({ endedAt: NOW - MINUTE, wantsDetail: true, isAnalysed: false, nextLookAt: NOW - MINUTE, ...more })

/** In seconds, when it is worth a trigger of its own. */
const dueAt = (open: OpenState, between: BetweenLists) => {
  const own = lookBetweenAt(open, between)?.own
  return own ? (own.at - NOW) / SECOND : null
}

describe("a look between two polls", () => {
  test("is due half way to the next list where a detail is dear, and sooner the cheaper it is", () => {
    expect(dueAt(unscored(), DEAR)).toBe(10)
    expect(dueAt(unscored(), at(0.35))).toBe(6.667)
    expect(dueAt(unscored(), CHEAP)).toBeLessThan(3)
  })

  test("is followed by others, evenly until the next list", () => {
    const dues: number[] = []
    let open = unscored()
    const pace = at(0.2)
    for (;;) {
      const own = lookBetweenAt(open, pace)?.own
      if (!own) break
      dues.push((own.at - NOW) / SECOND)
      open = { ...open, nextLookAt: own.at + lookEveryMs("score", MINUTE + 10 * SECOND, pace.pace) }
    }
    expect(dues).toEqual([5, 10, 15])
  })

  test("that comes late leaves the next one where it was", () => {
    const every = lookEveryMs("score", MINUTE + 10 * SECOND, at(0.2).pace)
    expect(dueAt(unscored({ nextLookAt: NOW + 9 * SECOND + every }), at(0.2))).toBe(15)
    expect(dueAt(unscored({ nextLookAt: NOW + 13 * SECOND + every }), at(0.2))).toBeNull()
  })

  test("is not made if the next list says as much as soon", () => {
    expect(dueAt(unscored(), at(3))).toBeNull()
    expect(dueAt(going(), at(0.5, { toldShare: 0.9 }))).toBeNull()
    expect(dueAt(going(), at(0.5))).not.toBeNull()
    expect(dueAt(unscored({ nextLookAt: NOW + 40 * SECOND }), DEAR)).toBeNull()
  })

  test("is due in its own time if the list cannot be had, or never shows what is awaited: the mood", () => {
    const late = unscored({ endedAt: NOW - 9 * MINUTE, nextLookAt: NOW + 7 * SECOND })
    expect(dueAt(late, { ...at(3), listedAt: null })).toBe(7)
    expect(dueAt(unscored({ isAnalysed: true, nextLookAt: NOW + SECOND }), at(3))).toBe(1)
  })

  test("is not made at a call that is over and needs no detail", () => {
    expect(dueAt(unscored({ wantsDetail: false }), CHEAP)).toBeNull()
    expect(
      awaitedIn(watchOf([watchedOf("call", START, { open: unscored({ wantsDetail: false }) })]), NOW),
    ).toEqual([])
  })

  test("shares a turn that comes half a step after it was last seen, or before the next list, and waits for one a third of a step", () => {
    const every = lookEveryMs("score", MINUTE + 10 * SECOND, DEAR.pace)
    expect(lookBetweenAt(unscored(), DEAR)).toEqual({
      from: NOW + 5 * SECOND,
      to: NOW + 15 * SECOND,
      own: { at: NOW + 10 * SECOND, until: NOW + 10 * SECOND + (10 * SECOND) / 3 },
    })
    expect(lookBetweenAt(unscored({ nextLookAt: NOW + 6 * SECOND + every }), DEAR)).toMatchObject({
      from: NOW + 11 * SECOND,
      own: null,
    })
  })

  test("is made in another one's turn if it is not worth one alone", () => {
    const alone = at(0.9, { turnPrice: 1.8 })
    expect(lookBetweenAt(unscored(), alone)).toEqual({
      from: NOW + 5 * SECOND,
      to: NOW + 15 * SECOND,
      own: null,
    })
    expect(lookBetweenAt(unscored(), at(1.8))).toBeNull()
  })

  test("knows what each call waits for, and since when", () => {
    const open = [going(), unscored(), unscored({ isAnalysed: true, scoredAt: NOW - 3 * SECOND })]
    const watch = watchOf(open.map((one, index) => watchedOf(`call-${index}`, START, { open: one })))
    expect(awaitedIn(watch, NOW)).toEqual([
      { aim: "end", awaitedMs: MINUTE },
      { aim: "score", awaitedMs: MINUTE },
      { aim: "mood", awaitedMs: 3 * SECOND },
    ])
  })
})

describe("a trigger of its own", () => {
  const watching = (...open: OpenState[]) =>
    watchOf(open.map((one, index) => watchedOf(`call-${index}`, START, { open: one })))
  const UNTIL = NOW + 16 * SECOND
  const asked = (open: OpenState[], between = DEAR, until = UNTIL) => {
    const first = followUpAt(watching(...open), between, { now: NOW, until, mayLook: () => true })
    return first && (first - NOW) / SECOND
  }
  const mood = (seconds: number) => unscored({ isAnalysed: true, nextLookAt: NOW + seconds * SECOND })

  test("is worth the look that is due first", () => {
    expect(asked([unscored(), mood(3)])).toBe(3)
    expect(asked([])).toBeNull()
  })

  test("waits a moment for what can be looked at along with it", () => {
    expect(asked([mood(3), mood(3.4)])).toBe(3.4)
    expect(asked([mood(3), mood(3.6)])).toBe(3)
    expect(asked([unscored(), mood(13.3)])).toBe(13.3)
  })

  test("is not for what a poll is in time for, or a regular one where polls are rare", () => {
    expect(asked([mood(5)], DEAR, NOW + 4 * SECOND)).toBeNull()
    expect(asked([mood(19)], DEAR, NOW + MINUTE)).toBe(19)
    expect(asked([mood(19.001)], DEAR, NOW + MINUTE)).toBeNull()
  })

  test("is not for what was due already, and got no detail: such triggers would never end", () => {
    expect(asked([mood(0)])).toBeNull()
  })
})
