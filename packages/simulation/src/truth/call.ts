/**
 * A call of the simulated business: when each of its facts comes to be, how the vendor writes it down, and what the
 * poller has made of it. What is true at an instant follows from the instants below, which never change.
 */
import type { ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, SECOND, isoOf } from "@earshot/core/instant"

export type SimulatedCall = {
  id: string
  /** As the vendor gives it; the call may really have begun up to a minute later. */
  createdAt: Instant
  /** When the list and the detail begin to show the call. */
  visibleAt: Instant
  endedAt: Instant
  /** Its length as the vendor gives it once the call is over. */
  seconds: number
  /** `createdAt` and `endedAt` as ISO texts. Formatting them for every answer would cost more than all the rest. */
  texts: { createdAt: string; endedAt: string }
  summaryAt: Instant
  scoreAt: Instant
  score: number
  /** When another score takes its place. */
  revisedAt: Instant
  revisedScore: number
  sentimentAt: Instant
  angry: number
  /** Infinity for what never happens. */
  transferredAt: Instant
  flaggedAt: Instant
  deletedAt: Instant
  look: Look
  /** The row as it was last written, and until when it stays the same. */
  row: Row
  rowUntil: Instant
  /** The row that last arrived in a list; null if none has. */
  arrived: Row | null
  /** Kept by the ledger. */
  account: Account
}

/** What the poller has made of a call, as far as the ledger has seen. */
export type Account = {
  /** Whether the store has a record of it. */
  isKept: boolean
  /** When its alert was kept; Infinity if there is none. */
  raisedAt: Instant
  /** When each reason was first kept, by `rule@version`. */
  reasons: Map<string, Instant> | null
  /** The channels that it was owed to. */
  owed: Set<ChannelId>
  /** By channel. */
  sent: Partial<Record<ChannelId, ChannelAccount>>
}

/** What one channel was sent about a call. */
export type ChannelAccount = {
  /** Messages that arrived, and those of them that gave a reason again. */
  arrivals: number
  repeats: number
  /** When each reason, by `rule@version`, was first given. */
  given: Map<string, Instant>
  /** Reasons that were given by a message that did not say that it may be a repeat. */
  unmarked: Set<string>
  /** Reasons that were taken back. */
  takenBack: Set<string>
  firstAt: Instant
  sends: { isUnknown: boolean }[]
  /** The newest claim, and the reasons that were found and not given when it was made. */
  claim: { until: Instant; reasons: string }
}

/** A row of the list as parsed JSON. */
export type Row = Readonly<Record<string, unknown>>

/** How the vendor writes the call down. */
export type Look = {
  /** Shown instead of the caller's number; null: the number is shown. */
  number: string | null
  isShortened: boolean
  hidesEnd: boolean
  /** Nulls are left out. */
  hidesNulls: boolean
  status: string | null
  activity: string | null
  hasZeroDuration: boolean
  isUnreadable: boolean
  isTypeset: boolean
  values: OddValues
}

/** How the vendor writes values that mean little, or the same as others. */
export type OddValues = {
  /** Shown as the call's end, and impossible; null: the end is right. */
  end: string | null
  /** What is not known yet is empty instead of null, and the timeline is empty for some seconds after the end. */
  isEmptyFirst: boolean
  /** The mood in percent; otherwise as shares, of which one may be rounded to a little above 1. */
  isPercent: boolean
  /** Every turn is said to be the agent's. */
  hasOneSpeaker: boolean
  /** Words of other services, in another case. */
  hasOtherWords: boolean
  /** Numbers as texts, and flags as numbers. */
  isText: boolean
}

export const RIGHT_VALUES: OddValues = {
  end: null,
  isEmptyFirst: false,
  isPercent: false,
  hasOneSpeaker: false,
  hasOtherWords: false,
  isText: false,
}

/** How long a timeline stays empty after the end, if it is empty first. */
export const EMPTY_MS = 25 * SECOND

/** No call is longer. */
export const CALL_MAX_MS = 4 * HOUR

const NEVER = Number.POSITIVE_INFINITY

/** Whether the vendor gives an end. */
export function hasEnd(call: SimulatedCall, now: Instant): boolean {
  return call.endedAt <= now && !call.look.hidesEnd
}

/** The end that the vendor gives once the call is over, were its clock right: the place in a list by ends. */
export function shownEnd({ endedAt, look }: SimulatedCall, stampsMs: number): Instant {
  return look.values.end === null ? endedAt : Date.parse(look.values.end) - stampsMs
}

/** The times as a vendor writes them whose clock is ahead by so much. */
export function shiftTexts({ createdAt, endedAt, texts }: SimulatedCall, byMs: number): void {
  if (byMs === 0) return
  texts.createdAt = isoOf(createdAt + byMs)
  texts.endedAt = isoOf(endedAt + byMs)
}

export function isVisible(call: SimulatedCall, now: Instant): boolean {
  return call.visibleAt <= now && now < call.deletedAt
}

/** While a score of at most `max` is shown: from Infinity if there never is one, until Infinity if it stays. */
export function lowScoreSpan(call: SimulatedCall, max: number): { from: Instant; until: Instant } {
  const isRevisedLow = call.revisedScore <= max
  if (call.score <= max) return { from: call.scoreAt, until: isRevisedLow ? NEVER : call.revisedAt }
  return { from: isRevisedLow ? call.revisedAt : NEVER, until: NEVER }
}

/** The index of the first call for which `timeOf` is not before `time`. */
export function firstFrom(
  calls: readonly SimulatedCall[],
  time: Instant,
  timeOf: (call: SimulatedCall) => Instant,
): number {
  let low = 0
  let high = calls.length
  while (low < high) {
    const middle = (low + high) >> 1
    const call = calls[middle]
    if (call && timeOf(call) < time) low = middle + 1
    else high = middle
  }
  return low
}
