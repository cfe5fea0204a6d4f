/** Values compared and measured as JSON give the same answers as their JSON text would. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { isSameJson, jsonBytesMax } from "./json.ts"

/** Few names and few values, so that two values are often alike. */
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    fc.constantFrom(null, true, 0, 1, "", "a", "1", {}, []),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "0", "length", "toString", "__proto__"), tie("value"), {
      maxKeys: 3,
    }),
  ),
}))
const written = (value: unknown) => JSON.stringify(sorted(value))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => ({ name, part: sorted(part) }))
    .concat([{ name: "is an object", part: true }])
}

describe("two values", () => {
  test("say the same if their JSON does, but for the order of fields", () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        expect(isSameJson(a, b)).toBe(written(a) === written(b))
      }),
      { numRuns: 2000 },
    )
  })

  test("say the same if one is read from the other's JSON, and do not if a single part was changed", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read: unknown = JSON.parse(JSON.stringify(value))
        expect(isSameJson(value, read)).toBe(true)
        expect(isSameJson({ a: [value] }, { a: [read, null] })).toBe(false)
        expect(isSameJson({ a: [value] }, { a: [{ value: read }] })).toBe(false)
      }),
    )
  })
})

test("no value takes more bytes as JSON than it may", () => {
  const anyText = fc.string({ unit: "binary" })
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue({ stringUnit: "binary" }), anyText, fc.double(), fc.array(anyText)),
      (value) => {
        expect(Buffer.byteLength(JSON.stringify(value))).toBeLessThanOrEqual(jsonBytesMax(value))
      },
    ),
    { numRuns: 1000 },
  )
  for (const text of ["\u0000\u0001\u001f", "\ud800\udfff", '"\\\n', "\u20ac\u4e00"])
    for (const value of [text, [text], { [text]: text }])
      expect(Buffer.byteLength(JSON.stringify(value))).toBeLessThanOrEqual(jsonBytesMax(value))
})
