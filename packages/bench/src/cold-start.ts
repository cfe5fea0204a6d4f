/**
 * Cold starts: how long Node takes to import each Lambda's bundle, beside an empty handler's and the AWS SDK's alone.
 * Bundled as a deployment bundles them: minified ES modules for Node, with what is imported later in files of its own.
 */
import { build } from "esbuild"
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { Result } from "./result.ts"

const run = promisify(execFile)

const root = fileURLToPath(new URL("../../..", import.meta.url))

const RUNS = 15

/** Half as much again as what no handler can do without. */
const TARGET = 1.5

const SDK = `
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb"
import { SNSClient, PublishCommand } from "@aws-sdk/client-sns"
import { SQSClient, SendMessageBatchCommand } from "@aws-sdk/client-sqs"
const parts = [DynamoDBClient, GetItemCommand, SNSClient, PublishCommand, SQSClient, SendMessageBatchCommand]
export const handler = () => parts`

const DYNAMO_SDK = `
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb"
export const handler = () => [DynamoDBClient, GetItemCommand]`

export async function measureImports(): Promise<Result[]> {
  const folder = await mkdtemp(path.join(root, "node_modules", ".bench-"))
  try {
    const bundles = {
      empty: await bundle(folder, "empty", "export const handler = () => {}"),
      sdk: await bundle(folder, "sdk", SDK),
      dynamo: await bundle(folder, "dynamo", DYNAMO_SDK),
      poller: await bundle(folder, "poller", 'export { handler } from "@earshot/functions/poller"'),
      api: await bundle(folder, "api", 'export { handler } from "@earshot/functions/api"'),
    }
    const times = await measure(bundles)
    const timeOf = (name: keyof typeof bundles) => times.get(name) ?? Number.NaN
    return [
      compare(
        "Import of the poller, a cold start's own part",
        timeOf("poller"),
        timeOf("empty"),
        timeOf("sdk"),
        "the AWS SDK's clients that it uses",
      ),
      compare(
        "Import of the HTTP API",
        timeOf("api"),
        timeOf("empty"),
        timeOf("dynamo"),
        "the AWS SDK's client that it uses",
      ),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function compare(name: string, ours: number, empty: number, sdk: number, sdkName: string): Result {
  const ratio = ours / (empty + sdk)
  return {
    name,
    values: { Earshot: ours, "an empty handler": empty, [sdkName]: sdk },
    unit: "ms",
    ratio,
    target: `at most ${TARGET} times the other two together`,
    isMet: ratio <= TARGET,
  }
}

async function bundle(folder: string, name: string, contents: string): Promise<string> {
  await build({
    stdin: { contents, resolveDir: path.join(root, "packages/bench"), loader: "ts", sourcefile: name },
    outdir: path.join(folder, name),
    entryNames: "bundle",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: true,
    format: "esm",
    platform: "node",
    target: "es2024",
    mainFields: ["module", "main"],
    banner: { js: "import { createRequire } from 'module';const require = createRequire(import.meta.url);" },
    logLevel: "error",
  })
  return path.join(folder, name, "bundle.mjs")
}

/** The least time of each, in turn, so that what else the machine does befalls all of them alike. */
async function measure<Name extends string>(bundles: Record<Name, string>): Promise<Map<Name, number>> {
  const program = path.join(path.dirname(Object.values<string>(bundles)[0] ?? ""), "import.mjs")
  await writeFile(
    program,
    "const start = performance.now(); await import(process.argv[2]); console.log(performance.now() - start)",
  )
  const names = Object.keys(bundles).filter((name): name is Name => name in bundles)
  const least = new Map<Name, number>()
  for (let count = 0; count < RUNS; count++) {
    for (const name of names) {
      const { stdout } = await run(process.execPath, [program, bundles[name]])
      least.set(name, Math.min(least.get(name) ?? Infinity, Number(stdout)))
    }
  }
  return least
}
