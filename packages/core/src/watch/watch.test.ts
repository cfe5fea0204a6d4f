/** How calls are remembered, and which are given up when there are too many. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { AHEAD_MAX_MS } from "../clock.ts"
import { HOUR, MINUTE } from "../instant.ts"
import { afterOutage } from "../list/outage.ts"
import { START, dice, openOf, uuidOf, watchOf, watchedOf } from "../test-example.ts"
import { KEY_CHARACTERS, callKey, packId, unpackId } from "./call-key.ts"
import { LOOK_WAIT_MAX_MS, type OpenState } from "./open-state.ts"
import {
  EMPTY_WATCH,
  type WatchedCall,
  callsInHour,
  closeOldest,
  countWaiting,
  hasChangedMore,
  overviewOf,
  rightWatch,
  withCalls,
} from "./watch.ts"

describe("a call's key", () => {
  const anyId = fc.oneof(fc.uuid(), fc.string(), fc.string({ minLength: 100, maxLength: 300 }))

  test("has twelve characters, none of which ends a word or a line, whatever the id", () => {
    fc.assert(
      fc.property(anyId, (id) => {
        expect(callKey(id)).toHaveLength(KEY_CHARACTERS)
        expect(callKey(id)).toMatch(/^[0-9a-z~]+$/)
      }),
    )
  })

  test("of a UUID is its end, of any other id a hash that no UUID ends with", () => {
    const id = "0f0c8c0e-6a0b-4a53-9d0e-2f2f3f1d7a10"
    expect(callKey(id)).toBe("2f2f3f1d7a10")
    for (const other of [id.toUpperCase(), `{${id}}`, id.slice(1), "2f2f3f1d7a10", "call-1", ""])
      expect(callKey(other)).toMatch(/^~+[0-9a-z]+$/)
  })

  test.each([
    ["random UUIDs", (roll: () => number) => uuidOf(roll)],
    ["UUIDs in capitals", (roll: () => number) => uuidOf(roll).toUpperCase()],
    [
      "random texts",
      (roll: () => number) => `call_${roll().toString(36).slice(2)}${roll().toString(36).slice(2)}`,
    ],
    ["numbers", (_roll: () => number, index: number) => `${1_000_000 + index}`],
    ["numbers at the end", (_roll: () => number, index: number) => `team-a/call-${index}`],
    ["numbers at the beginning", (_roll: () => number, index: number) => `${index}-call-of-the-front-desk`],
  ])("is another for each of a hundred thousand %s", (_, idOf) => {
    const roll = wideDice(7)
    const ids = new Set(Array.from({ length: 100_000 }, (_, index) => idOf(roll, index)))
    expect(ids.size).toBe(100_000)
    expect(new Set([...ids].map(callKey)).size).toBe(ids.size)
  })

  test("differs between UUIDs that are made of the time and of one machine's address", () => {
    const ids = Array.from({ length: 100 }, (_, index) => {
      const time = (0x9d2c4a00 + index).toString(16)
      return `${time}-6a0b-11f0-8f01-0242ac120002`
    })
    expect(new Set(ids.map(callKey)).size).toBe(100)
  })
})

/** Rolls of 32 good bits: those of `dice` repeat too soon for a hundred thousand ids. */
function wideDice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

test("an id is read back as it was written, in one word, and 23 characters for a UUID", () => {
  const anyUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code))
  fc.assert(
    fc.property(
      fc.oneof(fc.uuid(), fc.string({ unit: anyUnit }), fc.constantFrom(" ", "$AAAA", "\n")),
      (id) => {
        expect(unpackId(packId(id))).toBe(id)
        expect(packId(id)).not.toMatch(/[ \n]/)
      },
    ),
  )
  expect(packId(uuidOf(dice(1)))).toHaveLength(23)
})

