/** Which calls a poll has to judge. */
import type { Call } from "@earshot/calls-api/call"
import { describe, expect, test } from "vitest"
import { fingerprint } from "../fingerprint.ts"
import { OPEN_MAX_MS, WAIT_MS } from "../horizon.ts"
import { HOUR, type Instant, MINUTE, SECOND, isoOf } from "../instant.ts"
import { START, openOf, rowOf, watchOf, watchedOf } from "../test-example.ts"
import { callKey } from "../watch/call-key.ts"
import type { OpenState } from "../watch/open-state.ts"
import type { Watch, WatchedCall } from "../watch/watch.ts"
import { pickCandidates, pickProbes } from "./candidate.ts"
import { ANY_PACE } from "../watch/interval.ts"
import { type Cursor, windowStart } from "./cursor.ts"

const NOW = START + HOUR

const cursor: Cursor = { since: START - HOUR, watermark: START, resumeAt: null }

const row = (id: string, at: Instant, changes: Partial<Call> = {}) =>
  rowOf({ id, createdAt: isoOf(at), ...changes })

const waiting = (changes: Partial<OpenState> = {}): OpenState =>
  openOf({ firstSeenAt: NOW - 10 * MINUTE, nextLookAt: NOW + MINUTE, ...changes })

/** As the watch has it after this row was seen. */
const seen = (call: Call, at: Instant, open: OpenState | null = null): WatchedCall =>
  watchedOf(call.id, at, { fingerprint: fingerprint(call), open: open && { ...open, id: call.id } })

const watching = (...calls: WatchedCall[]): Watch => watchOf(calls, { rulesKey: "a@1" })

/** Reads from an hour before the watermark to the end, unless told otherwise. */
const pick = (
  watch: Watch,
  rows: Call[],
  {
    rulesKey = "a@1",
    from = START - HOUR,
    isWhole = true,
    reviewed = new Map<string, string>(),
    at = cursor,
  } = {},
) =>
  pickCandidates(
    watch,
    at,
    { rows: new Map(rows.map((row) => [row.id, row])), from, isWhole },
    { rulesKey, isReviewed: (id, print) => reviewed.get(id) === print },
    NOW,
  )

const idsOf = (candidates: readonly { id: string }[]) => candidates.map(({ id }) => id)

describe("a row of the list is judged", () => {
  test("when it is new, and again whenever it has changed, decided or not", () => {
    const bad = row("bad", START)
    expect(pick(watching(), [bad])).toMatchObject([{ id: "bad", kind: "new", row: bad }])
    for (const open of [null, waiting({ id: "bad" })]) {
      expect(pick(watching(seen(bad, START, open)), [bad])).toEqual([])
      const flagged = row("bad", START, { flagged: true })
      expect(pick(watching(seen(bad, START, open)), [flagged])).toMatchObject([
        {
          id: "bad",
          kind: "changed",
          row: flagged,
          call: { key: callKey("bad"), startedAt: START, fingerprint: fingerprint(flagged), open },
        },
      ])
    }
  })

  test("not if it started before the calls that are to be told", () => {
    expect(idsOf(pick(watching(), [row("old", cursor.since - 1), row("first", cursor.since)]))).toEqual([
      "first",
    ])
  })

  test("in the order of the starts, so that whatever does not fit into a poll is the newest", () => {
    const rows = [row("c", START + 3), row("a", START + 1), row("b", START + 2)]
    const followed = seen(row("z", START - MINUTE), START - MINUTE, waiting({ nextLookAt: NOW }))
    expect(idsOf(pick(watching(followed), rows))).toEqual(["z", "a", "b", "c"])
  })

  test("without a start as old as can be, or where it was seen, so that nothing is passed over for it", () => {
    const timeless = rowOf({ id: "timeless", createdAt: null, flagged: true })
    expect(pick(watching(), [timeless])[0]?.call.startedAt).toBe(START - HOUR)
    const before = seen(row("timeless", START + MINUTE), START + MINUTE)
    expect(pick(watching(before), [timeless])[0]?.call.startedAt).toBe(START + MINUTE)
  })
})

