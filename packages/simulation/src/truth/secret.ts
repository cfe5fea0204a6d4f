/**
 * The secrets of simulated calls, and who must not read them: the people of a channel, by its level of privacy, and
 * anybody who reads the log. Each secret has a word in it that occurs nowhere else.
 */
import type { ChannelId, DeploymentChannelId, Privacy } from "@earshot/core/channel/channel"

export const CALLER = "+15550100001"

/** How the vendor calls states, directions and activities is its own text. */
const VENDOR_WORDS =
  /\b(?:CALL_ANSWERED|TRANSFER|INCOMING|CONFERENCE|in_progress|completed|no-answer|voicemail|CANCELLED|DTMF|VOICEMAIL_LEFT|GUARDRAIL)\b/

/** The id of a call or an agent. */
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/

export const AGENT = Object.freeze({ id: "5f0c8c0e-6a0b-4a53-9d0e-2f2f3f1d7a10", name: "Juniper" })

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

const FULL_ONLY = /555\W*010\W*0001|lighthouse|windmill|cr\.files/i

/** The last digits of a number that is withheld, spelt on a keypad, which are nobody's. */
const WITHHELD = /(?:…|\.\.\.)(?:2833|6687|0000)/

/** A summary is about one of two things, so that a rule can ask for one of them. */
const SHOWN = /zeppelin|teapot|juniper|(?:…|\.\.\.)0001/i

const OURS = /ew_simulated|hooks\.slack/i

const FORBIDDEN: Record<Privacy | "log", readonly RegExp[]> = {
  log: [FULL_ONLY, SHOWN, OURS],
  minimal: [FULL_ONLY, SHOWN, WITHHELD, VENDOR_WORDS, UUID, OURS],
  standard: [FULL_ONLY, WITHHELD, OURS],
  full: [WITHHELD, OURS],
}

/** A channel, or `log`. */
export type Reader = ChannelId

/** The word that this reader must not see; null if there is none. */
export function secretIn(text: string, reader: Reader): string | null {
  const level = reader === "slack" || reader === "email" ? PRIVACY[reader] : "log"
  for (const pattern of FORBIDDEN[level]) {
    const [word] = pattern.exec(text) ?? []
    if (word !== undefined) return word
  }
  return null
}
