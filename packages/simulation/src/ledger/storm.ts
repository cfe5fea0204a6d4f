/**
 * What must hold of a storm in each channel: at most sixty messages an hour until all of it is told; where nothing fails, each call within ten
 * minutes of being found, or of when the channel takes messages again, which then owes hundreds at once; and what is critical first: by itself
 * as far as a channel's pace allows, and never after what is less.
 */
import type { ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import type { Severity } from "@earshot/core/rule/rule"
import type { SimulatedCall } from "../truth/call.ts"
import { isOfStorm } from "../truth/storm.ts"
import { reasonName } from "./account.ts"
import type { Books } from "./books.ts"

export type StormLedger = {
  /** A message has arrived that tells of these calls. */
  told: (channel: ChannelId, calls: readonly Told[]) => void
  checkStorm: () => void
}

type Told = { callId: string; reasons: readonly string[] }

const MESSAGES_MAX = 60

const WITHIN_MS = 10 * MINUTE

/** As many critical ones are told one by one before they are too many for that. */
const SINGLY = 10

/** What was found after a poll planned its messages waits for the next. */
const NEXT_POLL_MS = 45 * SECOND

type Message = { at: Instant; criticals: number; ofStorm: number; others: number }

export function createStormLedger(books: Books): StormLedger {
  const { storm, findings, promising, traffic, routing, refusals, now } = books
  const messages = new Map<ChannelId, Message[]>()

  const severityOf = (reasons: readonly string[]): Severity | null => {
    const given = promising.versions.filter((version) => reasons.includes(reasonName(version)))
    const worst = (["critical", "warning", "info"] as const).find((one) =>
      given.some(({ severity }) => severity === one),
    )
    return worst ?? null
  }

  function told(channel: ChannelId, calls: readonly Told[]): void {
    if (!storm || now() < storm.at) return
    const ofStorm = calls.filter(({ callId }) => {
      const call = traffic.call(callId)
      return call && isOfStorm(call, storm)
    })
    const criticals = calls.filter(({ reasons }) => severityOf(reasons) === "critical").length
    const message = { at: now(), criticals, ofStorm: ofStorm.length, others: calls.length - criticals }
    messages.set(channel, [...(messages.get(channel) ?? []), message])
    if (promising.isCalm && criticals === 0) checkCriticalFirst(channel)
  }

  function checkCriticalFirst(channel: ChannelId): void {
    const waiting = [...books.owing.values()].flatMap(({ callId, alert, deliveries }) => {
      const due = deliveries.find((one) => one.channel === channel && one.state === "due")
      const isCritical = alert?.reasons.some(({ severity }) => severity === "critical") ?? false
      return due?.state === "due" ? [{ callId, dueAt: due.dueAt, isCritical }] : []
    })
    for (const { callId, dueAt, isCritical } of waiting)
      if (isCritical && dueAt < now() - NEXT_POLL_MS)
        findings.violated(`call ${callId} is critical, and ${channel} is sent what is less before it`)
  }

  function checkStorm(): void {
    if (!storm) return
    const calls = traffic.callsAt(now()).filter((call) => isOfStorm(call, storm))
    if (calls.length !== storm.calls) findings.violated(`the storm has ${calls.length} calls`)
    for (const channel of routing.ids) checkChannel(channel, calls, storm.at)
  }

  function checkChannel(channel: ChannelId, calls: readonly SimulatedCall[], at: Instant): void {
    const sent = messages.get(channel) ?? []
    const lastAt = sent.findLast(({ ofStorm }) => ofStorm > 0)?.at ?? at
    const until = sent.filter((message) => message.at <= lastAt)
    if (until.length > MESSAGES_MAX * Math.ceil((lastAt - at + 1) / HOUR))
      findings.violated(`a storm of ${calls.length} calls was ${until.length} messages in ${channel}`)
    if (!promising.isCalm || until.length === 0) return
    const late = calls.filter((call) => isLate(call, channel))
    if (late.length > 0)
      findings.violated(
        `${late.length} calls of the storm were told in ${channel} after more than ten minutes`,
      )
    const criticals = until.reduce((sum, message) => sum + message.criticals, 0)
    const singly = until.filter((message) => message.criticals === 1 && message.others === 0).length
    if (singly < Math.min(SINGLY, criticals))
      findings.violated(`of a storm's ${criticals} critical calls ${channel} was told ${singly} singly`)
  }

  function isLate({ account }: SimulatedCall, channel: ChannelId): boolean {
    const toldAt = account.sent[channel]?.firstAt ?? now()
    const untaken = refusals.find((one) => one.channel === channel && account.raisedAt < one.to)
    const from = untaken && untaken.from <= account.raisedAt ? untaken.to : account.raisedAt
    return account.owed.has(channel) && toldAt - from > WITHIN_MS
  }

  return { told, checkStorm }
}