describe("after the rules have changed", () => {
  test("every call from the watermark on is judged once more, no decided one before it, and every open one", () => {
    const before = row("before", START - 1)
    const at = row("at", START)
    const old = seen(row("old", START - 2 * HOUR), START - 2 * HOUR, waiting())
    const watch = watching(seen(before, START - 1), seen(at, START), old)
    expect(pick(watch, [before, at])).toEqual([])
    const again = pick(watch, [before, at], { rulesKey: "a@2" })
    expect(idsOf(again)).toEqual(["old", "at"])
    expect(again.map(({ kind }) => kind)).toEqual(["due", "due"])
    expect(pick({ ...watch, rulesKey: "a@2" }, [before, at], { rulesKey: "a@2" })).toEqual([])
  })
})

describe("a call from before the window", () => {
  const since: Cursor = { ...cursor, since: START - 10 * HOUR }
  const known = seen(row("known", START - MINUTE), START - MINUTE)
  const old = row("old", START - MINUTE - 1)
  const window = watching(known)

  test("that is not remembered is old, not new", () => {
    expect(pick(window, [old], { at: since })).toMatchObject([{ id: "old", kind: "old", row: old }])
    const first = row("first", START - MINUTE)
    expect(pick(window, [first], { at: since })).toMatchObject([{ kind: "new" }])
  })

  test("and that is followed by its id is neither", () => {
    const followed = seen(old, START - MINUTE - 1, waiting())
    const flagged = row("old", START - MINUTE - 1, { flagged: true })
    const eighty = Array.from({ length: 80 }, (_, index) => watchedOf(`call-${index}`, START - MINUTE))
    const watch = watching(followed, ...eighty)
    expect(windowStart(since, watch)).toBe(START - MINUTE)
    expect(pick(watch, [flagged], { at: since })).toMatchObject([{ kind: "changed" }])
  })

  test("is passed over while its row is as it was when it was last reviewed", () => {
    const reviewed = new Map([["old", fingerprint(old)]])
    expect(pick(window, [old], { at: since, reviewed })).toEqual([])
    expect(pick(window, [old], { at: since, reviewed, rulesKey: "a@2" })).toEqual([])
    const flagged = row("old", START - MINUTE - 1, { flagged: true })
    expect(idsOf(pick(window, [flagged], { at: since, reviewed }))).toEqual(["old"])
    // Within the window only the watch counts.
    const first = row("first", START - MINUTE)
    expect(
      pick(window, [first], { at: since, reviewed: new Map([["first", fingerprint(first)]]) }),
    ).toHaveLength(1)
  })
})

