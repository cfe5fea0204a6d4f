/** The routes under /alerts: which there are, what became of each, and what people say of it. */
import { ALERT_STATES, ALERT_VERDICTS } from "@earshot/core/alert/acknowledgement"
import { ChannelId } from "@earshot/core/channel/channel"
import { type Instant, instantOf } from "@earshot/core/instant"
import { Severity } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import * as z from "zod"
import { acknowledgeAlert } from "../acknowledge.ts"
import { DELIVERY_STATES, alertPlaceIn, listAlerts, listDigestAlerts } from "../alert-list.ts"
import { alertView } from "../alert-view.ts"
import { findAlert } from "../find-alert.ts"
import { problem, problemErrors, problemResponse } from "../problem.ts"

const LIMIT_MAX = 100

const Moment = z.iso.datetime({ offset: true })

export const AlertQuery = z.strictObject({
  from: Moment.optional().describe("Raised then or later."),
  to: Moment.optional().describe("Raised then or earlier."),
  rule: z.string().max(100).optional().describe("The id of a rule that is among its reasons."),
  severity: Severity.optional(),
  agent: z.string().max(200).optional().describe("The agent's id, or its name as it is written."),
  channel: ChannelId.optional().describe("It was sent to this channel, or is owed to it."),
  state: z.enum(ALERT_STATES).optional(),
  delivery: z
    .enum(DELIVERY_STATES)
    .optional()
    .describe("A message of it is owed, was sent, or was given up; with `channel`: to that channel."),
  digest: z.string().max(20).optional().describe("Those of this digest, in its order; its text says which."),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(50),
  cursor: z.string().max(1000).optional().describe("`next` of the answer before."),
})

const BY_MAX = 80

const NOTE_MAX = 500

const Line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}]*$/u, "must be one line of text")

export const Saying = z.strictObject({
  by: Line(BY_MAX).describe("Who says so. Messages that are changed show it."),
  note: Line(NOTE_MAX).nullable().default(null).describe("Shown only where everything is."),
  verdict: z
    .enum(ALERT_VERDICTS)
    .nullable()
    .default(null)
    .describe("bad: the call was, and the alert right. fine: a false alarm. null: it was only seen."),
})

export function alertRoutes(world: World, store: Store): Hono {
  const routes = new Hono()

  routes.get("/", async (context) => {
    const query = AlertQuery.safeParse(context.req.query())
    if (!query.success)
      return problemResponse(problem(400, "The query is invalid.", problemErrors(query.error)))
    const { from, to, digest, limit, cursor, ...filter } = query.data
    const after = cursor === undefined ? undefined : alertPlaceIn(cursor)
    if (after === null) return problemResponse(problem(400, "The cursor is none that an answer gave."))
    if (digest === undefined)
      return context.json(await listAlerts(store, spanOf(from, to), { limit, after, filter }))
    const listed = await listDigestAlerts(store, digest, { limit, after, filter })
    const detail = "No digest of the last 30 days has this id. It stands in the digest's small type."
    return listed ? context.json(listed) : problemResponse(problem(404, detail))
  })

  routes.get("/:id", async (context) => {
    const found = await findAlert(store, context.req.param("id"))
    return found.ok ? context.json(alertView(found.record)) : problemResponse(found.problem)
  })

  routes.post("/:id/acknowledge", async (context) => {
    const body = Saying.safeParse(await bodyOf(context))
    if (!body.success)
      return problemResponse(
        problem(400, "The body is invalid; nothing was saved.", problemErrors(body.error)),
      )
    return saying(context, body.data)
  })

  routes.delete("/:id/acknowledge", (context) => saying(context, null))

  async function saying(context: Context, said: z.infer<typeof Saying> | null): Promise<Response> {
    const found = await findAlert(store, context.req.param("id") ?? "")
    if (!found.ok) return problemResponse(found.problem)
    const record = await acknowledgeAlert(world, store, found.record.callId, said)
    const gone = problem(404, "The alert has just expired.")
    return record ? context.json(alertView(record)) : problemResponse(gone)
  }

  return routes
}

/** Later than anything that is listed: a poller's clock may be ahead of ours. */
const FOREVER: Instant = Date.UTC(9999, 0, 1)

function spanOf(from: string | undefined, to: string | undefined): { from: Instant; to: Instant } {
  const span = { from: instantOf(from ?? null) ?? 0, to: instantOf(to ?? null) ?? FOREVER }
  // A table refuses to look for what ends before it begins.
  return { ...span, to: Math.max(span.from, span.to) }
}

async function bodyOf(context: Context): Promise<unknown> {
  try {
    return JSON.parse(await context.req.text())
  } catch {
    return null
  }
}
