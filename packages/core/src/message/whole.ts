/**
 * What the message about a call would say if it were sent now, for channels that can change a message that they took: every reason
 * there is by now, and those that are not true any more marked as such.
 */
import { alertState } from "../alert/acknowledgement.ts"
import { standing } from "../alert/alert.ts"
import type { CallRecord } from "../alert/call-record.ts"
import { highestSeverity } from "../rule/rule.ts"
import { type Message, type Telling, composeMessage, worstReasonsFirst } from "./message.ts"
import { NOTHING_TO_DO } from "./withdrawal.ts"

/** Null if the record has no alert. */
export function composeWhole(
  record: CallRecord,
  telling: Pick<Telling, "privacy" | "timeZone" | "callUrlTemplate" | "acknowledgeUrl" | "ruleSentence">,
): Message | null {
  const composed = composeMessage(record, { ...telling, mayRepeat: false, given: 0, taken: undefined })
  const { alert } = record
  const isSeen = alertState(record) === "acknowledged"
  const message = composed && isSeen ? { ...composed, next: SEEN } : composed
  if (!message || !alert?.withdrawals?.length) return message
  const still = new Set(standing(alert))
  const reasons = worstReasonsFirst(alert.reasons)
  const why = message.why.map((said, index) => {
    const reason = reasons[index]
    return reason && !still.has(reason) ? { ...said, because: `no longer true (${said.because})` } : said
  })
  const severity = highestSeverity([...still].map((reason) => reason.severity))
  if (still.size > 0) return { ...message, severity, why }
  const headline = `No longer true: ${message.headline}`
  return {
    ...message,
    severity,
    why,
    headline,
    sentence: `Withdrawn: ${message.sentence}`,
    next: NOTHING_TO_DO,
  }
}

const SEEN = "Nothing: somebody has acknowledged this alert."
