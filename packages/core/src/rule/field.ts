/**
 * The catalogue of what a rule's condition may name: every documented field of the list and the detail, and a few
 * derived from them. Each field knows its type, its unit, and whether the list already has it or only the detail, which
 * costs a request of its own.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { hasEnded, secondsOf } from "../call/end.ts"
import { isTransfer } from "../call/outcome.ts"
import { type MoodName, dominantMood, shareOf } from "../call/sentiment.ts"
import { areSpeakersKnown, spokenBy } from "../call/speaker.ts"
import { activityMeant, directionMeant, statusMeant } from "../call/word.ts"
import { something } from "../nothing.ts"
import { DERIVED_FIELDS } from "./derived-field.ts"
import { activityEvents, isFilled, toolEvents, tools, word } from "./event.ts"
import { type Field, detail, list } from "./field-type.ts"

export const FIELDS: readonly Field[] = [
  list("from", "string", "The caller's number, such as +15551234567.", (call) => something(call.from)),
  list("to", "string", "The number called.", (call) => something(call.to)),
  list("type", "string", "INCOMING or OUTGOING.", (call) => word(call.type, directionMeant), {
    meant: directionMeant,
  }),
  list(
    "status",
    "string",
    "The call's status; only completed is documented.",
    (call) => word(call.status, statusMeant),
    { meant: statusMeant },
  ),
  // Some calls in progress have a duration of 0, which is not their length yet.
  list("duration", "number", "Length of the call in seconds, once it is over.", (call) =>
    hasEnded(call) ? secondsOf(call) : null,
  ),
  list("summary", "string", "The vendor's summary of the call.", (call) => something(call.summary)),
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
  list("agent.id", "string", "The agent's id.", (call) => something(call.agent?.id ?? null)),
  list("agent.name", "string", "The agent's name.", (call) => something(call.agent?.name ?? null)),
  list("recordingUrl", "string", "The recording's address; useful with exists.", (call) =>
    something(call.recordingUrl),
  ),
  // The list may show only the beginning: what is not in it may still be in the detail.
  detail(
    "transcript",
    "string",
    "Everything that was said, one line per turn.",
    (call) => something(spokenBy(call, null)),
    { readSettled: (call) => spokenBy(call, null) },
  ),
  spoken("agent", "What the agent said."),
  spoken("caller", "What the caller said."),
  detail("memory", "string", "What the vendor remembers about the caller.", (call) => something(call.memory)),
  detail(
    "transferred",
    "boolean",
    "Whether the call was transferred.",
    (call) => (isFilled(call) ? transferred(call) : null),
    { readSettled: transferred },
  ),
  detail(
    "timeline",
    "texts",
    "The types of the call's activities, such as TRANSFER.",
    (call) => (isFilled(call) ? types(call) : null),
    { readSettled: types, meant: activityMeant, events: activityEvents },
  ),
  detail(
    "tools",
    "texts",
    "The names of the tools the agent called.",
    (call) => (isFilled(call) ? tools(call) : null),
    { readSettled: tools, events: toolEvents },
  ),
  detail("sentiment.happy", "number", "Share of happiness, 0 to 1.", (call) => sentiment(call, "happy")),
  detail("sentiment.sad", "number", "Share of sadness, 0 to 1.", (call) => sentiment(call, "sad")),
  detail("sentiment.angry", "number", "Share of anger, 0 to 1.", (call) => sentiment(call, "angry")),
  detail("sentiment.neutral", "number", "Share of neutrality, 0 to 1.", (call) => sentiment(call, "neutral")),
  detail("sentiment.dominant", "string", "The strongest: happy, sad, angry or neutral.", (call) =>
    dominantMood(call.metadata?.sentiment ?? null),
  ),
  detail("callQuality", "string", "Line quality, in the vendor's words.", (call) =>
    something(call.metadata?.callQuality ?? null),
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
  ...DERIVED_FIELDS,
]

const byName = new Map(FIELDS.map((field) => [field.name, field]))

export function fieldNamed(name: string): Field | undefined {
  return byName.get(name)
}

function types(call: CallDetail): string[] | null {
  if (call.activityTimeline === null) return null
  const types: string[] = []
  for (const { type } of call.activityTimeline) {
    const meant = word(type, activityMeant)
    if (meant !== null) types.push(meant)
  }
  return types
}

function transferred(call: CallDetail): boolean | null {
  return call.activityTimeline?.some(isTransfer) ?? null
}

function sentiment(call: CallDetail, mood: MoodName): number | null {
  return shareOf(call.metadata?.sentiment ?? null, mood)
}

/**
 * What one side said. Where nobody knows who spoke, it may be anywhere in the transcript: once the call is over and its
 * detail is there, which has every turn, all of it is looked at.
 */
function spoken(side: "agent" | "caller", about: string): Field {
  const mayBeAnywhere = ({ transcript }: CallDetail) => transcript !== null && !areSpeakersKnown(transcript)
  const readSettled = (call: CallDetail) => spokenBy(call, mayBeAnywhere(call) ? null : side)
  const isWhole = (call: CallDetail) =>
    hasEnded(call) && (call.activityTimeline !== null || call.metadata !== null || call.memory !== null)
  const read = (call: CallDetail) => something(isWhole(call) ? readSettled(call) : spokenBy(call, side))
  const isPartial = (call: CallDetail) => mayBeAnywhere(call) && !isWhole(call)
  return detail(`transcript.${side}`, "string", about, read, { readSettled, isPartial })
}

/** The vendor does not say what technical issues look like: text is kept, anything else becomes JSON. */
function text(value: unknown): string | null {
  const said = something(value)
  return said === null || typeof said === "string" ? said : JSON.stringify(said)
}
