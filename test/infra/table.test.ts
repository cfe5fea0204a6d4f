/**
 * The deployed table is the table that everything else is tested on.
 *
 * Tests and local runs make their table by themselves. A difference would show only in production, so the two
 * are compared: what a deploy registers, and what `createTable` asks DynamoDB for.
 */
import { expect, test, vi } from "vitest"
import { createDynamoClient } from "../../packages/io/src/store/dynamo-store.ts"
import { createTable } from "../../packages/io/src/store/table.ts"
import type { World } from "../../packages/io/src/world.ts"
import { resource, synthesize } from "./synthesis.ts"

const { inputs } = resource(await synthesize({ stage: "staging" }), "TableTable")

test("it has the keys and the index that a local table has", async () => {
  const local = await localTable()
  expect({
    hashKey: inputs["hashKey"],
    rangeKey: inputs["rangeKey"],
    attributes: inputs["attributes"],
    globalSecondaryIndexes: inputs["globalSecondaryIndexes"],
    localSecondaryIndexes: inputs["localSecondaryIndexes"],
    billingMode: inputs["billingMode"],
  }).toEqual(local)
})

test("it is keyed by pk and sk, and what is due and what people were alerted to is found in time order", () => {
  expect(inputs).toMatchObject({
    hashKey: "pk",
    rangeKey: "sk",
    globalSecondaryIndexes: [
      { name: "due", hashKey: "duePk", rangeKey: "dueAt" },
      { name: "alerts", hashKey: "pk", rangeKey: "raisedAt" },
    ],
  })
})

test("items go by themselves at expiresAt, and what was lost by mistake can be restored", () => {
  expect(inputs).toMatchObject({
    ttl: { attributeName: "expiresAt", enabled: true },
    pointInTimeRecovery: { enabled: true },
  })
})

type KeySchema = { AttributeName: string }[]

type CreateTable = {
  BillingMode: string
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[]
  KeySchema: KeySchema
  GlobalSecondaryIndexes: {
    IndexName: string
    KeySchema: KeySchema
    Projection: { ProjectionType: string; NonKeyAttributes?: string[] }
  }[]
  LocalSecondaryIndexes?: unknown[]
}

/** What `createTable` asks for, in the words of the deployed resource. */
async function localTable() {
  const request = await requestOf((world) => createTable(world, createDynamoClient(world), "any-table"))
  const [hashKey, rangeKey] = request.KeySchema.map((key) => key.AttributeName)
  return {
    hashKey,
    rangeKey,
    attributes: request.AttributeDefinitions.map((one) => ({
      name: one.AttributeName,
      type: one.AttributeType,
    })),
    globalSecondaryIndexes: request.GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => ({
      name: IndexName,
      hashKey: KeySchema[0]?.AttributeName,
      rangeKey: KeySchema[1]?.AttributeName,
      projectionType: Projection.ProjectionType,
      nonKeyAttributes: Projection.NonKeyAttributes,
    })),
    localSecondaryIndexes: request.LocalSecondaryIndexes ?? [],
    billingMode: request.BillingMode,
  }
}

/** Runs `work` in a world with a DynamoDB that has no table until it is asked to make one. */
async function requestOf(work: (world: World) => Promise<unknown>): Promise<CreateTable> {
  vi.stubEnv("AWS_REGION", "eu-central-1")
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test")
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test")
  const made: CreateTable[] = []
  const world: World = {
    fetch: async (input, init) => {
      const request = new Request(input, init)
      if (request.headers.get("x-amz-target")?.endsWith(".CreateTable")) {
        made.push(JSON.parse(await request.text()))
        return Response.json({})
      }
      if (made.length > 0) return Response.json({ Table: { TableStatus: "ACTIVE" } })
      return Response.json({ __type: "ResourceNotFoundException" }, { status: 400 })
    },
    now: () => 0,
    // Nothing here waits: a timeout never comes.
    sleep: () => new Promise(() => {}),
    random: () => 0,
    log: () => {},
  }
  await work(world)
  const [request] = made
  if (!request) throw new Error("createTable asked for no table")
  return request
}
