/**
 * Plants a bug and looks whether anything notices. The code is bundled with the bug in it, so that no file is
 * changed; a file of tests gets it from the loader.
 */
import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { build, type Plugin } from "esbuild"
import { type Mutant, type Run, withEdits } from "./mutant.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** What takes longer hangs, which is wrong as well. A run that goes well takes some seconds. */
const TRIAL_MAX_MS = 240_000

/** esbuild's way of bundling what still asks for `require`. */
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url)'

/** What noticed the bug, as one line; null if nothing did. No mutant: the code as it is. */
export async function plant(
  mutant: Mutant | null,
  caughtBy: readonly Run[] | string,
  folder: string,
): Promise<string | null> {
  if (typeof caughtBy === "string") return test(mutant, caughtBy)
  const outfile = path.join(folder, `${randomUUID()}.mjs`)
  await build({
    entryPoints: [path.join(root, "test/mutants/trial.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "error",
    logOverride: { "duplicate-case": "silent" },
    banner: { js: REQUIRE },
    plugins: mutant ? [planting(mutant)] : [],
  })
  return output([
    outfile,
    ...caughtBy.map((run) =>
      [run.profile, run.rate, run.hours, run.seed, run.outageHours, run.storm].join(":"),
    ),
  ])
}

function planting(mutant: Mutant): Plugin {
  return {
    name: "plant",
    setup(building) {
      building.onLoad({ filter: /\.ts$/ }, async ({ path: id }) => {
        const file = path.relative(root, id).replaceAll(path.sep, "/")
        if (!mutant.edits.some((edit) => edit.file === file)) return null
        return { loader: "ts", contents: withEdits(mutant, file, await readFile(id, "utf8")) }
      })
    },
  }
}

async function test(mutant: Mutant | null, file: string): Promise<string | null> {
  const args = ["--import", "tsx", path.join(root, "test/mutants/test.ts"), file, mutant?.name ?? ""]
  return output(args)
}

/** The first line that a process says; null if it says nothing. One that fails or hangs says so. */
function output(args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: root, timeout: TRIAL_MAX_MS, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error?.killed === true) return resolve("it hangs")
        if (error) return resolve(`it fails: ${stderr.split("\n").find((line) => /Error/.test(line)) ?? ""}`)
        resolve(stdout.split("\n")[0]?.trim() || null)
      },
    )
  })
}
