/**
 * The fields that no page of the vendor's names: counted, or concluded, from those that one does. Each says in its `about` what
 * it is made of, and is unknown where that does not say.
 */
import type { Call, CallDetail } from "@earshot/calls-api/call"
import { isTransfer, deedOutcome } from "../call/outcome.ts"
import type { PartyCalls } from "../call/party-calls.ts"
import { areSpeakersKnown } from "../call/speaker.ts"
import { directionMeant, speakerMeant } from "../call/word.ts"
import { instantOf, isImaginable } from "../instant.ts"
import { something } from "../nothing.ts"
import { failedTools, failureEvents, isFilled, toolEvents, tools, word } from "./event.ts"
import { type Field, detail, list } from "./field-type.ts"

/** How the names of the fields begin that say how often a caller calls. */
export const REPEAT_CALLER = "repeatCaller."

const ofTimeline = { presentWith: "timeline" }

const ofTranscript = { presentWith: "transcript" }

export const DERIVED_FIELDS: readonly Field[] = [
  list(
    "direction",
    "string",
    "The same as type: INCOMING or OUTGOING.",
    (call) => word(call.type, directionMeant),
    {
      meant: directionMeant,
      presentWith: "type",
    },
  ),
  list("localTime", "time", "When the call began, by the clock of a time zone.", beginning, {
    // A mark is always there, as a beginning is.
    presentWith: "flagged",
  }),
  calledWithin("hour", "an hour"),
  calledWithin("day", "24 hours"),
  calledWithin("week", "seven days"),
  detail(
    "transferAnswered",
    "boolean",
    "Whether somebody answered the last transfer, by the result in its toolData; unknown if that does not say.",
    transferAnswered,
    { ...ofTimeline, isOfWhole: true },
  ),
  detail(
    "deadTransfer",
    "boolean",
    "Whether the last transfer reached nobody: not answered, busy or failed; false without a transfer.",
    (call) => (isFilled(call) ? deadTransfer(call) : null),
    { ...ofTimeline, isOfWhole: true, readSettled: deadTransfer },
  ),
  detail(
    "tools.called",
    "texts",
    "The same as tools: the names of the tools the agent called.",
    (call) => (isFilled(call) ? tools(call) : null),
    { ...ofTimeline, readSettled: tools, events: toolEvents },
  ),
  detail(
    "tools.failed",
    "texts",
    "The names of the tools whose result says that they failed.",
    (call) => (isFilled(call) ? failedTools(call) : null),
    { ...ofTimeline, readSettled: failedTools, events: failureEvents },
  ),
  detail("turns", "number", "How many turns were spoken.", turns, {
    ...ofTranscript,
    readSettled: settledTurns,
  }),
  detail(
    "callerTurns",
    "number",
    "How many turns the caller spoke; unknown if the vendor does not say who spoke.",
    callerTurns,
    { ...ofTranscript, isKnownByWhole: true },
  ),
  detail(
    "talkRatio",
    "number",
    "The agent's share of the words that were spoken, 0 to 1; unknown if the vendor does not say who spoke.",
    talkRatio,
    { ...ofTranscript, isOfWhole: true },
  ),
  detail(
    "cost",
    "number",
    "The same as callCost, in the vendor's currency.",
    (call) => call.metadata?.callCost ?? null,
    {
      presentWith: "callCost",
    },
  ),
  detail(
    "tokens",
    "number",
    "The same as usage.totalTokens.",
    (call) => call.metadata?.usage?.totalTokens ?? null,
    { presentWith: "usage.totalTokens" },
  ),
]

/** A time that stands for "none" is none. */
function beginning({ createdAt }: Call): string | null {
  return isImaginable(instantOf(createdAt)) ? createdAt : null
}

/** Once a rule asks, the poller counts; before that, nobody knows. */
function calledWithin(span: keyof PartyCalls, text: string): Field {
  const about = `How many times the caller has called within ${text}, this call included; 0 if the number is withheld. Counted from when a rule asks for it.`
  const read: Field["read"] = (_call, counted) => counted?.[span] ?? null
  return list(`${REPEAT_CALLER}${span}`, "number", about, read, { presentWith: "from" })
}

function lastTransfer({ activityTimeline }: CallDetail) {
  return activityTimeline?.findLast(isTransfer) ?? null
}

/** Null without a transfer, and where nothing says what came of it. */
function transferAnswered(call: CallDetail): boolean | null {
  const transfer = lastTransfer(call)
  const outcome = transfer === null ? "unknown" : deedOutcome(transfer)
  return outcome === "unknown" ? null : outcome === "answered"
}

function deadTransfer(call: CallDetail): boolean | null {
  if (call.activityTimeline === null) return null
  if (lastTransfer(call) === null) return false
  const answered = transferAnswered(call)
  return answered === null ? null : !answered
}

function spokenTurns({ transcript }: CallDetail) {
  return (transcript ?? []).filter(({ text }) => something(text) !== null)
}

function turns(call: CallDetail): number | null {
  return something(call.transcript) === null ? null : spokenTurns(call).length
}

function settledTurns(call: CallDetail): number | null {
  return call.transcript && spokenTurns(call).length
}

function callerTurns(call: CallDetail): number | null {
  if (something(call.transcript) === null || !areSpeakersKnown(call.transcript ?? [])) return null
  return spokenTurns(call).filter(({ speaker }) => speakerMeant(speaker) === "caller").length
}

function talkRatio(call: CallDetail): number | null {
  if (!areSpeakersKnown(call.transcript ?? [])) return null
  let [byAgent, byCaller] = [0, 0]
  for (const { speaker, text } of spokenTurns(call)) {
    const words = (text ?? "").trim().split(/\s+/).length
    const side = speakerMeant(speaker)
    if (side === "agent") byAgent += words
    if (side === "caller") byCaller += words
  }
  return byAgent + byCaller === 0 ? null : byAgent / (byAgent + byCaller)
}
