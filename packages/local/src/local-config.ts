/**
 * What the commands on this machine read of the environment besides the settings of the functions: their ports, and
 * what the AWS SDK reads on its own, which is checked before it fails somewhere inside.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { ConfigurationErrors, type ReadConfig } from "@earshot/functions/config"
import { whole } from "@earshot/io/variable"
import * as z from "zod"

const PORT_MAX = 65_535

const portOr = (byDefault: number) => whole(0, PORT_MAX, 3000).default(byDefault)

/** Of `npm run api`. */
export const ApiCommandEnvironment = z.object({
  PORT: portOr(3000),
})

/** Of `npm start`. 0: any free port. */
export const StartEnvironment = z.object({
  PORT: portOr(0),
  CALLS_API_PORT: portOr(0),
  SEED: whole(0, 2 ** 32 - 1, 2).default(1),
})

/**
 * Both values, or throws the problems of all. `aws`: of the variables that the SDK reads, for commands that use
 * another AWS than their own.
 */
export function valuesOf<First, Second>(
  first: ReadConfig<First>,
  second: ReadConfig<Second>,
  aws: readonly string[] = [],
): [First, Second] {
  if (first.ok && second.ok && aws.length === 0) return [first.value, second.value]
  const problems = [first, second].flatMap((read) => (read.ok ? [] : read.problems))
  throw new ConfigurationErrors([...problems, ...aws])
}

/** An empty variable counts as not set; the AWS SDK would take `AWS_REGION=` for a region. */
export function dropEmptyAwsVariables(variables: NodeJS.ProcessEnv): void {
  for (const [name, value = ""] of Object.entries(variables)) {
    if (name.startsWith("AWS_") && value.trim() === "") delete variables[name]
  }
}

const ENDPOINTS = [
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_DYNAMODB",
  "AWS_ENDPOINT_URL_SNS",
  "AWS_ENDPOINT_URL_SQS",
]

/** What is wrong with the AWS SDK's own variables. The region may also come from a profile in `~/.aws`. */
export async function awsProblems(variables: NodeJS.ProcessEnv): Promise<string[]> {
  const problems: string[] = []
  const region = variables["AWS_REGION"] ?? (await regionOfProfile())
  if (region === undefined) problems.push(`AWS_REGION is missing: where the table lies ${REGION_EXAMPLE}`)
  else if (!/^[a-z0-9-]{1,63}$/i.test(region)) {
    problems.push(`AWS_REGION is wrong: it must be the name of a region ${REGION_EXAMPLE}`)
  }
  for (const name of ENDPOINTS) {
    const url = variables[name]
    if (url === undefined || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) continue
    problems.push(`${name} is wrong: it must be a URL (example: http://127.0.0.1:8000)`)
  }
  return problems
}

const REGION_EXAMPLE = "(example: us-east-1)"

async function regionOfProfile(): Promise<string | undefined> {
  try {
    return await new DynamoDBClient({}).config.region()
  } catch {
    // The SDK throws where neither a variable nor a profile names one.
    return undefined
  }
}
