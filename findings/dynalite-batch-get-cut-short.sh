#!/bin/sh
# dynalite cuts a BatchGetItem answer short at about a tenth of what DynamoDB gives.
#
# Versions: dynalite 4.0.0, asked with @aws-sdk/client-dynamodb 3.1164.0, on Node 20 or later.
# One expects: an answer of up to 16 MB, as DynamoDB documents for BatchGetItem: a hundred items of 20 KB, two megabytes, in one
#   answer, and no UnprocessedKeys but for a larger answer or a throttled table.
# What happens: 72 of the hundred items come, and 28 keys are left unprocessed; of a hundred items of 100 KB, 14 come.
# Who is hurt: whoever tests a reader of many items on it. One that takes UnprocessedKeys for throttling, and backs off or gives up
#   after a few rounds as AWS advises, is slow or fails there and not on AWS; and the number of requests, which costs money, is not
#   what it will be.
#
# Installs the two packages into a temporary folder. Fails if the outcome has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type":"module","private":true}' > package.json
npm install --silent --no-audit --no-fund dynalite@4.0.0 @aws-sdk/client-dynamodb@3.1164.0
cat > ask.mjs <<'EOS'
import {
  BatchGetItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb"
import dynalite from "dynalite"

const server = dynalite({ createTableMs: 0 })
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
const endpoint = `http://127.0.0.1:${server.address().port}`
const credentials = { accessKeyId: "a", secretAccessKey: "b" }
const client = new DynamoDBClient({ region: "us-east-1", endpoint, credentials })
await client.send(
  new CreateTableCommand({
    TableName: "calls",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  }),
)
await new Promise((resolve) => setTimeout(resolve, 500))
for (const kilobytes of [5, 20, 100]) {
  const ids = Array.from({ length: 100 }, (_, index) => ({ id: { S: `${kilobytes}-${index}` } }))
  for (const id of ids) {
    const Item = { ...id, text: { S: "x".repeat(kilobytes * 1000) } }
    await client.send(new PutItemCommand({ TableName: "calls", Item }))
  }
  const { Responses, UnprocessedKeys } = await client.send(
    new BatchGetItemCommand({ RequestItems: { calls: { Keys: ids } } }),
  )
  const left = UnprocessedKeys?.calls?.Keys?.length ?? 0
  console.log(`100 items of ${kilobytes} KB: ${Responses.calls.length} come, ${left} are left unprocessed`)
}
process.exit(0)
EOS
found=$(node ask.mjs 2>/dev/null)
printf '%s\n' "$found"
expected='100 items of 5 KB: 100 come, 0 are left unprocessed
100 items of 20 KB: 72 come, 28 are left unprocessed
100 items of 100 KB: 14 come, 86 are left unprocessed'
test "$found" = "$expected"
