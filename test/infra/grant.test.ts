/**
 * What each function is given, and no more: variables, secrets and rights.
 */
import { readFile, readdir } from "node:fs/promises"
import path from "node:path"
import { expect, test } from "vitest"
import { apiVariables, pollerVariables } from "../../packages/functions/src/config.ts"
import { ROOT, physicalName, resource, resourcesOf, synthesize } from "./synthesis.ts"

type Statement = { Effect: string; Action: string[]; Resource: string[]; Principal?: unknown }

const OTHER_TOPIC = "arn:aws:sns:eu-west-1:123456789012:night-shift"

const production = await synthesize({
  stage: "production",
  environment: {
    ECHOWIN_BASE_URL: "https://example.com/api/v1",
    POLL_INTERVAL_SECONDS: "19",
    FIRST_RUN_LOOKBACK: "PT1H",
    LIST_REQUESTS_PER_HOUR: "100",
    DETAIL_REQUESTS_PER_HOUR: "250",
    SLACK_PRIVACY: "full",
    EMAIL_PRIVACY: "minimal",
    CHANNEL_TOPIC_ARNS: OTHER_TOPIC,
    CALL_URL_TEMPLATE: "https://echo.win/calls/{id}",
  },
})

const roles = resourcesOf(production, "aws:iam/role:Role")

test.each([
  { name: "Poller", parsed: pollerVariables },
  { name: "Api", parsed: apiVariables },
])("$name is given exactly the variables that it parses", ({ name, parsed }) => {
  const variables = resource(production, `${name}Function`).inputs.environment?.variables ?? {}
  const given = Object.keys(variables).filter((variable) => !variable.startsWith("SST_"))
  expect(new Set(given)).toEqual(new Set(parsed))
})

test("what is set for the deploy reaches the functions unchanged", () => {
  expect(resource(production, "PollerFunction").inputs.environment?.variables).toMatchObject({
    TABLE_NAME: physicalName(production, "TableTable"),
    TICK_QUEUE_URL: expect.stringContaining(physicalName(production, "TickQueue")),
    ALERT_TOPIC_ARN: expect.stringContaining(physicalName(production, "AlertsTopic")),
    ECHOWIN_BASE_URL: "https://example.com/api/v1",
    POLL_INTERVAL_SECONDS: "19",
    FIRST_RUN_LOOKBACK: "PT1H",
    LIST_REQUESTS_PER_HOUR: "100",
    DETAIL_REQUESTS_PER_HOUR: "250",
    SLACK_PRIVACY: "full",
    EMAIL_PRIVACY: "minimal",
    CALL_URL_TEMPLATE: "https://echo.win/calls/{id}",
  })
})

test("each secret is in the bundles of the functions that need it", () => {
  expect(Object.fromEntries(production.builds.map((build) => [build.name, build.links.sort()]))).toEqual({
    Poller: ["ChannelSecretKey", "EchowinApiKey", "SlackWebhookUrl"],
    Api: ["ApiToken", "ChannelSecretKey", "EchowinApiKey", "NudgeSecret"],
  })
})

test("no role but those known here exists, and none has a policy that is not written here", () => {
  expect(roles.map((role) => role.name).sort()).toEqual(["ApiRole", "EveryMinuteRole", "PollerRole"])
  for (const role of roles) expect(role.inputs.managedPolicyArns ?? []).toEqual([])
  expect(production.resources.map((one) => one.type).filter((type) => /iam\/(?!role:)/.test(type))).toEqual(
    [],
  )
})

test("no right is granted by a wildcard, but to a function's own log", () => {
  for (const role of roles) {
    for (const { Action, Resource } of statementsOf(role.name)) {
      expect(Action.filter((action) => action.includes("*"))).toEqual([])
      expect(Resource.filter((arn) => arn.includes("*") && !isOwnLog(role.name, arn))).toEqual([])
    }
  }
})

