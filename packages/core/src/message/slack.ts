/**
 * A message as a Slack incoming webhook accepts it: Block Kit, and `text` as the notification. Everything that comes
 * from a call or a rule is escaped, so that nobody can ping a channel or plant a link by speaking.
 * Limits: https://docs.slack.dev/reference/block-kit/blocks
 */
import type { ContextBlock, HeaderBlock, KnownBlock, MrkdwnElement, SectionBlock } from "@slack/types"
import type { Instant } from "../instant.ts"
import type { Severity } from "../rule/rule.ts"
import { shorten } from "../text.ts"
import { type Message, timeText } from "./message.ts"

const HEADER_MAX = 150

const SECTION_MAX = 3000

const CONTEXT_ELEMENTS_MAX = 10

const TEXT_MAX = 1000

const LINK_MAX = 2000

/** Verbatim: Slack must not turn what somebody said into links and mentions. */
type Mrkdwn = MrkdwnElement & { verbatim: true }

export type Block =
  | HeaderBlock
  | (SectionBlock & { text: Mrkdwn })
  | (Omit<ContextBlock, "elements"> & { elements: Mrkdwn[] })

export type SlackPayload = { text: string; blocks: Block[]; unfurl_links: false; unfurl_media: false }

const SIGN: Record<Severity, string> = { info: "🔵", warning: "🟠", critical: "🔴" }

/** `ended` is shown in the reader's own time zone; null while the call lasts. */
export function slackPayload(message: Message, ended: Instant | null): SlackPayload {
  const facts = message.facts.map(({ label, text }) => {
    const shown = label === "Ended" && ended !== null ? localTime(ended) : escape(text, 200)
    return `*${label}* ${shown}`
  })
  const why = message.why.map(({ name, because }) => `• *${escape(name, 100)}*: ${escape(because, 500)}`)
  const turns = message.turns.map(
    ({ speaker, text }) => `> *${escape(speaker, 40)}:* ${escape(oneLine(text), 400)}`,
  )
  const listen = link(message.recordingUrl, "Listen to the recording")
  const blocks: Block[] = [
    {
      type: "header",
      text: {
        type: "plain_text",
        text: shorten(`${SIGN[message.severity]} ${oneLine(printable(message.title))}`, HEADER_MAX),
        emoji: true,
      },
    },
    section(facts.join("  ·  ")),
    section(linesWithin(why, SECTION_MAX)),
  ]
  if (message.summary) blocks.push(section(`*Summary*\n${escape(message.summary, 1500)}`))
  if (turns.length > 0) blocks.push(section(turns.join("\n")))
  blocks.push(section(`*Next* ${escape(message.next, 300)}${listen ? ` ${listen}` : ""}`))
  blocks.push({
    type: "context",
    elements: message.small.slice(0, CONTEXT_ELEMENTS_MAX).map((text) => mrkdwn(escape(oneLine(text), 300))),
  })
  return {
    text: escape(oneLine(message.sentence), TEXT_MAX),
    blocks: blocks satisfies KnownBlock[],
    unfurl_links: false,
    unfurl_media: false,
  }
}

function section(text: string): Block {
  return { type: "section", text: mrkdwn(text) }
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

function mrkdwn(text: string): Mrkdwn {
  return { type: "mrkdwn", text, verbatim: true }
}

/** At most `max` characters after escaping, never cut inside an entity. */
function escape(text: string, max: number): string {
  let escaped = ""
  for (const character of printable(text)) {
    const next = ENTITY[character] ?? character
    if (escaped.length + next.length > max - 1) return `${escaped}…`
    escaped += next
  }
  return escaped
}

const ENTITY: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" }

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g

const DIRECTION = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Without control characters and those that change the direction of text: both can disguise it. */
function printable(text: string): string {
  return text.replace(CONTROL, " ").replace(DIRECTION, " ").toWellFormed()
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim()
}

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
