/**
 * Nothing is owed to nobody. What a channel was still owed when somebody deleted it goes to those that take it now, or to the
 * fallback, if nobody else has been told or will be. If somebody has, it waits for three days, as for any channel that is away: a channel of that id may come back.
 */
import type { ChannelId } from "../channel/channel.ts"
import type { Instant } from "../instant.ts"
import type { CallRecord } from "./call-record.ts"
import { type Delivery, isDue, owe, seqOf } from "./delivery.ts"
import { giveable, givesReasons } from "./owing.ts"
import { passedOverFor } from "./passing-over.ts"
import { type Recipient, fallbackOf, takersOf } from "./routing.ts"

/**
 * `deleted`: the channels that were, and are not any more. `recipients`: those that are live. `rules`: where rules say that their
 * alerts go; one that is not among them is off or gone, and may have said anything.
 */
export type Inheritance = {
  deleted: readonly ChannelId[]
  recipients: readonly Recipient[]
  rules: readonly { id: string; channels?: readonly ChannelId[] | undefined }[]
}

/**
 * The record with what only deleted channels are owed owed to others instead, so that it happens once; null if there is nothing
 * of the kind. A message that somebody may be sending at this moment stays where it is.
 */
export function inherited(
  record: CallRecord,
  { deleted, recipients, rules }: Inheritance,
  now: Instant,
): CallRecord | null {
  const { alert, deliveries, isTest } = record
  const isLeft = (channel: ChannelId) => deleted.includes(channel)
  const moved = deliveries.filter((one) => isLeft(one.channel) && givesReasons(one) && isDue(one, now))
  if (!alert || isTest || moved.length === 0) return null
  const others = deliveries.filter((one) => !isLeft(one.channel) && givesReasons(one) && one.state !== "dead")
  const told = Math.max(0, ...others.map((one) => giveable(one, alert)))
  const orphaned = alert.reasons.slice(told).flatMap(({ ruleId, severity }, index) => {
    const rule = rules.find(({ id }) => id === ruleId)
    const to = takersOf({ ...rule, severity }, record.facts.call.agent, recipients)
    // What is found later and is no worse is added to the record, and no channel that knows of the call is sent it.
    const passedOver = passedOverFor(alert, told + index) ?? (rule ? to : [])
    const isDecided = passedOver.some((id) => others.some(({ channel }) => channel === id))
    return isDecided ? [] : [to]
  })
  const heirs = [...new Set(orphaned.flatMap((to) => (to.length > 0 ? to : fallbackOf(recipients))))]
  if (heirs.length === 0) return null
  const isStill = (channel: ChannelId) =>
    deliveries.some((one) => one.channel === channel && givesReasons(one) && !moved.includes(one))
  // What was never told there need not be taken back there.
  const isNeedless = (one: Delivery) => !givesReasons(one) && isLeft(one.channel) && !isStill(one.channel)
  const kept = deliveries.filter((one) => !moved.includes(one) && !isNeedless(one))
  const added = heirs.map((id) => {
    const mine = kept.filter(({ channel }) => channel === id)
    return owe(id, mine.length > 0 ? Math.max(...mine.map(seqOf)) + 1 : 0, { dueAt: now, now })
  })
  return { ...record, deliveries: [...kept, ...added] }
}
