/**
 * The options of every command: one schema says what there is, and from it come the parsing, the usage and the
 * messages. A command asks for its options before it does anything else, so that `--help` starts nothing.
 *
 * Exit codes: 0 after `--help`, 2 if an option is wrong. What fails later is the command's own business, with 1.
 */
import { parseArgs } from "node:util"
import type * as z from "zod"
import { type CommandUsage, termOf, usageText } from "./usage.ts"
import { type Option, exampleValue, expectation, nearest, optionsOf, quote } from "./wording.ts"

export type Parsed<T> =
  | { kind: "run"; options: T }
  | { kind: "help"; text: string }
  /** A line for each problem. */
  | { kind: "wrong"; problems: string[] }

/** The options of this process. Prints and ends the process if there is nothing to run. */
export function readOptions<Schema extends z.ZodObject>(
  schema: Schema,
  usage: CommandUsage,
): z.infer<Schema> {
  const parsed = parseOptions(schema, usage, process.argv.slice(2), process.env)
  switch (parsed.kind) {
    case "run":
      return parsed.options
    case "help":
      process.stdout.write(parsed.text)
      return process.exit(0)
    case "wrong":
      process.stderr.write(`${parsed.problems.join("\n")}\n`)
      return process.exit(2)
  }
}

/** `variables`: the environment, where npm leaves the options that it did not hand on. */
export function parseOptions<Schema extends z.ZodObject>(
  schema: Schema,
  usage: CommandUsage,
  args: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Parsed<z.infer<Schema>> {
  const known = optionsOf(schema)
  const read = readArguments(known, usage, args)
  if (read.isHelp) return { kind: "help", text: usageText(known, usage) }
  const kept = args.some((arg) => arg.startsWith("-")) ? null : keptByNpm(known, usage, variables)
  if (kept !== null) return { kind: "wrong", problems: [kept] }

  const parsed = schema.safeParse(valuesOf(known, read.given))
  if (parsed.success && read.problems.length === 0) return { kind: "run", options: parsed.data }
  const more = (parsed.error?.issues ?? []).map((issue) => problemOf(known, issue, read.given))
  return { kind: "wrong", problems: [...new Set([...read.problems, ...more])] }
}

type Arguments = {
  isHelp: boolean
  /** What was typed, by the key of the option; `true` for one that takes no value. */
  given: Map<string, string[] | true>
  problems: string[]
}

function readArguments(known: readonly Option[], usage: CommandUsage, typed: readonly string[]): Arguments {
  const lacking = typed.filter((_, index) => lacksValue(known, typed, index))
  const args = typed.filter((_, index) => !lacksValue(known, typed, index))
  const given: Arguments["given"] = new Map()
  const problems = lacking.map((flag) => lackingProblem(known, flag))
  let isHelp = false
  for (const token of tokensOf(known, args)) {
    if (token.kind === "option-terminator") continue
    if (token.kind === "positional") {
      // What follows an unknown option was probably meant as its value, and is worth no line of its own.
      if (!isUnknown(known, args[token.index - 1])) problems.push(strayProblem(known, usage, token.value))
      continue
    }
    const option = known.find(({ flag }) => flag === token.rawName)
    const before = option && given.get(option.key)
    if (token.rawName === "--help" || args[token.index] === "-h") isHelp = true
    else if (!option) problems.push(unknownProblem(known, usage, args[token.index] ?? token.rawName))
    else if (option.type !== "boolean")
      given.set(option.key, [...(Array.isArray(before) ? before : []), token.value ?? ""])
    else if (token.value === undefined) given.set(option.key, true)
    else problems.push(`${option.flag} takes no value, but was given ${quote(token.value)}.`)
  }
  for (const { key, flag, isList } of known) {
    const texts = given.get(key)
    if (isList || !Array.isArray(texts) || texts.length < 2) continue
    problems.push(
      `${flag} is given ${texts.length} times, as ${texts.map(quote).join(" and ")}; give it once.`,
    )
  }
  return { isHelp, given, problems }
}

/** Lenient, so that every problem is found and worded here. */
function tokensOf(known: readonly Option[], args: readonly string[]) {
  const help = { type: "boolean", short: "h" } as const
  const options = known.map(({ flag, type }) => [
    flag.slice(2),
    { type: type === "boolean" ? type : "string", multiple: true } as const,
  ])
  const config = { ...Object.fromEntries(options), help }
  return parseArgs({ args: [...args], options: config, strict: false, allowPositionals: true, tokens: true })
    .tokens
}

/** Nothing follows that could be its value. A negative number could; `--key=-x` says any other. */
function lacksValue(known: readonly Option[], args: readonly string[], index: number): boolean {
  const option = known.find(({ flag }) => flag === args[index])
  const next = args[index + 1]
  return (
    option !== undefined && option.type !== "boolean" && (next === undefined || /^-(-|[a-z])/i.test(next))
  )
}

function isUnknown(known: readonly Option[], arg = ""): boolean {
  return arg.startsWith("-") && !arg.includes("=") && known.every(({ flag }) => flag !== arg)
}

function lackingProblem(known: readonly Option[], typed: string): string {
  const option = known.find(({ flag }) => flag === typed)
  return `${typed} needs a value${option ? `: ${expectation(option)}, such as ${typed} ${exampleValue(option)}` : ""}.`
}

function unknownProblem(known: readonly Option[], { command }: CommandUsage, typed: string): string {
  const [name = ""] = typed.split("=")
  const flags = [...known.map(({ flag }) => flag), "--help"]
  const meant = nearest(`--${name.replace(/^-+/, "")}`, flags)
  const right = meant ? `did you mean ${meant}?` : `there is ${flags.join(", ")}.`
  return `${quote(name)} is not an option of ${command}; ${right}`
}

/** npm keeps `--days` of `npm run simulate --days 3` and hands on only the 3. */
function strayProblem(known: readonly Option[], { command }: CommandUsage, typed: string): string {
  const [first] = known
  if (!first) return `${quote(typed)} is too much: ${command} takes nothing but --help.`
  const value = first.type === "boolean" ? "" : ` ${exampleValue(first)}`
  return `${quote(typed)} belongs to no option; options come after a lone --, as in ${command} -- ${first.flag}${value}.`
}

/** Names that npm has settings of its own by, which somebody's .npmrc may set. */
const NPM_SETTINGS = new Set(["key", "only"])

/**
 * Without a lone `--` npm takes options for its own, and would let the command run with other settings than were
 * asked for. It leaves their names in the environment. Null if there are none.
 */
function keptByNpm(
  known: readonly Option[],
  { command }: CommandUsage,
  variables: NodeJS.ProcessEnv,
): string | null {
  const kept = known.filter(({ flag, key }) => {
    const name = flag.slice(2).replaceAll("-", "_")
    // npm reads `--no-limits` as its setting `limits`, switched off.
    const names = [name, ...(name.startsWith("no_") ? [name.slice(3)] : [])]
    return !NPM_SETTINGS.has(key) && names.some((one) => variables[`npm_config_${one}`] !== undefined)
  })
  if (kept.length === 0) return null
  const shown = kept.map(termOf).join(" ")
  const flags = kept.map(({ flag }) => flag).join(", ")
  return `npm kept ${flags} for itself; options come after a lone --, as in ${command} -- ${shown}.`
}

/** The values as the schema wants them. What is no number stays a text, for the schema to refuse. */
function valuesOf(known: readonly Option[], given: Arguments["given"]): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const option of known) {
    const texts = given.get(option.key)
    if (texts === undefined) continue
    const isNumber = option.type === "number" || option.type === "integer"
    const read =
      texts === true ? [true] : texts.map((text) => (isNumber && NUMBER.test(text) ? Number(text) : text))
    values[option.key] = option.isList ? read : read[0]
  }
  return values
}

const NUMBER = /^[+-]?(\d+(\.\d+)?|\.\d+)$/

/** One line for what the schema refuses; what a schema says of its own accord is taken as it is. */
function problemOf(known: readonly Option[], issue: z.core.$ZodIssue, given: Arguments["given"]): string {
  const option = known.find(({ key }) => key === issue.path[0])
  if (!option) return issue.message
  if (issue.code === "custom") return `${option.flag} ${issue.message}`
  const texts = given.get(option.key)
  if (!Array.isArray(texts)) return `${option.flag} is missing: ${expectation(option)}.`
  const [, index = 0] = issue.path
  return `${option.flag} must be ${expectation(option)}, but is ${quote(texts[Number(index)] ?? "")}.`
}
