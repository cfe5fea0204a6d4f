/** The embedded world, all the way: servers, the AWS SDK, the Lambda's own poller, the HTTP API. */
import { createApi } from "@earshot/api/app"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { createTraffic } from "@earshot/emulators/traffic"
import { TEAM, readPollerConfig, valueOf } from "@earshot/functions/config"
import { createPoller } from "@earshot/functions/poller"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { type LogEntry, realWorld } from "@earshot/io/world"
import { afterAll, expect, test } from "vitest"
import { type Embedded, startEmbedded } from "./embedded.ts"

const running: Embedded[] = []

afterAll(async () => {
  await Promise.all(running.map((embedded) => embedded.stop()))
})

async function createEarshot(source: Parameters<typeof startEmbedded>[0]["source"]) {
  const embedded = await startEmbedded({ source })
  running.push(embedded)
  Object.assign(process.env, embedded.variables)
  const settings = { POLL_INTERVAL_SECONDS: "0", FIRST_RUN_LOOKBACK: "PT1H" }
  const config = valueOf(readPollerConfig({ ...embedded.variables, ...settings }))
  const logs: LogEntry[] = []
  const world = { ...realWorld(() => {}), log: (entry: LogEntry) => void logs.push(entry) }
  const client = createDynamoClient(world)
  const { tableName } = config
  await createTable(world, client, tableName)
  const store = createDynamoStore(world, client, { tableName, team: TEAM })
  const api = createApi(world, store, { token: "token", intervalMs: 0 })
  return { embedded, poll: createPoller(world, config), api, logs }
}

test("the traffic of npm start has a bad call, and it is told in Slack and by e-mail by the first poll", async () => {
  const from = Date.now() - 10_000
  const source = createTraffic({ seed: 1, ratePerHour: 120, from, withExample: true, tempo: "lively" })
  const { embedded, poll } = await createEarshot(source)
  const report = await poll({})
  expect(report).toMatchObject({ ok: true, alerts: 1, delivered: 2, unreadable: 0 })
  const [message] = embedded.slack.received
  expect(message?.text).toMatch(/^Critical: .+ called about .+\. .+ took a call from .+\.$/)
  const [mail] = await embedded.readMail()
  expect(mail?.subject).toMatch(/^Critical: Angry caller, Low score \(.+, \d\d:\d\d UTC\)$/)
  expect(mail?.body).toContain("Scored 1 of 5 (alert up to 2)")
})

test("a rule that is added over HTTP is told by the next poll; one that is deleted no more", async () => {
  const book = createCallBook()
  const { embedded, poll, api, logs } = await createEarshot(book)
  const ended = (id: string) => {
    const endedAt = new Date().toISOString()
    return plainCall({ id, createdAt: new Date(Date.now() - 200_000).toISOString(), endedAt, duration: 200 })
  }
  const ask = (method: string, path: string, body?: object, more: Record<string, string> = {}) =>
    api.request(path, {
      method,
      headers: { authorization: "Bearer token", ...more },
      ...(body && { body: JSON.stringify(body) }),
    })
  expect(await poll({})).toMatchObject({ ok: true, alerts: 0 })
  const added = await ask("POST", "/rules", { name: "Long call", when: { duration: { gte: 180 } } })
  expect([added.status, added.headers.get("location")]).toEqual([201, "/rules/long-call"])
  book.add(ended("one"))
  expect(await poll({})).toMatchObject({ alerts: 1, delivered: 2 })
  expect((await ask("DELETE", "/rules/long-call", undefined, { "if-match": '"1"' })).status).toBe(204)
  book.add(ended("two"))
  expect(await poll({})).toMatchObject({ new: 1, alerts: 0 })
  expect(embedded.slack.received.map(({ text }) => text)).toEqual([
    "Warning: The caller asked for the opening hours and was told them. Juniper took a call from …0001 (3 min 20 s).",
  ])
  expect((await api.request("/health")).status).toBe(200)
  expect(JSON.stringify(logs)).not.toMatch(/0100001|ew_local|hooks|opening hours/)
})
