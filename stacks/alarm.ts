/**
 * The alarms: what each watches, when it rings and what that means. Data only, so that the tests and the documents can read it; the resources
 * are made of it in `monitoring.ts`.
 *
 * Each waits until a fault lasts, since a single failed poll is made good by the next. How long that is follows from how often polls
 * come: with one an hour, five failures in ten minutes can never be.
 */
import { silenceAfter } from "../packages/core/src/turn/health.ts"
import type { MetricName } from "../packages/functions/src/metric.ts"
import { MINUTE, lasting, pointOf, points } from "./window.ts"

/**
 * Whose metric it is. `poller`, `api`: of the function, by Lambda. `lost-run`: of the queue, by SQS. `turn`: a number in the poller's line of
 * a turn. `line`: how many lines of a log are of these events.
 */
type Watched =
  | { source: "poller" | "api"; metric: "Invocations" | "Errors" | "Throttles" | "Duration" }
  | { source: "lost-run"; metric: "ApproximateNumberOfMessagesVisible" }
  | { source: "turn"; metric: MetricName }
  | { source: "line"; metric: string; log: "Poller" | "Api"; events: readonly string[] }

export type Alarm = Watched & {
  statistic: "Sum" | "Maximum" | "Minimum"
  when: "LessThanThreshold" | "GreaterThanOrEqualToThreshold"
  threshold: number
  /** One data point. */
  periodSeconds: number
  /** It rings when so many of the last so many data points are bad. */
  bad: number
  of: number
  /** What it means that there is no data. */
  missing: "breaching" | "notBreaching"
  meaning: string
}

/** The function is stopped at 60 s; a poll that comes this near it is about to be. */
const SLOW_POLL_MS = 50_000

/** A message that has waited this long is late for whoever could still call back. */
const LATE_SECONDS = 10 * MINUTE

/** For what happens once: the alarm stays on for an hour, instead of coming and going with each that follows. */
const FOR_AN_HOUR = points(5 * MINUTE, 1, 12)

/** A fault of the functions themselves is told when it is one. */
const FEW = 3

/** `gateMs`: how far apart polls are at least. */
export function alarmsFor(gateMs: number) {
  return {
    ...triggerAlarms(gateMs),
    ...pollAlarms(gateMs),
    ...deliveryAlarms(gateMs),
    ...storeAndApiAlarms(),
  }
}

export type AlarmName = keyof ReturnType<typeof alarmsFor>

/** Whether the poller is started. */
function triggerAlarms(gateMs: number) {
  return {
    PollerSilent: {
      source: "poller",
      metric: "Invocations",
      statistic: "Sum",
      when: "LessThanThreshold",
      threshold: 1,
      // It is started every minute, however far polls are apart.
      ...points(MINUTE, 5, 5),
      missing: "breaching",
      meaning: "The poller has not run for five minutes: calls are not checked. Is the schedule enabled?",
    },
    PollerThrottled: {
      source: "poller",
      metric: "Throttles",
      statistic: "Sum",
      when: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      ...points(MINUTE, 3, 5),
      missing: "notBreaching",
      meaning: "Lambda refuses to start the poller. Is the account's concurrency used up by something else?",
    },
    RunsLost: {
      source: "lost-run",
      metric: "ApproximateNumberOfMessagesVisible",
      statistic: "Maximum",
      when: "GreaterThanOrEqualToThreshold",
      // As many as make the failing poller ring, twice: a few lost runs of some days are nothing.
      threshold: failingOf(gateMs).of,
      ...points(5 * MINUTE, 1, 1),
      missing: "notBreaching",
      meaning:
        "Scheduled runs were lost. The messages in the queue LostRun say how; purge it once you have read them.",
    },
  } as const satisfies Record<string, Alarm>
}

function failingOf(gateMs: number) {
  return lasting(gateMs, 5 * MINUTE, 2)
}

