/**
 * The DynamoDB units that a stand-in says it consumed: for an idle poll with a hundred seen calls in the window, beside
 * the two usual ways to remember what was seen, and for an alert from first sight to sent.
 */
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { createCallsApi } from "@earshot/emulators/calls-api"
import { fetchFrom } from "@earshot/emulators/network"
import { createSlackWebhook } from "@earshot/emulators/slack"
import { createSlackChannel } from "@earshot/io/channel/slack"
import { type Meter, clientOf, meteredWorld, startDynalite } from "@earshot/io/store/dynamo-stand-in"
import { createDynamoStore } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { realWorld } from "@earshot/io/world"
import { createMemory } from "@earshot/poller/memory/memory"
import { poll } from "@earshot/poller/poll"
import type { PollReport } from "@earshot/poller/report"
import type { PollSetup } from "@earshot/poller/setup"
import type { BenchResult } from "./result.ts"

const SEEN_CALLS = 100

/** An odd number. */
const IDLE_POLLS = 9

const MINUTE_MS = 60_000

const WEBHOOK = "https://hooks.slack.com/services/T0/B0/bench"

const TABLE = "bench"

export async function measureUnits(): Promise<BenchResult[]> {
  const full = await createBench(SEEN_CALLS)
  const idle = await usualPoll(full.pollLater)
  const listed = idle.report.listed
  const putEach = await measure(full.meter, () => putPerRow(full.client, listed))
  const batch = await measure(full.meter, () => batchGet(full.client, listed))
  await full.stop()

  // Fewer calls than a page has rows: nothing is re-read, which would be measured too.
  const { book, now, pollLater, triggerLater, stop } = await createBench(SEEN_CALLS / 2)
  const going = {
    ...callAt("going", now()),
    endedAt: null,
    status: "in_progress",
    duration: null,
    score: null,
  }
  book.add(going)
  const first = await pollLater(20_000)
  const look = await triggerLater(10_000)
  book.change("going", callAt("going", Date.parse(going.createdAt ?? "")))
  const detail = await pollLater(10_000)
  book.add({ ...callAt("bad", now() - MINUTE_MS), flagged: true })
  const alert = await pollLater(20_000)
  await stop()
  const found = [first.report.new, look.report.details, detail.report.details, alert.report.delivered]
  if (found.some((count) => count !== 1)) throw new Error(`The benchmark's polls found ${found.join(", ")}.`)

  const ours = units(idle.used)
  return [
    {
      name: `DynamoDB units of an idle poll that lists ${listed} seen calls`,
      values: {
        Earshot: ours,
        "a conditional put for each row": units(putEach),
        "a BatchGet of each row": units(batch),
      },
      unit: "units",
      ratio: ours / units(batch),
      target: "1 unit in 1 request",
      isMet: idle.used.requests === 1 && ours === 1,
    },
    {
      name: "DynamoDB units of a poll, by what it finds",
      values: {
        "a bad call, with an alert to one channel": units(alert.used),
        "the same with what AWS charges for the indexes": units(alert.used) + alert.used.indexUnits,
        "a call that has ended, and its detail": units(detail.used),
        "a new call": units(first.used),
        "between two polls, a look that finds nothing new": units(look.used),
        "an idle poll": ours,
      },
      unit: "units",
      ratio: units(alert.used) / ours,
      target: "at most 40 idle polls",
      isMet: units(alert.used) <= 40 * ours,
    },
  ]
}

type Polled = { report: PollReport; used: Meter }

/** Of several idle polls the one in the middle: now and then one notes the time, or reads older calls again. */
async function usualPoll(pollLater: (milliseconds: number) => Promise<Polled>): Promise<Polled> {
  const polls: Polled[] = []
  for (let poll = 0; poll < IDLE_POLLS; poll++) polls.push(await pollLater(20_000))
  const [usual] = polls.sort((a, b) => units(a.used) - units(b.used)).slice((IDLE_POLLS - 1) / 2)
  if (!usual) throw new Error("There was no poll.")
  return usual
}

