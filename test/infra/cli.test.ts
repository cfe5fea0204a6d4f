/**
 * The `sst` command itself bundles both functions, without an account: its state is kept in a folder, and a small program stands in
 * for Pulumi, which asks the command for the bundles as SST's components do. What we bundle for tests and measurements is the same,
 * byte for byte, and what the command encrypts is what we encrypt.
 */
import { execFile } from "node:child_process"
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { afterAll, expect, test } from "vitest"
import { bundleAsDeployed } from "../../packages/bench/src/deployed-bundle.ts"
import { BUNDLE } from "../../packages/functions/src/bundling.ts"
import { KEY_TEXT, putLinks } from "../lambda/link.ts"
import { ROOT } from "./synthesis.ts"

const FUNCTIONS = { Poller: "packages/functions/src/poller", Api: "packages/functions/src/api" }

const SECRETS = { EchowinApiKey: "ew_test", ApiToken: "a-token-of-the-tests" }

const project = mkdtempSync(path.join(tmpdir(), "earshot-cli-"))

afterAll(() => rmSync(project, { recursive: true, force: true }))

/** Apart, because no file of ours has one. */
const EXPORT = ["export", "default"].join(" ")

/** Takes the place of SST's config: the functions are named by the program below. */
const CONFIG = `
${EXPORT} $config({
  app: () => ({ name: "earshot", home: "local", version: "4.17.1", providers: {} }),
  run: async () => ({}),
})
`

/** What the command starts as Pulumi. \`stack init\` leaves an empty state; \`up\` asks for the bundles. */
const PULUMI = `#!${process.execPath}
const { mkdirSync, writeFileSync } = require("node:fs")
const [command, what, name] = process.argv.slice(2)
if (command === "version") console.log("v3.215.0")
if (command === "stack" && what === "init") {
  mkdirSync(".pulumi/stacks/earshot", { recursive: true })
  const latest = { manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "v3.215.0" } }
  writeFileSync(".pulumi/stacks/earshot/ci.json", JSON.stringify({ version: 3, checkpoint: { stack: name, latest } }))
}
if (command === "up") void Promise.all(JSON.parse(process.env.BUILDS).map(build)).catch(() => process.exit(1))
async function build(params, id) {
  const body = JSON.stringify({ jsonrpc: "1.0", id, method: "Runtime.Build", params: [params] })
  const headers = { "content-type": "application/json" }
  const answer = await fetch(process.env.SST_SERVER + "/rpc", { method: "POST", headers, body })
  writeFileSync(process.env.ANSWERS + params.functionID, await answer.text())
}
`

async function buildByCommand(): Promise<string> {
  const home = path.join(project, "home")
  mkdirSync(path.join(home, ".config/sst/bin"), { recursive: true })
  writeFileSync(path.join(home, "package.json"), "{}")
  writeFileSync(path.join(home, ".config/sst/bin/pulumi"), PULUMI, { mode: 0o755 })
  writeFileSync(path.join(project, "sst.config.ts"), CONFIG)
  for (const name of ["package.json", "tsconfig.json"])
    copyFileSync(path.join(ROOT, name), path.join(project, name))
  for (const name of ["packages", "node_modules"])
    symlinkSync(path.join(ROOT, name), path.join(project, name))
  mkdirSync(path.join(project, ".sst"))
  symlinkSync(path.join(ROOT, ".sst/platform"), path.join(project, ".sst/platform"))
  writeFileSync(path.join(project, ".sst/provider-lock.json"), "[]")
  const links = Object.fromEntries(Object.entries(SECRETS).map(([name, value]) => [name, { value }]))
  const builds = Object.entries(FUNCTIONS).map(([functionID, file]) => ({
    functionID,
    handler: `${file}.handler`,
    runtime: "nodejs24.x",
    links,
    copyFiles: [],
    properties: { ...BUNDLE, architecture: "arm64" },
    dev: false,
    encryptionKey: KEY_TEXT,
    isContainer: false,
  }))
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    SST_TELEMETRY_DISABLED: "1",
    SST_SKIP_DEPENDENCY_CHECK: "1",
    SST_NO_BUN: "1",
    BUILDS: JSON.stringify(builds),
    ANSWERS: path.join(project, "answer-"),
  }
  const sst = path.join(ROOT, "node_modules/sst/bin/sst.mjs")
  // It ends as if interrupted, because nothing was deployed. What it built is there all the same.
  const command = [sst, "deploy", "--stage", "ci", "--print-logs"]
  const ended = promisify(execFile)(process.execPath, command, { cwd: project, env })
  const said = ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr
  return ended.then(said, said)
}

test("what the sst command bundles is what we test and measure, byte for byte, source maps and secrets too", async () => {
  const said = await buildByCommand()
  expect(readdirSync(project), said).toEqual(expect.arrayContaining(["answer-Poller", "answer-Api"]))
  for (const [name, file] of Object.entries(FUNCTIONS)) {
    const answer = JSON.parse(readFileSync(path.join(project, `answer-${name}`), "utf8"))
    expect(answer).toMatchObject({
      error: null,
      result: { handler: "bundle.handler", errors: [], sourcemaps: [] },
    })
    const ours = path.join(project, ".sst/ours", name)
    await bundleAsDeployed({ entry: `${file}.ts` }, ours, project)
    putLinks(ours, SECRETS)
    const theirs = path.join(project, ".sst/artifacts", `${name}-src`)
    expect(readdirSync(theirs).sort()).toEqual(readdirSync(ours).sort())
    for (const each of readdirSync(theirs)) {
      expect(
        readFileSync(path.join(theirs, each)).equals(readFileSync(path.join(ours, each))),
        `${name}: ${each}`,
      ).toBe(true)
    }
  }
})
