/**
 * E-mail subscriptions to a topic.
 *
 * AWS sends each address a link to confirm; until it is clicked nothing arrives, and an unconfirmed
 * subscription cannot be removed by a deploy (AWS drops it by itself after a few days).
 */
import { createHash } from "node:crypto"

/** Named after the address and not its place in the list, so that reordering the list recreates nothing. */
export function subscribeEmails(to: {
  topic: sst.aws.SnsTopic
  emails: readonly string[]
  prefix: "AlertEmail" | "OperationsEmail"
}) {
  return to.emails.map(
    (email) =>
      new aws.sns.TopicSubscription(`${to.prefix}${shortHash(email)}`, {
        topic: to.topic.arn,
        protocol: "email",
        endpoint: email,
      }),
  )
}

/** A hash, because the names of resources are shown in logs and consoles where an address has no place. */
function shortHash(email: string) {
  return createHash("sha256").update(email).digest("hex").slice(0, 8)
}
