/**
 * What a message says, whatever the channel: how serious it is, who called, why it matched, the summary, the turns
 * that matter, the next step and, in small type, where it comes from. The channel's privacy level decides how much
 * of the caller it shows.
 */
import { severityOf } from "../alert/alert.ts"
import type { CallRecord } from "../alert/call-record.ts"
import { secondsOf } from "../call/end.ts"
import { endOf } from "../call/facts.ts"
import { type OtherParty, partyOf } from "../call/party.ts"
import { isOutgoingType } from "../call/word.ts"
import type { Privacy } from "../channel/channel.ts"
import { callReference } from "../fingerprint.ts"
import { type Instant, durationText } from "../instant.ts"
import type { Severity } from "../rule/rule.ts"
import { becauseText, whoSpokeText } from "./because.ts"
import { followUpOf } from "./follow-up.ts"
import { type Quote, highlights } from "./highlight.ts"

export type Message = {
  severity: Severity
  /** As the channel may know it: the call's id, or a reference that stands for it. */
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

/**
 * The message for a record's alert; null if it has none, or nothing that was not given. `mayRepeat`: an earlier attempt may
 * have arrived. `given`: how many of the reasons the channel has been given already; with some, the message is short and
 * says what is new.
 */
export function composeMessage(
  record: CallRecord,
  { privacy, mayRepeat, given }: { privacy: Privacy; mayRepeat: boolean; given: number },
): Message | null {
  const { alert } = record
  if (!alert) return null
  const { call } = record.facts
  const severity = severityOf(alert)
  const reasons = alert.reasons.slice(given)
  if (reasons.length === 0) return null
  const title = reasons.map((reason) => reason.name).join(", ")
  const ended = endOf(record.facts)
  const callId = privacy === "minimal" ? callReference(record.callId) : record.callId
  const party = partyOf(isOutgoing(record) ? call.to : call.from)
  const who = privacy === "minimal" ? null : partyText(party, privacy)
  const agent = privacy === "minimal" ? null : (call.agent?.name ?? null)
  const seconds = secondsOf(call)
  const lasted = seconds === null ? null : lengthText(seconds)
  const message = {
    severity,
    callId,
    ruleIds: reasons.map((reason) => reason.ruleId),
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
      { label: "Direction", text: directionText(call.type, privacy) },
      { label: "Length", text: lasted },
      ended === null
        ? { label: "Status", text: "still in progress" }
        : { label: "Ended", text: timeText(ended) },
    ].flatMap(({ label, text }) => (text === null ? [] : [{ label, text }])),
    why: reasons.map((reason) => ({
      name: reason.name,
      because: [
        ...reason.because.map((because) => becauseText(because, privacy) + whoSpokeText(because, call)),
        ...(reason.becauseLeftOut > 0 ? [`${reason.becauseLeftOut} more comparisons`] : []),
      ].join("; "),
    })),
    summary: privacy === "minimal" ? null : call.summary,
    turns: privacy === "full" ? highlights(call.transcript ?? []) : [],
    recordingUrl: privacy === "full" ? call.recordingUrl : null,
    next: severity === "info" ? FOR_INFORMATION : canBeCalled(party) ? CALL_BACK : OPEN_CALL,
    small: [
      `call ${callId}`,
      reasons.map((reason) => `${reason.ruleId}@${reason.version}`).join(" "),
      ...(ended === null
        ? []
        : [`alert raised ${durationText(alert.raisedAt - ended)} after the call ended`]),
      ...(mayRepeat ? ["may be a repeat: we could not tell whether the first attempt arrived"] : []),
    ],
  }
  return given > 0 ? followUpOf(message, alert, given) : message
}

export const SEVERITY_TEXT: Record<Severity, string> = {
  info: "Info",
  warning: "Warning",
  critical: "Critical",
}

const FOR_INFORMATION = "For information only. The call is in echowin's call log."

const CALL_BACK = "Open the call in echowin's call log and call back if it can still be saved."

const OPEN_CALL = "Open the call in echowin's call log: there is no number to call back."

function happenedText(agent: string | null, isOutgoing: boolean): string {
  if (agent === null) return isOutgoing ? "A call was made" : "A call came in"
  return `${agent} ${isOutgoing ? "made" : "took"} a call`
}

function isOutgoing({ facts }: CallRecord): boolean {
  return isOutgoingType(facts.call.type)
}

/** What the vendor calls other directions is its own text. */
function directionText(type: string | null, privacy: Privacy): string | null {
  const direction = type?.toLowerCase() ?? null
  return privacy !== "minimal" || direction === "incoming" || direction === "outgoing" ? direction : null
}

function canBeCalled({ kind }: OtherParty): boolean {
  return kind === "number" || kind === "address"
}

/** So short a number that its last four digits would give most of it away. */
const MASKED_DIGITS_MIN = 8

/** The other party, as far as the channel may know. Of a number the last digits, without those of an extension or a port. */
function partyText(party: OtherParty, privacy: Privacy): string | null {
  switch (party.kind) {
    case "unknown":
      return null
    case "withheld":
      return "number withheld"
    case "number":
      if (privacy === "full") return party.display
      return party.digits.length < MASKED_DIGITS_MIN
        ? "a number not shown here"
        : `…${party.digits.slice(-4)}`
    case "short-code":
      return privacy === "full" ? party.display : "a number not shown here"
    case "address":
      return privacy === "full" ? party.display : "an address not shown here"
    case "name":
      return privacy === "full" ? party.display : "a name not shown here"
  }
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
