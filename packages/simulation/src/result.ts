/** The results of many seeds as one: for people, and as the last line of the command. */
import type { SeedRun } from "./run.ts"
import type { Outcome } from "./simulation.ts"

/** From when a fact was shown until its alert arrived, in seconds. */
export type Latency = { mean: number; p99: number; max: number }

export type Total = ReturnType<typeof mergeRuns>

/** The runs in any order; there is at least one. */
export function mergeRuns(runs: readonly SeedRun[]) {
  const outcomes = [...runs].sort((a, b) => a.seed - b.seed).map((run) => run.outcome)
  const sum = (of: (outcome: Outcome) => number) =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0)
  const days = sum((outcome) => outcome.days)
  const cpuSeconds = runs.reduce((total, run) => total + run.cpuSeconds, 0)
  return {
    days: round(days),
    alerts: sum((outcome) => outcome.alerts),
    missed: sum((outcome) => outcome.missed),
    falseAlerts: sum((outcome) => outcome.falseAlerts),
    violations: sum((outcome) => outcome.violations),
    duplicates: sum((outcome) => outcome.duplicates),
    withdrawn: sum((outcome) => outcome.withdrawn),
    unknownOutcomes: sum((outcome) => outcome.unknownOutcomes),
    crashes: sum((outcome) => outcome.crashes),
    latency: summarizeLatencies(outcomes.flatMap((outcome) => outcome.latencies.live)),
    hoursPerCpuSecond: round((days * 24) / cpuSeconds),
    latencyOld: summarizeLatencies(outcomes.flatMap((outcome) => outcome.latencies.old)),
    unpromised: sum((outcome) => outcome.unpromised),
    unexamined: sum((outcome) => outcome.unexamined),
    polls: sum((outcome) => outcome.polls),
    watchBytesMax: Math.max(...outcomes.map((outcome) => outcome.watchBytesMax)),
    trace: outcomes.map((outcome) => outcome.trace).join(" "),
  }
}

/** Whether anything happened that must not. A repeat is no fault if nobody could know that the first had arrived. */
export function isWrong(
  result: Pick<Total, "missed" | "falseAlerts" | "violations" | "duplicates" | "unknownOutcomes">,
): boolean {
  const { missed, falseAlerts, violations, duplicates, unknownOutcomes } = result
  return missed + falseAlerts + violations > 0 || duplicates > unknownOutcomes
}

/** `latencies` in milliseconds. */
export function summarizeLatencies(latencies: readonly number[]): Latency {
  const sorted = [...latencies].sort((a, b) => a - b)
  const total = sorted.reduce((sum, latency) => sum + latency, 0)
  const seconds = (milliseconds = 0) => round(milliseconds / 1000)
  return {
    mean: seconds(total / Math.max(1, sorted.length)),
    p99: seconds(sorted[Math.floor(sorted.length * 0.99)]),
    max: seconds(sorted.at(-1)),
  }
}

function round(number: number): number {
  return Math.round(number * 10) / 10
}

/** The result as people read it. */
export function resultLines(result: Total): string[] {
  const { latency, latencyOld } = result
  const line = (what: string, ...values: (string | number)[]) => `  ${what.padEnd(34)}${values.join("   ")}`
  const delay = (of: Latency) => `mean ${of.mean} s   99% ${of.p99} s   longest ${of.max} s`
  return [
    line("days simulated", result.days, `(${result.hoursPerCpuSecond} hours per CPU second)`),
    line("alerts", result.alerts),
    line("missed", result.missed),
    line("false alerts", result.falseAlerts),
    line("promises broken", result.violations),
    line("repeats", result.duplicates, `(${result.unknownOutcomes} sends with an unknown outcome)`),
    line("crashes survived", result.crashes),
    line("alerts arrived after", delay(latency)),
    line("of calls long over, after", delay(latencyOld)),
    line("not examined, and counted as such", result.unexamined),
    line("matched too late for a promise", result.unpromised),
    line("largest watch", `${result.watchBytesMax} bytes`),
  ]
}
