/** For tests: calls with an alert, as a poller stores them. */
import { type CallRecord, recordJudgement } from "@earshot/core/alert/call-record"
import type { Delivery } from "@earshot/core/alert/delivery"
import { isoOf } from "@earshot/core/instant"
import { judge } from "@earshot/core/rule/judgement"
import { factsOf, ruleOf } from "@earshot/core/test-example"
import { START, type TestApi } from "./test-api.ts"

/** A rule of this severity and name, which calls with a flag match. */
export function alertedRecord(
  id: string,
  {
    at = START,
    rule = { name: "Flagged", severity: "warning" },
    agent = { id: "agent-1", name: "Front desk" },
    deliveries,
  }: {
    at?: number
    rule?: Parameters<typeof ruleOf>[1]
    agent?: CallRecord["facts"]["call"]["agent"]
    deliveries?: Delivery[]
  } = {},
): CallRecord {
  const facts = factsOf({ id, flagged: true, agent, createdAt: isoOf(at - 60_000) }, { firstSeenAt: at })
  const judged = judge([ruleOf({ flagged: true }, rule)], facts, at)
  const record = recordJudgement(null, facts, judged, ["slack"], at)
  return deliveries ? { ...record, deliveries } : record
}

export async function storeAlert(api: TestApi, ...as: Parameters<typeof alertedRecord>): Promise<CallRecord> {
  const record = alertedRecord(...as)
  await api.store.writeCall(record, 0)
  return record
}

export const sentAt = (at: number, more: Partial<Delivery> = {}): Delivery => ({
  channel: "slack",
  attempts: 1,
  owedAt: at,
  mayRepeat: false,
  ...more,
  state: "sent",
  sentAt: at,
})
