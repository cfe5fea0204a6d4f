/**
 * `docs/deployer-policy.json` against what a deploy makes: for each kind of resource the requests that AWS's provider makes of it,
 * allowed on the names that it gets; and nothing that no resource, SST itself or the doctor needs.
 */
import { readFile } from "node:fs/promises"
import path from "node:path"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { PRODUCTION, ROOT, type Resource, synthesize } from "./synthesis.ts"

const Policy = z.object({
  Version: z.literal("2012-10-17"),
  Statement: z.array(
    z.strictObject({
      Sid: z.string(),
      Effect: z.literal("Allow"),
      Action: z.array(z.string()),
      Resource: z.array(z.string()),
      Condition: z.unknown().optional(),
    }),
  ),
})

const policy = Policy.parse(JSON.parse(await readFile(path.join(ROOT, "docs/deployer-policy.json"), "utf8")))

/** Emails too, so that there is one of every kind. A stage with a long name, because SST shortens names. */
const [production, longest] = await Promise.all(
  ["production", "a-stage-of-24-characters"].map((stage) => synthesize({ ...PRODUCTION, stage })),
)

/** What AWS's provider asks of each kind, to make, read, change, tag and remove one; and where the resource is. */
const KINDS: Record<string, { service: string; actions: string; at: (one: Resource) => string }> = {
  "cloudwatch/dashboard:Dashboard": {
    service: "cloudwatch",
    actions: "PutDashboard GetDashboard DeleteDashboards",
    at: ({ inputs }) => `arn:aws:cloudwatch::1:dashboard/${String(inputs["dashboardName"])}`,
  },
  "cloudwatch/logGroup:LogGroup": {
    service: "logs",
    actions:
      "CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy DeleteRetentionPolicy ListTagsForResource TagResource UntagResource",
    at: ({ inputs }) => `arn:aws:logs:eu-west-1:1:log-group:${inputs.name}`,
  },
  "cloudwatch/logMetricFilter:LogMetricFilter": {
    service: "logs",
    actions: "PutMetricFilter DescribeMetricFilters DeleteMetricFilter",
    at: ({ inputs }) => `arn:aws:logs:eu-west-1:1:log-group:${String(inputs["logGroupName"])}`,
  },
  "cloudwatch/metricAlarm:MetricAlarm": {
    service: "cloudwatch",
    actions: "PutMetricAlarm DescribeAlarms DeleteAlarms ListTagsForResource TagResource UntagResource",
    at: ({ inputs }) => `arn:aws:cloudwatch:eu-west-1:1:alarm:${inputs.name}`,
  },
  "dynamodb/table:Table": {
    service: "dynamodb",
    actions:
      "CreateTable DescribeTable UpdateTable DeleteTable DescribeTimeToLive UpdateTimeToLive DescribeContinuousBackups UpdateContinuousBackups ListTagsOfResource TagResource UntagResource",
    at: ({ inputs }) => `arn:aws:dynamodb:eu-west-1:1:table/${inputs.name}`,
  },
  "iam/role:Role": {
    service: "iam",
    actions:
      "CreateRole GetRole UpdateRole UpdateAssumeRolePolicy DeleteRole PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole TagRole UntagRole PassRole",
    at: ({ inputs }) => `arn:aws:iam::1:role/${inputs.name}`,
  },
  "lambda/eventSourceMapping:EventSourceMapping": {
    service: "lambda",
    actions:
      "CreateEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping ListTags TagResource UntagResource",
    at: () => "arn:aws:lambda:eu-west-1:1:event-source-mapping:00000000-0000-0000-0000-000000000000",
  },
  "lambda/function:Function": {
    service: "lambda",
    actions:
      "CreateFunction GetFunction GetFunctionConfiguration UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction ListVersionsByFunction GetFunctionCodeSigningConfig PutFunctionConcurrency GetFunctionConcurrency DeleteFunctionConcurrency ListTags TagResource UntagResource",
    at: ({ inputs }) => `arn:aws:lambda:eu-west-1:1:function:${inputs.name}`,
  },
  "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    service: "lambda",
    actions:
      "PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig",
    at: ({ inputs }) => `arn:aws:lambda:eu-west-1:1:function:${functionOf(inputs)}`,
  },
  "lambda/functionUrl:FunctionUrl": {
    service: "lambda",
    actions: "CreateFunctionUrlConfig GetFunctionUrlConfig UpdateFunctionUrlConfig DeleteFunctionUrlConfig",
    at: ({ inputs }) => `arn:aws:lambda:eu-west-1:1:function:${functionOf(inputs)}`,
  },
  "lambda/permission:Permission": {
    service: "lambda",
    actions: "AddPermission RemovePermission GetPolicy",
    at: ({ inputs }) => `arn:aws:lambda:eu-west-1:1:function:${functionOf(inputs)}`,
  },
  "s3/bucketObjectv2:BucketObjectv2": {
    service: "s3",
    actions: "PutObject GetObject GetObjectTagging PutObjectTagging DeleteObject",
    // The bucket has a random part, which the synthesis leaves out.
    at: ({ inputs }) => `arn:aws:s3:::${String(inputs["bucket"])}-abc/${String(inputs["key"])}`,
  },
  "scheduler/schedule:Schedule": {
    service: "scheduler",
    actions: "CreateSchedule GetSchedule UpdateSchedule DeleteSchedule",
    at: ({ inputs }) => `arn:aws:scheduler:eu-west-1:1:schedule/default/${inputs.name}`,
  },
  "sns/topic:Topic": {
    service: "sns",
    actions:
      "CreateTopic GetTopicAttributes SetTopicAttributes DeleteTopic ListTagsForResource TagResource UntagResource",
    at: ({ inputs }) => `arn:aws:sns:eu-west-1:1:${inputs.name}`,
  },
  "sns/topicSubscription:TopicSubscription": {
    service: "sns",
    actions: "Subscribe Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes",
    at: ({ inputs }) => `${String(inputs["topic"])}:00000000-0000-0000-0000-000000000000`,
  },
  "sqs/queue:Queue": {
    service: "sqs",
    actions:
      "CreateQueue GetQueueAttributes GetQueueUrl SetQueueAttributes DeleteQueue ListQueueTags TagQueue UntagQueue",
    at: ({ inputs }) => `arn:aws:sqs:eu-west-1:1:${inputs.name}`,
  },
}

