/** The targets of the benchmarks on simulated calls, and whether their runs met them. Pure. */
import { BASELINES } from "./baseline.ts"
import { type FactKind, PROMISED, type Sample, type Summary, boundOf, summarizeSamples } from "./latency.ts"
import type { BenchResult, Volume } from "./result.ts"
import { OURS, type RunResult } from "./run.ts"

/** More calls an hour than details; and three days without triggers. */
export const OVERLOAD = { rate: 600, hours: 12 }

export const OUTAGE = { rate: 200, hours: 72 }

export const POLLERS = [OURS, ...BASELINES.map(({ name }) => name)]

export function volumeOf(rate: number, made: readonly RunResult[]): Volume {
  const mine = made.filter(({ run }) => run.kind === "latency" && run.rate === rate)
  const samples = Object.fromEntries(
    POLLERS.map((poller) => [poller, mine.flatMap(({ latency }) => latency?.samples[poller] ?? [])]),
  )
  const openMs = mine.reduce((sum, { latency }) => sum + (latency?.openMs ?? 0), 0) / mine.length
  const hours = mine.reduce((sum, { run }) => sum + run.hours, 0)
  return { rate, hours, samples, bound: boundOf(rate, openMs) }
}

export function ofKind(samples: readonly Sample[] = [], kinds: readonly FactKind[]): Sample[] {
  return samples.filter(({ kind }) => kinds.includes(kind))
}

/** How soon people know, and how much of it all. */
export function latencyResults(volumes: readonly Volume[]): BenchResult[] {
  const at = (rate: number) => volumes.find((volume) => volume.rate === rate)
  const each = (samples: (poller: string) => readonly Sample[], value: (summary: Summary) => number) =>
    Object.fromEntries(POLLERS.map((poller) => [poller, value(summarizeSamples(samples(poller)))]))
  const of = (rate: number, kind: FactKind) => (poller: string) => ofKind(at(rate)?.samples[poller], [kind])
  const all = (kinds: readonly FactKind[]) => (poller: string) =>
    volumes.flatMap(({ samples }) => ofKind(samples[poller], kinds))

  const in450 = (poller: string) => ofKind(at(450)?.samples[poller], ["detail", "transfer"])

  const compare = (
    name: string,
    unit: string,
    values: Record<string, number>,
    { target, isMet }: { target: string; isMet: (ours: number) => boolean },
  ): BenchResult => {
    const { [OURS]: ours = Number.NaN, cron = Number.NaN } = values
    return { name, unit, values, ratio: ours / cron, target, isMet: isMet(ours) }
  }
  const atMost = (max: number, unit: string) => ({
    target: `at most ${max} ${unit}`,
    isMet: (ours: number) => ours <= max,
  })
  const whole = { target: "1, none missed", isMet: (ours: number) => ours === 1 }
  const mean = (rate: number, max: number) => {
    const values = {
      ...each(of(rate, "list"), (summary) => summary.mean),
      "the bound": at(rate)?.bound ?? Number.NaN,
      "the bound without details": 9,
    }
    return compare(`Mean latency of list facts, ${rate} calls an hour`, "s", values, atMost(max, "s"))
  }
  const p99 = each(of(60, "list"), (summary) => summary.p99)
  const recall = each(all(PROMISED), (summary) => summary.recall)
  const recallSoon = each(all(["list", "detail", "transfer"]), (summary) => summary.recall)
  const missed = each(in450, ({ matching, alerted }) => matching - alerted)
  const meanDetail = each(of(450, "detail"), (summary) => summary.mean)
  return [
    mean(60, 10.5),
    mean(20, 8.5),
    mean(5, 7.5),
    compare("p99 latency of list facts, 60 calls an hour", "s", p99, atMost(28, "s")),
    compare("Recall, all volumes, all facts", "of 1", recall, whole),
    compare("Recall, all volumes, facts within 30 minutes of the call's end", "of 1", recallSoon, whole),
    compare("Detail facts missed, 450 calls an hour", "calls", missed, atMost(0, "calls")),
    compare(
      "Mean latency of detail facts that come with the analysis, 450 calls an hour",
      "s",
      meanDetail,
      atMost(60, "s"),
    ),
  ]
}

/** With more calls than details: whether the details go to calls that can still be saved. */
export function overloadResults(made: readonly RunResult[]): BenchResult[] {
  const runs = made.flatMap(({ overload }) => overload ?? [])
  const sum = (key: keyof (typeof runs)[number]) => runs.reduce((total, run) => total + run[key], 0)
  const young = sum("youngDetails")
  const details = sum("details")
  return [
    {
      name: `Details spent on calls that ended less than 10 minutes ago, ${OVERLOAD.rate} calls an hour`,
      values: { "on young calls": young, "all details": details },
      unit: "details",
      ratio: young / details,
      target: "at least 0.95",
      isMet: young / details >= 0.95,
    },
    {
      name: `Calls that were never examined, ${OVERLOAD.rate} calls an hour`,
      values: { "as the vendor knows": sum("neverExamined"), "as Earshot says": sum("unexamined") },
      unit: "calls",
      ratio: sum("neverExamined") / sum("unexamined"),
      target: "each is counted",
      isMet: runs.every(({ neverExamined, unexamined }) => neverExamined <= unexamined),
    },
  ]
}

/** How many requests it takes to catch up. */
export function outageResults(made: readonly RunResult[]): BenchResult[] {
  const runs = made.flatMap(({ outage }) => outage ?? [])
  const mean = (value: (run: (typeof runs)[number]) => number) =>
    runs.reduce((total, run) => total + value(run), 0) / runs.length
  const least = mean(({ calls }) => Math.ceil(calls / 100))
  const scans = mean(({ scanRequests }) => scanRequests)
  const minutes = mean((run) => run.minutes)
  return [
    {
      name: `List requests that catch up after ${OUTAGE.hours} h without triggers, ${OUTAGE.rate} calls an hour`,
      values: {
        "pages of the scan": scans,
        "calls, by the hundred": least,
        "with those that read what is new meanwhile": mean(({ listRequests }) => listRequests),
        "minutes that it takes": minutes,
      },
      unit: "",
      ratio: scans / least,
      target: "at most 1.1",
      isMet: scans / least <= 1.1 && !Number.isNaN(minutes),
    },
  ]
}
