/** The store on DynamoDB. Each method is one request, but for lists that do not fit into one. */
import {
  type AttributeValue,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb"
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import { CallRecord, RECORD_MS } from "@earshot/core/alert/call-record"
import { countPending, earliestAttemptAt } from "@earshot/core/alert/delivery"
import { isSameJson } from "@earshot/core/json"
import { Rule } from "@earshot/core/rule/rule"
import { type Control, FIRST_CONTROL } from "@earshot/core/turn/control"
import { latestHolds, refusalOf } from "@earshot/core/turn/gate"
import { PackedControl, packChange, unpackControl } from "@earshot/core/turn/packed-control"
import { PackedWatch, packWatch, unpackWatch } from "@earshot/core/watch/packed-watch"
import { EMPTY_WATCH } from "@earshot/core/watch/watch"
import * as z from "zod"
import { requestHandler } from "../aws.ts"
import type { World } from "../world.ts"
import {
  type Condition,
  type Expression,
  type Written,
  explain,
  noneOrVersion,
  setAll,
  versionIs,
  whether,
} from "./dynamo-item.ts"
import type { DueCall, Store, Versioned } from "./store.ts"
import { DUE_INDEX } from "./table.ts"

/**
 * Pages of rules, of a megabyte each. A thousand ids with the longest rules that the HTTP API takes, which marks of deleted
 * ones kept once, are 65 of them; a table with more is not ours.
 */
const RULE_PAGES_MAX = 100

/** A client whose requests go through `world`. What `config` leaves out, the AWS SDK reads from its own variables. */
export function createDynamoClient(world: World, config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({ ...config, requestHandler: requestHandler(world), maxAttempts: 3 })
}

const StoredCall = z.object({ version: z.number(), writer: z.string(), body: z.string() })

const StoredRule = z.object({ body: z.string() })

const StoredDue = z.object({ sk: z.string(), dueAt: z.number(), pending: z.number() })

/** `team` is an echowin team, that is, one API key; its items are apart from any other's. */
export function createDynamoStore(
  world: World,
  client: DynamoDBClient,
  { tableName, team }: { tableName: string; team: string },
): Store {
  const pk = `TEAM#${team}`
  const duePk = `DUE#${team}`
  const keyOf = (sk: string) => marshall({ pk, sk })

  async function read(sk: string): Promise<Record<string, unknown> | null> {
    const { Item } = await explain(
      tableName,
      client.send(new GetItemCommand({ TableName: tableName, Key: keyOf(sk), ConsistentRead: true })),
    )
    return Item ? unmarshall(Item) : null
  }

  async function update(sk: string, expression: Expression): Promise<Written> {
    return whether(
      tableName,
      client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: keyOf(sk),
          ReturnValues: "ALL_NEW",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          ...expression,
        }),
      ),
    )
  }

  async function put(item: Record<string, unknown>, expected: Condition): Promise<boolean> {
    const { done } = await whether(
      tableName,
      client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: marshall({ pk, ...item }, { removeUndefinedValues: true }),
          ...expected,
        }),
      ),
    )
    return done
  }

  async function readControl(): Promise<Control | null> {
    const item = await read("CONTROL")
    return item && unpackControl(PackedControl.parse(item))
  }

  async function readCall(callId: string): Promise<(Versioned<CallRecord> & { writer: string }) | null> {
    const item = await read(`CALL#${callId}`)
    if (!item) return null
    const { version, writer, body } = StoredCall.parse(item)
    return { version, writer, value: CallRecord.parse(JSON.parse(body)) }
  }

  return {
    acquire: async ({ now, gateMs, since }) => {
      const { leaseMax, nextMax } = latestHolds({ now, gateMs })
      const { done, item } = await update("CONTROL", {
        UpdateExpression:
          "SET #next = :next, #polled = :now, #since = if_not_exists(#since, :since) ADD #fence :one",
        ConditionExpression:
          "(attribute_not_exists(#lease) OR NOT #lease BETWEEN :soon AND :leaseMax) AND " +
          "(attribute_not_exists(#next) OR NOT #next BETWEEN :soon AND :nextMax)",
        ExpressionAttributeNames: {
          "#next": "next",
          "#polled": "polled",
          "#since": "since",
          "#fence": "fence",
          "#lease": "lease",
        },
        ExpressionAttributeValues: marshall({
          ":now": now,
          // What is not later than now holds nobody up.
          ":soon": now + 1,
          ":leaseMax": leaseMax,
          ":nextMax": nextMax,
          ":next": now + gateMs,
          ":since": since,
          ":one": 1,
        }),
      })
      // Some stand-ins for DynamoDB do not return the item on which the condition failed.
      const control = item
        ? unpackControl(PackedControl.parse(item))
        : ((await readControl()) ?? FIRST_CONTROL)
      if (done) return { kind: "acquired", control }
      return { kind: "refused", why: refusalOf(control, { now, gateMs }) ?? "early", control }
    },

    beginLook: async (known, { now, change }) => {
      const next = { ...packChange(change), fence: known.fence + 1 }
      const { done, item } = await update("CONTROL", {
        ...setAll(next, {
          names: ["fence", "lease", "rulesChanged"],
          values: { known: known.fence, now, edited: known.rulesChangedAt, never: 0 },
        }),
        ConditionExpression:
          "#fence = :known AND (attribute_not_exists(#lease) OR #lease <= :now) AND " +
          "(#rulesChanged = :edited OR (attribute_not_exists(#rulesChanged) AND :edited = :never))",
      })
      return done && item ? unpackControl(PackedControl.parse(item)) : null
    },

    changeControl: async (fence, change) => {
      const { done } = await update("CONTROL", {
        ...setAll(packChange(change), { names: ["fence"], values: { fence } }),
        ConditionExpression: "#fence = :fence",
      })
      return done
    },

    readControl,

    announceRules: async (now) => {
      await update("CONTROL", {
        UpdateExpression: "SET #rulesChanged = :now",
        ExpressionAttributeNames: { "#rulesChanged": "rulesChanged" },
        ExpressionAttributeValues: marshall({ ":now": now }),
      })
    },

    readWatch: async () => {
      const item = await read("WATCH")
      return item ? unpackWatch(PackedWatch.parse(item)) : EMPTY_WATCH
    },

    writeWatch: async (watch) => {
      const packed = packWatch(watch)
      if (await put({ sk: "WATCH", ...packed }, versionIs(watch.version - 1))) return true
      // A repetition meets the first one here as well, and whoever else has written the very same may go on.
      const item = await read("WATCH")
      return item !== null && isSameJson(PackedWatch.parse(item), packed)
    },

    readCall: async (callId) => {
      const known = await readCall(callId)
      return known && { version: known.version, value: known.value }
    },

    writeCall: async (record, expected) => {
      const dueAt = earliestAttemptAt(record.deliveries)
      const writer = Math.floor(world.random() * Number.MAX_SAFE_INTEGER).toString(36)
      const isWritten = await put(
        {
          sk: `CALL#${record.callId}`,
          version: expected + 1,
          writer,
          body: JSON.stringify(record),
          expiresAt: Math.ceil((record.facts.firstSeenAt + RECORD_MS) / 1000),
          ...(dueAt !== null && { duePk, dueAt, pending: countPending(record.deliveries) }),
        },
        versionIs(expected),
      )
      if (isWritten) return true
      // The SDK repeats a write whose answer was lost, and the repetition meets the first one's version.
      return (await readCall(record.callId))?.writer === writer
    },

    dueCalls: async (max, after) => {
      const { Items = [] } = await explain(
        tableName,
        client.send(
          new QueryCommand({
            TableName: tableName,
            IndexName: DUE_INDEX,
            KeyConditionExpression: "duePk = :duePk",
            ExpressionAttributeValues: marshall({ ":duePk": duePk }),
            ExclusiveStartKey:
              after && marshall({ pk, sk: `CALL#${after.callId}`, duePk, dueAt: after.dueAt }),
            Limit: max,
          }),
        ),
      )
      return Items.map((item): DueCall => {
        const { sk, dueAt, pending } = StoredDue.parse(unmarshall(item))
        return { callId: sk.slice("CALL#".length), dueAt, pending }
      })
    },

    readRules: async () => {
      const rules: Rule[] = []
      let start: Record<string, AttributeValue> | undefined
      for (let page = 0; page < RULE_PAGES_MAX; page++) {
        const { Items = [], LastEvaluatedKey } = await explain(
          tableName,
          client.send(
            new QueryCommand({
              TableName: tableName,
              KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
              ExpressionAttributeValues: marshall({ ":pk": pk, ":prefix": "RULE#" }),
              ConsistentRead: true,
              ExclusiveStartKey: start,
            }),
          ),
        )
        for (const item of Items) rules.push(Rule.parse(JSON.parse(StoredRule.parse(unmarshall(item)).body)))
        start = LastEvaluatedKey
        if (!start) return rules
      }
      throw new Error(`The table ${tableName} has more rules than Earshot writes.`)
    },

    readRule: async (id) => {
      const item = await read(`RULE#${id}`)
      return item && Rule.parse(JSON.parse(StoredRule.parse(item).body))
    },

    writeRule: (rule) =>
      put(
        { sk: `RULE#${rule.id}`, version: rule.version, body: JSON.stringify(rule) },
        noneOrVersion(rule.version - 1),
      ),
  }
}
