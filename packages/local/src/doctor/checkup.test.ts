/**
 * The doctor on the embedded world, whose every part is broken once: the line that says so, what to do, and that all other lines
 * stay as they were. The connections are real, except where a service's rare answer is put in the place of its usual one.
 */
import { ScanCommand } from "@aws-sdk/client-dynamodb"
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns"
import { createApi } from "@earshot/api/app"
import { hourOf } from "@earshot/core/receipt/hour"
import { NO_INCIDENTS } from "@earshot/core/turn/incident"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { TEAM, readPollerConfig, valueOf } from "@earshot/functions/config"
import { createPoller } from "@earshot/functions/poller"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { type World, realWorld } from "@earshot/io/world"
import { Hono } from "hono"
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { closeServer, listen, startEmbedded } from "../embedded.ts"
import { checkUp } from "./checkup.ts"
import type { Observation } from "./observation.ts"
import { isWell, reportJson, reportText } from "./report.ts"
import { patientOf } from "./patient.ts"

const TOKEN = "test-token-0123456789"

const book = createCallBook()
book.add(
  plainCall({
    id: "bad-call",
    createdAt: new Date(Date.now() - 120_000).toISOString(),
    endedAt: new Date(Date.now() - 60_000).toISOString(),
    flagged: true,
  }),
)

const embedded = await startEmbedded({ source: book })
const settings: Record<string, string> = {
  ...embedded.variables,
  FIRST_RUN_LOOKBACK: "PT1H",
  SLACK_PRIVACY: "full",
}
const snsUrl = embedded.variables["AWS_ENDPOINT_URL_SNS"] ?? ""

/** What Lambda says of the stage's two functions. */
const lambda = new Hono().get("/2015-03-31/functions/:name/configuration", (context) => {
  const name = context.req.param("name")
  if (!name.startsWith("earshot-")) {
    return context.json({ message: "Function not found" }, 404, {
      "x-amzn-errortype": "ResourceNotFoundException",
    })
  }
  const own = name.endsWith("Poller") ? { FIRST_RUN_LOOKBACK: "PT1H" } : {}
  const shared = { TABLE_NAME: "earshot-local", SLACK_PRIVACY: "full", SST_KEY: "sealed-key" }
  const base = settings["ECHOWIN_BASE_URL"] ?? ""
  return context.json({
    State: "Active",
    Environment: { Variables: { ...shared, ...own, ECHOWIN_BASE_URL: base } },
  })
})
const lambdaServer = await listen(lambda, 0)

