/**
 * The routes under /deliveries: what could not be sent within a day, what a digest was about, and how to have it sent again. What
 * is sent again is made due in its record; the next poll finds it.
 */
import { seqOf } from "@earshot/core/alert/delivery"
import type { DeadDelivery } from "@earshot/core/alert/outbox"
import { ChannelId } from "@earshot/core/channel/channel"
import { type Incidents, withRevived, withSeen } from "@earshot/core/turn/incident"
import { reviveDelivery } from "@earshot/io/revive"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { DeliveryList, listDead, listDigest, placeIn } from "../delivery-view.ts"
import { json, problems } from "../operation.ts"
import { problem, problemErrors, problemResponse } from "../problem.ts"

const LIMIT_MAX = 100

export const DeliveryQuery = z
  .strictObject({
    state: z.literal("dead").optional().describe("Those that were given up."),
    digest: z.string().max(20).optional().describe("Those that this digest was about; its text says which."),
    channel: ChannelId.optional().describe("Only with `state`: those of this channel."),
    limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(50),
    cursor: z.string().max(500).optional().describe("`next` of the answer before."),
  })
  .refine(({ state, digest }) => (state === undefined) !== (digest === undefined), {
    message: "give either state=dead or digest=<id>",
  })

const IDS_MAX = 100

export const Resend = z
  .strictObject({
    channel: ChannelId.optional().describe("What was given up for this channel."),
    callIds: z
      .array(z.string().min(1))
      .min(1)
      .max(IDS_MAX)
      .optional()
      .describe("What was given up for these calls."),
  })
  .refine(({ channel, callIds }) => channel !== undefined || callIds !== undefined, {
    message: "give a channel, callIds, or both",
  })

/** As many as are made due within the time of a request. */
const RESENT_MAX = 200

export const Resent = z.object({
  resent: z.number().int().describe("Deliveries that are due again."),
  more: z.boolean().describe("There is more that was given up for the channel: send the same request again."),
})

export const SeenView = z.object({ seen: z.boolean() })

export function deliveryRoutes(world: World, store: Store): Hono {
  const routes = new Hono()

  routes.get("/", async (context) => {
    const query = DeliveryQuery.safeParse(context.req.query())
    if (!query.success)
      return problemResponse(problem(400, "The query is invalid.", problemErrors(query.error)))
    const { digest, channel, limit, cursor } = query.data
    const after = cursor === undefined ? undefined : placeIn(cursor)
    if (after === null) return problemResponse(problem(400, "The cursor is none that an answer gave."))
    if (digest === undefined) return context.json(await listDead(store, { channel, limit, after }))
    const listed = await listDigest(store, { id: digest, limit, after })
    const detail = "No digest of the last 30 days has this id. It stands in the digest's small type."
    return listed ? context.json(listed) : problemResponse(problem(404, detail))
  })

  routes.post("/seen", async (context) => {
    await changeIncidents(store, withSeen)
    return context.json({ seen: true } satisfies z.infer<typeof SeenView>)
  })

  routes.post("/resend", async (context) => {
    const body = Resend.safeParse(await bodyOf(context))
    if (!body.success)
      return problemResponse(
        problem(400, "The body is invalid; nothing is sent again.", problemErrors(body.error)),
      )
    return context.json(await resend(world, store, body.data))
  })

  return routes
}

async function bodyOf(context: Context): Promise<unknown> {
  try {
    return JSON.parse(await context.req.text())
  } catch {
    return null
  }
}

async function resend(
  world: World,
  store: Store,
  { channel, callIds }: z.infer<typeof Resend>,
): Promise<z.infer<typeof Resent>> {
  const dead = callIds
    ? (await Promise.all(callIds.map((callId) => deadOf(store, callId, channel)))).flat()
    : await store.deadDeliveries({ ...(channel && { channel }), max: RESENT_MAX })
  const revived = await Promise.all(dead.map((one) => reviveDelivery(store, one, world.now())))
  const resent = revived.filter(Boolean).length
  if (resent > 0) await store.announceDue(world.now())
  const over: string[] = []
  for (const id of new Set([...dead.map((one) => one.channel), ...(channel ? [channel] : [])])) {
    const left = await store.deadDeliveries({ channel: id, max: 1 })
    if (left.length === 0) over.push(id)
  }
  await changeIncidents(store, (known) => withRevived(known, over))
  return { resent, more: !callIds && dead.length === RESENT_MAX }
}

async function deadOf(store: Store, callId: string, channel: ChannelId | undefined): Promise<DeadDelivery[]> {
  const record = (await store.readCall(callId))?.value
  return (record?.deliveries ?? []).flatMap((one) => {
    if (one.state !== "dead" || (channel !== undefined && one.channel !== channel)) return []
    return [{ channel: one.channel, callId, seq: seqOf(one), deadAt: one.deadAt, why: one.why }]
  })
}

/** Writes that may collide with a poll's. */
const COLLISIONS_MAX = 5

async function changeIncidents(store: Store, change: (known: Incidents) => Incidents): Promise<void> {
  for (let attempt = 0; attempt < COLLISIONS_MAX; attempt++) {
    const known = await store.readIncidents()
    const next = change(known)
    if (next === known || (await store.writeIncidents({ ...next, version: known.version + 1 }))) return
  }
  throw new Error(`The incidents were changed by others ${COLLISIONS_MAX} times.`)
}

/** What the document says of these routes. */
export function deliveryPaths(): ZodOpenApiPathsObject {
  const list = DeliveryList.meta({ id: "DeliveryList" })
  const body = Resend.meta({ id: "Resend", minProperties: 1 })
  const shared = { tags: ["deliveries"] }
  return {
    "/deliveries": {
      get: {
        ...shared,
        operationId: "listDeliveries",
        summary: "List what could not be sent, or what a digest was about",
        requestParams: { query: z.object(DeliveryQuery.shape) },
        responses: {
          200: json(list, "The deliveries, in an order that stays."),
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    "/deliveries/seen": {
      post: {
        ...shared,
        operationId: "seeDeliveries",
        summary: "Say that you have seen what could not be sent: health is well again, and it stays listed",
        responses: {
          200: json(SeenView.meta({ id: "Seen" }), "It is noted."),
          ...problems(401, 413, 500, 503),
        },
      },
    },
    "/deliveries/resend": {
      post: {
        ...shared,
        operationId: "resendDeliveries",
        summary: "Send again what could not be sent, for another day",
        requestBody: {
          required: true,
          content: { "application/json": { schema: body, example: { channel: "slack" } } },
        },
        responses: {
          200: json(Resent.meta({ id: "Resent" }), "How many are due again."),
          ...problems(400, 401, 413, 500, 503),
        },
      },
    },
  }
}
