/**
 * Whom alerts are told to: a topic that people subscribe to by e-mail, a Slack webhook, and the secrets.
 *
 * SST puts a linked secret into the bundle of the function that it is linked to, so each is linked only where it
 * is needed; this file makes them and links none.
 */
import { chosenEmails } from "./setting.ts"
import { subscribeEmails } from "./subscription.ts"

/** What `SlackWebhookUrl` is until somebody sets it. The functions read it as "no Slack". */
const NO_WEBHOOK = "none"

/** What `ChannelSecretKey` is until somebody sets it. Without one, no channel that holds a secret can be added. */
const NO_KEY = "none"

/** What `NudgeSecret` is until somebody sets it. Without one, the API takes no nudges. */
const NO_NUDGES = "none"

export type Channels = ReturnType<typeof createChannels>

/** Throws if ALERT_EMAILS is wrong. A secret without a value fails the deploy and names itself. */
export function createChannels() {
  const emails = chosenEmails(process.env, "ALERT_EMAILS")
  const alertTopic = new sst.aws.SnsTopic("Alerts")
  subscribeEmails({ topic: alertTopic, emails, prefix: "AlertEmail" })

  const echowinApiKey = new sst.Secret("EchowinApiKey")
  const apiToken = new sst.Secret("ApiToken")
  const slackWebhookUrl = new sst.Secret("SlackWebhookUrl", NO_WEBHOOK)
  const channelSecretKey = new sst.Secret("ChannelSecretKey", NO_KEY)
  const nudgeSecret = new sst.Secret("NudgeSecret", NO_NUDGES)
  warnIfNobodyIsTold(emails, slackWebhookUrl)

  return { alertTopic, echowinApiKey, apiToken, slackWebhookUrl, channelSecretKey, nudgeSecret }
}

/** Not an error: the topic can be subscribed to by other means, which are not seen from here. */
function warnIfNobodyIsTold(emails: readonly string[], slackWebhookUrl: sst.Secret) {
  if (emails.length > 0) return
  slackWebhookUrl.value.apply((url) => {
    if (url !== NO_WEBHOOK) return
    // oxlint-disable-next-line no-console -- The terminal of the deploy is where it can still be mended.
    console.warn(
      "Nobody will hear of an alert: set ALERT_EMAILS to the addresses to tell, or the secret SlackWebhookUrl.",
    )
  })
}
