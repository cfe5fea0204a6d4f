/**
 * E-mail subscriptions to a topic.
 *
 * AWS sends each address a link to confirm; until it is clicked nothing arrives, and an unconfirmed
 * subscription cannot be removed by a deploy (AWS drops it by itself after a few days).
 */
import { type Prefix, subscriptionName } from "./subscription-name.ts"

export function subscribeEmails(to: { topic: sst.aws.SnsTopic; emails: readonly string[]; prefix: Prefix }) {
  return to.emails.map(
    (email) =>
      new aws.sns.TopicSubscription(subscriptionName(to.prefix, email), {
        topic: to.topic.arn,
        protocol: "email",
        endpoint: email,
      }),
  )
}
