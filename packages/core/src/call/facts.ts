/**
 * What is known about one call: the newest list row and the newest detail laid over each other, and how much of it may
 * still change. Rules are judged on facts and nothing else.
 */
import { type Call, CallDetail } from "@earshot/calls-api/call"
import * as z from "zod"
import { ANALYSIS_MS } from "../horizon.ts"
import { type Instant, MINUTE, SECOND } from "../instant.ts"
import { something } from "../nothing.ts"
import { type EndSeen, believableEnd, hasEnded, statedEnd } from "./end.ts"
import { PartyCalls } from "./party-calls.ts"
import { hasMood } from "./sentiment.ts"

export const Facts = z.object({
  call: CallDetail,
  /** When we first saw this call, on our clock. */
  firstSeenAt: z.number(),
  /** When its detail was last fetched. Null: never, and everything that only the detail has is null. */
  detailedAt: z.number().nullable(),
  /** Whether the vendor wrote that detail after the call had ended. An earlier one may lack what came later. */
  detailIsFinal: z.boolean(),
  /** When it ended, as far as that can be believed; null: it lasts, or an older version kept these facts. */
  overAt: z.number().nullable().default(null),
  /** Absent: not counted, since no rule asked or the number is not known yet. */
  partyCalls: PartyCalls.optional().catch(undefined),
})

export type Facts = z.infer<typeof Facts>

/** What is known of a call's end from elsewhere: `overAt` is when it ended, if that was decided before. */
export type EndHint = Omit<EndSeen, "seenAt"> & Pick<Facts, "overAt">

export const NO_HINT: EndHint = { notBefore: null, overAt: null }

/**
 * Lays a list row over what was known. A later null, or an empty text or list, does not erase a value. If a call resumed
 * after its end and ended again, the detail from its first end is outdated.
 */
export function observeRow(known: Facts | null, row: Call, now: Instant, hint: EndHint = NO_HINT): Facts {
  const call = overlay(known?.call ?? row, row)
  const overAt = overAtAfter(known, call, hint, now)
  if (!known) return { call, firstSeenAt: now, detailedAt: null, detailIsFinal: false, overAt }
  const isOutdated = endsLater(call, known.call) && !isLongOver(overAt, known.detailedAt ?? 0)
  return { ...known, call, detailIsFinal: known.detailIsFinal && !isOutdated, overAt }
}

/**
 * Decided once, by what is believable when the call is first seen to be over, and never made earlier: a later end counts
 * if the vendor has written another one, because a call may resume.
 */
function overAtAfter(
  known: Facts | null,
  call: Call,
  { overAt, ...seen }: EndHint,
  now: Instant,
): Instant | null {
  if (!hasEnded(call)) return null
  const before = known?.overAt ?? overAt
  if (before !== null && known && hasSameTimes(call, known.call)) return before
  const end = believableEnd(call, { ...seen, seenAt: now })
  if (before === null) return end ?? now
  return end === null ? before : Math.max(before, end)
}

function hasSameTimes(call: Call, { createdAt, endedAt, duration }: Call): boolean {
  return call.createdAt === createdAt && call.endedAt === endedAt && call.duration === duration
}

/** A detail fetched this long after the end counts as final, whatever end it shows. */
const BEHIND_MAX_MS = 5 * MINUTE

function isLongOver(overAt: Instant | null, at: Instant): boolean {
  return overAt !== null && at - overAt >= BEHIND_MAX_MS
}

/** A list and a detail may write the same time with more or fewer digits. */
const SAME_END_MS = SECOND

/** Whether the vendor gives a later end: the call may have gone on, and ended again. */
export function endsLater(call: Call, before: Call): boolean {
  const [end, endBefore] = [statedEnd(call), statedEnd(before)]
  return end !== null && endBefore !== null && end - endBefore >= SAME_END_MS
}

/**
 * Lays a detail over what was known. If it lacks the end that the list shows, or shows an earlier one, it lags behind
 * the list and is not final.
 */
