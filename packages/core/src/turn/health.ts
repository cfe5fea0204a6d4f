/**
 * Whether Earshot does its work, as `/health` says it. Work that was begun proves nothing: what counts is when a poll last
 * completed, which is when everything it set out to list was listed, judged, stored and handed to the channels.
 */
import { AHEAD_MAX_MS } from "../clock.ts"
import { type Instant, MINUTE, durationText } from "../instant.ts"
import type { Control } from "./control.ts"
import { POLL_MAX_MS } from "./gate.ts"

/** Something that is wrong, and since when; null: it was never right. */
export type Fault = {
  kind: "not-polled" | "silent" | "incomplete" | "list" | "channel" | "dead" | "subscription"
  since: Instant | null
  /** One sentence for people. */
  text: string
}

/** No complete poll for this long, or for three intervals if that is longer, and Earshot is failing. */
const SILENCE_MIN_MS = 3 * MINUTE

const SILENT_INTERVALS = 3

/** How old a noted completion may be before a poll spends a write on noting its own, in intervals and at least. */
const NOTE_INTERVALS = 1.25

const NOTE_MIN_MS = 45_000

/**
 * How old the newest noted completion may be before a poll has to note its own. Where polls are started by hand, no later
 * poll of the same process notes it.
 */
export function noteAfterMs(gateMs: number): number {
  return gateMs === 0 ? 0 : Math.max(NOTE_MIN_MS, NOTE_INTERVALS * gateMs)
}

/** For how long no poll may complete before Earshot is failing. The alarm on it rings then too. */
export function silenceAfter(gateMs: number): number {
  return Math.max(SILENCE_MIN_MS, SILENT_INTERVALS * gateMs)
}

/** For how long no poll may complete before that is a gap. */
export function silenceMs(control: Pick<Control, "polledAt" | "nextPollAt"> | null): number {
  return silenceAfter(control ? Math.max(0, control.nextPollAt - control.polledAt) : 0)
}

/**
 * Everything that is wrong with the polls, the worst first; empty if nothing is. `intervalMs` 0: polls are started by hand, and
 * silence says nothing; but a poll that began and did not complete still does.
 */
export function pollFaults(control: Control | null, intervalMs: number, now: Instant): Fault[] {
  if (!control || control.polledAt === 0) {
    return [{ kind: "not-polled", since: null, text: "No poll has run yet." }]
  }
  const { failure } = control
  const listFault: Fault[] = failure ? [{ kind: "list", since: failure.since, text: failure.message }] : []
  return [...listFault, ...silenceOf(control, intervalMs, now)]
}

function silenceOf(control: Control, intervalMs: number, now: Instant): Fault[] {
  const { polledAt, nextPollAt } = control
  // A clock that was far ahead proves nothing.
  const completedAt = control.completedAt > now + AHEAD_MAX_MS ? 0 : control.completedAt
  if (intervalMs === 0) {
    const isOver = now - polledAt > POLL_MAX_MS
    return completedAt === 0 || (isOver && completedAt < polledAt) ? [incomplete(completedAt)] : []
  }
  // The poller may have a longer gate than its interval: its share of the vendor's requests may be small.
  const gateMs = Math.max(intervalMs, nextPollAt - polledAt)
  if (now - completedAt <= silenceAfter(gateMs)) return []
  const isSilent = now - polledAt > Math.max(MINUTE, NOTE_INTERVALS * gateMs)
  if (!isSilent) return [incomplete(completedAt)]
  const text = `The last poll started ${durationText(now - polledAt)} ago.`
  return [{ kind: "silent", since: completedAt || polledAt, text }]
}

function incomplete(completedAt: Instant): Fault {
  const ever = completedAt === 0 ? "ever completed its work" : "completed its work since then"
  const text = `Polls begin, and none has ${ever}: the poller's log says why.`
  return { kind: "incomplete", since: completedAt || null, text }
}
