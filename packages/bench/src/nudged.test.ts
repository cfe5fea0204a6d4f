/** That the nudges' targets are met only if they are. */
import { expect, test } from "vitest"
import { NUDGED_MEANS, nudgedResults } from "./nudged.ts"
import { runOne } from "./run.ts"

const runOf = (kind: "polled" | "nudged", rate: number, ...seconds: (number | null)[]) => ({
  run: { kind, rate },
  ends: seconds.map((value) => (value === null ? null : value * 1000)),
})

const resultAt = (rate: number, ...made: Parameters<typeof nudgedResults>[0]) =>
  nudgedResults(made)[NUDGED_MEANS.findIndex(([one]) => one === rate)]

test("they are compared with the same calls without nudges", () => {
  const result = resultAt(20, runOf("polled", 20, 8, 10), runOf("nudged", 20, 1, 2), runOf("nudged", 5, 9))
  expect(result).toMatchObject({ isMet: true, ratio: 1.5 / 9 })
  expect(result?.values).toMatchObject({ "mean with nudges": 1.5, "mean without": 9 })
})

test.each([
  { what: "too late", seconds: [2.6] },
  { what: "now and then far too late", seconds: [...Array<number>(50).fill(1), 21] },
  { what: "of not all", seconds: [1, null] },
  { what: "of none", seconds: [] },
])("they are missed if people hear $what", ({ seconds }) => {
  expect(resultAt(5, runOf("polled", 5, 8), runOf("nudged", 5, ...seconds))?.isMet).toBe(false)
})

test("with nudges people hear of the same calls, and sooner of what shows at their end", async () => {
  const at = { rate: 60, seed: 1, hours: 3 } as const
  const [polled, nudged] = [await runOne({ kind: "polled", ...at }), await runOne({ kind: "nudged", ...at })]
  expect([polled.problems, nudged.problems]).toEqual([[], []])
  expect(nudged.ends?.length).toBeGreaterThan(15)
  expect(nudged.ends).toHaveLength(polled.ends?.length ?? 0)
  expect(nudged.ends).not.toContain(null)
  expect(resultAt(60, polled, nudged)?.ratio).toBeLessThan(0.6)
})
