/**
 * A world on this machine for `npm run doctor -- --local`: the embedded stand-ins with a made-up company's calls, a table, one poll,
 * and the HTTP API. It shows what the doctor says when all is well, and needs nobody's account.
 */
import { createApi } from "@earshot/api/app"
import { createTraffic } from "@earshot/emulators/traffic"
import { TEAM, readPollerConfig, valueOf } from "@earshot/functions/config"
import { createPoller } from "@earshot/functions/poller"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { realWorld } from "@earshot/io/world"
import { closeServer, listen, startEmbedded } from "../embedded.ts"

const TOKEN = "local-token-0000"

const HEAD_START_MS = 10_000

export type MadeWorld = { variables: Record<string, string>; stop: () => Promise<void> }

/** Changes the AWS SDK's variables of this process: its clients read them. */
export async function makeWorld(): Promise<MadeWorld> {
  const from = Date.now() - HEAD_START_MS
  const source = createTraffic({ seed: 1, ratePerHour: 120, from, withExample: true, tempo: "lively" })
  const embedded = await startEmbedded({ source })
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name]
  Object.assign(process.env, embedded.variables)
  const config = valueOf(readPollerConfig(embedded.variables))
  const world = realWorld(() => {})
  const client = createDynamoClient(world)
  await createTable(world, client, config.tableName)
  const poll = createPoller(world, config)
  await poll({})
  const store = createDynamoStore(world, client, { tableName: config.tableName, team: TEAM })
  const api = createApi(world, store, { token: TOKEN, intervalMs: config.intervalMs })
  const { server, port } = await listen(api, 0)
  return {
    variables: { ...embedded.variables, API_TOKEN: TOKEN, API_URL: `http://127.0.0.1:${port}` },
    stop: async () => {
      await Promise.all([embedded.stop(), closeServer(server)])
    },
  }
}
