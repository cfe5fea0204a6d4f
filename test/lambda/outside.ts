/** What a deployed function speaks to, as servers on this machine: the vendor, the table, the channels and the queue. */
import { serve } from "@hono/node-server"
import * as z from "zod"
import { type CallBook, createCallBook, plainCall } from "../../packages/emulators/src/call-book.ts"
import { createCallsApi } from "../../packages/emulators/src/calls-api.ts"
import { type SlackWebhook, createSlackWebhook } from "../../packages/emulators/src/slack.ts"
import { clientOf, startDynalite } from "../../packages/io/src/store/dynamo-stand-in.ts"
import { createTable } from "../../packages/io/src/store/table.ts"
import { realWorld } from "../../packages/io/src/world.ts"

export type Outside = {
  /** What a function needs in its environment to find everything, secrets apart. */
  variables: Record<string, string>
  /** What a deployment keeps as secrets, by the name of SST's link. */
  secrets: Record<string, string>
  book: CallBook
  slack: SlackWebhook
  /** The parameters of each message that SNS has taken. */
  published: URLSearchParams[]
  /** The entries of each batch that SQS has taken. */
  batches: { Entries: unknown[] }[]
  /** The vendor takes its next request and never answers it. Resolves once it has. */
  hangNext: () => Promise<void>
  /** The same, and it answers once what this resolves to is called. */
  holdNext: () => Promise<() => void>
  stop: () => Promise<void>
}

const Batch = z.object({ Entries: z.array(z.unknown()) })

const PUBLISHED = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`

export async function startOutside(): Promise<Outside> {
  const stops: (() => Promise<unknown> | void)[] = []
  const now = () => Date.now()
  const listen = (fetch: Parameters<typeof serve>[0]["fetch"]) =>
    new Promise<string>((resolve) => {
      const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      )
      stops.push(() => {
        if ("closeAllConnections" in server) server.closeAllConnections()
        return new Promise((done) => server.close(done))
      })
    })
  const book = createCallBook()
  const slack = createSlackWebhook({ now, burst: Number.POSITIVE_INFINITY })
  const callsApi = createCallsApi({ source: book, keys: ["ew_test"], limits: "none", now })
  let hold: ((release: () => void) => void) | null = null
  const vendor = await listen(async (request) => {
    const held = hold
    hold = null
    if (held) await new Promise<void>((release) => held(release))
    return callsApi.fetch(request)
  })
  const holdNext = () => new Promise<() => void>((resolve) => (hold = resolve))
  const dynalite = await startDynalite()
  stops.push(dynalite.stop)
  const world = realWorld(() => {})
  await createTable(world, clientOf(world, dynalite), "runtime")
  const published: URLSearchParams[] = []
  const batches: { Entries: unknown[] }[] = []
  const sns = await listen(async (request) => {
    published.push(new URLSearchParams(await request.text()))
    return new Response(PUBLISHED, { headers: { "content-type": "text/xml" } })
  })
  const sqs = await listen(async (request) => {
    batches.push(Batch.parse(await request.json()))
    return Response.json({ Successful: [] }, { headers: { "content-type": "application/x-amz-json-1.0" } })
  })
  return {
    variables: {
      ECHOWIN_BASE_URL: `${vendor}/api/v1`,
      TABLE_NAME: "runtime",
      ALERT_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alerts",
      SLACK_ALLOWED_HOSTS: "127.0.0.1",
      POLL_INTERVAL_SECONDS: "0",
      FIRST_RUN_LOOKBACK: "PT1H",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_DYNAMODB: dynalite.endpoint,
      AWS_ENDPOINT_URL_SNS: sns,
      AWS_ENDPOINT_URL_SQS: sqs,
    },
    secrets: {
      EchowinApiKey: "ew_test",
      SlackWebhookUrl: `${await listen(slack.app.fetch)}/services/T000/B000/X000`,
      ApiToken: "a-token-of-the-tests",
      ChannelSecretKey: "none",
    },
    book,
    slack,
    published,
    batches,
    hangNext: async () => void (await holdNext()),
    holdNext,
    stop: async () => {
      for (const stop of stops.toReversed()) await stop()
    },
  }
}

let calls = 0

/** Each poll has something to judge, to examine, to keep and to send. */
export function addBadCall(book: CallBook): void {
  const endedAt = new Date().toISOString()
  const facts = { createdAt: endedAt, endedAt, duration: 60, flagged: true, score: null }
  book.add(plainCall({ id: `bad-${++calls}`, ...facts }))
}