Object.assign(process.env, embedded.variables, {
  AWS_ENDPOINT_URL_STS: snsUrl,
  AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${lambdaServer.port}`,
})

const sns = new SNSClient({})
const queue = `arn:aws:sqs:us-east-1:000000000000:mailbox`
const { TopicArn: operations = "" } = await sns.send(new CreateTopicCommand({ Name: "earshot-operations" }))
await sns.send(new SubscribeCommand({ TopicArn: operations, Protocol: "sqs", Endpoint: queue }))

const real = realWorld(() => {})
const client = createDynamoClient(real)
await createTable(real, client, "earshot-local")
await createTable(real, client, "earshot-fresh")
const poll = createPoller(real, valueOf(readPollerConfig(settings)))
await poll({})
const store = createDynamoStore(real, client, { tableName: "earshot-local", team: TEAM })
const apiServer = await listen(createApi(real, store, { token: TOKEN, intervalMs: 19_000 }), 0)

const WELL: NodeJS.ProcessEnv = {
  ...settings,
  AWS_ENDPOINT_URL_STS: snsUrl,
  API_TOKEN: TOKEN,
  API_URL: `http://127.0.0.1:${apiServer.port}`,
  ALERT_EMAILS: "anna@example.com",
  OPS_EMAILS: "ops@example.com",
  SST_RESOURCE_App: JSON.stringify({ name: "earshot", stage: "staging" }),
  SST_RESOURCE_Poller: JSON.stringify({ name: "earshot-staging-Poller" }),
  SST_RESOURCE_Api: JSON.stringify({ name: "earshot-staging-Api" }),
  SST_RESOURCE_Operations: JSON.stringify({ arn: operations }),
}

afterAll(async () => {
  await Promise.all([embedded.stop(), closeServer(lambdaServer.server), closeServer(apiServer.server)])
})

beforeEach(() => embedded.slack.failAlways(undefined))

type Broken = {
  variables?: NodeJS.ProcessEnv
  world?: Partial<World>
  nodeVersion?: string
  isTestSent?: boolean
}

/** What the doctor finds, and that no word of it is a secret or a caller's. */
async function examined({ variables, world, nodeVersion = "24.3.0", isTestSent = false }: Broken = {}) {
  const patient = patientOf({ ...WELL, ...variables })
  const observations = await checkUp({ ...real, ...world }, patient, { nodeVersion, isTestSent })
  const all = reportText(patient, observations) + reportJson(patient, observations)
  for (const secret of ["ew_", "/services/", TOKEN, "sealed-key", "@", "+1555", "0100", "bad-call"])
    expect(all.replaceAll("ew_…", "").replaceAll("hooks.slack.com/services/…", "")).not.toContain(secret)
  return observations
}

const of = (observations: readonly Observation[], check: string) =>
  observations.filter((one) => one.check === check)

const CHECKS = "node settings identity table echowin slack e-mail reading channels nudges api deployed".split(
  " ",
)

/** The answers to these requests are others; `match` is looked for in the address and the body. */
function answering(match: string, answer: () => Promise<Response>): Partial<World> {
  const textOf = (body: unknown) =>
    typeof body === "string" ? body : body instanceof Uint8Array ? new TextDecoder().decode(body) : ""
  const targetOf = (init?: RequestInit) => new Headers(init?.headers).get("x-amz-target") ?? ""
  return {
    fetch: (input, init) => {
      const url = input instanceof Request ? input.url : input.toString()
      const asked = `${url} ${targetOf(init)} ${textOf(init?.body)}`
      return asked.includes(match) ? answer() : real.fetch(input, init)
    },
  }
}

const refused = (code: string): Promise<Response> =>
  Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("ew_secret"), { code }) }))

const xmlError = async (code: string, status = 403) =>
  new Response(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>ew_secret</Message></Error></ErrorResponse>`,
    { status, headers: { "content-type": "text/xml" } },
  )

const jsonError = async (name: string, status = 400) =>
  new Response(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "ew_secret" }), {
    status,
    headers: { "content-type": "application/x-amz-json-1.0" },
  })

/** As AWS answers; the stand-in confirms whoever subscribes. */
const subscriptions = async (...arns: string[]) => {
  const members = arns.map((arn) => `<member><SubscriptionArn>${arn}</SubscriptionArn></member>`).join("")
  return new Response(
    `<ListSubscriptionsByTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListSubscriptionsByTopicResult><Subscriptions>${members}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
    { headers: { "content-type": "text/xml" } },
  )
}

const CONFIRMED = "arn:aws:sns:us-east-1:000000000000:earshot-alerts:one"

const vendorAnswer = (headers: Record<string, string>) => async () =>
  Response.json({ data: [], pagination: { totalCount: 0 } }, { headers })

test("where all is well every line is ok, in the order of the checks, and nothing in the table has changed", async () => {
  const items = () => client.send(new ScanCommand({ TableName: "earshot-local" }))
  const before = (await items()).Items
  const observations = await examined({ isTestSent: true })
  expect(observations.filter(({ state }) => state !== "ok")).toEqual([])
  expect([...new Set(observations.map(({ check }) => check))]).toEqual(CHECKS)
  expect(isWell(observations)).toBe(true)
  expect(embedded.slack.received.at(-1)?.text).toBe("A test of Earshot: somebody has run npm run doctor.")
  expect((await items()).Items).toEqual(before)
})

