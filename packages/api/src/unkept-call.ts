/**
 * What can be told of a call of which there is no record: whether it waits, was given up or deleted, or is gone after thirty days. Of
 * one that left no trace, when it began tells more apart; without that, the answer names what it may be.
 */
import { HOUR, type Instant, MINUTE, instantOf } from "@earshot/core/instant"
import { RECORD_MS } from "@earshot/core/alert/call-record"
import { timeText } from "@earshot/core/message/time-text"
import { COVERAGE_MS } from "@earshot/core/receipt/hour"
import { callKey } from "@earshot/core/watch/call-key"
import type { Store } from "@earshot/io/store/store"
import * as z from "zod"

export const UnkeptState = z.enum([
  "waiting",
  "given-up",
  "deleted",
  "lost",
  "before-since",
  "expired",
  "not-yet-read",
  "not-listed",
  "unknown",
])

export type UnkeptCall = { state: z.infer<typeof UnkeptState>; why: string }

export async function unkeptCall(
  store: Store,
  id: string,
  startedAt: string | undefined,
  now: Instant,
): Promise<UnkeptCall> {
  const [watch, control, coverage] = await Promise.all([
    store.readWatch(),
    store.readControl(),
    store.readCoverage({ from: now - COVERAGE_MS, to: now + HOUR }),
  ])
  const key = callKey(id)
  const watched = watch.calls.get(key)
  if (watched?.open) {
    const why = `It was seen at ${timeText(watched.open.firstSeenAt)}, only the list has said anything about it, and no rule matches so far.`
    return { state: "waiting", why }
  }
  for (const hour of coverage.hours.values()) {
    if (hour.deleted.has(key))
      return { state: "deleted", why: "The vendor deleted it before every rule was decided." }
    if (hour.unexamined.has(key)) {
      return {
        state: "given-up",
        why: "It was given up: nothing but its place in the list was known of it for six hours.",
      }
    }
    if (hour.checked.has(key))
      return { state: "lost", why: "It was checked, and its record is gone or cannot be read." }
  }
  if (watched) return { state: "given-up", why: "It is closed, and nothing was kept of it." }
  return untraced(control, instantOf(startedAt ?? null), now)
}

/** The list shows a call within this time of its start. */
const LISTED_WITHIN_MS = 6 * MINUTE

type Reading = { since: Instant; watermark: Instant | null; resumeAt: Instant | null } | null

function untraced(control: Reading, startedAt: Instant | null, now: Instant): UnkeptCall {
  if (!control || control.since === 0) return { state: "not-yet-read", why: "No poll has read the list yet." }
  const { since, watermark } = control
  const readTo = Math.min(control.resumeAt ?? Number.POSITIVE_INFINITY, watermark ?? since)
  if (startedAt === null) {
    const why =
      `Nothing is known of it. It began before ${timeText(since)}, when alerts begin; or more than 30 days ago; or after ` +
      `${timeText(readTo)}, up to where the list has been read; or the vendor's list has not shown it, or no longer does. ` +
      "With ?startedAt= more of these can be told apart."
    return { state: "unknown", why }
  }
  if (startedAt < since) {
    return {
      state: "before-since",
      why: `It began before ${timeText(since)}: calls of before raise no alert.`,
    }
  }
  if (startedAt < now - RECORD_MS) return { state: "expired", why: "Records are kept for 30 days." }
  if (startedAt > readTo || now - startedAt < LISTED_WITHIN_MS) {
    return {
      state: "not-yet-read",
      why: `The list has been read up to ${timeText(readTo)}, and it may not be listed yet.`,
    }
  }
  const why =
    "The list of its time has been read, and did not show it, or showed it without an id that can be read. Whether it was " +
    "deleted before that cannot be told."
  return { state: "not-listed", why }
}
