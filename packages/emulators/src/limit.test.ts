/** The rate limits as properties over random requests on a virtual clock. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createLimiter, DOCUMENTED_LIMITS, type KeyLimits, type Use } from "./limit.ts"

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

type Request = { readonly at: number; readonly use: Use }
type Answer = Request & { readonly accepted: boolean; readonly resetAt: number }

/** Requests in bursts, and after long and short pauses. */
const requests = fc
  .array(
    fc.record({
      pauseMs: fc.oneof(
        fc.constant(0),
        fc.integer({ min: 1, max: 1_500 }),
        fc.integer({ min: 1, max: 15 * MINUTE_MS }),
      ),
      burst: fc.integer({ min: 1, max: 40 }),
      use: fc.constantFrom<Use>("list", "filteredList", "detail"),
    }),
    { maxLength: 80 },
  )
  .map((groups) => {
    let at = 1_700_000_000_123
    return groups.flatMap(({ pauseMs, burst, use }) => {
      at += pauseMs
      return Array.from({ length: burst }, (): Request => ({ at, use }))
    })
  })

const small: Omit<KeyLimits, "window"> = {
  listsPerHour: 12,
  detailsPerHour: 25,
  requestsPerMinute: 10,
  filteredListsPerMinute: 4,
}

function play(limits: KeyLimits, asked: readonly Request[]): Answer[] {
  const limiter = createLimiter(limits)
  return asked.map(({ at, use }) => {
    const verdict = limiter.take("key", use, at)
    return {
      at,
      use,
      accepted: verdict.accepted,
      resetAt: (verdict.accepted ? verdict.hour : verdict.full).resetAt,
    }
  })
}

/** The most of these that fall into any window that starts with one of them. */
function mostWithin(times: readonly number[], windowMs: number): number {
  let most = 0
  let start = 0
  for (const [index, time] of times.entries()) {
    while ((times[start] ?? time) <= time - windowMs) start += 1
    most = Math.max(most, index - start + 1)
  }
  return most
}

const isList = (use: Use) => use !== "detail"
const timesOf = (answers: readonly Answer[], fits: (use: Use) => boolean) =>
  answers.filter((answer) => answer.accepted && fits(answer.use)).map((answer) => answer.at)

describe.each([
  ["small", small],
  ["documented", DOCUMENTED_LIMITS],
])("sliding %s limits", (_name, numbers) => {
  const limits: KeyLimits = { ...numbers, window: "sliding" }

  test("no stretch of an hour or a minute ever has more accepted requests than its limit", () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const answers = play(limits, asked)
        expect(mostWithin(timesOf(answers, isList), HOUR_MS)).toBeLessThanOrEqual(limits.listsPerHour)
        expect(
          mostWithin(
            timesOf(answers, (use) => use === "detail"),
            HOUR_MS,
          ),
        ).toBeLessThanOrEqual(limits.detailsPerHour)
        expect(
          mostWithin(
            timesOf(answers, () => true),
            MINUTE_MS,
          ),
        ).toBeLessThanOrEqual(limits.requestsPerMinute)
        expect(
          mostWithin(
            timesOf(answers, (use) => use === "filteredList"),
            MINUTE_MS,
          ),
        ).toBeLessThanOrEqual(limits.filteredListsPerMinute)
      }),
      { numRuns: 300 },
    )
  })
})

describe.each(["sliding", "fixed"] as const)("%s windows", (window) => {
  test("a refused request is accepted at its reset and at no millisecond before", () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const limits: KeyLimits = { ...small, window }
        const answers = play(limits, asked)
        const index = answers.findLastIndex((answer) => !answer.accepted)
        const refused = answers[index]
        if (!refused) return
        const before = asked.slice(0, index)
        const retry = (at: number) => play(limits, [...before, { ...refused, at }]).at(-1)?.accepted
        expect(retry(refused.resetAt - 1)).toBe(false)
        expect(retry(refused.resetAt)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test("refused requests cost nothing", () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const limits: KeyLimits = { ...small, window }
        const answers = play(limits, asked)
        const accepted = answers.filter((answer) => answer.accepted)
        expect(play(limits, accepted).every((answer) => answer.accepted)).toBe(true)
      }),
    )
  })
})

test("fixed windows never take more than the limit in an hour or a minute of the clock", () => {
  fc.assert(
    fc.property(requests, (asked) => {
      const answers = play({ ...small, window: "fixed" }, asked)
      const most = (times: readonly number[], windowMs: number) => {
        const counts = new Map<number, number>()
        for (const time of times) {
          const start = Math.floor(time / windowMs)
          counts.set(start, (counts.get(start) ?? 0) + 1)
        }
        return Math.max(0, ...counts.values())
      }
      expect(most(timesOf(answers, isList), HOUR_MS)).toBeLessThanOrEqual(small.listsPerHour)
      expect(
        most(
          timesOf(answers, () => true),
          MINUTE_MS,
        ),
      ).toBeLessThanOrEqual(small.requestsPerMinute)
    }),
  )
})

test("fixed windows let twice the limit through around the turn of a minute, sliding ones do not", () => {
  const turn = 1_700_000_040_000
  const asked = [turn - 1, turn].flatMap((at) =>
    Array.from({ length: 10 }, (): Request => ({ at, use: "detail" })),
  )
  expect(timesOf(play({ ...small, window: "fixed" }, asked), () => true)).toHaveLength(20)
  expect(timesOf(play({ ...small, window: "sliding" }, asked), () => true)).toHaveLength(10)
})

test("each key has limits of its own", () => {
  const limiter = createLimiter({ ...small, window: "sliding" })
  for (let count = 0; count < 10; count += 1) limiter.take("one", "detail", 1_000)
  expect(limiter.take("one", "detail", 1_000).accepted).toBe(false)
  expect(limiter.take("two", "detail", 1_000).accepted).toBe(true)
})

test("the verdict tells of the endpoint's hour and of the limit with the least left", () => {
  const limiter = createLimiter(DOCUMENTED_LIMITS)
  const first = 1_700_000_000_000
  limiter.take("key", "filteredList", first)
  expect(limiter.take("key", "filteredList", first + 5_000)).toEqual({
    accepted: true,
    hour: { limit: 200, remaining: 198, resetAt: first + HOUR_MS },
    tightest: { limit: 30, remaining: 28, resetAt: first + MINUTE_MS },
  })
})

test("the documented numbers", () => {
  expect(DOCUMENTED_LIMITS).toEqual({
    window: "sliding",
    listsPerHour: 200,
    detailsPerHour: 500,
    requestsPerMinute: 100,
    filteredListsPerMinute: 30,
  })
})
