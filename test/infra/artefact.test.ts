/**
 * The two functions as a deploy would upload them, run by Lambda's own runtime client on the Node that Lambda runs and on this
 * machine's, with the events that the schedule, the queue and the function URL send: an alert arrives, and whatever goes wrong is
 * answered as Lambda needs it.
 */
import { createHmac } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import * as z from "zod"
import { bundleAsDeployed } from "../../packages/bench/src/deployed-bundle.ts"
import { putLinks } from "../lambda/link.ts"
import { lambdaNode } from "../../packages/bench/src/lambda-node.ts"
import { type Outside, addBadCall, startOutside } from "../lambda/outside.ts"
import { type Lambda, startLambda } from "../lambda/runtime.ts"

const work = mkdtempSync(path.join(tmpdir(), "earshot-artefact-"))
const stops: (() => Promise<unknown> | void)[] = [() => rmSync(work, { recursive: true, force: true })]

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
})

const NODES = ["24", "this machine's"] as const

const nodes = { "24": "", "this machine's": process.execPath }

beforeAll(async () => {
  nodes["24"] = await lambdaNode()
  for (const name of ["poller", "api"]) {
    await bundleAsDeployed({ entry: `packages/functions/src/${name}.ts` }, path.join(work, name))
  }
})

let started = 0

/** A process of a function, with its secrets in the encrypted links alone. */
async function start(
  name: "poller" | "api",
  node: (typeof NODES)[number],
  outside: Outside,
  variables: Record<string, string> = {},
) {
  const task = path.join(work, name)
  const lambda = await startLambda({
    task,
    work: path.join(work, `client-${++started}`),
    module: "bundle",
    variables: { ...outside.variables, ...putLinks(task, outside.secrets), ...variables },
    node: nodes[node],
  })
  stops.push(lambda.stop)
  return lambda
}

const TICKS = {
  Records: ["1", "2", "3"].map((messageId) => ({
    messageId,
    receiptHandle: "handle",
    body: "tick",
    attributes: { ApproximateReceiveCount: "1" },
    messageAttributes: {},
    md5OfBody: createHmac("md5", "").update(messageId).digest("hex"),
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:Tick",
    awsRegion: "us-east-1",
  })),
}

const Failure = z.object({ errorType: z.string(), errorMessage: z.string(), trace: z.array(z.string()) })

