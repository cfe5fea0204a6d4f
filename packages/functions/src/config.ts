/**
 * The settings, from the environment, which is read here and nowhere else, whole, with every problem reported at
 * once. Deployed, secrets come from SST's links; a variable of the same meaning wins, so that everything can be
 * pointed at anything.
 */
import type { DEPLOYMENT_KINDS, DeploymentChannelId } from "@earshot/core/channel/channel"
import { SECOND } from "@earshot/core/instant"
import type { ChannelConfig } from "@earshot/io/channel/kind"
import { SLACK_HOSTS, webhookIssue } from "@earshot/io/channel/slack-host"
import {
  ApiUrl,
  BaseUrl,
  CallUrlTemplate,
  ChannelPrivacy,
  Duration,
  HeartbeatUrl,
  Hosts,
  MetricNamespace,
  NudgeSecret,
  QueueUrl,
  SealingKey,
  TopicArn,
  headerSecret,
  longSecret,
  tableName,
  whole,
  wrong,
} from "@earshot/io/variable"
import { UNREADABLE, linked, set } from "./link.ts"
import type { ApiConfig, PollerConfig } from "./settings.ts"
import * as z from "zod"

/** One API key is one echowin team, and a deployment has one. */
export const TEAM = "default"

const pollInterval = whole(0, 3600, 19).default(19)

/** At most what the vendor documents: with more, every hour would end in refusals. */
const listPerHour = whole(1, 200, 200).default(200)

const detailPerHour = whole(0, 500, 500).default(500)

const EchowinKey = headerSecret("the key of your echowin team", "ew_…")

const EchowinUrl = BaseUrl.default("https://echo.win/api/v1")

const PollerEnvironment = z.object({
  ECHOWIN_API_KEY: EchowinKey,
  ECHOWIN_BASE_URL: EchowinUrl,
  TABLE_NAME: tableName,
  ALERT_TOPIC_ARN: TopicArn.optional(),
  SLACK_WEBHOOK_URL: z.string().optional(),
  POLL_INTERVAL_SECONDS: pollInterval,
  FIRST_RUN_LOOKBACK: Duration.default(0),
  SLACK_ALLOWED_HOSTS: Hosts.default([...SLACK_HOSTS]),
  LIST_REQUESTS_PER_HOUR: listPerHour,
  DETAIL_REQUESTS_PER_HOUR: detailPerHour,
  SLACK_PRIVACY: ChannelPrivacy.default("standard"),
  EMAIL_PRIVACY: ChannelPrivacy.default("standard"),
  CALL_URL_TEMPLATE: CallUrlTemplate.optional(),
  API_URL: ApiUrl.optional(),
  TICK_QUEUE_URL: QueueUrl.optional(),
  HEARTBEAT_URL: HeartbeatUrl.optional(),
  METRIC_NAMESPACE: MetricNamespace.optional(),
  CHANNEL_SECRET_KEY: SealingKey.optional(),
})

type PollerVariables = z.infer<typeof PollerEnvironment>

/** How a channel of the deployment reads from the variables. Without `variable` there is none. */
type ChannelReading<Id extends DeploymentChannelId> = {
  variable: keyof PollerVariables
  read: (variables: PollerVariables) => ChannelConfig<(typeof DEPLOYMENT_KINDS)[Id]> | null
}

/** Here, not in the registry of kinds: the API reads this file too, and must not load what sends. */
const CHANNELS: { [Id in DeploymentChannelId]: ChannelReading<Id> } = {
  slack: {
    variable: "SLACK_WEBHOOK_URL",
    read: ({ SLACK_WEBHOOK_URL: webhookUrl, SLACK_PRIVACY: privacy }) =>
      webhookUrl === undefined ? null : { kind: "slack", id: "slack", privacy, webhookUrl },
  },
  email: {
    variable: "ALERT_TOPIC_ARN",
    read: ({ ALERT_TOPIC_ARN: topicArn, EMAIL_PRIVACY: privacy }) =>
      topicArn === undefined ? null : { kind: "sns", id: "email", privacy, topicArn },
  },
}

