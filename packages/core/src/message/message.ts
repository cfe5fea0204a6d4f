/**
 * What a message says, whatever the channel: how serious it is, who called, why it matched, the summary, the turns
 * that matter, the next step and, in small type, where it comes from. The channel's privacy level decides how much
 * of the caller it shows.
 */
import { type Because, severityOf } from "../alert/alert.ts"
import type { CallRecord } from "../alert/call-record.ts"
import { secondsOf } from "../call/end.ts"
import { endOf } from "../call/facts.ts"
import { areSpeakersKnown } from "../call/speaker.ts"
import { isOutgoingType } from "../call/word.ts"
import type { Privacy } from "../channel/channel.ts"
import { type Instant, durationText } from "../instant.ts"
import type { Severity } from "../rule/rule.ts"
import { type Quote, highlights } from "./highlight.ts"

export type Message = {
  severity: Severity
  callId: string
  ruleIds: readonly string[]
  /** The names of the rules, in the order in which they became true. */
  title: string
  /** The whole message in one line: Slack shows it as the notification. */
  sentence: string
  /** Label and value: who, how long, when. */
  facts: readonly { label: string; text: string }[]
  why: readonly { name: string; because: string }[]
  summary: string | null
  turns: readonly Quote[]
  recordingUrl: string | null
  next: string
  small: readonly string[]
}

/** The message for a record's alert; null if it has none. `mayRepeat`: an earlier attempt may have arrived. */
export function composeMessage(
  record: CallRecord,
  { privacy, mayRepeat }: { privacy: Privacy; mayRepeat: boolean },
): Message | null {
  const { alert, callId } = record
  if (!alert) return null
  const { call } = record.facts
  const severity = severityOf(alert)
  const title = alert.reasons.map((reason) => reason.name).join(", ")
  const ended = endOf(record.facts)
  const who = privacy === "minimal" ? null : partyText(record, privacy)
  const agent = privacy === "minimal" ? null : (call.agent?.name ?? null)
  const seconds = secondsOf(call)
  const lasted = seconds === null ? null : lengthText(seconds)
  return {
    severity,
    callId,
    ruleIds: alert.reasons.map((reason) => reason.ruleId),
    title,
    sentence: [
      `${SEVERITY_TEXT[severity]}: ${title}.`,
      happenedText(agent, isOutgoing(record)),
      ...(who ? [isOutgoing(record) ? "to" : "from", who] : []),
      ...(ended === null ? ["(still in progress)"] : lasted ? [`(${lasted})`] : []),
    ]
      .join(" ")
      .concat("."),
    facts: [
      { label: "Agent", text: agent },
      { label: isOutgoing(record) ? "Called" : "Caller", text: who },
      { label: "Direction", text: call.type === null ? null : call.type.toLowerCase() },
      { label: "Length", text: lasted },
      ended === null
        ? { label: "Status", text: "still in progress" }
        : { label: "Ended", text: timeText(ended) },
    ].flatMap(({ label, text }) => (text === null ? [] : [{ label, text }])),
    why: alert.reasons.map((reason) => ({
      name: reason.name,
      because: [
        ...reason.because.map((because) => becauseText(because, privacy) + whoSpokeText(because, call)),
        ...(reason.becauseLeftOut > 0 ? [`${reason.becauseLeftOut} more comparisons`] : []),
      ].join("; "),
    })),
    summary: privacy === "minimal" ? null : call.summary,
    turns: privacy === "full" ? highlights(call.transcript ?? []) : [],
    recordingUrl: privacy === "full" ? call.recordingUrl : null,
    next: NEXT_TEXT[severity],
    small: [
      `call ${callId}`,
      alert.reasons.map((reason) => `${reason.ruleId}@${reason.version}`).join(" "),
      ...(ended === null
        ? []
        : [`alert raised ${durationText(alert.raisedAt - ended)} after the call ended`]),
      ...(mayRepeat ? ["may be a repeat: we could not tell whether the first attempt arrived"] : []),
    ],
  }
}

