/**
 * The way into a deployed stage: `sst shell` reads SST's state with the same identity as a deploy does, and runs a command with
 * the stage's resources, its secrets and its `.env.<stage>` as variables. So no secret is typed, and none is on a command line.
 */
import { spawn } from "node:child_process"

/** Long enough for SST to fetch what it needs when it runs for the first time. */
const STAGE_TIMEOUT_MS = 10 * 60_000

/** `said`: what SST said beside it, which people see as well. */
export type Ran = { code: number; out: string; said: string }

/** What to do where SST has opened no stage, by what it said. */
export function stageHint(said: string): string {
  return /pulumi|bun\b|no such host|dial tcp|ENOTFOUND/i.test(said)
    ? "When it runs for the first time, SST fetches Pulumi and Bun from github.com: can this machine reach it?"
    : "Is it deployed from this account and region? docs/deploy.md says what SST needs."
}

/**
 * Runs `command` inside the stage, from the folder `root`. `sst` is the program and its first arguments. SST splits the command at
 * spaces, so no argument may have one.
 */
export async function runInStage(
  sst: readonly string[],
  { stage, command, root }: { stage: string; command: readonly string[]; root: string },
): Promise<Ran> {
  const [program = "", ...first] = sst
  const child = spawn(program, [...first, "shell", "--stage", stage, "--", ...command], {
    cwd: root,
    stdio: ["inherit", "pipe", "pipe"],
    timeout: STAGE_TIMEOUT_MS,
  })
  let out = ""
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()))
  let said = ""
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString()
    process.stderr.write(chunk)
  })
  const code = await new Promise<number>((resolve) => {
    child.once("error", () => resolve(1))
    child.once("close", (status) => resolve(status ?? 1))
  })
  return { code, out, said }
}
