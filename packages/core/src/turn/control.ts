/**
 * The poller's own state: who polls, until when, how many requests were made, how far the list was read, and
 * what went wrong last. One small item, because each poll writes it.
 */
import * as z from "zod"
import { AHEAD_MAX_MS, HOUR, type Instant, MINUTE, SECOND } from "../instant.ts"
import { NO_REVIEW, Review } from "../list/review.ts"
import { withinBytes } from "../text.ts"
import { EMPTY_RING, type Ring, packCounts, unpackCounts } from "./budget.ts"

/** What made a poll fail, for the people who run Earshot. No secret and no callers' data. */
export const Failure = z.object({
  kind: z.string(),
  message: z.string(),
  /** When it was first and last seen without a good poll between. */
  since: z.number(),
  at: z.number(),
})

export type Failure = z.infer<typeof Failure>

export type Control = {
  /** Counts the turns. Whoever holds a smaller number has been overtaken. */
  fence: number
  /** A poll works until then at the latest. 0: none does. */
  leaseUntil: Instant
  /** No poll starts before. */
  nextPollAt: Instant
  /** When the newest poll started; 0: never. */
  polledAt: Instant
  /** When the list was last read, or up to ten minutes before; 0: never. */
  readAt: Instant
  /** Calls that started before are not told. */
  since: Instant
  watermark: Instant | null
  resumeAt: Instant | null
  review: Review
  watchVersion: number
  /** Rules read before this and a minute after it may be old. */
  rulesChangedAt: Instant
  ring: Ring
  /** The vendor has asked not to be asked before. */
  listBlockedUntil: Instant
  detailBlockedUntil: Instant
  /** When the earliest delivery may be due; null: none is. */
  dueAt: Instant | null
  /** Deliveries that were pending when last counted. */
  pending: number
  /** Calls that were closed although a rule needed a detail that could not be afforded. */
  unexamined: number
  failure: Failure | null
}

/** The state before the first poll. */
export const FIRST_CONTROL: Control = {
  fence: 0,
  leaseUntil: 0,
  nextPollAt: 0,
  polledAt: 0,
  readAt: 0,
  since: 0,
  watermark: null,
  resumeAt: null,
  review: NO_REVIEW,
  watchVersion: 0,
  rulesChangedAt: 0,
  ring: EMPTY_RING,
  listBlockedUntil: 0,
  detailBlockedUntil: 0,
  dueAt: null,
  pending: 0,
  unexamined: 0,
  failure: null,
}

/** How long a poll may run; a Lambda that runs longer is stopped by its own timeout. */
export const POLL_MAX_MS = 60 * SECOND

/**
 * After this much of a poll nothing more of each kind is begun, so that what was begun ends in time, and no step
 * takes the time of the one after it: what was fetched has to be judged and kept, what was kept has to be sent.
 * The rest is the next poll's.
 */
export const UNTIL_MS = {
  list: 12 * SECOND,
  look: 22 * SECOND,
  keep: 32 * SECOND,
  send: 45 * SECOND,
} as const

/** Longer than a poll may run. */
export const LEASE_MS = POLL_MAX_MS + 15 * SECOND

/** Longer than an edit of a rule may take from its announcement to its write. */
export const RULES_EDIT_MS = MINUTE

/** As it is stored: the names are short because they are paid for by the byte. Absent: as before the first poll. */
export const PackedControl = z.object({
  fence: z.number().default(0),
  lease: z.number().default(0),
  next: z.number().default(0),
  polled: z.number().default(0),
  read: z.number().default(0),
  since: z.number().default(0),
  watermark: z.number().nullish(),
  resume: z.number().nullish(),
  review: Review.optional(),
  watchVersion: z.number().default(0),
  rulesChanged: z.number().default(0),
  ringMinute: z.number().default(0),
  ringFence: z.number().default(0),
  ringList: z.string().default(""),
  ringDetail: z.string().default(""),
  listBlocked: z.number().default(0),
  detailBlocked: z.number().default(0),
  due: z.number().nullish(),
  pending: z.number().default(0),
  unexamined: z.number().default(0),
  failure: Failure.nullish(),
})

export type PackedControl = z.infer<typeof PackedControl>

export function unpackControl(packed: PackedControl): Control {
  return {
    fence: packed.fence,
    leaseUntil: packed.lease,
    nextPollAt: packed.next,
    polledAt: packed.polled,
    readAt: packed.read,
    since: packed.since,
    watermark: packed.watermark ?? null,
    resumeAt: packed.resume ?? null,
    review: packed.review ?? NO_REVIEW,
    watchVersion: packed.watchVersion,
    rulesChangedAt: packed.rulesChanged,
    ring: {
      minute: packed.ringMinute,
      fence: packed.ringFence,
      list: unpackCounts(packed.ringList),
      detail: unpackCounts(packed.ringDetail),
    },
    listBlockedUntil: packed.listBlocked,
    detailBlockedUntil: packed.detailBlocked,
    dueAt: packed.due ?? null,
    pending: packed.pending,
    unexamined: packed.unexamined,
    failure: packed.failure ?? null,
  }
}