export const SEVERITY_TEXT: Record<Severity, string> = {
  info: "Info",
  warning: "Warning",
  critical: "Critical",
}

const ACT = "Open the call in echowin's call log and call back if it can still be saved."

const NEXT_TEXT: Record<Severity, string> = {
  info: "For information only. The call is in echowin's call log.",
  warning: ACT,
  critical: ACT,
}

function happenedText(agent: string | null, isOutgoing: boolean): string {
  if (agent === null) return isOutgoing ? "A call was made" : "A call came in"
  return `${agent} ${isOutgoing ? "made" : "took"} a call`
}

function isOutgoing({ facts }: CallRecord): boolean {
  return isOutgoingType(facts.call.type)
}

/** The other party: the caller, or the person who was called. */
function partyText(record: CallRecord, privacy: Privacy): string | null {
  const number = isOutgoing(record) ? record.facts.call.to : record.facts.call.from
  if (number === null || privacy === "full") return number
  // A name, or so short a number that its last four digits would give most of it away.
  const digits = number.replace(/\D/g, "")
  return digits.length < 8 ? "a number not shown here" : `…${digits.slice(-4)}`
}

function lengthText(seconds: number): string {
  const whole = Math.round(seconds)
  const minutes = Math.floor(whole / 60)
  if (minutes === 0) return `${whole} s`
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`
}

/** Such as `2024-01-15 14:34 UTC`: we do not know the reader's time zone. */
export function timeText(instant: Instant): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`
}

/** When the call ended, for channels that can show it in the reader's own time. Null while it lasts. */
export function endedAt(record: CallRecord): Instant | null {
  return endOf(record.facts)
}

/** What a comparison asks for, as it is and negated. */
const OPERATOR_TEXT: Record<string, readonly [string, string]> = {
  eq: ["", "not "],
  ne: ["not ", ""],
  lt: ["below ", "not below "],
  lte: ["at most ", "not at most "],
  gt: ["above ", "not above "],
  gte: ["at least ", "not at least "],
  in: ["one of ", "not one of "],
  contains: ["contains ", "does not contain "],
  startsWith: ["starts with ", "does not start with "],
}

/**
 * The value that was seen and what the rule asks for: `score is 1.5 (at most 2)`. Of a personal field only what the
 * rule asks for, since that alone says what the call holds: `from is +1555…`.
 */
function becauseText(because: Because, privacy: Privacy): string {
  const { field, operator, operand, operandsLeftOut, seen, isPersonal, isNegated } = because
  if (operator === "exists")
    return `${field} ${(operand === true) !== isNegated ? "is present" : "is missing"}`
  const others = operandsLeftOut > 0 ? ` and ${operandsLeftOut} more` : ""
  const [plain, negated] = OPERATOR_TEXT[operator] ?? [`${operator} `, `not ${operator} `]
  const asked = `${isNegated ? negated : plain}${operandText(operand)}${others}`
  const verb = operator === "contains" || operator === "startsWith" ? "" : "is "
  if (isPersonal) return privacy === "full" ? `${field} ${verb}${asked}` : `${field} matches the rule`
  if (operator === "eq") return `${field} is ${operandText(seen ?? operand)}`
  return `${field} is ${operandText(seen ?? "unknown")} (${asked})`
}

/** Where echowin does not name both sides of a conversation, what one said is looked for in all of it. */
function whoSpokeText({ field }: Because, { transcript }: CallRecord["facts"]["call"]): string {
  const isOfOneSide = field === "transcript.caller" || field === "transcript.agent"
  return isOfOneSide && transcript !== null && !areSpeakersKnown(transcript)
    ? " (echowin did not say who spoke)"
    : ""
}

function operandText(value: string | number | boolean | readonly (string | number | boolean)[]): string {
  if (typeof value === "object") return value.map((one) => operandText(one)).join(", ")
  if (typeof value === "boolean") return value ? "true" : "false"
  return typeof value === "number" ? String(Math.round(value * 1000) / 1000) : value
}
