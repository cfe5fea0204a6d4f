/** The checks of `npm run doctor` on whom alerts are sent to: the Slack webhook, and who is subscribed to the topics. */
import type { SNSClient } from "@aws-sdk/client-sns"
import { isoOf } from "@earshot/core/instant"
import type { Bulletin } from "@earshot/core/message/bulletin"
import { createSlackChannel } from "@earshot/io/channel/slack"
import { countSubscriptions } from "@earshot/io/channel/subscription"
import type { World } from "@earshot/io/world"
import { awsTrouble } from "./aws-trouble.ts"
import { type Seen, fine, skipped, wrongly } from "./observation.ts"

export async function lookAtSlack(
  world: World,
  webhookUrl: string | null,
  { isTestSent }: { isTestSent: boolean },
): Promise<Seen> {
  if (webhookUrl === null) return skipped("No webhook is set.")
  if (!isTestSent) return fine("A webhook is set. To see it work: -- --send-test sends a test message to it.")
  const channel = createSlackChannel(world, { webhookUrl, privacy: "minimal" })
  const result = await channel.sendBulletin?.(testBulletin(world.now()))
  if (result?.kind === "sent") return fine("It took a test message: look for it in Slack.")
  return wrongly(
    `It took no test message: ${result?.why}.`,
    "Make a new webhook in Slack, set the secret SlackWebhookUrl, and deploy.",
  )
}

function testBulletin(now: number): Bulletin {
  return {
    id: "doctor",
    severity: "info",
    ruleIds: [],
    title: "A test of Earshot",
    sentence: "A test of Earshot: somebody has run npm run doctor.",
    parts: [],
    next: "Nothing: if you can read this, alerts reach this channel.",
    small: [`sent by npm run doctor at ${isoOf(now)}`],
  }
}

export type Topic = {
  arn: string
  /** The variable that lists who is to be subscribed, and what it says. */
  variable: "ALERT_EMAILS" | "OPS_EMAILS"
  given: string | undefined
  /** What nobody learns while nobody is subscribed. */
  carries: string
  /** Nobody has to be subscribed. */
  isOptional: boolean
}

const CONFIRM =
  "Click the link in AWS's mail (look into the spam folder). One is gone after 48 hours: then npx sst refresh, and deploy, for a new mail."

export async function lookAtTopic(client: SNSClient, topic: Topic): Promise<Seen> {
  const { variable, carries } = topic
  const wanted = addressCount(topic.given)
  try {
    const { confirmed, pending } = await countSubscriptions(client, topic.arn)
    const all = confirmed + pending
    if (pending > 0) return wrongly(`${carries}: ${pending} of ${all} subscriptions not confirmed.`, CONFIRM)
    if (wanted !== null && confirmed < wanted) {
      return wrongly(
        `${carries}: ${confirmed} of the ${wanted} addresses in ${variable} subscribed.`,
        `Deploy, and click the link in AWS's mail.`,
      )
    }
    if (confirmed > 0) return fine(`${carries}: ${confirmed} confirmed, none waits.`)
    if (topic.isOptional) return skipped(`${carries}: nobody is subscribed, nor has to be.`)
    return wrongly(
      `${carries}: nobody is subscribed.`,
      `Set ${variable} and deploy, or say ${variable}=none where nobody is meant to be.`,
    )
  } catch (error) {
    if (error instanceof Error && NO_TOPIC.test(error.name)) {
      return wrongly(
        `${carries}: there is no such topic in this account and region.`,
        "Check AWS_REGION and AWS_PROFILE; if they are the stage's, deploy again.",
      )
    }
    return awsTrouble(error, {
      service: "SNS",
      right: "sns:ListSubscriptionsByTopic on the topics",
      endpoint: "AWS_ENDPOINT_URL_SNS",
    })
  }
}

/** SNS calls the ARN of another region's topic a wrong parameter. */
const NO_TOPIC = /^(NotFound|InvalidParameter)/

/** Null if nothing is said about it here: the settings may be on another machine. */
function addressCount(given: string | undefined): number | null {
  if (given === undefined || given.trim() === "" || given.trim() === "none") return null
  const addresses = given.split(",").map((address) => address.trim().toLowerCase())
  return new Set(addresses.filter((address) => address !== "")).size
}
