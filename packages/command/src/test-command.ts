/** For tests: runs a command as people do, in a process of its own. */
import { spawn } from "node:child_process"
import path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../..", import.meta.url))

export type Ended = { code: number | null; out: string; err: string; lastLine: string }

/** Ends with the command. `file` is from the root of the repository; `variables` is its whole environment, but for where programs are found. */
export async function runCommand(
  file: string,
  args: readonly string[],
  variables: Record<string, string>,
): Promise<Ended> {
  const program = path.join(root, file)
  const child = spawn(process.execPath, ["--import", "tsx", program, ...args], {
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
