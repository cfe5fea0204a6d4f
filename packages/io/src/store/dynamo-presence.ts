/**
 * How often fields were there, on DynamoDB: an item a day, so that a day goes by itself when it is too old. Counts are added,
 * so several processes may add at once. A retried write counts twice, which is no harm: nothing is decided by one call.
 */
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import { DAY } from "@earshot/core/instant"
import { NO_PRESENCE, PRESENCE_DAYS, type Presence, addPresence } from "@earshot/core/rule/presence"
import * as z from "zod"
import type { TeamItems } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

const PREFIX = "FIELDS#"

/** Names of fields hold letters and dots: no count of one can be taken for anything else. */
const FIELD = "field:"

const Count = z.number().int().min(0)

const StoredDay = z.object({ calls: Count, details: Count, scoresAboveOne: Count }).catchall(z.unknown())

export function presenceStore(items: TeamItems): Pick<Store, "addPresence" | "readPresence"> {
  return {
    addPresence: async (day, { present, ...counts }) => {
      const added = Object.entries({
        ...counts,
        ...Object.fromEntries(Object.entries(present).map(([name, count]) => [`${FIELD}${name}`, count])),
      })
      await items.update(`${PREFIX}${day}`, {
        UpdateExpression: `ADD ${added.map((_, index) => `#${index} :${index}`).join(", ")} SET #expiresAt = :expiresAt`,
        ExpressionAttributeNames: {
          "#expiresAt": "expiresAt",
          ...Object.fromEntries(added.map(([name], index) => [`#${index}`, name])),
        },
        ExpressionAttributeValues: marshall({
          ":expiresAt": Math.ceil((Date.parse(day) + (PRESENCE_DAYS + 1) * DAY) / 1000),
          ...Object.fromEntries(added.map(([, count], index) => [`:${index}`, count])),
        }),
      })
    },

    readPresence: async (firstDay) => {
      const { Items = [] } = await items.query({
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
        ExpressionAttributeValues: marshall({
          ":pk": items.pk,
          ":from": `${PREFIX}${firstDay}`,
          ":to": `${PREFIX}9999`,
        }),
        Limit: 2 * PRESENCE_DAYS,
      })
      return Items.map((item) => presenceIn(unmarshall(item))).reduce(addPresence, NO_PRESENCE)
    },
  }
}

/** A damaged day counts as none: what is missing is only what was counted. */
function presenceIn(item: Record<string, unknown>): Presence {
  const read = StoredDay.safeParse(item)
  if (!read.success) return NO_PRESENCE
  const { calls, details, scoresAboveOne } = read.data
  const present: Record<string, number> = {}
  for (const [name, value] of Object.entries(item)) {
    const count = name.startsWith(FIELD) ? Count.safeParse(value) : null
    if (count?.success) present[name.slice(FIELD.length)] = count.data
  }
  return { calls, details, scoresAboveOne, present }
}
