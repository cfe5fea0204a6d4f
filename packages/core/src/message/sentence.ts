/** A message in one line, for the notification on a phone and the beginning of a mail. */
import type { CallRecord } from "../alert/call-record.ts"
import { hasEnded, secondsOf } from "../call/end.ts"
import { isOutgoingType } from "../call/word.ts"
import type { Privacy } from "../channel/channel.ts"
import type { Severity } from "../rule/rule.ts"
import { lengthText } from "./time-text.ts"

/** Such as `Critical: The caller was angry. Front desk took a call from …4567 (4 min 5 s).` */
export function sentenceOf(
  { facts: { call } }: CallRecord,
  {
    severity,
    title,
    headline,
    who,
    privacy,
  }: { severity: Severity; title: string; headline: string; who: string | null; privacy: Privacy },
): string {
  const isOutgoing = isOutgoingType(call.type)
  const agent = privacy === "minimal" ? null : (call.agent?.name ?? null)
  const seconds = secondsOf(call)
  const length = hasEnded(call)
    ? seconds === null
      ? []
      : [`(${lengthText(seconds)})`]
    : ["(still in progress)"]
  const whom = who === "number withheld" ? WITHHELD_NUMBER : who
  const happened = [
    happenedText(agent, isOutgoing),
    ...(whom ? [isOutgoing ? "to" : "from", whom] : []),
    ...length,
  ]
  const first = headline === title ? `${title}.` : `${headline}${/[.!?…]["”’)]*$/.test(headline) ? "" : "."}`
  return `${SEVERITY_TEXT[severity]}: ${first} ${happened.join(" ")}.`
}

export const SEVERITY_TEXT: Record<Severity, string> = {
  info: "Info",
  warning: "Warning",
  critical: "Critical",
}

/** In a sentence. */
const WITHHELD_NUMBER = "a withheld number"

function happenedText(agent: string | null, isOutgoing: boolean): string {
  if (agent === null) return isOutgoing ? "A call was made" : "A call came in"
  return `${agent} ${isOutgoing ? "made" : "took"} a call`
}
