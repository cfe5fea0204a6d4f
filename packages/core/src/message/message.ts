/**
 * What a message says, whatever the channel: in a line what happened, who called, why it matched, the summary, the turns
 * that decided the call, the next step and, in small type, where it comes from. The channel's privacy level decides how much
 * of the caller it shows.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { type Alert, type Because, type Reason, severityOf } from "../alert/alert.ts"
import type { CallRecord } from "../alert/call-record.ts"
import { hasEnded, secondsOf } from "../call/end.ts"
import { endOf } from "../call/facts.ts"
import { type OtherParty, partyOf } from "../call/party.ts"
import { isOutgoingType } from "../call/word.ts"
import type { Privacy } from "../channel/channel.ts"
import { callReference } from "../fingerprint.ts"
import { type Instant } from "../instant.ts"
import { type Severity, highestSeverity, isWorse } from "../rule/rule.ts"
import { shorten } from "../text.ts"
import { acknowledgedText } from "./acknowledged-text.ts"
import { type Stranger, anonymousText, strangerOf, withoutKnown } from "./anonymous.ts"
import { becauseText, isVendorText, whoSpokeText } from "./because.ts"
import { callUrl } from "./call-url.ts"
import { followUpOf } from "./follow-up.ts"
import { headlineOf, headlineOfReasons } from "./headline.ts"
import { type Quote, highlights } from "./highlight.ts"
import { testWords } from "./trial.ts"
import { IN_CALL_LOG, nextStep } from "./next-step.ts"
import { partyText } from "./party-text.ts"
import { type RuleSentence, smallType } from "./small-type.ts"
import { sentenceOf } from "./sentence.ts"
import { withdrawalOf } from "./withdrawal.ts"
import { UTC, clockText, lengthText, timeText } from "./time-text.ts"

export type Message = {
  /** What it is: the first of a call, one with more reasons, or one that takes reasons back. */
  kind: "alert" | "follow-up" | "withdrawal"
  severity: Severity
  /** As the channel may know it: the call's id, or a reference that stands for it. */
  callId: string
  /** In the order in which they became true. */
  ruleIds: readonly string[]
  /** The names of the rules, the worst first. */
  title: string
  /** What happened, in a line that a person would say. */
  headline: string
  /** The whole message in one line: Slack shows it as the notification. */
  sentence: string
  /** Which call, in a few words: the agent, the last digits and the time, as far as the channel may know them. */
  about: string
  /** Label and value: who, how long, when. */
  facts: readonly { label: string; text: string }[]
  why: readonly { name: string; because: string }[]
  /** Null also if the headline is all of it. */
  summary: string | null
  turns: readonly Quote[]
  recordingUrl: string | null
  /** Where people find the call, if the deployment says where. */
  callUrl: string | null
  /** Where people say that they have seen the alert, and whether it was right. */
  acknowledgeUrl: string | null
  next: string
  small: readonly string[]
  /** Somebody tries a channel: there is no call. */
  isTest?: true
}

/** What differs from channel to channel, and from message to message about a call. */
export type Telling = {
  privacy: Privacy
  /** An earlier attempt may have arrived. */
  mayRepeat: boolean
  /** How many of the reasons the channel has been given already; with some, the message is short and says what is new. */
  given: number
  /** Set: it takes back what is not true any more, and these are the alert's withdrawals that it says. */
  taken?: readonly number[] | undefined
  /** The zone of the people in the channel. */
  timeZone?: string | undefined
  callUrlTemplate?: string | undefined
  acknowledgeUrl?: string | null | undefined
  /** What a rule asks for, in a sentence; null: it was edited since, or the channel may not know. */
  ruleSentence?: RuleSentence | undefined
}

/** The message for a record's alert; null if it has none, or nothing that was not given. */
export function composeMessage(record: CallRecord, telling: Telling): Message | null {
  const { alert, facts } = record
  const added = alert ? reasonsFor(alert, telling) : []
  if (!alert || added.length === 0) return null
  const { privacy, given } = telling
  const { call } = facts
  const isWithdrawal = telling.taken !== undefined
  const severity = isWithdrawal ? highestSeverity(added.map((reason) => reason.severity)) : severityOf(alert)
  const reasons = worstReasonsFirst(added)
  const title = titleOf(reasons.map((reason) => reason.name))
  const ended = endOf(facts)
  const raisedAt = given > 0 ? Math.min(...reasons.map(({ at }) => at)) : alert.raisedAt
  const callId = privacy === "minimal" ? callReference(record.callId) : record.callId
  const stranger = privacy === "standard" ? strangerOf(call) : null
  const summary = given > 0 ? null : summaryFor(call, privacy, stranger)
  const headline = headlineOf(summary) ?? headlineOfReasons(reasons, call, title)
  const isOutgoing = isOutgoingType(call.type)
  const party = partyOf(isOutgoing ? call.to : call.from)
  const who = privacy === "minimal" ? null : partyText(party, privacy)
  const message = {
    kind: given > 0 ? ("follow-up" as const) : ("alert" as const),
    severity,
    callId,
    ruleIds: added.map((reason) => reason.ruleId),
    title,
    headline,
    sentence: sentenceOf(record, { severity, title, headline, who, privacy }),
    about: aboutText(record, party, telling),
    facts: factsFor(record, who, telling),
    why: reasons.map((reason) => ({ name: reason.name, because: whyText(reason, call, privacy, stranger) })),
    summary: summary === null || headline === summary.trim() ? null : summary,
    turns: privacy === "full" ? highlights(call, becauseOf(reasons)) : [],
    recordingUrl: privacy === "full" ? call.recordingUrl : null,
    callUrl: callUrl(telling.callUrlTemplate, record.callId),
    acknowledgeUrl: record.isTest ? null : (telling.acknowledgeUrl ?? null),
    next: nextStep({ severity, isLasting: !hasEnded(call), isOutgoing, party }),
    small: smallType(telling, { callId, added, reasons, ended, raisedAt }),
  }
  if (record.isTest) return { ...message, ...testWords(callId) }
  if (isWithdrawal) return withdrawalOf(message, reasons, call, aboutText(record, party, telling))
  const complete = message.callUrl === null ? { ...message, next: `${message.next} ${IN_CALL_LOG}` } : message
  return given > 0 ? followUpOf(complete, alert, given, telling.timeZone) : complete
}

