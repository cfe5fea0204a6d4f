/**
 * The metrics that alarms watch, in the poller's own log: the line of a turn says in CloudWatch's embedded metric format which of its
 * numbers are metrics. So a metric costs no request, no right and no second source of truth. Only a deployment names a
 * namespace; everywhere else the line is as it always was.
 */
import type { PollReport } from "@earshot/poller/report"
import type { LogEntry } from "@earshot/io/world"

/** The one dimension and its value: the format wants one, and a stage has a namespace of its own. */
export const METRIC_DIMENSIONS = { source: "poller" } as const

/**
 * Numbers of the line that are metrics. A metric is paid for by the hour in which it is published: but for the lag, whose absence is an
 * alarm, a number is one only while it says something.
 */
const METRICS = {
  lagSeconds: { unit: "Seconds", isAlways: true },
  undeliveredSeconds: { unit: "Seconds", isAlways: false },
  refusing: { unit: "Count", isAlways: false },
  waiting: { unit: "Count", isAlways: false },
  unexamined: { unit: "Count", isAlways: false },
  latencySeconds: { unit: "Seconds", isAlways: false },
} as const satisfies Partial<Record<string, { unit: string; isAlways: boolean }>>

export type MetricName = keyof typeof METRICS

/** The line of the log that tells what a turn did. */
export function turnEntry(report: PollReport): LogEntry {
  const { budget, error = null, vitals, nudge, putBack, ...counts } = report
  const used = { listUsed: budget.list.used, detailUsed: budget.detail.used }
  // Only how many: what they name is not for a log.
  const nudged = { ...(nudge && { nudges: nudge.asked, sooner: nudge.sooner }) }
  const again = { ...(putBack && { putBack: putBack.nudges.length }) }
  const level = report.ok ? "info" : "error"
  return { level, event: "poll", ...counts, error, ...used, ...nudged, ...again, ...vitals }
}

/** A line of the log as CloudWatch takes metrics out of it. Any other than that of a turn is left as it is. */
export function withMetrics(namespace: string, now: () => number): (entry: LogEntry) => object {
  return (entry) => {
    if (entry.event !== "poll") return entry
    const metrics = Object.entries(METRICS).flatMap(([name, { unit, isAlways }]) => {
      const value = entry[name]
      const isTold = typeof value === "number" && (isAlways || value > 0)
      return isTold ? [{ Name: name, Unit: unit }] : []
    })
    if (metrics.length === 0) return entry
    const directive = {
      Namespace: namespace,
      Dimensions: [Object.keys(METRIC_DIMENSIONS)],
      Metrics: metrics,
    }
    const head = { Timestamp: now(), CloudWatchMetrics: [directive] }
    return { ...entry, ...METRIC_DIMENSIONS, _aws: head }
  }
}
