/**
 * Deliveries: a message of a call's alert, owed to a channel. due → claimed → sent, or back to due, or dead once the channel has not
 * taken it for a day. A refusal is a failure like any other: webhooks get mended. A claim counts the attempt before it is made.
 * An attempt whose outcome could not be known is made again, marked as a possible repeat.
 */
import * as z from "zod"
import { ChannelId } from "../channel/channel.ts"
import { believable } from "../clock.ts"
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../instant.ts"

const Base = z.object({
  channel: ChannelId,
  attempts: z.number(),
  owedAt: z.number(),
  /** An earlier attempt may have arrived. */
  mayRepeat: z.boolean(),
  /** Counts the messages to the channel about this call. Absent: 0, which is the alert; the others follow up on it. */
  seq: z.number().optional(),
  /** How many of the alert's reasons had been found when it was claimed last. Absent before, and in older records. */
  given: z.number().optional(),
  /** It was dead, and was made due again. */
  isRevived: z.boolean().optional(),
  /** The message that it is a part of, or was at the last attempt. Absent: it has a message of its own. */
  digest: z.string().optional(),
  /** Until when quiet hours or a snooze hold it back, or did. Absent: nothing has. */
  restUntil: z.number().optional(),
  /** What it says that is no reason. Absent: reasons. */
  kind: z.literal("withdrawal").optional(),
  /** Of a withdrawal: which of the alert's it says, since it was claimed last. */
  taken: z.array(z.number()).optional(),
})

export const Delivery = z.discriminatedUnion("state", [
  Base.extend({ state: z.literal("due"), dueAt: z.number() }),
  Base.extend({ state: z.literal("claimed"), claimedUntil: z.number() }),
  // `receipt`: what the channel knows the message by, if it says so.
  Base.extend({ state: z.literal("sent"), sentAt: z.number(), receipt: z.string().max(200).optional() }),
  Base.extend({ state: z.literal("dead"), deadAt: z.number(), why: z.string() }),
])

export type Delivery = z.infer<typeof Delivery>

export type Claimed = Extract<Delivery, { state: "claimed" }>

/**
 * The outcome of an attempt. `mayHaveArrived`: the message may have been accepted although the answer was lost. `refused`: the
 * channel will not take it as things are; `isMalformed`: it is this message that it does not like, so that a plainer one may do.
 * `why` is for people who run Earshot: no secret, no word of a caller.
 */
export type SendResult =
  | { kind: "sent"; receipt?: string }
  | { kind: "retry"; why: string; mayHaveArrived: boolean; afterMs?: number | undefined }
  | { kind: "refused"; why: string; isMalformed?: boolean }

/** Longer than a poll may run, so that nobody sends what another poll may still be sending. */
export const CLAIM_MS = 90 * SECOND

/** The first retry falls to the next poll; each one waits about four times as long as the one before. */
const BACKOFF_MIN_MS = SECOND

const BACKOFF_FACTOR = 4

/** An alert that may turn out to be worse waits this long for what would make it worse, so that most calls are one message. */
export const HOLD_MS = 2 * MINUTE

/** No attempt is put off for longer, whatever a channel asks. */
export const PUT_OFF_MAX_MS = HOUR

/** Nothing is held back for longer at once: a snooze of a week, and the quiet hours in which it ends. */
export const REST_MAX_MS = 15 * DAY

/** A message waits no longer than this for the next attempt by itself: once its channel is mended, people hear soon. */
const BACKOFF_MAX_MS = 15 * MINUTE

/** After a day without being taken, a message is no longer news: it is kept for the people who look after the channel. */
export const GIVE_UP_MS = 24 * HOUR

/** A channel that somebody took away may come back with the next deploy, be that after a long weekend. */
export const AWAY_GIVE_UP_MS = 72 * HOUR

/**
 * The eighth attempt comes about an hour after the second: a brief fault right after an outage of our own is not the
 * end.
 */
const GIVE_UP_ATTEMPTS = 8

/** A delivery of the channel's `seq`th message about a call, which may be sent at `dueAt`. */
export function owe(
  channel: ChannelId,
  seq: number,
  { dueAt, now }: { dueAt: Instant; now: Instant },
): Delivery {
  return { channel, state: "due", attempts: 0, owedAt: now, mayRepeat: false, ...(seq > 0 && { seq }), dueAt }
}

/** When the next attempt may be made; null if there is nothing left to do. */
export function nextAttemptAt(delivery: Delivery): Instant | null {
  switch (delivery.state) {
    case "due":
      return delivery.dueAt
    case "claimed":
      return delivery.claimedUntil
    case "sent":
    case "dead":
      return null
  }
}

/** Whether an attempt may be made now. */
export function isDue(delivery: Delivery, now: Instant): boolean {
  const at = nextAttemptAt(delivery)
  return at !== null && at <= now
}

/** A delivery as it is read: an attempt that only a clock that was wrong can have put off for so long is due now. */
export function rightDelivery(delivery: Delivery, now: Instant): Delivery {
  if (delivery.state === "due") {
    const untriedMs = delivery.attempts === 0 ? HOLD_MS : PUT_OFF_MAX_MS
    const waitMaxMs = isResting(delivery, now) ? REST_MAX_MS : untriedMs
    return { ...delivery, dueAt: believable(delivery.dueAt, { waitMaxMs, now }) }
  }
  if (delivery.state !== "claimed") return delivery
  return { ...delivery, claimedUntil: believable(delivery.claimedUntil, { waitMaxMs: CLAIM_MS, now }) }
}

