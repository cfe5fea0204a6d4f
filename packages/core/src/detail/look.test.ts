/** Which open calls are worth one of the few detail requests, and when. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { WAIT_MS } from "../horizon.ts"
import { HOUR, MINUTE, SECOND } from "../instant.ts"
import { judge } from "../rule/judgement.ts"
import { START, factsOf, listedFactsOf, openOf, ruleOf } from "../test-example.ts"
import type { OpenState } from "../watch/open-state.ts"
import { openStateAfter } from "./awaiting.ts"
import { type LookPace, lookEveryMs } from "../watch/interval.ts"
import { NO_WAITS } from "../watch/wait.ts"
import { LOOKS_MAX, type LookRequest, type Urgency, lookAt, planLooks } from "./look.ts"

/** A call that has ended and is analysed, of which a detail could decide a rule before it settles. */
const ended = (changes: Partial<OpenState> = {}): OpenState =>
  openOf({ endedAt: START, wantsDetail: true, isAnalysed: true, settlesAt: START + HOUR, ...changes })

const going = (changes: Partial<OpenState> = {}): OpenState => openOf({ wantsDetail: true, ...changes })

const URGENCIES: readonly Urgency[] = [
  "decides",
  "late",
  "unscored",
  "alert",
  "again",
  "early",
  "unlisted",
  "adds",
  "awaited",
  "probe",
]

