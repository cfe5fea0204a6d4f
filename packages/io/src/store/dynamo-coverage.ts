/**
 * What is known of each hour's calls, on DynamoDB: an item an hour, whose attributes are sets, so that a repeated write changes
 * nothing; and an item for each time without a complete reading. Also how far each channel has had its daily brief.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import { BriefState, NO_BRIEF } from "@earshot/core/receipt/brief-state"
import {
  COVERAGE_MS,
  COVERAGE_SETS,
  type HourChange,
  type HourCoverage,
  NO_COVERAGE,
  type ReadingGap,
  hourOf,
  hourText,
} from "@earshot/core/receipt/hour"
import { DAY, type Instant, instantOf, isoOf } from "@earshot/core/instant"
import * as z from "zod"
import type { World } from "../world.ts"
import { type TeamItems, jsonIn, versionIn, versionIsOrDamaged, writerMark } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

type CoverageStore = Pick<
  Store,
  "addCoverage" | "noteGap" | "startCoverage" | "readCoverage" | "readBrief" | "writeBrief"
>

const HOUR_PREFIX = "COVERAGE#"
const GAP_PREFIX = "GAP#"
const START = "COVERAGE-START"

/** An hour takes some kilobytes, a month of them some megabytes. */
const PAGES_MAX = 40

export function coverageStore(items: TeamItems, world: World): CoverageStore {
  const readBrief: CoverageStore["readBrief"] = async (channel) => {
    const item = await items.read(`BRIEF#${channel}`)
    if (!item) return NO_BRIEF
    const read = BriefState.omit({ version: true }).safeParse(jsonIn(item))
    return { ...NO_BRIEF, ...read.data, version: versionIn(item) }
  }
  return {
    addCoverage: async (hour, change) => {
      const sk = `${HOUR_PREFIX}${hourText(hour)}`
      // An update takes no attribute twice. What is added comes first: in between, what says less of a call stands.
      for (const part of partsOf(change)) await items.update(sk, expressionOf(part, hour))
    },

    noteGap: async ({ from, to }) => {
      await items.put({ sk: `${GAP_PREFIX}${isoOf(to)}`, from, to, expiresAt: expiryOf(to) })
    },

    startCoverage: async (at) => {
      await items.put(
        { sk: START, at },
        { ConditionExpression: "attribute_not_exists(#pk)", ExpressionAttributeNames: { "#pk": "pk" } },
      )
    },

    readCoverage: async ({ from, to }) => {
      const [start, hours, gaps] = await Promise.all([
        items.read(START),
        between(items, `${HOUR_PREFIX}${hourText(hourOf(from))}`, `${HOUR_PREFIX}${hourText(to)}`),
        between(items, `${GAP_PREFIX}${isoOf(from)}`, `${GAP_PREFIX}9`),
      ])
      return {
        since: StoredStart.safeParse(start).data?.at ?? null,
        hours: new Map(hours.flatMap(hourIn)),
        gaps: gaps.flatMap(gapIn),
      }
    },

    readBrief,

    writeBrief: async (channel, state) => {
      const { version, ...body } = state
      const writer = writerMark(world)
      const item = { sk: `BRIEF#${channel}`, version, writer, body: JSON.stringify(body) }
      if (await items.put(item, versionIsOrDamaged(version - 1))) return true
      // An SDK retry also ends up here after its own first try.
      return (await items.read(item.sk))?.["writer"] === writer
    },
  }
}

function expiryOf(at: Instant): number {
  return Math.ceil((at + COVERAGE_MS + DAY) / 1000)
}

function partsOf({ add, remove }: HourChange): HourChange[] {
  const isShared = COVERAGE_SETS.some((name) => add[name]?.length && remove[name]?.length)
  const isEmpty = (part: HourChange["add"]) => Object.values(part).every((elements) => elements.length === 0)
  const parts = isShared
    ? [
        { add, remove: {} },
        { add: {}, remove },
      ]
    : [{ add, remove }]
  return parts.filter((part) => !isEmpty(part.add) || !isEmpty(part.remove))
}

function expressionOf({ add, remove }: HourChange, hour: Instant) {
  const names: Record<string, string> = { "#expiresAt": "expiresAt" }
  const values: Record<string, unknown> = { ":expiresAt": expiryOf(hour) }
  const clauseOf = (verb: "ADD" | "DELETE", part: HourChange["add"]) => {
    const there = COVERAGE_SETS.filter((name) => part[name]?.length)
    for (const name of there) {
      names[`#${name}`] = name
      values[`:${verb}${name}`] = new Set(part[name])
    }
    return there.length === 0 ? "" : ` ${verb} ${there.map((name) => `#${name} :${verb}${name}`).join(", ")}`
  }
  const clauses = clauseOf("ADD", add) + clauseOf("DELETE", remove)
  return {
    UpdateExpression: `SET #expiresAt = :expiresAt${clauses}`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: marshall(values),
  }
}

async function between(items: TeamItems, from: string, to: string): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  let start: Record<string, AttributeValue> | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const { Items = [], LastEvaluatedKey } = await items.query({
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: marshall({ ":pk": items.pk, ":from": from, ":to": to }),
      ExclusiveStartKey: start,
    })
    for (const item of Items) found.push(unmarshall(item))
    start = LastEvaluatedKey
    if (!start) break
  }
  return found
}

const StoredStart = z.object({ at: z.number() })

const StoredGap = z.object({ from: z.number(), to: z.number() })

function gapIn(item: Record<string, unknown>): ReadingGap[] {
  const read = StoredGap.safeParse(item)
  return read.success ? [read.data] : []
}

const Elements = z.set(z.string()).catch(new Set<string>())

/** A damaged set counts as empty: then less is said of the hour. */
function hourIn(item: Record<string, unknown>): [Instant, HourCoverage][] {
  const hour = instantOf(`${String(item["sk"]).slice(HOUR_PREFIX.length)}:00:00Z`)
  if (hour === null) return []
  const sets = COVERAGE_SETS.map((name) => [name, Elements.parse(item[name])] as const)
  return [[hour, { ...NO_COVERAGE, ...Object.fromEntries(sets) }]]
}
