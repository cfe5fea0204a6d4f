/**
 * Cold starts: how long Node takes to import the bundle of each Lambda, beside an empty handler and the AWS SDK alone.
 * They are bundled as a deployment does it: minified ES modules for Node, with what is imported later in files of its own.
 */
import { build } from "esbuild"
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { BenchResult } from "./result.ts"

const run = promisify(execFile)

const root = fileURLToPath(new URL("../../..", import.meta.url))

const RUNS = 15

/** Half as much again as what every handler needs. */
const TARGET = 1.5

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

function compare(name: string, ours: number, empty: number, sdk: number, sdkName: string): BenchResult {
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

/** The least time of each. They take turns, so that whatever else the machine does slows all of them alike. */
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