describe("after hours in which nobody could look", () => {
  test("an open call is as old as it was before, and no other is touched", () => {
    const open = watchedOf("open", START, { open: { firstSeenAt: START } })
    const decided = { ...watchedOf("decided", START), open: null }
    const watch = watchOf([open, decided])
    const after = afterOutage(watch, 8 * 60 * MINUTE, START + 9 * 60 * MINUTE)
    expect(after.calls.get(open.key)).toEqual(
      watchedOf("open", START, { open: { firstSeenAt: START + 8 * 60 * MINUTE, heldMs: 8 * 60 * MINUTE } }),
    )
    expect(after.calls.get(decided.key)).toBe(decided)
    expect(afterOutage(watch, 0, START)).toBe(watch)
  })

  test("it is never younger than now, however often the same hours are counted, nor held open for more than a week", () => {
    const DAYS = 24 * 60 * MINUTE
    const seen = (outageMs: number, now: number) =>
      afterOutage(watchOf([watchedOf("open", START, { open: { firstSeenAt: START } })]), outageMs, now)
    const firstSeenAt = (watch: ReturnType<typeof seen>) => [...watch.calls.values()][0]?.open?.firstSeenAt
    expect(firstSeenAt(seen(2 * DAYS, START + DAYS))).toBe(START + DAYS)
    expect(firstSeenAt(seen(9 * DAYS, START + 9 * DAYS))).toBe(START + 7 * DAYS)
    expect(firstSeenAt(afterOutage(seen(9 * DAYS, START + 9 * DAYS), DAYS, START + 10 * DAYS))).toBe(
      START + 7 * DAYS,
    )
  })
})

describe("of more open calls than may be remembered", () => {
  const anyEnd = fc.option(fc.integer({ min: START, max: START + 20 }), { nil: null })
  const anyCalls = fc
    .array(fc.tuple(fc.integer({ min: START, max: START + 5 }), fc.option(anyEnd, { nil: undefined })), {
      maxLength: 40,
    })
    .map((calls) =>
      calls.map(([at, endedAt], index) =>
        watchedOf(`call-${index}`, at, { open: endedAt === undefined ? null : { endedAt } }),
      ),
    )
  const endOf = (call: WatchedCall) => call.open?.endedAt ?? Number.POSITIVE_INFINITY

  test("those that ended longest ago are closed, as many as there are too many, and counted", () => {
    fc.assert(
      fc.property(anyCalls, fc.nat(30), (calls, openMax) => {
        const watch = watchOf(calls, { version: 3, rulesKey: "a@1" })
        const { watch: next, givenUp } = closeOldest(watch, openMax)
        const open = calls.filter((call) => call.open)
        const closed = open.filter((call) => next.calls.get(call.key)?.open === null)
        const left = open.filter((call) => next.calls.get(call.key)?.open)
        expect(givenUp).toHaveLength(Math.max(0, open.length - openMax))
        expect(new Set(givenUp.map(({ key }) => key))).toEqual(new Set(closed.map(({ key }) => key)))
        expect(left).toHaveLength(open.length - givenUp.length)
        for (const gone of closed) {
          for (const stays of left) {
            expect(endOf(gone)).toBeLessThanOrEqual(endOf(stays))
            if (endOf(gone) === endOf(stays)) expect(gone.startedAt).toBeLessThanOrEqual(stays.startedAt)
          }
        }
        // Nothing else changes: a closed call is still known, with the same fingerprint.
        const closedKeys = new Set(closed.map(({ key }) => key))
        const expected = calls.map((call) => (closedKeys.has(call.key) ? { ...call, open: null } : call))
        expect(next).toEqual(watchOf(expected, { version: 3, rulesKey: "a@1" }))
      }),
      { numRuns: 300 },
    )
  })

  test("one in progress goes last, and of those the one that began first", () => {
    const calls = [
      watchedOf("going", START, { open: {} }),
      watchedOf("going on", START + MINUTE, { open: {} }),
      watchedOf("over", START + 2 * MINUTE, { open: { endedAt: START + 3 * MINUTE } }),
    ]
    const openLeft = (openMax: number) =>
      [...closeOldest(watchOf(calls), openMax).watch.calls.values()].flatMap(({ open }) => open?.id ?? [])
    expect([3, 2, 1, 0].map(openLeft)).toEqual([
      ["going", "going on", "over"],
      ["going", "going on"],
      ["going on"],
      [],
    ])
  })
})