/** A poller that has seen this many calls in the last minutes, with everything that it needs. */
async function createBench(seenCalls: number) {
  const standIn = await startDynalite()
  let time = Date.UTC(2026, 0, 5, 12)
  const now = () => time
  const outside = realWorld(() => {})
  const book = createCallBook()
  const emulated = fetchFrom({
    "echo.win": createCallsApi({ source: book, keys: ["ew_bench"], now, limits: "none" }),
    "hooks.slack.com": createSlackWebhook({ now, path: new URL(WEBHOOK).pathname }).app,
  })
  const { world, meter } = meteredWorld({
    ...outside,
    now,
    fetch: (input, init) =>
      (input instanceof Request ? input.url : input.toString()).includes("127.0.0.1")
        ? outside.fetch(input, init)
        : emulated(input, init),
  })
  const client = clientOf(world, standIn)
  await createTable(world, client, TABLE)
  const store = createDynamoStore(world, client, { tableName: TABLE, team: "bench" })
  const setup: PollSetup = {
    api: { baseUrl: "https://echo.win/api/v1", apiKey: "ew_bench", timeoutMs: 10_000 },
    channels: [createSlackChannel(world, { webhookUrl: WEBHOOK, privacy: "standard" })],
    limits: { listPerHour: 200, detailPerHour: 500, gateMs: 19_000 },
    lookbackMs: 24 * 60 * MINUTE_MS,
  }
  const memory = createMemory()
  const triggerLater = async (milliseconds: number) => {
    time += milliseconds
    const before = { ...meter }
    const report = await poll(world, store, setup, memory)
    return { report, used: since(before, meter) }
  }
  const pollLater = async (milliseconds: number) => {
    const polled = await triggerLater(milliseconds)
    if (!polled.report.ok || polled.report.kind === "skipped")
      throw new Error(`A poll of the benchmark failed: ${JSON.stringify(polled.report)}`)
    return polled
  }
  // A busy five minutes, so that every poll has to list all of them again.
  for (let call = 0; call < seenCalls; call++) book.add(callAt(`call-${call}`, time - 60_000 - call * 2000))
  for (let minute = 0; minute < 12; minute++) await pollLater(MINUTE_MS)
  return { book, now, client, meter, triggerLater, pollLater, stop: () => standIn.stop() }
}

function callAt(id: string, created: number) {
  return plainCall({
    id,
    createdAt: new Date(created).toISOString(),
    endedAt: new Date(created + 30_000).toISOString(),
  })
}

/** What most pollers do: put each row if it is absent, which fails for each one that was seen. */
async function putPerRow(client: DynamoDBClient, rows: number): Promise<void> {
  await cursorWrite(client)
  for (let row = 0; row < rows; row++) {
    const item = { pk: { S: "SEEN" }, sk: { S: `call-${row}` } }
    const put = () =>
      client.send(
        new PutItemCommand({ TableName: TABLE, Item: item, ConditionExpression: "attribute_not_exists(pk)" }),
      )
    try {
      await put()
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
    }
  }
}

/** What careful pollers do: ask for all of them at once. An absent item costs as much as a small one. */
async function batchGet(client: DynamoDBClient, rows: number): Promise<void> {
  await cursorWrite(client)
  const Keys = Array.from({ length: rows }, (_, row) => ({ pk: { S: "SEEN" }, sk: { S: `call-${row}` } }))
  await client.send(new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys } } }))
}

/** Each of them has a cursor to move, as Earshot has. */
async function cursorWrite(client: DynamoDBClient): Promise<void> {
  const Item = { pk: { S: "CURSOR" }, sk: { S: "CURSOR" } }
  await client.send(new PutItemCommand({ TableName: TABLE, Item }))
}

async function measure(meter: Meter, work: () => Promise<void>): Promise<Meter> {
  const before = { ...meter }
  await work()
  return since(before, meter)
}

function since(before: Meter, after: Meter): Meter {
  return {
    requests: after.requests - before.requests,
    writeUnits: after.writeUnits - before.writeUnits,
    indexUnits: after.indexUnits - before.indexUnits,
    readUnits: after.readUnits - before.readUnits,
  }
}

function units({ writeUnits, readUnits }: Meter): number {
  return writeUnits + readUnits
}
