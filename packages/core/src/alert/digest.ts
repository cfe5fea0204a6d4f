/**
 * Which of the alerts that are due to a channel are sent singly and which together, as one digest: many at once, what comes late,
 * and more of one rule than anybody reads within an hour. Critical ones are still sent singly, first, the newest first, until
 * they are many themselves.
 */
import type { ChannelId } from "../channel/channel.ts"
import { HOUR, type Instant, MINUTE, SECOND } from "../instant.ts"
import { type Severity, highestSeverity, isWorse } from "../rule/rule.ts"
import type { Alert, Reason } from "./alert.ts"
import type { CallRecord } from "./call-record.ts"
import { type Delivery, isDue, nextOf } from "./delivery.ts"
import { givenBefore } from "./owing.ts"
import { type ChannelPace, sentInHour } from "./pace.ts"

export type DueAlert = {
  callId: string
  severity: Severity
  /** The rules that it is news of. */
  ruleIds: readonly string[]
  owedAt: Instant
  /** It was given up and is tried again, or has waited for an hour, or was held back. */
  isLate: boolean
  /** The digest that it was claimed for by a process that died before it said what came of that. */
  abandoned: string | null
  /** Of somebody who waits for it: sent first and alone. */
  isTest: boolean
}

/** What a channel is set to. */
export type DigestSettings = { digestFrom: number; perHour: number }

/** As `digestFrom`: everything is sent by itself. */
export const NO_DIGESTS = Number.POSITIVE_INFINITY

export const DIGEST_FROM = 5

export const PER_HOUR = 20

export type SendPlan = {
  /** In the order in which they are to be sent. */
  singles: readonly DueAlert[]
  /** To be sent as one; the worst first. */
  digest: readonly DueAlert[]
  /** When the others may be sent; null: there are none. */
  waitsUntil: Instant | null
}

/** One digest names no more calls: each of them is claimed and marked in the time of a poll. */
export const DIGEST_CALLS_MAX = 600

/** After a process has died over a digest, the next is half as large: each of its calls is a chance to die again. */
const DIGEST_CALLS_MIN = 50

/** From so many on, a digest waits for nothing. */
const STORM_FROM = 100

/** Otherwise digests come no faster than this. */
const DIGEST_EVERY_MS = MINUTE

/** A few alerts of a rule that has had its share of the hour wait for each other this long. Critical ones do not. */
const GATHER_MS = 3 * MINUTE

/** Of many at once, so many critical ones are sent by themselves in one poll: ten seconds at the usual pace. */
const SINGLES_MAX = 10

/** A poll can be late by as much without anybody's being late. */
const ROUNDING_MS = SECOND

/** `isCatchingUp`: the list is being read from long ago. */
export function planSends(
  due: readonly DueAlert[],
  pace: ChannelPace,
  { digestFrom, perHour, isCatchingUp }: DigestSettings & { isCatchingUp: boolean },
  now: Instant,
): SendPlan {
  const tests = due.filter(({ isTest }) => isTest)
  if (tests.length > 0) {
    const alerts = due.filter(({ isTest }) => !isTest)
    const plan = planSends(alerts, pace, { digestFrom, perHour, isCatchingUp }, now)
    return { ...plan, singles: [...tests, ...plan.singles] }
  }
  const sorted = [...due].sort(worstFirst)
  if (digestFrom === NO_DIGESTS || due.length === 0) return { singles: sorted, digest: [], waitsUntil: null }
  const late = due.filter(({ isLate }) => isLate).length
  const isMany = due.length > digestFrom || (isCatchingUp && due.length > 1)
  const counts = new Map<string, number>()
  const countOf = (ruleId: string) => counts.get(ruleId) ?? sentInHour(pace, ruleId, now)
  let all = sentInHour(pace, null, now)
  const singles: DueAlert[] = []
  const others: DueAlert[] = []
  for (const alert of sorted) {
    const hasHadItsShare =
      alert.ruleIds.length > 0 && alert.ruleIds.every((ruleId) => countOf(ruleId) >= perHour)
    const mayBeAlone =
      !isMany || (alert.severity === "critical" && singles.length < SINGLES_MAX && all < perHour)
    if (hasHadItsShare || !mayBeAlone || (alert.isLate && late > 1)) {
      others.push(alert)
      continue
    }
    for (const ruleId of alert.ruleIds) counts.set(ruleId, countOf(ruleId) + 1)
    all++
    singles.push(alert)
  }
  if (others.length === 0) return { singles, digest: [], waitsUntil: null }
  const waitsUntil = digestTime(others, pace, { isMany: isMany || late > 1 }, now)
  if (waitsUntil > now + ROUNDING_MS) return { singles, digest: [], waitsUntil }
  // A digest of one is an alert.
  if (others.length === 1) return { singles: [...singles, ...others], digest: [], waitsUntil: null }
  const digest = others.slice(0, digestMax(due))
  return { singles, digest, waitsUntil: digest.length < others.length ? now : null }
}

