/**
 * Every alarm whole: what it watches, when it rings, what it makes of silence, whom it tells. A mistake in any of these is an alarm that never
 * rings, which nobody notices.
 */
import { describe, expect, test } from "vitest"
import { type AlarmName, alarmsFor } from "../../stacks/alarm.ts"
import { PRODUCTION, physicalName, resource, resourcesOf, synthesize, type Synthesis } from "./synthesis.ts"

const [production, rare] = await Promise.all([
  synthesize(PRODUCTION),
  synthesize({ stage: "rare", environment: { POLL_INTERVAL_SECONDS: "600" } }),
])

const alarmsOf = (synthesis: Synthesis) => resourcesOf(synthesis, "aws:cloudwatch/metricAlarm:MetricAlarm")

const AT_LEAST = "GreaterThanOrEqualToThreshold"
const BELOW = "LessThanThreshold"
const poller = { FunctionName: physicalName(production, "PollerFunction") }
const api = { FunctionName: physicalName(production, "ApiFunction") }
const lostRun = { QueueName: physicalName(production, "LostRunQueue") }
const turn = { source: "poller" }
const own = "earshot/production"

/** Namespace, metric, dimensions; statistic, comparison, threshold; period, how many of how many; what silence is. */
type Row = [string, string, object | undefined, string, string, number, number, number, number, string]

const WHOLE: Record<AlarmName, Row> = {
  PollerSilent: ["AWS/Lambda", "Invocations", poller, "Sum", BELOW, 1, 60, 5, 5, "breaching"],
  CoverageLag: [own, "lagSeconds", turn, "Minimum", AT_LEAST, 180, 60, 5, 5, "breaching"],
  PollerFailing: ["AWS/Lambda", "Errors", poller, "Sum", AT_LEAST, 1, 60, 5, 10, "notBreaching"],
  PollerSlow: ["AWS/Lambda", "Duration", poller, "Maximum", AT_LEAST, 50_000, 60, 3, 15, "notBreaching"],
  PollerThrottled: ["AWS/Lambda", "Throttles", poller, "Sum", AT_LEAST, 1, 60, 3, 5, "notBreaching"],
  RunsLost: [
    "AWS/SQS",
    "ApproximateNumberOfMessagesVisible",
    lostRun,
    "Maximum",
    AT_LEAST,
    10,
    300,
    1,
    1,
    "notBreaching",
  ],
  AlertsUndelivered: [own, "AlertsUndelivered", undefined, "Sum", AT_LEAST, 1, 300, 1, 12, "notBreaching"],
  ChannelRefusing: [own, "refusing", turn, "Maximum", AT_LEAST, 1, 300, 2, 6, "notBreaching"],
  DeliveryLate: [own, "undeliveredSeconds", turn, "Maximum", AT_LEAST, 600, 60, 1, 20, "notBreaching"],
  DetailsStarved: [own, "waiting", turn, "Maximum", AT_LEAST, 1, 300, 3, 3, "notBreaching"],
  CallsUnexamined: [own, "unexamined", turn, "Sum", AT_LEAST, 1, 3600, 2, 3, "notBreaching"],
  StoredUnreadable: [own, "StoredUnreadable", undefined, "Sum", AT_LEAST, 1, 300, 1, 12, "notBreaching"],
  ApiFailing: [own, "ApiFailures", undefined, "Sum", AT_LEAST, 3, 900, 1, 1, "notBreaching"],
  ApiCrashing: ["AWS/Lambda", "Errors", api, "Sum", AT_LEAST, 3, 900, 1, 1, "notBreaching"],
}

test("there are these alarms and no other", () => {
  expect(new Set(alarmsOf(production).map(({ name }) => name))).toEqual(new Set(Object.keys(WHOLE)))
})

test.each(Object.entries(WHOLE))("%s, whole", (name, row) => {
  const [namespace, metricName, dimensions, statistic, comparisonOperator, threshold, ...rest] = row
  const [period, datapointsToAlarm, evaluationPeriods, treatMissingData] = rest
  const operations = expect.stringMatching(new RegExp(`:${physicalName(production, "OperationsTopic")}$`))
  expect(resource(production, name).inputs).toEqual({
    name: `earshot-production-${name}`,
    alarmDescription: expect.stringMatching(/^[A-Z].{30,300}[.?]$/),
    namespace,
    metricName,
    ...(dimensions && { dimensions }),
    statistic,
    comparisonOperator,
    threshold,
    period,
    datapointsToAlarm,
    evaluationPeriods,
    treatMissingData,
    actionsEnabled: true,
    alarmActions: [operations],
    okActions: [operations],
  })
})

