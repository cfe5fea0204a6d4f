/**
 * The slack-app channel: an app with a bot token, which posts into one Slack channel. It knows its own messages again: what
 * follows up on one stands in its thread, and the first message then says what is known by now. What the answers mean:
 * https://docs.slack.dev/reference/methods/chat.postMessage
 */
import type { SendResult } from "@earshot/core/alert/delivery"
import type { ChannelId, Privacy } from "@earshot/core/channel/channel"
import type { Instant } from "@earshot/core/instant"
import { slackBulletin } from "@earshot/core/message/bulletin"
import type { Message } from "@earshot/core/message/message"
import { plainLines } from "@earshot/core/message/plain"
import { slackPayload, slackText } from "@earshot/core/message/slack"
import * as z from "zod"
import { type World, errorCode, withinTime } from "../world.ts"
import { NEVER_LEFT, retryAfterMs, textOf } from "./answer.ts"
import { type Channel, SEND_TIMEOUT_MS, type Sending } from "./channel.ts"

/** Slack's limit for one channel. */
const PACE_MS = 1000

export const SLACK_API = "https://slack.com/api"

export type SlackAppSettings = { botToken: string; slackChannelId: string }

type Settings = SlackAppSettings & { id: ChannelId; privacy: Privacy }

export function createSlackAppChannel(world: World, settings: Settings): Channel {
  const { id, privacy } = settings
  return {
    id,
    privacy,
    paceMs: PACE_MS,
    send: (message, ended, form = "full", sending) => {
      const payload = form === "plain" ? slackText(plainLines(message)) : slackPayload(message, ended)
      return post(world, settings, payload, { ended, first: sending?.first ?? null })
    },
    edit: async (receipt, whole, ended) => {
      const result = resultOf(await update(world, settings, receipt, whole, ended))
      // It is this message that cannot be changed: the next alert may come all the same.
      return result.kind === "refused" ? { ...result, isMalformed: true } : result
    },
    sendBulletin: (bulletin, form = "full") => {
      const payload = form === "plain" ? slackText(plainLines(bulletin)) : slackBulletin(bulletin)
      return post(world, settings, payload, { ended: null, first: null })
    },
  }
}

async function post(
  world: World,
  settings: Settings,
  payload: object,
  { ended, first }: { ended: Instant | null; first: Sending["first"] },
): Promise<SendResult> {
  const channel = settings.slackChannelId
  // Shown in the channel as well: it is worse news than what stands there.
  const thread = first && { thread_ts: first.receipt, reply_broadcast: true }
  const posted = await ask(world, settings, "chat.postMessage", {
    channel,
    ...payload,
    ...thread,
  })
  const result = resultOf(posted)
  // Everything has been said by now. If this fails, the first message is merely as it was.
  if (result.kind === "sent" && first) await update(world, settings, first.receipt, first.whole, ended)
  return result
}

async function update(
  world: World,
  settings: Settings,
  ts: string,
  whole: Message,
  ended: Instant | null,
): Promise<Asked> {
  const { text, blocks } = slackPayload(whole, ended)
  return ask(world, settings, "chat.update", { channel: settings.slackChannelId, ts, text, blocks })
}

/** `ts` is what a message is known by in its channel. */
const Body = z.object({
  ok: z.boolean(),
  error: z.string().max(100).optional(),
  ts: z.string().max(50).optional(),
})

type Asked =
  | { kind: "answered"; status: number; retryAfter: string | null; body: z.infer<typeof Body> | null }
  | { kind: "unreachable"; code: string | null }
  | { kind: "timeout" }

async function ask(
  world: World,
  { botToken }: Settings,
  method: "chat.postMessage" | "chat.update",
  parameters: Record<string, unknown>,
): Promise<Asked> {
  let answered: { status: number; retryAfter: string | null; text: string } | null = null
  try {
    await withinTime(world, SEND_TIMEOUT_MS, async (signal) => {
      const response = await world.fetch(`${SLACK_API}/${method}`, {
        method: "POST",
        headers: { "content-type": "application/json; charset=utf-8", authorization: `Bearer ${botToken}` },
        body: JSON.stringify(parameters),
        redirect: "manual",
        signal,
      })
      answered = { status: response.status, retryAfter: response.headers.get("retry-after"), text: "" }
      for await (const text of textOf(response, signal)) answered = { ...answered, text }
    })
  } catch (error) {
    if (!answered) return { kind: "unreachable", code: errorCode(error) }
  }
  return answered ? { kind: "answered", ...bodyOf(answered) } : { kind: "timeout" }
}

function bodyOf({ text, ...answer }: { status: number; retryAfter: string | null; text: string }) {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // What stands between may answer with a page.
  }
  return { ...answer, body: Body.safeParse(json).data ?? null }
}

/** Trying again may help; whether the message arrived all the same, Slack does not say. */
const PASSING = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
])

/** It is this message that Slack does not like. */
const MALFORMED = new Set([
  "invalid_blocks",
  "invalid_blocks_format",
  "msg_too_long",
  "no_text",
  "invalid_arguments",
])

function resultOf(asked: Asked): SendResult {
  if (asked.kind === "timeout") return retry("Slack did not answer in time")
  if (asked.kind === "unreachable") {
    const why = `Slack could not be reached${asked.code ? ` (${asked.code})` : ""}`
    return { kind: "retry", why, mayHaveArrived: !NEVER_LEFT.has(asked.code ?? "") }
  }
  const { status, body, retryAfter } = asked
  if (body?.ok && status >= 200 && status < 300) {
    return { kind: "sent", ...(body.ts && { receipt: body.ts }) }
  }
  // Slack's reasons are single words; anything else is not repeated.
  const word = /^[a-z_]{1,60}$/.test(body?.error ?? "") ? body?.error : null
  if (status === 429 || word === "ratelimited" || word === "rate_limited") {
    const afterMs = retryAfterMs(retryAfter)
    return { kind: "retry", why: "Slack asks to wait (429)", mayHaveArrived: false, afterMs }
  }
  if (status >= 500 || !word) return retry(`Slack failed (${status})`)
  if (PASSING.has(word)) return retry(`Slack failed (${word})`)
  const why = `Slack refused the message (${word})`
  return { kind: "refused", why, ...(MALFORMED.has(word) && { isMalformed: true }) }
}

function retry(why: string): SendResult {
  return { kind: "retry", why, mayHaveArrived: true }
}