/** The earliest of all next attempts; null if every delivery is sent or dead. A message waits for the one before it. */
export function earliestAttemptAt(deliveries: readonly Delivery[]): Instant | null {
  return earliestOf(deliveries, nextAttemptAt)
}

/** A message that was tried as often is put behind those that were not: its channel may be gone, and others wait. */
const AHEAD_ATTEMPTS = 4

/**
 * Where what is owed stands in the index of what is due; null if nothing is. Most messages are claimed when they are owed: then a
 * claim does not move it, which would cost two units, and whoever finds it there meanwhile reads in its record that it is claimed.
 * `aheadMs`: so much earlier, for what is to be found before the rest. What is held back is found when its time comes, the first then.
 */
export function indexedAt(deliveries: readonly Delivery[], aheadMs = 0): Instant | null {
  return earliestOf(deliveries, (delivery) => {
    const nextAt = nextAttemptAt(delivery)
    const at = delivery.state === "claimed" ? Math.min(delivery.owedAt, delivery.claimedUntil) : nextAt
    if (at === null || aheadMs === 0 || delivery.attempts >= AHEAD_ATTEMPTS) return at
    return nextAt === delivery.restUntil ? at - 1 : Math.min(at, delivery.owedAt) - aheadMs
  })
}

function earliestOf(
  deliveries: readonly Delivery[],
  timeOf: (delivery: Delivery) => Instant | null,
): Instant | null {
  let earliest: Instant | null = null
  for (const delivery of deliveries) {
    const at = timeOf(delivery)
    if (at === null || (earliest !== null && at >= earliest)) continue
    if (nextOf(deliveries, delivery.channel) === delivery) earliest = at
  }
  return earliest
}

/** The first message to the channel that is not sent or dead; null if there is none. */
export function nextOf(deliveries: readonly Delivery[], channel: ChannelId): Delivery | null {
  let next: Delivery | null = null
  for (const delivery of deliveries) {
    if (delivery.channel !== channel || nextAttemptAt(delivery) === null) continue
    if (next === null || seqOf(delivery) < seqOf(next)) next = delivery
  }
  return next
}

export function countPending(deliveries: readonly Delivery[]): number {
  return deliveries.filter((delivery) => nextAttemptAt(delivery) !== null).length
}

/** The claim on a due delivery; null if it is not due. If an earlier claim ran out, its sender died. */
export function claim(delivery: Delivery, now: Instant): Claimed | null {
  if (!isDue(delivery, now)) return null
  return {
    ...baseOf(delivery),
    state: "claimed",
    attempts: delivery.attempts + 1,
    mayRepeat: delivery.mayRepeat || delivery.state === "claimed",
    claimedUntil: now + CLAIM_MS,
  }
}

/** `roll`, a number in 0..1, spreads the retries of many alerts. `isAway`: there is no such channel now. */
export function settle(
  delivery: Claimed,
  result: SendResult,
  now: Instant,
  { roll, isAway = false }: { roll: number; isAway?: boolean },
): Delivery {
  const base = baseOf(delivery)
  const { attempts, owedAt, mayRepeat, restUntil = 0 } = base
  if (result.kind === "sent") {
    return { ...base, state: "sent", sentAt: now, ...(result.receipt && { receipt: result.receipt }) }
  }
  // While it was held back, nobody tried.
  const triedFrom = Math.max(owedAt, Math.min(now, restUntil))
  if (now - triedFrom >= (isAway ? AWAY_GIVE_UP_MS : GIVE_UP_MS) && attempts >= GIVE_UP_ATTEMPTS) {
    return { ...base, state: "dead", deadAt: now, why: `gave up: ${result.why}` }
  }
  const isRefused = result.kind === "refused"
  const askedMs = isRefused ? 0 : Math.min(result.afterMs ?? 0, PUT_OFF_MAX_MS)
  const backoffMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * BACKOFF_FACTOR ** Math.min(attempts - 1, 10))
  return {
    ...base,
    mayRepeat: mayRepeat || (!isRefused && result.mayHaveArrived),
    state: "due",
    dueAt: now + Math.round(Math.max(askedMs, backoffMs * (0.6 + 0.4 * roll))),
  }
}

/** A claim on a message that was not sent after all, as if it had never been made. */
export function unclaim(delivery: Claimed, dueAt: Instant): Delivery {
  const base = baseOf(delivery)
  return { ...base, attempts: base.attempts - 1, state: "due", dueAt }
}

/** Whether it is held back now. */
export function isResting(delivery: Delivery, now: Instant): boolean {
  const { restUntil } = delivery
  return (
    restUntil !== undefined && delivery.state === "due" && delivery.dueAt > now && delivery.dueAt >= restUntil
  )
}

/** A due delivery held back until then. If an earlier claim ran out, its sender died. Any other is left as it is. */
export function rest(delivery: Delivery, until: Instant, now: Instant): Delivery {
  if (!isDue(delivery, now) && !isResting(delivery, now)) return delivery
  const mayRepeat = delivery.mayRepeat || delivery.state === "claimed"
  return { ...baseOf(delivery), mayRepeat, state: "due", dueAt: until, restUntil: until }
}

/** A dead delivery that is to be tried for another day. Any other is left as it is. */
export function revive(delivery: Delivery, now: Instant): Delivery {
  if (delivery.state !== "dead") return delivery
  return { ...baseOf(delivery), state: "due", attempts: 0, owedAt: now, isRevived: true, dueAt: now }
}

/** What a delivery keeps in every state. */
function baseOf(delivery: Delivery): z.infer<typeof Base> {
  return Base.parse(delivery)
}

export function seqOf({ seq = 0 }: Delivery): number {
  return seq
}
