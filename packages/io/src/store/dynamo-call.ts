/** The records of calls on DynamoDB, the index of those with a delivery that is not over, and that of alerts. */
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import {
  CallRecord,
  RECORD_MS,
  dueInIndexAt,
  alertListedAt,
  storedForm,
} from "@earshot/core/alert/call-record"
import { countPending } from "@earshot/core/alert/delivery"
import * as z from "zod"
import type { World } from "../world.ts"
import { type TeamItems, jsonIn, versionIs, writerMark } from "./dynamo-item.ts"
import type { AlertedCall, DueCall, RecordPage, RecordSpan, Store, Versioned } from "./store.ts"
import { ALERT_INDEX, DUE_INDEX } from "./table.ts"

const StoredCall = z.object({ version: z.number(), writer: z.string(), body: z.string() })

/** A damaged count is no reason not to deliver. */
const StoredDue = z.object({ sk: z.string(), dueAt: z.number(), pending: z.number().catch(1) })

export function callStore(
  items: TeamItems,
  { world, team }: { world: World; team: string },
): Pick<
  Store,
  "readCall" | "readCalls" | "readRecords" | "writeCall" | "dueCalls" | "alertedCalls" | "takeUnreadable"
> {
  const duePk = `DUE#${team}`
  const unreadable = new Set<string>()

  async function readCall(callId: string): Promise<StoredRecord | null> {
    const item = await items.read(skOf(callId))
    return item && recordIn(item, callId)
  }

  function recordIn(item: Record<string, unknown>, callId: string): StoredRecord | null {
    const known = parseRecord(item, callId)
    if (known) return known
    if (!unreadable.has(callId)) world.log({ level: "error", event: "record.unreadable", callId })
    unreadable.add(callId)
    return null
  }

  return {
    readCall: async (callId) => {
      const known = await readCall(callId)
      return known && { version: known.version, value: known.value }
    },

    readCalls: async (callIds) => {
      const found = await items.readAll(callIds.map(skOf))
      return new Map(
        found.flatMap((item): [string, Versioned<CallRecord>][] => {
          const callId = callIdOf(String(item["sk"]))
          const known = recordIn(item, callId)
          return known ? [[callId, { version: known.version, value: known.value }]] : []
        }),
      )
    },

    readRecords: (span) => readRecords(items, span),

    takeUnreadable: () => {
      const ids = [...unreadable]
      unreadable.clear()
      return ids
    },

    writeCall: async (record, expected) => {
      const writer = writerMark(world)
      const item = { ...itemOf(record, duePk), version: expected + 1, writer }
      const isWritten = await items.put(item, versionIs(expected))
      if (isWritten) return true
      // The SDK retries a write whose answer was lost, and the retry finds the version that the first try wrote.
      return (await readCall(record.callId))?.writer === writer
    },

    dueCalls: (max, after) => readDue(items, duePk, max, after),

    alertedCalls: (asked) => readAlerted(items, asked),
  }
}

function itemOf(record: CallRecord, duePk: string) {
  const dueAt = dueInIndexAt(record)
  const raisedAt = alertListedAt(record)
  return {
    sk: skOf(record.callId),
    body: JSON.stringify(storedForm(record)),
    expiresAt: Math.ceil((record.facts.firstSeenAt + RECORD_MS) / 1000),
    ...(dueAt !== null && { duePk, dueAt, pending: countPending(record.deliveries) }),
    ...(raisedAt !== null && { raisedAt }),
  }
}

type StoredRecord = Versioned<CallRecord> & { writer: string }

/** Null if it cannot be read, or is another call's. */
function parseRecord(item: Record<string, unknown>, callId: string): StoredRecord | null {
  const stored = StoredCall.safeParse(item)
  const record = CallRecord.safeParse(jsonIn(item))
  if (!stored.success || !record.success || record.data.callId !== callId) return null
  const { version, writer } = stored.data
  return { version, writer, value: record.data }
}

