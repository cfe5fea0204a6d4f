/** The poller's Lambda, triggered by the schedule and by ticks. */
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { readPollerConfig, valueOf } from "@earshot/functions/config"
import { createPoller } from "@earshot/functions/poller"
import { createDynamoClient } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { type LogEntry, realWorld } from "@earshot/io/world"
import { afterAll, expect, test } from "vitest"
import { startEmbedded } from "./embedded.ts"

const book = createCallBook()

const embedded = await startEmbedded({ source: book })

afterAll(() => embedded.stop())

const endpoint = embedded.variables["AWS_ENDPOINT_URL_SNS"] ?? ""

Object.assign(process.env, embedded.variables, { AWS_ENDPOINT_URL_SQS: endpoint })

test("a scheduled run sends the ticks that poll until the next one and beyond; a tick sends none", async () => {
  const sqs = new SQSClient({ endpoint })
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "ticks" }))
  const delayed = async () => {
    const AttributeNames = ["ApproximateNumberOfMessagesDelayed" as const]
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))
    return Number(Attributes?.ApproximateNumberOfMessagesDelayed)
  }
  const variables = { ...embedded.variables, TICK_QUEUE_URL: QueueUrl, POLL_INTERVAL_SECONDS: "0" }
  const config = valueOf(readPollerConfig(variables))
  const logs: LogEntry[] = []
  const world = {
    ...realWorld(() => {}),
    log: (entry: LogEntry) => void logs.push(entry),
    // The queue's address has a host name that only its own emulator knows.
    fetch: (...[input, init]: Parameters<typeof fetch>) => {
      const url = new URL(input instanceof Request ? input.url : input)
      if (url.hostname.endsWith(".localhost")) url.hostname = "127.0.0.1"
      return fetch(url, init)
    },
  }
  await createTable(world, createDynamoClient(world), config.tableName)
  const poller = createPoller(world, config)

  const scheduled = { version: "0", source: "aws.scheduler", "detail-type": "Scheduled Event", detail: {} }
  expect(await poller(scheduled)).toMatchObject({ ok: true })
  expect(await delayed()).toBe(5)
  expect(await poller({ Records: [{ eventSource: "aws:sqs", body: "tick" }] })).toMatchObject({ ok: true })
  expect(await delayed()).toBe(5)
  expect(logs.filter((entry) => entry.event === "poll")).toHaveLength(2)
})

test("a turn that finds a call in progress asks for one more tick, so that its end is found in seconds", async () => {
  const sqs = new SQSClient({ endpoint })
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "follow-ups" }))
  const sent: unknown[] = []
  const world = {
    ...realWorld(() => {}),
    fetch: async (...[input, init]: Parameters<typeof fetch>) => {
      const url = new URL(input instanceof Request ? input.url : input)
      if (url.hostname.endsWith(".localhost")) url.hostname = "127.0.0.1"
      if (new Headers(init?.headers).get("x-amz-target") === "AmazonSQS.SendMessage")
        sent.push(await new Request(url, init).json())
      return fetch(url, init)
    },
  }
  const variables = { ...embedded.variables, TABLE_NAME: "earshot-follow-up", TICK_QUEUE_URL: QueueUrl }
  const config = valueOf(readPollerConfig(variables))
  await createTable(world, createDynamoClient(world), config.tableName)
  const poller = createPoller(world, config)
  await poller({ Records: [{ eventSource: "aws:sqs", body: "tick" }] })
  expect(sent).toEqual([])

  const createdAt = new Date().toISOString()
  book.add(
    plainCall({ id: "going", createdAt, endedAt: null, status: "in_progress", duration: null, score: null }),
  )
  const later = { ...world, now: () => Date.now() + 30_000 }
  const report = await createPoller(later, config)({ Records: [{ eventSource: "aws:sqs", body: "tick" }] })
  const { followUpMs = 0 } = report
  expect(report).toMatchObject({ kind: "poll", new: 1 })
  expect(followUpMs).toBeGreaterThan(500)
  expect(followUpMs).toBeLessThan(5000)
  const DelaySeconds = Math.max(1, Math.round(followUpMs / 1000))
  expect(sent).toEqual([{ QueueUrl, MessageBody: "tick", DelaySeconds }])
})

test("a queue that cannot be reached holds up no poll", async () => {
  const TICK_QUEUE_URL = "http://127.0.0.1:9/000000000000/ticks"
  const variables = { ...embedded.variables, TICK_QUEUE_URL, POLL_INTERVAL_SECONDS: "0" }
  const config = valueOf(readPollerConfig(variables))
  const logs: LogEntry[] = []
  const world = {
    ...realWorld(() => {}),
    log: (entry: LogEntry) => void logs.push(entry),
    fetch: async (...request: Parameters<typeof fetch>) => {
      const target = new Headers(request[1]?.headers).get("x-amz-target") ?? ""
      if (target.startsWith("AmazonSQS")) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" })
      return fetch(...request)
    },
  }
  expect(await createPoller(world, config)({})).toMatchObject({ ok: true })
  expect(logs).toContainEqual(
    expect.objectContaining({ event: "ticks.failed", count: 5, why: "AwsUnreached (ECONNREFUSED)" }),
  )
})
