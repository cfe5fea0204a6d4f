/**
 * The store on DynamoDB, put together from its parts: the poller's state, what went wrong, the calls' records, the rules, the channels,
 * references, how often fields were there, who calls how often, and how far calls are covered. Each method is one request, except where a list needs more pages, or a refused write has to be looked at.
 */
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb"
import { awsClientConfig } from "../aws.ts"
import type { World } from "../world.ts"
import { callStore } from "./dynamo-call.ts"
import { channelStore } from "./dynamo-channel.ts"
import { coverageStore } from "./dynamo-coverage.ts"
import { editStore } from "./dynamo-edit.ts"
import { openItems } from "./dynamo-item.ts"
import { incidentStore } from "./dynamo-incident.ts"
import { outboxStore } from "./dynamo-outbox.ts"
import { partyStore } from "./dynamo-party.ts"
import { presenceStore } from "./dynamo-presence.ts"
import { referenceStore } from "./dynamo-reference.ts"
import { ruleStore } from "./dynamo-rule.ts"
import { tokenStore } from "./dynamo-token.ts"
import { turnStore } from "./dynamo-turn.ts"
import { unexaminedStore } from "./dynamo-unexamined.ts"
import type { Store } from "./store.ts"

/**
 * DynamoDB answers within milliseconds. Three attempts are over in seven seconds at most: a step of a poll that begins in time
 * ends before Lambda ends the poll. What is throttled for longer is the next poll's.
 */
const PATIENCE = { timeoutMs: 2000, attemptsMax: 3 }

/** A client whose requests go through `world`. What `config` leaves out, the AWS SDK reads from its own variables. */
export function createDynamoClient(world: World, config: DynamoDBClientConfig = {}): DynamoDBClient {
  const client = new DynamoDBClient({ ...config, ...awsClientConfig(world, PATIENCE) })
  // It copies each answer for a log that nobody reads, and what callers said does not belong in one.
  client.middlewareStack.remove("loggerMiddleware")
  return client
}

/** `team` is an echowin team, that is, one API key; its items are kept apart from every other team's. */
export function createDynamoStore(
  world: World,
  client: DynamoDBClient,
  { tableName, team }: { tableName: string; team: string },
): Store {
  const items = openItems(client, { tableName, team })
  return {
    ...turnStore(items, world),
    ...incidentStore(items),
    ...callStore(items, { world, team }),
    ...outboxStore(items, world),
    ...unexaminedStore(items, world),
    ...editStore(items, world),
    ...tokenStore(items, world),
    ...ruleStore(items, world),
    ...channelStore(items, world),
    ...referenceStore(items, world),
    ...partyStore(items),
    ...presenceStore(items),
    ...coverageStore(items, world),
  }
}