describe("a watch with what was judged", () => {
  const known = watchedOf("call-1", START, { open: { endedAt: START, settlesAt: START + MINUTE } })
  const decided = watchedOf("call-2", START + 1)
  const watch = watchOf([known, decided], { version: 3, rulesKey: "a@1" })

  test("is the same one if nothing in it differs, so that nothing has to be written", () => {
    expect(withCalls(watch, "a@1", [])).toBe(watch)
    expect(withCalls(watch, "a@1", [known, structuredClone(known), { ...decided }])).toBe(watch)
  })

  test("is another one if a call is new, or its place, its row or anything that is awaited of it differs", () => {
    const { open } = known
    const states = [
      { id: "call-3" },
      { firstSeenAt: START + 1 },
      { heldMs: 1 },
      { endedAt: null },
      { wantsDetail: true },
      { isAnalysed: true },
      { scoredAt: START },
      { looks: 1 },
      { nextLookAt: START + 1 },
      { settlesAt: null },
      { isKept: true },
      { isAlerted: true },
    ]
    expect(states.map((state) => Object.keys(state)[0])).toEqual(Object.keys(openOf()))
    const others = [
      { ...known, startedAt: START + 1 },
      { ...known, fingerprint: "g" },
      { ...known, open: null },
      { ...decided, open: openOf() },
      watchedOf("call-3", START),
      ...states.map((state) => ({ ...known, open: openOf({ ...open, ...state }) })),
    ]
    for (const other of others) {
      const next = withCalls(watch, "a@1", [other])
      expect(next).not.toBe(watch)
      const calls = [known, decided].filter(({ key }) => key !== other.key)
      expect(next).toEqual(watchOf([...calls, other], { version: 3, rulesKey: "a@1" }))
      expect(overviewOf(next)).toEqual(overviewOf(watchOf([...next.calls.values()])))
    }
    expect(watch.calls.get(known.key)).toBe(known)
  })

  test("is another one if the rules have changed", () => {
    expect(withCalls(watch, "a@2", [])).toEqual({ ...watch, rulesKey: "a@2" })
  })
})

test("between two polls it is worth a write if more than the looks differ", () => {
  const open = openOf({ id: "a", endedAt: START, settlesAt: START + MINUTE })
  const [a, b] = [watchedOf("a", START, { open }), watchedOf("b", START)]
  const before = watchOf([a, b], { rulesKey: "a@1" })
  const changed = (calls: WatchedCall[], rulesKey = "a@1") =>
    hasChangedMore(watchOf(calls, { rulesKey }), before)
  const after = (changes: Partial<OpenState>) => changed([{ ...a, open: { ...open, ...changes } }, b])
  expect(hasChangedMore(before, before)).toBe(false)
  expect(changed([structuredClone(a), b])).toBe(false)
  const others = [
    { firstSeenAt: START + 1 },
    { endedAt: null },
    { wantsDetail: true },
    { isAnalysed: true },
    { settlesAt: null },
    { isKept: true },
    { isAlerted: true },
  ]
  for (const other of others) expect(after({ ...other, looks: 3 })).toBe(true)
  expect(changed([{ ...a, open: null }, b])).toBe(true)
  expect(changed([a, { ...b, open }])).toBe(true)
  expect(changed([{ ...a, fingerprint: "g" }, b])).toBe(true)
  expect(changed([a, { ...b, fingerprint: "g" }])).toBe(true)
  expect(changed([a])).toBe(true)
  expect(changed([a, watchedOf("c", START)])).toBe(true)
  expect(changed([a, b], "a@2")).toBe(true)
})