test("a test message is sent only where it is asked for, and the vendor is asked once", async () => {
  const before = embedded.slack.received.length
  const asked: string[] = []
  const fetch: World["fetch"] = (input, init) => {
    asked.push(input instanceof Request ? input.url : input.toString())
    return real.fetch(input, init)
  }
  await examined({ world: { fetch } })
  expect(embedded.slack.received).toHaveLength(before)
  expect(asked.filter((url) => url.includes("/api/v1/"))).toHaveLength(1)
})

const BREAKAGES: { title: string; broken: Broken; lines: Record<string, [RegExp, RegExp]> }[] = [
  {
    title: "Node is too old",
    broken: { nodeVersion: "20.18.1" },
    lines: { node: [/This is Node 20\.18\.1/, /Install Node 20\.19/] },
  },
  {
    title: "a setting is wrong",
    broken: { variables: { CALL_URL_TEMPLATE: "nonsense" } },
    lines: {
      settings: [/^CALL_URL_TEMPLATE is wrong: it /, /README/],
      deployed: [/another CALL_URL_TEMPLATE than/, /Deploy/],
    },
  },
  {
    title: "AWS does not know the key",
    broken: { world: answering("Action=GetCallerIdentity", () => xmlError("InvalidClientTokenId")) },
    lines: { identity: [/did not accept the AWS credentials \(InvalidClientTokenId\)/, /AWS_PROFILE/] },
  },
  {
    title: "the region is another than the stage's",
    broken: { variables: { ALERT_TOPIC_ARN: "arn:aws:sns:eu-west-1:000000000000:earshot-alerts" } },
    lines: {
      identity: [/in us-east-1; the topic is in eu-west-1, of account 000000000000/, /AWS_REGION/],
      "e-mail": [/Alerts: 0 of the 1 addresses in ALERT_EMAILS subscribed/, /Deploy/],
    },
  },
  {
    title: "there is no table",
    broken: { variables: { TABLE_NAME: "earshot-elsewhere" } },
    lines: { table: [/There is no table earshot-elsewhere/, /npx sst deploy/] },
  },
  {
    title: "the table lacks an index",
    broken: {
      world: answering("DescribeTable", async () =>
        Response.json({
          Table: {
            TableStatus: "ACTIVE",
            GlobalSecondaryIndexes: [{ IndexName: "due", IndexStatus: "ACTIVE" }],
          },
        }),
      ),
    },
    lines: { table: [/earshot-local lacks its index alerts/, /AWS fills it/] },
  },
  {
    title: "the table may not be looked at",
    broken: { world: answering("DescribeTable", () => jsonError("AccessDeniedException")) },
    lines: { table: [/DynamoDB did not allow it \(AccessDeniedException\)/, /dynamodb:DescribeTable/] },
  },
  {
    title: "DynamoDB cannot be reached",
    broken: { world: answering(settings["AWS_ENDPOINT_URL_DYNAMODB"] ?? "", () => refused("ECONNREFUSED")) },
    lines: { table: [/DynamoDB could not be reached \(ECONNREFUSED\)/, /AWS_ENDPOINT_URL_DYNAMODB/] },
  },
  {
    title: "the vendor does not accept the key",
    broken: { variables: { ECHOWIN_API_KEY: "ew_stolen" } },
    lines: { echowin: [/not accepted \(401\)\. Check ECHOWIN_API_KEY/, /npx sst secret set/] },
  },
  {
    title: "the vendor cannot be reached",
    broken: { world: answering("/api/v1/calls", () => refused("ENOTFOUND")) },
    lines: { echowin: [/could not be reached/, /nothing is missed/] },
  },
  {
    title: "somebody else uses up the vendor's limit",
    broken: {
      world: answering(
        "/api/v1/calls",
        vendorAnswer({ "x-ratelimit-limit": "200", "x-ratelimit-remaining": "0" }),
      ),
    },
    lines: { echowin: [/no request of this hour is left/, /LIST_REQUESTS_PER_HOUR/] },
  },
  {
    title: "the vendor's clock is off",
    broken: {
      world: answering(
        "/api/v1/calls",
        vendorAnswer({ date: new Date(Date.now() + 3 * 3_600_000).toUTCString() }),
      ),
    },
    lines: { echowin: [/Its clock is 3 h ahead of this machine's/, /clock of this machine/] },
  },
  {
    title: "Slack has deleted the webhook",
    broken: { isTestSent: true },
    lines: {
      slack: [/It took no test message: Slack refused the message \(\d+: no_service\)/, /SlackWebhookUrl/],
    },
  },
  {
    title: "somebody has not confirmed",
    broken: {
      world: answering("Action=ListSubscriptionsByTopic", () =>
        subscriptions(CONFIRMED, "PendingConfirmation"),
      ),
    },
    lines: { "e-mail": [/Alerts: 1 of 2 subscriptions not confirmed/, /spam folder/] },
  },
  {
    title: "there is no such topic",
    broken: { world: answering("Action=ListSubscriptionsByTopic", () => xmlError("NotFound", 404)) },
    lines: { "e-mail": [/Alerts: there is no such topic in this account and region/, /AWS_REGION/] },
  },
  {
    title: "an address was never subscribed",
    broken: { variables: { ALERT_EMAILS: "anna@example.com, ben@example.com" } },
    lines: { "e-mail": [/Alerts: 1 of the 2 addresses in ALERT_EMAILS subscribed/, /Deploy/] },
  },
  {
    title: "nobody gets the alarms",
    broken: {
      variables: { OPS_EMAILS: "" },
      world: answering(encodeURIComponent(operations), () => subscriptions()),
    },
    lines: { "e-mail": [/Alarms: nobody is subscribed/, /OPS_EMAILS/] },
  },
  {
    title: "no poll has run",
    broken: { variables: { TABLE_NAME: "earshot-fresh" } },
    lines: { reading: [/No poll has run yet/, /within two minutes/] },
  },
  {
    title: "polls have stopped",
    broken: { variables: { TABLE_NAME: "earshot-silent" } },
    lines: { reading: [/The last poll started 10 min ago/, /PollerSilent/] },
  },
  {
    title: "a channel has taken nothing for a day",
    broken: { variables: { TABLE_NAME: "earshot-refused" } },
    lines: { channels: [/The channel slack takes no messages: Slack says no/, /A channel is dead/] },
  },
  {
    title: "no nudge has come for a day",
    broken: {
      variables: {
        TABLE_NAME: "earshot-unnudged",
        SST_RESOURCE_NudgeSecret: JSON.stringify({ value: "nudge-secret-0123456789" }),
      },
    },
    lines: { nudges: [/No nudge has come in the last 24 hours, though \d+ calls ended/, /docs\/nudges.md/] },
  },
  {
    title: "the API knows another token",
    broken: { variables: { API_TOKEN: "another-token-0123456789" } },
    lines: { api: [/does not know the token/, /deploy/] },
  },
  {
    title: "the API is not there",
    broken: { variables: { API_URL: "http://127.0.0.1:1" } },
    lines: { api: [/could not be reached/, /API_URL/] },
  },
  {
    title: "a setting is not deployed yet",
    broken: { variables: { SLACK_PRIVACY: "minimal" } },
    lines: { deployed: [/was deployed with another SLACK_PRIVACY than/, /the next deploy from here/] },
  },
  {
    title: "a function is gone",
    broken: { variables: { SST_RESOURCE_Poller: JSON.stringify({ name: "gone-Poller" }) } },
    lines: { deployed: [/The poller is not there/, /Deploy again/] },
  },
]

describe("broken once:", () => {
  /** A table that a poll has been at, which is then changed. */
  async function tableLike(tableName: string, world: Partial<World>) {
    await createTable(real, client, tableName)
    await createPoller(
      { ...real, ...world },
      valueOf(readPollerConfig({ ...settings, TABLE_NAME: tableName })),
    )({})
    return createDynamoStore(real, client, { tableName, team: TEAM })
  }

  test.each(BREAKAGES)("$title", async ({ title, broken, lines }) => {
    if (title.startsWith("Slack")) embedded.slack.failAlways({ kind: "no_service" })
    if (title.startsWith("polls")) await tableLike("earshot-silent", { now: () => Date.now() - 600_000 })
    if (title.startsWith("no nudge")) {
      const unnudged = await tableLike("earshot-unnudged", {})
      const checked = ["a", "b", "c", "d", "e", "f"]
      await unnudged.addCoverage(hourOf(Date.now()), { add: { checked }, remove: {} })
    }
    if (title.startsWith("a channel")) {
      const refusing = await tableLike("earshot-refused", {})
      const state = { tookAt: 0, isRefused: true, hasDead: false, isTold: true, toldAt: 0, deadAt: [] }
      const slack = { ...state, failingSince: Date.now() - 86_400_000, why: "Slack says no" }
      const { version } = await refusing.readIncidents()
      await refusing.writeIncidents({ ...NO_INCIDENTS, version: version + 1, channels: { slack } })
    }
    const observations = await examined(broken)
    expect(isWell(observations)).toBe(false)
    for (const [check, [said, todo]] of Object.entries(lines)) {
      const wrong = of(observations, check).find(({ state }) => state === "wrong")
      expect(wrong?.said, check).toMatch(said)
      expect(wrong?.todo, check).toMatch(todo)
    }
    // Every check still has its line, and no other is wrong.
    expect([...new Set(observations.map(({ check }) => check))]).toEqual(CHECKS)
    const wrong = new Set(observations.filter(({ state }) => state === "wrong").map(({ check }) => check))
    expect([...wrong].sort()).toEqual(Object.keys(lines).sort())
  })

  test("all at once: every check says its own", async () => {
    const observations = await examined({
      world: { fetch: () => refused("ECONNREFUSED") },
      nodeVersion: "18.0.0",
      isTestSent: true,
      variables: { POLL_INTERVAL_SECONDS: "soon" },
    })
    const unwell = new Set(observations.filter(({ state }) => state !== "ok").map(({ check }) => check))
    expect([...unwell].sort()).toEqual([...CHECKS].sort())
  })
})

test("who asks AWS is named without the session, which may be a person's address", async () => {
  const answer = new Response(
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:sts::000000000000:assumed-role/deployer/anna@example.com</Arn><Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
    { headers: { "content-type": "text/xml" } },
  )
  const observations = await examined({ world: answering("Action=GetCallerIdentity", async () => answer) })
  expect(of(observations, "identity")).toEqual([
    expect.objectContaining({ said: "assumed-role/deployer of account 000000000000, in us-east-1." }),
  ])
})

test("the vendor is not asked while it wants no requests, and that is no fault", async () => {
  await createTable(real, client, "earshot-blocked")
  const blocked = createDynamoStore(real, client, { tableName: "earshot-blocked", team: TEAM })
  const now = Date.now()
  await blocked.acquire({ now, gateMs: 19_000, since: now })
  await blocked.changeControl(1, { listBlockedUntil: now + 1_800_000, completedAt: now })
  const asked: string[] = []
  const fetch: World["fetch"] = (input, init) => {
    asked.push(input instanceof Request ? input.url : input.toString())
    return real.fetch(input, init)
  }
  const observations = await examined({ variables: { TABLE_NAME: "earshot-blocked" }, world: { fetch } })
  expect(of(observations, "echowin")).toEqual([
    expect.objectContaining({ state: "skipped", said: expect.stringContaining("for another 30 min") }),
  ])
  expect(asked.filter((url) => url.includes("/api/v1/"))).toEqual([])
})
