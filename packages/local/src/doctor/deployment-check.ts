/**
 * The checks of `npm run doctor` on what is deployed: who asks AWS and where, whether the functions have the settings that the
 * next deploy would give them, and whether the HTTP API knows the token.
 */
import { GetFunctionConfigurationCommand, type LambdaClient } from "@aws-sdk/client-lambda"
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts"
import { apiVariables, pollerVariables } from "@earshot/functions/config"
import { type World, errorCode } from "@earshot/io/world"
import * as z from "zod"
import { awsTrouble } from "./aws-trouble.ts"
import { type Seen, fine, skipped, wrongly } from "./observation.ts"
import type { Patient } from "./patient.ts"

export async function lookAtIdentity(client: STSClient, patient: Patient): Promise<Seen> {
  const { variables, isLocal } = patient
  if (isLocal && !variables["AWS_ENDPOINT_URL_STS"]) {
    return skipped("The table is on this machine: AWS itself is not asked.")
  }
  const region = await client.config.region()
  try {
    const { Account = "", Arn = "" } = await client.send(new GetCallerIdentityCommand({}))
    // Its last part may be a person's address.
    const [kind = "", name = ""] = (Arn.split(":")[5] ?? "").split("/")
    const who = `${[kind, name].filter(Boolean).join("/")} of account ${Account}, in ${region}`
    const topic = (variables["ALERT_TOPIC_ARN"] ?? "").split(":")
    const [, , , topicRegion = region, topicAccount = Account] = topic
    if (topicRegion === region && topicAccount === Account) return fine(`${who}.`)
    return wrongly(
      `${who}; the topic is in ${topicRegion}, of account ${topicAccount}.`,
      "Set AWS_REGION and AWS_PROFILE to where the stage was deployed: a region has its own stages and secrets.",
    )
  } catch (error) {
    return awsTrouble(error, {
      service: "AWS",
      right: "sts:GetCallerIdentity, which nobody has to be given and a policy denies",
      endpoint: "AWS_ENDPOINT_URL_STS",
    })
  }
}

/** Named by the deploy itself, not by a setting. */
const SET_BY_DEPLOY = new Set([
  "TABLE_NAME",
  "ALERT_TOPIC_ARN",
  "TICK_QUEUE_URL",
  "API_URL",
  "METRIC_NAMESPACE",
])

export async function lookAtFunctions(client: LambdaClient, patient: Patient): Promise<Seen[]> {
  const functions = [
    { title: "The poller", name: patient.pollerName, parsed: pollerVariables },
    { title: "The API", name: patient.apiName, parsed: apiVariables },
  ]
  if (functions.every(({ name }) => name === null)) {
    return [
      skipped("No stage is looked at: -- --stage production compares the settings with the deployed ones."),
    ]
  }
  return Promise.all(
    functions.flatMap(({ title, name, parsed }) =>
      name === null ? [] : [lookAtFunction(client, { title, name, parsed, wanted: patient.variables })],
    ),
  )
}

async function lookAtFunction(
  client: LambdaClient,
  of: { title: string; name: string; parsed: readonly string[]; wanted: NodeJS.ProcessEnv },
): Promise<Seen> {
  const { title, name, parsed, wanted } = of
  try {
    const answer = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }))
    const deployed = answer.Environment?.Variables ?? {}
    const settings = parsed.filter((variable) => !SET_BY_DEPLOY.has(variable))
    // A deploy hands on what is set and not empty.
    const differing = settings.filter((one) => (wanted[one] || undefined) !== (deployed[one] || undefined))
    if (answer.State !== undefined && answer.State !== "Active" && answer.State !== "Inactive") {
      return wrongly(
        `${title} is not active (${answer.State}).`,
        "Deploy again; if it stays so, see Lambda's console.",
      )
    }
    if (differing.length === 0) return fine(`${title} has the settings that are set here.`)
    return wrongly(
      `${title} was deployed with another ${differing.join(", ")} than is set here.`,
      "Deploy, or set here what is deployed: the next deploy from here changes it.",
    )
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") {
      return wrongly(
        `${title} is not there.`,
        "Deploy again: what SST knows of the stage is not what AWS has.",
      )
    }
    return awsTrouble(error, {
      service: "Lambda",
      right: "lambda:GetFunctionConfiguration on the stage's functions",
      endpoint: "AWS_ENDPOINT_URL_LAMBDA",
    })
  }
}

const TIMEOUT_MS = 9000

/** What only those who bring a token are told. */
const TrustedHealth = z.object({ status: z.string(), faults: z.array(z.unknown()) })

export async function lookAtApi(
  world: World,
  { apiUrl, token }: { apiUrl: string | null; token: string | null },
): Promise<Seen> {
  if (apiUrl === null) return skipped("No address is known: API_URL names it.")
  const health = `${apiUrl.replace(/\/+$/, "")}/health`
  try {
    const response = await world.fetch(health, {
      ...(token !== null && { headers: { authorization: `Bearer ${token}` } }),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const body: unknown = await response.json().catch(() => null)
    if (response.status !== 200 && response.status !== 503) {
      return wrongly(
        `It answered ${response.status} at /health.`,
        "See the API's log: its lines say api.failed.",
      )
    }
    if (token === null) return skipped("It answers; no token is set here to ask for more.")
    const trusted = TrustedHealth.safeParse(body)
    if (!trusted.success) {
      return wrongly(
        "It answers, and does not know the token.",
        "The secret ApiToken was changed after the last deploy: deploy. Locally, check API_TOKEN.",
      )
    }
    return fine(`It answers, knows the token, and says that its status is ${trusted.data.status}.`)
  } catch (error) {
    const code = errorCode(error)
    return wrongly(
      `It could not be reached${code ? ` (${code})` : ""}.`,
      "Check API_URL, or deploy: the address is the last line that a deploy prints.",
    )
  }
}
