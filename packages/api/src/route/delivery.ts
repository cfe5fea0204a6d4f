/**
 * The routes under /deliveries: what could not be sent within a day, what a digest was about, and how to have it sent again. What
 * is sent again is made due in its record; the next poll finds it.
 */
import { severityOf } from "@earshot/core/alert/alert"
import type { CallRecord } from "@earshot/core/alert/call-record"
import { type Delivery, seqOf } from "@earshot/core/alert/delivery"
import type { DeadDelivery } from "@earshot/core/alert/outbox"
import { ChannelId } from "@earshot/core/channel/channel"
import { isoOf } from "@earshot/core/instant"
import { Severity } from "@earshot/core/rule/rule"
import { type Incidents, withRevived, withSeen } from "@earshot/core/turn/incident"
import { reviveDelivery } from "@earshot/io/revive"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { json, problems } from "../operation.ts"
import { problem, problemErrors, problemResponse } from "../problem.ts"

const DeliveryView = z.object({
  callId: z.string().describe("The vendor's id, as in echowin's call log."),
  channel: z.string(),
  state: z.enum(["due", "claimed", "sent", "dead"]).nullable().describe("Null if its record is gone."),
  at: z.iso.datetime().nullable().describe("When it was given up or sent; null if neither."),
  why: z.string().nullable().describe("Why it was given up."),
  severity: Severity.nullable(),
  reasons: z.array(z.string()).describe("The names of the rules that the call matches."),
  agent: z.string().nullable(),
  startedAt: z.string().nullable().describe("When the call began, as the vendor wrote it."),
})

const DeliveryList = z.object({
  deliveries: z.array(DeliveryView),
  next: z.string().nullable().describe("As `cursor` it leads to those after these; null: there are no more."),
})

const LIMIT_MAX = 100

const Query = z
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

const Resend = z
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

const Resent = z.object({
  resent: z.number().int().describe("Deliveries that are due again."),
  more: z.boolean().describe("There is more that was given up for the channel: send the same request again."),
})

const Seen = z.object({ seen: z.boolean() })

export function deliveryRoutes(world: World, store: Store): Hono {
  const routes = new Hono()

  routes.get("/", async (context) => {
    const query = Query.safeParse(context.req.query())
    if (!query.success)
      return problemResponse(problem(400, "The query is invalid.", problemErrors(query.error)))
    const { digest, channel, limit, cursor } = query.data
    const after = cursor === undefined ? undefined : cursorIn(cursor)
    if (after === null) return problemResponse(problem(400, "The cursor is none that an answer gave."))
    if (digest === undefined) return context.json(await listDead(store, { channel, limit, after }))
    const listed = await listDigest(store, { id: digest, limit, after })
    const detail = "No digest of the last 30 days has this id. It stands in the digest's small type."
    return listed ? context.json(listed) : problemResponse(problem(404, detail))
  })

  routes.post("/seen", async (context) => {
    await changeIncidents(store, withSeen)
    return context.json({ seen: true } satisfies z.infer<typeof Seen>)
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

type Place = Pick<DeadDelivery, "channel" | "callId" | "seq">

const PlaceText = z.tuple([ChannelId, z.string(), z.number()])

function cursorIn(text: string): Place | null {
  try {
    const read = PlaceText.safeParse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")))
    return read.success ? { channel: read.data[0], callId: read.data[1], seq: read.data[2] } : null
  } catch {
    return null
  }
}

function cursorOf({ channel, callId, seq }: Place): string {
  return Buffer.from(JSON.stringify([channel, callId, seq])).toString("base64url")
}

async function listDead(
  store: Store,
  { channel, limit, after }: { channel: ChannelId | undefined; limit: number; after: Place | undefined },
): Promise<z.infer<typeof DeliveryList>> {
  const dead = await store.deadDeliveries({
    ...(channel && { channel }),
    ...(after && { after }),
    max: limit,
  })
  const deliveries = await Promise.all(dead.map((place) => viewOf(store, place)))
  const last = dead.at(-1)
  return { deliveries, next: last && dead.length === limit ? cursorOf(last) : null }
}

async function listDigest(
  store: Store,
  { id, limit, after }: { id: string; limit: number; after: Place | undefined },
): Promise<z.infer<typeof DeliveryList> | null> {
  const digest = await store.readDigest(id.toUpperCase())
  if (!digest) return null
  const { channel, callIds } = digest
  const from = after?.seq ?? 0
  const shown = callIds.slice(from, from + limit)
  const deliveries = await Promise.all(
    shown.map((callId) => viewOf(store, { channel, callId, digest: digest.id })),
  )
  const to = from + shown.length
  return { deliveries, next: to < callIds.length ? cursorOf({ channel, callId: "", seq: to }) : null }
}

async function viewOf(
  store: Store,
  place: { channel: ChannelId; callId: string; seq?: number; digest?: string },
): Promise<z.infer<typeof DeliveryView>> {
  const { channel, callId, seq, digest } = place
  const record = (await store.readCall(callId))?.value ?? null
  const delivery = record?.deliveries.find((one) => {
    return one.channel === channel && (seq === undefined ? one.digest === digest : seqOf(one) === seq)
  })
  return { callId, channel, ...stateOf(delivery), ...callOf(record) }
}

function stateOf(delivery: Delivery | undefined) {
  switch (delivery?.state) {
    case "dead":
      return { state: delivery.state, at: isoOf(delivery.deadAt), why: delivery.why }
    case "sent":
      return { state: delivery.state, at: isoOf(delivery.sentAt), why: null }
    case "due":
    case "claimed":
    case undefined:
      return { state: delivery?.state ?? null, at: null, why: null }
  }
}

function callOf(record: CallRecord | null) {
  return {
    severity: record?.alert ? severityOf(record.alert) : null,
    reasons: record?.alert?.reasons.map(({ name }) => name) ?? [],
    agent: record?.facts.call.agent?.name ?? null,
    startedAt: record?.facts.call.createdAt ?? null,
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
  const body = Resend.meta({ id: "Resend" })
  const shared = { tags: ["deliveries"] }
  return {
    "/deliveries": {
      get: {
        ...shared,
        operationId: "listDeliveries",
        summary: "List what could not be sent, or what a digest was about",
        requestParams: { query: z.object(Query.shape) },
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
        responses: { 200: json(Seen.meta({ id: "Seen" }), "It is noted."), ...problems(401, 413, 500, 503) },
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
