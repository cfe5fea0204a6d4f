/** The routes under /channels: what can be written, that secrets go in and never come out, and what came of a test. */
import { NO_PACE, held } from "@earshot/core/alert/pace"
import { unseal } from "@earshot/io/channel/sealing"
import { NO_INCIDENTS } from "@earshot/core/turn/incident"
import { describe, expect, test } from "vitest"
import { START, type TestApi, createTestApi } from "../test-api.ts"

const HOOK = "https://hooks.slack.com/services/T0/B0/canary"

const SLACK = { kind: "slack", name: "Billing", target: { webhookUrl: HOOK } }

const WEBHOOK = { kind: "webhook", name: "CRM", target: { url: "https://crm.example.com/canary?key=canary" } }

const KEY = "0123456789abcdef".repeat(4)

const ok = { state: "ok", why: null, since: null, lastSuccess: null, owed: 0, dead: 0 }

async function withPoller(api = createTestApi()): Promise<TestApi> {
  await api.store.acquire({ now: START, gateMs: 0, since: START })
  await api.store.changeControl(1, { channels: ["slack", "email"] })
  return api
}

describe("the deployment's channels", () => {
  test("come with the deployment, set up by its settings", async () => {
    const { body } = await createTestApi().call("GET", "/channels")
    expect(body).toMatchObject({
      channels: [
        { id: "email", kind: "sns", name: "E-mail", privacy: "standard", deployment: true, health: ok },
        {
          id: "slack",
          kind: "slack",
          name: "Slack",
          privacy: "full",
          deployment: true,
          target: {},
          version: 1,
        },
      ],
    })
  })

  test("are those that the poller has said it has", async () => {
    const api = await withPoller()
    await api.store.changeControl(1, { channels: ["email"] })
    expect(await api.call("GET", "/channels")).toMatchObject({ body: { channels: [{ id: "email" }] } })
    expect(await api.call("GET", "/channels/slack")).toMatchObject({ status: 404 })
    const body = { name: "Slack", target: { webhookUrl: HOOK } }
    expect(await api.call("PUT", "/channels/slack", { body })).toMatchObject({ status: 404 })
  })

  test("can be edited, but for where they go, and neither added nor deleted", async () => {
    const api = createTestApi()
    const patch = { severityFrom: "warning", target: { webhookUrl: HOOK }, agents: ["Front desk"] }
    const edited = { id: "slack", severityFrom: "warning", agents: ["Front desk"], target: {}, version: 2 }
    expect(await api.call("PATCH", "/channels/slack", { body: patch })).toMatchObject({
      status: 200,
      body: edited,
    })
    expect(await api.store.readChannel("slack")).toMatchObject({
      kind: "slack",
      target: { sealed: {}, shown: {} },
    })
    expect(await api.call("DELETE", "/channels/slack")).toMatchObject({ status: 409 })
    expect(await api.call("POST", "/channels", { body: { ...SLACK, id: "email" } })).toMatchObject({
      status: 409,
    })
    const back = { name: "Slack", mode: "live" }
    const answer = await api.call("PUT", "/channels/slack", { body: back })
    expect(answer).toMatchObject({ status: 200, body: { severityFrom: "info", version: 3 } })
  })
})

