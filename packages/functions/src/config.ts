/**
 * The settings, from the environment, which is read here and nowhere else, whole, with every problem reported at
 * once. Deployed, secrets come from SST's links; a variable of the same meaning wins, so that everything can be
 * pointed at anything.
 */
import { parseBaseUrl } from "@earshot/calls-api/base-url"
import { Privacy } from "@earshot/core/channel/channel"
import { SECOND, durationOf } from "@earshot/core/instant"
import { SLACK_HOSTS, webhookIssue } from "@earshot/io/channel/slack"
import { Resource } from "sst"
import * as z from "zod"

/** One API key is one echowin team, and a deployment has one. */
export const TEAM = "default"

const required = (what: string) => z.string(`is missing: ${what}`)

const whole = (min: number, max: number) =>
  z.coerce.number(`must be a whole number from ${min} to ${max}`).int().min(min).max(max)

const Duration = z.string().transform((text, context) => {
  const length = durationOf(text)
  if (length !== undefined) return length
  context.addIssue({ code: "custom", message: "must be an ISO 8601 duration such as PT0S, PT12H or P1D" })
  return z.NEVER
})

const BaseUrl = z.string().transform((text, context) => {
  const parsed = parseBaseUrl(text)
  if (parsed.ok) return parsed.value
  context.addIssue({ code: "custom", message: parsed.message })
  return z.NEVER
})

const Hosts = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((host) => host !== ""))
  .transform((hosts) => [...SLACK_HOSTS, ...hosts])

const TopicArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, "must be the ARN of an SNS topic: arn:aws:sns:…")

const tableName = required("the name of the DynamoDB table").min(3)

const pollInterval = whole(0, 3600).default(19)

const PollerEnvironment = z.object({
  ECHOWIN_API_KEY: required("the key of your echowin team, ew_…"),
  ECHOWIN_BASE_URL: BaseUrl.default("https://echo.win/api/v1"),
  TABLE_NAME: tableName,
  ALERT_TOPIC_ARN: TopicArn.optional(),
  SLACK_WEBHOOK_URL: z.string().optional(),
  POLL_INTERVAL_SECONDS: pollInterval,
  FIRST_RUN_LOOKBACK: Duration.default(0),
  SLACK_ALLOWED_HOSTS: Hosts.default([...SLACK_HOSTS]),
  LIST_REQUESTS_PER_HOUR: whole(1, 100_000).default(200),
  DETAIL_REQUESTS_PER_HOUR: whole(0, 100_000).default(500),
  SLACK_PRIVACY: Privacy.default("standard"),
  EMAIL_PRIVACY: Privacy.default("standard"),
  TICK_QUEUE_URL: z.url("must be the URL of an SQS queue").optional(),
})

/** What is wrong with the channels. Asked apart from the schema, which stops at what is wrong with each variable. */
function channelIssues(given: Record<string, string>): string[] {
  const { SLACK_WEBHOOK_URL: webhook, ALERT_TOPIC_ARN: topic, SLACK_ALLOWED_HOSTS: hosts } = given
  if (webhook === undefined && topic === undefined) {
    return [
      "SLACK_WEBHOOK_URL is missing, and so is ALERT_TOPIC_ARN: name at least one channel for the alerts",
    ]
  }
  const issue = webhook === undefined ? null : webhookIssue(webhook, hosts ? Hosts.parse(hosts) : SLACK_HOSTS)
  return issue === null ? [] : [`SLACK_WEBHOOK_URL ${issue}`]
}

const ApiEnvironment = z.object({
  TABLE_NAME: tableName,
  API_TOKEN: required("the bearer token that callers of the HTTP API must send"),
  POLL_INTERVAL_SECONDS: pollInterval,
})

/** Secrets: SST links them, under these names. */
const LINKS: Record<string, string> = {
  ECHOWIN_API_KEY: "EchowinApiKey",
  SLACK_WEBHOOK_URL: "SlackWebhookUrl",
  API_TOKEN: "ApiToken",
}

