/**
 * Bundles a function as SST does when it deploys: its version of esbuild, its options, and ours. The
 * infrastructure tests hold the result against what the `sst` command itself makes.
 */
import { BUNDLE } from "@earshot/functions/bundling"
import { type BuildResult, type StdinOptions, build } from "esbuild"
import path from "node:path"
import { fileURLToPath } from "node:url"

const ROOT = fileURLToPath(new URL("../../..", import.meta.url))

/** As SST writes it. The empty line at the end is the banner that we have not set. */
const BANNER = `import { createRequire as topLevelCreateRequire } from 'module';
const require = topLevelCreateRequire(import.meta.url);
import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"
const __filename = topLevelFileUrlToPath(import.meta.url)
const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))
`

/** What is bundled: a file, from the root of the repository, or a text that imports what it measures. */
export type Source = { stdin: StdinOptions } | { entry: string }

/** Writes `bundle.mjs` and what it imports into `outdir`. Byte for byte the same as SST only at the depth of its own, `.sst/artifacts/<Name>-src`. */
export async function bundleAsDeployed(
  source: Source,
  outdir: string,
  root: string = ROOT,
): Promise<BuildResult<{ metafile: true }>> {
  return build({
    ...("entry" in source
      ? { entryPoints: { bundle: path.join(root, source.entry) } }
      : { stdin: source.stdin, entryNames: "bundle" }),
    absWorkingDir: root,
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: BUNDLE.splitting,
    minify: BUNDLE.minify,
    sourcemap: BUNDLE.sourcemap ? "linked" : false,
    keepNames: BUNDLE.esbuild.keepNames,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "es2024",
    mainFields: ["module", "main"],
    external: ["sharp", "pg-native"],
    banner: { js: BANNER },
    logLevel: "error",
  })
}

/** How many bytes of code a start reads: the bundle and what it imports at once, without what is imported later. */
export function startBytes({ metafile }: Pick<BuildResult<{ metafile: true }>, "metafile">): number {
  const { outputs } = metafile
  const read = new Set<string>()
  const follow = (file: string) => {
    const output = outputs[file]
    if (output === undefined || read.has(file)) return
    read.add(file)
    for (const { path: imported, kind } of output.imports) if (kind === "import-statement") follow(imported)
  }
  follow(Object.keys(outputs).find((file) => file.endsWith("bundle.mjs")) ?? "")
  return [...read].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0)
}
