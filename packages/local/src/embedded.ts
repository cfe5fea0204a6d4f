/**
 * The embedded world behind `npm start`: the Calls API, DynamoDB, SNS and Slack, each a server of its own on this
 * machine, so that Earshot itself runs as it does when it is deployed.
 */
import { serve, type ServerType } from "@hono/node-server"
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns"
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs"
import { createCallsApi, type CallSource } from "@earshot/emulators/calls-api"
import { createSlackWebhook, type SlackWebhook } from "@earshot/emulators/slack"
import dynalite from "dynalite"
import { startFauxqs } from "fauxqs"
import type { Hono } from "hono"
import * as z from "zod"

export type Mail = { subject: string; body: string; attributes: Record<string, string> }

export type Embedded = {
  /** What has to be in the environment for everything to find each other. */
  variables: Record<string, string>
  callsApiUrl: string
  slack: SlackWebhook
  /** The mail that has come since it was last asked, after waiting for some for a second at most. */
  readMail: () => Promise<Mail[]>
  stop: () => Promise<void>
}

const REGION = "us-east-1"
const API_KEY = "ew_local"
const WEBHOOK_PATH = "/services/T000/B000/local"
const credentials = { accessKeyId: "local", secretAccessKey: "local" }

/** Starts everything on free ports, or the Calls API on `callsPort`. Rejects if that is taken. */
export async function startEmbedded({
  source,
  callsPort = 0,
}: {
  source: CallSource
  callsPort?: number
}): Promise<Embedded> {
  const now = () => Date.now()
  const callsApi = await listen(createCallsApi({ source, keys: [API_KEY], now }), callsPort)
  const slack = createSlackWebhook({ now, path: WEBHOOK_PATH })
  const slackServer = await listen(slack.app, 0)
  const dynamo = dynalite({ createTableMs: 0 })
  const dynamoPort = await new Promise<number>((resolve, reject) => {
    dynamo.once("error", reject)
    dynamo.listen(0, "127.0.0.1", () => resolve(portOf(dynamo)))
  })
  const fauxqs = await startFauxqs({ port: 0, logger: false })
  const endpoint = `http://127.0.0.1:${fauxqs.port}`
  const { topicArn, readMail } = await createMailbox(endpoint)

  return {
    variables: {
      ECHOWIN_API_KEY: API_KEY,
      ECHOWIN_BASE_URL: `http://127.0.0.1:${callsApi.port}/api/v1`,
      TABLE_NAME: "earshot-local",
      ALERT_TOPIC_ARN: topicArn,
      SLACK_WEBHOOK_URL: `http://127.0.0.1:${slackServer.port}${WEBHOOK_PATH}`,
      SLACK_ALLOWED_HOSTS: "127.0.0.1",
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${dynamoPort}`,
      AWS_ENDPOINT_URL_SNS: endpoint,
    },
    callsApiUrl: `http://127.0.0.1:${callsApi.port}/api/v1`,
    slack,
    readMail,
    stop: async () => {
      await Promise.all([
        closeServer(callsApi.server),
        closeServer(slackServer.server),
        new Promise((resolve) => dynamo.close(resolve)),
        fauxqs.stop(),
      ])
    },
  }
}

/** Serves an app on 127.0.0.1. Rejects if the port is taken. */
export async function listen(
  app: Pick<Hono, "fetch">,
  port: number,
): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (address) =>
      resolve({ server, port: address.port }),
    )
    server.once("error", reject)
  })
}

/** Ends a server and the connections that clients keep open. */
export async function closeServer(server: ServerType): Promise<void> {
  if ("closeAllConnections" in server) server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/** What SNS puts into a queue that is subscribed to a topic. */
const Envelope = z.object({
  Subject: z.string(),
  Message: z.string(),
  MessageAttributes: z.record(z.string(), z.object({ Value: z.string() })),
})

/** A topic, and a queue that is subscribed to it and stands for somebody's mailbox. */
async function createMailbox(
  endpoint: string,
): Promise<{ topicArn: string; readMail: () => Promise<Mail[]> }> {
  const sns = new SNSClient({ endpoint, region: REGION, credentials })
  const sqs = new SQSClient({ endpoint, region: REGION, credentials })
  const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "earshot-alerts" }))
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "mailbox" }))
  const Endpoint = `arn:aws:sqs:${REGION}:000000000000:mailbox`
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }))
  const readMail = async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    )
    const mails: Mail[] = []
    for (const { Body = "", ReceiptHandle } of Messages) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
      const { Subject, Message, MessageAttributes } = Envelope.parse(JSON.parse(Body))
      const attributes = Object.entries(MessageAttributes).map(([name, { Value }]) => [name, Value])
      mails.push({ subject: Subject, body: Message, attributes: Object.fromEntries(attributes) })
    }
    return mails
  }
  return { topicArn: TopicArn, readMail }
}

function portOf(server: { address(): unknown }): number {
  return z.object({ port: z.number() }).parse(server.address()).port
}
