/** What a poll remembers is small, and is read back as it was, whatever the vendor's ids look like, or not at all. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fingerprint } from "../fingerprint.ts"
import { HOUR, MINUTE, SECOND } from "../instant.ts"
import { DECIDED_CALLS_MAX } from "../list/cursor.ts"
import { START, dice, openOf, rowOf, uuidOf, watchOf, watchedOf } from "../test-example.ts"
import { callKey } from "./call-key.ts"
import type { OpenState } from "./open-state.ts"
import { PackedWatch, packWatch, unpackWatch } from "./packed-watch.ts"
import { LOOK_AIMS, NO_WAITS, withWait } from "./wait.ts"
import { EMPTY_WATCH, type Watch, type WatchedCall } from "./watch.ts"

/** From long ago to the last one of the calendar, which a mistaken row may contain. */
const anyInstant = fc.oneof(
  fc.integer({ min: START - 10 * HOUR, max: START + HOUR }),
  fc.integer({ min: -1e14, max: 8.64e15 }),
)

const anyId = fc.oneof(
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.uuid().map((id) => `$${id}`),
  // Any UTF-16, lone surrogates included.
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), minLength: 1, maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(" ", "\n", "\\", '"', "$", "\u0000", "u"), minLength: 1 }),
  fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "0", "-1"),
)

const anyOpen: fc.Arbitrary<Omit<OpenState, "id">> = fc.record({
  firstSeenAt: anyInstant,
  heldMs: fc.oneof(fc.constant(0), fc.nat(10_000_000)),
  endedAt: fc.option(anyInstant, { nil: null }),
  wantsDetail: fc.boolean(),
  isAnalysed: fc.boolean(),
  scoredAt: fc.option(anyInstant, { nil: null }),
  looks: fc.nat(100),
  nextLookAt: anyInstant,
  settlesAt: fc.option(anyInstant, { nil: null }),
  isKept: fc.boolean(),
  isAlerted: fc.boolean(),
})

const anyCall: fc.Arbitrary<WatchedCall> = fc
  .record({
    id: anyId,
    at: anyInstant,
    // An empty one comes from a watch in the previous format.
    fingerprint: fc.oneof(fc.constant(""), fc.stringMatching(/^[0-9a-z]{1,8}$/)),
    open: fc.option(anyOpen, { nil: null }),
  })
  .map(({ id, at, ...rest }) => watchedOf(id, at, rest))

const anyWatch: fc.Arbitrary<Watch> = fc
  .record({
    version: fc.nat(),
    rulesKey: fc.string(),
    calls: fc.uniqueArray(anyCall, { selector: (call) => call.key, maxLength: 12 }),
    waits: fc
      .array(fc.tuple(fc.constantFrom(...LOOK_AIMS), fc.option(fc.nat(HOUR), { nil: null })), {
        maxLength: 200,
      })
      .map((all) => all.reduce((waits, [aim, waitedMs]) => withWait(waits, aim, waitedMs), NO_WAITS)),
  })
  .map(({ calls, ...rest }) => watchOf(calls, rest))

/** As it comes back from the store. */
const stored = (packed: PackedWatch) => PackedWatch.parse(JSON.parse(JSON.stringify(packed)))

test("it is read back as it was written, with any ids and any open calls, in the order of their starts", () => {
  fc.assert(
    fc.property(anyWatch, (watch) => {
      const read = unpackWatch(stored(packWatch(watch)))
      expect(read).toEqual(watch)
      for (const [key, call] of read.calls) expect(call.key).toBe(key)
      const starts = [...read.calls.values()].map(({ startedAt: at }) => at)
      expect(starts).toEqual([...starts].sort((a, b) => a - b))
    }),
    { numRuns: 500 },
  )
})

test("a fingerprint is read back whatever a row says", () => {
  const roll = dice(3)
  const calls = Array.from({ length: 500 }, (_, index) =>
    watchedOf(`call-${index}`, START, { fingerprint: fingerprint(rowOf({ summary: `${roll()}` })) }),
  )
  expect(unpackWatch(stored(packWatch(watchOf(calls))))).toEqual(watchOf(calls))
})

test("an older version reads it, and what that writes is read without what only this one knows", () => {
  const open = { endedAt: START, isAnalysed: true, wantsDetail: true, scoredAt: START + MINUTE }
  const watch = watchOf([watchedOf("call", START - MINUTE, { open })], {
    waits: withWait(NO_WAITS, "score", MINUTE),
  })
  const { version, rulesKey, known } = packWatch(watch)
  const before = watchOf([watchedOf("call", START - MINUTE, { open: { ...open, scoredAt: null } })])
  expect(known).toBe(packWatch(before).known)
  expect(unpackWatch(PackedWatch.parse({ version, rulesKey, known }))).toEqual(before)
})