/** Variables for tests and proxies, which a deployment does not set. */
const NOT_DEPLOYED = new Set(["SLACK_ALLOWED_HOSTS"])

/** What a deployment gives each function, besides the links. */
export const pollerVariables: readonly string[] = deployed(Object.keys(PollerEnvironment.shape))

export const apiVariables: readonly string[] = deployed(Object.keys(ApiEnvironment.shape))

function deployed(names: readonly string[]): string[] {
  return names.filter((name) => !(name in LINKS) && !NOT_DEPLOYED.has(name))
}

export type PollerConfig = {
  apiKey: string
  baseUrl: string
  tableName: string
  topicArn: string | null
  webhookUrl: string | null
  slackPrivacy: Privacy
  emailPrivacy: Privacy
  /** 0: polls are not spaced. */
  intervalMs: number
  lookbackMs: number
  listPerHour: number
  detailPerHour: number
  tickQueueUrl: string | null
}

export type ApiConfig = { tableName: string; token: string; intervalMs: number }

/** `message` names every problem, a line each, and repeats no value. */
export type Read<T> = { ok: true; value: T } | { ok: false; message: string }

export function readPollerConfig(variables: NodeJS.ProcessEnv = process.env): Read<PollerConfig> {
  const read = parse(PollerEnvironment, variables, channelIssues)
  if (!read.ok) return read
  const environment = read.value
  return {
    ok: true,
    value: {
      apiKey: environment.ECHOWIN_API_KEY,
      baseUrl: environment.ECHOWIN_BASE_URL,
      tableName: environment.TABLE_NAME,
      topicArn: environment.ALERT_TOPIC_ARN ?? null,
      webhookUrl: environment.SLACK_WEBHOOK_URL ?? null,
      slackPrivacy: environment.SLACK_PRIVACY,
      emailPrivacy: environment.EMAIL_PRIVACY,
      intervalMs: environment.POLL_INTERVAL_SECONDS * SECOND,
      lookbackMs: environment.FIRST_RUN_LOOKBACK,
      listPerHour: environment.LIST_REQUESTS_PER_HOUR,
      detailPerHour: environment.DETAIL_REQUESTS_PER_HOUR,
      tickQueueUrl: environment.TICK_QUEUE_URL ?? null,
    },
  }
}

export function readApiConfig(variables: NodeJS.ProcessEnv = process.env): Read<ApiConfig> {
  const read = parse(ApiEnvironment, variables)
  if (!read.ok) return read
  const environment = read.value
  return {
    ok: true,
    value: {
      tableName: environment.TABLE_NAME,
      token: environment.API_TOKEN,
      intervalMs: environment.POLL_INTERVAL_SECONDS * SECOND,
    },
  }
}

function parse<Schema extends z.ZodObject>(
  schema: Schema,
  variables: NodeJS.ProcessEnv,
  moreIssues: (given: Record<string, string>) => string[] = () => [],
): Read<z.infer<Schema>> {
  const given: Record<string, string> = {}
  for (const name of Object.keys(schema.shape)) {
    const value = set(variables[name]) ?? linked(LINKS[name])
    if (value !== undefined) given[name] = value
  }
  const parsed = schema.safeParse(given)
  const issues = (parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")} ${issue.message}`)
  issues.push(...moreIssues(given))
  if (parsed.success && issues.length === 0) return { ok: true, value: parsed.data }
  return {
    ok: false,
    message: `The environment is not in order:\n${issues.map((issue) => `  ${issue}`).join("\n")}`,
  }
}

/** A variable that is empty counts as not set: that is how most tools unset one. */
function set(value: string | undefined): string | undefined {
  const trimmed = value?.trim()
  return trimmed === "" ? undefined : trimmed
}

const Link = z.object({ value: z.string() })

/** `none` is what an optional secret is deployed with while it has no value. */
function linked(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  let link: unknown
  try {
    link = Reflect.get(Resource, name)
  } catch {
    // Outside SST, and for what is not linked to this function, there is nothing to read.
    return undefined
  }
  const value = Link.safeParse(link).data?.value
  return value === "none" ? undefined : set(value)
}
