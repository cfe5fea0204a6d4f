/**
 * The HTTP API, on a function URL of its own.
 *
 * A function URL costs nothing beside the function. It lets everybody in, so the bearer token is what protects
 * it; and no other origin's page may call it, because CORS is off.
 */
import type { Channels } from "./channels.ts"
import { chosenVariables } from "./setting.ts"
import type { Storage } from "./storage.ts"

/** It may read and write the table, but neither publish an alert nor read the echowin key. */
export function createApi(storage: Storage, channels: Channels) {
  return new sst.aws.Function("Api", {
    handler: "packages/functions/src/api.handler",
    description: "Earshot's HTTP API: rules and health.",
    timeout: "20 seconds",
    url: { authorization: "none", cors: false },
    link: [channels.apiToken],
    environment: {
      TABLE_NAME: storage.table.name,
      // Health is measured against how often a poll is due.
      ...chosenVariables(process.env, ["POLL_INTERVAL_SECONDS"]),
    },
    permissions: storage.tableAccess,
  })
}