describe("a secret", () => {
  test("goes in sealed and comes out of no answer and no log", async () => {
    const api = createTestApi()
    const texts: string[] = []
    const hear = async (...asked: Parameters<TestApi["call"]>) => {
      const answer = await api.call(...asked)
      texts.push(answer.text)
      return answer
    }
    expect(await hear("POST", "/channels", { body: SLACK })).toMatchObject({
      status: 201,
      body: { id: "billing", target: { webhookUrl: "https://hooks.slack.com/…" }, version: 1 },
    })
    const read = await hear("GET", "/channels/billing")
    await hear("PUT", "/channels/billing", { body: read.body })
    await hear("PATCH", "/channels/billing", { body: { name: "Other" } })
    await hear("POST", "/channels", { body: { ...WEBHOOK, target: { url: "http://canary.example.com" } } })
    await hear("POST", "/channels", { body: WEBHOOK })
    await hear("GET", "/channels")
    for (const text of [...texts, JSON.stringify(api.logs), JSON.stringify(await api.store.readChannels())]) {
      expect(text).not.toContain("canary")
    }
    const stored = await api.store.readChannel("billing")
    const sealed = stored && "target" in stored ? (stored.target.sealed["webhookUrl"] ?? "") : ""
    const place = { id: "billing", field: "webhookUrl" }
    expect(unseal(KEY, place, sealed)).toEqual({ ok: true, secret: HOOK })
    expect(stored).toMatchObject({ version: 3, name: "Other" })
  })

  test("that signs a webhook's messages is shown once, when it is made", async () => {
    const api = createTestApi()
    const made = { signingSecret: expect.stringMatching(/^whsec_[\w+/]{43}=$/) }
    expect(await api.call("POST", "/channels", { body: WEBHOOK })).toMatchObject({ status: 201, body: made })
    const read = await api.call("GET", "/channels/crm")
    expect(read.body).not.toHaveProperty("signingSecret")
    const kept = await api.call("PUT", "/channels/crm", { body: read.body })
    expect(kept.status).toBe(200)
    expect(kept.body).not.toHaveProperty("signingSecret")
    const anew = { target: { signingSecret: null } }
    expect(await api.call("PATCH", "/channels/crm", { body: anew })).toMatchObject({
      status: 200,
      body: made,
    })
  })

  test("is taken by no deployment without a key, and the answer says what to set", async () => {
    const api = createTestApi({ sealingKey: null })
    const detail = expect.stringContaining("set CHANNEL_SECRET_KEY")
    expect(await api.call("POST", "/channels", { body: SLACK })).toMatchObject({
      status: 409,
      body: { detail },
    })
    expect(await api.store.readChannels()).toEqual([])
    const topic = { kind: "sns", name: "Ops", target: { topicArn: "arn:aws:sns:us-east-1:123456789012:ops" } }
    expect(await api.call("POST", "/channels", { body: topic })).toMatchObject({ status: 201, body: topic })
  })

  test("that another key has sealed leaves its channel dead, and says why", async () => {
    const before = createTestApi()
    await before.call("POST", "/channels", { body: SLACK })
    for (const sealingKey of [null, "f".repeat(64)]) {
      const { body } = await createTestApi({ store: before.store, sealingKey }).call(
        "GET",
        "/channels/billing",
      )
      const why = expect.stringContaining("CHANNEL_SECRET_KEY")
      expect(body).toMatchObject({ health: { state: "dead", why } })
    }
  })

  test("is gone once its channel is deleted", async () => {
    const api = createTestApi()
    await api.call("POST", "/channels", { body: SLACK })
    expect(await api.call("DELETE", "/channels/billing")).toMatchObject({ status: 204 })
    const mark = { isDeleted: true, version: 2, target: { shown: {}, sealed: {} } }
    expect(await api.store.readChannel("billing")).toMatchObject(mark)
    expect(await api.call("GET", "/channels/billing")).toMatchObject({ status: 404 })
    // Its id is free again, and its versions go on.
    const again = await api.call("PUT", "/channels/billing", { body: SLACK })
    expect(again).toMatchObject({ status: 201, body: { version: 3 } })
  })
})

