/**
 * What `npm run doctor` looks at, from its environment: a deployed stage, whose resources and secrets `sst shell` hands over as
 * variables, or whatever the variables name themselves, such as stand-ins on this machine.
 */
import { readPollerConfig, type ReadConfig } from "@earshot/functions/config"
import type { PollerConfig } from "@earshot/functions/settings"
import * as z from "zod"

export type Patient = {
  variables: NodeJS.ProcessEnv
  /** Null: it is not a stage of SST's that is looked at. */
  stage: string | null
  /** Where the table and the topic are stand-ins on this machine. */
  isLocal: boolean
  /** Null where the deployment has none, or the environment does not name it. */
  pollerName: string | null
  apiName: string | null
  apiUrl: string | null
  operationsTopic: string | null
  settingsProblem: string | null
}

const Linked = z.object({
  name: z.string().optional(),
  arn: z.string().optional(),
  url: z.string().optional(),
  stage: z.string().optional(),
  value: z.string().optional(),
})

/** The stage that `sst shell` has opened; null: none. */
export function stageOf(environment: NodeJS.ProcessEnv): string | null {
  return linkedIn(environment, "App").stage ?? null
}

/** What `sst shell` says of a resource, by the name that `stacks/` gives it. */
function linkedIn(variables: NodeJS.ProcessEnv, resource: string): z.infer<typeof Linked> {
  try {
    return Linked.safeParse(JSON.parse(variables[`SST_RESOURCE_${resource}`] ?? "{}")).data ?? {}
  } catch {
    return {}
  }
}

/** `settingsProblem`: why the stage's own file of settings could not be read. */
export function patientOf(environment: NodeJS.ProcessEnv, settingsProblem: string | null = null): Patient {
  const linked = (resource: string) => linkedIn(environment, resource)
  const filled = {
    TABLE_NAME: linked("Table").name,
    ALERT_TOPIC_ARN: linked("Alerts").arn,
    TICK_QUEUE_URL: linked("Tick").url,
    // Until somebody sets it, it is "none".
    NUDGE_SECRET: secretOf(linked("NudgeSecret").value),
    // With this identity, in this region, SST has read its state.
    AWS_REGION: environment["SST_AWS_REGION"],
    ...(environment["AWS_PROFILE"] ? {} : identityOfSst(environment)),
  }
  const variables: NodeJS.ProcessEnv = { ...environment }
  for (const [name, value] of Object.entries(filled)) {
    if (!variables[name]?.trim() && value !== undefined) variables[name] = value
  }
  return {
    variables,
    stage: stageOf(environment),
    isLocal: isLoopback(variables["AWS_ENDPOINT_URL_DYNAMODB"]),
    pollerName: linked("Poller").name ?? null,
    apiName: linked("Api").name ?? null,
    apiUrl: variables["API_URL"]?.trim() || (linked("Api").url ?? null),
    operationsTopic: linked("Operations").arn ?? null,
    settingsProblem,
  }
}

function secretOf(value: string | undefined): string | undefined {
  return value === "none" ? undefined : value
}

/** All three or none: a session's token fits no other key. */
function identityOfSst(environment: NodeJS.ProcessEnv): Record<string, string | undefined> {
  if (environment["AWS_ACCESS_KEY_ID"]) return {}
  return {
    AWS_ACCESS_KEY_ID: environment["SST_AWS_ACCESS_KEY_ID"] || undefined,
    AWS_SECRET_ACCESS_KEY: environment["SST_AWS_SECRET_ACCESS_KEY"] || undefined,
    AWS_SESSION_TOKEN: environment["SST_AWS_SESSION_TOKEN"] || undefined,
  }
}

function isLoopback(url: string | undefined): boolean {
  return (
    url !== undefined &&
    URL.canParse(url) &&
    /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(new URL(url).hostname)
  )
}

/** Where nothing is named, there is nothing to look at but this machine. */
export function isEmpty({ variables, stage }: Patient): boolean {
  const named = ["TABLE_NAME", "ECHOWIN_API_KEY", "SLACK_WEBHOOK_URL", "ALERT_TOPIC_ARN"]
  return stage === null && named.every((name) => !variables[name]?.trim())
}

/** Stand for settings that are not asked for, so that one that is wrong hides none of the others. */
const IN_PLACE: Record<string, string> = {
  ECHOWIN_API_KEY: "ew_in_place",
  TABLE_NAME: "earshot-in-place",
  ALERT_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:in-place",
  SLACK_WEBHOOK_URL: "https://hooks.slack.com/services/in/place",
  CHANNEL_SECRET_KEY: "0".repeat(64),
  HEARTBEAT_URL: "https://heartbeat.example/in-place",
}

/** The poller's settings by the poller's own reader, of which only those of `names` are the patient's. */
export function settingsFor(
  { variables }: Patient,
  names: readonly (keyof typeof IN_PLACE)[],
  more: readonly string[] = [],
): ReadConfig<PollerConfig> {
  const asked = [...names, ...more].map((name) => [name, variables[name]])
  const others = Object.entries(IN_PLACE).filter(([name]) => !names.includes(name))
  return readPollerConfig({ ...Object.fromEntries(asked), ...Object.fromEntries(others) })
}
