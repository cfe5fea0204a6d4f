/**
 * What was done in a call, as its timeline tells: the transfer and the tools that failed, when, and between which turns of
 * the transcript. The vendor does not document how a tool's result looks, so it is searched for the usual words.
 */
import type { CallDetail, TranscriptEntry } from "@earshot/calls-api/call"
import { activityMeant } from "../call/word.ts"
import { DAY, SECOND, instantOf } from "../instant.ts"
import { offsetText } from "./time-text.ts"

type Activity = NonNullable<CallDetail["activityTimeline"]>[number]

type DeedOutcome = "answered" | "unanswered" | "busy" | "failed" | "unknown"

/** `at`: milliseconds into the call. `turn`: the last turn that was said before it; -1: none, or nobody knows. */
export type Deed = { at: number | null; turn: number; outcome: DeedOutcome }

/** The call's last transfer: what came of it is what matters. */
export function transferOf(call: CallDetail): Deed | null {
  const timeline = call.activityTimeline ?? []
  const index = timeline.findLastIndex(({ type }) => type !== null && activityMeant(type) === "TRANSFER")
  return deedAt(call, index)
}

/** The first use of the tool that failed, or of any tool if it is null. */
export function failureOf(call: CallDetail, tool: string | null): Deed | null {
  const index = (call.activityTimeline ?? []).findIndex((activity) => {
    const isTransfer = activity.type !== null && activityMeant(activity.type) === "TRANSFER"
    return !isTransfer && hasFailed(activity) && (tool === null || toolOf(activity) === tool)
  })
  return deedAt(call, index)
}

/** The tool that an activity is the use of. */
export function toolOf({ toolData }: Activity): string | null {
  const name = partsOf(toolData).get("tool")
  return typeof name === "string" ? name : null
}

/** Such as `Transferred at 1:12, nobody answered`, as far as it is known. */
export function transferText(call: CallDetail): string {
  const transfer = transferOf(call)
  if (!transfer) return "Transferred"
  const time = transfer.at === null ? "" : ` at ${offsetText(transfer.at)}`
  return `Transferred${time}${OUTCOME_TEXT[transfer.outcome]}`
}

const OUTCOME_TEXT: Record<DeedOutcome, string> = {
  answered: ", somebody answered",
  unanswered: ", nobody answered",
  busy: ", the line was busy",
  failed: ", which failed",
  unknown: "",
}

/** How far into the call something was; null if the vendor did not say, or cannot mean it. */
export function offsetIn(
  { createdAt }: Pick<CallDetail, "createdAt">,
  timestamp: string | null,
): number | null {
  const [start, at] = [instantOf(createdAt), instantOf(timestamp)]
  if (start === null || at === null) return null
  const offset = at - start
  // Vendors round the start of a call.
  return offset < -SECOND || offset > DAY ? null : Math.max(0, offset)
}

function deedAt(call: CallDetail, index: number): Deed | null {
  const activity = call.activityTimeline?.[index]
  if (!activity) return null
  const at = offsetIn(call, activity.timestamp)
  return { at, turn: turnBefore(call, index, at), outcome: outcomeOf(activity) }
}

/** By the words that stand before it in the timeline or, if the timeline has none, by the times. */
function turnBefore(call: CallDetail, index: number, at: number | null): number {
  const turns = call.transcript ?? []
  const said = (call.activityTimeline ?? []).slice(0, index).findLast(({ data, type }) => isSaid(data, type))
  const isTurn = ({ text }: TranscriptEntry) => text !== null && text === said?.data
  const isSaidAt = (turn: TranscriptEntry) =>
    isTurn(turn) && (said?.timestamp === null || turn.timestamp === said?.timestamp)
  if (said && turns.some(isTurn)) return Math.max(turns.findIndex(isSaidAt), turns.findIndex(isTurn))
  if (at === null) return -1
  return turns.findLastIndex(({ timestamp }) => (offsetIn(call, timestamp) ?? Infinity) <= at)
}

function isSaid(data: string | null, type: string | null): boolean {
  return data !== null && type?.toUpperCase() === "RESPONSE"
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

function outcomeOf({ toolData }: Activity): DeedOutcome {
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

function hasFailed({ toolData }: Pick<Activity, "toolData">): boolean {
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
