/** Deliveries as the API shows them, a page at a time: those that were given up, and those of a digest. */
import { severityOf } from "@earshot/core/alert/alert"
import type { CallRecord } from "@earshot/core/alert/call-record"
import { type Delivery, seqOf } from "@earshot/core/alert/delivery"
import type { DeadDelivery } from "@earshot/core/alert/outbox"
import { ChannelId } from "@earshot/core/channel/channel"
import { isoOf } from "@earshot/core/instant"
import { Severity } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import * as z from "zod"

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

export const DeliveryList = z.object({
  deliveries: z.array(DeliveryView),
  next: z.string().nullable().describe("As `cursor` it leads to those after these; null: there are no more."),
})

type Place = Pick<DeadDelivery, "channel" | "callId" | "seq">

const PlaceText = z.tuple([ChannelId, z.string(), z.number()])

/** The place that a cursor leads to; null if it is none. */
export function placeIn(text: string): Place | null {
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

export async function listDead(
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

/** Null if there is no such digest. */
export async function listDigest(
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
