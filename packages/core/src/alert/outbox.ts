/** What is stored of the outbox beside the calls' records: deliveries that were given up, and which calls a digest is about. */
import * as z from "zod"
import { ChannelId } from "../channel/channel.ts"

/** A delivery that was given up. The call's record says the same; this is how it is found. */
export const DeadDelivery = z.object({
  channel: ChannelId,
  callId: z.string(),
  seq: z.number(),
  deadAt: z.number(),
  why: z.string(),
})

export type DeadDelivery = z.infer<typeof DeadDelivery>

export const StoredDigest = z.object({
  id: z.string(),
  channel: ChannelId,
  at: z.number(),
  callIds: z.array(z.string()),
})

export type StoredDigest = z.infer<typeof StoredDigest>
