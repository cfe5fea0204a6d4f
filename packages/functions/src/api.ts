/** The HTTP API's Lambda, behind a function URL. */
import { createApi } from "@earshot/api/app"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import { realWorld } from "@earshot/io/world"
import type { LambdaContext } from "hono/aws-lambda"
import { type UrlEvent, lambdaHandler } from "./lambda.ts"
import { previewSetup } from "./recent-call.ts"
import { nameSources } from "./stack-trace.ts"
import { logUnhandled } from "./unhandled.ts"
import { TEAM, readApiConfig, valueOf } from "./config.ts"

/** Answers as Lambda expects it. Throws what is wrong with the environment. */
export async function handler(event: UrlEvent, context?: LambdaContext): Promise<unknown> {
  warm ??= lambdaHandler(createEnvironmentApi())
  return warm(event, context)
}

let warm: ReturnType<typeof lambdaHandler> | null = null

/** The API on what the environment names. Throws what is wrong with it. */
export function createEnvironmentApi(): ReturnType<typeof createApi> {
  const { tableName, vendor, ...setup } = valueOf(readApiConfig())
  const world = realWorld((line) => process.stderr.write(`${line}\n`))
  logUnhandled(world)
  nameSources()
  const store = createDynamoStore(world, createDynamoClient(world), { tableName, team: TEAM })
  return createApi(world, store, { ...setup, preview: previewSetup(world, store, { vendor, ...setup }) })
}
