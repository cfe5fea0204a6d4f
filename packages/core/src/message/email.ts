/**
 * A message as an e-mail through SNS: a subject that SNS accepts, a plain-text body that reads well on a phone, and
 * attributes that a subscription can filter by.
 * Limits: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
import { shorten, withinBytes } from "../text.ts"
import { type Message, SEVERITY_TEXT } from "./message.ts"

/** SNS: ASCII, no line breaks, less than 100 characters. */
const SUBJECT_MAX = 99

/** SNS: 262,144 bytes in all, with the attributes and the small type, which is never cut. */
const BODY_BYTES_MAX = 200_000

export type Email = {
  subject: string
  body: string
  attributes: { severity: string; rule: readonly string[]; callId: string }
}

export function emailOf(message: Message): Email {
  const parts = [
    message.sentence,
    message.facts.map(({ label, text }) => `${`${label}:`.padEnd(11)}${oneLine(text)}`).join("\n"),
    `Why\n${message.why.map(({ name, because }) => `  - ${oneLine(name)}: ${oneLine(because)}`).join("\n")}`,
    message.summary && `Summary\n${indent(message.summary)}`,
    message.turns.length > 0 &&
      `What was said\n${message.turns.map(({ speaker, text }) => `  ${oneLine(speaker)}: ${oneLine(text)}`).join("\n")}`,
    message.recordingUrl &&
      `Recording (anyone with this link can listen)\n  ${oneLine(message.recordingUrl)}`,
    `Next\n  ${message.next}`,
  ]
  const body = printable(parts.filter((part) => typeof part === "string" && part !== "").join("\n\n"))
  const shown = withinBytes(body, BODY_BYTES_MAX)
  const small = [...message.small.map((text) => printable(oneLine(text))), "Sent by Earshot."]
  return {
    subject: subjectOf(message),
    body: `${shown}${shown === body ? "" : "\n[cut: too long]"}\n\n-- \n${small.join("\n")}`,
    attributes: { severity: message.severity, rule: message.ruleIds, callId: message.callId },
  }
}

function subjectOf(message: Message): string {
  const subject = ascii(
    oneLine(`${SEVERITY_TEXT[message.severity]}: ${message.title} (call ${message.callId})`),
  )
  if (subject.length <= SUBJECT_MAX) return subject
  return ascii(
    shorten(oneLine(`${SEVERITY_TEXT[message.severity]}: ${message.title}`), SUBJECT_MAX - 10),
  ).slice(0, SUBJECT_MAX)
}

/** Printable ASCII: letters lose their accents, anything else becomes a question mark. */
function ascii(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replaceAll("…", "...")
    .replace(/[^\x20-\x7e]/gu, "?")
}

function indent(text: string): string {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => `  ${line}`)
    .join("\n")
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim()
}

/** SNS refuses control characters other than the line break. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffe\uffff]/g, " ").toWellFormed()
}
