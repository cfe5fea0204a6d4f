/** What a poll remembers is read back as it was, whatever the vendor's ids are, or not at all. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fingerprint } from "./facts.ts"
import { SECOND } from "./instant.ts"
import { rowOf, START } from "./test-world.ts"
import { EMPTY_WATCH, type OpenState, packWatch, PackedWatch, unpackWatch, type Watch } from "./watch.ts"

const anyInstant = fc.integer({ min: -8.64e15, max: 8.64e15 })
const anyId = fc.oneof(
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.uuid().map((id) => `$${id}`),
  // Any UTF-16, halves of characters too.
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), minLength: 1, maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(" ", "\n", "\\", '"', "$", "\u0000", "u"), minLength: 1 }),
  fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "0", "-1"),
)
const anyOpen: fc.Arbitrary<OpenState> = fc.record({
  firstSeenAt: anyInstant,
  endedAt: fc.option(anyInstant, { nil: null }),
  wantsDetail: fc.boolean(),
  isAnalysed: fc.boolean(),
  looks: fc.nat(100),
  nextLookAt: anyInstant,
  settlesAt: fc.option(anyInstant, { nil: null }),
  isKept: fc.boolean(),
})
const anyCall = fc.record({
  id: anyId,
  at: anyInstant,
  fingerprint: fc.stringMatching(/^[0-9a-z]{1,11}$/),
  open: fc.option(anyOpen, { nil: null }),
})
const anyWatch: fc.Arbitrary<Watch> = fc.record({
  version: fc.nat(),
  rulesKey: fc.string(),
  calls: fc
    .uniqueArray(anyCall, { selector: (call) => call.id, maxLength: 12 })
    .map((calls) => new Map(calls.map((call) => [call.id, call]))),
})

/** Through the store. */
const stored = (packed: PackedWatch) => PackedWatch.parse(JSON.parse(JSON.stringify(packed)))

test("it is read back as it was written, with any ids and any open calls, in their order", () => {
  fc.assert(
    fc.property(anyWatch, (watch) => {
      const read = unpackWatch(stored(packWatch(watch)))
      expect(read).toEqual(watch)
      expect([...read.calls.keys()]).toEqual([...watch.calls.keys()])
    }),
    { numRuns: 500 },
  )
})

test("an empty one is empty, and only the empty one", () => {
  expect(unpackWatch(packWatch(EMPTY_WATCH))).toEqual(EMPTY_WATCH)
})

test("of 150 decided calls with UUIDs it takes less than 7 KB, two write units of a few", () => {
  const calls = Array.from({ length: 150 }, (_, index) => {
    const id = `${String(index).padStart(8, "0")}-89ab-4cde-8f01-23456789abcd`
    return {
      id,
      at: START + index * SECOND,
      fingerprint: fingerprint(rowOf({ duration: index })),
      open: null,
    }
  })
  const packed = packWatch({
    version: 1,
    rulesKey: "a@1",
    calls: new Map(calls.map((call) => [call.id, call])),
  })
  expect(Buffer.byteLength(JSON.stringify(packed))).toBeLessThan(7 * 1024)
})

describe("text that was not written by it", () => {
  test("is refused: what is read is written again letter by letter, or it throws", () => {
    const damage = fc.tuple(
      fc.constantFrom("cut", "drop", "double", "replace", "insert"),
      fc.nat(),
      fc.constantFrom(" ", "\n", "$", "0", "z", '"', "!", "-"),
    )
    fc.assert(
      fc.property(anyWatch, damage, (watch, [kind, where, letter]) => {
        const packed = packWatch(watch)
        const place = where % (packed.calls.length + 1)
        const [before, after] = [packed.calls.slice(0, place), packed.calls.slice(place)]
        const calls = {
          cut: before,
          drop: before + after.slice(1),
          double: packed.calls + packed.calls,
          replace: before + letter + after.slice(1),
          insert: before + letter + after,
        }[kind]
        let read: Watch
        try {
          read = unpackWatch({ ...packed, calls: calls ?? "" })
        } catch {
          return
        }
        expect(packWatch(read).calls).toBe(calls)
      }),
      { numRuns: 1000 },
    )
  })

  const one = packWatch({
    version: 1,
    rulesKey: "a@1",
    calls: new Map([
      [
        "call",
        {
          id: "call",
          at: START,
          fingerprint: "f",
          open: {
            firstSeenAt: START,
            endedAt: null,
            wantsDetail: false,
            isAnalysed: false,
            looks: 0,
            nextLookAt: START,
            settlesAt: null,
            isKept: false,
          },
        },
      ],
    ]),
  })
  test.each([
    ["a call without its start", { calls: '"call"' }],
    ["a call without its fingerprint", { calls: '"call" abc' }],
    ["a start that is none", { calls: '"call" a.b f' }],
    ["an id that is none", { calls: "call abc f" }],
    ["a short UUID", { calls: "$AAAA abc f" }],
    ["more than there is", { calls: '"call" abc f more' }],
    ["a call twice", { calls: `${one.calls}\n${one.calls}` }],
    ["an open call that is not among the calls", { calls: "" }],
    ["open calls that are no JSON", { open: one.open.slice(0, -1) }],
    ["open calls that lack a value", { open: one.open.replace(/,(true|false)\]\]$/, "]]") }],
    ["open calls of another shape", { open: "{}" }],
  ])("throws for %s, because a damaged memory must not look like an empty one", (_, change) => {
    expect(unpackWatch(one).calls.size).toBe(1)
    expect(() => unpackWatch({ ...one, ...change })).toThrow()
  })
})
