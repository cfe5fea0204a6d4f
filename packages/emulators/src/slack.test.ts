/** The webhook accepts what Slack accepts, refuses what Slack refuses, and enforces its pace. */
import { describe, expect, test } from "vitest"
import { createSlackWebhook, type SlackFailure } from "./slack.ts"

const START = 1_700_000_000_000

function open(options: { path?: string; burst?: number } = {}) {
  const clock = { now: START }
  const slack = createSlackWebhook({ now: () => clock.now, ...options })
  const post = async (payload: unknown, path = options.path ?? "/services/T000/B000/X000") => {
    const body = typeof payload === "string" ? payload : JSON.stringify(payload)
    const response = await slack.app.request(path, {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json" },
    })
    return {
      status: response.status,
      text: await response.text(),
      retryAfter: response.headers.get("Retry-After"),
    }
  }
  return { clock, slack, post }
}

const section = (length: number) => ({ type: "section", text: { type: "mrkdwn", text: "x".repeat(length) } })
const header = (length: number) => ({
  type: "header",
  text: { type: "plain_text", text: "x".repeat(length) },
})
const context = (count: number) => ({
  type: "context",
  elements: Array.from({ length: count }, () => ({ type: "mrkdwn", text: "x" })),
})
const button = (more: object, length = 4) => ({
  type: "actions",
  elements: [{ type: "button", text: { type: "plain_text", text: "x".repeat(length) }, ...more }],
})
const fields = (count: number, length = 1) => ({
  type: "section",
  fields: Array.from({ length: count }, () => ({ type: "mrkdwn", text: "x".repeat(length) })),
})

test("a message is taken with the text ok, and kept as it came", async () => {
  const { slack, post } = open()
  const payload = {
    text: "A call went wrong.",
    blocks: [header(10), section(20), { type: "divider" }],
    unfurl_links: false,
  }
  expect(await post(payload)).toMatchObject({ status: 200, text: "ok" })
  const markup = { mentions: [], links: [], unescaped: [] }
  const { text, blocks } = payload
  expect(slack.received).toEqual([{ receivedAt: START, to: "", text, blocks, markup, payload }])
  expect(await post(payload, "/services/T000/B000/X000?to=Night%20shift")).toMatchObject({ text: "ok" })
  expect(slack.received[1]?.to).toBe("Night shift")
})

describe("markup", () => {
  const markupOf = async (payload: object) => {
    const { slack, post } = open()
    expect(await post(payload)).toMatchObject({ status: 200 })
    return slack.received[0]?.markup
  }
  const inSection = (text: string) => ({
    text: "x",
    blocks: [{ type: "section", text: { type: "mrkdwn", text } }],
  })

  test.each([
    [
      "a link",
      "see <https://echo.win/a?b=1&amp;c=2|the call>",
      { links: ["https://echo.win/a?b=1&amp;c=2"] },
    ],
    ["whom it calls", "<!channel> <@U123> <#C9|general>", { mentions: ["!channel", "@U123", "#C9|general"] }],
    ["a date", "Ended <!date^1767602460^{date_short} at {time}|2026-01-05 08:41 UTC>", {}],
    ["what is escaped", "Bell &amp; Sons &lt;b&gt;", {}],
    ["what is not escaped", "Bell & Sons", { unescaped: ["& Sons"] }],
    ["half an escape", "&nbsp; 1 < 2", { unescaped: ["&nbsp; 1 < 2", "< 2"] }],
    ["brackets that are no link", "<b>", { unescaped: ["<b>", ">"] }],
  ])("%s is taken and noted", async (_name, text, noted) => {
    const expected = { mentions: [], links: [], unescaped: [], ...noted }
    expect(await markupOf(inSection(text))).toEqual(expected)
    expect(await markupOf({ text })).toEqual(expected)
  })

  test("is read in fields and contexts, and nowhere that shows plain text", async () => {
    const words = { type: "mrkdwn", text: "<!here>" }
    const plain = { type: "plain_text", text: "<!here> & more" }
    const blocks = [
      { type: "header", text: plain },
      { type: "section", fields: [words, plain] },
      { type: "context", elements: [words] },
    ]
    expect(await markupOf({ text: "a & b", mrkdwn: false, blocks })).toEqual({
      mentions: ["!here", "!here"],
      links: [],
      unescaped: [],
    })
  })
})

test("blocks alone are enough, and so is the form field that Slack has always taken", async () => {
  const { slack, post } = open()
  expect(await post({ blocks: [section(1)] })).toMatchObject({ status: 200 })
  const body = new URLSearchParams({ payload: '{"text":"hello"}' })
  const response = await slack.app.request("/services/T000/B000/X000", { method: "POST", body })
  expect(await response.text()).toBe("ok")
  expect(slack.received.at(-1)?.text).toBe("hello")
})

