/**
 * What came of something that was done in a call: whether a transfer was answered and whether a tool failed. The vendor does not
 * document how a result looks, so it is searched for the usual words; where none is found, nobody knows.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { activityMeant } from "./word.ts"

type Activity = NonNullable<CallDetail["activityTimeline"]>[number]

export type DeedOutcome = "answered" | "unanswered" | "busy" | "failed" | "unknown"

export function isTransfer({ type }: Pick<Activity, "type">): boolean {
  return type !== null && activityMeant(type) === "TRANSFER"
}

/** The tool that an activity is the use of. */
export function toolOf({ toolData }: Activity): string | null {
  const name = partsOf(toolData).get("tool")
  return typeof name === "string" ? name : null
}

/** Longer texts, and deeper ones, are no status. */
const WORD_MAX = 40

const DEPTH_MAX = 3

const WORDS: readonly (readonly [DeedOutcome, RegExp])[] = [
  [
    "unanswered",
    /^(no ?answer|not answered|unanswered|no ?pick ?up|timed? ?out|voicemail|declined|rejected|missed)$/,
  ],
  ["busy", /^(busy|line busy)$/],
  ["failed", /^(failed|failure|error|canceled|cancelled|unreachable|unavailable)$/],
  ["answered", /^(answered|connected|completed|complete|success|successful|succeeded|bridged|accepted|ok)$/],
]

const STATUS_NAMES = ["status", "outcome", "state", "result", "transferStatus", "dialCallStatus"]

/** What came of a transfer or a tool, by the words that its result has. */
export function deedOutcome({ toolData }: Activity): DeedOutcome {
  for (const value of valuesOf(toolData, STATUS_NAMES)) {
    const word = typeof value === "string" && value.length <= WORD_MAX ? bareWord(value) : ""
    const known = WORDS.find(([, pattern]) => pattern.test(word))
    if (known) return known[0]
  }
  return hasFailed({ toolData }) ? "failed" : "unknown"
}

function bareWord(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z]+/g, " ")
    .trim()
}

export function hasFailed({ toolData }: Pick<Activity, "toolData">): boolean {
  if (valuesOf(toolData, ["success", "ok"]).includes(false)) return true
  if (valuesOf(toolData, ["isError"]).includes(true)) return true
  const hasError = valuesOf(toolData, ["error", "errors", "errorMessage"]).some(isSomething)
  const says = valuesOf(toolData, ["status", "state", "outcome"])
  return (
    hasError || says.some((value) => typeof value === "string" && /^(failed|failure|error)$/i.test(value))
  )
}

function isSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return value !== null && value !== undefined && value !== false && value !== "" && value !== 0
}

/** What stands under one of these names, the outermost first. */
function valuesOf(json: unknown, names: readonly string[], depth = 1): unknown[] {
  const parts = partsOf(json)
  const own = names.flatMap((name) => (parts.has(name) ? [parts.get(name)] : []))
  if (depth >= DEPTH_MAX) return own
  return [...own, ...[...parts.values()].flatMap((part) => valuesOf(part, names, depth + 1))]
}

/** At most as many as anybody writes by hand. */
const PARTS_MAX = 50

function partsOf(json: unknown): Map<string, unknown> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return new Map()
  return new Map(Object.entries(json).slice(0, PARTS_MAX))
}