describe("a detail of a call", () => {
  const request = (
    open: OpenState | null,
    { isListed = true, isAlerting = false, isFresh = false, isBetween = false } = {},
  ) => {
    const notice = isBetween ? "a-later-list" : isListed ? "this-list" : "never"
    const occasion = isAlerting ? "alert" : isFresh ? "change" : "time"
    return lookAt("call", { startedAt: START - HOUR, open }, { notice, occasion }, START)
  }
  const urgency = (...given: Parameters<typeof request>) => request(...given)?.urgency ?? null

  test.each<[string, Urgency | null, Urgency | null]>([
    ["decides a call that has ended and is analysed", urgency(ended()), "decides"],
    ["is early for one whose analysis may be missing", urgency(ended({ isAnalysed: false })), "early"],
    ["is early for one that has just changed", urgency(ended(), { isFresh: true }), "early"],
    [
      "decides, most likely, one whose analysis must be there, and that the list may never show",
      urgency(ended({ isAnalysed: false, endedAt: START - 10 * MINUTE })),
      "unscored",
    ],
    [
      "is no less urgent for it if something else has just changed",
      urgency(ended({ isAnalysed: false, endedAt: START - 10 * MINUTE }), { isFresh: true }),
      "unscored",
    ],
    [
      "is early for one whose score has just come, however late",
      urgency(ended({ endedAt: START - 20 * MINUTE }), { isFresh: true }),
      "early",
    ],
    ["is another look, if one has left the call undecided", urgency(ended({ looks: 1 })), "again"],
    [
      "is another look, if it has changed after one",
      urgency(ended({ looks: 1 }), { isFresh: true }),
      "again",
    ],
    [
      "awaits an analysis that one look has not found, if no list is read now",
      urgency(ended({ looks: 1, isAnalysed: false }), { isBetween: true }),
      "awaited",
    ],
    [
      "awaits it where the list does not show the call",
      urgency(ended({ looks: 1, isAnalysed: false }), { isListed: false }),
      "awaited",
    ],
    [
      "is not asked for while the list will show the analysis",
      urgency(ended({ looks: 1, isAnalysed: false })),
      null,
    ],
    [
      "is another look once the analysis must be there",
      urgency(
        ended({ looks: 1, isAnalysed: false, endedAt: START - 10 * MINUTE, nextLookAt: START - 20 * SECOND }),
      ),
      "again",
    ],
    [
      "is left to the looks between two polls for a while, even then",
      urgency(
        ended({ looks: 1, isAnalysed: false, endedAt: START - 10 * MINUTE, nextLookAt: START - 19 * SECOND }),
      ),
      null,
    ],
    [
      "awaits it with them where there are details for it, even then",
      urgency(ended({ looks: 1, isAnalysed: false, endedAt: START - 10 * MINUTE }), { isBetween: true }),
      "awaited",
    ],
    [
      "is another look then where the list does not show the call",
      urgency(ended({ looks: 1, isAnalysed: false, endedAt: START - 10 * MINUTE }), { isListed: false }),
      "again",
    ],
    ["only adds a reason to what everybody was told", urgency(ended({ isAlerted: true })), "adds"],
    [
      "only adds to it even if it is the last",
      urgency(ended({ isAlerted: true, settlesAt: null, looks: 2 })),
      "adds",
    ],
    ["waits for its turn", urgency(ended({ nextLookAt: START + 1 })), null],
    ["is not asked for if no rule needs it", urgency(ended({ wantsDetail: false })), null],
    ["is not asked for while the list will show the end", urgency(going()), null],
    ["probes for the end if no list is read now", urgency(going(), { isBetween: true }), "probe"],
    [
      "is not asked for before its turn where the list may never show the end",
      urgency(going({ nextLookAt: START + 1 }), { isListed: false }),
      null,
    ],
    [
      "is asked for between two polls whenever it was picked",
      urgency(going({ nextLookAt: START + 1 }), { isBetween: true }),
      "probe",
    ],
    ["tells the end where the list does not", urgency(going(), { isListed: false }), "unlisted"],
    ["is not asked for a decided call", urgency(null), null],
    [
      "is for the message of a call about to be told, decided or not",
      urgency(null, { isAlerting: true }),
      "alert",
    ],
    [
      "for a message does not wait",
      urgency(ended({ nextLookAt: START + HOUR }), { isAlerting: true }),
      "alert",
    ],
  ])("%s", (_, found, urgency) => {
    expect(found).toBe(urgency)
  })

  test("is the last and decides once every rule has settled, however often it was looked at, unless it has just changed", () => {
    for (const looks of [0, 1, 7]) {
      for (const isAnalysed of [true, false]) {
        for (const settlesAt of [null, START]) {
          expect(urgency(ended({ looks, isAnalysed, settlesAt }))).toBe("decides")
        }
        expect(urgency(ended({ looks, isAnalysed, settlesAt: START + 1 }))).not.toBe(
          looks === 0 && isAnalysed ? null : "decides",
        )
      }
    }
    expect(urgency(ended({ settlesAt: null }), { isFresh: true })).toBe("early")
  })

  test("is late for a call that ended more than ten minutes ago, which must not take from the calls of now", () => {
    const endedAgo = (milliseconds: number, more: Partial<OpenState> = {}) =>
      urgency(ended({ endedAt: START - milliseconds, ...more }))
    expect(endedAgo(10 * MINUTE)).toBe("decides")
    expect(endedAgo(10 * MINUTE + 1)).toBe("late")
    expect(endedAgo(10 * MINUTE, { looks: 3, settlesAt: null })).toBe("decides")
    expect(endedAgo(HOUR, { looks: 3, settlesAt: null })).toBe("late")
    expect(endedAgo(HOUR, { looks: 3 })).toBe("again")
  })

  test("goes to the newest end, whose analysis is most likely to come, and in turn to those in progress", () => {
    expect(request(ended({ endedAt: START - MINUTE }))?.rank).toBe(START - MINUTE)
    const awaited = ended({ endedAt: START - MINUTE, looks: 1, isAnalysed: false })
    expect(request(awaited, { isBetween: true })?.rank).toBe(START - MINUTE)
    expect(request(going(), { isListed: false })?.rank).toBe(START - HOUR)
    const probes = [START - MINUTE, START - 2 * MINUTE].map(
      (nextLookAt) => request(going({ nextLookAt }), { isBetween: true })?.rank ?? 0,
    )
    // The one that has waited for longer goes first.
    expect(probes[1]).toBeGreaterThan(probes[0] ?? 0)
  })
})