test.each([
  { role: "PollerRole", service: "lambda.amazonaws.com" },
  { role: "ApiRole", service: "lambda.amazonaws.com" },
  { role: "EveryMinuteRole", service: "scheduler.amazonaws.com" },
])("nobody but AWS's $service can take the $role", ({ role, service }) => {
  expect(resource(production, role).inputs.assumeRolePolicy).toMatchObject({
    Statement: [{ Action: "sts:AssumeRole", Principal: { Service: service } }],
  })
})

test("the requests that the store makes are the ones that may be made", async () => {
  const folder = path.join(ROOT, "packages/io/src/store")
  const files = (await readdir(folder)).filter((file) => /^dynamo-.*\.ts$/.test(file))
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), "utf8")))
  const made = [...texts.join("\n").matchAll(/new (\w+)Command\(/g)].map(([, name]) => `dynamodb:${name}`)
  expect(new Set(made)).toEqual(new Set(rightsOf("ApiRole")["TableTable"]))
})

test("the poller may work with the table, publish alerts, send and receive ticks and keep lost runs", () => {
  expect(rightsOf("PollerRole")).toEqual({
    TableTable: [
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ],
    "TableTable/index/alerts": ["dynamodb:Query"],
    "TableTable/index/due": ["dynamodb:Query"],
    AlertsTopic: ["sns:ListSubscriptionsByTopic", "sns:Publish"],
    [OTHER_TOPIC]: ["sns:ListSubscriptionsByTopic", "sns:Publish"],
    TickQueue: ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"],
    LostRunQueue: ["sqs:SendMessage"],
    PollerLog: ["logs:CreateLogStream", "logs:PutLogEvents"],
  })
})

test("the API may work with the table and put nudges on the tick queue, and nothing else", () => {
  expect(rightsOf("ApiRole")).toEqual({
    TableTable: [
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ],
    "TableTable/index/alerts": ["dynamodb:Query"],
    "TableTable/index/due": ["dynamodb:Query"],
    TickQueue: ["sqs:SendMessage"],
    ApiLog: ["logs:CreateLogStream", "logs:PutLogEvents"],
  })
})

test("the scheduler may start the poller and say that it could not", () => {
  expect(rightsOf("EveryMinuteRole")).toEqual({
    PollerFunction: ["lambda:InvokeFunction"],
    LostRunQueue: ["sqs:SendMessage"],
  })
})

test("the only door open to everybody is the API's address", () => {
  const doors = resourcesOf(production, "aws:lambda/permission:Permission")
  const functionName = physicalName(production, "ApiFunction")
  expect(doors.map((door) => door.inputs)).toEqual([
    {
      action: "lambda:InvokeFunctionUrl",
      function: functionName,
      principal: "*",
      functionUrlAuthType: "NONE",
    },
    { action: "lambda:InvokeFunction", function: functionName, principal: "*", invokedViaFunctionUrl: true },
  ])
})

function statementsOf(role: string): Statement[] {
  return (resource(production, role).inputs.inlinePolicies ?? []).flatMap(
    ({ policy }) => JSON.parse(policy).Statement,
  )
}

/** The actions allowed, by the logical name of what they are allowed on. */
function rightsOf(role: string): Record<string, string[]> {
  const logicalNames = new Map(
    production.resources.flatMap(({ name, inputs }) => (inputs.name ? [[inputs.name, name] as const] : [])),
  )
  const rights: Record<string, string[]> = {}
  for (const { Effect, Action, Resource } of statementsOf(role)) {
    expect(Effect).toBe("Allow")
    for (const arn of Resource) {
      const [, physical = "", rest = ""] =
        /([^:]+?)(\/index\/.*|:\*)?$/.exec(arn.replace(/:table\//, ":")) ?? []
      const name = `${logicalNames.get(physical) ?? arn}${rest.replace(":*", "")}`
      rights[name] = [...(rights[name] ?? []), ...Action].sort()
    }
  }
  return rights
}

function isOwnLog(role: string, arn: string) {
  const log = physicalName(production, role.replace(/Role$/, "Log"))
  return arn.endsWith(`:log-group:${log}:*`)
}
