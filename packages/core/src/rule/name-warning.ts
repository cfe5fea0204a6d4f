/** What is odd about a name in a condition: none of the last days' calls had an agent, or used a tool, of that name. */
import { fold } from "../fold.ts"
import type { Operator } from "./operand.ts"
import { PRESENCE_CALLS_MIN } from "./presence.ts"
import type { NamedField, SeenNames } from "./seen-name.ts"
import { nearestName } from "./spelling.ts"
import type { RuleWarning, WrittenComparison } from "./value-warning.ts"

/** A tool that failed was called. */
const NAMED: Record<string, NamedField> = {
  tools: "tools",
  "tools.called": "tools",
  "tools.failed": "tools",
  "agent.id": "agent.id",
  "agent.name": "agent.name",
}

type Alike = (name: string, text: string) => boolean

const isEqual: Alike = (name, text) => name === text

/** An agent that is left out by a name that it does not have is not left out. */
const OF_TEXT: Partial<Record<Operator, Alike>> = {
  eq: isEqual,
  ne: isEqual,
  in: isEqual,
  contains: (name, text) => name.includes(text),
  containsAny: (name, text) => name.includes(text),
  startsWith: (name, text) => name.startsWith(text),
}

const OF_ITEMS: Record<string, Alike> = {
  contains: isEqual,
  containsAny: isEqual,
  has: isEqual,
  // Beside `has`.
  then: isEqual,
}

export function nameWarning(
  { field, operator, operand, path }: WrittenComparison,
  { calls, details, names, isCut }: SeenNames,
): RuleWarning[] {
  const named = NAMED[field.name]
  const known: Readonly<Record<string, Alike>> = field.type === "texts" ? OF_ITEMS : OF_TEXT
  const isAlike = known[operator]
  const count = field.source === "list" ? calls : details
  if (named === undefined || isAlike === undefined || isCut || count < PRESENCE_CALLS_MIN) return []
  const seen = names[named]
  // Of an agent, that the field is never there is said already.
  if (named !== "tools" && seen.length === 0) return []
  const choices: readonly unknown[] = Array.isArray(operand) ? operand : [operand]
  return choices.flatMap((choice, index): RuleWarning[] => {
    if (typeof choice !== "string") return []
    const text = fold(choice)
    if (text === "" || seen.some((name) => isAlike(fold(name), text))) return []
    const none = `none of the last ${count} calls`
    const message =
      named === "tools"
        ? toolText(none, choice, seen)
        : `${none} has this ${field.name}${insteadText(choice, seen)}`
    return [{ path: Array.isArray(operand) ? [...path, index] : path, message }]
  })
}

function toolText(none: string, text: string, seen: readonly string[]): string {
  return seen.length === 0
    ? `${none} used a tool`
    : `${none} used a tool of this name${insteadText(text, seen)}`
}

/** More names than these are not listed. */
const LISTED_MAX = 5

function insteadText(text: string, seen: readonly string[]): string {
  const nearest = nearestName(text, seen)
  if (nearest !== null) return `; did you mean ${nearest}?`
  const listed = [...seen].sort().slice(0, LISTED_MAX)
  const more = seen.length - listed.length
  return `; there ${seen.length === 1 ? "is" : "are"} ${[...listed, ...(more > 0 ? [`${more} more`] : [])].join(", ")}`
}
