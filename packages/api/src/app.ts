/**
 * The HTTP API. Every answer is JSON but the reference page's files, and every error is problem details.
 *
 * It is closed by default: four things stand above the token, and whatever is registered below it, now or later,
 * asks for the token and bounds the body.
 */
import type { Store } from "@earshot/io/store/store"
import { TableMissing } from "@earshot/io/store/table"
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
import { fieldRoutes } from "./route/field.ts"
import { healthRoutes } from "./route/health.ts"
import { precisionRoutes } from "./route/precision.ts"
import { referenceRoutes } from "./route/reference.ts"
import { ruleRoutes } from "./route/rule.ts"
import { statusRoutes } from "./route/status.ts"
import { ticketRoutes } from "./route/ticket.ts"
import { isAuthorized } from "./token.ts"

/** A rule of fifty fields has about ten kilobytes. */
const BODY_BYTES_MAX = 64 * 1024

/** A caller may bring an id to find its request in the log by: letters, digits, - _ =, and no longer than this. */
const REQUEST_ID_LENGTH_MAX = 64

export type ApiSetup = {
  token: string
  /** How often polls are meant to come; 0: they are started by hand. */
  intervalMs: number
  /** What the routes of channels work with; left out, channels that hold a secret cannot be saved. */
  channels?: Omit<ChannelRouteSetup, "intervalMs">
  /** The vendor's limits, as the poller has them. */
  listPerHour?: number
  detailPerHour?: number
}

const NO_KEY: Required<ApiSetup>["channels"] = {
  sealingKey: null,
  slackHosts: SLACK_HOSTS,
  privacy: { slack: "standard", email: "standard" },
}

export function createApi(
  world: World,
  store: Store,
  { token, intervalMs, channels = NO_KEY, listPerHour = 200, detailPerHour = 500 }: ApiSetup,
): Hono {
  const app = new Hono()
  app.use(requestId({ limitLength: REQUEST_ID_LENGTH_MAX }), withEveryAnswer, safely)

  app.route("/health", healthRoutes(world, store, { token, intervalMs }))
  app.get("/openapi.json", async (context) => {
    const { openApiDocument } = await import("./openapi.ts")
    return context.json(openApiDocument())
  })
  app.route("/docs", referenceRoutes())
  // A ticket stands for the token there.
  app.use("/acknowledge/*", bodyLimited)
  app.route("/acknowledge", ticketRoutes(world, store, channels.sealingKey))

  app.use(tokenRequired(token), bodyLimited, methodNotAllowed({ app, onMethodNotAllowed: answerOtherMethod }))
  app.route("/rules", ruleRoutes(world, store))
  app.route("/rules", precisionRoutes(world, store))
  app.route("/channels", channelRoutes(world, store, { ...channels, intervalMs }))
  app.route("/calls", callRoutes(store))
  app.route("/alerts", alertRoutes(world, store))
  app.route("/status", statusRoutes(world, store, { ...channels, intervalMs, listPerHour, detailPerHour }))
  app.route("/deliveries", deliveryRoutes(world, store))
  app.route("/fields", fieldRoutes(world, store))
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

/**
 * Asked before a path is looked up: without the token, what exists and what does not get the same 401. A 404 for one
 * of them would tell a stranger which rules there are.
 */
function tokenRequired(token: string) {
  return createMiddleware(async (context, next) => {
    if (isAuthorized(context.req.header("authorization"), token)) return next()
    return problemResponse(
      problem(401, "Send the API token: Authorization: Bearer <token>. /docs describes this API."),
    )
  })
}

const bodyLimited = bodyLimit({
  maxSize: BODY_BYTES_MAX,
  onError: () => problemResponse(problem(413, `A body may have at most ${BODY_BYTES_MAX} bytes.`)),
})

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
  return problemResponse(
    problem(500, `Something went wrong on Earshot's side. Look for the request ${id} in the function's log.`),
  )
}
