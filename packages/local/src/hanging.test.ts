/** Real sockets that take a request and never answer it: whoever hangs, a run is over in good time, and does what it can without them. */
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { readPollerConfig, valueOf } from "@earshot/functions/config"
import { createPoller } from "@earshot/functions/poller"
import { boundKeepAlive } from "@earshot/io/keep-alive"
import { createDynamoClient } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { type LogEntry, type World, realWorld } from "@earshot/io/world"
import { type Server, type ServerResponse, createServer } from "node:http"
import { afterAll, expect, test } from "vitest"
import { startEmbedded } from "./embedded.ts"

const stops: (() => unknown)[] = []

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
})

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  stops.push(() => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`
}

/** How much sooner a request that hangs is given up than it would be. */
const HURRY = 20

type Run = { logs: LogEntry[]; waitedMs: number; heard?: (entry: LogEntry) => void }

/** A poller with a bad call to tell of. `waitedMs`: all waits that nothing ended before their time. */
async function createRun(variable: string) {
  const held: ServerResponse[] = []
  let isOver = false
  const hanging = await listen(
    createServer((_, response) => void (isOver ? response.writeHead(500).end() : held.push(response))),
  )
  const letGo = () => {
    isOver = true
    for (const response of held) response.writeHead(500).end()
  }
  const book = createCallBook()
  const embedded = await startEmbedded({ source: book })
  stops.push(embedded.stop)
  const path = { SLACK_WEBHOOK_URL: "/services/T000/B000/hang", ECHOWIN_BASE_URL: "/api/v1" }[variable] ?? ""
  const variables = {
    ...embedded.variables,
    POLL_INTERVAL_SECONDS: "0",
    FIRST_RUN_LOOKBACK: "PT1H",
    TICK_QUEUE_URL: `${hanging}/123456789012/ticks`,
  }
  const logs: LogEntry[] = []
  const real = realWorld(() => {})
  const run: Run = { logs, waitedMs: 0 }
  // A request's limit is set right after the request is made.
  let hurry = 1
  const world: World = {
    ...real,
    log: (entry) => {
      logs.push(entry)
      run.heard?.(entry)
    },
    fetch: (input, init) => {
      hurry = String(input instanceof Request ? input.url : input).startsWith(hanging) ? HURRY : 1
      return real.fetch(input, init)
    },
    sleep: async (milliseconds, signal) => {
      const wait = real.sleep(milliseconds / hurry, signal)
      hurry = 1
      await wait
      if (!signal?.aborted) run.waitedMs += milliseconds
    },
  }
  Object.assign(process.env, variables)
  await createTable(world, createDynamoClient(world), "earshot-local")
  const hung = { ...variables, [variable]: `${hanging}${path}` }
  Object.assign(process.env, { AWS_ENDPOINT_URL_SQS: hanging }, hung)
  const endedAt = new Date().toISOString()
  book.add(plainCall({ id: "bad", createdAt: endedAt, endedAt, duration: 60, flagged: true, score: null }))
  const poll = createPoller(world, valueOf(readPollerConfig(hung)))
  return { run, poll, world, letGo }
}

test.each([
  ["the tick queue", "AWS_ENDPOINT_URL_SQS", { ok: true, alerts: 1, delivered: 2 }, 5000],
  ["SNS", "AWS_ENDPOINT_URL_SNS", { ok: true, alerts: 1, delivered: 1 }, 20_000],
  ["Slack", "SLACK_WEBHOOK_URL", { ok: true, alerts: 1, delivered: 1 }, 20_000],
  ["echowin", "ECHOWIN_BASE_URL", null, 20_000],
  ["the table", "AWS_ENDPOINT_URL_DYNAMODB", null, 20_000],
] as const)("while %s never answers, a run ends by itself", async (_, variable, outcome, waitedMax) => {
  const { run, poll } = await createRun(variable)
  const polled = poll({})
  if (outcome) expect(await polled).toMatchObject(outcome)
  else await expect(polled).rejects.toThrow()
  expect(run.waitedMs).toBeGreaterThan(0)
  expect(run.waitedMs).toBeLessThan(waitedMax)
  const ticks = run.logs.filter(({ event }) => event === "ticks.failed")
  expect(ticks).toEqual([{ level: "warn", event: "ticks.failed", count: 5, why: "TimeoutError (ETIMEDOUT)" }])
})

test("a poll does not wait for the tick queue: it is over while the queue still hangs", async () => {
  const { run, poll, world, letGo } = await createRun("AWS_ENDPOINT_URL_SQS")
  // No limit ends anything here.
  world.sleep = (milliseconds, signal) =>
    new Promise((resolve) => {
      signal?.addEventListener("abort", () => resolve())
      if (!signal) setTimeout(resolve, milliseconds)
    })
  const events = new Promise<string[]>((resolve) => {
    run.heard = ({ event }) => {
      if (event === "poll") resolve(run.logs.map((line) => line.event))
    }
  })
  const polled = poll({})
  const soFar = await events
  letGo()
  expect(soFar).not.toContain("ticks.failed")
  expect(await polled).toMatchObject({ ok: true, delivered: 2 })
  expect(run.logs.map(({ event }) => event)).toContain("ticks.failed")
}, 20_000)

test("a connection that nobody uses is soon closed, however long the other side would keep it", async () => {
  let connections = 0
  const server = createServer((_, response) =>
    response.writeHead(200, { "keep-alive": "timeout=600" }).end("ok"),
  )
  server.on("connection", () => connections++)
  const url = await listen(server)
  const { fetch, sleep } = realWorld(() => {})
  const ask = async () => {
    await (await fetch(url)).text()
    await sleep(20)
  }
  await boundKeepAlive(60_000)
  await ask()
  await ask()
  expect(connections).toBe(1)
  await boundKeepAlive(5)
  await ask()
  await ask()
  expect(connections).toBe(3)
  await boundKeepAlive()
})