describe("is refused, and where it is wrong:", () => {
  test.each([
    [
      "a webhook of another service",
      { target: { webhookUrl: "https://example.com/x" } },
      "/target/webhookUrl",
    ],
    ["no webhook at all", { target: {} }, "/target/webhookUrl"],
    ["a private address", { kind: "webhook", target: { url: "https://10.0.0.1/" } }, "/target/url"],
    ["a target of another kind", { kind: "sns" }, "/target/topicArn"],
    ["a kind that is none", { kind: "pager" }, "/kind"],
    ["a zone that is none", { timeZone: "Mars/Olympus" }, "/timeZone"],
    ["a field that is none", { colour: "red" }, "/colour"],
    ["an id with capitals", { id: "Billing" }, "/id"],
  ])("%s", async (_, change, path) => {
    const api = createTestApi()
    const { status, body } = await api.call("POST", "/channels", { body: { ...SLACK, ...change } })
    expect(status).toBe(400)
    expect(body).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ path })]) })
    expect(await api.store.readChannels()).toEqual([])
  })

  test("another kind or id than it has", async () => {
    const api = createTestApi()
    await api.call("POST", "/channels", { body: SLACK })
    for (const body of [{ ...WEBHOOK }, { ...SLACK, id: "other" }]) {
      expect(await api.call("PUT", "/channels/billing", { body })).toMatchObject({ status: 400 })
    }
  })
})

describe("edits", () => {
  test("of another version than was read are refused", async () => {
    const api = createTestApi()
    const { headers } = await api.call("POST", "/channels", { body: SLACK })
    const ifMatch = headers.get("etag") ?? ""
    const body = { name: "One" }
    expect(await api.call("PATCH", "/channels/billing", { body, ifMatch })).toMatchObject({ status: 200 })
    expect(await api.call("PATCH", "/channels/billing", { body, ifMatch })).toMatchObject({ status: 412 })
    expect(await api.call("PUT", "/channels/billing", { body: SLACK, ifMatch })).toMatchObject({
      status: 412,
    })
    expect(await api.call("DELETE", "/channels/billing", { ifMatch })).toMatchObject({ status: 412 })
    expect(await api.call("DELETE", "/channels/billing", { ifMatch: '"2"' })).toMatchObject({ status: 204 })
  })

  test("are announced to the poller before they are made", async () => {
    const api = createTestApi()
    await api.call("POST", "/channels", { body: SLACK })
    expect(await api.store.readControl()).toMatchObject({ rulesChangedAt: START })
    api.advance(1000)
    await api.call("DELETE", "/channels/billing")
    expect(await api.store.readControl()).toMatchObject({ rulesChangedAt: START + 1000 })
  })

  test("that change some settings leave the others, and null is the default", async () => {
    const api = createTestApi()
    const quietHours = { from: "22:00", until: "07:00" }
    await api.call("POST", "/channels", { body: { ...SLACK, quietHours, perHour: 7 } })
    const { body } = await api.call("PATCH", "/channels/billing", {
      body: { quietHours: null, digestFrom: 9 },
    })
    expect(body).toMatchObject({ name: "Billing", quietHours: null, perHour: 7, digestFrom: 9 })
  })

  test("a name that is taken gets a number, and there are only so many channels", async () => {
    const api = createTestApi()
    await api.call("POST", "/channels", { body: SLACK })
    expect(await api.call("POST", "/channels", { body: SLACK })).toMatchObject({ body: { id: "billing-2" } })
    expect(await api.call("POST", "/channels", { body: { ...SLACK, name: "Slack" } })).toMatchObject({
      body: { id: "slack-2" },
    })
    for (let number = 0; number < 47; number++) await api.call("POST", "/channels", { body: SLACK })
    expect(await api.call("POST", "/channels", { body: SLACK })).toMatchObject({ status: 409 })
  })
})

test("a rule may name a channel that was added, and says so if it is off", async () => {
  const api = await withPoller()
  const rule = { name: "Odd", when: { flagged: true }, channels: ["billing", "slack"] }
  expect(await api.call("POST", "/rules", { body: rule })).toMatchObject({ status: 400 })
  await api.call("POST", "/channels", { body: SLACK })
  expect(await api.call("POST", "/rules", { body: rule })).toMatchObject({
    status: 201,
    body: { warnings: [] },
  })
  await api.call("PATCH", "/channels/billing", { body: { mode: "off" } })
  expect(await api.call("GET", "/rules/odd")).toMatchObject({ body: { warnings: [{ path: "/channels/0" }] } })
})

