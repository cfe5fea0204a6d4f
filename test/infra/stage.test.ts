/**
 * How stages differ, and what a deploy with a wrong or missing setting says.
 */
import { expect, test } from "vitest"
import { resource, resourcesOf, synthesize, type Synthesis } from "./synthesis.ts"

const [production, staging, dev] = await Promise.all([
  synthesize({
    stage: "production",
    environment: { ALERT_EMAILS: "anna@example.com,ben@example.com", OPS_EMAILS: "none" },
  }),
  synthesize({
    stage: "staging",
    environment: { ALERT_EMAILS: "ben@example.com,anna@example.com", LOG_RETENTION_DAYS: "90" },
  }),
  synthesize({ stage: "anna", dev: true }),
])

const retainedOf = (synthesis: Synthesis) =>
  synthesis.resources.filter((one) => one.isRetained && !one.type.startsWith("sst:")).map((one) => one.name)

test("production cannot be removed, and its data would outlive it", () => {
  expect(production.app).toMatchObject({ name: "earshot", protect: true, removal: "retain" })
  expect(retainedOf(production)).toEqual(["TableTable"])
  expect(resource(production, "TableTable").inputs["deletionProtectionEnabled"]).toBe(true)
})

test("any other stage can be removed and leaves nothing behind", () => {
  expect(staging.app).toMatchObject({ name: "earshot", protect: false, removal: "remove" })
  expect(retainedOf(staging)).toEqual([])
  expect(resource(staging, "TableTable").inputs["deletionProtectionEnabled"]).toBe(false)
})

test("two stages in one account share no name", () => {
  const namesOf = (synthesis: Synthesis) => synthesis.resources.flatMap(({ inputs }) => inputs.name ?? [])
  expect(namesOf(staging).filter((name) => !name.includes("earshot-staging-"))).toEqual([])
  expect(namesOf(production).filter((name) => !name.includes("earshot-production-"))).toEqual([])
})

test("reordering the addresses recreates no subscription", () => {
  const subscriptionsOf = (synthesis: Synthesis) =>
    resourcesOf(synthesis, "aws:sns/topicSubscription:TopicSubscription")
      .map(({ name, inputs }) => `${name} ${String(inputs["endpoint"])}`)
      .sort()
  expect(subscriptionsOf(staging)).toEqual(subscriptionsOf(production))
  expect(subscriptionsOf(staging)).toHaveLength(2)
})

test("a setting that is not set is left to the functions' own default", () => {
  const variables = Object.keys(resource(staging, "PollerFunction").inputs.environment?.variables ?? {})
  expect(variables.filter((name) => !name.startsWith("SST_")).sort()).toEqual([
    "ALERT_TOPIC_ARN",
    "API_URL",
    "METRIC_NAMESPACE",
    "TABLE_NAME",
    "TICK_QUEUE_URL",
  ])
})

test("under `sst dev` the schedule stands still, and the alarms keep quiet about it", () => {
  expect(resource(dev, "EveryMinuteSchedule").inputs["state"]).toBe("DISABLED")
  for (const alarm of resourcesOf(dev, "aws:cloudwatch/metricAlarm:MetricAlarm")) {
    expect(alarm.inputs["actionsEnabled"]).toBe(false)
  }
})

test("a deploy that would tell nobody says so, and one that tells somebody is silent", () => {
  expect(dev.terminal).toContain("Nobody will hear of an alert")
  expect(production.terminal).not.toContain("Nobody")
})

test("how long logs are kept is a setting", () => {
  for (const log of ["PollerLog", "ApiLog"]) {
    expect(resource(staging, log).inputs["retentionInDays"]).toBe(90)
    expect(resource(production, log).inputs["retentionInDays"]).toBe(14)
  }
})

test("wrong settings and addresses stop the deploy, which names each of them and what would be right", async () => {
  const environment = { POLL_INTERVAL_SECONDS: "soon", LIST_REQUESTS_PER_HOUR: "1000" }
  const refused = synthesize({ stage: "staging", environment })
  await expect(refused).rejects.toThrow(
    "POLL_INTERVAL_SECONDS is wrong: it must be a whole number from 0 to 3600 (example: 19)",
  )
  await expect(refused).rejects.toThrow(
    "LIST_REQUESTS_PER_HOUR is wrong: it must be a whole number from 1 to 200 (example: 200)",
  )
  const emails = { ALERT_EMAILS: "anna@example.com, ben at example.com, carl@" }
  await expect(synthesize({ stage: "staging", environment: emails })).rejects.toThrow(
    'ALERT_EMAILS: not an e-mail address: "ben at example.com", "carl@". ' +
      'Separate addresses by commas, for example ALERT_EMAILS="anna@example.com, ben@example.com".',
  )
})

test("what no function would refuse stops the deploy as well: an address on this machine, and production that tells nobody", async () => {
  const environment = { ECHOWIN_BASE_URL: "http://127.0.0.1:3000/api/v1" }
  await expect(synthesize({ stage: "staging", environment })).rejects.toThrow("ECHOWIN_BASE_URL")
  await expect(synthesize({ stage: "production" })).rejects.toThrow(
    "ALERT_EMAILS is missing: production has to say who gets alerts by e-mail",
  )
})

test("a secret without a value stops the deploy, and so does a wrong one; each is named, and none repeated", async () => {
  const missing = { SST_SECRET_ApiToken: undefined }
  await expect(synthesize({ stage: "staging", environment: missing })).rejects.toThrow(
    "Set a value for ApiToken",
  )
  const wrong = { SST_SECRET_SlackWebhookUrl: "https://evil.example/services/T0/B0/key" }
  const refused = synthesize({ stage: "staging", environment: wrong })
  await expect(refused).rejects.toThrow("the secret SlackWebhookUrl is wrong: it")
  await expect(refused).rejects.not.toThrow("evil.example")
})
