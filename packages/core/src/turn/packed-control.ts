/** The poller's state as it is stored, with short names, because each poll pays for every byte. */
import * as z from "zod"
import { LOOKBACK_MAX_MS } from "../horizon.ts"
import { NO_REVIEW, Review } from "../list/review.ts"
import { packNotice, packSamples, unpackNotice, unpackSamples } from "../list/vendor-clock.ts"
import { packCounts, unpackCounts } from "./budget.ts"
import type { Control, ControlChange } from "./control.ts"
import { Failure } from "./failure.ts"
import { packNudges, unpackNudges } from "./nudge.ts"
import { packPolls, unpackPolls } from "./past-poll.ts"

/** As it is stored, with short names. What is absent or damaged is as before the first poll. */
const number = z.number().default(0).catch(0)

const text = z.string().default("").catch("")

export const PackedControl = z.object({
  fence: number,
  lease: number,
  next: number,
  polled: number,
  done: number,
  read: number,
  since: z.number().default(0).catch(Number.POSITIVE_INFINITY),
  watermark: z.number().nullish().catch(null),
  resume: z.number().nullish().catch(null),
  review: Review.optional().catch(undefined),
  watchVersion: number,
  rulesChanged: number,
  ringMinute: number,
  ringFence: number,
  ringList: text,
  ringDetail: text,
  listBlocked: number,
  detailBlocked: number,
  channels: z.string().nullish().catch(null),
  due: z.number().nullish().catch(null),
  dueAsked: number,
  pending: number,
  unexaminedAt: number,
  failure: Failure.nullish().catch(null),
  clock: z.string().nullish().catch(null),
  stamps: text,
  nud: text,
  log: text,
})

export type PackedControl = z.infer<typeof PackedControl>

export function unpackControl(packed: PackedControl): Control {
  return {
    fence: packed.fence,
    leaseUntil: packed.lease,
    nextPollAt: packed.next,
    polledAt: packed.polled,
    completedAt: packed.done,
    readAt: packed.read,
    since: sinceOf(packed),
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
    channels: packed.channels?.split(" ") ?? null,
    dueAt: packed.due ?? null,
    dueAskedAt: packed.dueAsked,
    pending: packed.pending,
    unexaminedAt: packed.unexaminedAt,
    failure: packed.failure ?? null,
    clockNotice: packed.clock ? unpackNotice(packed.clock) : null,
    stampSamples: unpackSamples(packed.stamps),
    nudges: unpackNudges(packed.nud),
    polls: unpackPolls(packed.log),
  }
}

/**
 * Where alerts begin, if that is damaged: as far before the watermark as calls are ever read again. Without a watermark, never:
 * then the next poll counts as the first.
 */
function sinceOf({ since, watermark }: PackedControl): number {
  if (Number.isFinite(since)) return since
  return typeof watermark === "number" ? watermark - LOOKBACK_MAX_MS : since
}

/** The stored attributes of a change. */
export function packChange(change: ControlChange): Record<string, unknown> {
  const { ring } = change
  const packed = {
    lease: change.leaseUntil,
    next: change.nextPollAt,
    done: change.completedAt,
    read: change.readAt,
    since: change.since,
    watermark: change.watermark,
    resume: change.resumeAt,
    review: change.review,
    watchVersion: change.watchVersion,
    listBlocked: change.listBlockedUntil,
    detailBlocked: change.detailBlockedUntil,
    channels: change.channels?.join(" "),
    due: change.dueAt,
    pending: change.pending,
    unexaminedAt: change.unexaminedAt,
    failure: change.failure,
    clock: change.clockNotice && packNotice(change.clockNotice),
    stamps: change.stampSamples && packSamples(change.stampSamples),
    nud: change.nudges && packNudges(change.nudges),
    log: change.polls && packPolls(change.polls),
    ...(ring && {
      ringMinute: ring.minute,
      ringFence: ring.fence,
      ringList: packCounts(ring.list),
      ringDetail: packCounts(ring.detail),
    }),
  }
  return Object.fromEntries(Object.entries(packed).filter(([, value]) => value !== undefined))
}