test("what is counted in a log is counted in the right one, by events that it has", () => {
  const filters = resourcesOf(production, "aws:cloudwatch/logMetricFilter:LogMetricFilter")
  const counted = (log: string, metric: string, pattern: string) => ({
    logGroupName: physicalName(production, log),
    pattern,
    metricTransformation: { name: metric, namespace: own, value: "1" },
  })
  const unreadable = '?"rule.unreadable" ?"channel.unreadable" ?"record.unreadable" ?"watch.rebuilt"'
  const expected = [
    counted("PollerLog", "AlertsUndelivered", '?"delivery.dead" ?"channel.untold"'),
    counted("PollerLog", "StoredUnreadable", unreadable),
    counted("ApiLog", "ApiFailures", '?"api.failed"'),
  ]
  expect(filters).toHaveLength(expected.length)
  expect(filters.map(({ inputs }) => inputs)).toEqual(expect.arrayContaining(expected))
})

test("the metrics of the log are of the stage that the alarms watch", () => {
  expect(resource(production, "PollerFunction").inputs.environment?.variables).toMatchObject({
    METRIC_NAMESPACE: own,
  })
})

describe("windows follow how often polls come:", () => {
  test("with one every ten minutes, the alarms wait for polls and not for minutes", () => {
    const inputs = (name: AlarmName) => resource(rare, name).inputs
    expect(inputs("PollerFailing")).toMatchObject({ period: 660, datapointsToAlarm: 2, evaluationPeriods: 4 })
    expect(inputs("PollerSlow")).toMatchObject({ period: 660, datapointsToAlarm: 2, evaluationPeriods: 10 })
    expect(inputs("CoverageLag")).toMatchObject({ period: 60, threshold: 1800 })
    expect(inputs("DeliveryLate")).toMatchObject({ period: 60, threshold: 1200 })
    // It is started every minute all the same.
    expect(inputs("PollerSilent")).toEqual({
      ...resource(production, "PollerSilent").inputs,
      name: "earshot-rare-PollerSilent",
      dimensions: { FunctionName: physicalName(rare, "PollerFunction") },
      alarmActions: [expect.any(String)],
      okActions: [expect.any(String)],
    })
  })

  test.each([0, 19, 20, 59, 60, 61, 120, 121, 190, 300, 600, 1800, 3600])(
    "with one every %i s, polls that all fail ring, and so does each alarm that needs polls",
    (seconds) => {
      for (const [name, alarm] of Object.entries(alarmsFor(seconds * 1000))) {
        // CloudWatch takes periods of whole minutes, and looks back a day, or a week by the hour.
        expect(alarm.periodSeconds % 60, name).toBe(0)
        const windowMax = alarm.periodSeconds >= 3600 ? 7 * 86_400 : 86_400
        expect(alarm.periodSeconds * alarm.of, name).toBeLessThanOrEqual(windowMax)
        expect(alarm.bad, name).toBeLessThanOrEqual(alarm.of)
      }
      const { PollerFailing, CoverageLag, RunsLost } = alarmsFor(seconds * 1000)
      // So many polls, each some seconds late, fall into the window in as many data points.
      const points = new Set<number>()
      const windowSeconds = PollerFailing.periodSeconds * PollerFailing.of
      for (let at = 0; at < windowSeconds; at += Math.max(1, seconds + 2))
        points.add(Math.floor(at / PollerFailing.periodSeconds))
      expect(points.size).toBeGreaterThanOrEqual(PollerFailing.bad)
      // A single poll that is made good by the next rings nothing.
      expect(PollerFailing.bad).toBeGreaterThan(1)
      expect(CoverageLag.threshold).toBeGreaterThanOrEqual(3 * seconds)
      expect(RunsLost.threshold).toBe(PollerFailing.of)
    },
  )
})

test("the dashboard shows coverage, latency, budgets and deliveries, and only of metrics that there are", () => {
  const body = JSON.parse(String(resource(production, "Dashboard").inputs["dashboardBody"]))
  const texts = body.widgets.map((widget: object) => JSON.stringify(widget))
  for (const word of ["lagSeconds", "latencySeconds", "listUsed", "detailUsed", "delivered", "pending"])
    expect(texts.filter((text: string) => text.includes(word)).length, word).toBeGreaterThan(0)
  const [alarms] = body.widgets
  expect(alarms.properties.alarms).toHaveLength(Object.keys(WHOLE).length)
  expect(alarms.properties.alarms).toContain(
    "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:earshot-production-CoverageLag",
  )
  const metrics = body.widgets.flatMap((widget: { properties: { metrics?: unknown[][] } }) =>
    (widget.properties.metrics ?? []).map((metric) => metric.slice(0, 4)),
  )
  for (const [namespace, metric, dimension, value] of metrics) {
    expect([own, "AWS/Lambda"], String(metric)).toContain(namespace)
    if (namespace === own) expect([dimension, value]).toEqual(["source", "poller"])
    else expect([poller.FunctionName, api.FunctionName]).toContain(value)
  }
  for (const text of texts.filter((one: string) => one.includes('"log"')))
    expect(text).toContain(`SOURCE '${physicalName(production, "PollerLog")}'`)
  // An account has three for nothing.
  expect(resourcesOf(rare, "aws:cloudwatch/dashboard:Dashboard")).toEqual([])
})
