/** That a target is met only if it is, and what is compared with what. */
import { describe, expect, test } from "vitest"
import type { FactKind, Sample } from "./latency.ts"
import type { BenchResult } from "./result.ts"
import type { OutageResult, OverloadResult, RunResult } from "./run.ts"
import { POLLERS, latencyResults, outageResults, overloadResults, volumeOf } from "./target.ts"

const samples = (kind: FactKind, ...seconds: (number | null)[]): Sample[] =>
  seconds.map((value) => ({ kind, latencyMs: value === null ? null : value * 1000 }))

function runAt(rate: number, ours: Sample[], cron: Sample[] = []): RunResult {
  const run = { kind: "latency", rate, seed: 1, hours: 24 } as const
  return { run, problems: [], latency: { samples: { Earshot: ours, cron }, openMs: 360_000 } }
}

function named(results: readonly BenchResult[], name: string): BenchResult {
  const found = results.find((result) => result.name.startsWith(name))
  if (!found) throw new Error(`There is no target ${name}.`)
  return found
}

describe("how soon and how much", () => {
  const resultsOf = (rate: number, ours: Sample[], cron?: Sample[]) =>
    latencyResults([volumeOf(rate, [runAt(rate, ours, cron)])])

  test("a mean is that of all seeds, beside the others' and the bounds", () => {
    const runs = [
      runAt(20, samples("list", 8), samples("list", 30)),
      runAt(20, samples("list", 9)),
      runAt(5, samples("list", 90)),
    ]
    const result = named(latencyResults([volumeOf(20, runs)]), "Mean latency of list facts, 20")
    expect(result.values).toMatchObject({ Earshot: 8.5, cron: 30, "the bound without details": 9 })
    expect(result.values["the bound"]).toBeCloseTo(1800 / 440)
    expect(result).toMatchObject({ isMet: true, target: "at most 8.5 s" })
    expect(result.ratio).toBeCloseTo(8.5 / 30)
  })

  test.each([
    { name: "Mean latency of list facts, 60", rate: 60, ours: samples("list", 10.501) },
    { name: "Mean latency of list facts, 5", rate: 5, ours: samples("list", null) },
    { name: "p99 latency", rate: 60, ours: samples("list", 28.001) },
    {
      name: "Recall, all volumes, all facts",
      rate: 60,
      ours: [...samples("list", 1), ...samples("later", null)],
    },
    {
      name: "Recall, all volumes, facts within",
      rate: 150,
      ours: samples("detail", null, ...Array<number>(99).fill(1)),
    },
    { name: "Detail facts missed", rate: 450, ours: samples("detail", 1, null) },
    { name: "Mean latency of detail facts", rate: 450, ours: samples("detail", 61) },
  ])("is missed: $name", ({ name, rate, ours }) => {
    expect(named(resultsOf(rate, ours), name).isMet).toBe(false)
  })

  test("all are met by a poller that alerts everything after seven seconds", () => {
    const settled = samples("settled", null)
    const all = [...samples("list", 7), ...samples("detail", 7), ...samples("later", 7), ...settled]
    const volumes = [5, 20, 60, 450].map((rate) => volumeOf(rate, [runAt(rate, all)]))
    expect(latencyResults(volumes).filter(({ isMet }) => !isMet)).toEqual([])
    expect(latencyResults(volumes)[0]?.values).toHaveProperty(POLLERS[0] ?? "")
  })
})

describe("an overload", () => {
  const resultsOf = (...runs: Partial<OverloadResult>[]) =>
    overloadResults(
      runs.map((overload, seed) => ({
        run: { kind: "overload", rate: 600, seed, hours: 12 },
        problems: [],
        overload: { details: 100, youngDetails: 95, neverExamined: 5, unexamined: 5, ...overload },
      })),
    ).map(({ isMet }) => isMet)

  test("is borne if young calls get 95 of 100 details, and each call that gets none is counted", () => {
    expect(resultsOf({})).toEqual([true, true])
    expect(resultsOf({}, { youngDetails: 94 })).toEqual([false, true])
    expect(resultsOf({ unexamined: 9 }, { unexamined: 4 })).toEqual([true, false])
  })
})

describe("an outage", () => {
  const resultOf = (outage: OutageResult) => {
    const run = { kind: "outage", rate: 200, seed: 1, hours: 72 } as const
    return outageResults([{ run, problems: [], outage }])[0]
  }
  const quick = { calls: 14_401, scanRequests: 159, listRequests: 250, minutes: 60 }

  test("is caught up with by a tenth more requests than the calls fill pages", () => {
    expect(resultOf(quick)).toMatchObject({ isMet: true, ratio: 159 / 145 })
    expect(resultOf({ ...quick, scanRequests: 160 })).toMatchObject({ isMet: false })
    expect(resultOf({ ...quick, minutes: Number.NaN })).toMatchObject({ isMet: false })
  })
})