test("a call waits if it has ended, its rules have settled, and a detail could still decide one", () => {
  const open = { endedAt: START, wantsDetail: true, settlesAt: null }
  const states = [
    open,
    { ...open, settlesAt: START },
    { ...open, settlesAt: START + 1 },
    { ...open, endedAt: null },
    { ...open, wantsDetail: false },
  ]
  const calls = states.map((state, index) => watchedOf(`call-${index}`, START, { open: state }))
  expect(countWaiting(watchOf([...calls, watchedOf("decided", START)]), START)).toBe(2)
})

test("so does one that may long have ended, once nobody could look for a while", () => {
  const waitingAt = (nextLookAt: number, now: number) => {
    const state = { endedAt: null, wantsDetail: true, settlesAt: null, firstSeenAt: START, nextLookAt }
    return countWaiting(watchOf([watchedOf("going", START, { open: state })]), now)
  }
  expect(waitingAt(START, START + HOUR)).toBe(1)
  expect(waitingAt(START, START + HOUR - 1)).toBe(0)
  expect(waitingAt(START + HOUR - MINUTE, START + HOUR)).toBe(0)
})

test("the overview of a watch has all starts, newest first, and its open calls", () => {
  const calls = [
    watchedOf("a", START + 2, { open: {} }),
    watchedOf("b", START + 3),
    watchedOf("c", START + 1, { open: {} }),
  ]
  const watch = watchOf(calls)
  expect(overviewOf(watch)).toEqual({ starts: [START + 3, START + 2, START + 1], open: [calls[0], calls[2]] })
  expect(overviewOf(watchOf([]))).toEqual({ starts: [], open: [] })
  // Giving up calls sorts them, and must not change what other callers see.
  closeOldest(watch, 1)
  expect(overviewOf(watch).open).toEqual([calls[0], calls[2]])
})

test("a look that only a wrong clock can have put off is due now, and nothing else of the watch is changed", () => {
  const furthest = START + LOOK_WAIT_MAX_MS + AHEAD_MAX_MS
  const right = watchedOf("right", START, { open: { nextLookAt: furthest } })
  const wrong = watchedOf("wrong", START, { open: { nextLookAt: furthest + 1 } })
  const decided = watchedOf("decided", START)
  const unharmed = watchOf([right, decided])
  expect(rightWatch(unharmed, START)).toBe(unharmed)
  const calls = [...rightWatch(watchOf([right, wrong, decided]), START).calls.values()]
  expect(calls).toEqual([right, { ...wrong, open: { ...wrong.open, nextLookAt: START } }, decided])
})

describe("calls that began within an hour", () => {
  test("are counted back from the newest start, whatever our clock says", () => {
    const at = (minutes: number) => watchedOf(`call-${minutes}`, START - minutes * MINUTE)
    expect(callsInHour(watchOf([at(0), at(59), at(60), at(200)]))).toBe(2)
    expect(callsInHour(watchOf([at(0), at(1)]))).toBe(2)
    expect(callsInHour(EMPTY_WATCH)).toBe(0)
  })

  test("are nearly as many as the last minutes promise, long before the hour is over", () => {
    const every = (seconds: number, count: number) =>
      watchOf(
        Array.from({ length: count }, (_, index) =>
          watchedOf(`call-${index}`, START - (index * seconds * MINUTE) / 60),
        ),
      )
    expect(callsInHour(every(8, 20))).toBe(80)
    expect(callsInHour(every(8, 75))).toBe(372)
    expect(callsInHour(every(8, 450))).toBe(450)
    expect(callsInHour(every(60, 200))).toBe(60)
    const night = watchOf([...every(8, 75).calls.values(), watchedOf("last night", START - 540 * MINUTE)])
    expect(callsInHour(night)).toBe(372)
  })

  test("are not taken for more because two or three came at once", () => {
    const at = (minutes: number) => watchedOf(`call-${minutes}`, START - minutes * MINUTE)
    expect(callsInHour(watchOf([0, 1, 20, 30, 40, 50].map(at)))).toBe(6)
  })
})
