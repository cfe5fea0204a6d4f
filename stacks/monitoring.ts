/**
 * Watches the watcher: alarms, told to a topic of their own, and a dashboard.
 *
 * The topic is apart from the alerts', because those who mend Earshot are not those who call customers back.
 * Each alarm says when it is over. A stage under `sst dev` has no schedule, so its alarms are silent.
 */
import { METRIC_DIMENSIONS } from "../packages/functions/src/metric.ts"
import { type Alarm, alarmsFor, patternOf } from "./alarm.ts"
import type { Api } from "./api.ts"
import { dashboardBody } from "./dashboard.ts"
import { chosenGateMs } from "./deploy-check.ts"
import { type Poller, metricNamespace } from "./poller.ts"
import { chosenEmails } from "./setting.ts"
import type { Environment } from "./settings-file.ts"
import { subscribeEmails } from "./subscription.ts"

/** Whom and what the alarms are about. */
type Watched = { poller: Poller; api: Api }

/**
 * Throws if OPS_EMAILS is wrong. Without any address the alarms still show in CloudWatch, but tell nobody. An account has three dashboards
 * for nothing, so that only a stage that matters has one.
 */
export function createMonitoring(settings: Environment, watched: Watched, isProtected: boolean) {
  const operations = new sst.aws.SnsTopic("Operations")
  const emails = chosenEmails(settings, "OPS_EMAILS")
  subscribeEmails({ topic: operations, emails, prefix: "OperationsEmail" })

  const alarms = Object.entries<Alarm>(alarmsFor(chosenGateMs(settings))).map(([name, alarm]) =>
    createAlarm(name, alarm, sourceOf(alarm, watched), operations),
  )
  if (isProtected) createDashboard(watched, alarms)
  return alarms
}

type Source = Pick<aws.cloudwatch.MetricAlarmArgs, "namespace" | "dimensions">

function sourceOf(alarm: Alarm, { poller: { poller, lostRun }, api }: Watched): Source {
  switch (alarm.source) {
    case "poller":
      return { namespace: "AWS/Lambda", dimensions: { FunctionName: poller.name } }
    case "api":
      return { namespace: "AWS/Lambda", dimensions: { FunctionName: api.name } }
    case "lost-run":
      return { namespace: "AWS/SQS", dimensions: { QueueName: lostRun.nodes.queue.name } }
    case "turn":
      return { namespace: metricNamespace(), dimensions: { ...METRIC_DIMENSIONS } }
    case "line":
      return countLines(alarm, alarm.log === "Poller" ? poller : api)
  }
}

/** A metric of how many lines of a function's log are of these events. It is published, and paid for, only while there are such lines. */
function countLines(
  { metric, log, events }: Extract<Alarm, { source: "line" }>,
  logger: sst.aws.Function,
): Source {
  const filter = new aws.cloudwatch.LogMetricFilter(`${metric}Lines`, {
    logGroupName: logger.nodes.function.loggingConfig.apply(
      (config) => config?.logGroup ?? `/aws/lambda/${$app.name}-${$app.stage}-${log}`,
    ),
    pattern: patternOf(events),
    metricTransformation: { name: metric, namespace: metricNamespace(), value: "1" },
  })
  return { namespace: filter.metricTransformation.apply(({ namespace }) => namespace) }
}

function createAlarm(name: string, alarm: Alarm, source: Source, operations: sst.aws.SnsTopic) {
  return new aws.cloudwatch.MetricAlarm(name, {
    name: `${$app.name}-${$app.stage}-${name}`,
    alarmDescription: alarm.meaning,
    ...source,
    metricName: alarm.metric,
    statistic: alarm.statistic,
    period: alarm.periodSeconds,
    evaluationPeriods: alarm.of,
    datapointsToAlarm: alarm.bad,
    comparisonOperator: alarm.when,
    threshold: alarm.threshold,
    treatMissingData: alarm.missing,
    actionsEnabled: !$dev,
    alarmActions: [operations.arn],
    okActions: [operations.arn],
  })
}

function createDashboard(
  { poller: { poller }, api }: Watched,
  alarms: readonly aws.cloudwatch.MetricAlarm[],
) {
  const logGroup = poller.nodes.function.loggingConfig.apply((config) => config?.logGroup ?? "")
  const region = aws.getRegionOutput().region
  const names = $resolve([poller.name, api.name, logGroup, region] as const)
  return new aws.cloudwatch.Dashboard("Dashboard", {
    dashboardName: `${$app.name}-${$app.stage}`,
    dashboardBody: $resolve([names, $resolve(alarms.map(({ arn }) => arn))] as const).apply(
      ([[pollerName, apiName, log, place], alarmArns]) =>
        dashboardBody({
          pollerName,
          apiName,
          logGroup: log,
          region: place,
          alarmArns,
          namespace: metricNamespace(),
        }),
    ),
  })
}
