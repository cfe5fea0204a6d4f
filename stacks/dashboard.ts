/**
 * The dashboard: whether calls are checked, how soon people hear, what is left of the budgets, what became of deliveries. What is a metric
 * anyhow is drawn from it; the rest is asked of the log, which costs only when somebody looks.
 */
import { METRIC_DIMENSIONS, type MetricName } from "../packages/functions/src/metric.ts"

type Shown = {
  pollerName: string
  apiName: string
  logGroup: string
  region: string
  namespace: string
  alarmArns: readonly string[]
}

/** The grid is 24 wide. */
const WIDTH = 12
const HEIGHT = 6

/** What CloudWatch draws, as JSON. */
export function dashboardBody(shown: Shown): string {
  const own = (metric: MetricName, stat: string, label: string) => [
    shown.namespace,
    metric,
    ...Object.entries(METRIC_DIMENSIONS).flat(),
    { stat, label },
  ]
  const lambda = (name: string, metric: string, stat: string, label: string) => [
    "AWS/Lambda",
    metric,
    "FunctionName",
    name,
    { stat, label },
  ]
  const drawn = (title: string, metrics: readonly unknown[]) => ({
    type: "metric",
    properties: { title, region: shown.region, view: "timeSeries", period: 300, metrics },
  })
  const asked = (title: string, stats: string) => ({
    type: "log",
    properties: {
      title,
      region: shown.region,
      view: "timeSeries",
      query: `SOURCE '${shown.logGroup}' | filter event = "poll" | stats ${stats} by bin(5m)`,
    },
  })
  const widgets = [
    { type: "alarm", properties: { title: "Alarms", alarms: shown.alarmArns } },
    drawn("Coverage: seconds since the last complete poll", [
      own("lagSeconds", "Minimum", "at best"),
      own("lagSeconds", "Maximum", "at worst"),
    ]),
    drawn("Latency: seconds from owed to sent", [
      own("latencySeconds", "Average", "on average"),
      own("latencySeconds", "Maximum", "at worst"),
      own("undeliveredSeconds", "Maximum", "oldest that waits"),
    ]),
    asked("Budgets: requests of the last hour", "max(listUsed) as lists, max(detailUsed) as details"),
    asked("Deliveries", "sum(delivered) as sent, sum(failed) as failing, max(pending) as owed"),
    asked("Calls", "sum(new) as seen, sum(alerts) as alerted, sum(unexamined) as unseen"),
    drawn("Poller", [
      lambda(shown.pollerName, "Duration", "Maximum", "longest run, ms"),
      lambda(shown.pollerName, "Errors", "Sum", "failed runs"),
      lambda(shown.pollerName, "Throttles", "Sum", "refused starts"),
    ]),
    drawn("HTTP API", [
      lambda(shown.apiName, "Invocations", "Sum", "requests"),
      lambda(shown.apiName, "Errors", "Sum", "crashes"),
      lambda(shown.apiName, "Duration", "p95", "95% within, ms"),
    ]),
  ]
  const placed = widgets.map((widget, index) => ({
    ...widget,
    x: (index % 2) * WIDTH,
    y: Math.floor(index / 2) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
  }))
  return JSON.stringify({ widgets: placed })
}
