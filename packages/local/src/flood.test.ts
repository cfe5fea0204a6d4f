/** A flood of requests to /health, which asks for no token, costs the table two reads in five seconds, and polls go on meanwhile. */
import { createApi } from "@earshot/api/app"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { readPollerConfig, valueOf } from "@earshot/functions/config"
import { type UrlEvent, lambdaHandler } from "@earshot/functions/lambda"
import { createPoller } from "@earshot/functions/poller"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import type { Store } from "@earshot/io/store/store"
import { createTable } from "@earshot/io/store/table"
import { type World, realWorld } from "@earshot/io/world"
import { afterAll, expect, test } from "vitest"
import { startEmbedded } from "./embedded.ts"

const book = createCallBook()

const embedded = await startEmbedded({ source: book })

afterAll(() => embedded.stop())

Object.assign(process.env, embedded.variables)

const TICK = { Records: [{ eventSource: "aws:sqs", body: "tick" }] }

const FLOOD = 600

const asked = (rawPath: string): UrlEvent => ({
  version: "2.0",
  routeKey: "$default",
  rawPath,
  rawQueryString: "",
  headers: { host: "earshot.test" },
  body: null,
  isBase64Encoded: false,
  requestContext: {
    accountId: "",
    apiId: "",
    authentication: null,
    authorizer: {},
    domainName: "earshot.test",
    domainPrefix: "",
    http: { method: "GET", path: rawPath, protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "" },
    requestId: "",
    routeKey: "$default",
    stage: "$default",
    time: "",
    timeEpoch: 0,
  },
})

test("a flood of /health, with however many slashes, asks the table twice, and a poll beside it alerts people", async () => {
  const config = valueOf(
    readPollerConfig({ ...embedded.variables, POLL_INTERVAL_SECONDS: "0", FIRST_RUN_LOOKBACK: "PT1H" }),
  )
  const real = realWorld(() => {})
  let reads = 0
  let time = Date.now()
  const world: World = { ...real, now: () => time }
  await createTable(real, createDynamoClient(real), config.tableName)
  const poll = createPoller(real, config)
  expect(await poll(TICK)).toMatchObject({ ok: true })
  const { tableName } = config
  const store = createDynamoStore(world, createDynamoClient(world), { tableName, team: "default" })
  const counted = new Proxy(store, {
    get: (target, name: keyof Store) => {
      reads++
      return target[name]
    },
  })
  const api = lambdaHandler(createApi(world, counted, { token: "a-token-of-the-tests", intervalMs: 0 }))
  const now = Date.now()
  book.add({
    ...plainCall({ id: "bad", createdAt: new Date(now - 60_000).toISOString(), flagged: true }),
    endedAt: new Date(now - 30_000).toISOString(),
  })

  const flood = async () => {
    const answers = await Promise.all(
      Array.from({ length: FLOOD }, (_, index) => api(asked(index % 2 === 0 ? "/health" : "//health"))),
    )
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`))).toEqual(
      new Set(['200 {"status":"ok"}']),
    )
  }
  const [report] = await Promise.all([poll(TICK), flood()])
  expect(report).toMatchObject({ ok: true, alerts: 1, delivered: 2 })
  expect(reads).toBe(2)
  time += 4999
  await flood()
  expect(reads).toBe(2)
  time += 1
  await flood()
  expect(reads).toBe(4)
})
