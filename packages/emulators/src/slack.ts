/**
 * A Slack incoming webhook that accepts and refuses as Slack does, and keeps what it was sent.
 *
 * Success is the text `ok`. It accepts about one message a second, with short bursts. It does not show messages, only
 * notes what their markup would do, and returns no ids, because the real one returns none either.
 */
import { Hono, type Context } from "hono"
import { readMarkup, type SlackMarkup } from "./slack-markup.ts"
import { checkPayload, type Json } from "./slack-payload.ts"

export type SlackMessage = {
  /** Epoch milliseconds. */
  readonly receivedAt: number
  /** What stands behind the webhook's address as `?to=`, so that several channels of one webhook can be told apart; or empty. */
  readonly to: string
  readonly text: string
  readonly blocks: readonly unknown[]
  /** What Slack would make of it; none of it causes a refusal. */
  readonly markup: SlackMarkup
  readonly payload: Json
}

/** What Slack says when a message is fine but Slack still does not accept it. All but the last two are final. */
export type SlackFailure =
  | { readonly kind: "invalid_token" | "no_service" | "channel_is_archived" | "action_prohibited" }
  | { readonly kind: "server_error"; readonly status?: 500 | 502 | 503 }
  | { readonly kind: "rate_limited"; readonly retryAfterSeconds: number }

export type SlackWebhookOptions = {
  readonly now: () => number
  /** The webhook's secret path. */
  readonly path?: string
  /** Messages accepted at once before the pace of one a second applies; Infinity for no limit. */
  readonly burst?: number
}

export type SlackWebhook = {
  readonly app: Hono
  /** What was accepted, oldest first: the last 10,000. */
  readonly received: readonly SlackMessage[]
  /** The next `count` messages fail in this way. */
  failNext(failure: SlackFailure, count?: number): void
  /** Every message fails in this way until told otherwise. */
  failAlways(failure: SlackFailure | undefined): void
}

/** Slack does not publish a number, only says "short bursts"; kept small so that nobody relies on it. */
const BURST_DEFAULT = 5
const RECEIVED_MAX = 10_000

/** Starts with room for a whole burst. */
export function createSlackWebhook(options: SlackWebhookOptions): SlackWebhook {
  const { now, path = "/services/T000/B000/X000", burst = BURST_DEFAULT } = options
  const received: SlackMessage[] = []
  const failures: SlackFailure[] = []
  let lasting: SlackFailure | undefined
  let room = burst
  let roomAt = now()

  /** Takes room for one message, or returns how long to wait until there is room. */
  const findWaitMs = (): number => {
    const time = now()
    room = Math.min(burst, room + Math.max(0, time - roomAt) / 1000)
    roomAt = time
    if (room < 1) return (1 - room) * 1000
    room -= 1
    return 0
  }

  const app = new Hono()
  app.post(path, async (context) => {
    const failure = failures.shift() ?? lasting
    if (failure) return fail(context, failure)
    const waitMs = findWaitMs()
    if (waitMs > 0)
      return fail(context, { kind: "rate_limited", retryAfterSeconds: Math.ceil(waitMs / 1000) })
    const checked = checkPayload(await readPayload(context))
    if (!checked.ok) return context.text(checked.error, 400)
    received.push(describe(checked.payload, now(), context.req.query("to")))
    if (received.length > RECEIVED_MAX) received.shift()
    return context.text("ok")
  })
  app.all(path, (context) => context.text("invalid_method", 405))
  app.notFound((context) => context.text("no_service", 404))

  return {
    app,
    received,
    failNext: (failure, count = 1) => void failures.push(...Array.from({ length: count }, () => failure)),
    failAlways(failure) {
      lasting = failure
    },
  }
}

function fail(context: Context, failure: SlackFailure): Response {
  switch (failure.kind) {
    case "invalid_token":
    case "action_prohibited":
      return context.text(failure.kind, 403)
    case "no_service":
      return context.text(failure.kind, 404)
    case "channel_is_archived":
      return context.text(failure.kind, 410)
    case "server_error":
      return context.text("rollup_error", failure.status ?? 500)
    case "rate_limited":
      return context.text("rate_limited", 429, { "Retry-After": String(failure.retryAfterSeconds) })
    default:
      return failure satisfies never
  }
}

/** The payload as JSON or as the form field `payload`, both of which Slack accepts; undefined if it is neither. */
async function readPayload(context: Context): Promise<unknown> {
  const body = await context.req.text()
  const isForm = context.req.header("Content-Type")?.startsWith("application/x-www-form-urlencoded") ?? false
  const text = isForm ? (new URLSearchParams(body).get("payload") ?? "") : body
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function describe(payload: Json, receivedAt: number, to = ""): SlackMessage {
  const { text, blocks } = payload
  return {
    receivedAt,
    to,
    text: typeof text === "string" ? text : "",
    blocks: Array.isArray(blocks) ? blocks : [],
    markup: readMarkup(payload),
    payload,
  }
}
