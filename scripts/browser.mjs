/**
 * Tries the page at /docs in a real browser: finds a Chromium and runs the tests of `test/browser` with it.
 *
 *     node scripts/browser.mjs [--ci]
 *
 * With --ci it installs Debian's Chromium if there is none, which takes root and half a minute. Where that cannot be
 * done it says so and exits 0: those who have no browser can still land a change. Without --ci, no browser is exit 1.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { findChromium } from "./chromium.mjs"

/** Ten times what it takes on a slow line. */
const INSTALL_TIMEOUT_MS = 5 * 60 * 1000

const isCi = process.argv.includes("--ci")
const found = findChromium() ?? (isCi ? install() : undefined)
if (found) {
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--project", "browser"]
  const env = { ...process.env, CHROMIUM: found }
  process.exitCode = spawnSync(process.execPath, vitest, { stdio: "inherit", env }).status ?? 1
} else {
  process.stderr.write(
    "NOT TRIED in a browser: the page at /docs. There is no Chromium here; install one " +
      "(Debian: apt-get install chromium), or name one in CHROMIUM, and run `npm run browser`.\n",
  )
  process.exitCode = isCi ? 0 : 1
}

function install() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return undefined
  process.stderr.write("Installing Chromium by apt-get (half a minute, once)…\n")
  const options = { stdio: "ignore", timeout: INSTALL_TIMEOUT_MS }
  spawnSync("apt-get", ["update", "-qq"], options)
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], options)
  return findChromium()
}
