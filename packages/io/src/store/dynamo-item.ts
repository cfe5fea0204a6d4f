/**
 * How one team's items are read and written on DynamoDB: the requests, their expressions and conditions, and what a failed
 * condition or a missing table means. Only the files beside it know what is in an item.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  ResourceNotFoundException,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb"
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import * as z from "zod"
import type { World } from "../world.ts"
import { IndexUnfinished, TableMissing } from "./table.ts"

export type Expression = {
  UpdateExpression: string
  ConditionExpression?: string
  ExpressionAttributeNames: Record<string, string>
  ExpressionAttributeValues: Record<string, AttributeValue>
}

export type WriteCondition = Pick<Expression, "ConditionExpression" | "ExpressionAttributeNames"> & {
  ExpressionAttributeValues?: Record<string, AttributeValue>
}

export type Written = { done: boolean; item: Record<string, unknown> | null }

/** The items of one team. Each method is one request. */
export type TeamItems = {
  pk: string
  read: (sk: string) => Promise<Record<string, unknown> | null>
  /** Those of the items that there are, in no order. Takes a request for each hundred, or more if they are large. */
  readAll: (sks: readonly string[]) => Promise<Record<string, unknown>[]>
  update: (sk: string, expression: Expression) => Promise<Written>
  /** False if the condition failed. Without one, whatever is stored is replaced. */
  put: (item: Record<string, unknown>, expected?: WriteCondition) => Promise<boolean>
  query: (question: Omit<QueryCommandInput, "TableName">) => Promise<QueryCommandOutput>
}

/** What DynamoDB takes at once. An answer of more than 16 MB is cut short, and the rest asked for again. */
const KEYS_MAX = 100

/** Beyond one for each item: every request but a few brings at least one. */
const READS_SPARE = 3

/** `team` is an echowin team, that is, one API key; its items are kept apart from every other team's. */
export function openItems(
  client: DynamoDBClient,
  { tableName, team }: { tableName: string; team: string },
): TeamItems {
  const pk = `TEAM#${team}`
  const place = (sk: string) => ({ TableName: tableName, Key: marshall({ pk, sk }) })
  return {
    pk,

    read: async (sk) => {
      const { Item } = await explain(
        tableName,
        client.send(new GetItemCommand({ ...place(sk), ConsistentRead: true })),
      )
      return Item ? unmarshall(Item) : null
    },

    readAll: async (sks) => {
      const found: Record<string, unknown>[] = []
      let left = [...new Set(sks)].map((sk) => marshall({ pk, sk }))
      for (let request = 0; left.length > 0; request++) {
        if (request >= sks.length + READS_SPARE)
          throw new Error("The table leaves reads undone again and again")
        const Keys = left.slice(0, KEYS_MAX)
        const { Responses = {}, UnprocessedKeys = {} } = await explain(
          tableName,
          client.send(
            new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys, ConsistentRead: true } } }),
          ),
        )
        for (const item of Object.values(Responses).flat()) found.push(unmarshall(item))
        const undone = Object.values(UnprocessedKeys).flatMap((unprocessed) => unprocessed.Keys ?? [])
        left = [...undone, ...left.slice(KEYS_MAX)]
      }
      return found
    },

    update: (sk, expression) =>
      whether(
        tableName,
        client.send(
          new UpdateItemCommand({
            ...place(sk),
            ReturnValues: "ALL_NEW",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            ...expression,
          }),
        ),
      ),

    put: async (item, expected) => {
      const Item = marshall({ pk, ...item }, { removeUndefinedValues: true })
      const { done } = await whether(
        tableName,
        client.send(new PutItemCommand({ TableName: tableName, Item, ...expected })),
      )
      return done
    },

    query: (question) =>
      explain(tableName, client.send(new QueryCommand({ TableName: tableName, ...question }))),
  }
}

