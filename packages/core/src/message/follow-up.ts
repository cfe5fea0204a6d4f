/**
 * The message that follows up on an alert: what is new, and how serious the call is now. Who called is repeated, so that
 * nobody has to look for the first message; the summary and the words that were said are not.
 */
import type { Alert } from "../alert/alert.ts"
import { isoOf } from "../instant.ts"

/** The parts of a message that differ. */
type Parts = {
  sentence: string
  facts: readonly { label: string; text: string }[]
  summary: string | null
  turns: readonly unknown[]
  recordingUrl: string | null
}

/** `message` gives the new reasons alone; `given`: how many came before them. */
export function followUpOf<T extends Parts>(message: T, { raisedAt, reasons }: Alert, given: number): T {
  const before = reasons.slice(0, given).map(({ name }) => name)
  const first = `the alert of ${isoOf(raisedAt).slice(11, 16)} UTC (${before.join(", ")})`
  return {
    ...message,
    sentence: `${message.sentence} This follows ${first}.`,
    facts: [...message.facts, { label: "Follows", text: first }],
    summary: null,
    turns: [],
    recordingUrl: null,
  }
}
