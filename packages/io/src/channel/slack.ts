/**
 * The Slack channel: an incoming webhook. Its address is a secret, so that no error names it. What the answers
 * mean: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
import type { SendResult } from "@earshot/core/alert/delivery"
import type { ChannelId, Privacy } from "@earshot/core/channel/channel"
import { slackBulletin } from "@earshot/core/message/bulletin"
import { plainLines } from "@earshot/core/message/plain"
import { slackPayload, slackText } from "@earshot/core/message/slack"
import { type World, errorCode, withinTime } from "../world.ts"
import { SLACK_HOSTS } from "./slack-host.ts"
import { NEVER_LEFT, retryAfterMs, textOf } from "./answer.ts"
import { type Channel, SEND_TIMEOUT_MS } from "./channel.ts"

/** Slack's limit for one webhook, short bursts aside. */
const PACE_MS = 1000

/** `setAs`: where people look when something is wrong with it. */
export type SlackSettings = { webhookUrl: string; setAs?: string }

export function createSlackChannel(
  world: World,
  {
    id = "slack",
    privacy,
    webhookUrl,
    setAs = "SLACK_WEBHOOK_URL",
  }: SlackSettings & { id?: ChannelId; privacy: Privacy },
): Channel {
  return {
    id,
    privacy,
    paceMs: PACE_MS,
    send: (message, ended, form = "full") =>
      post(
        world,
        { webhookUrl, setAs },
        form === "plain" ? slackText(plainLines(message)) : slackPayload(message, ended),
      ),
    sendBulletin: (bulletin, form = "full") =>
      post(
        world,
        { webhookUrl, setAs },
        form === "plain" ? slackText(plainLines(bulletin)) : slackBulletin(bulletin),
      ),
  }
}

/** As much of an answer as is known: its status, and the text that has come so far. */
type Answer = { status: number; retryAfter: string | null; text: string }

async function post(
  world: World,
  { webhookUrl, setAs }: Required<SlackSettings>,
  payload: object,
): Promise<SendResult> {
  let answer: Answer | null = null
  try {
    await withinTime(world, SEND_TIMEOUT_MS, async (signal) => {
      const response = await world.fetch(webhookUrl, {
        method: "POST",
        headers: { "content-type": "application/json; charset=utf-8" },
        body: JSON.stringify(payload),
        redirect: "manual",
        signal,
      })
      answer = { status: response.status, retryAfter: response.headers.get("retry-after"), text: "" }
      for await (const text of textOf(response, signal)) answer = { ...answer, text }
    })
  } catch (error) {
    // Once there is a status, what breaks off is only the rest of its reason.
    if (!answer) return unreachable(error, setAs)
  }
  if (answer) return resultOf(answer, new URL(webhookUrl))
  const why = `Slack did not answer in time: check ${setAs}`
  return { kind: "retry", why, mayHaveArrived: true }
}

function unreachable(error: unknown, setAs: string): SendResult {
  const code = errorCode(error)
  const why = `Slack could not be reached${code ? ` (${code})` : ""}: check ${setAs}`
  return { kind: "retry", why, mayHaveArrived: !NEVER_LEFT.has(code ?? "") }
}

function resultOf({ status, retryAfter, text }: Answer, { hostname }: URL): SendResult {
  // Slack's reasons are single words, such as channel_is_archived; anything else is not repeated.
  const word = /^[a-z_]{1,60}$/.test(text.trim()) ? text.trim() : null
  if (status >= 200 && status < 300) {
    // What stands between may answer anything with 200. Another host than Slack's says what it likes.
    if (word === "ok" || !SLACK_HOSTS.includes(hostname)) return { kind: "sent" }
    const why = `Slack answered ${status} without ok: is something between Earshot and Slack?`
    return { kind: "retry", why, mayHaveArrived: true }
  }
  if (status === 429) {
    const afterMs = retryAfterMs(retryAfter)
    return { kind: "retry", why: "Slack asks to wait (429)", mayHaveArrived: false, afterMs }
  }
  if (status >= 500 || status === 408) {
    return { kind: "retry", why: `Slack failed (${status})`, mayHaveArrived: true }
  }
  const isMalformed = status === 413 || (status === 400 && (word === null || MALFORMED.test(word)))
  return {
    kind: "refused",
    why: `Slack refused the message (${status}${word ? `: ${word}` : ""})`,
    isMalformed,
  }
}

/** What Slack says when it is the message that it does not like: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
const MALFORMED =
  /^(?:invalid_(?:payload|blocks|attachments|blocks_format)|no_text|msg_too_long|too_many_attachments)$/
