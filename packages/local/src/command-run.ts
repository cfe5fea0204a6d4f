/** For tests: runs a command of this package as people do, in a process of its own. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

export type Ended = { code: number | null; out: string; err: string; lastLine: string }

/** Ends with the command. `variables` is its whole environment, but for where programs are found. */
export async function runCommand(
  file: string,
  args: readonly string[],
  variables: Record<string, string>,
): Promise<Ended> {
  const program = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, ["--import", "tsx", program, ...args], {
    env: { PATH: process.env["PATH"] ?? "", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let out = ""
  let err = ""
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve))
  return { code, out, err, lastLine: out.trim().split("\n").at(-1) ?? "" }
}
