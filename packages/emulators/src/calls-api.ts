/**
 * The vendor's Calls API: a Hono app under /api/v1 whose `fetch` can stand in for https://echo.win.
 *
 * A request passes three gates in this order: the key (401), the limits (429), the parameters (400, 404). Requests
 * refused by the first two are not counted; all others are, whatever the answer.
 */
import { oddFields } from "./odd-value.ts"
import { Hono, type Context } from "hono"
import { createCache } from "./cache.ts"
import { detailedFields, listedFields, type EmulatedCall } from "./call.ts"
import { createLimiter, DOCUMENTED_LIMITS, type BucketState, type KeyLimits, type Use } from "./limit.ts"
import { answerQuery } from "./listing.ts"
import { createOddSource } from "./odd-source.ts"
import { hidesNulls, oddReading, PLAIN_ANSWER, type AnswerForm, type Oddities } from "./oddity.ts"
import { isFiltered, parseQuery } from "./query.ts"
import type { CallSource } from "./source.ts"

export type { EmulatedCall } from "./call.ts"
export type { CallSource } from "./source.ts"

export type CallsApiOptions = {
  readonly source: CallSource
  /** The accepted values of X-API-Key. Each has limits of its own. */
  readonly keys: readonly string[]
  /** Epoch milliseconds. */
  readonly now: () => number
  /** The documented limits in sliding windows, unless told otherwise. */
  readonly limits?: KeyLimits | "none"
  readonly oddities?: Oddities
}

/** Enough for the rows that pollers ask for again and again. */
const ROWS_KEPT_MAX = 2_000

/** A Hono app that answers below `/api/v1`, on whatever host it is served. */
export function createCallsApi(options: CallsApiOptions): Hono {
  const { keys, now, oddities = {} } = options
  const source = createOddSource(options.source, oddities)
  const reading = oddReading(oddities)
  const form = { ...PLAIN_ANSWER, ...oddities.answer }
  const rows = createCache<EmulatedCall, string>(ROWS_KEPT_MAX)
  const { serverMs } = oddities.times ?? {}

  const write = (call: EmulatedCall, fields: object) => writeCall(oddities, call, fields, now())
  const answerJson = (context: Context, text: string) =>
    context.body(text, 200, { "Content-Type": "application/json" })

  const refuse = createGate(options, form)
  const app = new Hono().basePath("/api/v1")

  if (serverMs !== undefined) {
    app.use("*", async (context, next) => {
      await next()
      context.header("Date", new Date(now() + serverMs).toUTCString())
    })
  }

  app.use("*", async (context, next) => {
    const key = context.req.header("X-API-Key")
    if (key !== undefined && keys.includes(key)) return next()
    if (form.unauthorized === "coded") {
      return context.json({ error: "Invalid or missing API key", code: "UNAUTHORIZED" }, 401)
    }
    return context.json({ error: key ? "Invalid API key" : "Missing X-API-Key header" }, 401)
  })

  app.get("/calls", (context) => {
    const params = new URL(context.req.url).searchParams
    const refusal = refuse(context, isFiltered(params) ? "filteredList" : "list")
    if (refusal) return refusal
    const parsed = parseQuery(params, form.limitAboveMax)
    if (!parsed.ok) return context.json({ error: parsed.error }, 400)
    const { page, limit } = parsed.query
    const { calls, totalCount } = answerQuery(source, parsed.query, now(), reading)
    const listed = form.totals === "no-rows" ? [] : calls
    const data = listed.map((call) => rows.recall(call, () => write(call, listedFields(call))))
    const pagination = paginationOf({ page, limit }, form.totals === "page" ? calls.length : totalCount)
    return answerJson(context, `{"data":[${data.join(",")}],"pagination":${JSON.stringify(pagination)}}`)
  })

  app.get("/calls/:callId", (context) => {
    const refusal = refuse(context, "detail")
    if (refusal) return refusal
    const call = source.callAt(now(), context.req.param("callId"))
    if (!call) return context.json({ error: "Call not found" }, 404)
    return answerJson(context, `{"data":${write(call, detailedFields(call))}}`)
  })

  for (const path of ["/calls", "/calls/:callId"]) {
    app.all(path, (context) => context.json({ error: "Method not allowed" }, 405, { Allow: "GET" }))
  }
  app.notFound((context) => context.json({ error: "Not found" }, 404))
  app.onError((_error, context) => context.json({ error: "Internal server error" }, 500))
  return app
}

/** What counts requests: it returns the 429 to answer with, or nothing if the request may continue. */
function createGate(
  { now, limits = DOCUMENTED_LIMITS, oddities = {} }: CallsApiOptions,
  form: AnswerForm,
): (context: Context, use: Use) => Response | undefined {
  const limiter = limits === "none" ? undefined : createLimiter(limits)
  const onServer = (time: number) => time + (oddities.times?.serverMs ?? 0)
  const tellLimit = (context: Context, state: BucketState) => {
    const resetAt = onServer(state.resetAt)
    const reset = form.resetHeader === "iso" ? new Date(resetAt).toISOString() : unixSeconds(resetAt)
    context.header("X-RateLimit-Limit", String(state.limit))
    context.header("X-RateLimit-Remaining", String(state.remaining))
    context.header("X-RateLimit-Reset", reset)
  }

  return (context, use) => {
    const time = now()
    const verdict = limiter?.take(context.req.header("X-API-Key") ?? "", use, time)
    if (!verdict) return undefined
    if (verdict.accepted) {
      if (form.limitHeaders === "always") tellLimit(context, verdict[form.limitShown])
      return undefined
    }
    const { resetAt } = verdict.full
    const retryAfter = Math.ceil((resetAt - time) / 1000)
    tellLimit(context, verdict.full)
    context.header("Retry-After", String(retryAfter))
    return context.json(
      { error: "Rate limit exceeded", retryAfter, resetAt: new Date(onServer(resetAt)).toISOString() },
      429,
    )
  }
}

function writeCall(oddities: Oddities, call: EmulatedCall, fields: object, now: number): string {
  const odd = oddFields(oddities, call, fields, now)
  return hidesNulls(oddities, call.id) ? JSON.stringify(odd, leaveOutNull) : JSON.stringify(odd)
}

function paginationOf({ page, limit }: { page: number; limit: number }, totalCount: number): object {
  return { page, limit, totalCount, totalPages: Math.ceil(totalCount / limit) }
}

function leaveOutNull(_name: string, value: unknown): unknown {
  return value === null ? undefined : value
}

function unixSeconds(ms: number): string {
  return String(Math.ceil(ms / 1000))
}
