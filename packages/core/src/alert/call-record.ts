/**
 * The record of a call: its facts, what the rules said, its alert and the deliveries of that alert. It is also the
 * outbox: an alert exists once its record is written, and not before.
 */
import * as z from "zod"
import { Facts } from "../call/facts.ts"
import { fitFacts } from "../call/fit.ts"
import { Trail, trailAfter } from "../call/trail.ts"
import { DAY, type Instant, earliest } from "../instant.ts"
import { type Judgement, matches } from "../rule/judgement.ts"
import { Acknowledgement } from "./acknowledgement.ts"
import { Alert, addReasons, withdrawReasons } from "./alert.ts"
import { Delivery, indexedAt, rightDelivery, seqOf } from "./delivery.ts"
import { heldUntil, oweMessages, routesOf } from "./owing.ts"
import { notePassedOver } from "./passing-over.ts"
import type { Recipient } from "./routing.ts"

const KeptVerdict = z.object({
  ruleId: z.string(),
  version: z.number(),
  truth: z.enum(["true", "false", "unknown"]),
  /** Unknown, but no longer waited for: it counts as false. */
  isSettled: z.boolean().default(false),
})

export const CallRecord = z.object({
  callId: z.string(),
  facts: Facts,
  verdicts: z.array(KeptVerdict),
  isOpen: z.boolean(),
  alert: Alert.nullable(),
  deliveries: z.array(Delivery),
  /** Of the row as last judged: a detail may have added more since. Absent in records of older versions. */
  fingerprint: z.string().optional(),
  /** When what was learnt. Absent in records of older versions, and where it is damaged. */
  trail: Trail.optional().catch(undefined),
  /** Made to try a channel: no call is behind it. */
  isTest: z.literal(true).optional(),
  /** Absent: nobody has said anything of its alert. */
  acknowledgement: Acknowledgement.optional(),
  /** Since when messages that can be changed are to be brought up to date; absent: they need not be. */
  restateAt: z.number().optional(),
})

export type CallRecord = z.infer<typeof CallRecord>

/** How long a record is kept after its call was first seen. */
export const RECORD_MS = 30 * DAY

/**
 * The record after a judgement. What it owed before stays owed; a channel that is new to this call is owed its alert.
 */
export function recordJudgement(
  known: CallRecord | null,
  facts: Facts,
  judgement: Judgement,
  channels: readonly Recipient[],
  now: Instant,
): CallRecord {
  const matching = matches(judgement)
  const callId = facts.call.id
  const raised = addReasons(known?.alert ?? null, matching, now)
  const alert = raised && withdrawReasons(raised, judgement.verdicts, now)
  const owed = { matching, channels, call: facts.call }
  const before = known?.deliveries ?? []
  const deliveries = alert
    ? oweMessages(before, alert, { ...owed, heldUntil: heldUntil(alert, judgement) }, now)
    : []
  return {
    callId,
    ...(known?.trail && { trail: known.trail }),
    facts: fitFacts(facts),
    verdicts: judgement.verdicts.map(({ rule, truth, isSettled }) => ({
      ruleId: rule.id,
      version: rule.version,
      truth,
      isSettled: truth === "unknown" && isSettled,
    })),
    isOpen: judgement.isOpen,
    alert:
      alert &&
      notePassedOver(alert, deliveries, {
        routesOf: () => routesOf(before, alert, owed),
        from: known?.alert?.reasons.length ?? 0,
      }),
    deliveries,
    ...(known?.acknowledgement && { acknowledgement: known.acknowledgement }),
    ...(known?.restateAt !== undefined && { restateAt: known.restateAt }),
  }
}

/** The record with what was learnt noted, once it is worth a write anyway. `known`: the one before it; null: there is none. */
export function withTrail(
  record: CallRecord,
  known: CallRecord | null,
  judged: { now: Instant; isSeen: boolean },
): CallRecord {
  const trail = trailAfter(known, record.facts, judged)
  return trail ? { ...record, trail } : record
}

/** Before everything that waits: what was ever owed later than that is dead by now. */
const AHEAD_MS = 30 * DAY

/**
 * Where the record stands in the index of what is due; null if there is nothing to do. A critical one stands before all others, so
 * that whoever asks for the first of thousands has it. It is a time that has come all the same: when its next attempt may be made,
 * the record says.
 */
export function dueInIndexAt({
  alert,
  deliveries,
  restateAt,
}: Pick<CallRecord, "alert" | "deliveries" | "restateAt">): Instant | null {
  const isCritical = alert?.reasons.some(({ severity }) => severity === "critical") ?? false
  const at = indexedAt(deliveries, isCritical ? AHEAD_MS : 0)
  return earliest(at, restateAt ?? null)
}

/** When its alert was raised, as alerts are listed by; null if it has none that is. */
export function alertListedAt({ alert, isTest }: Pick<CallRecord, "alert" | "isTest">): Instant | null {
  return alert && !isTest ? alert.raisedAt : null
}

/** A record as it is read: what only a clock that was wrong can have put off for so long is due now. */
export function rightRecord(record: CallRecord, now: Instant): CallRecord {
  return { ...record, deliveries: record.deliveries.map((delivery) => rightDelivery(delivery, now)) }
}

/** The record with one of its deliveries replaced. */
export function withDelivery(record: CallRecord, delivery: Delivery): CallRecord {
  return {
    ...record,
    deliveries: record.deliveries.map((other) =>
      other.channel === delivery.channel && seqOf(other) === seqOf(delivery) ? delivery : other,
    ),
  }
}

/** The record as it is worth storing: without what reading it adds by itself. An alert has to fit into two kilobytes, which cost two units. */
export function storedForm(record: CallRecord): object {
  const { alert } = record
  const verdicts = record.verdicts.map(({ isSettled, ...verdict }) => ({
    ...verdict,
    ...(isSettled && { isSettled }),
  }))
  if (!alert) return { ...record, verdicts }
  const reasons = alert.reasons.map(({ because, becauseLeftOut, ...reason }) => ({
    ...reason,
    because: because.map(({ operandsLeftOut, isNegated, ...one }) => ({
      ...one,
      ...(operandsLeftOut > 0 && { operandsLeftOut }),
      ...(isNegated && { isNegated }),
    })),
    ...(becauseLeftOut > 0 && { becauseLeftOut }),
  }))
  return { ...record, verdicts, alert: { ...alert, reasons } }
}
