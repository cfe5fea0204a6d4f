/** The poller's state as it is stored, with short names, because each poll pays for every byte. */
import * as z from "zod"
import { NO_REVIEW, Review } from "../list/review.ts"
import { packNotice, packSamples, unpackNotice, unpackSamples } from "../list/vendor-clock.ts"
import { packCounts, unpackCounts } from "./budget.ts"
import type { Control, ControlChange } from "./control.ts"
import { Failure } from "./failure.ts"

/** As it is stored, with short names. Absent values: as before the first poll. */
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
  clock: z.string().nullish(),
  stamps: z.string().default(""),
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
    clockNotice: packed.clock ? unpackNotice(packed.clock) : null,
    stampSamples: unpackSamples(packed.stamps),
  }
}

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
    clock: change.clockNotice && packNotice(change.clockNotice),
    stamps: change.stampSamples && packSamples(change.stampSamples),
    ...(ring && {
      ringMinute: ring.minute,
      ringFence: ring.fence,
      ringList: packCounts(ring.list),
      ringDetail: packCounts(ring.detail),
    }),
  }
  return Object.fromEntries(Object.entries(packed).filter(([, value]) => value !== undefined))
}
