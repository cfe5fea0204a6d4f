/** For tests: runs a command as people do, in a process of its own. */
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../..", import.meta.url))

export type Ended = { code: number | null; out: string; err: string; lastLine: string }

/** Ends with the command. `file` is from the root of the repository; `variables` is its whole environment, but for where programs are found. */
export function runCommand(
  file: string,
  args: readonly string[],
  variables: Record<string, string>,
): Promise<Ended> {
  return runNode(["--import", "tsx", path.join(root, file), ...args], variables)
}

/** What a bundle in the form of modules lacks that some packages ask for. */
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'

/**
 * The command in one file, for tests that run it many times: it starts in a quarter of the time that two thousand modules take.
 * `remove` deletes the file.
 */
export async function bundleCommand(file: string) {
  const folder = await mkdtemp(path.join(tmpdir(), "earshot-command-"))
  const outfile = path.join(folder, "command.mjs")
  await build({
    entryPoints: [path.join(root, file)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: REQUIRE },
    logLevel: "error",
  })
  return {
    run: (args: readonly string[], variables: Record<string, string>) =>
      runNode([outfile, ...args], variables),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function runNode(args: readonly string[], variables: Record<string, string>): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    // The SDK's word about old versions of Node is kept away as `scripts/run.mjs` does it.
    env: {
      PATH: process.env["PATH"] ?? "",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      ...variables,
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let out = ""
  let err = ""
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve))
  return { code, out, err, lastLine: out.trim().split("\n").at(-1) ?? "" }
}
