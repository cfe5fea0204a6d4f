/** The environment is read whole: links of SST below variables, every problem at once, no value repeated. */
import { describe, expect, test } from "vitest"

// SST's links are variables of the process, read when its module is loaded.
process.env["SST_RESOURCE_App"] = JSON.stringify({ name: "earshot", stage: "test" })
process.env["SST_RESOURCE_EchowinApiKey"] = JSON.stringify({ value: "ew_linked" })
process.env["SST_RESOURCE_SlackWebhookUrl"] = JSON.stringify({ value: "none" })
process.env["SST_RESOURCE_ApiToken"] = JSON.stringify({ value: "linked-token-0000" })
const { apiVariables, pollerVariables, readApiConfig, readPollerConfig, valueOf } =
  await import("./config.ts")

const TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"
const deployed = { TABLE_NAME: "earshot-table", ALERT_TOPIC_ARN: TOPIC }

describe("the poller's settings", () => {
  test("of a deployment come from links and have defaults", () => {
    expect(readPollerConfig(deployed)).toEqual({
      ok: true,
      value: {
        apiKey: "ew_linked",
        baseUrl: "https://echo.win/api/v1",
        tableName: "earshot-table",
        channels: [{ kind: "sns", id: "email", privacy: "standard", topicArn: TOPIC }],
        callUrlTemplate: null,
        apiUrl: null,
        intervalMs: 19_000,
        lookbackMs: 0,
        sealingKey: null,
        listPerHour: 200,
        detailPerHour: 500,
        tickQueueUrl: null,
        heartbeatUrl: null,
        metricNamespace: null,
      },
    })
  })

  test("are what a variable says, if there is one that is not empty", () => {
    const variables = { ...deployed, ECHOWIN_API_KEY: "ew_variable", FIRST_RUN_LOOKBACK: "P1DT2H" }
    const read = readPollerConfig(variables)
    expect(read).toMatchObject({ value: { apiKey: "ew_variable", lookbackMs: 26 * 3_600_000 } })
    const empty = readPollerConfig({ ...variables, ECHOWIN_API_KEY: " ", POLL_INTERVAL_SECONDS: "" })
    expect(empty).toMatchObject({ value: { apiKey: "ew_linked", intervalMs: 19_000 } })
  })

  test.each([
    ["https://hooks.slack.com/services/T0/B0/key", undefined, null],
    ["https://hooks.slack-gov.com/services/T0/B0/key", undefined, null],
    ["http://127.0.0.1:9999/hook", "127.0.0.1", null],
    ["http://127.0.0.1:9999/hook", "127.0.0.1:9999", null],
    ["http://127.0.0.1:9999/hook", "127.0.0.1:1", /SLACK_ALLOWED_HOSTS names others/],
    [
      "https://hooks.slack.com.evil.example/services/T0/B0/key",
      undefined,
      /SLACK_ALLOWED_HOSTS names others/,
    ],
    ["https://evil.example/services/T0/B0/key", undefined, /SLACK_ALLOWED_HOSTS names others/],
    ["http://hooks.slack.com/services/T0/B0/key", undefined, /must begin with https/],
    ["https://hooks.slack.com/workflows/key", undefined, /services/],
    ["https://user:key@hooks.slack.com/services/T0/B0/key", undefined, /user or a password/],
    ["ftp://files.example/key", "files.example", /must begin with https/],
    ["slack", undefined, /is not a URL/],
  ])("take the webhook %s with the hosts %s: %s", (webhook, hosts, words) => {
    const read = readPollerConfig({ ...deployed, SLACK_WEBHOOK_URL: webhook, SLACK_ALLOWED_HOSTS: hosts })
    expect(read.ok).toBe(words === null)
    if (read.ok || words === null) return
    const [problem = "", ...more] = read.problems
    expect(problem).toMatch(/^SLACK_WEBHOOK_URL is wrong: it /)
    expect(problem).toMatch(words)
    expect(problem).not.toMatch(/key@|\/T0\//)
    expect(more).toEqual([])
  })

  test.each([
    ["POLL_INTERVAL_SECONDS", ["-1", "1.5", "ten", "3601", "1e9", "0x10"]],
    ["LIST_REQUESTS_PER_HOUR", ["0", "many", "201"]],
    ["DETAIL_REQUESTS_PER_HOUR", ["-5", "501"]],
    ["FIRST_RUN_LOOKBACK", ["1 day", "P1M", "PT"]],
    ["ECHOWIN_API_KEY", ["ew_\nkey", "ew key", "ew_ключ"]],
    [
      "ECHOWIN_BASE_URL",
      ["http://echo.win/api/v1", "echo.win", "file:///etc/passwd", "https://a:b@echo.win"],
    ],
    ["ALERT_TOPIC_ARN", ["alerts", "arn:aws:sqs:us-east-1:123456789012:alerts"]],
    ["TABLE_NAME", ["t2", "my table", "t".repeat(256)]],
    ["SLACK_PRIVACY", ["all", "Full"]],
    ["EMAIL_PRIVACY", ["none of it"]],
    ["CALL_URL_TEMPLATE", ["http://echo.win/calls/{id}", "https://echo.win/calls", "https://{id}.example/"]],
    ["API_URL", ["http://earshot.example", "earshot.example", "https://a:b@earshot.example"]],
    ["TICK_QUEUE_URL", ["ticks-queue", "ftp://queue.example"]],
    ["HEARTBEAT_URL", ["hc-ping", "http://hc-ping.com/uuid", "https://a:b@hc-ping.com/uuid"]],
    ["METRIC_NAMESPACE", ["a stage", "-x"]],
  ])("refuse a %s that is set but wrong, say what would be right, and do not repeat it", (name, values) => {
    for (const value of values) {
      const read = readPollerConfig({ ...deployed, [name]: value })
      expect(read).toEqual({
        ok: false,
        problems: [expect.stringMatching(new RegExp(`^${name} is wrong: it .+ \\(example: .+\\)$`))],
      })
      expect(JSON.stringify(read)).not.toContain(` ${value} `)
    }
  })

  test("name each channel with its own privacy, Slack first", () => {
    const webhookUrl = "https://hooks.slack.com/services/T0/B0/key"
    const variables = { ...deployed, SLACK_WEBHOOK_URL: webhookUrl, EMAIL_PRIVACY: "minimal" }
    expect(readPollerConfig(variables)).toMatchObject({
      value: {
        channels: [
          { kind: "slack", id: "slack", privacy: "standard", webhookUrl },
          { kind: "sns", id: "email", privacy: "minimal", topicArn: TOPIC },
        ],
      },
    })
  })

  test("need a channel", () => {
    const read = readPollerConfig({ TABLE_NAME: "earshot-table" })
    expect(read).toEqual({
      ok: false,
      problems: [expect.stringMatching(/^SLACK_WEBHOOK_URL is missing, and so is ALERT_TOPIC_ARN: /)],
    })
  })

  test("have every problem named at once, each variable in one line", () => {
    const read = readPollerConfig({
      SLACK_WEBHOOK_URL: "x",
      SLACK_PRIVACY: "all",
      POLL_INTERVAL_SECONDS: "x",
    })
    const names = ["TABLE_NAME is missing", "POLL_INTERVAL_SECONDS", "SLACK_PRIVACY", "SLACK_WEBHOOK_URL"]
    expect(read).toEqual({ ok: false, problems: names.map((name) => expect.stringContaining(name)) })
    expect(() => valueOf(read)).toThrow(/^Configuration errors:\n  TABLE_NAME is missing: .*\n  POLL_/)
  })
})

test("the API's settings need a token and a table, and nothing of the poller's", () => {
  const read = readApiConfig({ TABLE_NAME: "earshot-table" })
  expect(read).toEqual({
    ok: true,
    value: {
      tableName: "earshot-table",
      vendor: { apiKey: "ew_linked", baseUrl: "https://echo.win/api/v1" },
      token: "linked-token-0000",
      intervalMs: 19_000,
      listPerHour: 200,
      detailPerHour: 500,
      channels: {
        privacy: { slack: "standard", email: "standard" },
        sealingKey: null,
        slackHosts: ["hooks.slack.com", "hooks.slack-gov.com"],
      },
      nudgeSecret: null,
      tickQueueUrl: null,
    },
  })
  expect(readApiConfig({})).toEqual({
    ok: false,
    problems: [expect.stringMatching(/^TABLE_NAME is missing: .+ \(example: .+\)$/)],
  })
})

test.each([
  "two words of a certain length",
  "line\nbreak-and-much-more",
  "schlüsselschlüssel",
  "ключ",
  "15-characters-x",
])("the API's token has to fit into a header and be hard to guess, and %j does not", (token) => {
  const read = readApiConfig({ TABLE_NAME: "earshot-table", API_TOKEN: token })
  expect(read).toEqual({
    ok: false,
    problems: [expect.stringMatching(/^API_TOKEN is wrong: it must be at least 16 ASCII characters/)],
  })
  expect(JSON.stringify(read)).not.toContain(token)
})

test("a deployment gives neither function a secret as a variable", () => {
  for (const name of ["ECHOWIN_API_KEY", "SLACK_WEBHOOK_URL", "API_TOKEN", "SLACK_ALLOWED_HOSTS"]) {
    expect([...pollerVariables, ...apiVariables]).not.toContain(name)
  }
})
