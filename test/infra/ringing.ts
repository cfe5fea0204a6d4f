/** For tests: the alarms of a deploy to staging, and which of them ring at what its functions log and AWS counts. */
import { withMetrics } from "../../packages/functions/src/metric.ts"
import { type LogEntry, realWorld } from "../../packages/io/src/world.ts"
import { type AlarmName, alarmsFor } from "../../stacks/alarm.ts"
import {
  type Datum,
  type LogLine,
  MetricAlarm,
  MetricFilter,
  metricsIn,
  ringingMinutes,
} from "./cloud-watch.ts"
import { physicalName, resource, resourcesOf, synthesize } from "./synthesis.ts"

const staging = await synthesize({ stage: "staging" })
const filters = resourcesOf(staging, "aws:cloudwatch/logMetricFilter:LogMetricFilter").map(({ inputs }) =>
  MetricFilter.parse(inputs),
)

export const alarms = Object.keys(alarmsFor(19_000)).map((name) => ({
  name,
  alarm: MetricAlarm.parse(resource(staging, name).inputs),
}))

export const namespace = String(
  resource(staging, "PollerFunction").inputs.environment?.variables["METRIC_NAMESPACE"],
)

export const lostRunQueue = physicalName(staging, "LostRunQueue")

/** These are caused under Lambda's runtime client, in `caused-lambda.test.ts`; all others in `caused.test.ts`. */
export const UNDER_LAMBDA: readonly AlarmName[] = ["PollerThrottled", "ApiCrashing"]

/** What was logged and counted while something went on, and from when to when. */
export type Course = { lines: LogLine[]; data: Datum[]; from: number; until: number }

export const lambda = (name: "Poller" | "Api", metric: string, at: number, value: number): Datum => ({
  namespace: "AWS/Lambda",
  metric,
  dimensions: { FunctionName: physicalName(staging, `${name}Function`) },
  at,
  value,
})

/** A line as the deployed function would write it. */
export function written(name: "Poller" | "Api", at: number, entry: LogEntry): LogLine {
  const texts: string[] = []
  realWorld(
    (text) => void texts.push(text),
    withMetrics(namespace, () => at),
  ).log(entry)
  return { group: physicalName(staging, `${name}Log`), at, text: texts[0] ?? "" }
}

/** Every alarm that rang, and the minutes in which it did. */
export function rang({ lines, data, ...span }: Course): Partial<Record<string, number[]>> {
  const all = [...data, ...metricsIn(lines, filters)]
  return Object.fromEntries(
    alarms.flatMap(({ name, alarm }) => {
      const minutes = ringingMinutes(alarm, all, span)
      return minutes.length > 0 ? [[name, minutes]] : []
    }),
  )
}
