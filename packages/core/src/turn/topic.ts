/** The incidents after a topic was asked who is subscribed, with what another channel is to be told of it. */
import { noticeOf, withNotice } from "../alert/notice.ts"
import type { Instant } from "../instant.ts"
import type { Incidents } from "./incident.ts"
import {
  type SubscriptionCount,
  subscriptionNews,
  subscriptionTrouble,
  subscriptionsAfter,
} from "./subscription.ts"

/** `isOnly`: there is no other channel, so nobody can be told, and somebody has to be subscribed. */
export function withSubscriptions(
  known: Incidents,
  id: string,
  count: SubscriptionCount,
  { isOnly, now }: { isOnly: boolean; now: Instant },
): Incidents {
  const before = known.subscriptions[id]
  const after = subscriptionsAfter(before, count, { isOnly, now })
  const news = isOnly ? null : subscriptionNews(after)
  if (!news) return { ...known, subscriptions: { ...known.subscriptions, [id]: after } }
  const { kind, subject } = news
  const since = after.since ?? before?.since ?? now
  const why = subscriptionTrouble(after) ?? ""
  const notice = noticeOf({ kind, subject, about: id, since, at: now, why, waiting: 0 })
  const told = kind === "trouble" ? subject : null
  return {
    ...known,
    subscriptions: { ...known.subscriptions, [id]: { ...after, told } },
    notices: withNotice(known.notices, notice),
  }
}
