/**
 * A message as a Slack incoming webhook accepts it: Block Kit, and `text` as the notification. Whatever comes from a call or a
 * rule stands in plain text, in which no sign means anything: nobody can ping a channel, plant a link or write a heading of
 * ours by speaking. What is in mrkdwn is our own.
 * Limits: https://docs.slack.dev/reference/block-kit/blocks
 */
import type {
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  MrkdwnElement,
  PlainTextElement,
  SectionBlock,
} from "@slack/types"
import type { Instant } from "../instant.ts"
import type { Severity } from "../rule/rule.ts"
import { shorten } from "../text.ts"
import { cleanLine, cleanText } from "./clean.ts"
import { type Message, whyLine } from "./message.ts"
import { timeText } from "./time-text.ts"

const HEADER_MAX = 150

const SECTION_MAX = 3000

const FIELDS_MAX = 10

const CONTEXT_ELEMENTS_MAX = 10

const TEXT_MAX = 1000

const LINK_MAX = 2000

/** Verbatim: Slack must not turn an address in it into a link. */
type Mrkdwn = MrkdwnElement & { verbatim: true }

type Plain = PlainTextElement & { emoji: false }

export type Block =
  | HeaderBlock
  | (Omit<SectionBlock, "text" | "fields"> & { text: Mrkdwn | Plain })
  | (Omit<SectionBlock, "text" | "fields"> & { fields: (Mrkdwn | Plain)[] })
  | (Omit<ContextBlock, "elements"> & { elements: Plain[] })

export type SlackPayload = { text: string; blocks: Block[]; unfurl_links: false; unfurl_media: false }

export const SIGN: Record<Severity, string> = { info: "🔵", warning: "🟠", critical: "🔴" }

/** `ended` is shown in the reader's own time zone; null while the call lasts. */
export function slackPayload(message: Message, ended: Instant | null): SlackPayload {
  const facts = message.facts.slice(0, FIELDS_MAX).map(({ label, text }) => {
    const isEnd = label === "Ended" && ended !== null
    return isEnd ? mrkdwn(`${label}: ${localTime(ended)}`) : plain(cleanLine(`${label}: ${text}`), 200)
  })
  const why = message.why.map(
    ({ name, because }) =>
      `• ${whyLine({ name: shorten(cleanLine(name), 100), because: shorten(cleanLine(because), 500) })}`,
  )
  const turns = message.turns.flatMap(({ speaker, text, at, isAfterGap }) => [
    ...(isAfterGap ? ["…"] : []),
    `${at === null ? "" : `${at}  `}${shorten(cleanLine(speaker), 40)}: ${shorten(cleanLine(text), 400)}`,
  ])
  const links = [
    link(message.callUrl, "Open the call"),
    link(message.acknowledgeUrl, "Acknowledge"),
    link(message.recordingUrl, "Listen to the recording"),
  ]
  const sign = message.kind === "withdrawal" ? "⚪" : SIGN[message.severity]
  const blocks: Block[] = [
    slackHeader(`${sign} ${message.headline}`),
    ...(facts.length > 0 ? [{ type: "section" as const, fields: facts }] : []),
    section(plain(linesWithin(why, SECTION_MAX), SECTION_MAX)),
  ]
  const summary = cleanText(message.summary ?? "").trim()
  if (summary !== "") blocks.push(section(mrkdwn("*Summary*")), section(plain(summary, 1500)))
  if (turns.length > 0)
    blocks.push(section(mrkdwn("*What was said*")), section(plain(turns.join("\n"), SECTION_MAX)))
  blocks.push(section(mrkdwn(withLinks(`*Next* ${message.next}`, links))))
  blocks.push(slackContext(message.small))
  return {
    text: escape(cleanLine(message.sentence), TEXT_MAX),
    blocks: blocks satisfies KnownBlock[],
    unfurl_links: false,
    unfurl_media: false,
  }
}

export function slackHeader(text: string): Block {
  const shown = shorten(withoutShortcodes(cleanLine(text)), HEADER_MAX)
  return { type: "header", text: { type: "plain_text", text: shown, emoji: true } }
}

/** A label of ours and a list of lines, as many as fit. */
export function slackLines(label: string, lines: readonly string[]): Block[] {
  const mark = lines.length > 1 ? "• " : ""
  const cleaned = lines.map((line) => `${mark}${shorten(cleanLine(line), 500)}`)
  return [section(mrkdwn(`*${label}*`)), section(plain(linesWithin(cleaned, SECTION_MAX), SECTION_MAX))]
}

export function slackContext(small: readonly string[]): Block {
  const elements = small.slice(0, CONTEXT_ELEMENTS_MAX).map((text) => plain(cleanLine(text), 300))
  return { type: "context", elements }
}

/** Text alone, in which no sign means anything. */
export function slackText(lines: readonly string[]): {
  text: string
  unfurl_links: false
  unfurl_media: false
} {
  return {
    text: escape(lines.join("\n"), SECTION_MAX),
    unfurl_links: false,
    unfurl_media: false,
  }
}

/** A header turns `:fire:` into a picture, and nobody but us may put a sign there. */
function withoutShortcodes(text: string): string {
  return text.replace(/:(?=[^:\s]*[a-z])([a-z0-9_+'-]+):/gi, "$1")
}

/** As many of the links as fit: each is as long as it is. */
function withLinks(text: string, links: readonly (string | null)[]): string {
  let shown = text
  let isFirst = true
  for (const one of links) {
    const next = `${shown}${isFirst ? " " : " · "}${one}`
    if (one === null || next.length > SECTION_MAX) continue
    shown = next
    isFirst = false
  }
  return shown
}

function section(text: Mrkdwn | Plain): Block {
  return { type: "section", text }
}

/** As many whole lines as fit, and how many did not. */
function linesWithin(lines: readonly string[], charactersMax: number): string {
  let shown = ""
  for (const [index, line] of lines.entries()) {
    const rest = `… and ${lines.length - index} more`
    if (shown.length + line.length + rest.length + 2 > charactersMax) return `${shown}${rest}`
    shown += `${line}\n`
  }
  return shown.trimEnd()
}

/** Our own words: nothing that comes from a call or a rule. */
function mrkdwn(text: string): Mrkdwn {
  return { type: "mrkdwn", text, verbatim: true }
}

/** Slack takes no empty text. */
function plain(text: string, charactersMax: number): Plain {
  return { type: "plain_text", text: shorten(text, charactersMax) || "–", emoji: false }
}

/** At most `max` characters after escaping, never cut inside an entity. */
function escape(text: string, max: number): string {
  let escaped = ""
  for (const character of text) {
    const next = ENTITY[character] ?? character
    if (escaped.length + next.length > max - 1) return `${escaped}…`
    escaped += next
  }
  return escaped
}

const ENTITY: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" }

/** Slack shows the time in the reader's time zone; the text after the bar is for old clients. */
function localTime(instant: Instant): string {
  return `<!date^${Math.floor(instant / 1000)}^{date_short_pretty} at {time}|${timeText(instant)}>`
}

/** Only https, with the characters encoded that end a link in Slack. */
function link(url: string | null, label: string): string | null {
  if (url === null || !URL.canParse(url)) return null
  const { protocol, href } = new URL(url)
  const encoded = href
    .replaceAll("&", "&amp;")
    .replaceAll("<", "%3C")
    .replaceAll(">", "%3E")
    .replaceAll("|", "%7C")
  if (protocol !== "https:" || encoded.length > LINK_MAX) return null
  return `<${encoded}|${label}>`
}
