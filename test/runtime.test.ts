/**
 * The bundled poller under Lambda's own runtime client, with each await that reaches outside failing once, be it for an answer or for
 * a part of its body: every invocation is answered, and no rejection goes unhandled, which would end the process without an answer.
 * `rejection.test.ts` of the poller does the same with what the store is asked and with sleeps.
 */
import { serve } from "@hono/node-server"
import { build } from "esbuild"
import { type ChildProcess, spawn } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { type Server, createServer } from "node:http"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createCallBook, plainCall } from "../packages/emulators/src/call-book.ts"
import { createCallsApi } from "../packages/emulators/src/calls-api.ts"
import { createSlackWebhook } from "../packages/emulators/src/slack.ts"
import { clientOf, startDynalite } from "../packages/io/src/store/dynamo-stand-in.ts"
import { createTable } from "../packages/io/src/store/table.ts"
import { realWorld } from "../packages/io/src/world.ts"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const RUNTIME = path.join(ROOT, "node_modules/aws-lambda-ric")
const task = mkdtempSync(path.join(tmpdir(), "earshot-runtime-"))
const stops: (() => Promise<unknown> | void)[] = [() => rmSync(task, { recursive: true, force: true })]

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
})

/** What stands in for the part of the runtime client that is compiled. */
const NATIVE_CLIENT = `
const http = require("node:http")
const post = (path, body) => {
  const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":")
  http.request({ hostname, port, method: "POST", path: "/2018-06-01/runtime/invocation/" + path }).end(body)
}
exports.initializeClient = () => {}
exports.done = (id, body) => post(id + "/response", body)
exports.error = (id, body) => post(id + "/error", body)
`

/** The handler, with its clock and its network in the event's hands. */
const HANDLER = `
import { handler as poll } from "./bundle.mjs"
const { fetch, setTimeout: wait, clearTimeout: forget } = globalThis
/** What is still on its way: requests, reads and timers. */
const busy = new Set()
// The pace of the channels, which nobody minds here.
globalThis.setTimeout = (done, ms, ...others) => {
  const timer = wait(() => (busy.delete(timer), done(...others)), ms === 1000 ? 1 : ms)
  if (ms <= 1000) busy.add(timer)
  return timer
}
globalThis.clearTimeout = (timer) => (busy.delete(timer), forget(timer))
const during = async (work) => {
  const mine = {}
  busy.add(mine)
  try {
    return await work()
  } finally {
    busy.delete(mine)
  }
}
const { now } = Date
let ahead = 0
Date.now = () => now() + ahead
export const handler = async (event) => {
  ahead += 120_000
  const asked = { requests: 0, awaits: 0 }
  const reach = (request) => {
    asked.awaits++
    asked.requests += request
    const isFailing =
      event.mode === "once" ? asked.awaits === event.failAt : event.mode === "from" && asked.requests >= event.failAt
    if (isFailing) throw Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } })
  }
  const partsOf = (reader) => ({
    pull: (controller) =>
      during(async () => {
        reach(0)
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      }),
    cancel: () =>
      during(async () => {
        reach(0)
        await reader.cancel()
      }),
  })
  globalThis.fetch = (input, init) =>
    during(async () => {
      reach(1)
      const answer = await fetch(input, init)
      const parts = answer.body && new ReadableStream(partsOf(answer.body.getReader()), { highWaterMark: 0 })
      return new Response(parts, answer)
    })
  if (event.mode === "leak") void Promise.reject(new RangeError("a secret"))
  if (event.isFloating) void globalThis.fetch("http://127.0.0.1/")
  try {
    return { ...(await poll({})), asked }
  } finally {
    // Whatever is still on its way has its last attempt before the next event.
    for (let turn = 0; turn < 3 || (busy.size > 0 && turn < 50); turn++) await new Promise((resolve) => wait(resolve, 2))
  }
}
`

type Asked = { requests: number; awaits: number }

type Answer = { kind: "response" | "error"; body: { asked?: Asked; ok?: boolean; errorType?: string } }

let ask: (event: object) => Promise<Answer | "died">
let output = ""
const book = createCallBook()

beforeAll(async () => {
  await build({
    entryPoints: [path.join(ROOT, "packages/functions/src/poller.ts")],
    outfile: path.join(task, "bundle.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url)',
    },
  })
  writeFileSync(path.join(task, "app.mjs"), HANDLER)
  writeFileSync(path.join(task, "rapid-client.node.js"), NATIVE_CLIENT)
  writeFileSync(path.join(task, "package.json"), "{}")
  copyFileSync(path.join(RUNTIME, "index.mjs"), path.join(task, "index.mjs"))
  symlinkSync(path.join(RUNTIME, "node_modules"), path.join(task, "node_modules"))
  ask = await startRuntime(await startOutside())
})

