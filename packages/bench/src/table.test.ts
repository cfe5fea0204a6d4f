/** What the terminal shows of the benchmarks. */
import { expect, test } from "vitest"
import { summarizeSamples } from "./latency.ts"
import { latencyTables, resultText, table } from "./table.ts"

test("columns are aligned to the right", () => {
  const text = table([
    ["a", "long"],
    ["123", "4"],
  ])
  expect(text).toBe("      a  long\n    123     4")
})

test("a target says what was measured and whether it was met", () => {
  const result = {
    name: "Mean",
    unit: "s",
    ratio: 0.5,
    target: "at most 10 s",
    values: { Earshot: 9, cron: Number.NaN },
  }
  const text = resultText({ ...result, isMet: true })
  expect(text.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual([
    "Mean",
    " Earshot 9.0 s",
    " cron – s",
    " ratio 0.500, target at most 10 s: met",
  ])
  expect(resultText({ ...result, isMet: false })).toContain("MISSED")
})

test("a share that is nearly whole is not shown as whole", () => {
  const values = { Earshot: 0.9999 }
  const text = resultText({ name: "Recall", unit: "of 1", ratio: 1, target: "1", values, isMet: false })
  expect(text).toContain("0.999 of 1")
})

test("a kind of fact has a table for each measure, and one that never was has none", () => {
  const summary = summarizeSamples([
    { kind: "list", latencyMs: 1000 },
    { kind: "list", latencyMs: null },
  ])
  const entry = { rate: 60, kind: "list", poller: "Earshot" } as const
  const text = latencyTables({
    volumes: [{ rate: 60, bound: 7.41, hours: 1, samples: {} }],
    summaries: [
      { ...entry, summary },
      { ...entry, poller: "cron", summary: summarizeSamples([{ kind: "list", latencyMs: null }]) },
      { ...entry, kind: "later", summary: summarizeSamples([]) },
    ],
  })
  expect(text).toContain("    calls/h  Earshot   cron\n         60    0.500  0.000")
  expect(text).toContain("    calls/h  Earshot  cron  bound\n         60      1.0     –    7.4")
  expect(text).toContain(
    "matching  alerted  mean  p50  p99  max\n         60         2        1   1.0  1.0  1.0    1",
  )
  expect(text).not.toContain("later")
})
