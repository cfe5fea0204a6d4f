/**
 * The webhook channel: any https address, signed as Standard Webhooks prescribes, so that a receiver can tell our messages from
 * others' and a repeat from a new one. What the answers mean: https://www.standardwebhooks.com
 */
import { createHash, createHmac } from "node:crypto"
import type { SendResult } from "@earshot/core/alert/delivery"
import type { ChannelId, Privacy } from "@earshot/core/channel/channel"
import { webhookBulletin, webhookPayload } from "@earshot/core/message/webhook"
import type { Connector } from "../outward/connector.ts"
import { type Posted, postOutward } from "../outward/outward-post.ts"
import { type World, errorCode } from "../world.ts"
import { type Channel, SEND_TIMEOUT_MS } from "./channel.ts"
import { NEVER_LEFT, retryAfterMs } from "./answer.ts"

/** As for the other channels: nobody asks for more, and a small server can take it. */
const PACE_MS = 1000

export type WebhookSettings = { url: string; signingSecret: string }

export function createWebhookChannel(
  world: World,
  connector: Connector,
  { id, privacy, url, signingSecret }: WebhookSettings & { id: ChannelId; privacy: Privacy },
): Channel {
  return {
    id,
    privacy,
    paceMs: PACE_MS,
    // A malformed message cannot be told from other refusals, and there is no plainer form of data.
    send: (message, ended, _form, sending) => {
      const payload = webhookPayload(message, { ended, now: world.now() })
      return post(
        world,
        connector,
        { url, signingSecret },
        payload,
        sending?.id ?? JSON.stringify(payload.data),
      )
    },
    sendBulletin: (bulletin) => {
      const payload = webhookBulletin(bulletin, world.now())
      return post(world, connector, { url, signingSecret }, payload, JSON.stringify(payload.data))
    },
  }
}

/** `mark`: the same for each attempt that says the same. */
async function post(
  world: World,
  connector: Connector,
  { url, signingSecret }: WebhookSettings,
  payload: object,
  mark: string,
): Promise<SendResult> {
  const body = JSON.stringify(payload)
  const sent = { id: idOf(mark), at: Math.floor(world.now() / 1000), body }
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "user-agent": "Earshot",
    "webhook-id": sent.id,
    "webhook-timestamp": String(sent.at),
    "webhook-signature": signatureOf(signingSecret, sent),
  }
  return resultOf(await postOutward(world, connector, url, { headers, body, timeoutMs: SEND_TIMEOUT_MS }))
}

/** Tells nothing of the call: an id of ours may stand in logs where the call's may not. */
function idOf(text: string): string {
  return `msg_${createHash("sha256").update(text).digest("base64url").slice(0, 27)}`
}

function signatureOf(secret: string, { id, at, body }: { id: string; at: number; body: string }): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64")
  return `v1,${createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64")}`
}

function resultOf(posted: Posted): SendResult {
  switch (posted.kind) {
    case "refused":
      return { kind: "refused", why: `the webhook is not sent to: ${posted.why}` }
    case "timeout":
      return {
        kind: "retry",
        why: "the webhook did not answer in time",
        mayHaveArrived: posted.mayHaveArrived,
      }
    case "unreachable": {
      const code = errorCode(posted.error)
      const mayHaveArrived = posted.mayHaveArrived && !NEVER_LEFT.has(code ?? "") && !isCertificate(code)
      return {
        kind: "retry",
        why: `the webhook could not be reached${code ? ` (${code})` : ""}`,
        mayHaveArrived,
      }
    }
    case "answered":
      return answered(posted.status, posted.retryAfter)
  }
}

/** The connection was given up before anything was said. */
function isCertificate(code: string | null): boolean {
  return code !== null && /CERT|SELF_SIGNED|TLS_|SSL|UNABLE_TO/.test(code)
}

function answered(status: number, retryAfter: string | null): SendResult {
  if (status >= 200 && status < 300) return { kind: "sent" }
  if (status === 429 || status === 503) {
    const why = `the webhook asks to wait (${status})`
    return { kind: "retry", why, mayHaveArrived: false, afterMs: retryAfterMs(retryAfter) }
  }
  if (status >= 500 || status === 408 || status === 425) {
    return { kind: "retry", why: `the webhook failed (${status})`, mayHaveArrived: status >= 500 }
  }
  if (status >= 300 && status < 400) {
    return { kind: "refused", why: `the webhook redirects (${status}), and redirects are not followed` }
  }
  return { kind: "refused", why: `the webhook refused the message (${status})` }
}
