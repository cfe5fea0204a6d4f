/**
 * Bugs in the infrastructure: alarms that never ring, rights, retries, schedules, retention, settings. Its tests catch them, and no simulation could.
 */
import type { Mutant } from "./mutant.ts"

/** A bug of one change. */
function bug(
  name: string,
  why: string,
  [file, from, to]: readonly [string, string, string],
  caughtBy: string,
): Mutant {
  return { name, why, edits: [{ file, from, to }], caughtBy }
}

const ALARM = "test/infra/alarm.test.ts"
const GRANT = "test/infra/grant.test.ts"
const DEPLOY = "test/infra/deploy.test.ts"
const STAGE = "test/infra/stage.test.ts"
const SETTING = "test/infra/settings-file.test.ts"

const MONITORING = "stacks/monitoring.ts"
const POLLER = "stacks/poller.ts"

export const INFRA: readonly Mutant[] = [
  bug(
    "silence rings nothing",
    "Where no data is a fault, an alarm rings without any.",
    [MONITORING, "treatMissingData: alarm.missing", 'treatMissingData: "notBreaching"'],
    ALARM,
  ),
  bug(
    "an alarm that tells nobody",
    "Every alarm tells the operations topic.",
    [MONITORING, "alarmActions: [operations.arn],", "alarmActions: [],"],
    ALARM,
  ),
  bug(
    "an alarm that never says it is over",
    "Every alarm says when it is over.",
    [MONITORING, "okActions: [operations.arn],", ""],
    ALARM,
  ),
  bug(
    "an alarm that is switched off",
    "Alarms are silent only under a developer's own stage.",
    [MONITORING, "actionsEnabled: !$dev", "actionsEnabled: $dev"],
    ALARM,
  ),
  bug(
    "the API's crashes are the poller's",
    "An alarm watches the function that it is named after.",
    [MONITORING, "FunctionName: api.name", "FunctionName: poller.name"],
    ALARM,
  ),
  bug(
    "the metrics of the log without their dimension",
    "An alarm watches the metric that is published.",
    [MONITORING, "dimensions: { ...METRIC_DIMENSIONS }", "dimensions: {}"],
    ALARM,
  ),
  bug(
    "every alarm watches an average",
    "An alarm has the statistic that it is meant to have.",
    [MONITORING, "statistic: alarm.statistic", 'statistic: "Average"'],
    ALARM,
  ),
  bug(
    "every data point is a minute",
    "The windows of alarms follow how often polls come.",
    [MONITORING, "period: alarm.periodSeconds", "period: 60"],
    ALARM,
  ),
  bug(
    "every data point has to be bad",
    "An alarm rings when some of its data points are bad.",
    [MONITORING, "datapointsToAlarm: alarm.bad", "datapointsToAlarm: alarm.of"],
    ALARM,
  ),
  bug(
    "one bad data point among any",
    "An alarm looks back as far as it is meant to.",
    [MONITORING, "evaluationPeriods: alarm.of", "evaluationPeriods: alarm.bad"],
    ALARM,
  ),
  bug(
    "one more than the threshold",
    "An alarm rings at its threshold.",
    [MONITORING, "comparisonOperator: alarm.when", 'comparisonOperator: "GreaterThanThreshold"'],
    ALARM,
  ),
  bug(
    "alarms do not know how rare polls are",
    "The windows of alarms follow how often polls come.",
    [MONITORING, "alarmsFor(chosenGateMs(settings))", "alarmsFor(19_000)"],
    ALARM,
  ),
  bug(
    "lines are counted in the wrong log",
    "What is counted in a log is counted in the right one.",
    [MONITORING, 'alarm.log === "Poller" ? poller : api', 'alarm.log === "Poller" ? api : poller'],
    ALARM,
  ),
  bug(
    "the metrics of a stage are those of all",
    "The metrics of a stage are its own.",
    [POLLER, "METRIC_NAMESPACE: metricNamespace(),", "METRIC_NAMESPACE: $app.name,"],
    ALARM,
  ),
  bug(
    "the process that knows least tells the lag",
    "Of two processes, the one that knows more tells the lag of coverage.",
    ["stacks/alarm.ts", 'statistic: "Minimum"', 'statistic: "Maximum"'],
    ALARM,
  ),
  bug(
    "a lag of fifty hours",
    "The alarm on coverage rings when health fails.",
    ["stacks/alarm.ts", "Math.ceil(silenceAfter(gateMs) / 1000)", "silenceAfter(gateMs)"],
    ALARM,
  ),
  bug(
    "dead deliveries are looked for under another name",
    "An alarm counts events that the log has.",
    ["stacks/alarm.ts", '"delivery.dead", ', '"delivery.died", '],
    ALARM,
  ),
  bug(
    "items may be deleted",
    "A function has the rights to the requests that it makes, and no other.",
    [
      "stacks/storage.ts",
      '"dynamodb:BatchGetItem",',
      '"dynamodb:BatchGetItem",\n        "dynamodb:DeleteItem",',
    ],
    GRANT,
  ),
  bug(
    "the poller may list alerts",
    "A function may ask the indexes that it asks.",
    [POLLER, 'storage.tableAccess("due")', 'storage.tableAccess("due", "alerts")'],
    GRANT,
  ),
  bug(
    "the account may take every role",
    "Nobody but Lambda can take a function's role.",
    ["stacks/function.ts", "...($dev ? {} : trustLambdaOnly)", "...{}"],
    GRANT,
  ),
  bug(
    "every log of the account may be written",
    "A function writes its own log alone.",
    ["stacks/function.ts", "managedPolicyArns: [], ", ""],
    GRANT,
  ),
  bug(
    "the API has the webhook",
    "Each secret is in the functions that need it.",
    ["stacks/api.ts", "link: [channels.apiToken, ", "link: [channels.apiToken, channels.slackWebhookUrl, "],
    GRANT,
  ),
  bug(
    "any page may call the API",
    "No other origin's page may call the API.",
    ["stacks/api.ts", 'url: { authorization: "none", cors: false }', "url: true"],
    DEPLOY,
  ),
  bug(
    "a run that fails is run again",
    "Nothing is retried, because the next trigger is seconds away.",
    [POLLER, 'timeout: "60 seconds",\n    retries: 0,', 'timeout: "60 seconds",\n    retries: 2,'],
    DEPLOY,
  ),
  bug(
    "a poll in five minutes",
    "The scheduler starts the poller every minute.",
    [POLLER, "rate(1 minute)", "rate(5 minutes)"],
    DEPLOY,
  ),
  bug(
    "a nudge waits for others",
    "What is on the queue is taken at once.",
    [POLLER, "maximumBatchingWindowInSeconds: 0", "maximumBatchingWindowInSeconds: 20"],
    DEPLOY,
  ),
  bug(
    "a run of an hour ago",
    "A run that could not start within a minute is lost.",
    [POLLER, "maximumEventAgeInSeconds: RUN_AGE_SECONDS_MAX,", ""],
    DEPLOY,
  ),
  bug(
    "a tick comes again",
    "A tick is gone before it could be tried again.",
    ["stacks/tick.ts", 'visibilityTimeout: "6 minutes"', 'visibilityTimeout: "1 minute"'],
    DEPLOY,
  ),
  bug(
    "the schedule of a developer's stage runs",
    "Under a developer's own stage the schedule stands still.",
    [POLLER, "enabled: !$dev", "enabled: true"],
    STAGE,
  ),
  bug(
    "the table of production can be deleted",
    "A protected stage keeps its data.",
    ["stacks/storage.ts", "deletionProtection: isProtected", "deletionProtection: false"],
    STAGE,
  ),
  bug(
    "secrets are not looked at",
    "A wrong secret stops the deploy.",
    ["stacks/channels.ts", "checkSecrets(Object.fromEntries(all), $app.stage)", "Object.fromEntries(all)"],
    STAGE,
  ),
  bug(
    "settings are not looked at",
    "A wrong setting stops the deploy.",
    ["stacks/app.ts", "checkSettings(settings, { stage, isProtected, isLocal: $dev })", ""],
    STAGE,
  ),
  bug(
    "production without recipients",
    "A protected stage has to say who is told.",
    ["stacks/deploy-check.ts", "...(isProtected ? missingRecipients(settings, stage) : []),", ""],
    SETTING,
  ),
  bug(
    "this machine is deployed",
    "A deployed stage names no address of this machine.",
    ["stacks/deploy-check.ts", "...(isLocal ? [] : ADDRESSES", "...(isLocal || stage ? [] : ADDRESSES"],
    SETTING,
  ),
  bug(
    "the file of a stage wins",
    "What is set in the environment overrides the file.",
    [
      "stacks/settings-file.ts",
      "{ ...written, ...Object.fromEntries(chosen) }",
      "{ ...Object.fromEntries(chosen), ...written }",
    ],
    SETTING,
  ),
  bug(
    "the list of protected stages is not read",
    "Whoever lists a stage means it to be protected.",
    ["stacks/stage.ts", "|| listed.includes(stage)", ""],
    SETTING,
  ),
]
