/**
 * Slack's blocks as whoever draws them reads them, in a terminal or on a page: the blocks that a message of ours has, and
 * marked text in pieces.
 */
import type { Instant } from "@earshot/core/instant"
import * as z from "zod"

export const SlackText = z.object({
  type: z.enum(["plain_text", "mrkdwn"]).default("mrkdwn"),
  text: z.string(),
})

export type SlackText = z.infer<typeof SlackText>

export const SlackBlock = z.union([
  z.object({ type: z.literal("header"), text: SlackText }),
  z.object({ type: z.literal("section"), text: SlackText }),
  z.object({ type: z.literal("section"), fields: z.array(SlackText) }),
  z.object({ type: z.literal("context"), elements: z.array(SlackText) }),
])

export type SlackBlock = z.infer<typeof SlackBlock>

export type Piece =
  | { kind: "text"; text: string }
  | { kind: "bold"; text: string }
  | { kind: "link"; text: string; url: string }
  /** `format` has names in braces, such as `{time}`, for parts of the date in the reader's time zone. */
  | { kind: "date"; at: Instant; format: string }

const MARKED =
  /<!date\^(?<seconds>-?\d+)\^(?<format>[^|>]*)\|[^>]*>|<(?<url>https?:[^|>]*)\|(?<label>[^>]*)>|(?<=^|[\s•]|&gt;)\*(?<bold>[^*\n]+)\*/g

/** In plain text no sign means anything. */
export function piecesOf({ type, text }: SlackText): Piece[] {
  if (type === "plain_text") return [{ kind: "text", text }]
  const pieces: Piece[] = []
  let end = 0
  for (const { 0: whole, index, groups = {} } of text.matchAll(MARKED)) {
    pieces.push({ kind: "text", text: decoded(text.slice(end, index)) }, pieceOf(groups))
    end = index + whole.length
  }
  return [...pieces, { kind: "text", text: decoded(text.slice(end)) }]
}

function pieceOf(groups: Partial<Record<string, string>>): Piece {
  const { seconds, format = "", url, label = "", bold = "" } = groups
  if (seconds !== undefined) return { kind: "date", at: Number(seconds) * 1000, format }
  if (url !== undefined) return { kind: "link", text: decoded(label), url: decoded(url) }
  return { kind: "bold", text: decoded(bold) }
}

/** Entities as the characters that they stand for. */
function decoded(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")
}
