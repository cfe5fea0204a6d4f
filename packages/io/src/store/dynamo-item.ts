/** How items are written to DynamoDB: expressions, conditions, and what a failed condition or a missing table means. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb"
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import { TableMissing } from "./table.ts"

export type Expression = {
  UpdateExpression: string
  ConditionExpression?: string
  ExpressionAttributeNames: Record<string, string>
  ExpressionAttributeValues: Record<string, AttributeValue>
}

export type Condition = Pick<Expression, "ConditionExpression" | "ExpressionAttributeNames"> & {
  ExpressionAttributeValues?: Record<string, AttributeValue>
}

export type Written = { done: boolean; item: Record<string, unknown> | null }

/** Sets attributes of the poller's state; the names and values besides are those that its condition uses. */
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

export function versionIs(version: number): Condition {
  if (version === 0) {
    return { ConditionExpression: "attribute_not_exists(#pk)", ExpressionAttributeNames: { "#pk": "pk" } }
  }
  return {
    ConditionExpression: "#version = :expected",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: marshall({ ":expected": version }),
  }
}

export function noneOrVersion(version: number): Condition {
  return {
    ConditionExpression: "attribute_not_exists(#pk) OR #version = :expected",
    ExpressionAttributeNames: { "#pk": "pk", "#version": "version" },
    ExpressionAttributeValues: marshall({ ":expected": version }),
  }
}

/** Whether a conditional write was done, and the item as it is now. */
export async function whether(
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

/** Says of a missing table what to do; every other error speaks for itself. */
export async function explain<T>(tableName: string, sent: Promise<T>): Promise<T> {
  try {
    return await sent
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
    throw new TableMissing(tableName, error)
  }
}
