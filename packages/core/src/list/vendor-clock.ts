/**
 * How far the vendor's times are off ours. Nobody can see it from one call, which may be listed late; but a call that was
 * not listed a moment ago and is listed now has begun or ended just now, whatever it says. If several of them in a row are
 * dated the same hours away, so are all: then the list is read at that other time, and ends are put right by it.
 */
import type { Call } from "@earshot/calls-api/call"
import { OPEN_MAX_MS } from "../horizon.ts"
import { type Instant, MINUTE, durationText, instantOf, isImaginable } from "../instant.ts"
import { type Cursor, OFF_MAX_MS } from "./cursor.ts"

/** Said at `/health`: how far the times of calls, and the `Date` of answers, are ahead of our clock; 0: they are right. */
export type ClockNotice = { stampsMs: number; serverMs: number; since: Instant }

/** In whole milliseconds, as short as the poller's state has to be. */
export function packNotice({ stampsMs, serverMs, since }: ClockNotice): string {
  return [stampsMs, serverMs, since].map((ms) => Math.round(ms).toString(36)).join(" ")
}

export function packSamples(samples: readonly number[]): string {
  return samples.map((ms) => ms.toString(36)).join(" ")
}

export function unpackSamples(text: string): readonly number[] {
  return text.split(" ").flatMap((word) => {
    const ms = Number.parseInt(word, 36)
    return Number.isFinite(ms) ? [ms] : []
  })
}

/** Null for text that `packNotice` did not write: the next readings find out again. */
export function unpackNotice(text: string): ClockNotice | null {
  const [stampsMs = Number.NaN, serverMs = Number.NaN, since = Number.NaN] = text
    .split(" ")
    .map((word) => Number.parseInt(word, 36))
  return [stampsMs, serverMs, since].every(Number.isFinite) ? { stampsMs, serverMs, since } : null
}

/** What a fresh page showed. */
export type ShownPage = {
  at: Instant
  /** It showed every call that began at `from` or later and ended after `endFrom`. */
  from: Instant
  endFrom: Instant
  ids: ReadonlySet<string>
}

/** Calls are listed late by minutes, and a clock may be wrong by a few. */
const STAMPS_OFF_MS = 20 * MINUTE

const SERVER_OFF_MS = 10 * MINUTE

/** So many calls must agree, to within so much. */
const SAMPLES = 3

const SPREAD_MAX_MS = 30 * MINUTE

/** A page read longer ago says nothing of when a call appeared. */
const SHOWN_MAX_MS = 15 * MINUTE

/** When a call that is over was certainly not listed yet; null if nobody knows. */
export function appearedAfter(shown: ShownPage | null, row: Call, now: Instant): Instant | null {
  if (!shown || now - shown.at > SHOWN_MAX_MS || shown.ids.has(row.id)) return null
  const [created, ended] = [instantOf(row.createdAt), instantOf(row.endedAt)]
  if (created === null || ended === null || created < shown.from) return null
  // Of calls that ended at one instant, a page that ends there shows some, and now these, now those.
  if (ended <= shown.endFrom) return null
  return shown.at
}

/** How far from our clock calls are dated that have appeared since a page was shown; null if none has. */
export function sampleOf(known: ShownPage | null, rows: readonly Call[], now: Instant): number | null {
  const appeared = rows
    .filter((row) => appearedAfter(known, row, now) !== null)
    .flatMap((row) => possibleEnd(row, now) ?? [])
    .sort((a, b) => a - b)
  const typical = appeared[appeared.length >> 1]
  return typical === undefined ? null : typical - now
}

/** The samples with another one; the newest are last. */
export function withSample(samples: readonly number[], sample: number | null): readonly number[] {
  return sample === null ? samples : [...samples, Math.round(sample)].slice(-SAMPLES)
}

/** Those to keep for the next process: none as long as nothing is off. */
export function samplesToKeep(samples: readonly number[]): readonly number[] {
  return samples.some((ms) => Math.abs(ms) >= STAMPS_OFF_MS) ? samples : []
}

/**
 * A fresh page of calls that began at `from` or later, as it is remembered. Whatever ended before all of its calls may have
 * been left out: it may have fewer rows than the vendor allows.
 */
export function shownPage(rows: readonly Call[], from: Instant, now: Instant): ShownPage {
  const ends = rows.flatMap((row) => possibleEnd(row, now) ?? [])
  return { at: now, from, endFrom: Math.min(...ends), ids: new Set(rows.map(({ id }) => id)) }
}

