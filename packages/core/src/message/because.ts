/**
 * Why a rule matched, in people's words: what was seen, and from where on the rule alerts. `Anger 87% (alert from 50%)`,
 * `Flagged`, `Transferred at 1:12, nobody answered`, `The caller said “refund” at 0:31`.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import type { Because } from "../alert/alert.ts"
import { areSpeakersKnown } from "../call/speaker.ts"
import { activityMeant } from "../call/word.ts"
import type { Privacy } from "../channel/channel.ts"
import { failureOf, offsetIn, transferText } from "./deed.ts"
import { turnsWith } from "./highlight.ts"
import { type Unit, listText, quantityText } from "./quantity.ts"
import { offsetText } from "./time-text.ts"

/** What the words of a text are about, how they are introduced, and how it is named where it may not be shown. */
type Text = { noun: string; says: readonly [string, string] }

const mentions = ["mentions", "does not mention"] as const

const said = ["said", "did not say"] as const

const TEXTS: Record<string, Text> = {
  from: { noun: "The caller's number", says: ["contains", "does not contain"] },
  to: { noun: "The number called", says: ["contains", "does not contain"] },
  summary: { noun: "The summary", says: mentions },
  memory: { noun: "What echowin remembers of the caller", says: mentions },
  technicalIssues: { noun: "The technical issues", says: ["mention", "do not mention"] },
  "agent.name": { noun: "The agent's name", says: ["contains", "does not contain"] },
  "agent.id": { noun: "The agent's id", says: ["contains", "does not contain"] },
  recordingUrl: { noun: "The recording's address", says: ["contains", "does not contain"] },
  status: { noun: "The status", says: ["contains", "does not contain"] },
  type: { noun: "The direction", says: ["contains", "does not contain"] },
  direction: { noun: "The direction", says: ["contains", "does not contain"] },
  callQuality: { noun: "The line quality", says: ["contains", "does not contain"] },
  "sentiment.dominant": { noun: "The strongest mood", says: ["contains", "does not contain"] },
  transcript: { noun: "What was said", says: ["contains", "does not contain"] },
  "transcript.caller": { noun: "What the caller said", says: ["contains", "does not contain"] },
  "transcript.agent": { noun: "What the agent said", says: ["contains", "does not contain"] },
}

const SPEAKER: Record<string, string> = {
  transcript: "Somebody",
  "transcript.caller": "The caller",
  "transcript.agent": "The agent",
}

const NUMBERS: Record<string, { seen: string; unit: Unit; after?: string }> = {
  score: { seen: "Scored", unit: "plain", after: " of 5" },
  duration: { seen: "Lasted", unit: "seconds" },
  "sentiment.happy": { seen: "Happiness", unit: "share" },
  "sentiment.sad": { seen: "Sadness", unit: "share" },
  "sentiment.angry": { seen: "Anger", unit: "share" },
  "sentiment.neutral": { seen: "Neutral mood", unit: "share" },
  "usage.inputTokens": { seen: "Tokens read", unit: "plain" },
  "usage.outputTokens": { seen: "Tokens written", unit: "plain" },
  "usage.totalTokens": { seen: "Tokens used", unit: "plain" },
  callCost: { seen: "Cost", unit: "plain" },
  cost: { seen: "Cost", unit: "plain" },
  tokens: { seen: "Tokens used", unit: "plain" },
  turns: { seen: "Turns spoken", unit: "plain" },
  callerTurns: { seen: "Turns of the caller", unit: "plain" },
  talkRatio: { seen: "The agent's share of the words", unit: "share" },
  "repeatCaller.hour": { seen: "Calls of this caller within an hour:", unit: "plain" },
  "repeatCaller.day": { seen: "Calls of this caller within 24 hours:", unit: "plain" },
  "repeatCaller.week": { seen: "Calls of this caller within seven days:", unit: "plain" },
}

const MARKS: Record<string, readonly [string, string]> = {
  flagged: ["Flagged", "Not flagged"],
  favorite: ["Marked as a favorite", "Not marked as a favorite"],
  spam: ["Marked as spam", "Not marked as spam"],
  transferAnswered: ["Somebody answered the transfer", "Nobody answered the transfer"],
  deadTransfer: ["Transferred to nobody", "Not transferred to nobody"],
}

