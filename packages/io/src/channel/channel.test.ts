/** What a channel makes of each answer: whether the message was taken, may have been, or never will be. */
import { createVirtualClock } from "@earshot/calls-api/virtual-clock"
import type { SendResult } from "@earshot/core/alert/delivery"
import type { Message } from "@earshot/core/message/message"
import { describe, expect, test } from "vitest"
import type { World } from "../world.ts"
import type { Channel } from "./channel.ts"
import { createEmailChannel, createSnsClient } from "./email.ts"
import { createSlackChannel } from "./slack.ts"

const message: Message = {
  kind: "alert",
  severity: "warning",
  callId: "call-1",
  ruleIds: ["flagged"],
  title: "Flagged",
  headline: "The call was flagged.",
  sentence: "Warning: Flagged. A call came in.",
  about: "09:00 UTC",
  facts: [],
  why: [],
  summary: null,
  turns: [],
  recordingUrl: null,
  callUrl: null,
  acknowledgeUrl: null,
  next: "Call back.",
  small: ["call call-1"],
}

const SECRET = "https://hooks.slack.com/services/T0/B0/secret"

function slackOn(world: World): Channel {
  return createSlackChannel(world, { webhookUrl: SECRET, privacy: "full" })
}

function emailOn(world: World): Channel {
  const credentials = { accessKeyId: "a", secretAccessKey: "s" }
  const client = createSnsClient(world, { region: "us-east-1", credentials })
  return createEmailChannel(client, { topicArn: "arn:aws:sns:us-east-1:1:t", privacy: "full" })
}

/** What comes of one attempt when the network does this. Attempts of the network are counted. */
async function attempt(channelOn: (world: World) => Channel, network: () => Promise<Response>) {
  const clock = createVirtualClock(0)
  let requests = 0
  const world: World = {
    fetch: () => {
      requests++
      return network()
    },
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0,
    log: () => {},
  }
  const result: SendResult = await clock.run(channelOn(world).send(message, null))
  return { result, requests, sleepers: clock.sleepers() }
}

const answer =
  (status: number, body = "", headers: Record<string, string> = {}) =>
  async () =>
    new Response(body, { status, headers })

const failure = (code: string) => async () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error(SECRET), { code }) })
}

const bytes = (text: string) => new TextEncoder().encode(text)

/** An answer of which no more comes after `text`. */
const hanging = (status: number, text: string) => async () =>
  new Response(new ReadableStream({ start: (stream) => stream.enqueue(bytes(text)) }), { status })

const breaking = (status: number, text: string) => async () => {
  const parts = [bytes(text)]
  const pull = (stream: ReadableStreamDefaultController) => {
    const part = parts.pop()
    if (part) stream.enqueue(part)
    else stream.error(new Error(SECRET))
  }
  return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { status })
}

/** Never ends by itself: the test would not, either. */
const endless = (status: number) => async () =>
  new Response(new ReadableStream({ pull: (stream) => stream.enqueue(bytes("x".repeat(10_000))) }), {
    status,
  })

const silence = () => new Promise<Response>(() => {})