/** Whether a poll does what it is started for. */
function pollAlarms(gateMs: number) {
  return {
    CoverageLag: {
      source: "turn",
      metric: "lagSeconds",
      // Of two processes, the one that knows less says more.
      statistic: "Minimum",
      when: "GreaterThanOrEqualToThreshold",
      threshold: Math.ceil(silenceAfter(gateMs) / 1000),
      // Every trigger says how long ago the last complete poll was. Metrics out of logs can be minutes late.
      ...points(MINUTE, 5, 5),
      missing: "breaching",
      meaning:
        "No poll has completed for too long: calls are not checked, whatever the reason. GET /health says it.",
    },
    PollerFailing: {
      source: "poller",
      metric: "Errors",
      statistic: "Sum",
      when: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      ...failingOf(gateMs),
      missing: "notBreaching",
      meaning: "Polls fail again and again: calls may not be checked. The poller's log says why.",
    },
    PollerSlow: {
      source: "poller",
      metric: "Duration",
      statistic: "Maximum",
      when: "GreaterThanOrEqualToThreshold",
      threshold: SLOW_POLL_MS,
      ...lasting(gateMs, 3 * MINUTE, 5),
      missing: "notBreaching",
      meaning: "Polls take nearly their whole minute: the machine stands still, or has too little memory.",
    },
  } as const satisfies Record<string, Alarm>
}

function deliveryAlarms(gateMs: number) {
  return {
    AlertsUndelivered: {
      source: "line",
      metric: "AlertsUndelivered",
      log: "Poller",
      events: ["delivery.dead", "channel.untold"],
      statistic: "Sum",
      when: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      ...FOR_AN_HOUR,
      missing: "notBreaching",
      meaning:
        "Alerts could not be sent for a day, or no other channel could be told that one fails. See GET /deliveries?state=dead.",
    },
    ChannelRefusing: {
      source: "turn",
      metric: "refusing",
      statistic: "Maximum",
      when: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      // Attempts are up to a quarter of an hour apart.
      ...points(pointOf(gateMs, 5 * MINUTE), 2, 6),
      missing: "notBreaching",
      meaning: "A channel refuses messages: its webhook, topic or rights are gone. GET /health names it.",
    },
    DeliveryLate: {
      source: "turn",
      metric: "undeliveredSeconds",
      statistic: "Maximum",
      when: "GreaterThanOrEqualToThreshold",
      // Where polls are rare, so are attempts.
      threshold: Math.max(LATE_SECONDS, Math.ceil((2 * gateMs) / 1000)),
      // A process that does not remember it says so only at the next attempt, up to a quarter of an hour later.
      ...points(MINUTE, 1, 20),
      missing: "notBreaching",
      meaning:
        "An alert has waited for more than ten minutes. GET /health says which channel takes no messages.",
    },
    DetailsStarved: {
      source: "turn",
      metric: "waiting",
      statistic: "Maximum",
      when: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      ...points(pointOf(gateMs, 5 * MINUTE), 3, 3),
      missing: "notBreaching",
      meaning:
        "Calls wait for details, for want of requests: sentiment and transfers are noticed late. Does something else use the key?",
    },
    CallsUnexamined: {
      source: "turn",
      metric: "unexamined",
      statistic: "Sum",
      when: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      ...points(pointOf(gateMs, 60 * MINUTE), 2, 3),
      missing: "notBreaching",
      meaning:
        "Hour after hour, calls are closed without a detail that a rule needs. GET /health counts them.",
    },
  } as const satisfies Record<string, Alarm>
}

function storeAndApiAlarms() {
  return {
    StoredUnreadable: {
      source: "line",
      metric: "StoredUnreadable",
      log: "Poller",
      events: ["rule.unreadable", "channel.unreadable", "record.unreadable", "watch.rebuilt"],
      statistic: "Sum",
      when: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      ...FOR_AN_HOUR,
      missing: "notBreaching",
      meaning:
        "Something stored cannot be read and is left out: a rule, a channel, a call or the memory of open calls. GET /health names it.",
    },
    ApiFailing: {
      source: "line",
      metric: "ApiFailures",
      log: "Api",
      events: ["api.failed"],
      statistic: "Sum",
      when: "GreaterThanOrEqualToThreshold",
      threshold: FEW,
      ...points(15 * MINUTE, 1, 1),
      missing: "notBreaching",
      meaning: "The HTTP API answers 5xx. Its log says why; a 503 of /health alone is no failure of the API.",
    },
    ApiCrashing: {
      source: "api",
      metric: "Errors",
      statistic: "Sum",
      when: "GreaterThanOrEqualToThreshold",
      threshold: FEW,
      ...points(15 * MINUTE, 1, 1),
      missing: "notBreaching",
      meaning:
        "The HTTP API's function dies or runs out of time before it answers: people get 502. Are its settings right?",
    },
  } as const satisfies Record<string, Alarm>
}

/** The lines of these events, as a filter of CloudWatch's: each is a word with a dot in it, which nothing else is. */
export function patternOf(events: readonly string[]): string {
  return events.map((event) => `?"${event}"`).join(" ")
}
