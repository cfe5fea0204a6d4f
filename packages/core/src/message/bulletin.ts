/**
 * A message that is not about one call: a digest of many alerts, or a notice about a channel. It is a headline, some lists of
 * lines and small type, and every kind of channel has a way to write it.
 */
import type { Severity } from "../rule/rule.ts"
import { cleanLine } from "./clean.ts"
import { type Email, emailSubject, mailLines, withinMail } from "./email.ts"
import {
  type Block,
  type SlackPayload,
  SIGN,
  slackContext,
  slackHeader,
  slackLines,
  slackText,
} from "./slack.ts"

export type Bulletin = {
  /** Stands for it where a message about a call has the call's id. */
  id: string
  severity: Severity
  /** Null for what is no alert. */
  ruleIds: readonly string[]
  title: string
  /** The whole of it in a line or two: Slack shows it as the notification. */
  sentence: string
  parts: readonly { label: string; lines: readonly string[] }[]
  next: string
  small: readonly string[]
}

/** A header, two blocks for each part, the next step and the small type stay far below Slack's fifty blocks. */
const PARTS_MAX = 10

export function slackBulletin({ severity, title, sentence, parts, next, small }: Bulletin): SlackPayload {
  const blocks: Block[] = [
    slackHeader(`${SIGN[severity]} ${cleanLine(title)}`),
    ...parts.slice(0, PARTS_MAX).flatMap(({ label, lines }) => slackLines(label, lines)),
    ...slackLines("Next", [next]),
    slackContext(small),
  ]
  return { ...slackText([cleanLine(sentence)]), blocks }
}

/** `rule`: a digest may be of more rules than a list of theirs has room for. */
export function emailBulletin({
  id,
  severity,
  ruleIds,
  title,
  sentence,
  parts,
  next,
  small,
}: Bulletin): Email {
  const texts = [
    mailLines(sentence),
    ...parts.map(({ label, lines }) =>
      [label, ...lines.map((line) => mailLines(line, "  - ", "    "))].join("\n"),
    ),
    `Next\n${mailLines(next, "  ", "  ")}`,
  ]
  return {
    subject: emailSubject(severity, title),
    body: withinMail(texts.join("\n\n"), small),
    attributes: { severity, rule: ruleIds, callId: id },
  }
}
