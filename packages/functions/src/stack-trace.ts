/**
 * Stack traces that name our files and lines rather than places in a bundle of one line. The source map lies beside the bundle, and is
 * read when the first trace is looked at: a start does not pay for it, as it would with Node's own `--enable-source-maps`.
 */
import { readFileSync } from "node:fs"
import { SourceMap } from "node:module"
import { fileURLToPath } from "node:url"
import * as z from "zod"

const maps = new Map<string, SourceMap | null>()

/** From now on, in this process. What has no map is named as before. */
export function nameSources(): void {
  Error.prepareStackTrace = (error, frames) => {
    const head = `${error.name}${error.message === "" ? "" : `: ${error.message}`}`
    return [head, ...frames.map((frame) => `    at ${placeOf(frame)}`)].join("\n")
  }
}

function placeOf(frame: NodeJS.CallSite): string {
  const [file, line, column] = [frame.getFileName(), frame.getLineNumber() ?? 0, frame.getColumnNumber() ?? 0]
  const found = file?.startsWith("file://") ? mapOf(file)?.findEntry(line - 1, column - 1) : undefined
  const Entry = z.object({ originalSource: z.string(), originalLine: z.number(), originalColumn: z.number() })
  const entry = Entry.safeParse(found).data
  if (!entry) {
    return `${frame.getFunctionName() ?? "<anonymous>"} (${file ?? "native"}:${line}:${column})`
  }
  // From the root of the repository, and without where pnpm keeps a package.
  const source = entry.originalSource
    .replace(/^(\.\.\/)+/, "")
    .replace(/^.*\/node_modules\//, "node_modules/")
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
}

function mapOf(file: string): SourceMap | null {
  const known = maps.get(file)
  if (known !== undefined) return known
  const map = readMap(`${fileURLToPath(file)}.map`)
  maps.set(file, map)
  return map
}

/** Null if there is none, or none that can be read: a trace that says less is better than a trace that fails. */
function readMap(file: string): SourceMap | null {
  try {
    const texts = z.array(z.string())
    const Written = z.object({ version: z.literal(3), sources: texts, names: texts, mappings: z.string() })
    const map = Written.parse(JSON.parse(readFileSync(file, "utf8")))
    return new SourceMap({ ...map, file, sourcesContent: [], sourceRoot: "" })
  } catch {
    return null
  }
}
