/**
 * The bundled poller under Lambda's own runtime client, with each await that reaches outside failing once, be it for an answer or for
 * a part of its body: every invocation is answered, and no rejection goes unhandled, which would end the process without an answer.
 * `rejection.test.ts` of the poller does the same with what the store is asked and with sleeps.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import * as z from "zod"
import { bundleAsDeployed } from "../packages/bench/src/deployed-bundle.ts"
import { type Outside, addBadCall, startOutside } from "./lambda/outside.ts"
import { type Lambda, startLambda } from "./lambda/runtime.ts"

const task = mkdtempSync(path.join(tmpdir(), "earshot-runtime-"))
const stops: (() => Promise<unknown> | void)[] = [() => rmSync(task, { recursive: true, force: true })]

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
})

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

const Whole = z.object({ body: z.object({ asked: z.object({ requests: z.number(), awaits: z.number() }) }) })

let lambda: Lambda
let outside: Outside

beforeAll(async () => {
  const [started] = await Promise.all([
    startOutside(),
    bundleAsDeployed({ entry: "packages/functions/src/poller.ts" }, task),
  ])
  outside = started
  stops.push(outside.stop)
  writeFileSync(path.join(task, "app.mjs"), HANDLER)
  const { EchowinApiKey = "", SlackWebhookUrl = "" } = outside.secrets
  const secrets = { ECHOWIN_API_KEY: EchowinApiKey, SLACK_WEBHOOK_URL: SlackWebhookUrl }
  const variables = { ...outside.variables, ...secrets }
  lambda = await startLambda({ task, work: path.join(task, "client"), module: "app", variables })
  stops.push(lambda.stop)
})

const ask = (event: object) => lambda.ask(event)

const linesOf = (event: string) =>
  lambda
    .output()
    .split("\n")
    .filter((line) => line.includes(`"event":"${event}"`))

test("each await fails once, and each request with all after it: polls are answered, and nothing goes unhandled", async () => {
  addBadCall(outside.book)
  const whole = await ask({ mode: "once", failAt: 0 })
  expect(whole, lambda.output()).toMatchObject({ kind: "response", body: { ok: true } })
  const { requests, awaits } = Whole.parse(whole).body.asked
  expect(requests).toBeGreaterThan(15)
  expect(awaits).toBeGreaterThan(2.5 * requests)
  for (const [mode, count] of [
    ["once", awaits],
    ["from", requests],
  ] as const) {
    for (let failAt = 1; failAt <= count; failAt++) {
      addBadCall(outside.book)
      const answer = await ask({ mode, failAt })
      expect(answer, `${mode} ${failAt}: ${lambda.output().slice(-2000)}`).not.toBe("died")
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
    expect(await ask(event), lambda.output().slice(-2000)).toMatchObject({ kind: "response" })
    const [line, ...others] = linesOf("unhandled").slice(before)
    expect(others).toEqual([])
    expect(JSON.parse(line ?? "")).toMatchObject({ level: "error", event: "unhandled", error })
    expect(lambda.output()).not.toContain("a secret")
    expect(lambda.output()).not.toContain("fetch failed")
  },
)
