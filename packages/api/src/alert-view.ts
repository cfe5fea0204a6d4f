/** An alert as the API shows it: which call, why, what became of its messages, and what people said of it. */
import { ALERT_STATES, ALERT_VERDICTS, alertState } from "@earshot/core/alert/acknowledgement"
import { severityOf } from "@earshot/core/alert/alert"
import type { CallRecord } from "@earshot/core/alert/call-record"
import { type Delivery, nextAttemptAt } from "@earshot/core/alert/delivery"
import { callReference } from "@earshot/core/fingerprint"
import { type Instant, isoOf } from "@earshot/core/instant"
import { Severity } from "@earshot/core/rule/rule"
import * as z from "zod"

const Time = z.iso.datetime()

const ReasonView = z.object({
  rule: z.string(),
  version: z.number().int().describe("Of the rule, as it was then."),
  name: z.string(),
  severity: Severity,
  at: Time,
  withdrawnAt: Time.nullable().describe("When it was found to be true no more; null: that was not found."),
})

const AlertDelivery = z.object({
  channel: z.string(),
  state: z.enum(["due", "claimed", "sent", "dead"]),
  says: z.enum(["reasons", "withdrawal"]),
  at: Time.nullable().describe("When it was sent or given up, or may be tried next."),
  attempts: z.number().int().min(0),
  digest: z.string().nullable().describe("The digest that it is a part of."),
  why: z.string().nullable().describe("Why it was given up."),
})

export const AcknowledgementView = z.object({
  by: z.string(),
  note: z.string().nullable(),
  verdict: z
    .enum(ALERT_VERDICTS)
    .nullable()
    .describe("bad: the call was, and the alert right. fine: a false alarm. null: it was only seen."),
  at: Time,
})

export const AlertView = z.object({
  id: z.string().describe("The call's id: a call has one alert."),
  reference: z.string().describe("Eight characters that stand for it where the id must not be shown."),
  raisedAt: Time,
  state: z
    .enum(ALERT_STATES)
    .describe(
      "acknowledged: somebody has seen every reason that it has. withdrawn: none of its reasons is true any more. open: neither.",
    ),
  severity: Severity.describe("The highest of its reasons."),
  agent: z.object({ id: z.string().nullable(), name: z.string().nullable() }).nullable(),
  startedAt: z.string().nullable().describe("When the call began, as the vendor wrote it."),
  endedAt: z.string().nullable().describe("As the vendor wrote it; null while the call lasts."),
  reasons: z.array(ReasonView),
  deliveries: z.array(AlertDelivery),
  acknowledgement: AcknowledgementView.nullable(),
})

export type AlertView = z.infer<typeof AlertView>

export const AlertList = z.object({
  alerts: z.array(AlertView),
  next: z
    .string()
    .nullable()
    .describe(
      "As `cursor` it leads to those after these, also if there are fewer than `limit` here; null: there are no more.",
    ),
})

/** Null if the call has no alert. */
export function alertView(record: CallRecord): AlertView | null {
  const { callId, alert, facts, deliveries, acknowledgement, isTest } = record
  if (!alert || isTest) return null
  const withdrawnAt = new Map((alert.withdrawals ?? []).map(({ reason, at }) => [reason, at]))
  return {
    id: callId,
    reference: callReference(callId),
    raisedAt: isoOf(alert.raisedAt),
    state: alertState(record),
    severity: severityOf(alert),
    agent: facts.call.agent,
    startedAt: facts.call.createdAt,
    endedAt: facts.call.endedAt,
    reasons: alert.reasons.map(({ ruleId, version, name, severity, at }, index) => ({
      rule: ruleId,
      version,
      name,
      severity,
      at: isoOf(at),
      withdrawnAt: isoOrNull(withdrawnAt.get(index) ?? null),
    })),
    deliveries: deliveries.map(deliveryView),
    acknowledgement: acknowledgement ? { ...acknowledgement, at: isoOf(acknowledgement.at) } : null,
  }
}

function deliveryView(delivery: Delivery): z.infer<typeof AlertDelivery> {
  const { channel, state, attempts, kind = "reasons", digest = null } = delivery
  return {
    channel,
    state,
    says: kind,
    at: isoOrNull(timeOf(delivery)),
    attempts,
    digest,
    why: delivery.state === "dead" ? delivery.why : null,
  }
}

function timeOf(delivery: Delivery): Instant | null {
  switch (delivery.state) {
    case "sent":
      return delivery.sentAt
    case "dead":
      return delivery.deadAt
    case "due":
    case "claimed":
      return nextAttemptAt(delivery)
  }
}

function isoOrNull(at: Instant | null): string | null {
  return at === null ? null : isoOf(at)
}
