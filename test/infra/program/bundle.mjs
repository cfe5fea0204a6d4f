/**
 * Loads sst.config.ts as the `sst` command does: bundled together with SST's own runner, with the globals `sst`
 * and `aws` put in front of every file of ours.
 *
 * The bundle is written beside the platform's node_modules, so that what it leaves out (Pulumi above all) is
 * found there, once, and is the very copy that the engine's stand-in was put into.
 */
import { readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { pathToFileURL } from "node:url"

/** Not bundled by the `sst` command either: they must exist once in the process, or carry native parts. */
const EXTERNAL = [
  "@pulumi/*",
  "@pulumiverse/*",
  "@sst-provider/*",
  "@aws-sdk/*",
  "archiver",
  "esbuild",
  "glob",
  "undici",
  "vite",
]

/** SST's components are written for a bundle that still has these. */
const NODE_GLOBALS = `
import { createRequire as createRequireForBundle } from "node:module"
import { fileURLToPath as fileUrlToPathForBundle } from "node:url"
const require = createRequireForBundle(import.meta.url)
const __filename = fileUrlToPathForBundle(import.meta.url)
const __dirname = fileUrlToPathForBundle(new URL(".", import.meta.url))
`

/** The default export of sst.config.ts, and SST's function that runs its `run()`. */
export async function loadConfig({ root, platform }) {
  const esbuild = createRequire(path.join(platform, "package.json"))("esbuild")
  const outfile = path.join(platform, `earshot-infra-${process.pid}.mjs`)
  await esbuild.build({
    stdin: {
      contents: `
        export { run } from "${platform}/src/auto/run.ts"
        export { default as config } from "${root}/sst.config.ts"
      `,
      resolveDir: root,
      loader: "ts",
    },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "error",
    mainFields: ["module", "main"],
    nodePaths: [path.join(platform, "node_modules")],
    inject: [path.join(platform, "src/shim/run.js")],
    external: EXTERNAL,
    banner: { js: NODE_GLOBALS },
    plugins: [globalsPlugin({ root, platform })],
  })
  try {
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(outfile, { force: true })
  }
}

/** The text of a file with what `npm run mutants -- --infra` has planted in it. */
function planted(name, text) {
  const edits = JSON.parse(process.env.EARSHOT_PLANTED ?? "[]")
  return edits.reduce(
    (edited, { file, from, to }) => (file === name ? edited.replace(from, () => to) : edited),
    text,
  )
}

/** Puts `import * as sst` and one import for each provider in front of the files outside of `.sst`. */
function globalsPlugin({ root, platform }) {
  const providers = JSON.parse(readFileSync(path.join(root, ".sst/provider-lock.json"), "utf8"))
  const globals = [
    ...providers.map((provider) => `import * as ${provider.alias} from "${provider.package}"`),
    `import * as sst from "${platform}/src/components"`,
  ].join("\n")

  return {
    name: "globals",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, (file) => {
        if (file.path.startsWith(path.join(root, ".sst"))) return undefined
        const name = path.relative(root, file.path).replaceAll(path.sep, "/")
        return { contents: `${globals}\n${planted(name, readFileSync(file.path, "utf8"))}`, loader: "ts" }
      })
    },
  }
}
