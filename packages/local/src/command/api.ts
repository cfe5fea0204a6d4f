/** `npm run api`: the HTTP API on PORT, 3000 by default, against whatever the environment names. */
import { readOptions } from "@earshot/command/options"
import { createEnvironmentApi } from "@earshot/functions/api"
import { TEAM, readApiConfig, readVariables } from "@earshot/functions/config"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import { realWorld } from "@earshot/io/world"
import { serve } from "@hono/node-server"
import * as z from "zod"
import { portFailure, tableFailure } from "../failure.ts"
import { ApiCommandEnvironment, awsProblems, dropEmptyAwsVariables, valuesOf } from "../local-config.ts"

readOptions(z.object({}), {
  command: "npm run api",
  does: "Serves the HTTP API on this machine, against the table that the environment names, until Ctrl-C.",
  more: "It reads PORT (3000 unless set), TABLE_NAME, API_TOKEN and the AWS SDK's variables: see the README.",
})

try {
  dropEmptyAwsVariables(process.env)
  const local = readVariables(ApiCommandEnvironment, process.env)
  const [{ PORT }, { tableName }] = valuesOf(local, readApiConfig(), await awsProblems(process.env))
  const api = createEnvironmentApi()
  const server = serve({ fetch: api.fetch, port: PORT, hostname: "127.0.0.1" }, ({ port }) => {
    process.stdout.write(
      `The API is listening on http://127.0.0.1:${port}. Open /docs to try it; Ctrl-C stops it.\n`,
    )
    void reportTable(tableName)
  })
  server.on("error", (error) => fail(portFailure(error, PORT, "PORT")))
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => server.close(() => process.exit(0)))
  }
} catch (error) {
  fail(error instanceof Error ? error.message : "The API could not start.")
}

/** Says at once if the table cannot be read, which a request would otherwise be the first to find. */
async function reportTable(tableName: string): Promise<void> {
  const world = realWorld(() => {})
  const store = createDynamoStore(world, createDynamoClient(world), { tableName, team: TEAM })
  try {
    await store.readControl()
  } catch (error) {
    process.stderr.write(`${tableFailure(error)} Until then the API answers with errors.\n`)
  }
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
