/**
 * CloudWatch's arithmetic, as far as the alarms use it: takes metrics out of lines of a log, by the embedded format or by a filter, and tells
 * when an alarm with these settings rings.
 */
import * as z from "zod"

/** A value of a metric. `dimensions`: none if it has none. */
export type Datum = {
  namespace: string
  metric: string
  dimensions: Record<string, string>
  at: number
  value: number
}

/** What a function wrote into the group of this name. */
export type LogLine = { group: string; at: number; text: string }

export const MetricFilter = z.object({
  logGroupName: z.string(),
  pattern: z.string(),
  metricTransformation: z.object({ name: z.string(), namespace: z.string(), value: z.literal("1") }),
})

const Document = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string()).min(1)).min(1),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.enum(["Seconds", "Count"]) })),
      }),
    ),
  }),
})

/** What is counted in these lines: each that a filter of its group takes, and each number that says it is a metric. */
export function metricsIn(
  lines: readonly LogLine[],
  filters: readonly z.infer<typeof MetricFilter>[],
): Datum[] {
  return lines.flatMap((line) => [...filtered(line, filters), ...embedded(line)])
}

function filtered({ group, at, text }: LogLine, filters: readonly z.infer<typeof MetricFilter>[]): Datum[] {
  return filters.flatMap(({ logGroupName, pattern, metricTransformation: { name, namespace } }) => {
    // A pattern of words, of which any will do.
    const words = [...pattern.matchAll(/\?"([^"]+)"/g)].map(([, word = ""]) => word)
    const isTaken = group === logGroupName && words.some((word) => text.includes(word))
    return isTaken ? [{ namespace, metric: name, dimensions: {}, at, value: 1 }] : []
  })
}

function embedded({ text }: LogLine): Datum[] {
  const document = Document.safeParse(JSON.parse(text)).data
  if (!document) return []
  const { _aws: head } = document
  const { Timestamp: at, CloudWatchMetrics } = head
  return CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) => ({
        namespace: Namespace,
        metric: Name,
        dimensions: Object.fromEntries(names.map((name) => [name, z.string().parse(document[name])])),
        at,
        value: z.number().parse(document[Name]),
      })),
    ),
  )
}

export const MetricAlarm = z.object({
  namespace: z.string(),
  metricName: z.string(),
  dimensions: z.record(z.string(), z.string()).default({}),
  statistic: z.enum(["Sum", "Maximum", "Minimum"]),
  comparisonOperator: z.enum(["LessThanThreshold", "GreaterThanOrEqualToThreshold"]),
  threshold: z.number(),
  period: z.number(),
  datapointsToAlarm: z.number(),
  evaluationPeriods: z.number(),
  treatMissingData: z.enum(["breaching", "notBreaching"]),
})

export type MetricAlarm = z.infer<typeof MetricAlarm>

/** When the alarm rang, in minutes since `from`; it is looked at once a minute, as soon as there are enough data points since then. */
export function ringingMinutes(
  alarm: MetricAlarm,
  data: readonly Datum[],
  { from, until }: { from: number; until: number },
): number[] {
  const own = data.filter((datum) => isOf(alarm, datum))
  const periodMs = alarm.period * 1000
  const ringing: number[] = []
  for (let now = from + periodMs * alarm.evaluationPeriods; now <= until; now += 60_000) {
    const end = Math.floor(now / periodMs) * periodMs
    const points = Array.from({ length: alarm.evaluationPeriods }, (_, age) => end - (age + 1) * periodMs)
    const bad = points.filter((start) => {
      const values = own.filter(({ at }) => at >= start && at < start + periodMs).map(({ value }) => value)
      return values.length === 0 ? alarm.treatMissingData === "breaching" : isBad(alarm, values)
    })
    if (bad.length >= alarm.datapointsToAlarm) ringing.push((now - from) / 60_000)
  }
  return ringing
}

function isOf({ namespace, metricName, dimensions }: MetricAlarm, datum: Datum): boolean {
  const written = (one: Record<string, string>) =>
    JSON.stringify(Object.entries(one).sort(([a], [b]) => a.localeCompare(b)))
  return (
    datum.namespace === namespace &&
    datum.metric === metricName &&
    written(datum.dimensions) === written(dimensions)
  )
}

function isBad(
  { statistic, comparisonOperator, threshold }: MetricAlarm,
  values: readonly number[],
): boolean {
  const value = {
    Sum: values.reduce((sum, one) => sum + one, 0),
    Maximum: Math.max(...values),
    Minimum: Math.min(...values),
  }[statistic]
  return comparisonOperator === "LessThanThreshold" ? value < threshold : value >= threshold
}