describe.each(NODES)("the poller on Node %s", (node) => {
  let outside: Outside
  let poller: Lambda

  beforeAll(async () => {
    outside = await startOutside()
    stops.push(outside.stop)
    poller = await start("poller", node, outside, {
      TICK_QUEUE_URL: `${outside.variables["AWS_ENDPOINT_URL_SQS"]}/ticks`,
    })
  })

  test("alerts at the schedule's event, with its secrets from the encrypted links, and sends the ticks", async () => {
    const before = { slack: outside.slack.received.length, mails: outside.published.length }
    const batches = outside.batches.length
    addBadCall(outside.book)
    const answer = await poller.ask({})
    expect(answer, poller.output()).toMatchObject({
      kind: "response",
      body: { ok: true, alerts: 1, delivered: 2 },
    })
    expect(outside.slack.received.slice(before.slack)).toHaveLength(1)
    const [mail] = outside.published.slice(before.mails).filter((each) => each.get("Action") === "Publish")
    expect(mail?.get("Subject")).toMatch(/^\w+: .+/)
    expect(outside.batches.slice(batches).map(({ Entries }) => Entries.length)).toEqual([5])
  })

  test("takes three ticks at once for one poll, and sends no more ticks", async () => {
    const batches = outside.batches.length
    addBadCall(outside.book)
    expect(await poller.ask(TICKS)).toMatchObject({
      kind: "response",
      body: { ok: true, alerts: 1, delivered: 2 },
    })
    expect(outside.batches).toHaveLength(batches)
  })

  test.each([[null], ["text"], [[]], [{ Records: [] }], [{ Records: "many" }]])(
    "takes the malformed event %j for the schedule's",
    async (event) => {
      expect(await poller.ask(event)).toMatchObject({ kind: "response", body: { ok: true } })
    },
  )

  test("a poll that fails is an error of the function, whose trace names our files; the next one polls", async () => {
    const vendor = outside.variables["ECHOWIN_BASE_URL"] ?? ""
    const failing = await start("poller", node, outside, {
      ECHOWIN_BASE_URL: vendor.replace("/api/", "/nowhere/"),
    })
    const answer = await failing.ask({})
    expect(answer).toMatchObject({ kind: "error" })
    const { trace } = Failure.parse(answer === "died" ? null : answer.body)
    expect(trace.join("\n")).toContain("packages/functions/src/poller.ts:")
    expect(trace.join("\n")).not.toMatch(/bundle\.mjs|chunk-/)
    expect(await poller.ask({})).toMatchObject({ kind: "response", body: { ok: true } })
  })

  test("a setting that is wrong is an error that names it, at each event", async () => {
    const wrong = await start("poller", node, outside, { POLL_INTERVAL_SECONDS: "soon" })
    for (const _ of [1, 2]) {
      const answer = await wrong.ask({})
      expect(answer).toMatchObject({ kind: "error", body: { errorType: "ConfigurationErrors" } })
      expect(JSON.stringify(answer)).toContain("POLL_INTERVAL_SECONDS is wrong")
    }
    expect(wrong.output()).not.toContain("ew_test")
  })

  test("what Lambda stops at its time loses nothing: the next run alerts", async () => {
    const stopped = await start("poller", node, outside)
    const hangs = outside.hangNext()
    addBadCall(outside.book)
    const asked = stopped.ask(TICKS)
    await hangs
    stopped.signal("SIGKILL")
    expect(await asked).toBe("died")
    // A minute later.
    const ahead = "const{now}=Date;Date.now=()=>now()+61e3"
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(ahead)}`
    const next = await start("poller", node, outside, { NODE_OPTIONS })
    expect(await next.ask({}), next.output()).toMatchObject({
      kind: "response",
      body: { ok: true, alerts: 1 },
    })
  })

  test("nothing of a secret or of a caller is in its log", () => {
    expect(poller.output()).toContain('"event":"poll"')
    expect(poller.output()).not.toMatch(/ew_test|a-token-of|\/services\/|\+1555/)
    expect(poller.output()).not.toContain('"event":"unhandled"')
  })
})

/** As a function URL sends it. */
function urlEvent(
  method: string,
  rawPath: string,
  more: { headers?: object; body?: string; isBase64Encoded?: boolean } = {},
) {
  const { headers, ...rest } = more
  const domainName = "abc.lambda-url.us-east-1.on.aws"
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: "",
    headers: { host: domainName, "x-forwarded-proto": "https", ...headers },
    requestContext: {
      accountId: "anonymous",
      apiId: "abc",
      domainName,
      domainPrefix: "abc",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
      requestId: "1",
      routeKey: "$default",
      stage: "$default",
      time: "30/Nov/2026:06:00:00 +0000",
      timeEpoch: 1796018400000,
    },
    isBase64Encoded: false,
    ...rest,
  }
}

const TOKEN = { authorization: "Bearer a-token-of-the-tests" }

describe.each(NODES)("the API on Node %s", (node) => {
  let api: Lambda

  beforeAll(async () => {
    const outside = await startOutside()
    stops.push(outside.stop)
    api = await start("api", node, outside)
  })

  const RULE = Buffer.from(JSON.stringify({ name: "Long call", when: { duration: { gte: 180 } } }))

  test.each([
    ["GET", "/health", {}, 503, '"status":"failing"'],
    ["GET", "//health", {}, 503, '"status":"failing"'],
    ["HEAD", "/health", {}, 503, ""],
    ["GET", "/rules", {}, 401, "Send the API token"],
    ["GET", "/rules", { headers: TOKEN }, 200, '"rules":['],
    [
      "POST",
      "/rules",
      { headers: TOKEN, body: RULE.toString("base64"), isBase64Encoded: true },
      201,
      '"id":"long-call"',
    ],
    ["DELETE", "/rules/long-call", { headers: { ...TOKEN, "if-match": '"1"' } }, 204, ""],
    ["GET", "/openapi.json", {}, 200, '"openapi":"3.1.0"'],
  ])("answers %s %s (%j) with %i", async (method, path, more, status, text) => {
    const answer = await api.ask(urlEvent(method, path, more))
    expect(answer, api.output()).toMatchObject({ kind: "response", body: { statusCode: status } })
    expect(JSON.stringify(answer).replaceAll('\\"', '"')).toContain(text)
  })

  test.each([[null], [{}], ["text"], [{ rawPath: 1 }]])(
    "answers %j, which no URL sends, as what is no request",
    async (event) => {
      expect(await api.ask(event), api.output()).toMatchObject({
        kind: "response",
        body: { statusCode: 400 },
      })
    },
  )

  test("nothing of a secret is in its log", () => {
    expect(api.output()).not.toMatch(/ew_test|a-token-of/)
  })
})
