/** What `--help` prints: one sentence, every option with its meaning, bounds and default, and an example. Pure. */
import { expectation, type Option, placeholder } from "./wording.ts"

export type CommandUsage = {
  /** As people type it: `npm run simulate`. */
  command: string
  /** What it does, in one sentence. */
  does: string
  /** Arguments of an example that works: `--days 30 --seed 7`. */
  example?: string
  /** What else people should know, such as the variables that it reads. */
  more?: string
}

export function usageText(known: readonly Option[], { command, does, example, more }: CommandUsage): string {
  const rows = known.map((option) => [termOf(option), meaningOf(option)])
  rows.push(["-h, --help", "print this and exit"])
  const width = Math.max(...rows.map(([term = ""]) => term.length))
  const lines = [
    does,
    "",
    `Usage: ${command}${known.length > 0 ? " -- [options]" : ""}`,
    "",
    ...rows.map(([term = "", meaning = ""]) => `  ${term.padEnd(width)}  ${meaning}`),
    ...(more === undefined ? [] : ["", more]),
    "",
    `Example: ${command}${example === undefined ? "" : ` -- ${example}`}`,
  ]
  return `${lines.join("\n")}\n`
}

/** `--days <number>` */
export function termOf(option: Option): string {
  return [option.flag, placeholder(option)].filter(Boolean).join(" ")
}

/** `simulated days; a number above 0 and at most 3650; default: 1` */
function meaningOf(option: Option): string {
  const byDefault = [option.default].flat().filter((value) => value !== undefined && value !== false)
  return [
    option.description,
    ...(isPlain(option) ? [] : [expectation(option)]),
    ...(option.isList ? ["may be given several times"] : []),
    ...(byDefault.length > 0 ? [`default: ${byDefault.join(", ")}`] : []),
  ].join("; ")
}

/** Any value will do, which is worth no word. */
function isPlain({ type, enum: names }: Option): boolean {
  return type === "boolean" || (type === "string" && !names)
}
