/** What is known of an SNS topic without SNS. */

/** Above ten messages a second AWS suspends e-mail subscriptions; one is plenty for a person. */
export const EMAIL_PACE_MS = 1000

/** Where a topic is, which its ARN says. */
export function regionOf(topicArn: string): string | null {
  return topicArn.split(":")[3] || null
}
