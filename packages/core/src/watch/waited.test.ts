/** What a turn teaches of waits, from the watch before it and the watch after it. */
import { describe, expect, test } from "vitest"
import { MINUTE, SECOND } from "../instant.ts"
import { START, watchOf, watchedOf } from "../test-example.ts"
import { callKey } from "./call-key.ts"
import type { OpenState } from "./open-state.ts"
import { NO_WAITS, withWait } from "./wait.ts"
import { waitsAfter } from "./waited.ts"

const NOW = START + 10 * MINUTE

const KEY = callKey("call")

const watching = (open: Partial<OpenState> | null) => watchOf([watchedOf("call", START, { open })])

/** `listedAt`, `lookedAt`: seconds ago. */
const learnt = (
  before: Partial<OpenState> | null,
  after: Partial<OpenState> | null,
  { listedAt = 20, lookedAt = 0 }: { listedAt?: number; lookedAt?: number } = {},
) =>
  waitsAfter(
    watching(before),
    watching(after),
    {
      listedAt: NOW - listedAt * SECOND,
      lookedAt: new Map(lookedAt > 0 ? [[KEY, NOW - lookedAt * SECOND]] : []),
    },
    NOW,
  )

const going = { firstSeenAt: START }
const unscored = { endedAt: START + 5 * MINUTE, wantsDetail: true }
const scored = { ...unscored, isAnalysed: true, scoredAt: NOW - 40 * SECOND }

describe("a turn teaches", () => {
  test("how long a call lasted, by its stated end, however late that was seen", () => {
    expect(learnt(going, unscored)).toEqual(withWait(NO_WAITS, "end", 5 * MINUTE))
    expect(learnt(going, null)).toEqual(withWait(NO_WAITS, "end", 10 * MINUTE))
  })

  test("how long a score took: half way between the last sight of the call and this one", () => {
    expect(learnt(unscored, scored)).toEqual(withWait(NO_WAITS, "score", 290 * SECOND))
    expect(learnt(unscored, scored, { lookedAt: 4 })).toEqual(withWait(NO_WAITS, "score", 298 * SECOND))
    expect(learnt(unscored, null)).toEqual(withWait(NO_WAITS, "score", 290 * SECOND))
  })

  test("how long a mood took after the score, which no list shows", () => {
    expect(learnt(scored, null, { lookedAt: 4 })).toEqual(withWait(NO_WAITS, "mood", 38 * SECOND))
    expect(learnt(scored, null)).toEqual(withWait(NO_WAITS, "mood", 20 * SECOND))
  })

  test("that it did not come, where its rules have settled", () => {
    expect(learnt({ ...unscored, settlesAt: NOW }, null)).toEqual(withWait(NO_WAITS, "score", null))
    expect(learnt({ ...scored, settlesAt: NOW }, null)).toEqual(withWait(NO_WAITS, "mood", null))
    expect(learnt({ ...unscored, settlesAt: NOW }, { ...scored, settlesAt: NOW })).toEqual(
      withWait(NO_WAITS, "score", 290 * SECOND),
    )
  })

  test("nothing where nothing has come, or nobody looked for more than a minute", () => {
    const { waits } = watching(null)
    expect(learnt(going, { ...going, looks: 1 })).toBe(waits)
    expect(learnt(unscored, { ...unscored, looks: 1 })).toBe(waits)
    expect(learnt(null, unscored)).toBe(waits)
    expect(learnt(unscored, scored, { listedAt: 61 })).toBe(waits)
    expect(learnt({ ...scored, scoredAt: null }, null)).toBe(waits)
  })
})