const WEBHOOK_EXAMPLE = "https://hooks.slack.com/services/…"

/** What is wrong with the channels. Asked apart from the schema, which stops at what is wrong with each variable. */
function channelIssues(given: Record<string, string>): string[] {
  const { SLACK_WEBHOOK_URL: webhook, SLACK_ALLOWED_HOSTS: hosts } = given
  const variables = Object.values(CHANNELS).map(({ variable }) => variable)
  if (variables.every((variable) => given[variable] === undefined)) {
    const missing = variables.join(" is missing, and so is ")
    return [`${missing}: alerts need at least one channel (example: ${WEBHOOK_EXAMPLE})`]
  }
  const issue = webhook === undefined ? null : webhookIssue(webhook, hosts ? Hosts.parse(hosts) : SLACK_HOSTS)
  return issue === null ? [] : [`SLACK_WEBHOOK_URL ${wrong(issue, WEBHOOK_EXAMPLE)}`]
}

const TOKEN_EXAMPLE = "what `openssl rand -hex 32` prints"

const ApiEnvironment = z.object({
  TABLE_NAME: tableName,
  ECHOWIN_API_KEY: EchowinKey.optional(),
  ECHOWIN_BASE_URL: EchowinUrl,
  API_TOKEN: longSecret("the bearer token that callers of the HTTP API must send", TOKEN_EXAMPLE),
  POLL_INTERVAL_SECONDS: pollInterval,
  LIST_REQUESTS_PER_HOUR: listPerHour,
  DETAIL_REQUESTS_PER_HOUR: detailPerHour,
  SLACK_PRIVACY: ChannelPrivacy.default("standard"),
  EMAIL_PRIVACY: ChannelPrivacy.default("standard"),
  SLACK_ALLOWED_HOSTS: Hosts.default([...SLACK_HOSTS]),
  CHANNEL_SECRET_KEY: SealingKey.optional(),
  TICK_QUEUE_URL: QueueUrl.optional(),
  NUDGE_SECRET: NudgeSecret.optional(),
})

/** Secrets: SST links them, under these names. */
const LINKS: Record<string, string> = {
  ECHOWIN_API_KEY: "EchowinApiKey",
  SLACK_WEBHOOK_URL: "SlackWebhookUrl",
  API_TOKEN: "ApiToken",
  CHANNEL_SECRET_KEY: "ChannelSecretKey",
  HEARTBEAT_URL: "HeartbeatUrl",
  NUDGE_SECRET: "NudgeSecret",
}

/** Variables for tests and proxies, which a deployment does not set. */
const NOT_DEPLOYED = new Set(["SLACK_ALLOWED_HOSTS"])

/** What a deployment gives each function, besides the links. */
export const pollerVariables: readonly string[] = deployed(Object.keys(PollerEnvironment.shape))

export const apiVariables: readonly string[] = deployed(Object.keys(ApiEnvironment.shape))

function deployed(names: readonly string[]): string[] {
  return names.filter((name) => !(name in LINKS) && !NOT_DEPLOYED.has(name))
}

/** Each problem is one line: a variable, what is wrong with it, an example. None repeats a value. */
export type ReadConfig<T> = { ok: true; value: T } | { ok: false; problems: readonly string[] }

const UNREADABLE_PROBLEM =
  "SST_KEY does not decrypt the secrets of this function (SST_KEY_FILE): they are set, but were encrypted with another key, or the file is damaged or missing. Deploy again"

/** Thrown where nothing can be done without the settings. Its message has a line for each problem. */
export class ConfigurationErrors extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(["Configuration errors:", ...problems.map((problem) => `  ${problem}`)].join("\n"))
    this.name = "ConfigurationErrors"
    this.problems = problems
  }
}