export function observeDetail(
  known: Facts | null,
  detail: CallDetail,
  now: Instant,
  hint: EndHint = NO_HINT,
): Facts {
  const call = overlay(known?.call ?? detail, detail)
  const overAt = overAtAfter(known, call, hint, now)
  const isBehind = known !== null && endsLater(known.call, call)
  const detailIsFinal = isLongOver(overAt, now) || (hasEnded(detail) && !isBehind)
  return { call, firstSeenAt: known?.firstSeenAt ?? now, detailedAt: now, detailIsFinal, overAt }
}

/** A row lacks everything that only the detail has. */
type Seen = Call & Partial<CallDetail>

/** Field by field: spreading this many fields and adding more takes V8 fifty times as long. */
function overlay(known: Seen, newer: Seen): CallDetail {
  return {
    id: known.id,
    from: fuller(known.from, newer.from),
    to: fuller(known.to, newer.to),
    type: fuller(known.type, newer.type),
    status: fuller(known.status, newer.status),
    duration: newer.duration ?? known.duration,
    createdAt: newer.createdAt ?? known.createdAt,
    endedAt: newer.endedAt ?? known.endedAt,
    summary: fuller(known.summary, newer.summary),
    score: newer.score ?? known.score,
    flagged: newer.flagged ?? known.flagged,
    favorite: newer.favorite ?? known.favorite,
    spam: newer.spam ?? known.spam,
    agent: overlayParts(known.agent, newer.agent),
    // The list may show only the beginning of a transcript that a detail has shown.
    transcript: longer(known.transcript, newer.transcript),
    recordingUrl: fuller(known.recordingUrl, newer.recordingUrl),
    memory: fuller(known.memory ?? null, newer.memory ?? null),
    activityTimeline: fuller(known.activityTimeline ?? null, newer.activityTimeline ?? null),
    metadata: overlayMetadata(known.metadata ?? null, newer.metadata ?? null),
  }
}

/** The newer value, unless it is empty and the one before it is not: a vendor may write an empty one before it knows. */
function fuller<T>(known: T | null, newer: T | null): T | null {
  return something(newer) ?? something(known) ?? newer ?? known
}

function longer(known: Call["transcript"], newer: Call["transcript"]): Call["transcript"] {
  return (newer?.length ?? -1) >= (known?.length ?? -1) ? newer : known
}

function overlayMetadata(
  known: CallDetail["metadata"],
  newer: CallDetail["metadata"],
): CallDetail["metadata"] {
  if (!known || !newer) return newer ?? known
  return {
    sentiment: overlayMood(known.sentiment, newer.sentiment),
    callQuality: fuller(known.callQuality, newer.callQuality),
    technicalIssues: fuller(known.technicalIssues, newer.technicalIssues),
    usage: overlayParts(known.usage, newer.usage),
    callCost: newer.callCost ?? known.callCost,
  }
}

type Sentiment = NonNullable<CallDetail["metadata"]>["sentiment"]

/** Four zeros are no mood, and erase none. */
function overlayMood(known: Sentiment, newer: Sentiment): Sentiment {
  return hasMood(known) && !hasMood(newer) ? known : overlayParts(known, newer)
}

/** Overlays an object part by part: its presence does not mean that it is complete. */
function overlayParts<T extends Record<string, unknown>>(known: T | null, newer: T | null): T | null {
  if (!known || !newer || known === newer) return newer ?? known
  const parts = { ...newer }
  for (const name in parts) parts[name] = fuller(known[name], newer[name]) ?? newer[name]
  return parts
}

/** When the call ended, as far as that can be believed; null while it lasts. */
export function endOf({ call, overAt, firstSeenAt }: Facts): Instant | null {
  if (!hasEnded(call)) return null
  return overAt ?? believableEnd(call, { seenAt: Number.POSITIVE_INFINITY, notBefore: null }) ?? firstSeenAt
}

/** Whether the vendor's analysis of an ended call is probably there, so that a detail is worth its price. */
export function isAnalysed(facts: Facts, now: Instant): boolean {
  if (facts.call.score !== null) return true
  const ended = endOf(facts)
  return ended !== null && now - ended >= ANALYSIS_MS
}
