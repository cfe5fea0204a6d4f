/**
 * What each function is given, and no more: variables, secrets and rights.
 */
import type * as Esbuild from "esbuild"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
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
    ALERT_EMAILS: "none",
    OPS_EMAILS: "none",
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
    Poller: ["ChannelSecretKey", "EchowinApiKey", "HeartbeatUrl", "SlackWebhookUrl"],
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

/** Rights that no request of the code needs: AWS makes these requests in the function's role, or only the log is written. */
const MADE_BY_AWS = new Set([
  "TickQueue sqs:DeleteMessage",
  "TickQueue sqs:GetQueueAttributes",
  "TickQueue sqs:ReceiveMessage",
  "LostRunQueue sqs:SendMessage",
  "PollerLog logs:CreateLogStream",
  "PollerLog logs:PutLogEvents",
  "ApiLog logs:CreateLogStream",
  "ApiLog logs:PutLogEvents",
])

/** A batch is granted by the right to do one. */
const RIGHT_OF: Record<string, string> = { "sqs:SendMessageBatch": "sqs:SendMessage" }

/** The methods of the store that ask an index, and only they do. */
const INDEX_METHODS = { due: "dueCalls", alerts: "alertedCalls" }

test.each(production.builds)(
  "$name has the rights to the requests in its bundle, and no other",
  async (build) => {
    const { commands, files } = await bundled(build.handler)
    const rights = Object.entries(rightsOf(`${build.name}Role`)).flatMap(([what, actions]) =>
      actions.map((action) => `${what} ${action}`),
    )
    const granted = rights.filter((right) => !MADE_BY_AWS.has(right))
    const actions = new Set(granted.map((right) => right.split(" ")[1]))
    const made = commands.map((command) => RIGHT_OF[command] ?? command)
    expect(actions).toEqual(new Set(made))
    const callers = files.filter((file) => !/\/io\/src\/store\//.test(file) && file.startsWith("packages/"))
    const text = (await Promise.all(callers.map((file) => readFile(path.join(ROOT, file), "utf8")))).join(
      "\n",
    )
    for (const [index, method] of Object.entries(INDEX_METHODS)) {
      const mayAsk = granted.includes(`TableTable/index/${index} dynamodb:Query`)
      expect({ index, mayAsk }).toEqual({ index, mayAsk: text.includes(`.${method}(`) })
    }
  },
)

test("no queue and no topic takes messages from a service of AWS without saying from whose", () => {
  const policies = production.resources.filter(({ type }) => /(queue|topic)Policy:/i.test(type))
  for (const { name, inputs } of policies) {
    const { Statement } = JSON.parse(String(inputs["policy"]))
    for (const statement of Statement) {
      expect(JSON.stringify(statement.Condition ?? {}), name).toMatch(/aws:Source(Arn|Account)/i)
    }
  }
  // As things are, roles are enough, and there is none.
  expect(policies).toEqual([])
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

/** Of no request that the code makes: the SDK keeps it in each client of DynamoDB, for endpoints that have to be asked for. */
const OF_THE_SDK = "dynamodb:DescribeEndpoints"

/** What SST would bundle of a handler: the SDK's commands that are left in it, and the files that it is made of. */
async function bundled(handler: string): Promise<{ commands: string[]; files: string[] }> {
  const esbuild: typeof Esbuild = createRequire(`${ROOT}/.sst/platform/package.json`)("esbuild")
  const { metafile } = await esbuild.build({
    entryPoints: [path.join(ROOT, handler.replace(/\.handler$/, ".ts"))],
    absWorkingDir: ROOT,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    mainFields: ["module", "main"],
    minify: true,
    keepNames: true,
    splitting: true,
    outdir: "unwritten",
    write: false,
    metafile: true,
    logLevel: "error",
  })
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  )
  const commands = files.flatMap((file) => {
    const [, service, command] = /client-(\w+)\/dist-es\/commands\/(\w+)Command\.js$/.exec(file) ?? []
    return service && command ? [`${service}:${command}`] : []
  })
  return { commands: [...new Set(commands)].filter((command) => command !== OF_THE_SDK), files }
}

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
