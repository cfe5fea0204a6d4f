/**
 * Whether anybody gets what a topic takes: SNS takes messages for a topic that nobody is subscribed to, or whose subscribers never
 * clicked the link in AWS's mail, and says nothing.
 */
import * as z from "zod"
import type { Instant } from "../instant.ts"
import type { Fault } from "./health.ts"

/**
 * `since`: when what is wrong was first seen; null: nothing is. `hadAny`: somebody was subscribed once. `told`: what another channel
 * was told of it, or is to be; null: nothing, or that it is over.
 */
export const Subscriptions = z.object({
  at: z.number(),
  confirmed: z.number(),
  pending: z.number(),
  hadAny: z.boolean(),
  since: z.number().nullable(),
  told: z.enum(["unconfirmed", "unsubscribed"]).nullable().default(null),
})

export type Subscriptions = z.infer<typeof Subscriptions>

export type SubscriptionCount = Pick<Subscriptions, "confirmed" | "pending">

/** What is known of a topic after it was asked. */
export function subscriptionsAfter(
  known: Subscriptions | undefined,
  count: SubscriptionCount,
  { isOnly, now }: { isOnly: boolean; now: Instant },
): Subscriptions {
  const { confirmed, pending } = count
  const hadAny = known?.hadAny === true || confirmed + pending > 0
  // A deployment that uses Slack alone has a topic, and nobody is meant to be subscribed.
  const isWrong = pending > 0 || (confirmed === 0 && (hadAny || isOnly))
  const since = isWrong ? (known?.since ?? now) : null
  return { at: now, confirmed, pending, hadAny, since, told: known?.told ?? null }
}

/** What is to be said of it in another channel, after it was asked; null if that is said already, or there is nothing to say. */
export function subscriptionNews({ since, told, pending }: Subscriptions): SubscriptionNews | null {
  if (since === null) return told && { kind: "over", subject: told }
  const subject = pending === 0 ? "unsubscribed" : "unconfirmed"
  // That it is better than it was is said once it is well.
  if (told === subject || told === "unsubscribed") return null
  return { kind: "trouble", subject }
}

export type SubscriptionNews = {
  kind: "trouble" | "over"
  subject: Exclude<Subscriptions["told"], null>
}

/** What is wrong, in one sentence without its full stop; null if nothing is. */
export function subscriptionTrouble({ confirmed, pending, since }: Subscriptions): string | null {
  if (since === null) return null
  if (pending === 0) return "nobody is subscribed to its topic any more, so nobody gets its messages"
  const of = `${pending} of ${confirmed + pending} subscriptions`
  return `${of} to its topic ${pending === 1 ? "waits" : "wait"} to be confirmed by the link in AWS's mail`
}

export function subscriptionFaults(topics: Readonly<Record<string, Subscriptions>>): Fault[] {
  return Object.entries(topics).flatMap(([id, known]): Fault[] => {
    const trouble = subscriptionTrouble(known)
    if (trouble === null) return []
    return [{ kind: "subscription", since: known.since, text: `The channel ${id}: ${trouble}.` }]
  })
}