/** All items whose key begins so. Throws if there are more pages of a megabyte: then it was not Earshot that wrote them. */
export async function readAll(
  items: TeamItems,
  { prefix, pagesMax }: { prefix: string; pagesMax: number },
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  let start: Record<string, AttributeValue> | undefined
  for (let page = 0; page < pagesMax; page++) {
    const { Items = [], LastEvaluatedKey } = await items.query({
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: marshall({ ":pk": items.pk, ":prefix": prefix }),
      ConsistentRead: true,
      ExclusiveStartKey: start,
    })
    for (const item of Items) found.push(unmarshall(item))
    start = LastEvaluatedKey
    if (!start) return found
  }
  throw new Error(`The table has more items ${prefix}… than Earshot writes.`)
}

/** Sets attributes of an item. `names` and `values` are the further ones that the condition uses. */
export function setAll(
  attributes: Record<string, unknown>,
  { names, values }: { names: readonly string[]; values: Record<string, unknown> },
): Expression {
  const set = Object.keys(attributes)
  const named = new Set([...set, ...names])
  const valued = Object.entries({ ...attributes, ...values })
  return {
    UpdateExpression: `SET ${set.map((name) => `#${name} = :${name}`).join(", ")}`,
    ExpressionAttributeNames: Object.fromEntries([...named].map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall(
      Object.fromEntries(valued.map(([name, value]) => [`:${name}`, value])),
    ),
  }
}

/** The stored version is this one; 0: no item is stored. */
export function versionIs(version: number): WriteCondition {
  if (version === 0) {
    return { ConditionExpression: "attribute_not_exists(#pk)", ExpressionAttributeNames: { "#pk": "pk" } }
  }
  return {
    ConditionExpression: "#version = :expected",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: marshall({ ":expected": version }),
  }
}

/** The same, but an item whose own version is damaged may be replaced by the first version of another. */
export function versionIsOrDamaged(version: number): WriteCondition {
  if (version > 0) return versionIs(version)
  return {
    ConditionExpression: "attribute_not_exists(#version) OR NOT attribute_type(#version, :number)",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: marshall({ ":number": "N" }),
  }
}

/** No item is stored, or its version is this one, or is damaged. */
export function noneOrVersion(version: number): WriteCondition {
  return {
    ConditionExpression: "#version = :expected OR NOT attribute_type(#version, :number)",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: marshall({ ":expected": version, ":number": "N" }),
  }
}

const Versioned = z.object({ version: z.number() })

/** The version of an item; 0 if that is damaged, so that `versionIsOrDamaged` lets the item be replaced. */
export function versionIn(item: Record<string, unknown>): number {
  return Versioned.safeParse(item).data?.version ?? 0
}

const Bodied = z.object({ body: z.string() })

/** The JSON in an item's body; undefined if there is none. */
export function jsonIn(item: Record<string, unknown>): unknown {
  const { body } = Bodied.safeParse(item).data ?? {}
  if (body === undefined) return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** What a write leaves in its item, so that its writer knows it again if the answer is lost and the SDK repeats it. */
export function writerMark(world: World): string {
  return Math.floor(world.random() * Number.MAX_SAFE_INTEGER).toString(36)
}

/** Whether a conditional write was done, and the item as it is now. */
async function whether(
  tableName: string,
  sent: Promise<{ Attributes?: Record<string, AttributeValue> | undefined }>,
): Promise<Written> {
  try {
    const { Attributes } = await explain(tableName, sent)
    return { done: true, item: Attributes ? unmarshall(Attributes) : null }
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    return { done: false, item: error.Item ? unmarshall(error.Item) : null }
  }
}

/** How DynamoDB says, in a ValidationException, that an index is not there yet or not filled. It has no error of its own for that. */
const UNFINISHED_INDEX = /backfilling global secondary index|does not have the specified index/i

/** Adds to the error of a missing table or index what to do about it. Every other error is passed on as it is. */
async function explain<T>(tableName: string, sent: Promise<T>): Promise<T> {
  try {
    return await sent
  } catch (error) {
    if (error instanceof ResourceNotFoundException) throw new TableMissing(tableName, error)
    if (error instanceof Error && UNFINISHED_INDEX.test(error.message))
      throw new IndexUnfinished(tableName, error)
    throw error
  }
}
