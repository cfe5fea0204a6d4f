/**
 * Which channels a later reason was meant for and not sent to, because they knew of the call and it is no worse. That is settled when
 * the reason is found, by the rules and channels as they are then, and is kept with the alert: whoever edits them afterwards decides
 * nothing of it. What is left of a deleted channel is given out by this (`inheritance.ts`).
 */
import type { ChannelId } from "../channel/channel.ts"
import type { Alert } from "./alert.ts"
import type { Delivery } from "./delivery.ts"
import { type Route, giveable, givesReasons } from "./owing.ts"

/** The alert with it noted of its reasons from the `from`th on, which were just found. The same object if none was. */
export function notePassedOver(
  alert: Alert,
  deliveries: readonly Delivery[],
  { routesOf, from }: { routesOf: () => readonly Route[]; from: number },
): Alert {
  // Nobody knew of the call before its first reasons.
  if (from === 0 || from >= alert.reasons.length) return alert
  const routes = routesOf()
  const by = new Map(Object.entries(alert.passedOver?.by ?? {}))
  for (let index = from; index < alert.reasons.length; index++) {
    const route = routes.find(({ verdict }) => verdict.rule.id === alert.reasons[index]?.ruleId)
    for (const channel of route?.to ?? []) {
      const mine = deliveries.filter((one) => one.channel === channel && givesReasons(one))
      if (mine.every((one) => giveable(one, alert) <= index))
        by.set(channel, [...(by.get(channel) ?? []), index])
    }
  }
  return { ...alert, passedOver: { from: alert.passedOver?.from ?? from, by: Object.fromEntries(by) } }
}

/** The channels that this was so of; null: an older version found the reason, and did not note it. */
export function passedOverFor({ passedOver }: Alert, reason: number): ChannelId[] | null {
  if (!passedOver || reason < passedOver.from) return null
  return Object.entries(passedOver.by).flatMap(([channel, reasons]) =>
    reasons.includes(reason) ? [channel] : [],
  )
}
