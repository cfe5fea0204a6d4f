/**
 * Polls whose way to DynamoDB is bad, over real connections: throttled, closed, reset, silent. Each ends in its time, and
 * nothing is lost or told twice.
 */
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { readPollerConfig, valueOf } from "@earshot/functions/config"
import { createPoller } from "@earshot/functions/poller"
import { createDynamoClient } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { type LogEntry, realWorld } from "@earshot/io/world"
import { createServer } from "node:http"
import { afterAll, expect, test } from "vitest"
import { startEmbedded } from "./embedded.ts"

/**
 * What the proxy does with a request. closed: the connection ends (FIN) before anything is done; answer-lost: the same, after
 * DynamoDB has done it; reset: RST; silent: no answer ever; throttled: as DynamoDB refuses when it is too much.
 */
type Trouble = "none" | "closed" | "answer-lost" | "reset" | "silent" | "throttled"

const THROTTLED = JSON.stringify({
  __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
  message: "The level of configured provisioned throughput for the table was exceeded.",
})

/** As the SDK says it of a request that it will not repeat once more. */
const LAST_ATTEMPT = /^attempt=(\d+); max=\1$/

/** A proxy before the stand-in; `trouble` is asked for each request, and whether it is the last attempt at one. */
async function startProxy(endpoint: string, trouble: (isLast: boolean) => Trouble) {
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on("data", (part: Buffer) => parts.push(part))
    request.on("end", () => {
      const kind = trouble(LAST_ATTEMPT.test(String(request.headers["amz-sdk-request"])))
      if (kind === "silent") return
      if (kind === "closed") return void request.socket.end()
      if (kind === "reset") return void request.socket.resetAndDestroy()
      if (kind === "throttled") {
        response.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(THROTTLED)
        return
      }
      const headers = Object.fromEntries(
        Object.entries(request.headers).flatMap(([name, value]) =>
          typeof value === "string" && !/^(host|connection|content-length)$/.test(name)
            ? [[name, value]]
            : [],
        ),
      )
      const pass = async () => {
        const answer = await fetch(endpoint, { method: "POST", headers, body: Buffer.concat(parts) })
        const body = Buffer.from(await answer.arrayBuffer())
        if (kind === "answer-lost") request.socket.end()
        else response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" }).end(body)
      }
      void pass()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.")
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${address.port}`, stop }
}

const stops: (() => Promise<void>)[] = []

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
})

/** A poller behind the proxy, and what people were told. */
async function createBehindProxy() {
  const book = createCallBook()
  const embedded = await startEmbedded({ source: book })
  const state = { trouble: (_isLast: boolean): Trouble => "none", requests: 0 }
  const direct = embedded.variables["AWS_ENDPOINT_URL_DYNAMODB"] ?? ""
  const proxy = await startProxy(direct, (isLast) => {
    state.requests++
    return state.trouble(isLast)
  })
  stops.push(() => embedded.stop(), proxy.stop)
  Object.assign(process.env, embedded.variables, { AWS_ENDPOINT_URL_DYNAMODB: proxy.url })
  const settings = { POLL_INTERVAL_SECONDS: "0", FIRST_RUN_LOOKBACK: "PT1H" }
  const config = valueOf(readPollerConfig({ ...embedded.variables, ...settings }))
  const logs: LogEntry[] = []
  let ahead = 0
  const world = {
    ...realWorld(() => {}),
    now: () => Date.now() + ahead,
    log: (entry: LogEntry) => void logs.push(entry),
  }
  await createTable(world, createDynamoClient(world), config.tableName)
  let calls = 0
  return {
    state,
    poll: createPoller(world, config),
    /** Leases and claims of a poll that died run out. */
    advance: (ms: number) => void (ahead += ms),
    addBadCalls: (count: number) => {
      for (let call = 0; call < count; call++) {
        const endedAt = new Date().toISOString()
        const createdAt = new Date(Date.now() - 60_000).toISOString()
        book.add(plainCall({ id: `bad-${++calls}`, createdAt, endedAt, duration: 60, flagged: true }))
      }
    },
    told: () =>
      embedded.slack.received.map(
        ({ payload }) => /"text":"call ([\w-]+)"/.exec(JSON.stringify(payload))?.[1] ?? "",
      ),
  }
}

const timed = async <T>(work: Promise<T>): Promise<{ result: T | "rejected"; ms: number }> => {
  const from = Date.now()
  const result = await work.catch(() => "rejected" as const)
  return { result, ms: Date.now() - from }
}

test.each(["throttled", "closed", "answer-lost", "reset"] as const)(
  "every third request %s: polls go on as if nothing was, and each call is told once",
  async (trouble) => {
    const { state, poll, addBadCalls, told } = await createBehindProxy()
    await poll({})
    // Channels are served side by side: without the exception, all three attempts at one request can be a third.
    state.trouble = (isLast) => (state.requests % 3 === 0 && !isLast ? trouble : "none")
    for (let round = 0; round < 4; round++) {
      addBadCalls(1)
      expect(await poll({})).toMatchObject({ ok: true, alerts: 1, delivered: 2 })
    }
    expect(told().sort()).toEqual(["bad-1", "bad-2", "bad-3", "bad-4"])
  },
  60_000,
)

test.each([
  ["throttled", 2000],
  ["closed", 2000],
  ["silent", 8000],
] as const)(
  "a table that is %s for a whole poll ends it within %i ms, wherever it begins, and the polls after it tell everything",
  async (trouble, maxMs) => {
    const { state, poll, addBadCalls, told, advance } = await createBehindProxy()
    await poll({})
    // At the start, amid the reading and keeping, and amid the delivering.
    for (const after of [0, 2, 6]) {
      addBadCalls(1)
      const from = state.requests
      state.trouble = () => (state.requests - from > after ? trouble : "none")
      const { result, ms } = await timed(poll({}))
      expect(result).toBe("rejected")
      expect(ms).toBeLessThan(maxMs)
      state.trouble = () => "none"
      advance(120_000)
    }
    for (let round = 0; round < 2; round++) {
      expect(await poll({})).toMatchObject({ ok: true, kind: "poll" })
      advance(120_000)
    }
    expect([...new Set(told())].sort()).toEqual(["bad-1", "bad-2", "bad-3"])
    // Only a message on its way when the table went away may come again, and says so.
    expect(told().length).toBeLessThanOrEqual(4)
  },
  60_000,
)

test("after a long outage the first blip is ridden out like any other: no quota is used up", async () => {
  const { state, poll, addBadCalls } = await createBehindProxy()
  await poll({})
  for (const trouble of ["reset", "throttled"] as const) {
    state.trouble = () => trouble
    for (let outage = 0; outage < 25; outage++) expect((await timed(poll({}))).result).toBe("rejected")
  }
  state.trouble = (isLast) => (state.requests % 3 === 0 && !isLast ? "closed" : "none")
  addBadCalls(1)
  expect(await poll({})).toMatchObject({ ok: true, alerts: 1 })
}, 120_000)
