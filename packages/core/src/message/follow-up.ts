/**
 * The message that follows up on an alert: what is new, and how serious the call is now. Who called is repeated, so that
 * nobody has to look for the first message; the summary and the words that were said are not.
 */
import type { Alert } from "../alert/alert.ts"
import { type Severity, highestSeverity, isWorse } from "../rule/rule.ts"
import { UTC, clockText } from "./time-text.ts"

/** The parts of a message that differ. */
type Parts = {
  severity: Severity
  headline: string
  sentence: string
  facts: readonly { label: string; text: string }[]
  summary: string | null
  turns: readonly unknown[]
  recordingUrl: string | null
}

/** `message` gives the new reasons alone; `given`: how many came before them. */
export function followUpOf<T extends Parts>(
  message: T,
  { raisedAt, reasons }: Alert,
  given: number,
  timeZone: string = UTC,
): T {
  const before = reasons.slice(0, given).map(({ name }) => name)
  const first = `the alert of ${clockText(raisedAt, timeZone)} (${before.join(", ")})`
  const worst = highestSeverity(reasons.slice(0, given).map(({ severity }) => severity))
  const news = isWorse(message.severity, worst) ? `Now ${message.severity}` : "Also"
  return {
    ...message,
    headline: `${news}: ${message.headline}`,
    sentence: `${message.sentence} This follows ${first}.`,
    facts: [...message.facts, { label: "Follows", text: first }],
    summary: null,
    turns: [],
    recordingUrl: null,
  }
}
