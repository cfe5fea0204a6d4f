/** The HTTP API: rules, health, and its own description. Every answer is JSON; every error is problem details. */
import type { Store } from "@earshot/io/store/store"
import { TableMissing } from "@earshot/io/store/table"
import type { World } from "@earshot/io/world"
import { Hono } from "hono"
import { bodyLimit } from "hono/body-limit"
import { openApiDocument } from "./openapi.ts"
import { problem, problemResponse } from "./problem.ts"
import { docsPage } from "./reference/page.ts"
import { healthOf } from "./route/health.ts"
import { ruleRoutes } from "./route/rule.ts"
import { isAuthorized } from "./token.ts"

/** A rule of fifty fields has about ten kilobytes. */
const BODY_BYTES_MAX = 64 * 1024

export type ApiSetup = {
  token: string
  /** How often polls are meant to come; 0: they are started by hand. */
  intervalMs: number
}

export function createApi(world: World, store: Store, { token, intervalMs }: ApiSetup): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    context.header("x-content-type-options", "nosniff")
    context.header("cache-control", "no-store")
  })

  app.get("/health", async (context) => {
    const health = healthOf(await store.readControl(), intervalMs, world.now())
    return context.json(health, health.status === "ok" ? 200 : 503)
  })
  app.get("/openapi.json", (context) => context.json(openApiDocument()))
  app.get("/docs", (context) => {
    const { html, policy } = docsPage()
    context.header("content-security-policy", policy)
    return context.html(html)
  })
  app.get("/", (context) => context.redirect("/docs"))

  app.use("/rules/*", async (context, next) => {
    if (isAuthorized(context.req.header("authorization"), token)) return next()
    return problemResponse(problem(401, "Send the API token: Authorization: Bearer <token>."))
  })
  app.use(
    "/rules/*",
    bodyLimit({
      maxSize: BODY_BYTES_MAX,
      onError: () => problemResponse(problem(413, `A body may have ${BODY_BYTES_MAX} bytes at most.`)),
    }),
  )
  app.route("/rules", ruleRoutes(world, store))

  app.notFound((context) =>
    problemResponse(
      problem(404, `There is no ${context.req.method} ${context.req.path}; see /openapi.json.`),
    ),
  )
  app.onError((error) => {
    world.log({ level: "error", event: "api.failed", error: error.name, why: error.message.slice(0, 300) })
    if (error instanceof TableMissing) return problemResponse(problem(503, error.message))
    return problemResponse(
      problem(500, "Something failed that should not; the log of this function says what."),
    )
  })
  return app
}
