/**
 * Hono's adapter for Lambda, with the API's own answer where the adapter would give one of its own: in plain text, without the
 * headers that every answer has. It does so for what cannot be made a request, such as a GET with a body.
 */
import type { Hono } from "hono"
import { type LambdaContext, type LambdaEvent, handle } from "hono/aws-lambda"

/** What a function URL sends. */
export type UrlEvent = Extract<LambdaEvent, { rawPath: string }>

export type UrlAnswer = Awaited<ReturnType<ReturnType<typeof handle>>>

export function lambdaHandler(app: Hono): (event: UrlEvent, context?: LambdaContext) => Promise<UrlAnswer> {
  const adapted = handle(app)
  return async (event, context) => {
    if (!isRequest(event)) return adapted(malformed(event), context)
    const answer = await adapted(withLengthOnly(withoutExtraSlashes(event)), context)
    // Every answer of the API has an id; the adapter's own have none.
    const isOurs = "headers" in answer && answer.headers["x-request-id"] !== undefined
    return isOurs ? answer : adapted(malformed(event), context)
  }
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])

/** Asked first, because the adapter logs what it cannot take, with the header's value. */
function isRequest({ headers, requestContext }: UrlEvent): boolean {
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
function malformed(event: UrlEvent): UrlEvent {
  const { requestContext } = event
  return {
    ...event,
    headers: { host: "malformed", "content-length": "1" },
    rawPath: "/",
    rawQueryString: "",
    cookies: [],
    body: null,
    requestContext: {
      ...requestContext,
      domainName: "malformed",
      http: { ...requestContext.http, method: "GET", path: "/" },
    },
  }
}
