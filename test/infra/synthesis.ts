/**
 * What a deploy of a stage would register, for the infrastructure tests to look at.
 *
 * The program in `program/` runs in a process of its own and with an environment of its own: nothing that the
 * person who runs the tests has set for a deploy gets into it.
 */
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

export const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** A run takes some seconds; beside everything else on a busy machine it has taken forty. */
const TIMEOUT_MS = 150_000
const OUTPUT_BYTES_MAX = 10_000_000

/** Every secret without a placeholder; SST gives them to the program under such names. */
const SECRETS = { SST_SECRET_EchowinApiKey: "test-echowin-key", SST_SECRET_ApiToken: "test-api-token-0" }

/** The inputs of a resource that the tests compute with; every other is compared as it is. */
type Inputs = {
  arn?: string
  assumeRolePolicy?: unknown
  environment?: { variables: Record<string, string> }
  inlinePolicies?: { policy: string }[]
  managedPolicyArns?: string[]
  messageRetentionSeconds?: number
  name?: string
  timeout?: number
  visibilityTimeoutSeconds?: number
  [other: string]: unknown
}

export type Resource = { type: string; name: string; parent: string; isRetained: boolean; inputs: Inputs }

export type Synthesis = {
  app: { name: string; protect: boolean; removal: string }
  outputs: Record<string, unknown>
  builds: { name: string; handler: string; links: string[]; isMinified: boolean; isSplit: boolean }[]
  /** What each function's zip holds: the size of each file. */
  uploads: Record<string, Record<string, number>>
  resources: Resource[]
  /** What the person who deploys would have read in the terminal. */
  terminal: string
}

type Deploy = { stage: string; dev?: boolean; environment?: Record<string, string | undefined> }

/** The usual deploy to production, with one resource of every kind. */
export const PRODUCTION = {
  stage: "production",
  environment: { ALERT_EMAILS: "anna@example.com, ben@example.com", OPS_EMAILS: "ops@example.com" },
} satisfies Deploy

/** Of each deploy that was asked for in this process, which the files of tests share. */
const known = new Map<string, Promise<Synthesis>>()

/** Rejects with what the deploy would have printed, if the program fails. The same deploy is one run, which takes seconds. */
export function synthesize(deploy: Deploy): Promise<Synthesis> {
  const { stage, dev = false, environment = {} } = deploy
  // A variable that is taken away is told from one that was never set.
  const variables = Object.entries(environment).map(([name, value]) => [name, value ?? null])
  const key = JSON.stringify([stage, dev, variables])
  const synthesis = known.get(key) ?? runProgram(deploy)
  known.set(key, synthesis)
  return synthesis
}

async function runProgram(deploy: Deploy): Promise<Synthesis> {
  if (!existsSync(`${ROOT}/.sst/platform/version`)) {
    throw new Error("SST's platform is not installed. `node scripts/infra.mjs` installs it.")
  }
  const { PATH, TMPDIR, EARSHOT_PLANTED } = process.env
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["test/infra/program/main.mjs", deploy.stage, ...(deploy.dev ? ["--dev"] : [])],
    {
      cwd: ROOT,
      env: { PATH, TMPDIR, EARSHOT_PLANTED, ...SECRETS, ...deploy.environment },
      timeout: TIMEOUT_MS,
      maxBuffer: OUTPUT_BYTES_MAX,
    },
  )
  return { ...JSON.parse(stdout), terminal: stderr }
}

/** The one resource of this logical name. Throws if there is none, naming those that there are. */
export function resource(synthesis: Synthesis, name: string): Resource {
  const found = synthesis.resources.find((one) => one.name === name)
  if (found) return found
  throw new Error(`No ${name} among ${synthesis.resources.map((one) => one.name).join(", ")}`)
}

export function resourcesOf(synthesis: Synthesis, type: string): Resource[] {
  return synthesis.resources.filter((one) => one.type === type)
}

/** The end of an ARN's or a URL's name for a resource, random part included. */
export function physicalName(synthesis: Synthesis, name: string): string {
  return resource(synthesis, name).inputs.name ?? ""
}
