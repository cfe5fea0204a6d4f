/**
 * How often fields were there, on DynamoDB: an item a day, so that a day goes by itself when it is too old. Counts are added,
 * so several processes may add at once. A retried write counts twice, which is no harm: nothing is decided by one call.
 */
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import { DAY } from "@earshot/core/instant"
import { NO_PRESENCE, PRESENCE_DAYS, type Presence, addPresence } from "@earshot/core/rule/presence"
import { NO_NAMES, NAMED_FIELDS, type SeenNames } from "@earshot/core/rule/seen-name"
import * as z from "zod"
import type { TeamItems } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

const PREFIX = "FIELDS#"

/** Names of fields hold letters and dots: no count of one can be taken for anything else. */
const FIELD = "field:"

/** Sets of texts: to add what is there already changes nothing. */
const NAMES = "names:"

const Count = z.number().int().min(0)

const Names = z.set(z.string())

/** Older versions noted no names. `cutNames`: how often some were left out. */
const StoredDay = z
  .object({
    calls: Count,
    details: Count,
    scoresAboveOne: Count,
    namedCalls: Count.default(0),
    namedDetails: Count.default(0),
    cutNames: Count.default(0),
  })
  .catchall(z.unknown())

export function presenceStore(items: TeamItems): Pick<Store, "addPresence" | "readPresence"> {
  return {
    addPresence: async (day, { present, seen, ...counts }) => {
      const added = Object.entries({
        ...counts,
        ...Object.fromEntries(Object.entries(present).map(([name, count]) => [`${FIELD}${name}`, count])),
        ...attributesOf(seen),
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
  const { calls, details, scoresAboveOne, namedCalls, namedDetails, cutNames } = read.data
  const present: Record<string, number> = {}
  for (const [name, value] of Object.entries(item)) {
    const count = name.startsWith(FIELD) ? Count.safeParse(value) : null
    if (count?.success) present[name.slice(FIELD.length)] = count.data
  }
  const seen = { ...storedNames(item), calls: namedCalls, details: namedDetails }
  return { calls, details, scoresAboveOne, present, seen: { ...seen, isCut: seen.isCut || cutNames > 0 } }
}

/** A set must not be empty. */
function attributesOf({ calls, details, names, isCut }: SeenNames): Record<string, number | Set<string>> {
  const sets = NAMED_FIELDS.filter((field) => names[field].length > 0)
  return {
    namedCalls: calls,
    namedDetails: details,
    ...(isCut && { cutNames: 1 }),
    ...Object.fromEntries(sets.map((field) => [`${NAMES}${field}`, new Set(names[field])])),
  }
}

/** Those that are damaged are as if some had been left out. */
function storedNames(item: Record<string, unknown>): SeenNames {
  const read = NAMED_FIELDS.map((field) => Names.optional().safeParse(item[`${NAMES}${field}`]))
  const [tools, ids, agents] = read.map(({ data }) => [...(data ?? [])])
  const names = { tools: tools ?? [], "agent.id": ids ?? [], "agent.name": agents ?? [] }
  return { ...NO_NAMES, names, isCut: read.some(({ success }) => !success) }
}
