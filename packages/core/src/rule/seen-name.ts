/**
 * The names of tools and agents in the calls of the last days: a rule that names another, or misspells one, alerts nobody to
 * anything, and nobody would know. Noted beside the counts of fields, of each call once, when it is closed.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { something } from "../nothing.ts"
import { toolEvents } from "./event.ts"

/** The fields whose values a team chooses once, and of which it has few. */
export const NAMED_FIELDS = ["tools", "agent.id", "agent.name"] as const

export type NamedField = (typeof NAMED_FIELDS)[number]

export type SeenNames = {
  /** Calls whose names were noted, and those of them whose detail was: older versions noted none. */
  calls: number
  details: number
  names: Readonly<Record<NamedField, readonly string[]>>
  /** There were more, or longer ones, than are kept: that a name is not among them says nothing. */
  isCut: boolean
}

export const NO_NAMES: SeenNames = {
  calls: 0,
  details: 0,
  names: { tools: [], "agent.id": [], "agent.name": [] },
  isCut: false,
}

/** Of each field. A team with more has names that are made up for each call. */
const NAMES_MAX = 100

const CHARACTERS_MAX = 100

/** Those of one call. `hasDetail`: its detail was fetched, which alone shows its tools. */
export function seenNamesIn(call: CallDetail, { hasDetail }: { hasDetail: boolean }): SeenNames {
  const tools = hasDetail ? toolEvents(call).map(({ name }) => name) : []
  const part = { calls: 1, details: hasDetail ? 1 : 0, isCut: false }
  const names = {
    tools,
    "agent.id": textsOf(call.agent?.id),
    "agent.name": textsOf(call.agent?.name),
  }
  return addNames(NO_NAMES, { ...part, names })
}

function textsOf(text: string | null | undefined): string[] {
  return something(text ?? null) === null ? [] : [String(text)]
}

export function addNames(a: SeenNames, b: SeenNames): SeenNames {
  const [tools, ids, agents] = NAMED_FIELDS.map((field) => bounded([...a.names[field], ...b.names[field]]))
  const kept = [tools, ids, agents]
  return {
    calls: a.calls + b.calls,
    details: a.details + b.details,
    names: { tools: tools?.names ?? [], "agent.id": ids?.names ?? [], "agent.name": agents?.names ?? [] },
    isCut: a.isCut || b.isCut || kept.some((one) => one?.isCut === true),
  }
}

/** The names of `now` that are not among those of `before`, as far as there is room for them beside those. */
export function newNames(now: SeenNames, before: SeenNames): SeenNames {
  const all = addNames(before, now)
  const fresh = (field: NamedField) => all.names[field].filter((name) => !before.names[field].includes(name))
  return {
    ...now,
    names: { tools: fresh("tools"), "agent.id": fresh("agent.id"), "agent.name": fresh("agent.name") },
    isCut: all.isCut,
  }
}

/** The first of each, as no set of a table takes an empty one. */
function bounded(names: readonly string[]): { names: string[]; isCut: boolean } {
  const different = [...new Set(names.map((name) => name.toWellFormed()))].filter((name) => name !== "")
  const short = different.filter((name) => name.length <= CHARACTERS_MAX)
  const kept = short.slice(0, NAMES_MAX)
  return { names: kept, isCut: kept.length < different.length }
}