/** The end of a call, if it can be an hour of some clock and is not before its start. */
function possibleEnd({ createdAt, endedAt }: Call, now: Instant): Instant | null {
  const [created, ended] = [instantOf(createdAt), instantOf(endedAt)]
  if (!isImaginable(ended) || Math.abs(ended - now) > OFF_MAX_MS) return null
  return created !== null && ended < created ? null : ended
}

/** How far the times of calls are ahead of our clock; 0 if they are right, null while nobody can tell. */
export function stampsAheadMs(samples: readonly number[]): number | null {
  const sorted = [...samples].sort((a, b) => a - b)
  const [least = 0, middle = 0, most = 0] = sorted
  if (sorted.length < SAMPLES || most - least > SPREAD_MAX_MS) return null
  return Math.abs(middle) < STAMPS_OFF_MS ? 0 : toNearest(middle, QUARTER_MS)
}

/** Zones differ by quarters of an hour, and calls appear some minutes after the time that they are dated by. */
const QUARTER_MS = 15 * MINUTE

function toNearest(milliseconds: number, stepMs: number): number {
  return Math.round(milliseconds / stepMs) * stepMs
}

/** The notice after a reading, in which answers had a `Date`, or none; the same one if nothing has changed by minutes. */
export function noticeAfter(
  known: ClockNotice | null,
  { samples, serverAheadMs }: { samples: readonly number[]; serverAheadMs: number | null },
  now: Instant,
): ClockNotice | null {
  const ahead = serverAheadMs ?? known?.serverMs ?? 0
  const serverMs = Math.abs(ahead) >= SERVER_OFF_MS ? toNearest(ahead, MINUTE) : 0
  const stampsMs = stampsAheadMs(samples) ?? known?.stampsMs ?? 0
  if (stampsMs === 0 && serverMs === 0) return null
  const isSame = known !== null && isNear(known.stampsMs, stampsMs) && isNear(known.serverMs, serverMs)
  return isSame ? known : { stampsMs, serverMs, since: known?.since ?? now }
}

function isNear(one: number, other: number): boolean {
  return (one === 0) === (other === 0) && Math.abs(one - other) <= SERVER_OFF_MS
}

/** For people. */
export function clockNoticeText({ stampsMs, serverMs }: ClockNotice): string {
  const off = (milliseconds: number) =>
    `${durationText(Math.abs(milliseconds))} ${milliseconds < 0 ? "behind" : "ahead of"} our clock`
  return [
    ...(stampsMs === 0
      ? []
      : [`echowin dates its calls about ${off(stampsMs)}; they are checked all the same.`]),
    ...(serverMs === 0 ? [] : [`The clock of echowin's server is ${off(serverMs)}.`]),
  ].join(" ")
}

/** Calls that are dated in the past may be told from as much earlier on. */
export function behindCursor(cursor: Cursor, notice: ClockNotice | null): Cursor {
  return { ...cursor, since: cursor.since + Math.min(0, notice?.stampsMs ?? 0) }
}

/**
 * The cursor when it has just become known that calls are dated in the past: it goes back, and six hours more, because
 * calls that appeared before anybody knew were looked for at the wrong time. Otherwise the same.
 */
export function cursorAtNotice(
  cursor: Cursor,
  { before, after }: { before: ClockNotice | null; after: ClockNotice | null },
  now: Instant,
): Cursor {
  const stampsMs = after?.stampsMs ?? 0
  const isWorse = stampsMs < 0 && stampsMs < (before?.stampsMs ?? 0) - SPREAD_MAX_MS
  if (!isWorse) return cursor
  const { since } = behindCursor(cursor, after)
  const watermark = Math.max(since, Math.min(cursor.watermark, now + stampsMs - OPEN_MAX_MS))
  return { since: cursor.since, watermark, resumeAt: null }
}

/** Without a call of the last minutes, a fresh page now and then reaches back to wherever calls may be dated. */
const SILENT_MS = 20 * MINUTE

const WIDE_EVERY = 3

/** From when on a fresh page shows calls, instead of `from`; `readings` counts the polls that have read. */
export function freshFrom(
  from: Instant,
  { newest, readings }: { newest: Instant | null; readings: number },
  now: Instant,
): Instant {
  const isSilent = newest === null || newest < now - SILENT_MS
  return isSilent && Math.floor(readings / 3) % WIDE_EVERY === WIDE_EVERY - 1
    ? Math.min(from, now - OFF_MAX_MS)
    : from
}