/** Those that the message is about, each once. */
function reasonsFor({ reasons, withdrawals = [] }: Alert, { given, taken }: Telling): Reason[] {
  if (taken === undefined) return reasons.slice(given)
  return taken.flatMap((index) => reasons[withdrawals[index]?.reason ?? -1] ?? [])
}

function becauseOf(reasons: readonly Reason[]): readonly Because[] {
  return reasons.flatMap(({ because }) => because)
}

/** The vendor's, as far as the channel may know it; null also where it says nothing. */
function summaryFor(
  { summary }: Pick<CallDetail, "summary">,
  privacy: Privacy,
  stranger: Stranger | null,
): string | null {
  if (privacy === "minimal" || summary === null || summary.trim() === "") return null
  return stranger === null ? summary : anonymousText(summary, stranger)
}

/** Longer than any comparison that is stored. */
const BECAUSE_MAX = 1200

function whyText(
  { because, becauseLeftOut }: Reason,
  call: CallDetail,
  privacy: Privacy,
  stranger: Stranger | null,
): string {
  const parts = because.map((one) => {
    const text = shorten(becauseText(one, call, privacy), BECAUSE_MAX)
    const shown = stranger !== null && isVendorText(one) ? withoutKnown(text, stranger) : text
    return shown + whoSpokeText(one, call)
  })
  return [...parts, ...(becauseLeftOut > 0 ? [`${becauseLeftOut} more comparisons`] : [])].join("; ")
}

function factsFor(
  { facts, acknowledgement }: CallRecord,
  who: string | null,
  { privacy, timeZone = UTC }: Telling,
): { label: string; text: string }[] {
  const { call } = facts
  const ended = endOf(facts)
  const seconds = secondsOf(call)
  return [
    { label: "Agent", text: privacy === "minimal" ? null : (call.agent?.name ?? null) },
    { label: isOutgoingType(call.type) ? "Called" : "Caller", text: who },
    { label: "Direction", text: directionText(call.type, who, privacy) },
    { label: "Length", text: seconds === null ? null : lengthText(seconds) },
    hasEnded(call)
      ? { label: "Ended", text: ended === null ? null : timeText(ended, timeZone) }
      : { label: "Status", text: "still in progress" },
    {
      label: "Acknowledged",
      text: acknowledgement ? acknowledgedText(acknowledgement, privacy, timeZone) : null,
    },
  ].flatMap(({ label, text }) => (text === null ? [] : [{ label, text }]))
}

/** Longer than that, an agent's name leaves no room for the rest. */
const AGENT_MAX = 40

/** Of a number never more than the last digits: they are enough to tell two calls apart. */
function aboutText({ facts }: CallRecord, party: OtherParty, { privacy, timeZone = UTC }: Telling): string {
  const { call } = facts
  const ended = endOf(facts)
  const agent = privacy === "minimal" ? null : (call.agent?.name ?? null)
  return [
    ...(agent === null ? [] : [shorten(agent, AGENT_MAX)]),
    ...(privacy !== "minimal" && party.kind === "number" ? [partyText(party, "standard")] : []),
    ...(ended === null ? [] : [clockText(ended, timeZone)]),
    ...(hasEnded(call) ? [] : ["in progress"]),
  ].join(", ")
}

/** A rule's name and why it matched; the name alone, or the reason alone, where the other says the same. */
export function whyLine({ name, because }: Message["why"][number]): string {
  const isSaid = because.toLowerCase().startsWith(name.toLowerCase())
  return isSaid ? because : `${name}: ${because}`
}

/** Of one severity, in the order in which they became true. */
export function worstReasonsFirst(reasons: readonly Reason[]): Reason[] {
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

/**
 * Null where it goes without saying: nearly every call comes in, and of one that goes out the message says whom it was made
 * to, if it may. What the vendor calls other directions is its own text.
 */
function directionText(type: string | null, who: string | null, privacy: Privacy): string | null {
  const direction = type?.toLowerCase() ?? null
  if (direction === "incoming" || (direction === "outgoing" && who !== null)) return null
  return privacy !== "minimal" || direction === "outgoing" ? direction : null
}

/** When the call ended, for channels that can show it in the reader's own time. Null while it lasts. */
export function endedAt(record: CallRecord): Instant | null {
  return endOf(record.facts)
}
