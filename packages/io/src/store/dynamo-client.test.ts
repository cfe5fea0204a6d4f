/** What the client of the table keeps to itself. */
import { GetItemCommand } from "@aws-sdk/client-dynamodb"
import { expect, test } from "vitest"
import { realWorld } from "../world.ts"
import { createDynamoClient } from "./dynamo-store.ts"

test("no answer of the table is handed to a log, nor copied for one", async () => {
  const handed: unknown[] = []
  const log = (...said: unknown[]) => void handed.push(...said)
  const headers = { "content-type": "application/x-amz-json-1.0" }
  const fetch = async () => new Response('{"Item":{"body":{"S":"I want a refund."}}}', { headers })
  const client = createDynamoClient(
    { ...realWorld(() => {}), fetch },
    {
      endpoint: "http://127.0.0.1:1",
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      logger: { debug: log, info: log, warn: log, error: log },
    },
  )
  const { Item } = await client.send(new GetItemCommand({ TableName: "t", Key: { pk: { S: "a" } } }))
  expect(Item).toEqual({ body: { S: "I want a refund." } })
  expect(JSON.stringify(handed)).not.toContain("refund")
})
