/**
 * The e-mail channel: an SNS topic with e-mail subscriptions. The client makes one attempt and no more, because
 * one that it repeated on its own could be told twice without anybody's knowing.
 */
import {
  type MessageAttributeValue,
  PublishCommand,
  SNSClient,
  type SNSClientConfig,
  SNSServiceException,
} from "@aws-sdk/client-sns"
import type { SendResult } from "@earshot/core/alert/delivery"
import type { ChannelId, Privacy } from "@earshot/core/channel/channel"
import { emailBulletin } from "@earshot/core/message/bulletin"
import { type Email, emailOf } from "@earshot/core/message/email"
import { plainLines } from "@earshot/core/message/plain"
import { awsClientConfig } from "../aws.ts"
import { type World, errorCode } from "../world.ts"
import type { Channel } from "./channel.ts"
import { countSubscriptions } from "./subscription.ts"
import { EMAIL_PACE_MS } from "./topic.ts"

/** One attempt: see above. SNS may take longer than a table, and nobody waits for it but this channel. */
const PATIENCE = { timeoutMs: 5000, attemptsMax: 1 }

/** A client whose requests go through `world`. What `config` leaves out, the AWS SDK reads from its own variables. */
export function createSnsClient(world: World, config: SNSClientConfig = {}): SNSClient {
  return new SNSClient({ ...config, ...awsClientConfig(world, PATIENCE) })
}

export type EmailSettings = { topicArn: string }

export function createEmailChannel(
  client: SNSClient,
  { id = "email", privacy, topicArn }: EmailSettings & { id?: ChannelId; privacy: Privacy },
): Channel & Required<Pick<Channel, "sendBulletin" | "countSubscriptions">> {
  return {
    id,
    privacy,
    paceMs: EMAIL_PACE_MS,
    send: (message, _, form = "full") => {
      const email = emailOf(message)
      return publish(client, topicArn, form === "plain" ? plainEmail(email, plainLines(message)) : email)
    },
    sendBulletin: (bulletin, form = "full") => {
      const email = emailBulletin(bulletin)
      return publish(client, topicArn, form === "plain" ? plainEmail(email, plainLines(bulletin)) : email)
    },
    countSubscriptions: () => countSubscriptions(client, topicArn),
  }
}

/** With a subject that SNS cannot dislike, and no list among its attributes. */
function plainEmail({ attributes }: Email, lines: readonly string[]): Email {
  const { severity, rule, callId } = attributes
  return {
    subject: `Earshot: ${severity}`,
    body: lines.join("\n\n"),
    attributes: { severity, rule: rule.slice(0, 1), callId },
  }
}

async function publish(client: SNSClient, topicArn: string, email: Email): Promise<SendResult> {
  try {
    await client.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: email.subject,
        Message: email.body,
        MessageAttributes: {
          severity: text(email.attributes.severity),
          rule: texts(email.attributes.rule),
          callId: text(email.attributes.callId),
        },
      }),
    )
    return { kind: "sent" }
  } catch (error) {
    return resultOf(error)
  }
}

/** A message that SNS finds wrong may do in a plainer form. A missing permission or topic has to be put right. */
function resultOf(error: unknown): SendResult {
  if (error instanceof SNSServiceException) {
    const status = error.$metadata.httpStatusCode ?? 0
    if (status === 400 && MALFORMED.has(error.name) && !TOPIC.test(error.message)) {
      return { kind: "refused", why: `SNS refused the message (${error.name})`, isMalformed: true }
    }
    const hint = status === 404 ? ": check ALERT_TOPIC_ARN" : ""
    return {
      kind: "retry",
      why: `SNS failed (${status} ${error.name})${hint}`,
      mayHaveArrived: status >= 500,
    }
  }
  const code = errorCode(error)
  const name = error instanceof Error ? error.name : "unknown"
  if (LOCAL.has(name)) {
    return {
      kind: "retry",
      why: `SNS could not be asked: AWS credentials are missing (${name})`,
      mayHaveArrived: false,
    }
  }
  return {
    kind: "retry",
    why: `SNS could not be reached (${code ?? name}): check AWS_REGION and AWS_ENDPOINT_URL_SNS`,
    mayHaveArrived: code !== "ECONNREFUSED",
  }
}

const MALFORMED = new Set([
  "InvalidParameter",
  "InvalidParameterException",
  "InvalidParameterValue",
  "InvalidParameterValueException",
])

/** How SNS names the topic when it is the topic that is wrong, such as one of another region. */
const TOPIC = /\b(TopicArn|TargetArn)\b/

/** Nothing was sent: the SDK found no credentials to sign with. */
const LOCAL = new Set(["CredentialsProviderError", "TokenProviderError"])

function text(value: string): MessageAttributeValue {
  // oxlint-disable-next-line no-control-regex
  const clean = value.replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, "?").toWellFormed()
  return { DataType: "String", StringValue: clean }
}

/** A filter policy on one value matches both a text and a list that has it. */
function texts(values: readonly string[]): MessageAttributeValue {
  const [only = ""] = values
  return values.length > 1 ? { DataType: "String.Array", StringValue: JSON.stringify(values) } : text(only)
}
