/** All checks of `npm run doctor` on a patient, put together: who needs which setting, and what one leaves for another. */
import { LambdaClient } from "@aws-sdk/client-lambda"
import { STSClient } from "@aws-sdk/client-sts"
import { TEAM, readApiConfig, readPollerConfig } from "@earshot/functions/config"
import { awsClientConfig } from "@earshot/io/aws"
import { createSnsClient } from "@earshot/io/channel/email"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import type { World } from "@earshot/io/world"
import { awsProblems } from "../local-config.ts"
import { type Topic, lookAtSlack, lookAtTopic } from "./channel-check.ts"
import { lookAtApi, lookAtFunctions, lookAtIdentity } from "./deployment-check.ts"
import { type Check, type Observation, type Seen, fine, runChecks, skipped, wrongly } from "./observation.ts"
import { lookAtChannels, lookAtNudges, lookAtReading, lookAtTable, readKept } from "./state-check.ts"
import { type Patient, settingsFor } from "./patient.ts"
import { lookAtVendor } from "./vendor-check.ts"

const PATIENCE = { timeoutMs: 4000, attemptsMax: 2 }

/** `nodeVersion`: that this runs on. */
export async function checkUp(
  world: World,
  patient: Patient,
  { nodeVersion, isTestSent }: { nodeVersion: string; isTestSent: boolean },
): Promise<Observation[]> {
  const { variables } = patient
  const region = await awsProblems(variables)
  const dynamo = createDynamoClient(world)
  const table = settingsFor(patient, ["TABLE_NAME"])
  const store = table.ok
    ? createDynamoStore(world, dynamo, { tableName: table.value.tableName, team: TEAM })
    : null
  const kept = store && region.length === 0 ? readKept(store) : Promise.resolve("unreadable" as const)
  const intervals = settingsFor(patient, [], ["POLL_INTERVAL_SECONDS"])
  const intervalMs = intervals.ok ? intervals.value.intervalMs : 0
  const awsCheck = (name: string, look: Check["look"]): Check => ({
    name,
    look: async () => (region.length > 0 ? NO_REGION : look()),
  })
  const tableCheck = (name: string, look: (has: NonNullable<typeof store>) => ReturnType<Check["look"]>) =>
    awsCheck(name, async () => (store ? look(store) : NO_TABLE))

  return runChecks(world, [
    { name: "node", look: async () => lookAtNode(nodeVersion) },
    { name: "settings", look: async () => lookAtSettings(patient, region) },
    awsCheck("identity", () => lookAtIdentity(new STSClient(awsClientConfig(world, PATIENCE)), patient)),
    tableCheck("table", () => lookAtTable(dynamo, table.ok ? table.value.tableName : "")),
    { name: "echowin", look: async () => vendorOf(world, patient, await kept) },
    { name: "slack", look: () => slackOf(world, patient, isTestSent) },
    awsCheck("e-mail", () => topicsOf(world, patient)),
    tableCheck("reading", async () => lookAtReading(world, await kept, intervalMs)),
    tableCheck("channels", async (has) => lookAtChannels(world, has, await kept)),
    tableCheck("nudges", async (has) => lookAtNudges(world, has, await kept, takesNudges(variables))),
    { name: "api", look: () => lookAtApi(world, { apiUrl: patient.apiUrl, token: tokenOf(variables) }) },
    awsCheck("deployed", () => lookAtFunctions(new LambdaClient(awsClientConfig(world, PATIENCE)), patient)),
  ])
}

const NO_REGION = skipped("Not asked: AWS_REGION is not usable.")

const NO_TABLE = skipped("Not asked: TABLE_NAME is not usable.")

/** What the package.json asks for. */
const NODE_MIN = [20, 19] as const

function lookAtNode(version: string): Seen {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  const isEnough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
  if (isEnough) return fine(`Node ${version}.`)
  return wrongly(`This is Node ${version}.`, `Install Node ${NODE_MIN.join(".")} or later.`)
}

function lookAtSettings({ variables, settingsProblem }: Patient, region: readonly string[]): Seen | Seen[] {
  const problems = [readPollerConfig(variables), readApiConfig(variables)].flatMap((read) =>
    read.ok ? [] : read.problems,
  )
  const all = [...new Set([...(settingsProblem === null ? [] : [settingsProblem]), ...problems, ...region])]
  if (all.length === 0) return fine("Every setting can be read.")
  return all.map((problem) => wrongly(`${problem}.`, "Set it as the table in the README says."))
}

async function vendorOf(world: World, patient: Patient, kept: Awaited<ReturnType<typeof readKept>>) {
  const read = settingsFor(
    patient,
    ["ECHOWIN_API_KEY"],
    ["ECHOWIN_BASE_URL", "POLL_INTERVAL_SECONDS", "LIST_REQUESTS_PER_HOUR", "DETAIL_REQUESTS_PER_HOUR"],
  )
  return read.ok
    ? lookAtVendor(world, read.value, kept)
    : skipped("Not asked: a setting of it is not usable.")
}

async function slackOf(world: World, patient: Patient, isTestSent: boolean) {
  const read = settingsFor(patient, ["SLACK_WEBHOOK_URL"], ["SLACK_ALLOWED_HOSTS"])
  if (!read.ok) return skipped("Not asked: SLACK_WEBHOOK_URL is not usable.")
  const slack = read.value.channels.find((channel) => channel.kind === "slack")
  return lookAtSlack(world, slack?.webhookUrl ?? null, { isTestSent })
}

async function topicsOf(world: World, patient: Patient): Promise<Seen | Seen[]> {
  const { variables, operationsTopic } = patient
  const read = settingsFor(patient, ["ALERT_TOPIC_ARN", "SLACK_WEBHOOK_URL"], ["SLACK_ALLOWED_HOSTS"])
  const alerts = settingsFor(patient, ["ALERT_TOPIC_ARN"])
  if (!alerts.ok) return skipped("Not asked: ALERT_TOPIC_ARN is not usable.")
  const arn = alerts.value.channels.find((channel) => channel.kind === "sns")?.topicArn
  const hasSlack = read.ok && read.value.channels.some((channel) => channel.kind === "slack")
  const topics: Topic[] = []
  if (arn !== undefined) topics.push(topicOf("ALERT_EMAILS", arn, variables, hasSlack))
  if (operationsTopic !== null) topics.push(topicOf("OPS_EMAILS", operationsTopic, variables, false))
  if (topics.length === 0) return skipped("No topic is set.")
  const client = createSnsClient(world)
  return Promise.all(topics.map((topic) => lookAtTopic(client, topic)))
}

function topicOf(
  variable: Topic["variable"],
  arn: string,
  variables: NodeJS.ProcessEnv,
  isServedElsewhere: boolean,
): Topic {
  const given = variables[variable]
  const carries = variable === "ALERT_EMAILS" ? "Alerts" : "Alarms"
  return { variable, arn, given, carries, isOptional: isServedElsewhere || given?.trim() === "none" }
}

/** By the API's own reader, as every setting. */
function tokenOf({ API_TOKEN }: NodeJS.ProcessEnv): string | null {
  const read = readApiConfig({ API_TOKEN, TABLE_NAME: "earshot-in-place" })
  return read.ok ? read.value.token : null
}

/** The same for the secret of nudges. */
function takesNudges({ NUDGE_SECRET }: NodeJS.ProcessEnv): boolean {
  const read = readApiConfig({
    NUDGE_SECRET,
    API_TOKEN: "in-place-0123456789",
    TABLE_NAME: "earshot-in-place",
  })
  return read.ok && read.value.nudgeSecret !== null
}
