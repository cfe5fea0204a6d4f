/** Counts who is subscribed to a topic. An address that has not been confirmed gets nothing, whatever SNS says to a message. */
import { ListSubscriptionsByTopicCommand, type SNSClient } from "@aws-sdk/client-sns"
import type { SubscriptionCount } from "@earshot/core/turn/subscription"

/** A page has a hundred. With more, it is enough to know that there are many. */
const PAGES_MAX = 5

/** What SNS says instead of an ARN while the link in its mail was not followed. */
const PENDING = "PendingConfirmation"

/** Rejects as the client does, such as for want of the right. */
export async function countSubscriptions(client: SNSClient, topicArn: string): Promise<SubscriptionCount> {
  const count = { confirmed: 0, pending: 0 }
  let NextToken: string | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await client.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: topicArn, ...(NextToken && { NextToken }) }),
    )
    for (const { SubscriptionArn = "" } of answer.Subscriptions ?? []) {
      if (SubscriptionArn === PENDING) count.pending++
      // Of one that was cancelled, "Deleted" is shown for a while.
      else if (SubscriptionArn.startsWith("arn:")) count.confirmed++
    }
    NextToken = answer.NextToken
    if (!NextToken) break
  }
  return count
}
