/** Which open calls are worth one of the few detail requests, and when. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { HOUR, MINUTE, SECOND } from "./instant.ts"
import { judge } from "./judgement.ts"
import { lookAt, LOOKS_MAX, type LookRequest, openStateAfter, planLooks, type Urgency } from "./look.ts"
import { factsOf, listedFactsOf, ruleOf, START } from "./test-world.ts"
import type { OpenState } from "./watch.ts"

const openOf = (changes: Partial<OpenState> = {}): OpenState => ({
  firstSeenAt: START,
  endedAt: START,
  wantsDetail: true,
  isAnalysed: true,
  looks: 0,
  nextLookAt: START,
  settlesAt: null,
  isKept: false,
  ...changes,
})

describe("a detail of a call", () => {
  const urgency = (open: OpenState | null, { isListed = true, isTold = false, isFresh = false } = {}) =>
    lookAt({ id: "call", at: START - HOUR, fingerprint: "f", open }, { isListed, isTold, isFresh }, START)
      ?.urgency ?? null

  test.each<[string, ReturnType<typeof urgency>, Urgency | null]>([
    ["decides a call that has ended and is analysed", urgency(openOf()), "decides"],
    ["is early for one whose analysis may be missing", urgency(openOf({ isAnalysed: false })), "early"],
    ["is early for one that has just changed", urgency(openOf(), { isFresh: true }), "early"],
    ["is another look, if one has left the call undecided", urgency(openOf({ looks: 1 })), "again"],
    ["waits for its turn", urgency(openOf({ nextLookAt: START + 1 })), null],
    ["is not asked for if no rule needs it", urgency(openOf({ wantsDetail: false })), null],
    ["is not asked for while the list will show the end", urgency(openOf({ endedAt: null })), null],
    [
      "tells the end where the list does not",
      urgency(openOf({ endedAt: null }), { isListed: false }),
      "unlisted",
    ],
    ["is not asked for a decided call", urgency(null), null],
    [
      "is for the message of a call about to be told, decided or not",
      urgency(null, { isTold: true }),
      "decides",
    ],
    [
      "for a message does not wait",
      urgency(openOf({ nextLookAt: START + HOUR }), { isTold: true }),
      "decides",
    ],
  ])("%s", (_, found, urgency) => {
    expect(found).toBe(urgency)
  })
})

describe("the plan", () => {
  const anyRequests = fc
    .array(
      fc.tuple(
        fc.constantFrom<Urgency>("decides", "early", "unlisted", "again"),
        fc.integer({ min: 0, max: 50 }),
      ),
      { maxLength: 150 },
    )
    .map((requests) =>
      requests.map(([urgency, end], index): LookRequest => ({ id: `call-${index}`, urgency, end })),
    )
  const anyBudget = fc.record({
    affordable: fc.integer({ min: -20, max: 120 }),
    usedInHour: fc.integer({ min: 0, max: 600 }),
    perHour: fc.constantFrom(0, 50, 500),
  })
  const RANK: Record<Urgency, number> = { decides: 0, unlisted: 1, again: 2, early: 3 }

  test("never asks for more than can be afforded, nor more than a poll has time for, nor for a call twice", () => {
    fc.assert(
      fc.property(anyRequests, anyBudget, (requests, budget) => {
        const planned = planLooks(requests, budget)
        const most = Math.min(
          budget.affordable,
          budget.perHour - budget.usedInHour,
          LOOKS_MAX,
          requests.length,
        )
        expect(planned.length).toBeLessThanOrEqual(Math.max(0, most))
        expect(new Set(planned).size).toBe(planned.length)
      }),
    )
  })

  test("takes the most urgent first, and of those the ones that ended last", () => {
    fc.assert(
      fc.property(anyRequests, anyBudget, (requests, budget) => {
        const planned = planLooks(requests, budget)
        const byId = new Map(requests.map((request) => [request.id, request]))
        const keys = planned.map((id) => {
          const request = byId.get(id)
          return request ? RANK[request.urgency] * 1000 - request.end : Number.NaN
        })
        expect(keys).toEqual([...keys].sort((a, b) => a - b))
        for (const left of requests) {
          if (planned.includes(left.id)) continue
          const better = requests.filter(
            ({ id, urgency, end }) => planned.includes(id) && urgency === left.urgency && end < left.end,
          )
          expect(better).toEqual([])
        }
      }),
    )
  })

  test("spends the last of the hour only on calls that it decides, so that they need not wait for others", () => {
    const urgencies = ["early", "again", "unlisted", "decides"] as const
    const requests = urgencies.map((urgency) => ({ id: urgency, urgency, end: 0 }))
    const planned = (usedInHour: number) => planLooks(requests, { affordable: 100, usedInHour, perHour: 500 })
    expect(planned(346)).toEqual(["decides", "unlisted", "again", "early"])
    expect(planned(350)).toEqual(["decides", "unlisted", "again"])
    expect(planned(425)).toEqual(["decides", "unlisted"])
    expect(planned(475)).toEqual(["decides"])
    expect(planned(500)).toEqual([])
  })

  test("is full whenever there is enough of what decides", () => {
    const requests = Array.from({ length: 80 }, (_, index): LookRequest => {
      return { id: `call-${index}`, urgency: "decides", end: index }
    })
    const planned = planLooks(requests, { affordable: 70, usedInHour: 0, perHour: 500 })
    expect(planned).toHaveLength(LOOKS_MAX)
    expect(planned.slice(0, 2)).toEqual(["call-79", "call-78"])
  })
})

describe("what is awaited of a call after a judgement", () => {
  const angry = ruleOf({ "sentiment.angry": { gte: 0.5 } })
  const unanalysed = factsOf({ metadata: null, score: null })
  const after = (
    known: OpenState | null,
    { hasChanged = false, wasLookedAt = false, now = START, facts = listedFactsOf() } = {},
  ) =>
    openStateAfter(known, facts, judge([angry], facts, now), { hasChanged, wasLookedAt, isKept: true }, now)

  test("is nothing once it is decided", () => {
    expect(after(openOf(), { facts: factsOf() })).toBeNull()
  })

  test("is what the judgement says, from the first sight on", () => {
    expect(after(null)).toEqual(openOf({ isKept: true, settlesAt: START + 30 * MINUTE }))
    const going = listedFactsOf({ endedAt: null, status: "in_progress", score: null })
    expect(after(null, { facts: going })).toMatchObject({ endedAt: null, isAnalysed: false })
  })

  test("is looked at again after one minute, two, four and then every eight, until it changes", () => {
    let open: OpenState | null = null
    let now = START
    const waits: number[] = []
    for (let look = 0; look < 5; look++) {
      open = after(open, { wasLookedAt: true, now, facts: { ...unanalysed, detailIsFinal: false } })
      waits.push(((open?.nextLookAt ?? 0) - now) / SECOND)
      now = open?.nextLookAt ?? now
    }
    expect(waits).toEqual([60, 120, 240, 480, 480])
    expect(after(open, { hasChanged: true, now })).toMatchObject({ looks: 0, nextLookAt: now })
  })

  test("keeps its turn if nobody could look", () => {
    const known = openOf({ looks: 2, nextLookAt: START - MINUTE })
    expect(after(known)).toMatchObject({ looks: 2, nextLookAt: START - MINUTE })
  })
})
