/**
 * A poller in a process of its own, for `memory.ts`: it polls as often as it is told, twenty seconds of its clock apart, and says how
 * much memory is left in use after everything that could go has gone. Run with --expose-gc.
 */
import { readPollerConfig, valueOf } from "@earshot/functions/config"
import { createPoller } from "@earshot/functions/poller"
import { createDynamoClient } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { type World, realWorld } from "@earshot/io/world"
import { setTimeout as pause } from "node:timers/promises"
import { PING, STEP_MS, type Used } from "./memory-plan.ts"

const { gc, send } = { gc: globalThis.gc, send: process.send?.bind(process) }
if (!gc || !send) throw new Error("Run by memory.ts, with --expose-gc.")

const config = valueOf(readPollerConfig())
const real = realWorld(() => {})
let ahead = 0
const world: World = { ...real, now: () => real.now() + ahead }
await createTable(world, createDynamoClient(world), config.tableName)
const poll = createPoller(world, config)

process.on("message", (polls) => {
  void run(Number(polls)).then((used) => send(used))
})

send(PING)

async function run(polls: number): Promise<Used> {
  let failed = 0
  let delivered = 0
  for (let count = 0; count < polls; count++) {
    ahead += STEP_MS
    const report = await poll({ Records: [{ eventSource: "aws:sqs", body: "tick" }] }).catch(() => null)
    if (!report?.ok) failed++
    delivered += report?.delivered ?? 0
  }
  // What the last request leaves behind goes within moments.
  for (let round = 0; round < 5; round++) {
    gc?.()
    await pause(300)
  }
  gc?.()
  const { heapUsed, rss, external } = process.memoryUsage()
  return { failed, delivered, heapUsed, rss, external }
}
