/**
 * Cold starts: how much code each Lambda reads at a start, and how long Node takes to import it, beside an empty handler and the AWS
 * SDK alone. All are bundled as a deployment does it.
 */
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { bundleAsDeployed, startBytes } from "./deployed-bundle.ts"
import type { BenchResult } from "./result.ts"

const run = promisify(execFile)

const root = fileURLToPath(new URL("../../..", import.meta.url))

const RUNS = 20

/** What a start should read, and how long it may take beside the AWS SDK's clients alone. */
const TARGETS = { poller: { kilobytes: 480, ratio: 1.15 }, api: { kilobytes: 500, ratio: 1.2 } }

/** A handler that uses nothing but these names, each from its module. */
function handlerOf(parts: Record<string, readonly string[]>): string {
  const imports = Object.entries(parts).map(
    ([from, names]) => `import { ${names.join(", ")} } from "${from}"`,
  )
  return `${imports.join("\n")}\nexport const handler = () => [${Object.values(parts).flat().join(", ")}]`
}

const DYNAMO_PARTS = { "@aws-sdk/client-dynamodb": ["DynamoDBClient", "GetItemCommand"] }

const SDK_PARTS = {
  ...DYNAMO_PARTS,
  "@aws-sdk/client-sns": ["SNSClient", "PublishCommand"],
  "@aws-sdk/client-sqs": ["SQSClient", "SendMessageBatchCommand"],
}

export async function measureImports(): Promise<BenchResult[]> {
  const folder = await mkdtemp(path.join(root, "node_modules", ".bench-"))
  try {
    const bundles = {
      empty: await bundle(folder, "empty", "export const handler = () => {}"),
      sdk: await bundle(folder, "sdk", handlerOf(SDK_PARTS)),
      dynamo: await bundle(folder, "dynamo", handlerOf(DYNAMO_PARTS)),
      poller: await bundle(folder, "poller", 'export { handler } from "@earshot/functions/poller"'),
      api: await bundle(folder, "api", 'export { handler } from "@earshot/functions/api"'),
    }
    const files = Object.fromEntries(Object.entries(bundles).map(([name, { file }]) => [name, file]))
    const times = await measure(files)
    const timeOf = (name: keyof typeof bundles) => times.get(name) ?? Number.NaN
    const imported = { poller: timeOf("poller"), api: timeOf("api") }
    const [empty, sdk, dynamo] = [timeOf("empty"), timeOf("sdk"), timeOf("dynamo")]
    return [
      sizeOf(
        "Code that a start of the poller reads",
        bundles.poller.bytes,
        bundles.sdk.bytes,
        TARGETS.poller,
      ),
      sizeOf("Code that a start of the HTTP API reads", bundles.api.bytes, bundles.dynamo.bytes, TARGETS.api),
      compare("Import of the poller", { ours: imported.poller, empty, sdk }, TARGETS.poller.ratio),
      compare("Import of the HTTP API", { ours: imported.api, empty, sdk: dynamo }, TARGETS.api.ratio),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function sizeOf(name: string, bytes: number, sdkBytes: number, target: { kilobytes: number }): BenchResult {
  const [ours, sdk] = [bytes / 1024, sdkBytes / 1024]
  const isMet = ours <= target.kilobytes
  const values = { Earshot: ours, "the AWS SDK's clients that it uses": sdk }
  return { name, values, unit: "KB", ratio: ours / sdk, target: `at most ${target.kilobytes} KB`, isMet }
}

function compare(
  name: string,
  { ours, empty, sdk }: { ours: number; empty: number; sdk: number },
  target: number,
): BenchResult {
  const ratio = ours / sdk
  return {
    name,
    values: { Earshot: ours, "an empty handler": empty, "the AWS SDK's clients that it uses": sdk },
    unit: "ms",
    ratio,
    target: `at most ${target} times the SDK alone`,
    isMet: ratio <= target,
  }
}

async function bundle(
  folder: string,
  name: string,
  contents: string,
): Promise<{ file: string; bytes: number }> {
  const stdin = {
    contents,
    resolveDir: path.join(root, "packages/bench"),
    loader: "ts",
    sourcefile: name,
  } as const
  const outdir = path.join(folder, name)
  const built = await bundleAsDeployed({ stdin }, outdir)
  return { file: path.join(outdir, "bundle.mjs"), bytes: startBytes(built) }
}

/** The median time of each. They take turns, so that whatever else the machine does slows all of them alike. */
async function measure(bundles: Record<string, string>): Promise<Map<string, number>> {
  const program = path.join(path.dirname(Object.values(bundles)[0] ?? ""), "import.mjs")
  await writeFile(
    program,
    "const start = performance.now(); await import(process.argv[2]); console.log(performance.now() - start)",
  )
  const times = new Map<string, number[]>(Object.keys(bundles).map((name) => [name, []]))
  for (let count = 0; count < RUNS; count++) {
    for (const [name, file] of Object.entries(bundles)) {
      const { stdout } = await run(process.execPath, [program, file])
      times.get(name)?.push(Number(stdout))
    }
  }
  const median = (all: number[]) => all.sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN
  return new Map([...times].map(([name, all]) => [name, median(all)]))
}