describe("refusals", () => {
  test.each([
    ["not JSON", "{", 400, "invalid_payload"],
    ["a list", [], 400, "invalid_payload"],
    ["a text that is none", { text: 5 }, 400, "invalid_payload"],
    ["nothing to say", {}, 400, "no_text"],
    ["an empty text", { text: " " }, 400, "no_text"],
    ["no blocks", { blocks: [] }, 400, "no_text"],
    ["a text over 40,000 characters", { text: "x".repeat(40_001) }, 400, "msg_too_long"],
    ["51 blocks", { text: "x", blocks: Array.from({ length: 51 }, () => section(1)) }, 400, "invalid_blocks"],
    ["a header over 150 characters", { text: "x", blocks: [header(151)] }, 400, "invalid_blocks"],
    [
      "a header in markup",
      { text: "x", blocks: [{ type: "header", text: { type: "mrkdwn", text: "x" } }] },
      400,
      "invalid_blocks",
    ],
    ["a section over 3,000 characters", { text: "x", blocks: [section(3_001)] }, 400, "invalid_blocks"],
    ["an empty section", { text: "x", blocks: [section(0)] }, 400, "invalid_blocks"],
    ["a section without text or fields", { text: "x", blocks: [{ type: "section" }] }, 400, "invalid_blocks"],
    ["11 fields", { text: "x", blocks: [fields(11)] }, 400, "invalid_blocks"],
    ["a field over 2,000 characters", { text: "x", blocks: [fields(1, 2_001)] }, 400, "invalid_blocks"],
    ["11 elements of a context", { text: "x", blocks: [context(11)] }, 400, "invalid_blocks"],
    ["an unknown block", { text: "x", blocks: [{ type: "table_of_contents" }] }, 400, "invalid_blocks"],
    ["a block that is none", { text: "x", blocks: ["section"] }, 400, "invalid_blocks"],
    [
      "a block id twice",
      {
        text: "x",
        blocks: [
          { ...section(1), block_id: "a" },
          { ...section(1), block_id: "a" },
        ],
      },
      400,
      "invalid_blocks",
    ],
    [
      "a button to no address",
      { text: "x", blocks: [button({ url: "echo.win/calls" })] },
      400,
      "invalid_blocks",
    ],
    [
      "a button to nowhere good",
      { text: "x", blocks: [button({ url: "javascript:x" })] },
      400,
      "invalid_blocks",
    ],
    ["a button that says too much", { text: "x", blocks: [button({}, 76)] }, 400, "invalid_blocks"],
    [
      "an image of no address",
      { text: "x", blocks: [{ type: "image", image_url: "x.png", alt_text: "x" }] },
      400,
      "invalid_blocks",
    ],
    [
      "an image without a description",
      { text: "x", blocks: [{ type: "image", image_url: "https://x.test/" }] },
      400,
      "invalid_blocks",
    ],
  ])("%s", async (_name, payload, status, text) => {
    const { slack, post } = open()
    expect(await post(payload)).toMatchObject({ status, text })
    expect(slack.received).toEqual([])
  })

  test("everything at its limit is taken", async () => {
    const { post } = open()
    const far = `https://echo.win/${"x".repeat(3_000 - 17)}`
    const blocks = [header(150), section(3_000), fields(10, 2_000), context(10), button({ url: far }, 75)]
    const rest = Array.from({ length: 50 - blocks.length }, () => section(1))
    expect(await post({ text: "x".repeat(40_000), blocks: [...blocks, ...rest] })).toMatchObject({
      status: 200,
    })
  })

  test("another path is not there, another method not allowed", async () => {
    const { slack, post } = open()
    expect(await post({ text: "x" }, "/services/T000/B000/OTHER")).toMatchObject({
      status: 404,
      text: "no_service",
    })
    expect((await slack.app.request("/services/T000/B000/X000")).status).toBe(405)
    expect(await open({ path: "/services/A/B/C" }).post({ text: "x" })).toMatchObject({ status: 200 })
  })
})

describe("pace", () => {
  test("a short burst, then one message a second; Retry-After is enough and not more", async () => {
    const { clock, slack, post } = open({ burst: 3 })
    for (let count = 0; count < 3; count += 1) expect((await post({ text: "x" })).status).toBe(200)
    expect(await post({ text: "x" })).toEqual({ status: 429, text: "rate_limited", retryAfter: "1" })
    clock.now += 999
    expect((await post({ text: "x" })).status).toBe(429)
    clock.now += 1
    expect((await post({ text: "x" })).status).toBe(200)
    clock.now += 60_000
    for (let count = 0; count < 3; count += 1) expect((await post({ text: "x" })).status).toBe(200)
    expect((await post({ text: "x" })).status).toBe(429)
    expect(slack.received).toHaveLength(7)
  })

  test("can be off", async () => {
    const { post } = open({ burst: Infinity })
    for (let count = 0; count < 50; count += 1) expect((await post({ text: "x" })).status).toBe(200)
  })
})

describe("failures on demand", () => {
  test.each<[SlackFailure, number, string]>([
    [{ kind: "invalid_token" }, 403, "invalid_token"],
    [{ kind: "action_prohibited" }, 403, "action_prohibited"],
    [{ kind: "no_service" }, 404, "no_service"],
    [{ kind: "channel_is_archived" }, 410, "channel_is_archived"],
    [{ kind: "server_error" }, 500, "rollup_error"],
    [{ kind: "server_error", status: 503 }, 503, "rollup_error"],
    [{ kind: "rate_limited", retryAfterSeconds: 30 }, 429, "rate_limited"],
  ])("%o", async (failure, status, text) => {
    const { slack, post } = open()
    slack.failNext(failure)
    expect(await post({ text: "x" })).toMatchObject({ status, text })
    expect(slack.received).toEqual([])
    expect((await post({ text: "x" })).status).toBe(200)
  })

  test("for a number of messages, in turn, or until told otherwise", async () => {
    const { slack, post } = open({ burst: Infinity })
    slack.failNext({ kind: "server_error" }, 2)
    slack.failNext({ kind: "rate_limited", retryAfterSeconds: 30 })
    const statuses: number[] = []
    for (let count = 0; count < 4; count += 1) statuses.push((await post({ text: "x" })).status)
    expect(statuses).toEqual([500, 500, 429, 200])
    slack.failAlways({ kind: "channel_is_archived" })
    for (let count = 0; count < 3; count += 1) expect((await post({ text: "x" })).status).toBe(410)
    slack.failAlways(undefined)
    expect((await post({ text: "x" })).status).toBe(200)
  })
})