/** What SST itself needs, once for each region and then for its state; and what `npm run doctor` asks. */
const OTHERS: Record<string, readonly string[]> = {
  "arn:aws:s3:::sst-state-abc": ["s3:CreateBucket", "s3:PutBucketVersioning", "s3:ListBucket"],
  "arn:aws:s3:::sst-asset-abc": ["s3:CreateBucket", "s3:PutBucketNotification", "s3:ListBucket"],
  "arn:aws:s3:::sst-state-abc/app/earshot/production.json": [
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
  ],
  "arn:aws:ssm:eu-west-1:1:parameter/sst/bootstrap": [
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:PutParameter",
  ],
  "arn:aws:ssm:eu-west-1:1:parameter/sst/bootstrap/asset": ["ssm:GetParameter", "ssm:DeleteParameter"],
  "arn:aws:ssm:eu-west-1:1:parameter/sst/passphrase/earshot/production": [
    "ssm:GetParameter",
    "ssm:PutParameter",
  ],
  "arn:aws:ecr:eu-west-1:1:repository/sst-asset": ["ecr:CreateRepository", "ecr:DescribeRepositories"],
  "arn:aws:dynamodb:eu-west-1:1:table/earshot-production-TableTable": ["dynamodb:GetItem", "dynamodb:Query"],
  "arn:aws:sns:eu-west-1:1:earshot-production-AlertsTopic": ["sns:ListSubscriptionsByTopic"],
}

function functionOf(inputs: Resource["inputs"]): string {
  const named = String(inputs["functionName"] ?? inputs["function"])
  return named.split(":").at(-1) ?? named
}

const isLike = (pattern: string, arn: string) =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(arn)

const isAllowed = (action: string, arn: string) =>
  policy.Statement.some(
    ({ Action, Resource }) => Action.includes(action) && Resource.some((pattern) => isLike(pattern, arn)),
  )

const made = [production, longest].flatMap((synthesis) =>
  (synthesis?.resources ?? []).filter(({ type }) => type.startsWith("aws:")),
)

const kindOf = ({ type }: Resource) => type.replace(/^aws:/, "")

const actionsOf = (kind: string) =>
  (KINDS[kind]?.actions ?? "").split(" ").map((action) => `${KINDS[kind]?.service}:${action}`)

describe("the deployer's policy", () => {
  test("knows every kind of resource that a deploy makes, and no other", () => {
    expect([...new Set(made.map(kindOf))].sort()).toEqual(Object.keys(KINDS).sort())
  })

  test("allows what AWS's provider asks of each of them, under the name that it gets", () => {
    const refused = made.flatMap((one) =>
      actionsOf(kindOf(one))
        .filter((action) => !isAllowed(action, KINDS[kindOf(one)]?.at(one) ?? ""))
        .map((action) => `${action} on ${one.name}`),
    )
    expect(refused).toEqual([])
  })

  test("allows what SST and the doctor need", () => {
    const refused = Object.entries(OTHERS).flatMap(([arn, actions]) =>
      actions.filter((action) => !isAllowed(action, arn)).map((action) => `${action} on ${arn}`),
    )
    expect(refused).toEqual([])
  })

  test("allows nothing else", () => {
    const needed = new Set([...Object.keys(KINDS).flatMap(actionsOf), ...Object.values(OTHERS).flat()])
    const allowed = policy.Statement.flatMap(({ Action }) => Action)
    expect(allowed.filter((action) => !needed.has(action))).toEqual([])
    expect(allowed.filter((action) => action.includes("*"))).toEqual([])
  })

  test("is about this app's own names, but for what AWS lets nobody narrow", () => {
    const wide = policy.Statement.filter(({ Resource }) => Resource.includes("*")).map(({ Sid }) => Sid)
    expect(wide).toEqual(["Ticks", "FindLogs"])
    const others = policy.Statement.flatMap(({ Resource }) => Resource).filter(
      (arn) => arn !== "*" && !/earshot|sst-(state|asset)|\/sst\//.test(arn),
    )
    expect(others).toEqual([])
  })

  test("hands roles to the two services that have one, and to no other", () => {
    const services = (production?.resources ?? [])
      .filter((one) => kindOf(one) === "iam/role:Role")
      .flatMap(({ inputs }) => JSON.stringify(inputs.assumeRolePolicy).match(/\w+\.amazonaws\.com/g) ?? [])
    const passing = policy.Statement.find(({ Sid }) => Sid === "PassRoles")
    expect(passing?.Condition).toEqual({
      StringEquals: { "iam:PassedToService": [...new Set(services)].sort() },
    })
  })
})
