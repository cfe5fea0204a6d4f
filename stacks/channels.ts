/**
 * Whom alerts are told to: a topic that people subscribe to by e-mail, a Slack webhook, and the secrets.
 *
 * SST puts a linked secret into the bundle of the function that it is linked to, so each is linked only where it
 * is needed; this file makes them and links none.
 */
import { checkSecrets } from "./deploy-check.ts"
import { chosenEmails } from "./setting.ts"
import type { Environment } from "./settings-file.ts"
import { subscribeEmails } from "./subscription.ts"

/** What `SlackWebhookUrl` is until somebody sets it. The functions read it as "no Slack". */
const NO_WEBHOOK = "none"

/** What `ChannelSecretKey` is until somebody sets it. Without one, no channel that holds a secret can be added. */
const NO_KEY = "none"

/** What `NudgeSecret` is until somebody sets it. Without one, the API takes no nudges. */
const NO_NUDGES = "none"

export type Channels = ReturnType<typeof createChannels>

/** What `HeartbeatUrl` is until somebody sets it: no monitor is told of each complete poll. */
const NO_HEARTBEAT = "none"

/** Throws if ALERT_EMAILS is wrong. A secret that has no value, or a wrong one, fails the deploy and is named. */
export function createChannels(settings: Environment) {
  const emails = chosenEmails(settings, "ALERT_EMAILS")
  const alertTopic = new sst.aws.SnsTopic("Alerts")
  subscribeEmails({ topic: alertTopic, emails, prefix: "AlertEmail" })

  const echowinApiKey = new sst.Secret("EchowinApiKey")
  const apiToken = new sst.Secret("ApiToken")
  const slackWebhookUrl = new sst.Secret("SlackWebhookUrl", NO_WEBHOOK)
  const channelSecretKey = new sst.Secret("ChannelSecretKey", NO_KEY)
  const nudgeSecret = new sst.Secret("NudgeSecret", NO_NUDGES)
  const heartbeatUrl = new sst.Secret("HeartbeatUrl", NO_HEARTBEAT)
  const secrets = { echowinApiKey, apiToken, slackWebhookUrl, channelSecretKey, heartbeatUrl, nudgeSecret }
  refuseWrong({
    ECHOWIN_API_KEY: echowinApiKey,
    API_TOKEN: apiToken,
    SLACK_WEBHOOK_URL: slackWebhookUrl,
    CHANNEL_SECRET_KEY: channelSecretKey,
    HEARTBEAT_URL: heartbeatUrl,
    NUDGE_SECRET: nudgeSecret,
  })
  warnIfNobodyIsTold(emails, slackWebhookUrl)

  return { alertTopic, ...secrets }
}

/** `secrets`: by the variables that the functions know them by. */
function refuseWrong(secrets: Record<string, sst.Secret>) {
  const given = Object.entries(secrets).map(([variable, { name, value }]) =>
    $resolve([name, value] as const).apply(([secret, text]) => [variable, { secret, value: text }] as const),
  )
  $resolve(given).apply((all) => checkSecrets(Object.fromEntries(all), $app.stage))
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
