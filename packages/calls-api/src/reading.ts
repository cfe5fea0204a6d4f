/**
 * Turns whatever the vendor sent into calls: tolerant, total, and never throws.
 *
 * A field that is absent, null or not understood becomes null; a wrong entry of an array is dropped; each value of a wrong
 * type is counted in `odd` under its field's name. A value of a wrong type that can mean only one thing is read as that:
 * `"1"` where a number belongs, 1 where a flag does, a number where a text or a time does. It is written by hand rather than with zod's
 * `catch`, because simulations read thousands of lists a second: see the README for the numbers. A property test checks
 * every result against the schemas of `call.ts`.
 */
import {
  ID_CHARACTERS_MAX,
  isBoundedJson,
  isMoment,
  type Activity,
  type Agent,
  type Call,
  type CallDetail,
  type Listing,
  type Metadata,
  type Pagination,
  type TranscriptEntry,
} from "./call.ts"
import { isoOfEpoch } from "./moment.ts"

/** Ten times what a page may hold according to the vendor; rows beyond it count as unreadable. */
const ROWS_MAX = 1000

/**
 * More than anyone says in a day of talking; entries of a transcript or a timeline beyond it are dropped and counted.
 */
const ENTRIES_MAX = 10_000

type Fields = Readonly<Record<string, unknown>>

/** How many values were not of their documented type, by field. */
export type Odd = Record<string, number>

/** The page in `{ data: [...], pagination: {...} }`; null if there is no list at `data`. */
export function readListing(body: unknown): Listing | null {
  const rows = asFields(body)?.["data"]
  if (!Array.isArray(rows)) return null
  const odd: Odd = {}
  const calls: Call[] = []
  for (const row of rows.slice(0, ROWS_MAX)) {
    const call = readRow(row, odd)
    if (call) calls.push(call)
  }
  const pagination = readPagination(asFields(body)?.["pagination"], odd)
  return { calls, unreadable: rows.length - calls.length, odd, pagination }
}

/** The result for each row, for a world that gives the same row again: reading it again would change nothing. */
const known = new WeakMap<Fields, { call: Call; odd: Odd }>()

function readRow(row: unknown, odd: Odd): Call | null {
  const fields = asFields(row)
  if (!fields) return null
  let read = known.get(fields)
  if (!read) {
    const mine: Odd = {}
    const id = readId(fields, mine)
    if (id === null) return null
    read = { call: readCall(fields, id, mine), odd: mine }
    if (Object.isFrozen(fields)) known.set(fields, { call: Object.freeze(read.call), odd: read.odd })
  }
  for (const field in read.odd) count(field, read.odd[field] ?? 0, odd)
  return read.call
}

/** The call in `{ data: {...} }`; null if `data` holds none, or its id is not the one requested. */
export function readDetail(body: unknown, askedId: string): { call: CallDetail; odd: Odd } | null {
  const fields = asFields(asFields(body)?.["data"])
  const odd: Odd = {}
  if (!fields || readId(fields, odd) !== askedId) return null
  // Spreading an object and adding more to it would take V8 thirty times as long.
  const call: CallDetail = Object.assign(readCall(fields, askedId, odd), {
    memory: text(fields["memory"], "memory", odd),
    activityTimeline: list(fields["activityTimeline"], "activityTimeline", odd, readActivity),
    metadata: readMetadata(fields["metadata"], odd),
  })
  return { call, odd }
}

function readId(fields: Fields, odd: Odd): string | null {
  const id = text(fields["id"], "id", odd)
  return id !== null && id.length > 0 && id.length <= ID_CHARACTERS_MAX ? id : null
}

function readCall(fields: Fields, id: string, odd: Odd): Call {
  return {
    id,
    from: text(fields["from"], "from", odd),
    to: text(fields["to"], "to", odd),
    type: text(fields["type"], "type", odd),
    status: text(fields["status"], "status", odd),
    duration: amount(fields["duration"], "duration", odd),
    createdAt: moment(fields["createdAt"], "createdAt", odd),
    endedAt: moment(fields["endedAt"], "endedAt", odd),
    summary: text(fields["summary"], "summary", odd),
    score: amount(fields["score"], "score", odd),
    flagged: flag(fields["flagged"], "flagged", odd),
    favorite: flag(fields["favorite"], "favorite", odd),
    spam: flag(fields["spam"], "spam", odd),
    agent: readAgent(fields["agent"], odd),
    transcript: list(fields["transcript"], "transcript", odd, readTranscriptEntry),
    recordingUrl: text(fields["recordingUrl"], "recordingUrl", odd),
  }
}

function readAgent(value: unknown, odd: Odd): Agent | null {
  const fields = record(value, "agent", odd)
  if (!fields) return null
  return { id: text(fields["id"], "agent.id", odd), name: text(fields["name"], "agent.name", odd) }
}

function readTranscriptEntry(fields: Fields, odd: Odd): TranscriptEntry {
  return {
    speaker: text(fields["speaker"], "transcript[].speaker", odd),
    text: text(fields["text"], "transcript[].text", odd),
    timestamp: text(fields["timestamp"], "transcript[].timestamp", odd),
  }
}

