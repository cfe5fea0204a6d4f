/**
 * The poller: one function, woken every minute by the scheduler and in between by delayed messages to itself.
 *
 * The scheduler cannot fire more often than once a minute. So the run of the minute sends a few delayed `tick`
 * messages, and the queue brings them back to the same function, which keeps its caches warm. Triggers may come
 * twice, late or together; the lease in the table lets one poll through. That is why nothing here retries: the
 * next trigger is seconds away and starts from kept state.
 */
import type { Api } from "./api.ts"
import type { Channels } from "./channels.ts"
import { chosenReservations } from "./concurrency.ts"
import { chosenTopics, chosenVariables } from "./setting.ts"
import type { Environment } from "./settings-file.ts"
import type { Storage } from "./storage.ts"

/** The minute's run sends ticks up to 100 s ahead. One that is 80 s late has been overtaken by the next minute's. */
const TICK_RETENTION_SECONDS = 180

/** AWS's shortest. A run that could not start within a minute has been replaced by the next one. */
const RUN_AGE_SECONDS_MAX = 60

/** Long enough to look at on Monday what was lost on Friday. */
const LOST_RUN_RETENTION_SECONDS = 4 * 24 * 60 * 60

/** AWS's smallest. The second is there for the tick that comes while a poll hangs. */
const TICK_CONCURRENCY_MAX = 2

/** Read and checked by the function; unset, its defaults hold. */
const SETTINGS = [
  "ECHOWIN_BASE_URL",
  "POLL_INTERVAL_SECONDS",
  "FIRST_RUN_LOOKBACK",
  "LIST_REQUESTS_PER_HOUR",
  "DETAIL_REQUESTS_PER_HOUR",
  "SLACK_PRIVACY",
  "EMAIL_PRIVACY",
  "CALL_URL_TEMPLATE",
]

export type Poller = ReturnType<typeof createPoller>

export function createPoller(settings: Environment, storage: Storage, channels: Channels, api: Api) {
  const tick = createTickQueue()
  const lostRun = createLostRunQueue()

  const poller = new sst.aws.Function("Poller", {
    handler: "packages/functions/src/poller.handler",
    description: "Polls echowin for calls and tells people about the bad ones.",
    // The arithmetic of the request budget and of the lease counts on it: no poll outlives a minute.
    timeout: "60 seconds",
    retries: 0,
    concurrency: chosenReservations(settings, "RESERVED_CONCURRENCY").poller,
    link: [
      channels.echowinApiKey,
      channels.slackWebhookUrl,
      channels.channelSecretKey,
      channels.heartbeatUrl,
    ],
    environment: {
      TABLE_NAME: storage.table.name,
      ALERT_TOPIC_ARN: channels.alertTopic.arn,
      TICK_QUEUE_URL: tick.url,
      // Messages lead people there, under a name of your own if you have one.
      API_URL: settings["API_URL"] || api.url,
      // The numbers in its log become metrics of this stage.
      METRIC_NAMESPACE: metricNamespace(),
      ...chosenVariables(settings, SETTINGS),
    },
    permissions: [
      ...storage.tableAccess("due"),
      // Who is subscribed is looked at too: SNS takes messages that nobody gets.
      {
        actions: ["sns:Publish", "sns:ListSubscriptionsByTopic"],
        resources: [channels.alertTopic.arn, ...chosenTopics(settings, "CHANNEL_TOPIC_ARNS")],
      },
      {
        actions: ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        resources: [tick.arn],
      },
      { actions: ["sqs:SendMessage"], resources: [lostRun.arn] },
    ],
    transform: {
      eventInvokeConfig: {
        maximumEventAgeInSeconds: RUN_AGE_SECONDS_MAX,
        destinationConfig: { onFailure: { destination: lostRun.arn } },
      },
    },
  })

  const schedule = new sst.aws.CronV2("EveryMinute", {
    function: poller,
    schedule: "rate(1 minute)",
    // After `sst dev` the function is a stub that nobody answers, and the schedule would keep calling it.
    enabled: !$dev,
    // The scheduler's own delivery to Lambda. What becomes of the run is up to the function's settings above.
    retries: 0,
    dlq: lostRun.arn,
  })

  // One tick a poll: a batch would fold the polls of a minute into one.
  const tickMapping = new aws.lambda.EventSourceMapping("TickMapping", {
    eventSourceArn: tick.arn,
    functionName: poller.arn,
    batchSize: 1,
    scalingConfig: { maximumConcurrency: TICK_CONCURRENCY_MAX },
  })

  return { poller, schedule, tickMapping, lostRun }
}

/** A namespace of CloudWatch's metrics that no other stage counts in. */
export function metricNamespace(): string {
  return `${$app.name}/${$app.stage}`
}

/**
 * A tick that failed stays hidden for six timeouts, as AWS asks of a queue that feeds a function, and is gone by
 * retention before that. So it is never tried again, and there is nothing for a dead-letter queue to catch.
 */
function createTickQueue() {
  return new sst.aws.Queue("Tick", {
    visibilityTimeout: "6 minutes",
    transform: { queue: { messageRetentionSeconds: TICK_RETENTION_SECONDS } },
  })
}

/** Where a scheduled run ends that failed, was never started, or waited too long. Only an alarm reads it. */
function createLostRunQueue() {
  return new sst.aws.Queue("LostRun", {
    transform: { queue: { messageRetentionSeconds: LOST_RUN_RETENTION_SECONDS } },
  })
}
