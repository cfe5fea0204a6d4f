/** Whose turn it is to edit, on DynamoDB: one item, which says who edits and until when. */
import { marshall } from "@aws-sdk/util-dynamodb"
import type { World } from "../world.ts"
import { type TeamItems, setAll, writerMark } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

const SK = "EDIT"

export function editStore(items: TeamItems, world: World): Pick<Store, "holdEdits" | "releaseEdits"> {
  return {
    holdEdits: async ({ now, forMs }) => {
      const holder = writerMark(world)
      const { done } = await items.update(SK, {
        ...setAll({ holder, heldUntil: now + forMs }, { names: [], values: { now } }),
        ConditionExpression: "attribute_not_exists(#heldUntil) OR #heldUntil <= :now",
      })
      // The SDK repeats a write whose answer was lost, and the repeat finds what the first try wrote.
      const isOurs = done || (await items.read(SK))?.["holder"] === holder
      return isOurs ? holder : null
    },

    releaseEdits: async (holder) => {
      await items.update(SK, {
        UpdateExpression: "SET #heldUntil = :over",
        ConditionExpression: "#holder = :holder",
        ExpressionAttributeNames: { "#heldUntil": "heldUntil", "#holder": "holder" },
        ExpressionAttributeValues: marshall({ ":over": 0, ":holder": holder }),
      })
    },
  }
}