describe("Slack", () => {
  test.each([
    ["ok", answer(200, "ok"), { kind: "sent" }],
    [
      "wait",
      answer(429, "", { "retry-after": "30" }),
      { kind: "retry", afterMs: 30_000, mayHaveArrived: false },
    ],
    [
      "wait, without saying how long",
      answer(429),
      { kind: "retry", afterMs: undefined, mayHaveArrived: false },
    ],
    ["a failure that may come after the message", answer(502), { kind: "retry", mayHaveArrived: true }],
    ["a broken connection", failure("ECONNRESET"), { kind: "retry", mayHaveArrived: true }],
    [
      "no connection at all",
      failure("ECONNREFUSED"),
      {
        kind: "retry",
        mayHaveArrived: false,
        why: "Slack could not be reached (ECONNREFUSED): check SLACK_WEBHOOK_URL",
      },
    ],
    [
      "silence",
      silence,
      { kind: "retry", mayHaveArrived: true, why: "Slack did not answer in time: check SLACK_WEBHOOK_URL" },
    ],
    [
      "a page of something in between",
      answer(200, "<html>Please log in</html>"),
      { kind: "retry", mayHaveArrived: true, why: expect.stringContaining("without ok") },
    ],
    ["nothing at all, politely", answer(204), { kind: "retry", mayHaveArrived: true }],
    ["ok, and then silence", hanging(200, "ok"), { kind: "sent" }],
    ["half of ok, and then silence", hanging(200, "o"), { kind: "retry", mayHaveArrived: true }],
    ["ok, and a connection that breaks", breaking(200, "ok"), { kind: "sent" }],
    ["a refusal, and then silence", hanging(403, "inval"), { kind: "refused" }],
    ["more than anybody reads", endless(200), { kind: "retry", mayHaveArrived: true }],
    ["a refusal that never ends", endless(404), { kind: "refused", why: "Slack refused the message (404)" }],
    ["a wrong message", answer(400, "invalid_blocks"), { kind: "refused", isMalformed: true }],
    ["a revoked webhook", answer(403, "action_prohibited"), { kind: "refused", isMalformed: false }],
    ["an archived channel", answer(410, "channel_is_archived"), { kind: "refused" }],
    [
      "a redirect, which is not followed",
      answer(302, "", { location: "https://evil.example" }),
      { kind: "refused" },
    ],
  ])("%s", async (_, network, expected) => {
    const { result, requests, sleepers } = await attempt(slackOn, network)
    expect(result).toMatchObject(expected)
    expect([requests, sleepers]).toEqual([1, 0])
    expect(JSON.stringify(result)).not.toContain("secret")
  })
})

test("what another host than Slack's says with 200 is taken as it is meant", async () => {
  const proxied = (world: World) =>
    createSlackChannel(world, { webhookUrl: "https://proxy.example/slack", privacy: "full" })
  expect((await attempt(proxied, answer(200, "queued"))).result).toEqual({ kind: "sent" })
})

test("of an endless answer to a webhook at most 80 KB are taken", async () => {
  let taken = 0
  const pull = (stream: ReadableStreamDefaultController) => {
    taken += 10_000
    stream.enqueue(bytes("x".repeat(10_000)))
  }
  await attempt(slackOn, async () => new Response(new ReadableStream({ pull }, { highWaterMark: 0 })))
  expect(taken).toBeLessThanOrEqual(80_000)
})

describe("SNS", () => {
  const error = (status: number, code: string, message = "m") =>
    answer(
      status,
      `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      { "content-type": "text/xml" },
    )
  test.each([
    [
      "a failure that may come after the message",
      error(500, "InternalError"),
      { kind: "retry", mayHaveArrived: true },
    ],
    ["too many", error(400, "Throttling"), { kind: "retry", mayHaveArrived: false }],
    [
      "a missing right, which can be given",
      error(403, "AuthorizationError"),
      { kind: "retry", mayHaveArrived: false },
    ],
    [
      "a missing topic, which can be made",
      error(404, "NotFound"),
      {
        kind: "retry",
        mayHaveArrived: false,
        why: "SNS failed (404 NotFoundException): check ALERT_TOPIC_ARN",
      },
    ],
    [
      "a topic of another region, which can be put right",
      error(400, "InvalidParameter", "Invalid parameter: TopicArn"),
      { kind: "retry", mayHaveArrived: false },
    ],
    [
      "no topic at all",
      error(
        400,
        "InvalidParameter",
        "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter",
      ),
      { kind: "retry", mayHaveArrived: false },
    ],
    [
      "a wrong message",
      error(400, "InvalidParameter", "Invalid parameter: Message too long"),
      { kind: "refused", isMalformed: true },
    ],
    ["a broken connection", failure("ECONNRESET"), { kind: "retry", mayHaveArrived: true }],
    [
      "no connection at all",
      failure("ECONNREFUSED"),
      {
        kind: "retry",
        mayHaveArrived: false,
        why: "SNS could not be reached (ECONNREFUSED): check AWS_REGION and AWS_ENDPOINT_URL_SNS",
      },
    ],
    ["silence", silence, { kind: "retry", mayHaveArrived: true }],
  ])("%s: one attempt and no more", async (_, network, expected) => {
    const { result, requests, sleepers } = await attempt(emailOn, network)
    expect(result).toMatchObject(expected)
    expect([requests, sleepers]).toEqual([1, 0])
  })
})
