/** For tests of the ledger: one that watches a few calls, and what a poller would show it. */
import type { Reason } from "@earshot/core/alert/alert"
import { UNKNOWN_CALL } from "@earshot/core/call/unknown-call"
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { Delivery } from "@earshot/core/alert/delivery"
import { CHANNEL_IDS } from "@earshot/core/channel/channel"
import { DAY, type Instant, SECOND } from "@earshot/core/instant"
import type { Process, Send } from "../process/process.ts"
import { START } from "../scenario.ts"
import { END, testCall } from "../test-call.ts"
import { rostersOf } from "../time/channel-edit.ts"
import type { SimulatedCall } from "../truth/call.ts"
import { PLAIN } from "../truth/oddity.ts"
import { type RuleVersion, planRules } from "../truth/rule.ts"
import { createRouting } from "../truth/routing.ts"
import { type Observed, createFindings } from "./books.ts"
import { createLedger } from "./ledger.ts"

/** A ledger that watches these calls by the default rules, and a clock. */
export function watch(...calls: SimulatedCall[]) {
  return watchBy(planRules({ seed: 1, profile: "calm", start: START, end: START + DAY }), {}, ...calls)
}

/** One in which Slack wants a brief at eight by UTC. */
export function watchBriefs(...calls: SimulatedCall[]) {
  const briefs = [{ channel: "slack", at: "08:00", timeZone: "UTC", from: START, unread: [] }]
  return watchBy([], { briefs }, ...calls)
}

export function watchBy(
  versions: readonly RuleVersion[],
  more: Partial<Pick<Observed, "briefs" | "snoozes">> & { gone?: ReadonlyMap<string, Instant> } = {},
  ...calls: SimulatedCall[]
) {
  const clock = { now: START, isWrong: false }
  const made = { list: 0, detail: 0 }
  const now = () => clock.now
  const observed = {
    traffic: {
      callsAt: () => calls,
      byEnd: () => calls,
      fleeting: () => [],
      call: (id: string) => calls.find((call) => call.id === id),
    },
    promising: { versions, oddities: PLAIN, rate: 60, downtime: () => 0, isCalm: false },
    now,
    limits: { listPerHour: 200, detailPerHour: 500, gateMs: 19 * SECOND },
    usedInHour: (kind: "list" | "detail") => made[kind],
    routing: createRouting(rostersOf([], [{ from: START, channels: CHANNEL_IDS }])),
    hadChannel: (channel: string) => more.gone?.has(channel) !== true,
    tookMessages: () => true,
    restsAt: () => false,
    refusals: [],
    storm: null,
    rests: [],
    briefs: more.briefs ?? [],
    snoozes: more.snoozes ?? [],
    goneSince: (channel: string) => more.gone?.get(channel) ?? null,
    isSnoozed: () => false,
    tookBriefs: () => true,
    silence: () => 0,
    mayBeMistimed: () => clock.isWrong,
    triggerMs: 20 * SECOND,
    scarceAt: [],
    measuredUntil: START + DAY,
  }
  const ledger = createLedger(observed, createFindings(now))
  const close = () => ledger.close({ since: 0, callsUntil: START + DAY, end: START + DAY }).missed
  return { ledger, clock, made, close }
}

export const flagged = () => testCall({ flaggedAt: END })

export const toBoth = ["slack", "email"] as const

/** A record whose alert is owed to these channels. */
export function recordOf(
  state: "claimed" | "sent",
  channels: readonly ("slack" | "email")[],
  at: Instant,
  ruleIds: readonly string[] = ["flagged"],
): CallRecord {
  const base = { attempts: 1, owedAt: at, mayRepeat: false }
  const deliveries = channels.map((channel): Delivery =>
    state === "sent"
      ? { ...base, channel, state, sentAt: at }
      : { ...base, channel, state, claimedUntil: at + 90 * SECOND },
  )
  const reasonOf = (ruleId: string): Reason => ({
    ruleId,
    version: 1,
    name: "Flagged",
    severity: "warning",
    because: [],
    becauseLeftOut: 0,
    at,
  })
  const facts = { firstSeenAt: START, detailedAt: null, detailIsFinal: false, overAt: null }
  return {
    callId: "call",
    facts: { ...facts, call: { ...UNKNOWN_CALL, id: "call" } },
    verdicts: [],
    isOpen: false,
    alert: { raisedAt: at, reasons: ruleIds.map(reasonOf) },
    deliveries,
  }
}

/** Keeps the alert, sends the claimed message, and it arrives. */
export function sendAlert(
  { ledger, clock }: ReturnType<typeof watch>,
  process: Process,
  channel: "slack" | "email",
  mayRepeat = false,
  reasons = ["flagged@1"],
): Send {
  ledger.kept(recordOf("claimed", toBoth, clock.now), process)
  const send: Send = { callId: "call", channel, reasons, isUnknown: false }
  ledger.sent(send, process)
  ledger.arrived({ callId: "call", channel, reasons, mayRepeat })
  return send
}
