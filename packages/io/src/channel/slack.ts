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
import { type Channel, SEND_TIMEOUT_MS } from "./channel.ts"

/** Slack's limit for one webhook, short bursts aside. */
const PACE_MS = 1000

export const SLACK_HOSTS: readonly string[] = ["hooks.slack.com", "hooks.slack-gov.com"]

export type SlackSettings = { webhookUrl: string }

export function createSlackChannel(
  world: World,
  { id = "slack", privacy, webhookUrl }: SlackSettings & { id?: ChannelId; privacy: Privacy },
): Channel {
  return {
    id,
    privacy,
    paceMs: PACE_MS,
    send: (message, ended, form = "full") =>
      post(
        world,
        webhookUrl,
        form === "plain" ? slackText(plainLines(message)) : slackPayload(message, ended),
      ),
    sendBulletin: (bulletin, form = "full") =>
      post(world, webhookUrl, form === "plain" ? slackText(plainLines(bulletin)) : slackBulletin(bulletin)),
  }
}

/** As much of an answer as is known: its status, and the text that has come so far. */
type Answer = { status: number; retryAfter: string | null; text: string }

async function post(world: World, webhookUrl: string, payload: object): Promise<SendResult> {
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
    if (!answer) return unreachable(error)
  }
  if (answer) return resultOf(answer, new URL(webhookUrl))
  const why = "Slack did not answer in time: check SLACK_WEBHOOK_URL"
  return { kind: "retry", why, mayHaveArrived: true }
}

/** Slack's answers are single words. More is not read, however much of it comes. */
const ANSWER_BYTES_MAX = 64 * 1024

/** The text of a response, longer with each part that comes. A server that compresses is counted by what it unpacks to. */
async function* textOf({ body }: Response, signal: AbortSignal): AsyncGenerator<string> {
  if (!body) return
  const reader = body.getReader()
  const cancel = () => void reader.cancel().catch(() => {})
  signal.addEventListener("abort", cancel, { once: true })
  const decoder = new TextDecoder()
  let text = ""
  let bytes = 0
  while (bytes <= ANSWER_BYTES_MAX) {
    const { done, value } = await reader.read()
    if (done) return
    bytes += value.byteLength
    text += decoder.decode(value.subarray(0, ANSWER_BYTES_MAX), { stream: true })
    yield text
  }
  cancel()
}

function unreachable(error: unknown): SendResult {
  const code = errorCode(error)
  const why = `Slack could not be reached${code ? ` (${code})` : ""}: check SLACK_WEBHOOK_URL`
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
    const seconds = Number(retryAfter)
    const afterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined
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

/** The connection was never made. */
const NEVER_LEFT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
  "EHOSTUNREACH",
])

/** What is wrong with a webhook's address, without repeating it; null if nothing is. */
export function webhookIssue(webhookUrl: string, allowedHosts: readonly string[]): string | null {
  if (!URL.canParse(webhookUrl)) return "is not a URL"
  const { protocol, host, hostname, pathname, username, password } = new URL(webhookUrl)
  if (username || password) return "must not contain a user or a password"
  if (!allowedHosts.includes(host) && !allowedHosts.includes(hostname)) {
    return `must be an address at ${allowedHosts.join(" or ")}; SLACK_ALLOWED_HOSTS names others`
  }
  if (!SLACK_HOSTS.includes(host)) {
    return protocol === "https:" || protocol === "http:" ? null : "must begin with https://"
  }
  if (protocol !== "https:") return "must begin with https://"
  return pathname.startsWith("/services/") ? null : "must be https://hooks.slack.com/services/…"
}
