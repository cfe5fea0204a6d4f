/** An answer that would take too much memory to parse is not parsed. */
import { describe, expect, test } from "vitest"
import { judgeAnswer } from "./answer.ts"
import { PARTS_MAX, hasTooManyParts } from "./json-size.ts"

const BYTES = 4_999_999

const HOSTILE = {
  brackets: "[".repeat(BYTES),
  "brackets within a list of calls": `{"data":${"[".repeat(BYTES - 10)}`,
  "nested objects": '{"a":'.repeat(BYTES / 5),
  "tiny rows": `{"data":[${"{},".repeat(BYTES / 3 - 10)}{}]}`,
}

describe.each(Object.entries(HOSTILE))("five megabytes of %s", (_, text) => {
  test.each([200, 404, 500])("with the status %s are refused without being parsed", (status) => {
    const memory = process.memoryUsage().heapTotal
    const answer = judgeAnswer({ status, headers: new Headers(), text }, [], 0)
    expect(answer).toMatchObject({ ok: false })
    if (status === 200) expect(answer).toMatchObject({ trouble: { kind: "unreadable", reason: "too-large" } })
    expect(process.memoryUsage().heapTotal - memory).toBeLessThan(20_000_000)
  })
})

test("a long text is counted by its parts, whatever its strings hold", () => {
  const words = JSON.stringify({ data: [{ id: "a", summary: `["${"[{\\".repeat(PARTS_MAX)}` }] })
  expect(hasTooManyParts(words)).toBe(false)
  const rows = (count: number) => JSON.stringify(Array.from({ length: count }, (_, id) => ({ id })))
  expect(hasTooManyParts(rows(PARTS_MAX - 1))).toBe(false)
  expect(hasTooManyParts(rows(PARTS_MAX))).toBe(true)
  expect(hasTooManyParts(`"${"x".repeat(PARTS_MAX)}`)).toBe(false)
})
