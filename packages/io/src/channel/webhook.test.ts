/** A webhook's messages are signed as Standard Webhooks prescribes, and go where its name leads, if that is public, and nowhere else. */
import { createVirtualClock } from "@earshot/calls-api/virtual-clock"
import type { Message } from "@earshot/core/message/message"
import { Webhook } from "standardwebhooks"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import type { Connector, OutwardRequest } from "../outward/connector.ts"
import type { World } from "../world.ts"
import { newSigningSecret } from "./sealing.ts"
import { createWebhookChannel } from "./webhook.ts"

const SECRET = newSigningSecret()

const URL_TEXT = "https://hooks.example.com/canary"

const PUBLIC = "93.184.216.34"

const MESSAGE: Message = {
  severity: "critical",
  kind: "alert",
  headline: "The caller is upset.",
  callUrl: null,
  acknowledgeUrl: null,
  callId: "call-1",
  ruleIds: ["angry-caller"],
  title: "Angry caller",
  sentence: "Critical: Angry caller.",
  about: "",
  facts: [{ label: "Length", text: "1 min" }],
  why: [{ name: "Angry caller", because: "Anger 87%" }],
  summary: "Two\u0007 lines\nhere",
  turns: [],
  recordingUrl: null,
  next: "Call back.",
  small: ["call call-1"],
}

type Options = {
  addresses?: readonly string[] | Error
  post?: (request: OutwardRequest) => ReturnType<Connector["post"]>
  url?: string
}

function createTestWebhook({ addresses = [PUBLIC], post, url = URL_TEXT }: Options = {}) {
  // The library that checks signatures asks the real clock.
  const clock = createVirtualClock(Date.now())
  const world: World = {
    fetch: async () => new Response(null, { status: 500 }),
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0.5,
    log: () => {},
  }
  const requests: OutwardRequest[] = []
  const asked: string[] = []
  const connector: Connector = {
    resolve: async (hostname) => {
      asked.push(hostname)
      if (addresses instanceof Error) throw addresses
      return addresses
    },
    post: async (request) => {
      requests.push(request)
      return post ? post(request) : { status: 200, retryAfter: null }
    },
  }
  const settings = { id: "crm", privacy: "standard", url, signingSecret: SECRET } as const
  const channel = createWebhookChannel(world, connector, settings)
  const send = (id = "crm/call-1/0/1") => clock.run(channel.send(MESSAGE, 0, "full", { id, first: null }))
  return { send, requests, asked }
}

const answering = (status: number, retryAfter: string | null = null) =>
  createTestWebhook({ post: async () => ({ status, retryAfter }) }).send()

describe("a message", () => {
  test("is signed so that the standard's own library takes it, and refuses it once it is changed", async () => {
    const { send, requests } = createTestWebhook()
    expect(await send()).toEqual({ kind: "sent" })
    const [{ body, headers } = { body: "", headers: {} }] = requests
    const receiver = new Webhook(SECRET)
    expect(receiver.verify(body, headers)).toMatchObject({
      type: "earshot.alert.v1",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: { severity: "critical", call: "call-1", summary: "Two  lines\nhere", rules: ["angry-caller"] },
    })
    expect(() => receiver.verify(body.replace("critical", "info"), headers)).toThrow()
    expect(() => new Webhook(newSigningSecret()).verify(body, headers)).toThrow()
  })

  test("has an id that stays over its attempts, tells nothing, and is no other message's", async () => {
    const { send, requests } = createTestWebhook()
    for (const id of ["crm/call-1/0/1", "crm/call-1/0/1", "crm/call-1/1/2"]) await send(id)
    const [first, again, other] = requests.map(({ headers }) => headers["webhook-id"])
    expect(again).toBe(first)
    expect(other).not.toBe(first)
    expect(first).toMatch(/^msg_[\w-]{27}$/)
  })

  test("goes to the address that was looked up, under its name", async () => {
    const { send, requests, asked } = createTestWebhook({ addresses: [PUBLIC, "2606:4700::1111"] })
    await send()
    expect(asked).toEqual(["hooks.example.com"])
    expect(requests).toMatchObject([{ address: PUBLIC, url: new URL(URL_TEXT) }])
  })
})

describe("nothing is sent", () => {
  test.each([
    ["to a private address", ["10.0.0.1"]],
    ["to a metadata service", ["169.254.169.254"]],
    ["to an address inside another", ["::ffff:127.0.0.1"]],
    ["if one of several is private", [PUBLIC, "192.168.1.1"]],
    ["if there is none", []],
  ])("%s", async (_, addresses) => {
    const { send, requests } = createTestWebhook({ addresses })
    expect(await send()).toMatchObject({ kind: "refused", why: expect.not.stringContaining("example.com") })
    expect(requests).toEqual([])
  })

  test("to what is stored and could not be saved today", async () => {
    const { send, requests, asked } = createTestWebhook({ url: "https://10.0.0.1/" })
    expect(await send()).toMatchObject({ kind: "refused" })
    expect([requests, asked]).toEqual([[], []])
  })
})

const Why = z.object({ why: z.string() })

describe("an answer", () => {
  test.each([200, 201, 202, 204, 299])("%i means that it was taken", async (status) => {
    expect(await answering(status)).toEqual({ kind: "sent" })
  })

  test.each([301, 302, 307, 308])("%i is not followed", async (status) => {
    expect(await answering(status)).toMatchObject({
      kind: "refused",
      why: expect.stringContaining("redirect"),
    })
  })

  test.each([400, 401, 403, 404, 410, 422])("%i is a refusal", async (status) => {
    expect(await answering(status)).toMatchObject({ kind: "refused" })
  })

  test("that asks to wait is heard", async () => {
    expect(await answering(429, "30")).toMatchObject({
      kind: "retry",
      mayHaveArrived: false,
      afterMs: 30_000,
    })
    expect(await answering(503, "soon")).toMatchObject({ kind: "retry", afterMs: undefined })
  })

  test("of a server that failed leaves it open whether the message arrived", async () => {
    expect(await answering(500)).toMatchObject({ kind: "retry", mayHaveArrived: true })
  })

  test("that never comes is waited for ten seconds, and names no address", async () => {
    const { send } = createTestWebhook({ post: () => new Promise(() => {}) })
    expect(await send()).toMatchObject({ kind: "retry", mayHaveArrived: true })
    const lost = Object.assign(new Error(`connect ECONNREFUSED ${PUBLIC}`), { code: "ECONNREFUSED" })
    for (const options of [{ addresses: lost }, { post: () => Promise.reject(lost) }]) {
      const result = await createTestWebhook(options).send()
      expect(result).toMatchObject({ kind: "retry", mayHaveArrived: false })
      expect(Why.parse(result).why).not.toMatch(/canary|93\.184|example/)
    }
  })
})
