/**
 * The one table that holds everything. When deployed, the infrastructure makes it; locally, `--create-table` and the
 * tests make the same table from here.
 *
 *   TEAM#<team>  CONTROL       the poller's state
 *   TEAM#<team>  WATCH         the calls that the next poll must know of
 *   TEAM#<team>  CALL#<id>     a call's record; in the index `due` while a delivery is not over, and in `alerts` if it has an alert
 *   TEAM#<team>  PACE#<channel>  how fast messages may go to a channel
 *   TEAM#<team>  DEAD#<channel>#<id>#<seq>  a delivery that was given up
 *   TEAM#<team>  DIGEST#<id>   the calls of a digest
 *   TEAM#<team>  UNEXAMINED#<id>  when a call was closed unexamined
 *   TEAM#<team>  COVERAGE#<hour>  which of an hour's calls were checked
 *   TEAM#<team>  GAP#<time>    a time without a complete reading
 *   TEAM#<team>  BRIEF#<channel>  how far a channel has had its daily brief
 *   TEAM#<team>  TOKEN#<name>  a token of the HTTP API, by its hash
 *   TEAM#<team>  EDIT          whose turn it is to edit
 *   TEAM#<team>  RULE#<id>     a rule that somebody wrote
 *   TEAM#<team>  RULE-VERSION#<id>#v<version>  the same as it was before an edit
 */
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb"
import type { World } from "../world.ts"

export const DUE_INDEX = "due"

/** The calls that people were alerted to, by when: no other item has the time. Its items never change, so an alert costs it one unit. */
export const ALERT_INDEX = "alerts"

/** Says what to do about a table that is not there. */
export class TableMissing extends Error {
  constructor(tableName: string, cause: unknown) {
    super(
      `The table ${tableName} does not exist. Deployed, "npx sst deploy" makes it; locally, "npm run poll -- --create-table".`,
      { cause },
    )
    this.name = "TableMissing"
  }
}

/** An index that a deploy has just added to a full table cannot be asked before AWS has filled it. */
export class IndexUnfinished extends Error {
  /** Most are filled by then. */
  readonly retryAfterSeconds = 300

  constructor(tableName: string, cause: unknown) {
    super(
      `AWS is still building an index of the table ${tableName}, as it does for minutes after the deploy that brings one. Nothing is missed. ` +
        `Try again in five minutes; if it is still so in an hour, "npx sst deploy" has not made it.`,
      { cause },
    )
    this.name = "IndexUnfinished"
  }
}

/** A new table is ready within seconds. If it takes more attempts than this, something else is wrong. */
const READY_ATTEMPTS_MAX = 60

/** Makes the table if it is missing, and waits until it is ready. False if it was there already. */
export async function createTable(world: World, client: DynamoDBClient, tableName: string): Promise<boolean> {
  if ((await tableState(client, tableName)) === "ACTIVE") return false
  try {
    await client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
          { AttributeName: "duePk", AttributeType: "S" },
          { AttributeName: "dueAt", AttributeType: "N" },
          { AttributeName: "raisedAt", AttributeType: "N" },
        ],
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: DUE_INDEX,
            KeySchema: [
              { AttributeName: "duePk", KeyType: "HASH" },
              { AttributeName: "dueAt", KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["pending"] },
          },
          {
            IndexName: ALERT_INDEX,
            KeySchema: [
              { AttributeName: "pk", KeyType: "HASH" },
              { AttributeName: "raisedAt", KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "KEYS_ONLY" },
          },
        ],
      }),
    )
  } catch (error) {
    // Somebody else is making it right now: wait for that one.
    if (!(error instanceof ResourceInUseException)) throw error
  }
  for (let attempt = 0; attempt < READY_ATTEMPTS_MAX; attempt++) {
    if ((await tableState(client, tableName)) === "ACTIVE") return true
    await world.sleep(500)
  }
  throw new Error(`The table ${tableName} was created but did not become ready.`)
}

async function tableState(client: DynamoDBClient, tableName: string): Promise<string | undefined> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }))
    return Table?.TableStatus
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined
    throw error
  }
}
