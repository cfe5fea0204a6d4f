/**
 * What people say of an alert: that they have seen it, and whether it was right. It stands in the call's record, where the poller
 * leaves it alone; a channel that can change its messages is to say it too.
 */
import * as z from "zod"
import { type Instant, SECOND } from "../instant.ts"
import { type Alert, standing } from "./alert.ts"
import type { Delivery } from "./delivery.ts"

/** `bad`: the call was, and the alert right. `fine`: it was not, and the alert a false alarm. */
export const ALERT_VERDICTS = ["bad", "fine"] as const

export const Acknowledgement = z.object({
  by: z.string(),
  note: z.string().nullable(),
  /** Null: they have only seen it. */
  verdict: z.enum(ALERT_VERDICTS).nullable(),
  at: z.number(),
})

export type Acknowledgement = z.infer<typeof Acknowledgement>

/** The parts of a record that have to do with it. */
type Acknowledgeable = { alert: Alert | null; acknowledgement?: Acknowledgement | undefined }

export const ALERT_STATES = ["open", "acknowledged", "withdrawn"] as const

/** An alert is open again once it has a reason that nobody can have seen. */
export function alertState({ alert, acknowledgement }: Acknowledgeable): (typeof ALERT_STATES)[number] {
  const reasons = alert?.reasons ?? []
  if (acknowledgement && reasons.every(({ at }) => at <= acknowledgement.at)) return "acknowledged"
  return alert && standing(alert).length === 0 ? "withdrawn" : "open"
}

/** Clocks of different machines differ by less. */
const CLOCK_SKEW_MS = 5 * SECOND

/** The record with what people say now; null: they take it back. Messages that can be changed are to say the same. */
export function acknowledged<T extends Acknowledgeable & { deliveries: readonly Delivery[] }>(
  { acknowledgement: _before, ...record }: T,
  acknowledgement: Omit<Acknowledgement, "at"> | null,
  now: Instant,
): Omit<T, "acknowledgement"> & { acknowledgement?: Acknowledgement; restateAt?: number } {
  // By another clock than ours, a reason that they have seen may be of the next moment.
  const seenAt = Math.max(
    now,
    ...(record.alert?.reasons ?? []).map(({ at }) => Math.min(at, now + CLOCK_SKEW_MS)),
  )
  // Only what can be changed has a receipt.
  const isShown = record.deliveries.some((one) => one.state === "sent" && one.receipt !== undefined)
  return {
    ...record,
    ...(acknowledgement && { acknowledgement: { ...acknowledgement, at: seenAt } }),
    ...(isShown && { restateAt: now }),
  }
}