const ACTIVITIES: Record<string, readonly [string, string]> = {
  HANGUP: ["Somebody hung up", "Nobody hung up"],
  SEND_EMAIL: ["An e-mail was sent", "No e-mail was sent"],
  SEND_TEXT: ["A text message was sent", "No text message was sent"],
  TOOL_CALL: ["The agent used a tool", "The agent used no tool"],
  CALL_ANSWERED: ["The call was answered", "The call was not answered"],
  RESPONSE: ["Somebody spoke", "Nobody spoke"],
}

/** Of a personal field only what the rule asks for is stored, and it is shown only where privacy is full. */
export function becauseText(because: Because, call: CallDetail, privacy: Privacy): string {
  const { field, operator, operand, seen, isPersonal, isNegated } = because
  if (operator === "exists") return presenceText(because)
  const isHidden = isPersonal ? privacy !== "full" : privacy === "minimal" && isVendorText(because)
  if (isHidden) return `${nounOf(field)} ${isOfTools(field) ? "match" : "matches"} the rule`
  if (field === "transferred") return isTrue(because) ? transferText(call) : "Not transferred"
  const mark = MARKS[field]
  if (mark) return isTrue(because) ? mark[0] : mark[1]
  const number = NUMBERS[field]
  if (number) {
    const quantity = quantityText(because, number.unit)
    return `${number.seen} ${quantity.seen}${number.after ?? ""} (${quantity.bound})`
  }
  if (field === "localTime") return hoursText(because)
  if (operator === "has") return `${nounOf(field)}: ${isNegated ? "not " : ""}${String(operand)}`
  if (operator === "containsAny" && (field === "timeline" || isOfTools(field))) return anyText(because)
  if (field === "timeline") return activityText(String(operand), isNegated, call)
  if (isOfTools(field)) return toolText(because, call)
  if (field in SPEAKER && isSpokenOf(operator)) return spokenText(because, call)
  return textText(because, seen)
}

/** Where echowin does not name both sides of a conversation, what one said is looked for in all of it. */
export function whoSpokeText({ field }: Because, { transcript }: Pick<CallDetail, "transcript">): string {
  const isOfOneSide = field === "transcript.caller" || field === "transcript.agent"
  return isOfOneSide && transcript !== null && !areSpeakersKnown(transcript)
    ? " (echowin did not say who spoke)"
    : ""
}

/** Whether it is a mark that is set, whatever the rule compared it with. */
export function isTrue({ seen, operand, operator, isNegated }: Because): boolean {
  if (typeof seen === "boolean") return seen
  const isSame = (operator === "ne") === isNegated
  return (operand === true) === isSame
}

function nounOf(field: string): string {
  if (field === "timeline") return "What happened in the call"
  if (field === "tools.failed") return "The tools that failed"
  if (isOfTools(field)) return "The tools that were used"
  if (field === "localTime") return "The time of the call"
  return TEXTS[field]?.noun ?? field
}

/** What happened, and the moods, are words of ours, whoever wrote them. */
export function isVendorText({ field, seen, operand }: Because): boolean {
  if (field === "timeline") return !isKnownActivity(String(operand))
  const value = seen ?? operand
  return (
    typeof value === "string" || (typeof value === "object" && value.some((one) => typeof one === "string"))
  )
}

function isKnownActivity(type: string): boolean {
  const meant = activityMeant(type)
  return meant === "TRANSFER" || meant in ACTIVITIES
}

function activityText(type: string, isNegated: boolean, call: CallDetail): string {
  const meant = activityMeant(type)
  if (meant === "TRANSFER") return isNegated ? "Not transferred" : transferText(call)
  const known = ACTIVITIES[meant]
  if (known) return isNegated ? known[1] : known[0]
  return isNegated ? `“${type}” did not happen` : `“${type}” happened`
}

function isOfTools(field: string): boolean {
  return field === "tools" || field === "tools.called" || field === "tools.failed"
}

function isSpokenOf(operator: string): boolean {
  return operator === "contains" || operator === "containsAny"
}

/** In which hours the rule alerts; the call's own time is in the message already. */
function hoursText({ operand, isNegated }: Because): string {
  return `${isNegated ? "Not within" : "Within"} the hours ${String(operand)}`
}

