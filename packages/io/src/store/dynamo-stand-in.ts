/**
 * For tests and benchmarks: the stand-ins for DynamoDB that run on this machine, each with an empty table, and a meter
 * for what DynamoDB would charge.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import dynalite from "dynalite"
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import path from "node:path"
import * as z from "zod"
import { type World, realWorld } from "../world.ts"
import { createDynamoClient, createDynamoStore } from "./dynamo-store.ts"
import { createIndexMeter } from "./index-meter.ts"
import type { Store } from "./store.ts"
import { createTable } from "./table.ts"

export type StandIn = { name: string; endpoint: string; stop: () => Promise<void> }

export async function startDynalite(): Promise<StandIn> {
  const port = await freePort()
  const server = dynalite({ createTableMs: 0 })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", () => resolve())
  })
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { name: "dynalite", endpoint: `http://127.0.0.1:${port}`, stop }
}

/** Null where its program is not installed: it is an optional dependency. */
export async function startDynoxide(): Promise<StandIn | null> {
  const program = findDynoxide()
  if (!program) return null
  const port = await freePort()
  const child = spawn(program, ["serve", "--port", String(port)], { stdio: "ignore" })
  const endpoint = `http://127.0.0.1:${port}`
  const world = realWorld(() => {})
  for (let attempt = 0; attempt < 200; attempt++) {
    // The only likely error is that it does not listen yet, so try again.
    const answer = await world.fetch(endpoint, { method: "GET" }).catch(() => null)
    if (answer) break
    await world.sleep(20)
  }
  const stop = async () => {
    child.kill()
    await new Promise((resolve) => child.once("exit", resolve))
  }
  return { name: "dynoxide", endpoint, stop }
}

/** A client for a stand-in, whose requests go through `world`. */
export function clientOf(world: World, { endpoint }: StandIn): DynamoDBClient {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" }
  return createDynamoClient(world, { endpoint, region: "us-east-1", credentials })
}

let tables = 0

/** A store on a table of its own. */
export async function createStoreOn(world: World, standIn: StandIn): Promise<Store> {
  const client = clientOf(world, standIn)
  const tableName = `earshot-${process.pid}-${tables++}`
  await createTable(world, client, tableName)
  return createDynamoStore(world, client, { tableName, team: "test" })
}

/** `indexUnits`: by the rules of `index-meter.ts`, and in none of the others. */
export type Meter = { requests: number; writeUnits: number; readUnits: number; indexUnits: number }

/** The world, with a meter that adds up the units that DynamoDB reports for each request. */
export function meteredWorld(world: World): { world: World; meter: Meter } {
  const meter: Meter = { requests: 0, writeUnits: 0, readUnits: 0, indexUnits: 0 }
  const inIndexes = createIndexMeter()
  const fetch: World["fetch"] = async (input, init) => {
    const target = new Headers(init?.headers).get("x-amz-target") ?? ""
    const sent = init?.body
    if (!/Item|Query/.test(target) || !(typeof sent === "string" || sent instanceof Uint8Array)) {
      return world.fetch(input, init)
    }
    const asked = JSON.parse(typeof sent === "string" ? sent : new TextDecoder().decode(sent))
    const body = JSON.stringify({ ...asked, ReturnConsumedCapacity: "TOTAL" })
    const response = await world.fetch(input, { ...init, body })
    const text = await response.text()
    const units = unitsOf(JSON.parse(text))
    meter.requests++
    const isRead = /GetItem|Query/.test(target)
    // DynamoDB charges one write unit for a failed condition, but no stand-in reports it.
    const charged = units ?? (isRead ? 0 : 1)
    if (isRead) meter.readUnits += charged
    else meter.writeUnits += charged
    if (response.ok) meter.indexUnits += inIndexes(asked)
    return new Response(text, { status: response.status, headers: response.headers })
  }
  return { world: { ...world, fetch }, meter }
}

const Consumed = z.object({ CapacityUnits: z.number() })

const Answer = z.object({ ConsumedCapacity: z.union([Consumed, z.array(Consumed)]) })

/** Null if the answer does not report any. An answer about several tables reports them for each. */
function unitsOf(answer: unknown): number | null {
  const parsed = Answer.safeParse(answer)
  if (!parsed.success) return null
  return [parsed.data.ConsumedCapacity].flat().reduce((total, { CapacityUnits }) => total + CapacityUnits, 0)
}

function findDynoxide(): string | null {
  const require = createRequire(import.meta.url)
  try {
    const program = path.join(path.dirname(require.resolve("@dynoxide/linux-x64/package.json")), "dynoxide")
    return existsSync(program) ? program : null
  } catch {
    return null
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === "string") throw new Error("No port is free.")
  return address.port
}