function readActivity(fields: Fields, odd: Odd): Activity {
  return {
    id: text(fields["id"], "activityTimeline[].id", odd),
    type: text(fields["type"], "activityTimeline[].type", odd),
    sender: text(fields["sender"], "activityTimeline[].sender", odd),
    data: text(fields["data"], "activityTimeline[].data", odd),
    toolData: json(fields["toolData"], "activityTimeline[].toolData", odd),
    timestamp: text(fields["timestamp"], "activityTimeline[].timestamp", odd),
  }
}

function readMetadata(value: unknown, odd: Odd): Metadata | null {
  const fields = record(value, "metadata", odd)
  if (!fields) return null
  const sentiment = record(fields["sentiment"], "metadata.sentiment", odd)
  const usage = record(fields["usage"], "metadata.usage", odd)
  return {
    sentiment: sentiment && {
      happy: amount(sentiment["happy"], "metadata.sentiment.happy", odd),
      sad: amount(sentiment["sad"], "metadata.sentiment.sad", odd),
      angry: amount(sentiment["angry"], "metadata.sentiment.angry", odd),
      neutral: amount(sentiment["neutral"], "metadata.sentiment.neutral", odd),
    },
    callQuality: text(fields["callQuality"], "metadata.callQuality", odd),
    technicalIssues: json(fields["technicalIssues"], "metadata.technicalIssues", odd),
    usage: usage && {
      inputTokens: amount(usage["inputTokens"], "metadata.usage.inputTokens", odd),
      outputTokens: amount(usage["outputTokens"], "metadata.usage.outputTokens", odd),
      totalTokens: amount(usage["totalTokens"], "metadata.usage.totalTokens", odd),
    },
    callCost: amount(fields["callCost"], "metadata.callCost", odd),
  }
}

function readPagination(value: unknown, odd: Odd): Pagination | null {
  const fields = record(value, "pagination", odd)
  if (!fields) return null
  return {
    page: amount(fields["page"], "pagination.page", odd),
    limit: amount(fields["limit"], "pagination.limit", odd),
    totalCount: amount(fields["totalCount"], "pagination.totalCount", odd),
    totalPages: amount(fields["totalPages"], "pagination.totalPages", odd),
  }
}

function text(value: unknown, field: string, odd: Odd): string | null {
  if (typeof value === "string") return value
  const isExact = typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER
  return isExact ? understood(String(value), field, odd) : missing(value, field, odd)
}

/** JSON can contain numbers too large to represent (`1e999`); they are not amounts. */
function amount(value: unknown, field: string, odd: Odd): number | null {
  if (typeof value === "number" && Number.isFinite(value)) return value
  const isNumber = typeof value === "string" && value.length <= NUMBER_CHARACTERS_MAX && NUMBER.test(value)
  return isNumber ? understood(Number(value), field, odd) : missing(value, field, odd)
}

const NUMBER = /^\s*[+-]?\d+(?:\.\d+)?\s*$/

const NUMBER_CHARACTERS_MAX = 30

function flag(value: unknown, field: string, odd: Odd): boolean | null {
  if (typeof value === "boolean") return value
  const word = typeof value === "string" ? value.trim().toLowerCase() : value
  if (YES.has(word)) return understood(true, field, odd)
  return NO.has(word) ? understood(false, field, odd) : missing(value, field, odd)
}

const YES: ReadonlySet<unknown> = new Set([1, "1", "true", "yes"])

const NO: ReadonlySet<unknown> = new Set([0, "0", "false", "no"])

function moment(value: unknown, field: string, odd: Odd): string | null {
  if (typeof value === "string" && isMoment(value)) return value
  const isNumber = typeof value === "number" || (typeof value === "string" && NUMBER.test(value))
  const iso = isNumber ? isoOfEpoch(Number(value)) : null
  return iso === null ? missing(value, field, odd) : understood(iso, field, odd)
}

/** A value of a wrong type that can mean only one thing: it is odd, and is read. */
function understood<T>(value: T, field: string, odd: Odd): T {
  count(field, 1, odd)
  return value
}

function json(value: unknown, field: string, odd: Odd): unknown {
  return isBoundedJson(value) ? value : missing(value, field, odd)
}

function record(value: unknown, field: string, odd: Odd): Fields | null {
  return asFields(value) ?? missing(value, field, odd)
}

function list<Entry>(
  value: unknown,
  field: string,
  odd: Odd,
  read: (fields: Fields, odd: Odd) => Entry,
): Entry[] | null {
  if (!Array.isArray(value)) return missing(value, field, odd)
  const entries: Entry[] = []
  for (const element of value.slice(0, ENTRIES_MAX)) {
    const fields = asFields(element)
    if (fields) entries.push(read(fields, odd))
  }
  if (entries.length < value.length) count(`${field}[]`, value.length - entries.length, odd)
  return entries
}

/** A value that was not understood is null; it is odd unless it was absent or null to begin with. */
function missing(value: unknown, field: string, odd: Odd): null {
  if (value !== undefined && value !== null) count(field, 1, odd)
  return null
}

function count(field: string, times: number, odd: Odd): void {
  odd[field] = (odd[field] ?? 0) + times
}

function asFields(value: unknown): Fields | null {
  return isFields(value) ? value : null
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