describe("an open call is judged without a change", () => {
  const long = row("long", START - HOUR)
  const pickedOf = (open: Partial<OpenState>, rows = [long]) =>
    pick(watching(seen(long, START - HOUR, waiting(open))), rows)
  const picked = (open: Partial<OpenState>, rows = [long]) => pickedOf(open, rows).length === 1

  test("when a rule settles, and when it was watched for six hours", () => {
    expect(picked({ settlesAt: NOW + 1 })).toBe(false)
    expect(pickedOf({ settlesAt: NOW })).toMatchObject([{ kind: "due", row: long, id: "long" }])
    expect(picked({ firstSeenAt: NOW - OPEN_MAX_MS + 1, endedAt: NOW })).toBe(false)
    expect(pickedOf({ firstSeenAt: NOW - OPEN_MAX_MS, endedAt: NOW })).toMatchObject([{ kind: "due" }])
  })

  test("when a detail could decide it and its turn has come: only to look at it", () => {
    expect(pickedOf({ endedAt: NOW - MINUTE, wantsDetail: true, nextLookAt: NOW })).toMatchObject([
      { kind: "look", isListed: true },
    ])
    expect(picked({ endedAt: NOW - MINUTE, wantsDetail: true, nextLookAt: NOW + 1 })).toBe(false)
    expect(picked({ endedAt: NOW - MINUTE, wantsDetail: false, nextLookAt: NOW })).toBe(false)
    // The list will show its end at no cost.
    expect(picked({ endedAt: null, wantsDetail: true, nextLookAt: NOW })).toBe(false)
  })

  test("when the list does not show it any more and its turn has come", () => {
    expect(pickedOf({ nextLookAt: NOW }, [])).toMatchObject([{ kind: "look", isListed: false, row: null }])
    expect(picked({ nextLookAt: NOW + 1 }, [])).toBe(false)
  })

  test("when it has lasted for an hour, after which the list may never tell that it is over", () => {
    const since = (firstSeenAt: Instant) => pickedOf({ firstSeenAt, nextLookAt: NOW })
    expect(since(NOW - WAIT_MS + 1)).toEqual([])
    expect(since(NOW - WAIT_MS)).toMatchObject([{ kind: "look", isListed: false }])
    expect(picked({ firstSeenAt: NOW - WAIT_MS, nextLookAt: NOW + 1 })).toBe(false)
  })

  test("not while the list has not been read to where it should be", () => {
    const watch = watching(seen(long, START, waiting({ nextLookAt: NOW })))
    expect(pick(watch, [], { isWhole: false })).toEqual([])
    expect(pick(watch, [], { from: START + MINUTE })).toEqual([])
    expect(pick(watch, [])).toMatchObject([{ kind: "look", isListed: false, row: null }])
  })

  test("not if it began before what was read: other polls show it", () => {
    const since: Cursor = { ...cursor, since: START - 10 * HOUR }
    const eighty = Array.from({ length: 80 }, (_, index) => watchedOf(`call-${index}`, START - MINUTE))
    const watch = watching(seen(long, START - 2 * HOUR, waiting({ nextLookAt: NOW })), ...eighty)
    expect(windowStart(since, watch)).toBe(START - MINUTE)
    expect(pick(watch, [], { from: START - MINUTE, at: since })).toEqual([])
  })

  test("and a decided one is not, whatever the list shows", () => {
    expect(pick(watching(seen(long, START - HOUR)), [])).toEqual([])
  })
})

describe("between two polls", () => {
  const UNLISTED = { pace: ANY_PACE, listedAt: null }
  const probed = (open: OpenState | null) =>
    pickProbes(watching(watchedOf("call", START, { open })), UNLISTED, NOW)

  test("an open call whose turn has come is looked at: in progress, or if a detail could decide it", () => {
    const call = watchedOf("call", START, { open: { nextLookAt: NOW } })
    expect(pickProbes(watching(call), UNLISTED, NOW)).toEqual([
      { id: "call", call, row: null, kind: "probe" },
    ])
    // A trigger may come a moment early.
    expect(probed(openOf({ nextLookAt: NOW + 500 }))).toHaveLength(1)
    expect(probed(openOf({ nextLookAt: NOW + 501 }))).toEqual([])
    expect(probed(openOf({ nextLookAt: NOW, endedAt: START, wantsDetail: true }))).toHaveLength(1)
    expect(probed(openOf({ nextLookAt: NOW, endedAt: START, wantsDetail: false }))).toEqual([])
    expect(probed(null)).toEqual([])
  })

  test("a look shares a turn, but not just after a list nor just before the next", () => {
    const open = openOf({ endedAt: NOW - MINUTE, wantsDetail: true, isAnalysed: false, nextLookAt: START })
    const pace = { ...ANY_PACE, price: 0.4, turnPrice: 10, listEveryMs: 20 * SECOND }
    const at = (seconds: number) =>
      pickProbes(
        watching(watchedOf("call", START, { open })),
        { pace, listedAt: NOW },
        NOW + seconds * SECOND,
      ).length
    expect([1, 4, 6, 10, 14, 16, 19].map(at)).toEqual([0, 0, 1, 1, 1, 0, 0])
  })
})
