/**
 * The outbox beside the calls' records, on DynamoDB: each channel's pace, deliveries that were given up, and the calls of a
 * digest. A delivery that is not dead any more leaves an empty item until that expires: that needs no permission to delete.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import { RECORD_MS } from "@earshot/core/alert/call-record"
import { DeadDelivery, StoredDigest } from "@earshot/core/alert/outbox"
import { ChannelPace, NO_PACE } from "@earshot/core/alert/pace"
import type { World } from "../world.ts"
import { type TeamItems, jsonIn, versionIn, versionIsOrDamaged, writerMark } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

type OutboxStore = Pick<
  Store,
  "readPace" | "writePace" | "noteDead" | "forgetDead" | "deadDeliveries" | "keepDigest" | "readDigest"
>

/** Empty items between those that are asked for: more pages than this are not read for one answer. */
const DEAD_PAGES_MAX = 10

export function outboxStore(items: TeamItems, world: World): OutboxStore {
  const expiresAt = () => Math.ceil((world.now() + RECORD_MS) / 1000)
  const readPace: OutboxStore["readPace"] = async (channel) => {
    const item = await items.read(paceOf(channel))
    if (!item) return NO_PACE
    const read = ChannelPace.omit({ version: true }).safeParse(jsonIn(item))
    return { ...NO_PACE, ...read.data, version: versionIn(item) }
  }
  return {
    readPace,

    writePace: async (channel, pace) => {
      const { version, ...body } = pace
      const writer = writerMark(world)
      const item = { sk: paceOf(channel), version, writer, body: JSON.stringify(body) }
      if (await items.put(item, versionIsOrDamaged(version - 1))) return true
      // An SDK retry also ends up here after its own first try. Whoever else wrote the same holds the channel instead of us.
      return (await items.read(paceOf(channel)))?.["writer"] === writer
    },

    noteDead: async (dead) => {
      await items.put({ sk: deadOf(dead), isOver: false, body: JSON.stringify(dead), expiresAt: expiresAt() })
    },

    forgetDead: async (dead) => {
      await items.put({ sk: deadOf(dead), isOver: true, expiresAt: Math.ceil(world.now() / 1000) })
    },

    deadDeliveries: async ({ channel, after, max }) => {
      const found: DeadDelivery[] = []
      let start: Record<string, AttributeValue> | undefined =
        after && marshall({ pk: items.pk, sk: deadOf(after) })
      for (let page = 0; page < DEAD_PAGES_MAX && found.length < max; page++) {
        const { Items = [], LastEvaluatedKey } = await items.query({
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
          FilterExpression: "isOver = :isOver",
          ExpressionAttributeValues: marshall({
            ":pk": items.pk,
            ":prefix": channel === undefined ? DEAD : `${DEAD}${channel}#`,
            ":isOver": false,
          }),
          ExclusiveStartKey: start,
          Limit: max - found.length,
        })
        for (const item of Items) {
          const read = DeadDelivery.safeParse(jsonIn(unmarshall(item)))
          if (read.success) found.push(read.data)
        }
        start = LastEvaluatedKey
        if (!start) break
      }
      return found
    },

    keepDigest: async (digest) => {
      await items.put({ sk: digestOf(digest.id), body: JSON.stringify(digest), expiresAt: expiresAt() })
    },

    readDigest: async (id) => {
      const item = await items.read(digestOf(id))
      return (item && StoredDigest.safeParse(jsonIn(item)).data) ?? null
    },
  }
}

const DEAD = "DEAD#"

function deadOf({ channel, callId, seq }: Pick<DeadDelivery, "channel" | "callId" | "seq">): string {
  return `${DEAD}${channel}#${callId}#${seq}`
}

function paceOf(channel: string): string {
  return `PACE#${channel}`
}

function digestOf(id: string): string {
  return `DIGEST#${id}`
}
