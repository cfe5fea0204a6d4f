/**
 * What a deploy reads and refuses before it changes anything: the committed file of the stage, what overrides it, which stages are protected,
 * and every setting by the functions' own parsers.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import * as z from "zod"
import protectedStages from "../../settings/protected-stages.json" with { type: "json" }
import { apiVariables, pollerVariables } from "../../packages/functions/src/config.ts"
import { checkSecrets, checkSettings, chosenGateMs } from "../../stacks/deploy-check.ts"
import { chosenEmails, chosenRetention } from "../../stacks/setting.ts"
import { SETTING_NAMES, SettingsFile, settingsOf } from "../../stacks/settings-file.ts"
import { isProtectedStage } from "../../stacks/stage.ts"
import { ROOT } from "./synthesis.ts"

const root = mkdtempSync(path.join(tmpdir(), "earshot-settings-"))
mkdirSync(path.join(root, "settings"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function write(stage: string, content: unknown): void {
  const text = typeof content === "string" ? content : JSON.stringify(content)
  writeFileSync(path.join(root, "settings", `${stage}.json`), text)
}

const RECIPIENTS = { ALERT_EMAILS: "none", OPS_EMAILS: "none" }

const check = (settings: Record<string, string>, more: object = {}) =>
  checkSettings(settings, { stage: "staging", isProtected: false, isLocal: false, ...more })

describe("the file of a stage", () => {
  test("is what is set, as text; a variable that is not empty wins, and a stage needs no file", () => {
    write("live", {
      ALERT_EMAILS: ["anna@example.com", "ben@example.com"],
      OPS_EMAILS: "none",
      POLL_INTERVAL_SECONDS: 30,
      LOG_RETENTION_DAYS: 90,
      SLACK_PRIVACY: "minimal",
    })
    const variables = {
      POLL_INTERVAL_SECONDS: "60",
      SLACK_PRIVACY: " ",
      ECHOWIN_API_KEY: "ew_x",
      PATH: "/bin",
    }
    const settings = settingsOf("live", variables, root)
    expect(settings).toEqual({
      ALERT_EMAILS: "anna@example.com,ben@example.com",
      OPS_EMAILS: "none",
      POLL_INTERVAL_SECONDS: "60",
      LOG_RETENTION_DAYS: "90",
      SLACK_PRIVACY: "minimal",
    })
    expect(chosenEmails(settings, "ALERT_EMAILS")).toHaveLength(2)
    expect(chosenEmails(settings, "OPS_EMAILS")).toEqual([])
    expect(settingsOf("other", {}, root)).toEqual({})
  })

  test.each<[string, unknown, string[]]>([
    ["no JSON", "{", ["settings/wrong.json is not JSON"]],
    ["a list", [], ["settings/wrong.json is wrong", "expected object"]],
    ["a name that there is not", { ALERT_EMAIL: [] }, ["ALERT_EMAIL"]],
    ["a secret", { ECHOWIN_API_KEY: "ew_secret" }, ["ECHOWIN_API_KEY"]],
    ["a number that is too large", { LIST_REQUESTS_PER_HOUR: 201 }, ["LIST_REQUESTS_PER_HOUR", "200"]],
    [
      "two mistakes",
      { SLACK_PRIVACY: "all", POLL_INTERVAL_SECONDS: "19" },
      ["SLACK_PRIVACY", "POLL_INTERVAL_SECONDS"],
    ],
  ])("that has %s stops the deploy, which says where it is wrong", (_, content, words) => {
    write("wrong", content)
    for (const word of words) expect(() => settingsOf("wrong", {}, root)).toThrow(word)
    expect(() => settingsOf("wrong", {}, root)).not.toThrow("ew_secret")
  })

  test("has a schema for editors, which is that of the reader, and an example that fits it", () => {
    const read = (name: string): unknown =>
      JSON.parse(readFileSync(path.join(ROOT, "settings", name), "utf8"))
    // If this fails: the reader has changed, and the schema has to follow.
    expect(read("schema.json")).toEqual(z.toJSONSchema(SettingsFile))
    expect(SettingsFile.safeParse(read("example.json")).error).toBeUndefined()
    const stage = { stage: "example", isProtected: true, isLocal: false }
    expect(() => checkSettings(settingsOf("example", {}, ROOT), stage)).not.toThrow()
  })

  test("may set everything that the functions read and a deploy does not give them", () => {
    const given = ["TABLE_NAME", "ALERT_TOPIC_ARN", "TICK_QUEUE_URL", "METRIC_NAMESPACE"]
    const read = new Set([...pollerVariables, ...apiVariables].filter((name) => !given.includes(name)))
    const own = [
      "ALERT_EMAILS",
      "OPS_EMAILS",
      "CHANNEL_TOPIC_ARNS",
      "LOG_RETENTION_DAYS",
      "RESERVED_CONCURRENCY",
    ]
    expect(new Set(SETTING_NAMES)).toEqual(new Set([...read, ...own]))
  })
})

describe("a protected stage", () => {
  test.each(["production", "prod", "live"])("%s is one, by its name or by the list", (stage) => {
    expect(isProtectedStage(stage, ["live"])).toBe(true)
    expect(isProtectedStage("staging", ["live"])).toBe(false)
    expect(isProtectedStage("productions", protectedStages)).toBe(false)
  })

  test.each([null, "live", [1], [""], { live: true }])("is not guessed from a list that is %j", (listed) => {
    expect(() => isProtectedStage("staging", listed)).toThrow(
      "settings/protected-stages.json is no list of stages",
    )
  })

  test("has to say who is told, or none: a checkout without its settings removes nobody", () => {
    const isProtected = { stage: "production", isProtected: true }
    expect(() => check({}, isProtected)).toThrow(
      'ALERT_EMAILS is missing: production has to say who gets alerts by e-mail, or "none" (in settings/production.json)',
    )
    expect(() => check({}, isProtected)).toThrow("OPS_EMAILS is missing")
    expect(() => check({ ...RECIPIENTS, ALERT_EMAILS: "anna@example.com" }, isProtected)).not.toThrow()
    expect(() => check(RECIPIENTS, isProtected)).not.toThrow()
    expect(() => check({})).not.toThrow()
  })
})

describe("a deploy refuses", () => {
  test.each([
    ["POLL_INTERVAL_SECONDS", "soon"],
    ["POLL_INTERVAL_SECONDS", "3601"],
    ["FIRST_RUN_LOOKBACK", "two hours"],
    ["LIST_REQUESTS_PER_HOUR", "201"],
    ["LIST_REQUESTS_PER_HOUR", "0"],
    ["DETAIL_REQUESTS_PER_HOUR", "501"],
    ["SLACK_PRIVACY", "all"],
    ["EMAIL_PRIVACY", "Full"],
    ["ECHOWIN_BASE_URL", "http://echo.win/api/v1"],
    ["ECHOWIN_BASE_URL", "ftp://echo.win"],
    ["API_URL", "http://earshot.example"],
    ["CALL_URL_TEMPLATE", "https://echo.win/calls"],
  ])("%s=%s, by the functions' own words", (name, value) => {
    expect(() => check({ [name]: value })).toThrow(new RegExp(`${name} is wrong: it .+ \\(example: .+\\)`))
  })

  test.each([
    ["ECHOWIN_BASE_URL", "http://127.0.0.1:4010/api/v1"],
    ["ECHOWIN_BASE_URL", "http://localhost:4010/api/v1"],
    ["API_URL", "https://localhost:3000"],
    ["API_URL", "http://[::1]:3000"],
  ])("%s=%s, which is another machine once it is deployed; under `sst dev` it is this one", (name, value) => {
    expect(() => check({ [name]: value })).toThrow(`${name} is wrong: it names this machine`)
    expect(() => check({ [name]: value }, { isLocal: true })).not.toThrow()
  })

  test("several at once, each in a line", () => {
    const wrong = { POLL_INTERVAL_SECONDS: "x", SLACK_PRIVACY: "x", API_URL: "x" }
    for (const name of Object.keys(wrong))
      expect(() => check(wrong)).toThrow(new RegExp(`^ {2}${name} is wrong`, "m"))
  })

  test.each(["0", "13", "many", "14 days", "-1"])(
    "LOG_RETENTION_DAYS=%s, which CloudWatch does not take",
    (days) => {
      expect(() => chosenRetention({ LOG_RETENTION_DAYS: days })).toThrow(
        "LOG_RETENTION_DAYS is wrong: it must be one of 1, 3",
      )
      expect(chosenRetention({})).toBe(14)
      expect(chosenRetention({ LOG_RETENTION_DAYS: "365" })).toBe(365)
    },
  )

  test.each([
    ["SLACK_WEBHOOK_URL", "SlackWebhookUrl", "https://evil.example/services/T0/B0/secret"],
    ["SLACK_WEBHOOK_URL", "SlackWebhookUrl", "http://127.0.0.1/services/T0/B0/secret"],
    ["ECHOWIN_API_KEY", "EchowinApiKey", "ew_hush hush"],
    ["API_TOKEN", "ApiToken", "hush-hush"],
    ["CHANNEL_SECRET_KEY", "ChannelSecretKey", "hush-hush"],
    ["HEARTBEAT_URL", "HeartbeatUrl", "http://hc-ping.com/secret"],
  ])("the secret of %s if it is wrong, by its name, and does not repeat it", (variable, secret, value) => {
    const refused = () => checkSecrets({ [variable]: { secret, value } }, "staging")
    expect(refused).toThrow(`the secret ${secret} is wrong: it`)
    expect(refused).not.toThrow(value)
  })
})

test("how far apart polls are follows from the interval and from the share of the vendor's limit", () => {
  expect(chosenGateMs({})).toBe(19_000)
  expect(chosenGateMs({ POLL_INTERVAL_SECONDS: "600" })).toBe(600_000)
  expect(chosenGateMs({ LIST_REQUESTS_PER_HOUR: "20" })).toBeGreaterThan(180_000)
})
