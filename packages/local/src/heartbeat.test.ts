/** A monitor hears of a poll that has completed, and of nothing else; and whatever it does, the poll is as it was. */
import { createCallBook } from "@earshot/emulators/call-book"
import { readPollerConfig, valueOf } from "@earshot/functions/config"
import { createPoller } from "@earshot/functions/poller"
import { HEARTBEAT_TIMEOUT_MS } from "@earshot/io/heartbeat"
import { createDynamoClient } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { type LogEntry, type World, realWorld } from "@earshot/io/world"
import { afterAll, expect, test } from "vitest"
import { startEmbedded } from "./embedded.ts"

const embedded = await startEmbedded({ source: createCallBook() })

afterAll(() => embedded.stop())

Object.assign(process.env, embedded.variables)

const MONITOR = "https://hc-ping.com/a-secret"

const TICK = { Records: [{ eventSource: "aws:sqs", body: "tick" }] }

let tables = 0

/** A poller whose vendor and monitor can be told what to answer. `waited`: how long for each answer that never came. */
async function createWatched(answer: () => Promise<Response>, isListed = true) {
  const TABLE_NAME = `earshot-heartbeat-${tables++}`
  const variables = {
    ...embedded.variables,
    TABLE_NAME,
    HEARTBEAT_URL: MONITOR,
    POLL_INTERVAL_SECONDS: "300",
  }
  const config = valueOf(readPollerConfig(variables))
  const logs: LogEntry[] = []
  const asked: string[] = []
  const waited: number[] = []
  let ahead = 0
  const real = realWorld(() => {})
  const world: World = {
    ...real,
    now: () => real.now() + ahead,
    log: (entry) => void logs.push(entry),
    // Only what nobody answers is waited for, and that is over at once.
    sleep: async (ms, signal) => {
      if (ms !== HEARTBEAT_TIMEOUT_MS) return real.sleep(ms, signal)
      waited.push(ms)
      ahead += ms
    },
    fetch: async (input, init) => {
      const { url } = new Request(input)
      if (url === MONITOR) {
        asked.push(url)
        return answer()
      }
      if (!isListed && url.startsWith(config.baseUrl)) return new Response("", { status: 503 })
      return real.fetch(input, init)
    },
  }
  await createTable(world, createDynamoClient(world), TABLE_NAME)
  const poll = createPoller(world, config)
  const pollAfter = (ms: number) => {
    ahead += ms
    return poll(TICK)
  }
  return { pollAfter, logs, asked, waited }
}

const well = async () => new Response("OK")

test("a poll that completes is told of; a look between two polls is not", async () => {
  const { pollAfter, asked } = await createWatched(well)
  expect(await pollAfter(0)).toMatchObject({ ok: true, isComplete: true })
  expect(asked).toHaveLength(1)
  // So long after it that another sign would be due.
  const look = await pollAfter(120_000)
  expect(look.kind).not.toBe("poll")
  expect(look.ok).toBe(true)
  expect(asked).toHaveLength(1)
  expect(await pollAfter(400_000)).toMatchObject({ kind: "poll", isComplete: true })
  expect(asked).toHaveLength(2)
})

test("a poll that cannot read the list is told to no monitor, so that it rings", async () => {
  const { pollAfter, asked } = await createWatched(well, false)
  for (let poll = 0; poll < 3; poll++) await pollAfter(400_000).catch(() => {})
  expect(asked).toEqual([])
})

test.each<[string, () => Promise<Response>]>([
  ["refuses", async () => new Response("a-secret", { status: 500 })],
  ["never answers", () => new Promise(() => {})],
  ["cannot be reached", () => Promise.reject(new TypeError(`fetch failed ${MONITOR}`))],
])("a monitor that %s fails no poll, and its address is in no log", async (_, answer) => {
  const { pollAfter, asked, logs, waited } = await createWatched(answer)
  expect(await pollAfter(0)).toMatchObject({ ok: true, isComplete: true })
  expect(await pollAfter(400_000)).toMatchObject({ ok: true, isComplete: true })
  expect(asked).toHaveLength(2)
  expect(waited.length).toBeLessThanOrEqual(2)
  expect(logs.filter(({ event }) => event === "heartbeat.failed")).toHaveLength(2)
  expect(JSON.stringify(logs)).not.toMatch(/a-secret|hc-ping/)
})