function digestMax(due: readonly DueAlert[]): number {
  const counts = new Map<string, number>()
  for (const { abandoned } of due)
    if (abandoned !== null) counts.set(abandoned, (counts.get(abandoned) ?? 0) + 1)
  const largest = Math.max(0, ...counts.values())
  return largest === 0 ? DIGEST_CALLS_MAX : Math.max(DIGEST_CALLS_MIN, Math.floor(largest / 2))
}

function digestTime(
  others: readonly DueAlert[],
  { digestAt }: ChannelPace,
  { isMany }: { isMany: boolean },
  now: Instant,
): Instant {
  if (others.length >= STORM_FROM) return now
  // What a clock that was ahead has written holds up nobody.
  const nextAt = digestAt > now ? now : digestAt + DIGEST_EVERY_MS
  if (isMany || others.some(({ severity }) => severity === "critical")) return Math.max(now, nextAt)
  return Math.max(now, nextAt, Math.min(...others.map(({ owedAt }) => owedAt)) + GATHER_MS)
}

/** Of one severity, the newest first; then by id, so that every process has the same order. */
export function worstFirst(
  a: Pick<DueAlert, "severity" | "owedAt" | "callId">,
  b: Pick<DueAlert, "severity" | "owedAt" | "callId">,
): number {
  if (isWorse(a.severity, b.severity)) return -1
  if (isWorse(b.severity, a.severity)) return 1
  return b.owedAt - a.owedAt || (a.callId < b.callId ? -1 : 1)
}

/** A delivery that has waited for so long is no news any more. */
const LATE_MS = HOUR

/** What is due to a channel of a call; null if nothing is. */
export function dueAlertOf(
  { callId, alert, deliveries, isTest }: Pick<CallRecord, "callId" | "alert" | "deliveries" | "isTest">,
  channel: ChannelId,
  now: Instant,
): DueAlert | null {
  const delivery = nextOf(deliveries, channel)
  if (!delivery || !isDue(delivery, now)) return null
  const news = newsOf(deliveries, delivery, alert)
  return {
    callId,
    severity: highestSeverity(news.map(({ severity }) => severity)),
    ruleIds: news.map(({ ruleId }) => ruleId),
    owedAt: delivery.owedAt,
    abandoned: delivery.state === "claimed" ? (delivery.digest ?? null) : null,
    isTest: isTest === true,
    isLate: delivery.isRevived === true || now - delivery.owedAt > LATE_MS || hasRested(delivery, now),
  }
}

/** The reasons that a message is news of. */
export function newsOf(deliveries: readonly Delivery[], message: Delivery, alert: Alert | null): Reason[] {
  return alert ? alert.reasons.slice(givenBefore(deliveries, message, alert)) : []
}

/** Whether it was held back, and is not any more. */
function hasRested({ restUntil }: Delivery, now: Instant): boolean {
  return restUntil !== undefined && restUntil <= now
}
