/** The Slack app knows its messages again: a follow-up stands in the thread of the first, which then says all that is known. */
import { createVirtualClock } from "@earshot/calls-api/virtual-clock"
import type { Message } from "@earshot/core/message/message"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import type { World } from "../world.ts"
import type { Sending } from "./channel.ts"
import { createSlackAppChannel } from "./slack-app.ts"

const TOKEN = "xoxb-canary"

const messageOf = (severity: Message["severity"], title: string): Message => ({
  severity,
  kind: "alert",
  headline: "The caller is upset.",
  callUrl: null,
  acknowledgeUrl: null,
  callId: "call-1",
  ruleIds: ["rule"],
  title,
  sentence: `${title}.`,
  about: "",
  facts: [],
  why: [{ name: title, because: "because" }],
  summary: null,
  turns: [],
  recordingUrl: null,
  next: "Call back.",
  small: ["call call-1"],
})

const Parameters = z.looseObject({ channel: z.string(), text: z.string(), blocks: z.array(z.unknown()) })

type Asked = { method: string; authorization: string | null; parameters: z.infer<typeof Parameters> }

/** An app whose Slack answers with these, one after the other, and then with the last of them again. */
function createTestApp(...answers: (() => Response | Promise<Response>)[]) {
  const clock = createVirtualClock(0)
  const asked: Asked[] = []
  const world: World = {
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const parameters = Parameters.parse(await request.json())
      const { pathname } = new URL(request.url)
      asked.push({ method: pathname, authorization: request.headers.get("authorization"), parameters })
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      if (!answer) throw new Error("There is no answer.")
      return answer()
    },
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0.5,
    log: () => {},
  }
  const settings = { id: "app", privacy: "standard", botToken: TOKEN, slackChannelId: "C012345" } as const
  const channel = createSlackAppChannel(world, settings)
  const send = (message: Message, first: Sending["first"] = null) =>
    clock.run(channel.send(message, null, "full", { id: "1", first }))
  return { send, asked }
}

const json = (body: unknown, init?: ResponseInit) => () => new Response(JSON.stringify(body), init)

const taken = json({ ok: true, channel: "C012345", ts: "1767600000.000100" })

test("a message goes into the channel, and is known again", async () => {
  const { send, asked } = createTestApp(taken)
  expect(await send(messageOf("info", "Transferred"))).toEqual({ kind: "sent", receipt: "1767600000.000100" })
  expect(asked).toMatchObject([
    {
      method: "/api/chat.postMessage",
      authorization: `Bearer ${TOKEN}`,
      parameters: { channel: "C012345", text: "Transferred." },
    },
  ])
  expect(asked[0]?.parameters).not.toHaveProperty("thread_ts")
})

describe("a message that follows up on another", () => {
  const first = { receipt: "1.1", whole: messageOf("critical", "Angry caller, Transferred") }

  test("stands in its thread and in the channel, and the first then says everything", async () => {
    const { send, asked } = createTestApp(taken)
    expect(await send(messageOf("critical", "Angry caller"), first)).toMatchObject({ kind: "sent" })
    expect(asked).toMatchObject([
      { method: "/api/chat.postMessage", parameters: { thread_ts: "1.1", reply_broadcast: true } },
      {
        method: "/api/chat.update",
        parameters: { channel: "C012345", ts: "1.1", text: first.whole.sentence },
      },
    ])
    expect(JSON.stringify(asked[1]?.parameters.blocks)).toContain("🔴")
  })

  test("is sent all the same if the first cannot be changed, and changes nothing if it is not sent", async () => {
    const unchanged = createTestApp(taken, json({ ok: false, error: "message_not_found" }))
    expect(await unchanged.send(messageOf("critical", "Angry"), first)).toMatchObject({ kind: "sent" })
    const refused = createTestApp(json({ ok: false, error: "is_archived" }))
    expect(await refused.send(messageOf("critical", "Angry"), first)).toMatchObject({ kind: "refused" })
    expect(refused.asked).toHaveLength(1)
  })
})

const sendTo = (answer: () => Response | Promise<Response>) =>
  createTestApp(answer).send(messageOf("info", "Flagged"))

describe("an answer", () => {
  test.each([
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "invalid_auth",
    "token_revoked",
    "missing_scope",
    "invalid_blocks",
  ])("%s is a refusal, and says so", async (error) => {
    const why = `Slack refused the message (${error})`
    const isMalformed = error === "invalid_blocks"
    const refusal = { kind: "refused", why, ...(isMalformed && { isMalformed }) }
    expect(await sendTo(json({ ok: false, error }))).toEqual(refusal)
  })

  test("that asks to wait is heard, whichever way Slack says it", async () => {
    const wait = { kind: "retry", mayHaveArrived: false, afterMs: 30_000 }
    const headers = { "retry-after": "30" }
    expect(await sendTo(json({ ok: false, error: "ratelimited" }, { status: 429, headers }))).toMatchObject(
      wait,
    )
    expect(await sendTo(json({ ok: false, error: "ratelimited" }, { headers }))).toMatchObject(wait)
  })

  test.each([
    ["an error of Slack's own", json({ ok: false, error: "internal_error" })],
    ["a 5xx", json({}, { status: 502 })],
    ["a page of what stands between", () => new Response("<html>Sign in</html>")],
    ["success without ok", json({ ts: "1.1" })],
    ["words that Slack does not use", json({ ok: false, error: `the token ${TOKEN} is wrong` })],
    ["nothing in time", () => new Promise<Response>(() => {})],
    ["a broken connection", () => Promise.reject(Object.assign(new Error(TOKEN), { code: "ECONNRESET" }))],
  ])("%s leaves it open whether the message arrived, and names no secret", async (_, answer) => {
    const result = await sendTo(answer)
    expect(result).toMatchObject({ kind: "retry", mayHaveArrived: true })
    expect(JSON.stringify(result)).not.toContain("canary")
  })

  test("that never came from a server leaves nothing open", async () => {
    const refused = () => Promise.reject(Object.assign(new Error("no"), { code: "ECONNREFUSED" }))
    expect(await sendTo(refused)).toMatchObject({ kind: "retry", mayHaveArrived: false })
  })
})
