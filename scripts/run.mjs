/**
 * The commands of package.json, on a machine with nothing but Node and npm: installs what is needed if it is not
 * there or not current, then runs the command. pnpm comes through npx, in the version that fits the oldest Node.
 */
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { findChromium } from "./chromium.mjs"
import { runLanes } from "./lanes.mjs"
import { answerInstead } from "./tool.mjs"

const PNPM = "pnpm@10.34.9"
const [command = "", ...rest] = process.argv.slice(2)
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const bin = (name) =>
  path.join(root, "node_modules", ".bin", process.platform === "win32" ? `${name}.cmd` : name)
const typescript = (file) => [process.execPath, "--import", "tsx", path.join(root, file)]

const SPAWNING = {
  cwd: root,
  shell: process.platform === "win32",
  env: {
    ...process.env,
    CHROMIUM: findChromium() ?? "",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  },
}

const PLATFORM = [process.execPath, path.join(root, "scripts/infra.mjs")]
const INFRA = [bin("vitest"), "run", "--project", "infra"]
const UNIT = [bin("vitest"), "run", "--project", "unit"]
const ALONE = ["--project", "alone"]

/** Each command is a list of steps, and a step is a program and its arguments. */
const COMMANDS = {
  start: [typescript("packages/local/src/command/start.ts")],
  poll: [typescript("packages/local/src/command/poll.ts")],
  api: [typescript("packages/local/src/command/api.ts")],
  "calls-api": [typescript("packages/local/src/command/calls-api.ts")],
  costs: [typescript("packages/bench/src/costs.ts")],
  doctor: [typescript("packages/local/src/command/doctor.ts")],
  gallery: [typescript("packages/local/src/command/gallery.ts")],
  simulate: [typescript("packages/simulation/src/simulate.ts")],
  mutants: [typescript("test/mutants/run.ts")],
  bench: [typescript("packages/bench/src/bench.ts")],
  format: [[bin("oxfmt")]],
  lint: [[bin("oxlint"), "--deny-warnings"]],
  types: [[bin("tsc"), "-p", root]],
  unit: [[...UNIT, ...ALONE]],
  infra: [PLATFORM, INFRA],
  browser: [[process.execPath, path.join(root, "scripts/browser.mjs")]],
}

/** What needs a process to itself waits most of its time, so that it goes beside the others. Where tests are named, they may be in either. */
const TESTS =
  rest.length > 0
    ? [[{ name: "unit", command: [...UNIT, ...ALONE, ...rest] }]]
    : [
        [{ name: "unit", command: UNIT }],
        [{ name: "alone", command: [bin("vitest"), "run", ...ALONE, "--maxWorkers", "1"] }],
      ]

/** The command `test`: everything, on every processor. What follows the command goes to the tests in `unit` and `alone`. */
const LANES = [
  ...TESTS,
  [
    { name: "platform", command: [...PLATFORM, "--install-only"] },
    { name: "infra", command: INFRA },
    { name: "types of stacks", command: PLATFORM },
  ],
  [
    { name: "format", command: [bin("oxfmt"), "--check"] },
    { name: "lint", command: [bin("oxlint"), "--deny-warnings"] },
    { name: "types", command: [bin("tsc"), "-p", root] },
  ],
]

/** In CI the pages are tried in a browser too, while the others wait for the network. Elsewhere that is a command of its own. */
const BROWSER = {
  name: "browser",
  command: [process.execPath, path.join(root, "scripts/browser.mjs"), "--ci"],
}

if (!COMMANDS[command] && command !== "test") {
  fail(`There is no command ${command}. There are: ${Object.keys(COMMANDS).join(", ")}, test.`, 2)
}
const answer = answerInstead(command, rest)
if (answer) {
  const stream = answer.code === 0 ? process.stdout : process.stderr
  stream.write(answer.text)
  process.exit(answer.code)
}
checkNode()
install()
if (command === "test") {
  const lanes = process.env.CI ? [...LANES, [BROWSER]] : LANES
  if (!(await runLanes(lanes, SPAWNING))) process.exit(1)
} else {
  for (const [index, step] of COMMANDS[command].entries()) {
    const isLast = index === COMMANDS[command].length - 1
    const code = await runStep(isLast ? [...step, ...rest] : step)
    if (code !== 0) process.exit(code)
  }
}

/** The step's exit code. What ends this process ends the step, which may have something to put away first. */
async function runStep([program, ...args]) {
  const child = spawn(program, args, { ...SPAWNING, stdio: "inherit" })
  const forward = (signal) => void child.kill(signal)
  process.on("SIGINT", forward)
  process.on("SIGTERM", forward)
  const code = await new Promise((resolve) => {
    child.once("error", (error) => fail(`${path.basename(program)} could not be started: ${error.message}`))
    child.once("exit", (status) => resolve(status ?? 1))
  })
  process.off("SIGINT", forward)
  process.off("SIGTERM", forward)
  return code
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Earshot needs Node.js 20.19 or later; this is ${process.versions.node}.`)
  }
}

/** Installs exactly what the lockfile names, unless that was done already. */
function install() {
  const mark = path.join(root, "node_modules", ".earshot-installed")
  const wanted = manifestHash()
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return
  process.stderr.write("Installing what is needed…\n")
  const result = spawnSync("npx", ["--yes", PNPM, "install", "--frozen-lockfile"], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
    // npm's own settings for this run are not pnpm's.
    env: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_config_(?!registry)/i.test(name)),
    ),
  })
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`)
    fail("The installation failed; the lines above say why. It needs the npm registry.")
  }
  mkdirSync(path.dirname(mark), { recursive: true })
  writeFileSync(mark, wanted)
}

function manifestHash() {
  const packages = readdirSync(path.join(root, "packages")).map((name) => `packages/${name}/package.json`)
  const hash = createHash("sha256").update(process.version)
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...packages]) {
    hash.update(readFileSync(path.join(root, file)))
  }
  return hash.digest("hex")
}

function fail(message, code = 1) {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}
