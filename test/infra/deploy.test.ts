/**
 * What a deploy to production makes: the triggers of the poller, the API's address, logs and people told.
 */
import { expect, test } from "vitest"
import { existsSync } from "node:fs"
import path from "node:path"
import { ASSET_NAMES } from "../../packages/api/src/reference/asset.ts"
import { PRODUCTION, physicalName, resource, resourcesOf, ROOT, synthesize } from "./synthesis.ts"

const production = await synthesize(PRODUCTION)
const inputs = (name: string) => resource(production, name).inputs
const arnEnding = (name: string) =>
  expect.stringMatching(new RegExp(`:(.*[:/])?${physicalName(production, name)}$`))

test("every handler that is named exists and is bundled small", () => {
  expect(production.builds.map((build) => build.name).sort()).toEqual(["Api", "Poller"])
  for (const build of production.builds) {
    const file = build.handler.replace(/\.handler$/, ".ts")
    expect(existsSync(path.join(ROOT, file)), `${file} exists`).toBe(true)
    expect(build).toMatchObject({ isMinified: true, isSplit: true })
  }
})

test("the scheduler starts the poller every minute and does not repeat itself", () => {
  expect(inputs("EveryMinuteSchedule")).toMatchObject({
    scheduleExpression: "rate(1 minute)",
    state: "ENABLED",
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: arnEnding("PollerFunction"),
      retryPolicy: { maximumRetryAttempts: 0 },
      deadLetterConfig: { arn: arnEnding("LostRunQueue") },
    },
  })
})

test("a tick or a nudge starts the very function that the scheduler starts, the moment it is due", () => {
  expect(resourcesOf(production, "aws:lambda/eventSourceMapping:EventSourceMapping")).toHaveLength(1)
  expect(inputs("TickMapping")).toMatchObject({
    eventSourceArn: arnEnding("TickQueue"),
    functionName: arnEnding("PollerFunction"),
    // Neither a window nor a delay: what is due is taken at once, with whatever else is there.
    batchSize: 10,
    maximumBatchingWindowInSeconds: 0,
    // Whatever piles up in the queue takes no more of the account's concurrency than this.
    scalingConfig: { maximumConcurrency: 2 },
  })
  expect(inputs("TickQueue")).toMatchObject({ delaySeconds: 0 })
})

test("a tick outlives its delay, but is gone before it could be tried again", () => {
  const { messageRetentionSeconds = 0, visibilityTimeoutSeconds = 0 } = inputs("TickQueue")
  const { timeout = 0 } = inputs("PollerFunction")
  expect(messageRetentionSeconds).toBeGreaterThan(100 + timeout)
  expect(visibilityTimeoutSeconds).toBeGreaterThanOrEqual(6 * timeout)
  expect(messageRetentionSeconds).toBeLessThan(visibilityTimeoutSeconds)
})

test("no poll outlives a minute, and a run that failed or came too late is kept and not repeated", () => {
  expect(inputs("PollerFunction").timeout).toBe(60)
  expect(inputs("PollerEventInvokeConfig")).toMatchObject({
    maximumRetryAttempts: 0,
    maximumEventAgeInSeconds: 60,
    destinationConfig: { onFailure: { destination: arnEnding("LostRunQueue") } },
  })
})

test("the API has an address of its own and no other site's page may call it", () => {
  expect(resourcesOf(production, "aws:lambda/functionUrl:FunctionUrl")).toHaveLength(1)
  expect(inputs("ApiUrl")).toMatchObject({
    functionName: physicalName(production, "ApiFunction"),
    authorizationType: "NONE",
  })
  expect(inputs("ApiUrl")).not.toHaveProperty("cors")
  expect(inputs("ApiFunction").timeout).toBe(20)
  expect(production.outputs["api"]).toMatch(/^https:/)
})

test("the files of the page at /docs are beside the API's bundle, whole, and no other function's", () => {
  const { "bundle.mjs": bundle, ...others } = production.uploads["Api"] ?? {}
  expect(bundle).toBeGreaterThan(0)
  expect(Object.keys(others).sort()).toEqual(ASSET_NAMES.map((name) => `reference/${name}`).sort())
  // A link instead of the file, as pnpm lays them, would be a few bytes.
  expect(others["reference/swagger-ui-bundle.js"]).toBeGreaterThan(1_000_000)
  expect(others["reference/swagger-ui.css"]).toBeGreaterThan(100_000)
  expect(Object.keys(production.uploads["Poller"] ?? {})).toEqual(["bundle.mjs"])
})

test.each(["Poller", "Api"])(
  "%s runs on the cheap processor and its logs are structured and go away",
  (name) => {
    expect(inputs(`${name}Function`)).toMatchObject({
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      memorySize: 512,
      loggingConfig: { logFormat: "JSON", logGroup: physicalName(production, `${name}Log`) },
    })
    expect(inputs(`${name}Log`)).toMatchObject({ retentionInDays: 14 })
    expect(resourcesOf(production, "aws:cloudwatch/logGroup:LogGroup")).toHaveLength(2)
  },
)

test("alerts and alarms go to different topics, each to the people named for it", () => {
  const subscriptions = resourcesOf(production, "aws:sns/topicSubscription:TopicSubscription")
  expect(subscriptions.map((one) => one.inputs)).toEqual([
    { protocol: "email", endpoint: "anna@example.com", topic: arnEnding("AlertsTopic") },
    { protocol: "email", endpoint: "ben@example.com", topic: arnEnding("AlertsTopic") },
    { protocol: "email", endpoint: "ops@example.com", topic: arnEnding("OperationsTopic") },
  ])
})
