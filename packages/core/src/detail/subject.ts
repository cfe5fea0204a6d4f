/**
 * A call that a turn considers, with all that is known of it, and the facts that follow: what was kept, under what the list
 * shows now and what the detail says.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import type { CallRecord } from "../alert/call-record.ts"
import { hasEnded } from "../call/end.ts"
import { type EndHint, type Facts, observeDetail, observeRow } from "../call/facts.ts"
import type { PartyCalls } from "../call/party-calls.ts"
import { fingerprint } from "../fingerprint.ts"
import type { Instant } from "../instant.ts"
import type { Candidate } from "../list/candidate.ts"
import { something } from "../nothing.ts"

/** What came of asking for a detail. `failed`: no answer that could be read; the next look may do better. */
export type DetailAnswer =
  | { kind: "not-asked" }
  | { kind: "found"; detail: CallDetail }
  | { kind: "gone" }
  | { kind: "failed" }

/** A call with all that is known of it: the list's row, what was kept before, and the detail. */
export type Subject = {
  candidate: Candidate
  record: CallRecord | null
  answer: DetailAnswer
  /** Details are plentiful: calls that nobody could examine in their time may have one after all. */
  mayReopen: boolean
  /** The vendor's times are behind ours by so much. */
  behindMs?: number
  /** How often its caller has called, if that was counted in this turn. */
  partyCalls?: PartyCalls
}

/** Null if nothing is known of it but its place in the list. */
export function observe(
  { candidate, record, answer, behindMs = 0, partyCalls: counted }: Subject,
  now: Instant,
): Facts | null {
  const { row, call } = candidate
  const detail = answer.kind === "found" ? answer.detail : null
  const hint = { ...endHintOf(candidate), behindMs }
  const known = record && factsBefore(record.facts, candidate)
  const listed = row ? observeRow(known, row, now, hint) : known
  const detailed = detail ? observeDetail(listed, detail, now, hint) : listed
  // A detail may be some moments behind the list, which shows a change once: what the detail undoes would never be seen
  // again. A detail that shows an end which the list does not show yet is ahead.
  const isAhead = row !== null && detail !== null && hasEnded(detail) && !hasEnded(row)
  const facts =
    row && detail && !isAhead
      ? observeRow(detailed, row, now, hint)
      : detailed && keepListed(detailed, row ? null : known)
  // A call that was not worth a record was first seen when the watch says so.
  const firstSeenAt = call.open?.firstSeenAt ?? facts?.firstSeenAt ?? now
  // Once counted it stays, so that what is true of a rule stays true.
  const partyCalls = record?.facts.partyCalls ?? counted
  return facts && { ...facts, firstSeenAt, ...(partyCalls && { partyCalls }) }
}

/**
 * Between two readings of the list too, what it has shown of an ended call outlasts a detail: one that is behind would undo it, and
 * one that is ahead shows what the list will soon show as well. A new flag alone is believed at once.
 */
function keepListed(detailed: Facts, known: Facts | null): Facts {
  if (!known || !hasEnded(known.call)) return detailed
  const { score, summary, flagged, favorite, spam } = known.call
  const call = {
    ...detailed.call,
    score: score ?? detailed.call.score,
    summary: something(summary) ?? detailed.call.summary,
    flagged: flagged || detailed.call.flagged,
    favorite: favorite || detailed.call.favorite,
    spam: spam || detailed.call.spam,
  }
  return { ...detailed, call }
}

/**
 * Whether the list has shown more of an ended call than its detail does, of which nothing was kept: then the list has to show it once
 * more, or the end, the score or the summary would be forgotten that no later row shows as new.
 */
export function lacksListed({ candidate: { row, call }, record, answer }: Subject): boolean {
  const hadEnded = call.open !== null && call.open.endedAt !== null
  if (row || record || answer.kind !== "found" || !hadEnded) return false
  const { detail } = answer
  const saysLess = !hasEnded(detail) || detail.score === null || something(detail.summary) === null
  return saysLess && fingerprint(detail) !== call.fingerprint
}

/**
 * What was kept of a call, before its new row. If a decided call has another score or summary now, it was analysed again, or late:
 * then its detail may say something else as well.
 */
function factsBefore(facts: Facts, { call, row, kind }: Candidate): Facts {
  if (kind !== "changed" || call.open) return facts
  const differs = (name: "score" | "summary") =>
    something(row[name]) !== null && row[name] !== facts.call[name]
  return differs("score") || differs("summary") ? { ...facts, detailIsFinal: false } : facts
}

/** What the watch knows of a call's end: when it was, or until when the call was seen to last. */
function endHintOf(candidate: Candidate): EndHint {
  const { open } = candidate.call
  if (!open) return { overAt: null, notBefore: ("notBefore" in candidate && candidate.notBefore) || null }
  return { overAt: open.endedAt, notBefore: open.endedAt === null ? open.firstSeenAt - open.heldMs : null }
}
