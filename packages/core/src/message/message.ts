/**
 * What a message says, whatever the channel: how serious it is, who called, why it matched, the summary, the turns
 * that matter, the next step and, in small type, where it comes from. The channel's privacy level decides how much
 * of the caller it shows.
 */
import { type Reason, severityOf } from "../alert/alert.ts"
import type { CallRecord } from "../alert/call-record.ts"
import { hasEnded, secondsOf } from "../call/end.ts"
import { endOf } from "../call/facts.ts"
import { type OtherParty, partyOf } from "../call/party.ts"
import { isOutgoingType } from "../call/word.ts"
import type { Privacy } from "../channel/channel.ts"
import { callReference } from "../fingerprint.ts"
import { type Instant, durationText } from "../instant.ts"
import { type Severity, isWorse } from "../rule/rule.ts"
import { shorten } from "../text.ts"
import { becauseText, whoSpokeText } from "./because.ts"
import { followUpOf } from "./follow-up.ts"
import { type Quote, highlights } from "./highlight.ts"
import { testWords } from "./trial.ts"

export type Message = {
  severity: Severity
  /** As the channel may know it: the call's id, or a reference that stands for it. */
  callId: string
  /** In the order in which they became true. */
  ruleIds: readonly string[]
  /** The names of the rules, the worst first. */
  title: string
  /** The whole message in one line: Slack shows it as the notification. */
  sentence: string
  /** Which call, in a few words: the agent, the last digits and the time, as far as the channel may know them. */
  about: string
  /** Label and value: who, how long, when. */
  facts: readonly { label: string; text: string }[]
  why: readonly { name: string; because: string }[]
  summary: string | null
  turns: readonly Quote[]
  recordingUrl: string | null
  next: string
  small: readonly string[]
  /** Somebody tries a channel: there is no call. */
  isTest?: true
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
  const added = alert.reasons.slice(given)
  if (added.length === 0) return null
  const reasons = worstFirst(added)
  const title = titleOf(reasons.map((reason) => reason.name))
  const raisedAt = given > 0 ? Math.min(...reasons.map(({ at }) => at)) : alert.raisedAt
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
    ruleIds: added.map((reason) => reason.ruleId),
    title,
    sentence: [
      `${SEVERITY_TEXT[severity]}: ${title}.`,
      happenedText(agent, isOutgoing(record)),
      ...(who ? [isOutgoing(record) ? "to" : "from", party.kind === "withheld" ? WITHHELD_NUMBER : who] : []),
      ...(hasEnded(call) ? (lasted ? [`(${lasted})`] : []) : ["(still in progress)"]),
    ]
      .join(" ")
      .concat("."),
    about: aboutText(record, { agent, party, privacy }),
    facts: [
      { label: "Agent", text: agent },
      { label: isOutgoing(record) ? "Called" : "Caller", text: who },
      { label: "Direction", text: directionText(call.type, who, privacy) },
      { label: "Length", text: lasted },
      hasEnded(call)
        ? { label: "Ended", text: ended === null ? null : timeText(ended) }
        : { label: "Status", text: "still in progress" },
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
      added.map((reason) => `${reason.ruleId}@${reason.version}`).join(" "),
      ...(ended === null ? [] : [`alert raised ${durationText(raisedAt - ended)} after the call ended`]),
      ...(mayRepeat ? ["may be a repeat: we could not tell whether the first attempt arrived"] : []),
    ],
  }
  if (record.isTest) return { ...message, ...testWords(callId) }
  return given > 0 ? followUpOf(message, alert, given) : message
}

/** Longer than that, an agent's name leaves no room for the rest. */
const AGENT_MAX = 40

/** Of a number never more than the last digits: they are enough to tell two calls apart. */
function aboutText(
  { facts }: CallRecord,
  { agent, party, privacy }: { agent: string | null; party: OtherParty; privacy: Privacy },
): string {
  const { call } = facts
  const ended = endOf(facts)
  return [
    ...(agent === null ? [] : [shorten(agent, AGENT_MAX)]),
    ...(privacy !== "minimal" && party.kind === "number" ? [partyText(party, "standard")] : []),
    ...(ended === null ? [] : [timeText(ended).slice("2024-01-15 ".length)]),
    ...(hasEnded(call) ? [] : ["in progress"]),
  ].join(", ")
}

/** Of one severity, in the order in which they became true. */
function worstFirst(reasons: readonly Reason[]): Reason[] {
  return [...reasons].sort((a, b) =>
    isWorse(a.severity, b.severity) ? -1 : isWorse(b.severity, a.severity) ? 1 : 0,
  )
}

/** Nobody reads more names than this in a headline, and every one of them is given below it. */
const NAMES_MAX = 3

function titleOf(names: readonly string[]): string {
  const more = names.length - NAMES_MAX
  return names
    .slice(0, NAMES_MAX)
    .join(", ")
    .concat(more > 0 ? ` and ${more} more` : "")
}

export const SEVERITY_TEXT: Record<Severity, string> = {
  info: "Info",
  warning: "Warning",
  critical: "Critical",
}

const FOR_INFORMATION = "For information only. The call is in echowin's call log."

const CALL_BACK = "Open the call in echowin's call log and call back if it can still be saved."

const OPEN_CALL = "Open the call in echowin's call log. There is no number to call back."

/** In a sentence. */
const WITHHELD_NUMBER = "a withheld number"

function happenedText(agent: string | null, isOutgoing: boolean): string {
  if (agent === null) return isOutgoing ? "A call was made" : "A call came in"
  return `${agent} ${isOutgoing ? "made" : "took"} a call`
}

function isOutgoing({ facts }: CallRecord): boolean {
  return isOutgoingType(facts.call.type)
}

/**
 * Null where it goes without saying: nearly every call comes in, and of one that goes out the message says whom it was made
 * to, if it may. What the vendor calls other directions is its own text.
 */
function directionText(type: string | null, who: string | null, privacy: Privacy): string | null {
  const direction = type?.toLowerCase() ?? null
  if (direction === "incoming" || (direction === "outgoing" && who !== null)) return null
  return privacy !== "minimal" || direction === "outgoing" ? direction : null
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