function askedText({ operand, operandsLeftOut }: Because): string {
  const asked = typeof operand === "object" ? operand : [operand]
  return listText(
    asked.map((one) => `“${String(one)}”`),
    operandsLeftOut,
  )
}

function anyText(because: Because): string {
  return `${nounOf(because.field)} ${because.isNegated ? "do not include" : "include"} ${askedText(because)}`
}

function toolText({ field, operand, isNegated }: Because, call: CallDetail): string {
  const tool = String(operand)
  if (isNegated && field === "tools.failed") return `The tool “${tool}” did not fail`
  if (isNegated) return `The agent did not use the tool “${tool}”`
  const failure = failureOf(call, tool)
  const time = failure?.at === null || !failure ? "" : ` at ${offsetText(failure.at)}`
  return `The agent used the tool “${tool}”${failure ? `, which failed${time}` : ""}`
}

/** Where nobody knows who spoke, anybody may have. */
function spokenText(because: Because, call: CallDetail): string {
  const { field, isNegated } = because
  const isKnown = whoSpokeText(because, call) === ""
  const who = isKnown ? (SPEAKER[field] ?? "") : (SPEAKER["transcript"] ?? "")
  const asked = askedText(because)
  if (isNegated && who === "Somebody") return `Nobody said ${asked}`
  const [turn] = isNegated ? [] : turnsWith(call.transcript ?? [], because)
  const at = turn === undefined ? null : offsetIn(call, call.transcript?.[turn]?.timestamp ?? null)
  return `${who} ${isNegated ? said[1] : said[0]} ${asked}${at === null ? "" : ` at ${offsetText(at)}`}`
}

/** A text that is compared: what it is, and what the rule asks for if that does not say it already. */
function textText(because: Because, seen: Because["seen"]): string {
  const { field, operator, isNegated } = because
  const noun = nounOf(field)
  const asked = askedText(because)
  const [does, doesNot] = TEXTS[field]?.says ?? ["contains", "does not contain"]
  if (isSpokenOf(operator)) return `${noun} ${isNegated ? doesNot : does} ${asked}`
  if (operator === "startsWith") {
    if (seen === null) return `${noun} ${isNegated ? "does not start" : "starts"} with ${asked}`
    return `${noun} is “${String(seen)}” (alert ${isNegated ? "unless" : "if"} it starts with ${asked})`
  }
  const isOther = (operator === "ne") !== isNegated
  // Of several, which one it is; of another, what it is instead.
  const isWorthSeeing = seen !== null && typeof seen !== "object" && (isOther || operator === "in")
  if (!isWorthSeeing) return `${noun} is ${isOther ? "not " : ""}${asked}`
  return `${noun} is “${seen}” (alert ${isOther ? "unless" : "for"} ${asked})`
}

const PRESENCE: Record<string, readonly [string, string]> = {
  flagged: ["Known to be flagged or not", "Not known to be flagged or not"],
  favorite: ["Known to be a favorite or not", "Not known to be a favorite or not"],
  spam: ["Known to be spam or not", "Not known to be spam or not"],
  transferred: ["Known to be transferred or not", "Not known to be transferred or not"],
  transferAnswered: [
    "Known whether the transfer was answered",
    "Not known whether the transfer was answered",
  ],
  deadTransfer: ["Known whether a transfer reached nobody", "Not known whether a transfer reached nobody"],
  score: ["Scored", "Not scored"],
  summary: ["There is a summary", "There is no summary"],
  recordingUrl: ["There is a recording", "There is no recording"],
  transcript: ["There is a transcript", "There is no transcript"],
  "transcript.caller": ["The caller said something", "The caller said nothing"],
  "transcript.agent": ["The agent said something", "The agent said nothing"],
  technicalIssues: ["There were technical issues", "There were no technical issues"],
  memory: ["echowin remembers the caller", "echowin does not remember the caller"],
  from: ["The caller's number is known", "The caller's number is not known"],
  to: ["The number called is known", "The number called is not known"],
}

function presenceText({ field, operand, isNegated }: Because): string {
  const isThere = (operand === true) !== isNegated
  const known = PRESENCE[field]
  if (known) return isThere ? known[0] : known[1]
  const noun = NUMBERS[field]?.seen ?? nounOf(field)
  return `${noun}: ${isThere ? "known" : "not known"}`
}