describe("the plan", () => {
  const anyRequests = fc
    .array(fc.tuple(fc.constantFrom<Urgency>(...URGENCIES), fc.integer({ min: -50, max: 50 })), {
      maxLength: 150,
    })
    .map((requests) =>
      requests.map(([urgency, rank], index): LookRequest => ({ id: `call-${index}`, urgency, rank })),
    )
  const anyBudget = fc.record({
    affordable: fc.integer({ min: -20, max: 120 }),
    pace: fc.integer({ min: 0, max: 3000 }),
    used: fc.integer({ min: 0, max: 500 }),
    perHour: fc.constantFrom(1, 50, 500),
    calls: fc.integer({ min: 0, max: 1000 }),
  })
  const requestsOf = (urgency: Urgency, count: number) =>
    Array.from({ length: count }, (_, index): LookRequest => ({
      id: `${urgency}-${index}`,
      urgency,
      rank: index,
    }))

  test("never asks for more than can be afforded, nor more than a poll has time for, nor for a call twice", () => {
    fc.assert(
      fc.property(anyRequests, anyBudget, (requests, budget) => {
        const planned = planLooks(requests, budget)
        const most = Math.min(budget.affordable, LOOKS_MAX, requests.length)
        expect(planned.length).toBeLessThanOrEqual(Math.max(0, most))
        expect(new Set(planned).size).toBe(planned.length)
      }),
    )
  })

  test("takes the most urgent first, and of those the ones of the highest rank", () => {
    fc.assert(
      fc.property(anyRequests, anyBudget, (requests, budget) => {
        const planned = planLooks(requests, budget)
        const byId = new Map(requests.map((request) => [request.id, request]))
        const keys = planned.map((id) => {
          const request = byId.get(id)
          return request ? URGENCIES.indexOf(request.urgency) * 1000 - request.rank : Number.NaN
        })
        expect(keys).toEqual([...keys].sort((a, b) => a - b))
        for (const left of requests) {
          if (planned.includes(left.id)) continue
          const better = requests.filter(
            ({ id, urgency, rank }) => planned.includes(id) && urgency === left.urgency && rank < left.rank,
          )
          expect(better).toEqual([])
        }
      }),
    )
  })

  test("at a high pace looks only at calls that it decides, so that they need not wait for others", () => {
    const requests = URGENCIES.toReversed().map((urgency) => ({ id: urgency, urgency, rank: 0 }))
    const planned = (pace: number) =>
      planLooks(requests, { affordable: 100, pace, used: pace, perHour: 500, calls: 0 })
    for (const [pace, count] of [
      [460, 10],
      [461, 9],
      [466, 9],
      [467, 8],
      [468, 7],
      [469, 6],
      [474, 6],
      [475, 5],
      [476, 4],
      [481, 4],
      [482, 3],
      [483, 2],
      [488, 2],
      [489, 1],
    ] as const)
      expect(planned(pace), `at ${pace}`).toEqual(URGENCIES.slice(0, count))
    expect(planned(3000)).toEqual(["decides"])
  })

  test("spends what does not decide evenly: a twentieth of what is left below its ceiling", () => {
    for (const [urgency, ceiling] of [
      ["late", 490],
      ["unscored", 485],
      ["alert", 485],
      ["again", 480],
      ["early", 480],
      ["unlisted", 475],
      ["adds", 475],
      ["awaited", 475],
      ["probe", 470],
    ] as const) {
      const many = requestsOf(urgency, 60)
      for (const pace of [0, 100, 300, ceiling - 21, ceiling - 20, ceiling - 1, ceiling, 490, 2000]) {
        const planned = planLooks(many, { affordable: 100, pace: 0, used: pace, perHour: 500, calls: 0 })
        expect(planned).toHaveLength(Math.max(0, Math.ceil((ceiling - pace) / 20)))
      }
    }
    expect(
      planLooks(requestsOf("decides", 60), { affordable: 100, pace: 440, used: 440, perHour: 500, calls: 0 }),
    ).toHaveLength(60)
  })

  test("counts against a ceiling what it has planned of the more urgent", () => {
    const requests = [...requestsOf("decides", 40), ...requestsOf("probe", 10)]
    expect(planLooks(requests, { affordable: 100, pace: 0, used: 430, perHour: 500, calls: 0 })).toHaveLength(
      40,
    )
    expect(planLooks(requests, { affordable: 100, pace: 0, used: 410, perHour: 500, calls: 0 })).toHaveLength(
      41,
    )
  })

  test("what nudges ask for goes by the hour that is left, not by the pace: it is a part of its own, and worth nothing later", () => {
    const planned = (used: number) =>
      planLooks(requestsOf("nudged", 9), { affordable: 100, pace: 3000, used, perHour: 500, calls: 0 })
    expect([planned(0), planned(480), planned(485), planned(500)].map(({ length }) => length)).toEqual([
      9, 5, 0, 0,
    ])
  })

  test("keeps more for what decides calls where many begin", () => {
    const planned = (urgency: Urgency, calls: number) =>
      planLooks(requestsOf(urgency, 60), { affordable: 100, pace: 300, used: 300, perHour: 500, calls })
        .length
    for (const [urgency, few, between, many] of [
      ["early", 9, 8, 7],
      ["awaited", 9, 7, 5],
      ["probe", 9, 7, 4],
    ] as const)
      expect([planned(urgency, 70), planned(urgency, 100), planned(urgency, 130)]).toEqual([
        few,
        between,
        many,
      ])
    expect(planned("awaited", 5000)).toBe(planned("awaited", 130))
  })

  test("counts the last ten minutes in full where many begin, so that no hour's details are spent in its beginning", () => {
    const planned = (urgency: Urgency, calls: number) => {
      const budget = { affordable: 100, pace: 400, used: 100, perHour: 500, calls }
      return planLooks(requestsOf(urgency, 60), budget).length
    }
    expect([planned("early", 70), planned("early", 100), planned("early", 130)]).toEqual([19, 11, 2])
    expect([planned("again", 70), planned("again", 130)]).toEqual([19, 2])
    expect(planned("decides", 130)).toBe(60)
    expect([planned("awaited", 70), planned("awaited", 130)]).toEqual([19, 0])
  })

  test("leaves twenty of the minute's to what ends or is nudged in the next moment", () => {
    const planned = (urgency: Urgency, affordable: number) =>
      planLooks(requestsOf(urgency, 9), { affordable, pace: 0, used: 0, perHour: 500, calls: 0 }).length
    for (const urgency of ["adds", "awaited", "probe"] as const)
      expect([planned(urgency, 20), planned(urgency, 23), planned(urgency, 40)]).toEqual([0, 3, 9])
    for (const urgency of ["decides", "nudged", "early", "again"] as const)
      expect(planned(urgency, 7)).toBe(7)
  })

  test("is full whenever there is enough of what decides", () => {
    const planned = planLooks(requestsOf("decides", 80), {
      affordable: 70,
      pace: 0,
      used: 0,
      perHour: 500,
      calls: 0,
    })
    expect(planned).toHaveLength(LOOKS_MAX)
    expect(planned.slice(0, 2)).toEqual(["decides-79", "decides-78"])
  })
})