/** What a poll may change of the state. Not the fence, and not what the HTTP API changes. */
export type ControlChange = Partial<Omit<Control, "fence" | "polledAt" | "rulesChangedAt">>

/** The stored attributes of a change. */
export function packChange(change: ControlChange): Record<string, unknown> {
  const { ring } = change
  const packed = {
    lease: change.leaseUntil,
    next: change.nextPollAt,
    read: change.readAt,
    since: change.since,
    watermark: change.watermark,
    resume: change.resumeAt,
    review: change.review,
    watchVersion: change.watchVersion,
    listBlocked: change.listBlockedUntil,
    detailBlocked: change.detailBlockedUntil,
    due: change.dueAt,
    pending: change.pending,
    unexamined: change.unexamined,
    failure: change.failure,
    ...(ring && {
      ringMinute: ring.minute,
      ringFence: ring.fence,
      ringList: packCounts(ring.list),
      ringDetail: packCounts(ring.detail),
    }),
  }
  return Object.fromEntries(Object.entries(packed).filter(([, value]) => value !== undefined))
}

/** A lease or a gate that lies further ahead than this was written by a clock that is wrong, and holds nobody up. */
export function latestHolds({ now, gateMs }: { now: Instant; gateMs: number }): {
  leaseMax: Instant
  nextMax: Instant
} {
  return { leaseMax: now + LEASE_MS + AHEAD_MAX_MS, nextMax: now + gateMs + AHEAD_MAX_MS }
}

/** The vendor is left alone for an hour at most. */
const BLOCK_MAX_MS = HOUR

/**
 * Without what only a clock that was far ahead can have written, which would hold up everything until its time. If the very
 * first poll had such a clock, reading begins anew, with the calls that started at `since` or later.
 */
export function withoutFuture(control: Control, { since, now }: { since: Instant; now: Instant }): Control {
  const latest = now + AHEAD_MAX_MS
  const block = (until: Instant) => (until > latest + BLOCK_MAX_MS ? 0 : until)
  const { recent, day, week } = control.review
  const isOfFuture = [recent, day, week].some(({ startedAt }) => startedAt > latest)
  // Once the vendor has listed calls from after it, it is our clock that is behind.
  const isFirstOfFuture = control.since > latest && (control.watermark ?? control.since) <= control.since
  return {
    ...control,
    ...(isFirstOfFuture && { since, watermark: null, resumeAt: null }),
    readAt: control.readAt > latest ? 0 : control.readAt,
    listBlockedUntil: block(control.listBlockedUntil),
    detailBlockedUntil: block(control.detailBlockedUntil),
    review: isOfFuture ? NO_REVIEW : control.review,
  }
}

/** After less than that the re-reading of the last two and a half hours finds all that matters. */
const OUTAGE_MS = 30 * MINUTE

/** So many gates without a reading are an outage at the earliest: polls may be an hour apart, as they are without a gate. */
const OUTAGE_GATES = 3

/** For how many milliseconds nobody has read the list, or up to ten minutes more; 0: no outage, or it was never read. */
export function outageBefore({ readAt }: Control, { now, gateMs }: { now: Instant; gateMs: number }): number {
  const least = Math.max(OUTAGE_MS, OUTAGE_GATES * (gateMs || HOUR))
  return readAt > 0 && now - readAt >= least ? now - readAt : 0
}

/** Whether a poll may start, and if not, why. The stores ask the same in one conditional write. */
export function refusalOf(
  control: Control,
  { now, gateMs }: { now: Instant; gateMs: number },
): "busy" | "early" | null {
  const { leaseMax, nextMax } = latestHolds({ now, gateMs })
  if (control.leaseUntil > now && control.leaseUntil <= leaseMax) return "busy"
  return control.nextPollAt > now && control.nextPollAt <= nextMax ? "early" : null
}

/** The state is written at each poll and stays below a kilobyte, whatever has failed. */
const FAILURE_BYTES_MAX = 160

/** The same failure goes on, or a new one starts. */
export function failureAfter(known: Failure | null, kind: string, message: string, now: Instant): Failure {
  const since = known?.kind === kind ? known.since : now
  return { kind, message: withinBytes(message, FAILURE_BYTES_MAX), since, at: now }
}

const OUT_OF_ORDER = "out-of-order"

const OUT_OF_ORDER_TEXT =
  "The Calls API does not list the oldest calls first, as asked: only the newest are told of, the others wait until it does. Tell echowin."

/**
 * What is still wrong when the list was read; null if nothing is. `scannedTo` undefined: there was no scan, which alone can
 * see whether the list is in order again.
 */
export function failureAfterList(
  known: Failure | null,
  { isOutOfOrder, scannedTo }: { isOutOfOrder: boolean; scannedTo: Instant | null | undefined },
  now: Instant,
): Failure | null {
  if (isOutOfOrder) return failureAfter(known, OUT_OF_ORDER, OUT_OF_ORDER_TEXT, now)
  return scannedTo === undefined && known?.kind === OUT_OF_ORDER ? known : null
}
