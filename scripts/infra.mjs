/**
 * Makes SST's platform ready and checks the types of sst.config.ts and stacks/ against it.
 *
 *     node scripts/infra.mjs [--install-only]
 *
 * The platform is what `sst` puts into `.sst/`: its components and Pulumi's. It comes from the package registry and
 * needs no account; the first time takes most of a minute, later nothing. The infrastructure tests need it too.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const VERSION = path.join(ROOT, ".sst", "platform", "version")
const PULUMI = path.join(ROOT, ".sst", "platform", "node_modules", "@pulumi", "aws")
/** Written last, so that an installation that was broken off is not taken for a whole one. */
const STAMP = path.join(ROOT, ".sst", "earshot-platform")

/** Ten times what it takes on a slow line. */
const INSTALL_TIMEOUT_MS = 10 * 60 * 1000

const SST_ENVIRONMENT = {
  SST_TELEMETRY_DISABLED: "1",
  // Neither Pulumi's program nor Bun is fetched: only what npm can install.
  SST_SKIP_DEPENDENCY_CHECK: "1",
  SST_NO_BUN: "1",
  // With NODE_ENV=production npm would leave out the types that the platform is checked with.
  npm_config_include: "dev",
}

/** One more than once, because registries have bad moments. */
const INSTALL_ATTEMPTS_MAX = 2

const isReady = isPlatformReady() || installPlatform(INSTALL_ATTEMPTS_MAX)
const isChecked = isReady && (process.argv.includes("--install-only") || checkTypes())
process.exitCode = isChecked ? 0 : 1

/** Ready for this version of SST and these providers, and whole. */
function isPlatformReady() {
  const isComplete = [STAMP, VERSION, PULUMI].every((file) => existsSync(file))
  return (
    isComplete &&
    readFileSync(STAMP, "utf8") === fingerprint() &&
    readFileSync(VERSION, "utf8") === sstVersion()
  )
}

/** False if it could not be done; then the reason has been printed. */
function installPlatform(attempts) {
  if (attempts === INSTALL_ATTEMPTS_MAX) {
    say(`Installing SST's platform ${sstVersion()} into .sst (about a minute, once)…`)
  }
  rmSync(STAMP, { force: true })
  const install = node(["node_modules/sst/bin/sst.mjs", "install", "--stage", "ci", "--print-logs"], {
    env: { ...process.env, ...SST_ENVIRONMENT },
    timeout: INSTALL_TIMEOUT_MS,
    stdio: ["ignore", "pipe", "pipe"],
  })
  if (install.status === 0 && existsSync(PULUMI)) {
    writeFileSync(STAMP, fingerprint())
    return true
  }
  if (attempts > 1) return installPlatform(attempts - 1)

  say(lastLines(`${install.stdout}${install.stderr}`, 10))
  say(
    "SST's platform could not be installed; above is what its installer said last. " +
      "It comes from the npm registry: is that reachable from here? If it is, remove the folder .sst and try again.",
  )
  return false
}

/**
 * What `stacks/` imports of the packages is checked with them, by `npm run types`: here the platform's own declarations, Bun's among them,
 * change what a URL is.
 */
function checkTypes() {
  const { stdout } = node(
    ["node_modules/typescript/bin/tsc", "--noEmit", "--pretty", "false", "-p", "stacks"],
    {},
  )
  const problems = stdout.split(/\n(?=\S)/).filter((problem) => problem.trim() !== "")
  const own = problems.filter((problem) => !problem.startsWith("packages/"))
  if (own.length > 0) say(own.join("\n"))
  return own.length === 0
}

/** The versions of SST and of the providers that sst.config.ts pins: other versions are another platform. */
function fingerprint() {
  const config = readFileSync(path.join(ROOT, "sst.config.ts"), "utf8")
  return [`sst ${sstVersion()}`, ...(config.match(/\w+: \{ version: "[^"]*"/g) ?? [])].join("\n")
}

function sstVersion() {
  return JSON.parse(readFileSync(path.join(ROOT, "node_modules/sst/package.json"), "utf8")).version
}

function node(args, options) {
  return spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", ...options })
}

function lastLines(text, count) {
  return text.trim().split("\n").slice(-count).join("\n")
}

function say(line) {
  process.stderr.write(`${line}\n`)
}