test("a rule whose alerts only the fallback would get is saved, and says so", async () => {
  const api = await withPoller()
  const alone = { name: "Alone", when: { flagged: true }, channels: ["slack"] }
  const mild = { name: "Mild", severity: "info", when: { spam: true } }
  expect(await api.call("POST", "/rules", { body: mild })).toMatchObject({ body: { warnings: [] } })
  for (const id of ["slack", "email"]) {
    await api.call("PATCH", `/channels/${id}`, { body: { severityFrom: "critical" } })
  }
  expect(await api.call("PUT", "/rules/mild", { body: mild })).toMatchObject({
    status: 200,
    body: { warnings: [{ path: "/severity", message: expect.stringMatching(/go to email and slack all/) }] },
  })
  await api.call("PATCH", "/channels/slack", { body: { mode: "off" } })
  expect(await api.call("POST", "/rules", { body: alone })).toMatchObject({
    status: 201,
    body: { warnings: [{ path: "/channels/0", message: expect.stringMatching(/alerts go to email$/) }] },
  })
})

test("how a channel does is told with why and since", async () => {
  const api = createTestApi()
  const failing = {
    failingSince: START - 60_000,
    tookAt: START - 300_000,
    isRefused: false,
    why: "Slack failed (500)",
    deadAt: [START],
    hasDead: true,
    isTold: false,
    toldAt: 0,
  }
  await api.store.writeIncidents({
    ...NO_INCIDENTS,
    version: 1,
    channels: {
      slack: { ...failing },
      email: { ...failing, isRefused: true, why: "no" },
    },
  })
  const since = new Date(START - 60_000).toISOString()
  const lastSuccess = new Date(START - 300_000).toISOString()
  expect((await api.call("GET", "/channels/slack")).body).toMatchObject({
    health: { state: "degraded", why: "Slack failed (500)", since, lastSuccess, dead: 1 },
  })
  expect((await api.call("GET", "/channels/email")).body).toMatchObject({
    health: { state: "dead", why: "no" },
  })
  await api.call("PATCH", "/channels/email", { body: { mode: "off" } })
  expect((await api.call("GET", "/channels/email")).body).toMatchObject({ health: { state: "off" } })
})

test("the list says when each channel last took a message", async () => {
  const api = await withPoller()
  const hold = { forMs: 3000, singles: [], hasDigest: false, now: START - 60_000 }
  await api.store.writePace("slack", held(NO_PACE, hold))
  expect(await api.call("GET", "/channels")).toMatchObject({
    body: {
      channels: [
        { id: "email", health: { lastSuccess: null } },
        { id: "slack", health: { lastSuccess: new Date(START - 60_000).toISOString() } },
      ],
    },
  })
})

describe("a test message", () => {
  test("is owed through the outbox, and the answer says where to ask", async () => {
    const api = await withPoller()
    const answer = await api.call("POST", "/channels/slack/test")
    expect(answer).toMatchObject({ status: 202, body: { channel: "slack", state: "waiting", why: null } })
    const [due] = await api.store.dueCalls(10)
    expect(due).toMatchObject({ callId: expect.stringMatching(/^earshot-test-slack-/), dueAt: START })
    expect(await api.store.readControl()).toMatchObject({ dueAskedAt: START })
    const at = answer.headers.get("location") ?? ""
    expect(await api.call("GET", at)).toMatchObject({ status: 200, body: { state: "waiting" } })
    expect((await api.call("GET", "/channels/slack")).body).toMatchObject({ health: { owed: 1 } })
    expect(await api.call("GET", "/channels/email/tests/nothing")).toMatchObject({ status: 404 })
  })

  test("is not sent to a channel that is off or is none", async () => {
    const api = createTestApi()
    await api.call("PATCH", "/channels/email", { body: { mode: "off" } })
    expect(await api.call("POST", "/channels/email/test")).toMatchObject({ status: 409 })
    expect(await api.call("POST", "/channels/nobody/test")).toMatchObject({ status: 404 })
    expect(await api.store.dueCalls(10)).toEqual([])
  })
})
