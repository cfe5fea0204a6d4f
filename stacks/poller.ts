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
import type { TickQueue } from "./tick.ts"

/** AWS's shortest. A run that could not start within a minute has been replaced by the next one. */
const RUN_AGE_SECONDS_MAX = 60

/** Long enough to look at on Monday what was lost on Friday. */
const LOST_RUN_RETENTION_SECONDS = 4 * 24 * 60 * 60

/** AWS's default, and the most without waiting for more. */
const TICKS_AT_ONCE_MAX = 10

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

export function createPoller(
  settings: Environment,
  storage: Storage,
  channels: Channels,
  api: Api,
  tick: TickQueue,
) {
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
    permissions: rightsOf(settings, { storage, channels, tick, lostRun }),
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

  // What is there is taken at once, a nudge within a second. Nudges that come together are one look; ticks are due twenty seconds
  // apart, so that a batch folds only those that were late anyway.
  const tickMapping = new aws.lambda.EventSourceMapping("TickMapping", {
    eventSourceArn: tick.arn,
    functionName: poller.arn,
    batchSize: TICKS_AT_ONCE_MAX,
    maximumBatchingWindowInSeconds: 0,
    scalingConfig: { maximumConcurrency: TICK_CONCURRENCY_MAX },
  })

  return { poller, schedule, tickMapping, lostRun }
}

/** What the poller may do, and with what. */
function rightsOf(
  settings: Environment,
  {
    storage,
    channels,
    tick,
    lostRun,
  }: Record<"tick" | "lostRun", TickQueue> & { storage: Storage; channels: Channels },
) {
  return [
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
  ]
}

/** A namespace of CloudWatch's metrics that no other stage counts in. */
export function metricNamespace(): string {
  return `${$app.name}/${$app.stage}`
}

/** Where a scheduled run ends that failed, was never started, or waited too long. Only an alarm reads it. */
function createLostRunQueue() {
  return new sst.aws.Queue("LostRun", {
    transform: { queue: { messageRetentionSeconds: LOST_RUN_RETENTION_SECONDS } },
  })
}