test.each(["nonsense", "  ", "a b c", "x".repeat(500)])(
  "times of scores that cannot be read, %j, are forgotten",
  (scored) => {
    const watch = watchOf([watchedOf("call", START)])
    expect(unpackWatch({ ...packWatch(watch), scored })).toEqual(watch)
  },
)

test("an empty one is empty, and only the empty one", () => {
  expect(unpackWatch(packWatch(EMPTY_WATCH))).toEqual(EMPTY_WATCH)
})

describe("of calls with UUIDs it takes", () => {
  /** Decided and open calls of one hour, as they are after a while. */
  function packedBytes(decided: number, open: number): number {
    const roll = dice(5)
    const count = decided + open
    const calls = Array.from({ length: count }, (_, index) => {
      const at = START + Math.floor(((index + roll()) * HOUR) / count)
      const seen = fingerprint(rowOf({ duration: index }))
      if (index < decided) return watchedOf(uuidOf(roll), at, { fingerprint: seen })
      const endedAt = index % 3 === 0 ? null : at + Math.floor(roll() * 40 * MINUTE)
      const state = openOf({
        firstSeenAt: at + Math.floor(roll() * MINUTE),
        endedAt,
        wantsDetail: true,
        looks: index % 12,
        nextLookAt: START + HOUR + Math.floor(roll() * MINUTE),
        settlesAt: endedAt && endedAt + 30 * MINUTE + Math.floor(roll() * SECOND),
        isKept: true,
      })
      const id = uuidOf(roll)
      return watchedOf(id, at, { fingerprint: seen, open: { ...state, id } })
    })
    const watch = watchOf(calls, { version: 123_456, rulesKey: "flagged@1 low-score@12 angry-caller@3" })
    expect(watch.calls.size).toBe(count)
    return Buffer.byteLength(JSON.stringify(packWatch(watch)))
  }

  test("150 decided ones: less than 4.5 KB", () => {
    expect(packedBytes(150, 0)).toBeLessThan(4.5 * 1024)
  })

  test("as at 150 an hour, 150 decided and 30 open ones: less than 7 KB", () => {
    expect(packedBytes(150, 30)).toBeLessThan(7 * 1024)
  })

  test("as many decided and open ones as there may be: less than 350 KB, of the 400 that an item may have", () => {
    expect(packedBytes(DECIDED_CALLS_MAX, 1000)).toBeLessThan(350 * 1024)
  })
})

describe("text that was not written by it", () => {
  test("is refused: what is read is written again letter by letter, or it throws", () => {
    const damage = fc.tuple(
      fc.constantFrom("cut", "drop", "double", "replace", "insert"),
      fc.nat(),
      fc.constantFrom(" ", "\n", "$", "0", "z", '"', "!", "-", "~", "_"),
    )
    fc.assert(
      fc.property(anyWatch, damage, (watch, [kind, where, letter]) => {
        const packed = packWatch(watch)
        const place = where % (packed.known.length + 1)
        const [before, after] = [packed.known.slice(0, place), packed.known.slice(place)]
        const known = {
          cut: before,
          drop: before + after.slice(1),
          double: packed.known + packed.known,
          replace: before + letter + after.slice(1),
          insert: before + letter + after,
        }[kind]
        let read: Watch
        try {
          read = unpackWatch({ ...packed, known: known ?? "" })
        } catch {
          return
        }
        expect(packWatch(read).known).toBe(known)
      }),
      { numRuns: 1000 },
    )
  })

  const key = callKey("call")
  const one = packWatch(watchOf([watchedOf("call", START, { open: {} })]))
  const head = `${key}~~~~~~~f${START.toString(36)}`
  test.each([
    ["a call without its start", `${key}~~~~~~~f`],
    ["a call without its fingerprint", key],
    ["a start that is none", `${key}~~~~~~~fa.b`],
    ["an id that is none", one.known.replace('"call"', "call")],
    ["a short UUID", one.known.replace('"call"', "$AAAA")],
    ["more than there is", `${one.known} more`],
    ["a call twice", `${one.known}\n${key}~~~~~~~f0`],
    ["an empty line", `${one.known}\n`],
    ["an open call that lacks a value", one.known.split(" ").slice(0, -1).join(" ")],
    ["an open call with flags that there are not", one.known.replace(" 0 0 ", " 16 0 ")],
    ["an open call whose time is none", one.known.replace(/_$/, "!")],
  ])("throws for %s, because a damaged memory must not look like an empty one", (_, known) => {
    expect(one.known.startsWith(head)).toBe(true)
    expect(unpackWatch(one).calls.size).toBe(1)
    expect(known).not.toBe(one.known)
    expect(() => unpackWatch({ ...one, known })).toThrow()
  })
})
