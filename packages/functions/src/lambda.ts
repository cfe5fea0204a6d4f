/**
 * Hono's adapter for Lambda, with the API's own answer where the adapter would give one of its own: in plain text, without the
 * headers that every answer has. It does so for what cannot be made a request, such as a GET with a body.
 */
import type { Hono } from "hono"
import { type LambdaContext, type LambdaEvent, handle } from "hono/aws-lambda"
import * as z from "zod"

/** What a function URL sends. */
export type UrlEvent = Extract<LambdaEvent, { rawPath: string }>

export type UrlAnswer = Awaited<ReturnType<ReturnType<typeof handle>>>

export function lambdaHandler(app: Hono): (event: UrlEvent, context?: LambdaContext) => Promise<UrlAnswer> {
  const adapted = handle(app)
  return async (event, context) => {
    if (!isRequest(event)) return adapted(MALFORMED_EVENT, context)
    const answer = await adapted(withLengthOnly(withoutExtraSlashes(event)), context)
    // Every answer of the API has an id; the adapter's own have none.
    const isOurs = "headers" in answer && answer.headers["x-request-id"] !== undefined
    return isOurs ? answer : adapted(MALFORMED_EVENT, context)
  }
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])

/** What the adapter relies on. Whoever may invoke the function without its URL may send anything. */
const Known = z.object({
  rawPath: z.string(),
  headers: z.record(z.string(), z.string().optional()),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
})

/** Asked first, because the adapter logs what it cannot take, with the header's value. */
function isRequest(event: unknown): boolean {
  const known = Known.safeParse(event)
  if (!known.success) return false
  const { headers, requestContext } = known.data
  const isHeader = ([name, value]: [string, string | undefined]) =>
    /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !["\0", "\r", "\n"].some((sign) => value?.includes(sign))
  return METHODS.has(requestContext.http.method) && Object.entries(headers).every(isHeader)
}

/** A function's own address ends in a slash, and whoever puts `/health` behind it means `/health`. */
function withoutExtraSlashes(event: UrlEvent): UrlEvent {
  if (!event.rawPath.startsWith("//")) return event
  const path = event.rawPath.replace(/^\/+/, "/")
  const { requestContext } = event
  return {
    ...event,
    rawPath: path,
    requestContext: { ...requestContext, http: { ...requestContext.http, path } },
  }
}

/** No request can be a GET with a body. So the API is told of the body's length alone, and refuses it. */
function withLengthOnly(event: UrlEvent): UrlEvent {
  const { method } = event.requestContext.http
  if (!event.body || (method !== "GET" && method !== "HEAD")) return event
  const headers = { ...event.headers, "content-length": String(event.body.length) }
  return { ...event, headers, body: null }
}

/** In place of what is no request, one that the API refuses as malformed. */
const MALFORMED_EVENT: UrlEvent = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/",
  rawQueryString: "",
  headers: { host: "malformed", "content-length": "1" },
  body: null,
  isBase64Encoded: false,
  requestContext: {
    accountId: "",
    apiId: "",
    authentication: null,
    authorizer: {},
    domainName: "malformed",
    domainPrefix: "",
    http: { method: "GET", path: "/", protocol: "HTTP/1.1", sourceIp: "", userAgent: "" },
    requestId: "",
    routeKey: "$default",
    stage: "$default",
    time: "",
    timeEpoch: 0,
  },
}
