/** Which calls a reference stands for, on DynamoDB: an item for each, made before a channel that shows no ids is sent one. */
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import { RECORD_MS } from "@earshot/core/alert/call-record"
import { callReference } from "@earshot/core/fingerprint"
import * as z from "zod"
import type { World } from "../world.ts"
import type { TeamItems } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

/** Hardly two calls have the same reference. */
const CALLS_MAX = 10

const StoredReference = z.object({ callId: z.string() })

export function referenceStore(
  items: TeamItems,
  world: World,
): Pick<Store, "noteReference" | "referredCalls"> {
  return {
    noteReference: async (callId) => {
      const sk = `${prefixOf(callReference(callId))}${callId}`
      // As long as the record that it leads to.
      await items.put({ sk, callId, expiresAt: Math.ceil((world.now() + RECORD_MS) / 1000) })
    },

    referredCalls: async (reference) => {
      const { Items = [] } = await items.query({
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues: marshall({ ":pk": items.pk, ":prefix": prefixOf(reference) }),
        Limit: CALLS_MAX,
      })
      return Items.flatMap((item) => {
        const read = StoredReference.safeParse(unmarshall(item))
        return read.success ? [read.data.callId] : []
      })
    },
  }
}

function prefixOf(reference: string): string {
  return `REF#${reference}#`
}
