/** The HTTP API's Lambda, behind a function URL. */
import { type ApiSetup, createApi } from "@earshot/api/app"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import { type World, realWorld } from "@earshot/io/world"
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
  const { tableName, vendor, nudgeSecret, tickQueueUrl, ...setup } = valueOf(readApiConfig())
  const world = realWorld((line) => process.stderr.write(`${line}\n`))
  logUnhandled(world)
  nameSources()
  const store = createDynamoStore(world, createDynamoClient(world), { tableName, team: TEAM })
  const preview = previewSetup(world, store, { vendor, ...setup })
  return createApi(world, store, { ...setup, preview, nudge: nudgeSetup(world, nudgeSecret, tickQueueUrl) })
}

/** Nudges go to the tick queue. What sends them is loaded by the first one. */
function nudgeSetup(world: World, secret: string | null, queueUrl: string | null): ApiSetup["nudge"] {
  if (secret === null || queueUrl === null) return undefined
  return {
    secret,
    send: async (nudge) => {
      const { sendNudges } = await import("@earshot/io/tick-queue")
      await sendNudges(world, queueUrl, { nudges: [nudge], afterMs: 0 })
    },
  }
}
