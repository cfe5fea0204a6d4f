/**
 * A message as an e-mail through SNS: a subject that SNS accepts, a plain-text body that reads well on a phone, and
 * attributes that a subscription can filter by.
 * Limits: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
import type { Severity } from "../rule/rule.ts"
import { shorten, withinBytes } from "../text.ts"
import { cleanLine, cleanText } from "./clean.ts"
import { type Message, whyLine } from "./message.ts"
import { SEVERITY_TEXT } from "./sentence.ts"

/** SNS: ASCII, no line breaks, less than 100 characters. */
const SUBJECT_MAX = 99

/** An agent's name of usual length, the last digits of a number and a time. */
const ABOUT_MAX = 64

/** SNS: 262,144 bytes in all, with the attributes and the small type, which is never cut. */
const BODY_BYTES_MAX = 200_000

/** RFC 5322: a line should have at most 78 characters and must have at most 998 bytes. */
const LINE_CHARACTERS_MAX = 76

const LINE_BYTES_MAX = 998

/** As many characters as fit into a line with its indent, whatever they are. */
const PIECE_MAX = Math.floor((LINE_BYTES_MAX - LINE_CHARACTERS_MAX) / 4)

export type Email = {
  subject: string
  body: string
  attributes: { severity: string; rule: readonly string[]; callId: string }
}

export function emailOf(message: Message): Email {
  const parts = [
    mailLines(message.sentence),
    message.facts.map(({ label, text }) => mailLines(text, `${label}: `, "    ")).join("\n"),
    `Why\n${message.why.map((why) => mailLines(whyLine(why), "  - ", "    ")).join("\n")}`,
    message.summary && `Summary\n${paragraph(message.summary)}`,
    message.turns.length > 0 && `What was said\n${message.turns.map(quoteLines).join("\n")}`,
    message.recordingUrl &&
      `Recording (anyone with this link can listen)\n${mailLines(message.recordingUrl, "  ", "  ")}`,
    `Next\n${[message.next, ...(message.callUrl === null ? [] : [message.callUrl])].map((text) => mailLines(text, "  ", "  ")).join("\n")}`,
    message.acknowledgeUrl &&
      `Seen it? Was the alert right? Say so within a week\n${mailLines(message.acknowledgeUrl, "  ", "  ")}`,
  ]
  return {
    subject: subjectOf(message),
    body: withinMail(
      parts.filter((part) => typeof part === "string" && part !== "").join("\n\n"),
      message.small,
    ),
    attributes: { severity: message.severity, rule: message.ruleIds, callId: message.callId },
  }
}

/** The text, cut if it is too long, above the small type, which is whole. */
export function withinMail(body: string, small: readonly string[]): string {
  const shown = withinBytes(body, BODY_BYTES_MAX)
  const lines = [...small.map((text) => mailLines(text)), "Sent by Earshot."]
  return `${shown}${shown === body ? "" : "\n[cut: too long]"}\n\n-- \n${lines.join("\n")}`
}

function quoteLines({ speaker, text, at, isAfterGap }: Message["turns"][number]): string {
  const said = mailLines(`${at === null ? "" : `${at} `}${speaker}: ${text}`, "  ", "    ")
  return isAfterGap ? `  …\n${said}` : said
}

/** A text in lines that a mail may have: the first begins with `first`, and the others with `next`, so that none looks like ours. */
export function mailLines(text: string, first = "", next = ""): string {
  const words = cleanLine(text).split(" ")
  const wrapped: string[] = []
  let line = first
  let begun = first
  for (const word of words.flatMap(pieces)) {
    const isEmpty = line === begun
    if (!isEmpty && line.length + 1 + word.length > LINE_CHARACTERS_MAX) {
      wrapped.push(line)
      line = begun = next
    }
    line += line === begun ? word : ` ${word}`
  }
  return [...wrapped, line].join("\n")
}

/** A word that is too long even for a line by itself, such as an address, in pieces. No character has more than four bytes. */
function pieces(word: string): string[] {
  if (word.length <= PIECE_MAX) return [word]
  const characters = Array.from(word)
  const parts: string[] = []
  for (let from = 0; from < characters.length; from += PIECE_MAX) {
    parts.push(characters.slice(from, from + PIECE_MAX).join(""))
  }
  return parts
}

function paragraph(text: string): string {
  return cleanText(text)
    .trim()
    .split("\n")
    .map((line) => mailLines(line, "  ", "  "))
    .join("\n")
}

/** Which call it is has room enough to stay whole, and what came true has the rest. */
function subjectOf({ kind, severity, title, about }: Message): string {
  const tail = about === "" ? "" : ` (${asciiWithin(about, ABOUT_MAX)})`
  return `${asciiWithin(`${kind === "withdrawal" ? "Withdrawn" : SEVERITY_TEXT[severity]}: ${title}`, SUBJECT_MAX - tail.length)}${tail}`
}

export function emailSubject(severity: Severity, title: string): string {
  return asciiWithin(`${SEVERITY_TEXT[severity]}: ${title}`, SUBJECT_MAX)
}

/** The three dots of what was cut take two characters more than the one that stands for them. */
function asciiWithin(text: string, charactersMax: number): string {
  return ascii(shorten(ascii(cleanLine(text)), charactersMax - 2))
}

/** Printable ASCII: letters lose their accents, anything else becomes a question mark. */
function ascii(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replaceAll("…", "...")
    .replace(/[^\x20-\x7e]/gu, "?")
}
