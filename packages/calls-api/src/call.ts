/**
 * A call as the Calls API describes it, after reading: every documented field of the list and of the detail.
 *
 * Only the `id` is certain. Anything else that is absent, null or not understood is `null` here, so that
 * the code behind it asks one question ("is it known?") instead of three. Other values are kept as sent, but for numbers
 * and flags that were sent as texts, and texts and times sent as numbers; an unknown status, type or speaker is a string
 * like any other. Sources: [seed] the vendor's Calls API page, [auth page] its page on keys
 * and limits, [unknown] no page says, so either answer is accepted.
 */
import * as z from "zod"
import { momentOf } from "./moment.ts"

/** The longest text accepted as an id; the documented ones are UUIDs of 36 characters. [unknown] */
export const ID_CHARACTERS_MAX = 200

/** Deep enough for any tool's result, shallow enough that writing it as JSON again cannot overflow the stack. */
const JSON_DEPTH_MAX = 32

/** Whether the value can be written as JSON again unchanged, and is nested no deeper than 32 levels. */
export function isBoundedJson(value: unknown, levels: number = JSON_DEPTH_MAX): boolean {
  if (typeof value === "number") return Number.isFinite(value)
  if (typeof value !== "object" || value === null) return value !== undefined
  return levels > 0 && Object.values(value).every((part) => isBoundedJson(part, levels - 1))
}

const Json = z.unknown().refine((value) => isBoundedJson(value), "JSON of at most 32 levels")
const Text = z.string().nullable()
const Amount = z.number().nullable()
const Flag = z.boolean().nullable()

/** Whether the text is a date that `momentOf` reads. */
export function isMoment(text: string): boolean {
  return momentOf(text) !== null
}

/** A moment as the vendor wrote it (ISO 8601 in every example [seed]), or null if nobody can read it. */
const Moment = z.string().refine(isMoment, "a date, of at most 100 characters").nullable()

/** One thing that was said. The list has the same entries as the detail, perhaps fewer of them. [seed] */
export const TranscriptEntry = z.object({
  /** `caller` or `agent` [seed]; other values are kept. [unknown] */
  speaker: Text,
  /** The spoken words. [seed] */
  text: Text,
  /** When it was said, ISO 8601, as sent and unchecked. [seed] */
  timestamp: Text,
})
export type TranscriptEntry = z.infer<typeof TranscriptEntry>

/** The AI agent that took or made the call. [seed] */
export const Agent = z.object({
  /** What the list's `agentId` filters by (a UUID). [seed] */
  id: Text,
  /** Its name in the echowin account. [seed] */
  name: Text,
})
export type Agent = z.infer<typeof Agent>

/** A row of the list. */
export const Call = z.object({
  /** Unique, a UUID [seed]; any 1 to 200 characters. The only field without which a row is unreadable. */
  id: z.string().min(1).max(ID_CHARACTERS_MAX),
  /** The caller's phone number, E.164 in the example. [seed] */
  from: Text,
  /** The recipient's phone number, E.164 in the example. [seed] */
  to: Text,
  /** `INCOMING` or `OUTGOING` [seed]; other values are kept. [unknown] */
  type: Text,
  /** `completed` in the example [seed]; no page says which others exist. [unknown] */
  status: Text,
  /** Length of the call in seconds. [seed] */
  duration: Amount,
  /** When the call began, ISO 8601 as sent. [seed] If null, the call has no place in time. [unknown] */
  createdAt: Moment,
  /** When the call ended, ISO 8601 as sent [seed]; null while it lasts, presumably. [unknown] */
  endedAt: Moment,
  /** What an AI wrote about the call; appears some time after the end. [seed, delay unknown] */
  summary: Text,
  /** Quality, 0 to 5 [seed]; no page says what 0 means or when it appears. [unknown] */
  score: Amount,
  /** A person or the vendor marked it; may change at any time. [seed, meaning unknown] */
  flagged: Flag,
  /** A person marked it; may change at any time. [seed, meaning unknown] */
  favorite: Flag,
  /** The call was considered spam. [seed, meaning unknown] */
  spam: Flag,
  /** Who took the call. [seed] */
  agent: Agent.nullable(),
  /** What was said, in the order sent. [seed] */
  transcript: z.array(TranscriptEntry).nullable(),
  /** The recording's address. Anyone who has this URL can listen: treat it as a secret. [seed] */
  recordingUrl: Text,
})
export type Call = z.infer<typeof Call>

/** Something that happened during the call. [seed] */
export const Activity = z.object({
  /** Unique within the timeline, presumably. [seed] */
  id: Text,
  /**
   * `RESPONSE`, `TOOL_CALL`, `TRANSFER`, `SEND_EMAIL`, `SEND_TEXT`, `HANGUP`, `CALL_ANSWERED` [seed]; others
   * are kept.
   */
  type: Text,
  /** `agent`, `caller`, or null for the system. [seed] */
  sender: Text,
  /** The words said, or a sentence about what was done. [seed] */
  data: Text,
  /** For a tool: any JSON, `{ tool, result }` in the example [seed]; null if deeper than 32 levels. */
  toolData: Json,
  /** When it happened, ISO 8601, as sent and unchecked. [seed] */
  timestamp: Text,
})
export type Activity = z.infer<typeof Activity>

/** The caller's mood: four shares. In the example they lie in 0..1 and add up to 1 [seed]; no page states the scale. */
export const Sentiment = z.object({ happy: Amount, sad: Amount, angry: Amount, neutral: Amount })
export type Sentiment = z.infer<typeof Sentiment>

/** What the call cost in tokens of the language model. [seed] */
export const Usage = z.object({ inputTokens: Amount, outputTokens: Amount, totalTokens: Amount })
export type Usage = z.infer<typeof Usage>

/** What was measured about the call; parts of it appear some time after the end. [seed, delay unknown] */
export const Metadata = z.object({
  sentiment: Sentiment.nullable(),
  /** `excellent` in the example. [seed, other values unknown] */
  callQuality: Text,
  /** Null in the example; any JSON [unknown]; null if deeper than 32 levels. */
  technicalIssues: Json,
  usage: Usage.nullable(),
  /** Presumably dollars, 0.15 in the example. [seed, unit unknown] */
  callCost: Amount,
})
export type Metadata = z.infer<typeof Metadata>

/** One call in full: what the list has, and three things that only the detail has. */
export const CallDetail = Call.extend({
  /** What the agent remembers of this caller. [seed] */
  memory: Text,
  /** What happened, in the order sent. [seed] */
  activityTimeline: z.array(Activity).nullable(),
  metadata: Metadata.nullable(),
})
export type CallDetail = z.infer<typeof CallDetail>

/** Where a page is in the whole list; each number as sent. [seed] */
export const Pagination = z.object({
  /** This page's number, from 1. */
  page: Amount,
  /** Rows per page; fewer than requested if the vendor allows fewer. */
  limit: Amount,
  /** Rows that match the query. */
  totalCount: Amount,
  totalPages: Amount,
})
export type Pagination = z.infer<typeof Pagination>

/** A page of the list, with a count of what could not be read. */
export const Listing = z.object({
  calls: z.array(Call),
  /** Rows without a usable id; they are not among `calls`. */
  unreadable: z.number(),
  /** How many values were not of their documented type, by field; never the values, which may be caller data. */
  odd: z.record(z.string(), z.number()),
  pagination: Pagination.nullable(),
})
export type Listing = z.infer<typeof Listing>