/** The settings, or throws every problem that there is with them. */
export function valueOf<T>(read: ReadConfig<T>): T {
  if (!read.ok) throw new ConfigurationErrors(read.problems)
  return read.value
}

export function readPollerConfig(variables: NodeJS.ProcessEnv = process.env): ReadConfig<PollerConfig> {
  const read = readVariables(PollerEnvironment, variables, channelIssues)
  if (!read.ok) return read
  const environment = read.value
  return {
    ok: true,
    value: {
      apiKey: environment.ECHOWIN_API_KEY,
      baseUrl: environment.ECHOWIN_BASE_URL,
      tableName: environment.TABLE_NAME,
      channels: Object.values(CHANNELS).flatMap(({ read }) => read(environment) ?? []),
      callUrlTemplate: environment.CALL_URL_TEMPLATE ?? null,
      apiUrl: environment.API_URL ?? null,
      intervalMs: environment.POLL_INTERVAL_SECONDS * SECOND,
      lookbackMs: environment.FIRST_RUN_LOOKBACK,
      listPerHour: environment.LIST_REQUESTS_PER_HOUR,
      detailPerHour: environment.DETAIL_REQUESTS_PER_HOUR,
      tickQueueUrl: environment.TICK_QUEUE_URL ?? null,
      heartbeatUrl: environment.HEARTBEAT_URL ?? null,
      metricNamespace: environment.METRIC_NAMESPACE ?? null,
      sealingKey: environment.CHANNEL_SECRET_KEY ?? null,
    },
  }
}

export function readApiConfig(variables: NodeJS.ProcessEnv = process.env): ReadConfig<ApiConfig> {
  const read = readVariables(ApiEnvironment, variables)
  if (!read.ok) return read
  const environment = read.value
  return {
    ok: true,
    value: {
      tableName: environment.TABLE_NAME,
      vendor: environment.ECHOWIN_API_KEY
        ? { baseUrl: environment.ECHOWIN_BASE_URL, apiKey: environment.ECHOWIN_API_KEY }
        : null,
      token: environment.API_TOKEN,
      nudgeSecret: environment.NUDGE_SECRET ?? null,
      tickQueueUrl: environment.TICK_QUEUE_URL ?? null,
      intervalMs: environment.POLL_INTERVAL_SECONDS * SECOND,
      listPerHour: environment.LIST_REQUESTS_PER_HOUR,
      detailPerHour: environment.DETAIL_REQUESTS_PER_HOUR,
      channels: {
        sealingKey: environment.CHANNEL_SECRET_KEY ?? null,
        slackHosts: environment.SLACK_ALLOWED_HOSTS,
        privacy: { slack: environment.SLACK_PRIVACY, email: environment.EMAIL_PRIVACY },
      },
    },
  }
}

/** The variables that a schema names. `moreIssues` is asked even if single variables are wrong. */
export function readVariables<Schema extends z.ZodObject>(
  schema: Schema,
  variables: NodeJS.ProcessEnv,
  moreIssues: (given: Record<string, string>) => string[] = () => [],
): ReadConfig<z.infer<Schema>> {
  const given: Record<string, string> = {}
  for (const name of Object.keys(schema.shape)) {
    const value = set(variables[name]) ?? linked(LINKS[name])
    if (value === UNREADABLE) return { ok: false, problems: [UNREADABLE_PROBLEM] }
    if (value !== undefined) given[name] = value
  }
  const parsed = schema.safeParse(given)
  // One problem for each variable is enough to put it right.
  const problems = new Map(
    (parsed.error?.issues ?? []).map(({ path, message }) => [path.join("."), `${path.join(".")} ${message}`]),
  )
  const all = [...problems.values(), ...moreIssues(given)]
  return parsed.success && all.length === 0 ? { ok: true, value: parsed.data } : { ok: false, problems: all }
}
