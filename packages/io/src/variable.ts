/**
 * What a variable of the environment must say, and how a mistake is worded: in one line, with what would be right, and without
 * repeating the value, which may be a secret.
 */
import { parseBaseUrl } from "@earshot/calls-api/base-url"
import { Privacy } from "@earshot/core/channel/channel"
import { durationOf } from "@earshot/core/instant"
import { callUrlIssue } from "@earshot/core/message/call-url"
import * as z from "zod"
import { SEALING_KEY } from "./channel/sealing.ts"
import { SLACK_HOSTS } from "./channel/slack-host.ts"

/** Of a variable that is set and will not do: what would be right. It repeats nothing. */
export const wrong = (expected: string, example: string) => `is wrong: it ${expected} (example: ${example})`

const required = (what: string, pattern: RegExp, expected: string, example: string) =>
  z.string(`is missing: ${what} (example: ${example})`).regex(pattern, wrong(`must be ${expected}`, example))

/** A variable that holds a whole number. */
export const whole = (min: number, max: number, example: number) =>
  z.string().transform((text, context) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (number >= min && number <= max) return number
    context.addIssue(wrong(`must be a whole number from ${min} to ${max}`, String(example)))
    return z.NEVER
  })

export const Duration = z.string().transform((text, context) => {
  const length = durationOf(text)
  if (length !== undefined) return length
  context.addIssue(wrong("must be an ISO 8601 duration", "PT12H or P1D"))
  return z.NEVER
})

export const BaseUrl = z.string().transform((text, context) => {
  const parsed = parseBaseUrl(text)
  if (parsed.ok) return parsed.value
  const issue = parsed.message.replace(/^The base URL /, "").replace(/\.$/, "")
  context.addIssue(wrong(issue, "https://echo.win/api/v1"))
  return z.NEVER
})

/** An address of our own, which people open. */
export const ApiUrl = z.string().transform((text, context) => {
  const parsed = parseBaseUrl(text)
  if (parsed.ok && text.length <= API_URL_MAX) return parsed.value
  context.addIssue(wrong("must be the https address of the HTTP API", "https://earshot.example.com"))
  return z.NEVER
})

/** A link has to fit where messages have links. */
const API_URL_MAX = 300

export const CallUrlTemplate = z.string().transform((text, context) => {
  const issue = callUrlIssue(text)
  if (issue === null) return text
  context.addIssue(wrong(issue, "https://echo.win/calls/{id}"))
  return z.NEVER
})

export const Hosts = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((host) => host !== ""))
  .transform((hosts) => [...SLACK_HOSTS, ...hosts])

export const TopicArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/,
    wrong("must be the ARN of an SNS topic", "arn:aws:sns:us-east-1:123456789012:alerts"),
  )

export const QueueUrl = z.url({
  protocol: /^https?$/,
  error: wrong("must be the URL of an SQS queue", "https://sqs.us-east-1.amazonaws.com/123456789012/ticks"),
})

/** A monitor's address, asked for after each complete poll. */
export const HeartbeatUrl = z.string().transform((text, context) => {
  if (isHeartbeatUrl(text)) return text
  context.addIssue(
    wrong("must be the https address of a monitor, without a user or a password", HEARTBEAT_EXAMPLE),
  )
  return z.NEVER
})

const HEARTBEAT_EXAMPLE = "https://hc-ping.com/…"

/** `http` only for a stand-in on this machine. */
function isHeartbeatUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || url.username || url.password) return false
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))
}

/** Whether a host is this very machine. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|(.*\.)localhost|127(\.\d+){3}|\[::1\])\.?$/i.test(hostname)
}

/** Two levels are enough: the app, and the stage. */
export const MetricNamespace = z
  .string()
  .regex(
    /^[A-Za-z][\w./#-]{0,200}$/,
    wrong("must be a namespace of CloudWatch's metrics", "earshot/production"),
  )

/** What `openssl rand -hex 32` prints. */
export const SealingKey = z
  .string()
  .regex(SEALING_KEY, wrong("must be 64 hexadecimal digits", "what `openssl rand -hex 32` prints"))

export const ChannelPrivacy = z.enum(Privacy.options, wrong("must be minimal, standard or full", "standard"))

/** By DynamoDB's rules; the ARN names a table of another account. */
export const tableName = required(
  "the name of the DynamoDB table",
  /^(arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/)?[\w.-]{3,255}$/,
  "the name of a DynamoDB table: 3 to 255 letters, digits, dots, dashes or underscores",
  "earshot-production",
)

/** A secret that is sent in an HTTP header, which carries nothing else unchanged. */
export const headerSecret = (what: string, example: string) =>
  required(what, /^[\x21-\x7e]+$/, "ASCII characters without a space, to fit an HTTP header", example)

/** What a nudge carries: it may stand in a header or at the end of an address. */
export const NudgeSecret = z
  .string()
  .regex(
    /^[\w.~-]{20,200}$/,
    wrong(
      "must be 20 to 200 letters, digits, dots, dashes, tildes or underscores",
      "what `openssl rand -hex 32` prints",
    ),
  )

/** The same, long enough that nobody guesses it. */
export const longSecret = (what: string, example: string) =>
  required(
    what,
    /^[\x21-\x7e]{16,}$/,
    "at least 16 ASCII characters without a space, to fit an HTTP header and not to be guessed",
    example,
  )
