/** For the tests of the house rules: every file of the repository, which of them are ours to read, and what is in them. */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import {
  type ArrowFunctionExpression,
  type Function as FunctionNode,
  type Node,
  type ParseResult,
  Visitor,
  parseSync,
} from "oxc-parser"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Files that are new and not ignored count too, so that a broken rule is noticed before it is committed. */
export const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(path.join(root, file)))

export function read(file: string): string {
  return readFileSync(path.join(root, file), "utf8")
}

export const sources = files.filter((file) => /\.(ts|mjs)$/.test(file) && !file.endsWith(".d.ts"))

/** What runs at a user's, and the commands. */
export const shipped = sources.filter(
  (file) => /^packages\/[\w-]+\/src\//.test(file) && !isTestOrSupport(file),
)

/** A file of tests; what only tests use is none. */
export function isTest(file: string): boolean {
  return /\.(test|contract)\.ts$/.test(file)
}

/** A test, or what only tests use. It may import what the code beside it may not. */
export function isTestOrSupport(file: string): boolean {
  return isTest(file) || /\/(test-\w+|dynamo-stand-in|virtual-clock)\.ts$/.test(file)
}

/** Throws if the file is no TypeScript or JavaScript. */
export function parse(file: string): ParseResult {
  const parsed = parseSync(file, read(file))
  const [error] = parsed.errors
  if (error) throw new Error(`${file}: ${error.message}`)
  return parsed
}

/** What this file itself gives a name and exports; not what it passes on. */
export function exportsOf(file: string): string[] {
  const { staticExports, staticImports } = parse(file).module
  const imported = new Set(
    staticImports.flatMap(({ entries }) => entries.map((entry) => entry.localName.value)),
  )
  return staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, exportName, localName }) =>
      moduleRequest === null && exportName.name !== null && !imported.has(localName.name ?? "")
        ? [exportName.name]
        : [],
    ),
  )
}

export type Measured = { name: string; lines: number }

/** Every function with its lines from the first to the last. A nested one counts for itself and inside its parent. */
export function functionsOf(file: string): Measured[] {
  const text = read(file)
  const names = new Map<number, string>()
  const parents: string[] = []
  const found: Measured[] = []
  const named = (key: Node, value: Node | null) => {
    if (value) names.set(value.start, text.slice(key.start, key.end).replace(/:.*/s, ""))
  }
  const enter = ({ start, end, ...rest }: FunctionNode | ArrowFunctionExpression) => {
    const own = "id" in rest && rest.id ? rest.id.name : names.get(start)
    const name = own ?? `a function in ${parents.at(-1) ?? "the file"}`
    parents.push(name)
    found.push({ name, lines: text.slice(start, end).split("\n").length })
  }
  const leave = () => void parents.pop()
  new Visitor({
    VariableDeclarator: ({ id, init }) => named(id, init),
    Property: ({ key, value }) => named(key, value),
    PropertyDefinition: ({ key, value }) => named(key, value),
    MethodDefinition: ({ key, value }) => named(key, value),
    FunctionDeclaration: enter,
    "FunctionDeclaration:exit": leave,
    FunctionExpression: enter,
    "FunctionExpression:exit": leave,
    ArrowFunctionExpression: enter,
    "ArrowFunctionExpression:exit": leave,
  }).visit(parse(file).program)
  return found
}