/**
 * With what was said, a call has about 5 KB. A page below 128 KB is small enough for the part of Node's memory that costs next to
 * nothing to fill and to empty. Against a table in the same process, larger pages took more of the processor and more room; over a
 * network each saves a round trip, which nobody has measured here.
 */
const PAGE_RECORDS_MAX = 20

/** After every id of a call: `#` is followed by `$`. */
const CALLS_END = "CALL$"

/**
 * Reads eventually, which costs half. When a call was first seen stands beside its record, in `expiresAt`, so that the table itself
 * leaves out the older ones.
 */
async function readRecords(items: TeamItems, { since, after, before }: RecordSpan): Promise<RecordPage> {
  const { Items = [], LastEvaluatedKey } = await items.query({
    KeyConditionExpression: "pk = :pk AND sk BETWEEN :after AND :before",
    FilterExpression: "expiresAt >= :since",
    ProjectionExpression: "sk, version, writer, body",
    Limit: PAGE_RECORDS_MAX,
    ExpressionAttributeValues: marshall({
      ":pk": items.pk,
      // Between takes in both ends, of which the first is left out below.
      ":after": skOf(after),
      ":before": before === null ? CALLS_END : skOf(before),
      ":since": Math.floor((since + RECORD_MS) / 1000),
    }),
  })
  const page: RecordPage = { records: [], unreadable: 0, size: 0, next: null }
  for (const attributes of Items) {
    const item = unmarshall(attributes)
    const callId = callIdOf(String(item["sk"]))
    if (callId === after) continue
    const known = parseRecord(item, callId)
    page.size += attributes["body"]?.S?.length ?? 0
    if (known === null) page.unreadable++
    else if (known.value.facts.firstSeenAt >= since) page.records.push(known.value)
  }
  const last = LastEvaluatedKey && unmarshall(LastEvaluatedKey)["sk"]
  return { ...page, next: last === undefined ? null : callIdOf(String(last)) }
}

async function readDue(items: TeamItems, duePk: string, max: number, after?: DueCall): Promise<DueCall[]> {
  const { Items = [] } = await items.query({
    IndexName: DUE_INDEX,
    KeyConditionExpression: "duePk = :duePk",
    ExpressionAttributeValues: marshall({ ":duePk": duePk }),
    ExclusiveStartKey: after && marshall({ pk: items.pk, sk: skOf(after.callId), duePk, dueAt: after.dueAt }),
    Limit: max,
  })
  return Items.map((item): DueCall => {
    const { sk, dueAt, pending } = StoredDue.parse(unmarshall(item))
    return { callId: callIdOf(sk), dueAt, pending }
  })
}

const StoredAlert = z.object({ sk: z.string(), raisedAt: z.number() })

async function readAlerted(
  items: TeamItems,
  { from, to, max, after }: Parameters<Store["alertedCalls"]>[0],
): Promise<AlertedCall[]> {
  // Keys that are asked to read on from have to lie within what is asked for.
  if (after && (after.raisedAt < from || after.raisedAt > to)) return []
  const { Items = [] } = await items.query({
    IndexName: ALERT_INDEX,
    KeyConditionExpression: "pk = :pk AND raisedAt BETWEEN :from AND :to",
    ExpressionAttributeValues: marshall({ ":pk": items.pk, ":from": from, ":to": to }),
    ExclusiveStartKey: after && marshall({ pk: items.pk, sk: skOf(after.callId), raisedAt: after.raisedAt }),
    ScanIndexForward: false,
    Limit: max,
  })
  return Items.map((item): AlertedCall => {
    const { sk, raisedAt } = StoredAlert.parse(unmarshall(item))
    return { callId: callIdOf(sk), raisedAt }
  })
}

const CALL_PREFIX = "CALL#"

function skOf(callId: string): string {
  return `${CALL_PREFIX}${callId}`
}

function callIdOf(sk: string): string {
  return sk.slice(CALL_PREFIX.length)
}
