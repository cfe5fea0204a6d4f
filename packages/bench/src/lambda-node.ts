/**
 * The Node that Lambda runs, also on a machine that has another one. It comes from the package registry like everything else, in the
 * version named here, and is kept beside the other packages.
 */
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const ROOT = fileURLToPath(new URL("../../..", import.meta.url))

const VERSION = "24.22.3"

/**
 * As Lambda starts Node in a function of 512 MB: a tenth of it for what is young, in two halves, and the rest for what lives longer.
 * Otherwise V8 goes by the memory of the whole machine, and collects so much later.
 */
export const LAMBDA_HEAP = ["--max-semi-space-size=25", "--max-old-space-size=461"]

/** Fifty megabytes on a slow line. */
const INSTALL_TIMEOUT_MS = 150_000

/** The path of Node 24. Rejects, saying so, if it is not there and cannot be had. */
export async function lambdaNode(): Promise<string> {
  if (process.version.startsWith("v24.")) return process.execPath
  const folder = path.join(ROOT, "node_modules", `.node-${VERSION}`)
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`
  const program = path.join(
    folder,
    "node_modules",
    name,
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  )
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ private: true }))
  const npm = process.platform === "win32" ? "npm.cmd" : "npm"
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
  await promisify(execFile)(npm, ["install", ...options, `${name}@${VERSION}`], {
    cwd: folder,
    timeout: INSTALL_TIMEOUT_MS,
    shell: process.platform === "win32",
  }).catch((error: unknown) => {
    throw new Error(`Lambda runs Node 24, and ${name}@${VERSION} could not be installed to test with.`, {
      cause: error,
    })
  })
  return program
}