/** A detail has to save a second and a half: an end is looked for every 14 s at first, a mood every 4 s. */
const SPARING: LookPace = { price: 1.5, turnPrice: 1.5, toldShare: 0, waits: NO_WAITS, listEveryMs: 20_000 }

describe("what is awaited of a call after a judgement", () => {
  const angry = ruleOf({ "sentiment.angry": { gte: 0.5 } })
  const unanalysed = { ...factsOf({ metadata: null, score: null }), detailIsFinal: false }
  const inProgress = listedFactsOf({ endedAt: null, status: "in_progress", score: null })
  const after = (
    known: OpenState | null,
    {
      hasChanged = false,
      wasLookedAt = false,
      isKept = true,
      isAlerted = false,
      now = START,
      facts = listedFactsOf(),
      pace = SPARING,
    } = {},
  ) =>
    openStateAfter(
      known,
      facts,
      judge([angry], facts, now),
      { hasChanged, wasLookedAt, isKept, isAlerted, pace },
      now,
    )
  /** How long it waits for each look, in seconds. */
  function waitsOf(count: number, facts: Parameters<typeof judge>[1], from = START): number[] {
    let open: OpenState | null = null
    let now = from
    return Array.from({ length: count }, () => {
      open = after(open, { wasLookedAt: true, now, facts })
      const wait = ((open?.nextLookAt ?? Number.NaN) - now) / SECOND
      now += wait * SECOND
      return wait
    })
  }

  test("is nothing once it is decided", () => {
    expect(after(ended(), { facts: factsOf() })).toBeNull()
  })

  test("is what the judgement says, from the first sight on", () => {
    expect(after(null)).toEqual(ended({ isKept: true, settlesAt: START + 30 * MINUTE, scoredAt: START }))
    expect(after(null, { isKept: false })).toMatchObject({ isKept: false, isAlerted: false })
    expect(after(null, { isAlerted: true })).toMatchObject({ isKept: true, isAlerted: true })
    // The list has just shown that it goes on.
    const nextLookAt = START + lookEveryMs("end", 0, SPARING)
    expect(after(null, { facts: inProgress })).toEqual(going({ isKept: true, settlesAt: null, nextLookAt }))
    expect(after(null, { facts: listedFactsOf({ id: "other", score: null }) })).toMatchObject({
      id: "other",
      isAnalysed: false,
    })
  })

  test("is looked at within seconds once there is a score, and then ever later, every eight minutes in the end", () => {
    const scored = { ...factsOf({ metadata: null }), detailIsFinal: false }
    let open: OpenState | null = null
    let now = START
    const waits = Array.from({ length: 30 }, () => {
      open = after(open, { wasLookedAt: true, now, facts: scored })
      const before = now
      now = open?.nextLookAt ?? Number.NaN
      return (now - before) / SECOND
    })
    expect(waits[0]).toBeLessThan(5)
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    expect(waits[12]).toBeGreaterThan(60)
    expect(after(ended({ scoredAt: START - HOUR }), { wasLookedAt: true, facts: scored })).toMatchObject({
      scoredAt: START - HOUR,
      nextLookAt: START + 8 * MINUTE,
    })
  })

  test("is looked at as often as its price allows until the analysis must be there, and then seldom while there is no score", () => {
    const every = (awaitedMs: number) => lookEveryMs("score", awaitedMs, SPARING) / SECOND
    expect(waitsOf(1, unanalysed)).toEqual([every(0)])
    expect(waitsOf(1, unanalysed, START + 6 * MINUTE)).toEqual([every(6 * MINUTE)])
    expect(waitsOf(2, unanalysed, START + 10 * MINUTE - 1)).toEqual([every(10 * MINUTE - 1), 192])
    expect(waitsOf(4, unanalysed, START + 10 * MINUTE)).toEqual([120, 192, 307.2, 480])
  })

  test("is looked for between two lists even then, where details are so cheap", () => {
    const cheap = { ...SPARING, price: 0.02 }
    const seldom = { wasLookedAt: true, now: START + 15 * MINUTE, facts: unanalysed }
    const every = lookEveryMs("score", 15 * MINUTE, cheap)
    expect(every).toBeLessThan(14 * SECOND)
    expect(after(null, { ...seldom, pace: cheap })?.nextLookAt).toBe(START + 15 * MINUTE + every)
    // Lists as close as that tell as soon.
    expect(after(null, { ...seldom, pace: { ...cheap, listEveryMs: every } })?.nextLookAt).toBe(
      START + 17 * MINUTE,
    )
  })

  test("is looked at in progress as often as its price allows in the hour after which the list may not tell its end", () => {
    const seenAt = inProgress.firstSeenAt
    const every = (awaitedMs: number) => lookEveryMs("end", awaitedMs, SPARING) / SECOND
    expect(waitsOf(1, inProgress, seenAt)).toEqual([every(0)])
    expect(waitsOf(1, inProgress, seenAt + 6 * MINUTE)).toEqual([every(6 * MINUTE)])
    expect(every(6 * MINUTE)).toBeGreaterThan(every(0))
    expect(waitsOf(2, inProgress, seenAt + WAIT_MS)).toEqual([480, 480])
  })

  test("is looked at soon after a look that has shown the score, however many there were before: the mood comes in seconds", () => {
    const known = ended({ looks: 9, isAnalysed: false, nextLookAt: START })
    const scored = { ...factsOf({ metadata: null }), detailIsFinal: false }
    expect(after(known, { wasLookedAt: true, facts: scored })).toMatchObject({
      looks: 1,
      scoredAt: START,
      nextLookAt: START + lookEveryMs("mood", 0, SPARING),
    })
    const plentiful = { ...SPARING, price: 0.01 }
    expect(after(known, { wasLookedAt: true, facts: scored, pace: plentiful })).toMatchObject({
      nextLookAt: START + 2 * SECOND,
    })
  })

  test("begins anew when the call changes", () => {
    const known = ended({ looks: 5, nextLookAt: START + 8 * MINUTE })
    const now = START + MINUTE
    expect(after(known, { hasChanged: true, now })).toMatchObject({ looks: 0, nextLookAt: now })
    expect(after(known, { hasChanged: true, wasLookedAt: true, now, facts: unanalysed })).toMatchObject({
      looks: 1,
      nextLookAt: now + lookEveryMs("score", MINUTE, SPARING),
    })
  })

  test("keeps its turn if nobody could look", () => {
    const known = ended({ looks: 2, nextLookAt: START - MINUTE })
    expect(after(known)).toMatchObject({ looks: 2, nextLookAt: START - MINUTE })
  })
})
