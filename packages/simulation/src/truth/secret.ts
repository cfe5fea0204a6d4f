/**
 * The secrets of simulated calls, and who must not read them: the people of a channel, by its level of privacy, and
 * anybody who reads the log. Each secret has a word in it that occurs nowhere else.
 */
import type { ChannelId, ChannelKind, DeploymentChannelId, Privacy } from "@earshot/core/channel/channel"

export const CALLER = "+15550100001"

/** How the vendor calls states, directions and activities is its own text. */
const VENDOR_WORDS =
  /\b(?:CALL_ANSWERED|TRANSFER|INCOMING|CONFERENCE|in_progress|completed|no-answer|voicemail|CANCELLED|DTMF|VOICEMAIL_LEFT|GUARDRAIL)\b/

/** The id of a call or an agent. */
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/

export const SAID = "It is about my lighthouse."

export const MEMORY = "Has asked for a windmill before."

export const RECORDING_URL = "https://cr.files.echo.win/simulated"

export const WEBHOOK_URL = "https://hooks.slack.com/services/T000/B000/X000"

/** The only key that the vendor knows; any other is refused with a 401. */
export const API_KEY = "ew_simulated"

/** How much each channel may show. */
export const PRIVACY = { slack: "standard", email: "minimal" } as const satisfies Record<
  DeploymentChannelId,
  Privacy
>

/** What secrets of channels are sealed with, and what webhooks sign with. */
export const CHANNEL_KEY = "5e".repeat(32)

export const SIGNING_SECRET = `whsec_${"c2ltdWxhdGVk".repeat(4)}`

export const BOT_TOKEN = "xoxb-simulated"

const WEBHOOKS = "https://hooks.slack.com/services/T000/B000/"

const RECEIVER = "https://receiver.example.com/"

/** Where messages to a channel that was added go, by its kind. */
export function targetOf(id: ChannelId): Record<ChannelKind, Readonly<Record<string, string>>> {
  return {
    slack: { webhookUrl: `${WEBHOOKS}${id}` },
    "slack-app": { botToken: BOT_TOKEN, slackChannelId: `C00000${id.toUpperCase()}` },
    sns: { topicArn: `arn:aws:sns:us-east-1:000000000000:${id}` },
    webhook: { url: `${RECEIVER}${id}` },
  }
}

/** The channel that a request goes to, by its address; null: it goes to none. */
export function channelAt(url: string): ChannelId | null {
  if (url === WEBHOOK_URL) return "slack"
  const base = [WEBHOOKS, RECEIVER].find((start) => url.startsWith(start))
  return base === undefined ? null : url.slice(base.length)
}

const FULL_ONLY = /555\W*010\W*0001|lighthouse|windmill|cr\.files/i

/** The last digits of a number that is withheld, spelt on a keypad, which are nobody's. */
const WITHHELD = /(?:…|\.\.\.)(?:2833|6687|0000)/

/** A summary is about one of two things, so that a rule can ask for one of them. */
const SHOWN = /zeppelin|teapot|juniper|marigold|(?:…|\.\.\.)0001/i

const OURS = /ew_simulated|hooks\.slack|xoxb-|receiver\.example/i

const FORBIDDEN: Record<Privacy | "log", readonly RegExp[]> = {
  log: [FULL_ONLY, SHOWN, OURS],
  minimal: [FULL_ONLY, SHOWN, WITHHELD, VENDOR_WORDS, UUID, OURS],
  standard: [FULL_ONLY, WITHHELD, OURS],
  full: [WITHHELD, OURS],
}

/** The people of a channel by what it may show, or those who read the log. */
export type Reader = Privacy | "log"

/** The word that this reader must not see; null if there is none. */
export function secretIn(text: string, reader: Reader): string | null {
  for (const pattern of FORBIDDEN[reader]) {
    const word = pattern.exec(text)?.[0]
    if (word !== undefined) return word
  }
  return null
}
