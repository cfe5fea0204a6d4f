/**
 * Watches the watcher: alarms about the poller, told to a topic of their own.
 *
 * The topic is apart from the alerts', because those who mend Earshot are not those who call customers back.
 * Each alarm waits until a fault lasts, since a single failed poll is made good by the next, and each says when
 * it is over. A stage under `sst dev` has no schedule, so its alarms are silent.
 */
import type { Poller } from "./poller.ts"
import { chosenEmails } from "./setting.ts"
import { subscribeEmails } from "./subscription.ts"

/** The function is stopped at 60 s; a poll that comes this near it is about to be. */
const SLOW_POLL_MS = 50_000

type Alarm = {
  metric: "Invocations" | "Errors" | "Throttles" | "Duration" | "NumberOfMessagesSent" | "AlertsUndelivered"
  statistic: "Sum" | "Maximum"
  when: "LessThanThreshold" | "GreaterThanOrEqualToThreshold"
  threshold: number
  /** One data point is one minute. The alarm rings when so many of the last so many are bad. */
  minutes: { bad: number; of: number }
  /** What it means that there is no data: without polls there is none. */
  missing: "breaching" | "notBreaching"
  meaning: string
}

const POLLER_ALARMS: Record<string, Alarm> = {
  PollerSilent: {
    metric: "Invocations",
    statistic: "Sum",
    when: "LessThanThreshold",
    threshold: 1,
    minutes: { bad: 5, of: 5 },
    missing: "breaching",
    meaning: "The poller has not run for five minutes: calls are not checked. Is the schedule enabled?",
  },
  PollerFailing: {
    metric: "Errors",
    statistic: "Sum",
    when: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    minutes: { bad: 5, of: 10 },
    missing: "notBreaching",
    meaning: "Polls fail again and again: calls may not be checked. The poller's log says why.",
  },
  PollerSlow: {
    metric: "Duration",
    statistic: "Maximum",
    when: "GreaterThanOrEqualToThreshold",
    threshold: SLOW_POLL_MS,
    minutes: { bad: 3, of: 15 },
    missing: "notBreaching",
    meaning: "Polls take nearly the whole minute that they are given. Is echowin or a channel slow?",
  },
  PollerThrottled: {
    metric: "Throttles",
    statistic: "Sum",
    when: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    minutes: { bad: 3, of: 5 },
    missing: "notBreaching",
    meaning: "Lambda refuses to start the poller. Is the account's concurrency used up by something else?",
  },
}

const LOST_RUN_ALARM: Alarm = {
  metric: "NumberOfMessagesSent",
  statistic: "Sum",
  when: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  minutes: { bad: 5, of: 10 },
  missing: "notBreaching",
  meaning: "Scheduled runs are lost. The messages in the queue LostRun say how.",
}

/** What the poller says in its log when people may not have heard: an alert given up, or trouble that no channel could tell. */
const UNDELIVERED_LINES = '?"delivery.dead" ?"channel.untold"'

const UNDELIVERED_ALARM: Alarm = {
  metric: "AlertsUndelivered",
  statistic: "Sum",
  when: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  minutes: { bad: 1, of: 5 },
  missing: "notBreaching",
  meaning:
    "Alerts could not be sent for a day, or no other channel could be told that one fails. See GET /deliveries?state=dead.",
}

/** Throws if OPS_EMAILS is wrong. Without any address the alarms still show in CloudWatch, but tell nobody. */
export function createMonitoring({ poller, lostRun }: Poller) {
  const operations = new sst.aws.SnsTopic("Operations")
  const emails = chosenEmails(process.env, "OPS_EMAILS")
  subscribeEmails({ topic: operations, emails, prefix: "OperationsEmail" })

  const lambda = { namespace: "AWS/Lambda", dimensions: { FunctionName: poller.name } }
  const queue = { namespace: "AWS/SQS", dimensions: { QueueName: lostRun.nodes.queue.name } }

  return [
    ...Object.entries(POLLER_ALARMS).map(([name, alarm]) => createAlarm(name, alarm, lambda, operations)),
    createAlarm("RunsLost", LOST_RUN_ALARM, queue, operations),
    createAlarm("AlertsUndelivered", UNDELIVERED_ALARM, countLines(poller), operations),
  ]
}

/** A metric of the lines of the poller's log that say so, of a namespace that no other stage counts in. */
function countLines(poller: Poller["poller"]) {
  const namespace = `${$app.name}/${$app.stage}`
  const filter = new aws.cloudwatch.LogMetricFilter("UndeliveredLines", {
    logGroupName: poller.nodes.function.loggingConfig.apply(
      (config) => config?.logGroup ?? `/aws/lambda/${$app.name}-${$app.stage}-Poller`,
    ),
    pattern: UNDELIVERED_LINES,
    metricTransformation: { name: UNDELIVERED_ALARM.metric, namespace, value: "1" },
  })
  return { namespace: filter.metricTransformation.apply((metric) => metric.namespace) }
}

function createAlarm(
  name: string,
  alarm: Alarm,
  source: Pick<aws.cloudwatch.MetricAlarmArgs, "namespace" | "dimensions">,
  operations: sst.aws.SnsTopic,
) {
  return new aws.cloudwatch.MetricAlarm(name, {
    name: `${$app.name}-${$app.stage}-${name}`,
    alarmDescription: alarm.meaning,
    ...source,
    metricName: alarm.metric,
    statistic: alarm.statistic,
    period: 60,
    evaluationPeriods: alarm.minutes.of,
    datapointsToAlarm: alarm.minutes.bad,
    comparisonOperator: alarm.when,
    threshold: alarm.threshold,
    treatMissingData: alarm.missing,
    actionsEnabled: !$dev,
    alarmActions: [operations.arn],
    okActions: [operations.arn],
  })
}
