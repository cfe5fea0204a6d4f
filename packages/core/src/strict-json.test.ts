/** JSON is read as JSON.parse reads it, unless a part of it would be lost. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { readStrictJson } from "./strict-json.ts"

test.each([
  ['{"a":1,"a":2}', [["a"]]],
  ['{"a":1,"\\u0061":2}', [["a"]]],
  ['{"__proto__":{"score":1}}', [["__proto__"]]],
  [
    '{"when":{"any":[{"x":1},{"score":{"lte":2,"gte":1,"lte":3}}]},"when":1}',
    [["when", "any", 1, "score", "lte"], ["when"]],
  ],
  ['{"a":"b","b":"a:{\\"a\\":1}","c":{"a":1}}', []],
  ['[{"a":1},{"a":1}]', []],
])("%s: each key that would be lost is named with its place", (text, paths) => {
  const read = readStrictJson(text)
  expect(read.kind === "ambiguous" ? read.issues.map(({ path }) => path) : []).toEqual(paths)
  if (paths.length === 0) expect(read).toEqual({ kind: "value", value: JSON.parse(text) })
})

test("whatever JSON it is, and whatever it is not", () => {
  fc.assert(
    fc.property(fc.json({ depthSize: "large" }), (text) => {
      const read = readStrictJson(text)
      const value: unknown = JSON.parse(text)
      if (text.includes("__proto__")) return
      expect(read).toEqual({ kind: "value", value })
    }),
  )
  fc.assert(fc.property(fc.string(), (text) => void readStrictJson(text)))
  expect(readStrictJson("{a:1}")).toEqual({ kind: "not-json" })
  const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`
  expect(readStrictJson(deep).kind).toBe("value")
})
