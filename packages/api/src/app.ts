/**
 * The HTTP API. Every answer is JSON but the reference page's files, and every error is problem details.
 *
 * It is closed by default: five things stand above the token, and whatever is registered below it, now or later,
 * asks for the token and bounds the body.
 */
import type { Store } from "@earshot/io/store/store"
import { IndexUnfinished, TableMissing } from "@earshot/io/store/table"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import { bodyLimit } from "hono/body-limit"
import { createMiddleware } from "hono/factory"
import { methodNotAllowed } from "hono/method-not-allowed"
import { requestId } from "hono/request-id"
import { secureHeaders } from "hono/secure-headers"
import { problem, problemResponse } from "./problem.ts"
import { SLACK_HOSTS } from "@earshot/io/channel/slack-host"
import { alertRoutes } from "./route/alert.ts"
import { callRoutes } from "./route/call.ts"
import { coverageRoutes } from "./route/coverage.ts"
import { deliveryRoutes } from "./route/delivery.ts"
import { type ChannelRouteSetup, channelRoutes } from "./route/channel.ts"
import { explainRoutes } from "./route/explain.ts"
import { fieldRoutes } from "./route/field.ts"
import { healthRoutes } from "./route/health.ts"
import { type NudgeRouteSetup, nudgeRoutes } from "./route/nudge.ts"
import { type PreviewRouteSetup, previewRoutes } from "./route/preview.ts"
import { precisionRoutes } from "./route/precision.ts"
import { referenceRoutes } from "./route/reference.ts"
import { ruleSetRoutes } from "./route/rule-set.ts"
import { ruleRoutes } from "./route/rule.ts"
import { tokenRoutes } from "./route/token.ts"
import { type Gate, createGate } from "./gate.ts"
import { statusRoutes } from "./route/status.ts"
import { ticketRoutes } from "./route/ticket.ts"

/** A rule of fifty fields has about ten kilobytes. */
const BODY_BYTES_MAX = 64 * 1024

/** A hundred rules of ten kilobytes. */
const IMPORT_BYTES_MAX = 1024 * 1024

/** A caller may bring an id to find its request in the log by: letters, digits, - _ =, and no longer than this. */
const REQUEST_ID_LENGTH_MAX = 64

export type ApiSetup = {
  token: string
  /** How often polls are meant to come; 0: they are started by hand. */
  intervalMs: number
  /** What the routes of channels work with; left out, channels that hold a secret cannot be saved. */
  channels?: Omit<ChannelRouteSetup, "intervalMs">
  /** How a preview asks the vendor while no calls are stored; left out, it does not. */
  preview?: PreviewRouteSetup
  /** The vendor's limits, as the poller has them. */
  listPerHour?: number
  detailPerHour?: number
  /** How nudges are taken; left out, they are not. */
  nudge?: NudgeRouteSetup | undefined
}

const NO_KEY: Required<ApiSetup>["channels"] = {
  sealingKey: null,
  slackHosts: SLACK_HOSTS,
  privacy: { slack: "standard", email: "standard" },
}

export function createApi(
  world: World,
  store: Store,
  {
    token,
    intervalMs,
    channels = NO_KEY,
    preview = { recentCalls: null },
    listPerHour = 200,
    detailPerHour = 500,
    nudge,
  }: ApiSetup,
): Hono {
  const app = new Hono()
  app.use(requestId({ limitLength: REQUEST_ID_LENGTH_MAX }), withEveryAnswer, safely, wellFormed)

  const gate = createGate(world, store, token)
  app.route("/health", healthRoutes(world, store, { gate, intervalMs }))
  app.get("/openapi.json", async (context) => {
    const { openApiDocument } = await import("./openapi.ts")
    return context.json(openApiDocument())
  })
  app.route("/docs", referenceRoutes())
  // A ticket stands for the token there.
  app.use("/acknowledge/*", bodyLimited)
  app.route("/acknowledge", ticketRoutes(world, store, channels.sealingKey))
  if (nudge) app.route("/nudge", nudgeRoutes(world, nudge))

  app.use(tokenRequired(gate), bodyLimited, methodNotAllowed({ app, onMethodNotAllowed: answerOtherMethod }))
  app.route("/rules", ruleSetRoutes(world, store))
  app.route("/rules", previewRoutes(world, store, preview))
  app.route("/rules", ruleRoutes(world, store))
  app.route("/rules", precisionRoutes(world, store))
  app.route("/channels", channelRoutes(world, store, { ...channels, intervalMs }))
  app.route("/calls", callRoutes(store))
  app.route("/calls", explainRoutes(world, store))
  app.route("/alerts", alertRoutes(world, store))
  const limits = { listPerHour, detailPerHour }
  const takesNudges = nudge !== undefined
  app.route("/status", statusRoutes(world, store, { ...channels, intervalMs, ...limits, takesNudges }))
  app.route("/deliveries", deliveryRoutes(world, store))
  app.route("/fields", fieldRoutes(world, store))
  app.route("/tokens", tokenRoutes(world, store, gate))
  app.route("/coverage", coverageRoutes(world, store))

  app.notFound((context) =>
    problemResponse(
      problem(
        404,
        `There is no ${context.req.method} ${context.req.path}; /openapi.json lists what there is.`,
      ),
    ),
  )
  app.onError((error, context) => answerFailure(world, error, context))
  return app
}

