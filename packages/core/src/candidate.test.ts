/** Which calls a poll has to judge. */
import type { Call } from "@earshot/calls-api/call"
import { describe, expect, test } from "vitest"
import { pickCandidates } from "./candidate.ts"
import { fingerprint } from "./facts.ts"
import { HOUR, type Instant, isoOf, MINUTE } from "./instant.ts"
import { OPEN_MAX_MS } from "./judgement.ts"
import type { Cursor } from "./scan.ts"
import { rowOf, START } from "./test-world.ts"
import { EMPTY_WATCH, type OpenState, type Watch, type WatchedCall } from "./watch.ts"

const NOW = START + HOUR
const cursor: Cursor = { since: START - HOUR, watermark: START, resumeAt: null }

const row = (id: string, at: Instant, changes: Partial<Call> = {}) =>
  rowOf({ id, createdAt: isoOf(at), ...changes })
const openOf = (changes: Partial<OpenState> = {}): OpenState => ({
  firstSeenAt: NOW - 10 * MINUTE,
  endedAt: null,
  wantsDetail: false,
  isAnalysed: false,
  looks: 0,
  nextLookAt: NOW + MINUTE,
  settlesAt: null,
  isKept: false,
  ...changes,
})
/** As the watch has it after it was seen as this row. */
const seen = (call: Call, at: Instant, open: OpenState | null = null): WatchedCall => ({
  id: call.id,
  at,
  fingerprint: fingerprint(call),
  open,
})
const watchOf = (...calls: WatchedCall[]): Watch => ({
  ...EMPTY_WATCH,
  rulesKey: "a@1",
  calls: new Map(calls.map((call) => [call.id, call])),
})
/** Reads from an hour before the watermark to the end, unless it is said otherwise. */
const pick = (
  watch: Watch,
  rows: Call[],
  { rulesKey = "a@1", from = START - HOUR, readTo = null as Instant | null } = {},
) =>
  pickCandidates(
    watch,
    cursor,
    { rows: new Map(rows.map((row) => [row.id, row])), from, readTo },
    rulesKey,
    NOW,
  )
const idsOf = (candidates: ReturnType<typeof pick>) => candidates.map(({ call }) => call.id)

describe("a row of the list is judged", () => {
  test("when it is new, and again whenever it has changed, decided or not", () => {
    const bad = row("bad", START)
    expect(pick(watchOf(), [bad])).toMatchObject([
      { isNew: true, hasChanged: true, isListed: true, row: bad },
    ])
    for (const open of [null, openOf()]) {
      expect(pick(watchOf(seen(bad, START, open)), [bad])).toEqual([])
      const flagged = row("bad", START, { flagged: true })
      expect(pick(watchOf(seen(bad, START, open)), [flagged])).toMatchObject([
        { isNew: false, hasChanged: true, call: { fingerprint: fingerprint(flagged), open } },
      ])
    }
  })

  test("not if it started before the calls that are to be told", () => {
    expect(idsOf(pick(watchOf(), [row("old", cursor.since - 1), row("first", cursor.since)]))).toEqual([
      "first",
    ])
  })

  test("in the order of the starts, so that whatever does not fit into a poll is the newest", () => {
    const rows = [row("c", START + 3), row("a", START + 1), row("b", START + 2)]
    const followed = seen(row("z", START - MINUTE), START - MINUTE, openOf({ nextLookAt: NOW }))
    expect(idsOf(pick(watchOf(followed), rows))).toEqual(["z", "a", "b", "c"])
  })

  test("without a start as old as can be, or where it was seen, so that nothing is passed over for it", () => {
    const timeless = rowOf({ id: "timeless", createdAt: null, flagged: true })
    expect(pick(watchOf(), [timeless])[0]?.call.at).toBe(START - HOUR)
    const before = seen(row("timeless", START + MINUTE), START + MINUTE)
    expect(pick(watchOf(before), [timeless])[0]?.call.at).toBe(START + MINUTE)
  })
})

describe("after the rules have changed", () => {
  test("every call from the watermark on is judged once more, no decided one before it, and every open one", () => {
    const before = row("before", START - 1)
    const at = row("at", START)
    const old = seen(row("old", START - 2 * HOUR), START - 2 * HOUR, openOf())
    const watch = watchOf(seen(before, START - 1), seen(at, START), old)
    expect(pick(watch, [before, at])).toEqual([])
    const again = pick(watch, [before, at], { rulesKey: "a@2" })
    expect(idsOf(again)).toEqual(["old", "at"])
    expect(again.map(({ hasChanged, isNew }) => hasChanged || isNew)).toEqual([false, false])
    expect(pick({ ...watch, rulesKey: "a@2" }, [before, at], { rulesKey: "a@2" })).toEqual([])
  })
})

describe("an open call is judged without a change", () => {
  const long = row("long", START - HOUR)
  const picked = (open: Partial<OpenState>, rows = [long]) =>
    pick(watchOf(seen(long, START - HOUR, openOf(open))), rows).length === 1

  test("when a rule settles, and when it was watched for six hours", () => {
    expect(picked({ settlesAt: NOW + 1 })).toBe(false)
    expect(picked({ settlesAt: NOW })).toBe(true)
    expect(picked({ firstSeenAt: NOW - OPEN_MAX_MS + 1 })).toBe(false)
    expect(picked({ firstSeenAt: NOW - OPEN_MAX_MS })).toBe(true)
  })

  test("when a detail could decide it and its turn has come", () => {
    expect(picked({ endedAt: NOW - MINUTE, wantsDetail: true, nextLookAt: NOW })).toBe(true)
    expect(picked({ endedAt: NOW - MINUTE, wantsDetail: true, nextLookAt: NOW + 1 })).toBe(false)
    expect(picked({ endedAt: NOW - MINUTE, wantsDetail: false, nextLookAt: NOW })).toBe(false)
    // Its end will show in the list, for nothing.
    expect(picked({ endedAt: null, wantsDetail: true, nextLookAt: NOW })).toBe(false)
  })

  test("when the list does not show it any more and its turn has come", () => {
    expect(picked({ nextLookAt: NOW }, [])).toBe(true)
    expect(picked({ nextLookAt: NOW + 1 }, [])).toBe(false)
  })

  test("not while the list has not been read to where it should be", () => {
    const watch = watchOf(seen(long, START, openOf({ nextLookAt: NOW })))
    expect(pick(watch, [], { readTo: START - MINUTE })).toEqual([])
    expect(pick(watch, [], { from: START + MINUTE })).toEqual([])
    expect(pick(watch, [])).toMatchObject([{ isListed: false, row: null, hasChanged: false }])
  })

  test("and a decided one is not, whatever the list shows", () => {
    expect(pick(watchOf(seen(long, START - HOUR)), [])).toEqual([])
  })
})
