/**
 * The catalogue of what a rule's condition may name: every documented field of the list and the detail, and a few
 * derived from them. Each field knows its type, its unit, and whether the list already has it or only the detail, which
 * costs a request of its own.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { hasEnded } from "../call/facts.ts"

/** `texts` is a list of strings, such as the types of a call's activities. */
export type FieldType = "string" | "number" | "boolean" | "texts"

export type FieldValue = string | number | boolean | readonly string[]

export type Field = {
  name: string
  type: FieldType
  source: "list" | "detail"
  about: string
  /** Holds what a caller said or something that identifies a person: shown only where a channel's privacy is full. */
  isPersonal: boolean
  /** The call's value; null until the vendor says. */
  read: (call: CallDetail) => FieldValue | null
}

const PERSONAL = new Set([
  "from",
  "to",
  "summary",
  "recordingUrl",
  "transcript",
  "transcript.agent",
  "transcript.caller",
  "memory",
  "agent.name",
  "technicalIssues",
])

const fieldOf =
  (source: Field["source"]) =>
  (name: string, type: FieldType, about: string, read: Field["read"]): Field => ({
    name,
    type,
    source,
    about,
    isPersonal: PERSONAL.has(name),
    read,
  })

const list = fieldOf("list")

const detail = fieldOf("detail")

export const FIELDS: readonly Field[] = [
  list("from", "string", "The caller's number, such as +15551234567.", (call) => call.from),
  list("to", "string", "The number called.", (call) => call.to),
  list("type", "string", "INCOMING or OUTGOING.", (call) => call.type),
  list("status", "string", "The call's status; only completed is documented.", (call) => call.status),
  // Some calls in progress have a duration of 0, which is not their length yet.
  list("duration", "number", "Length of the call in seconds, once it is over.", (call) =>
    hasEnded(call) ? call.duration : null,
  ),
  list("summary", "string", "The vendor's summary of the call.", (call) => call.summary),
  list("score", "number", "Quality of the call, 0 to 5; arrives after the call ends.", (call) => call.score),
  // An absent mark has not been set: waiting for it would keep every call open.
  list("flagged", "boolean", "Whether someone flagged the call.", (call) => call.flagged ?? false),
  list(
    "favorite",
    "boolean",
    "Whether someone marked the call as a favorite.",
    (call) => call.favorite ?? false,
  ),
  list("spam", "boolean", "Whether the call is considered spam.", (call) => call.spam ?? false),
  list("agent.id", "string", "The agent's id.", (call) => call.agent?.id ?? null),
  list("agent.name", "string", "The agent's name.", (call) => call.agent?.name ?? null),
  list("recordingUrl", "string", "The recording's address; useful with exists.", (call) => call.recordingUrl),
  // The list may show only the beginning: what is not in it may still be in the detail.
  detail("transcript", "string", "Everything that was said, one line per turn.", (call) =>
    spoken(call, null),
  ),
  detail("transcript.agent", "string", "What the agent said.", (call) => spoken(call, "agent")),
  detail("transcript.caller", "string", "What the caller said.", (call) => spoken(call, "caller")),
  detail("memory", "string", "What the vendor remembers about the caller.", (call) => call.memory),
  detail("transferred", "boolean", "Whether the call was transferred.", (call) => transferred(call)),
  detail("timeline", "texts", "The types of the call's activities, such as TRANSFER.", (call) => types(call)),
  detail("tools", "texts", "The names of the tools the agent called.", (call) => tools(call)),
  detail("sentiment.happy", "number", "Share of happiness, 0 to 1.", (call) => sentiment(call, "happy")),
  detail("sentiment.sad", "number", "Share of sadness, 0 to 1.", (call) => sentiment(call, "sad")),
  detail("sentiment.angry", "number", "Share of anger, 0 to 1.", (call) => sentiment(call, "angry")),
  detail("sentiment.neutral", "number", "Share of neutrality, 0 to 1.", (call) => sentiment(call, "neutral")),
  detail("sentiment.dominant", "string", "The strongest: happy, sad, angry or neutral.", (call) =>
    dominant(call),
  ),
  detail(
    "callQuality",
    "string",
    "Line quality, in the vendor's words.",
    (call) => call.metadata?.callQuality ?? null,
  ),
  detail("technicalIssues", "string", "Technical problems, in the vendor's words.", (call) =>
    text(call.metadata?.technicalIssues ?? null),
  ),
  detail(
    "usage.inputTokens",
    "number",
    "Tokens the agent's model read.",
    (call) => call.metadata?.usage?.inputTokens ?? null,
  ),
  detail(
    "usage.outputTokens",
    "number",
    "Tokens the agent's model wrote.",
    (call) => call.metadata?.usage?.outputTokens ?? null,
  ),
  detail(
    "usage.totalTokens",
    "number",
    "Tokens the agent's model used in all.",
    (call) => call.metadata?.usage?.totalTokens ?? null,
  ),
  detail(
    "callCost",
    "number",
    "Cost of the call, in the vendor's currency.",
    (call) => call.metadata?.callCost ?? null,
  ),
]

const byName = new Map(FIELDS.map((field) => [field.name, field]))

export function fieldNamed(name: string): Field | undefined {
  return byName.get(name)
}

/** The activity type that the vendor documents for a transfer. */
const TRANSFER = "TRANSFER"

function types(call: CallDetail): string[] | null {
  if (call.activityTimeline === null) return null
  return call.activityTimeline.flatMap((activity) => (activity.type === null ? [] : [activity.type]))
}

function transferred(call: CallDetail): boolean | null {
  return call.activityTimeline?.some((activity) => activity.type === TRANSFER) ?? null
}

function tools(call: CallDetail): string[] | null {
  if (call.activityTimeline === null) return null
  return call.activityTimeline.flatMap((activity) => {
    const data = activity.toolData
    if (data === null || typeof data !== "object" || !("tool" in data)) return []
    return typeof data.tool === "string" ? [data.tool] : []
  })
}

const MOODS = ["happy", "sad", "angry", "neutral"] as const

type Mood = (typeof MOODS)[number]

/** The scale is not documented. The example's values lie in 0..1; if any is above 1, all are read as percentages. */
function sentiment(call: CallDetail, mood: Mood): number | null {
  const shares = call.metadata?.sentiment
  const share = shares?.[mood] ?? null
  if (!shares || share === null) return null
  return MOODS.some((other) => (shares[other] ?? 0) > 1) ? share / 100 : share
}

function dominant(call: CallDetail): Mood | null {
  let largest: Mood | null = null
  for (const mood of MOODS) {
    const share = sentiment(call, mood)
    if (share !== null && share > (largest === null ? 0 : (sentiment(call, largest) ?? 0))) largest = mood
  }
  return largest
}

function spoken(call: CallDetail, speaker: "agent" | "caller" | null): string | null {
  if (call.transcript === null) return null
  return call.transcript
    .filter((turn) => speaker === null || turn.speaker === speaker)
    .map((turn) => turn.text ?? "")
    .join("\n")
}

/** The vendor does not say what technical issues look like: text is kept, anything else becomes JSON. */
function text(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === "string" ? value : JSON.stringify(value)
}
