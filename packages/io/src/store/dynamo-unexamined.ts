/**
 * Which calls were closed unexamined, on DynamoDB: an item for each, so that a call counts once however often it is closed,
 * and whatever dies meanwhile.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { marshall } from "@aws-sdk/util-dynamodb"
import { DAY } from "@earshot/core/instant"
import type { World } from "../world.ts"
import type { TeamItems } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

/** Longer than anybody counts them. */
const MARK_MS = 2 * DAY

/** Marks take about a hundred bytes, and a page has a megabyte: more than any vendor's limits let happen in two days. */
const MARK_PAGES_MAX = 10

export function unexaminedStore(
  items: TeamItems,
  world: World,
): Pick<Store, "markUnexamined" | "countUnexamined"> {
  return {
    // A mark that is taken off stays as one of long ago: that needs no permission to delete.
    markUnexamined: async (callId, at) => {
      const expiresAt = Math.ceil(((at ?? world.now()) + MARK_MS) / 1000)
      await items.put({ sk: `UNEXAMINED#${callId}`, markedAt: at ?? 0, expiresAt })
    },

    countUnexamined: async (since) => {
      let count = 0
      let start: Record<string, AttributeValue> | undefined
      for (let page = 0; page < MARK_PAGES_MAX; page++) {
        const { Count = 0, LastEvaluatedKey } = await items.query({
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
          FilterExpression: "markedAt >= :since",
          ExpressionAttributeValues: marshall({
            ":pk": items.pk,
            ":prefix": "UNEXAMINED#",
            ":since": Math.max(1, since),
          }),
          Select: "COUNT",
          ExclusiveStartKey: start,
        })
        count += Count
        start = LastEvaluatedKey
        if (!start) break
      }
      return count
    },
  }
}
