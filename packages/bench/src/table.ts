/** The results of the benchmarks as text: a table for each kind of fact, then each target. Pure. */
import { FACT_KINDS, type FactKind, type Summary } from "./latency.ts"
import type { LatencyBench, BenchResult } from "./result.ts"

const KINDS: Record<FactKind, string> = {
  list: "Facts in the list: a flag, a low score",
  detail: "Facts in the detail that come with the vendor's analysis: an angry caller",
  transfer: "Facts in the detail from the call's end on: a transfer",
  later: "Facts in the list later than 30 minutes after the call's end, such as a person's flag",
  settled:
    "Facts in the detail later than 30 minutes after the call's end: the rules have settled, no alert is promised",
}

const SHARE_DIGITS = 3

const MEASURES: readonly (readonly [keyof Summary, string, number])[] = [
  ["recall", "Share of the matching calls whose alert arrived in Slack", SHARE_DIGITS],
  ["mean", "Mean seconds from when the vendor shows the fact to Slack", 1],
  ["p99", "p99 of them", 1],
]

const OWN: readonly (readonly [keyof Summary, number])[] = [
  ["matching", 0],
  ["alerted", 0],
  ["mean", 1],
  ["p50", 1],
  ["p99", 1],
  ["max", 0],
]

/** A table of pollers by volume for each kind of fact and measure, and one with all measures of the first poller. */
export function latencyTables({ summaries, volumes }: Pick<LatencyBench, "summaries" | "volumes">): string {
  const pollers = [...new Set(summaries.map(({ poller }) => poller))]
  const [ours = ""] = pollers
  const kinds = FACT_KINDS.filter((kind) =>
    summaries.some((entry) => entry.kind === kind && entry.summary.matching > 0),
  )
  const parts = kinds.flatMap((kind) => {
    const summaryOf = (rate: number, poller: string) =>
      summaries.find((entry) => entry.kind === kind && entry.rate === rate && entry.poller === poller)
        ?.summary
    const tables = MEASURES.map(([measure, name, digits]) => {
      const hasBound = measure === "mean" && kind === "list"
      const rows = volumes.map(({ rate, bound }) => [
        String(rate),
        ...pollers.map((poller) => number(summaryOf(rate, poller)?.[measure], digits)),
        ...(hasBound ? [number(bound, digits)] : []),
      ])
      const head = ["calls/h", ...pollers, ...(hasBound ? ["bound"] : [])]
      return `  ${name}\n${table([head, ...rows])}`
    })
    const own = volumes.map(({ rate }) => [
      String(rate),
      ...OWN.map(([measure, digits]) => number(summaryOf(rate, ours)?.[measure], digits)),
    ])
    const head = ["calls/h", ...OWN.map(([measure]) => measure)]
    return [KINDS[kind], ...tables, `  ${ours} alone\n${table([head, ...own])}`, ""]
  })
  return parts.join("\n")
}

export function resultText({ name, values, unit, ratio, target, isMet }: BenchResult): string {
  const lines = Object.entries(values).map(([what, value]) => {
    const digits =
      unit === "of 1" ? SHARE_DIGITS : unit === "s" || (value < 10 && !Number.isInteger(value)) ? 1 : 0
    return `  ${what.padEnd(52)} ${number(value, digits).padStart(7)} ${unit}`.trimEnd()
  })
  return [
    name,
    ...lines,
    `  ratio ${number(ratio, SHARE_DIGITS)}, ${target === null ? "no target" : `target ${target}: ${isMet ? "met" : "MISSED"}`}`,
  ].join("\n")
}

/** Right-aligned columns, as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  )
  return rows
    .map((row) => `    ${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")}`)
    .join("\n")
}

/** Shares and ratios are rounded down: what is nearly whole is not whole. */
function number(value: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) return "–"
  return digits === SHARE_DIGITS ? (Math.floor(value * 1000) / 1000).toFixed(digits) : value.toFixed(digits)
}
