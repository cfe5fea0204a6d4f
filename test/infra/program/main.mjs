/**
 * Runs the real sst.config.ts with SST's real components, and prints every resource that a deploy would register.
 *
 *     node test/infra/program/main.mjs <stage> [--dev]
 *
 * No account, no credentials: this process stands in for the `sst` command (the globals and the local server
 * that it offers to the components) and for Pulumi's engine (ids, ARNs, answers to look-ups). It must be a process
 * of its own for each stage, because Pulumi keeps the stack in module state and because the program is over only
 * when nothing in the process is left to do. Secrets and settings come from the environment, as in a deploy.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { loadConfig } from "./bundle.mjs"
import { ENGINE_REGION, startEngine } from "./engine.mjs"
import { startServer } from "./server.mjs"
import { filesInZip } from "./zip.mjs"

const [stage, ...flags] = process.argv.slice(2)
if (!stage) throw new Error("Name a stage: node test/infra/program/main.mjs <stage> [--dev]")

const root = process.cwd()
const platform = path.join(root, ".sst", "platform")
const work = mkdtempSync(path.join(tmpdir(), "earshot-infra-"))
process.once("exit", () => rmSync(work, { recursive: true, force: true }))
// Standard output is for the result alone.
// oxlint-disable-next-line no-console -- The components write there as they like.
console.log = console.error

const dev = flags.includes("--dev")
globalThis.$dev = dev
globalThis.$config = (config) => config
globalThis.$cli = { command: dev ? "dev" : "deploy", paths: { root, platform, work, home: work } }
globalThis.$app = { stage }

const builds = []
process.env.SST_AWS_REGION = ENGINE_REGION
process.env.SST_SERVER = await startServer({ work, onBuild: (build) => builds.push(build) })

const { config, run } = await loadConfig({ root, platform })
const app = await config.app({ stage })
globalThis.$app = { ...app, stage }

const engine = startEngine({ platform, app: app.name, stage })
const outputs = await engine.runProgram(() => run(config.run))
// Resources are still being registered after run() has returned, from inside apply(): bundles, zips, policies.
await new Promise((resolve) => process.once("beforeExit", resolve))

// In dev mode nothing is zipped: the code stays on the developer's machine.
const uploads = Object.fromEntries(
  builds.map(({ name }) => [name, filesInZip(path.join(work, "artifacts", name, "code.zip"))]),
)
process.stdout.write(JSON.stringify({ app, outputs, builds, uploads, resources: engine.resources }, null, 2))