/** The vendor, the table and the channels. */
async function startOutside(): Promise<Record<string, string>> {
  const now = () => Date.now()
  const listen = (fetch: Parameters<typeof serve>[0]["fetch"]) =>
    new Promise<string>((resolve) => {
      const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      )
      stops.push(() => new Promise((done) => server.close(done)))
    })
  const slack = createSlackWebhook({ now, burst: Number.POSITIVE_INFINITY })
  const callsApi = createCallsApi({ source: book, keys: ["ew_test"], limits: "none", now })
  const published = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`
  const dynalite = await startDynalite()
  stops.push(dynalite.stop)
  const world = realWorld(() => {})
  await createTable(world, clientOf(world, dynalite), "runtime")
  return {
    ECHOWIN_API_KEY: "ew_test",
    ECHOWIN_BASE_URL: `${await listen(callsApi.fetch)}/api/v1`,
    TABLE_NAME: "runtime",
    ALERT_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alerts",
    SLACK_WEBHOOK_URL: `${await listen(slack.app.fetch)}/services/T000/B000/X000`,
    SLACK_ALLOWED_HOSTS: "127.0.0.1",
    POLL_INTERVAL_SECONDS: "0",
    FIRST_RUN_LOOKBACK: "PT1H",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_DYNAMODB: dynalite.endpoint,
    AWS_ENDPOINT_URL_SNS: await listen(
      () => new Response(published, { headers: { "content-type": "text/xml" } }),
    ),
  }
}

/** Lambda's side of its Runtime API, and the process that asks it. */
async function startRuntime(variables: Record<string, string>): Promise<typeof ask> {
  let id = 0
  let give: ((event: string) => void) | null = null
  let waiting: string | null = null
  let heard: (answer: Answer | "died") => void = () => {}
  const server: Server = createServer((request, response) => {
    if (request.method === "GET") {
      give = (event) => {
        give = null
        const headers = {
          "lambda-runtime-aws-request-id": String(++id),
          "lambda-runtime-deadline-ms": String(Date.now() + 60_000),
          "lambda-runtime-invoked-function-arn": "arn:aws:lambda:us-east-1:123456789012:function:Poller",
        }
        response.writeHead(200, headers).end(event)
      }
      if (waiting !== null) give(waiting)
      waiting = null
      return
    }
    const parts: Buffer[] = []
    request
      .on("data", (part: Buffer) => parts.push(part))
      .on("end", () => {
        response.writeHead(202).end()
        const kind = request.url?.endsWith("/error") ? "error" : "response"
        heard({ kind, body: JSON.parse(Buffer.concat(parts).toString() || "{}") })
      })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const env = {
    ...variables,
    PATH: process.env["PATH"],
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
    AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: "true",
    LAMBDA_TASK_ROOT: task,
    _HANDLER: "app.handler",
    AWS_LAMBDA_FUNCTION_NAME: "Poller",
    AWS_LAMBDA_FUNCTION_VERSION: "1",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
    AWS_LAMBDA_LOG_GROUP_NAME: "group",
    AWS_LAMBDA_LOG_STREAM_NAME: "stream",
  }
  const child: ChildProcess = spawn(process.execPath, ["index.mjs", "app.handler"], { cwd: task, env })
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (text: Buffer) => (output += String(text)))
  let hasDied = false
  child.once("exit", () => {
    hasDied = true
    heard("died")
  })
  stops.push(
    () => new Promise((done) => (server.closeAllConnections(), server.close(done))),
    () => void child.kill(),
  )
  return (event) =>
    new Promise((resolve) => {
      heard = resolve
      if (hasDied) return resolve("died")
      if (give) give(JSON.stringify(event))
      else waiting = JSON.stringify(event)
    })
}

let calls = 0

/** Each poll has something to judge, to examine, to keep and to send. */
function addBadCall(): void {
  const endedAt = new Date().toISOString()
  const facts = { createdAt: endedAt, endedAt, duration: 60, flagged: true, score: null }
  book.add(plainCall({ id: `bad-${++calls}`, ...facts }))
}

const linesOf = (event: string) => output.split("\n").filter((line) => line.includes(`"event":"${event}"`))

test("each await fails once, and each request with all after it: polls are answered, and nothing goes unhandled", async () => {
  addBadCall()
  const whole = await ask({ mode: "once", failAt: 0 })
  expect(whole, output).toMatchObject({ kind: "response", body: { ok: true } })
  const { requests = 0, awaits = 0 } = (whole !== "died" && whole.body.asked) || {}
  expect(requests).toBeGreaterThan(15)
  expect(awaits).toBeGreaterThan(2.5 * requests)
  for (const [mode, count] of [
    ["once", awaits],
    ["from", requests],
  ] as const) {
    for (let failAt = 1; failAt <= count; failAt++) {
      addBadCall()
      const answer = await ask({ mode, failAt })
      expect(answer, `${mode} ${failAt}: ${output.slice(-2000)}`).not.toBe("died")
    }
  }
  expect(linesOf("unhandled")).toEqual([])
  // Whatever happened, the same process still polls.
  expect(await ask({ mode: "once", failAt: 0 })).toMatchObject({ kind: "response", body: { ok: true } })
})

test.each([
  ["a rejection", { mode: "leak", failAt: 0 }, "RangeError"],
  ["a request that fails", { mode: "once", failAt: 1, isFloating: true }, "TypeError"],
])(
  "%s that nobody waits for is one line of JSON without its message, and the poll is answered",
  async (_, event, error) => {
    const before = linesOf("unhandled").length
    expect(await ask(event), output.slice(-2000)).toMatchObject({ kind: "response" })
    const [line, ...others] = linesOf("unhandled").slice(before)
    expect(others).toEqual([])
    expect(JSON.parse(line ?? "")).toMatchObject({ level: "error", event: "unhandled", error })
    expect(output).not.toContain("a secret")
    expect(output).not.toContain("fetch failed")
  },
)