/** Set after the answer is made, because an answer of our own making forgets what was set before. */
const withEveryAnswer = createMiddleware(async (context, next) => {
  await next()
  context.header("x-request-id", context.get("requestId"))
  if (!context.res.headers.has("cache-control")) context.header("cache-control", "no-store")
})

/** What a browser may do with an answer: nothing, unless the route says otherwise. */
const safely = secureHeaders({
  overwrite: false,
  xFrameOptions: "DENY",
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
})

/** A body of a GET means nothing, and on Lambda it cannot even be made a request: `lambda.ts` says so by its length. */
const wellFormed = createMiddleware(async (context, next) => {
  const { method } = context.req
  const length = context.req.header("content-length") ?? "0"
  if ((method === "GET" || method === "HEAD") && length !== "0") return problemResponse(MALFORMED)
  return next()
})

const MALFORMED = problem(
  400,
  "This is no request that HTTP knows: a GET or HEAD has no body, and methods, addresses and headers have their form.",
)

/**
 * Asked before a path is looked up: without the token, what exists and what does not get the same 401. A 404 for one
 * of them would tell a stranger which rules there are.
 */
function tokenRequired(gate: Gate) {
  return createMiddleware<{ Variables: { tokenName: string } }>(async (context, next) => {
    const visitor = await gate.visitorOf(context)
    if (visitor.kind === "unknown") return problemResponse(UNAUTHORIZED)
    if (visitor.kind === "limited") return tooMany(visitor.waitMs)
    const { method, path } = context.req
    if (visitor.access === "read" && !READING.has(method) && !READING.has(`${method} ${path}`)) {
      const detail = `The token ${visitor.name} may only read; ${method} takes one that may write.`
      return problemResponse(problem(403, detail))
    }
    context.set("tokenName", visitor.name)
    return next()
  })
}

const UNAUTHORIZED = problem(
  401,
  "Send the API token: Authorization: Bearer <token>. /docs describes this API.",
)

/** What a token that may read may do: these methods everywhere, and requests that need a body and change nothing. */
const READING: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "POST /rules/preview"])

function tooMany(waitMs: number): Response {
  const seconds = Math.ceil(waitMs / 1000)
  const detail = `Too many requests came from here without a right token. Send the right one in ${seconds} seconds.`
  const refusal = problemResponse(problem(429, detail))
  refusal.headers.set("retry-after", String(seconds))
  return refusal
}

const limited = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: () => problemResponse(problem(413, `A body may have at most ${maxSize} bytes.`)),
  })

const LIMITED = limited(BODY_BYTES_MAX)

const IMPORT_LIMITED = limited(IMPORT_BYTES_MAX)

const bodyLimited = createMiddleware(async (context, next) =>
  (context.req.path === "/rules/import" ? IMPORT_LIMITED : LIMITED)(context, next),
)

/** HEAD is answered wherever GET is. OPTIONS says what there is; no other site's page may call this API anyway. */
function answerOtherMethod(context: Context, methods: string[]): Response {
  const allow = [...methods, "OPTIONS"].join(", ")
  if (context.req.method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } })
  const refusal = problemResponse(
    problem(405, `${context.req.path} does not take ${context.req.method}, but ${allow}.`),
  )
  refusal.headers.set("allow", allow)
  return refusal
}

function answerFailure(world: World, error: Error, context: Context): Response {
  const id = context.get("requestId")
  world.log({
    level: "error",
    event: "api.failed",
    requestId: id,
    error: error.name,
    why: error.message.slice(0, 300),
  })
  if (error instanceof TableMissing) return problemResponse(problem(503, error.message))
  if (error instanceof IndexUnfinished) {
    const later = problemResponse(problem(503, error.message))
    later.headers.set("retry-after", String(error.retryAfterSeconds))
    return later
  }
  return problemResponse(
    problem(500, `Something went wrong on Earshot's side. Look for the request ${id} in the function's log.`),
  )
}
