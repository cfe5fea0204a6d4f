/**
 * What Earshot uses at a number of calls an hour: the poller that ships on virtual time, with the triggers of a deployment, against
 * the emulated vendor and a stand-in for DynamoDB that says what it consumed. The same seed gives the same figures.
 */
import { createCallsApi } from "@earshot/emulators/calls-api"
import { fetchFrom } from "@earshot/emulators/network"
import { createRandom } from "@earshot/emulators/random"
import { createTraffic } from "@earshot/emulators/traffic"
import { clientOf, meteredWorld, startDynalite } from "@earshot/io/store/dynamo-stand-in"
import { createDynamoStore } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { turnEntry } from "@earshot/functions/metric"
import { realWorld } from "@earshot/io/world"
import { createMemory } from "@earshot/poller/memory/memory"
import { poll } from "@earshot/poller/poll"
import type { PollSetup } from "@earshot/poller/setup"
import * as z from "zod"

/** Of so many hours. `sleepMs`: what turns waited for their time. */
export const Consumption = z.object({
  ratePerHour: z.number(),
  hours: z.number(),
  triggers: z.number(),
  /** Of these, those that turns asked for. */
  followUps: z.number().default(0),
  vendorRequests: z.number(),
  tableRequests: z.number(),
  writeUnits: z.number(),
  readUnits: z.number(),
  alerts: z.number(),
  messages: z.number(),
  sleepMs: z.number(),
  logBytes: z.number(),
})

export type Consumption = z.infer<typeof Consumption>

/** The schedule, and the delays of `tick-queue.ts`. */
const TRIGGER_SECONDS = [0, 20, 40, 60, 80, 100]

const MINUTE_MS = 60_000

/** Until the first calls have gone through everything. */
const WARM_UP_MINUTES = 30

const START = Date.UTC(2026, 0, 5, 12)

const TABLE = "cost"

const SEED = 1

/** Measures `hours` hours after a warm-up. Each alert goes to two channels, as with a webhook and an e-mail address. */
export async function measureConsumption({
  ratePerHour,
  hours,
  warmUpMinutes = WARM_UP_MINUTES,
}: Pick<Consumption, "ratePerHour" | "hours"> & { warmUpMinutes?: number }): Promise<Consumption> {
  const measured = await createMeasured(ratePerHour)
  const minutes = warmUpMinutes + hours * 60
  const triggers = Array.from({ length: minutes }, (_, minute) =>
    TRIGGER_SECONDS.map((seconds) => minute * MINUTE_MS + seconds * 1000),
  )
  const due = triggers.flat().sort((a, b) => a - b)
  let before: Total | null = null
  for (let at = due.shift(); at !== undefined && at < minutes * MINUTE_MS; at = due.shift()) {
    if (before === null && at >= warmUpMinutes * MINUTE_MS) before = measured.total()
    const followUpAt = await measured.turnAt(START + at)
    if (followUpAt === null) continue
    const next = due.findIndex((other) => other > followUpAt - START)
    due.splice(next === -1 ? due.length : next, 0, followUpAt - START)
  }
  const after = measured.total()
  await measured.stop()
  const used = Object.entries(after).map(([name, count]) => [name, round(count - (before?.[name] ?? 0))])
  return Consumption.parse({ ratePerHour, hours, ...Object.fromEntries(used) })
}

/** Everything that is counted, since the start. */
type Total = Record<string, number>

/** A deployment at this number of calls an hour, whose poller takes a turn when it is told to. */
async function createMeasured(ratePerHour: number) {
  const standIn = await startDynalite()
  const use = {
    vendorRequests: 0,
    messages: 0,
    sleepMs: 0,
    logBytes: 0,
    alerts: 0,
    triggers: 0,
    followUps: 0,
  }
  let time = START
  const now = () => time
  const outside = realWorld(() => {})
  const source = createTraffic({ seed: SEED, ratePerHour, from: START - 2 * 60 * MINUTE_MS })
  const vendor = fetchFrom({
    "echo.win": createCallsApi({ source, keys: ["ew_cost"], now, limits: "none" }),
  })
  const { world, meter } = meteredWorld({
    now,
    // Whatever has a signal is a limit in time, and nothing here is late.
    sleep: async (milliseconds, signal) => {
      if (signal) return new Promise(() => {})
      use.sleepMs += milliseconds
      time += milliseconds
    },
    random: createRandom("cost", SEED),
    log: (entry) => void (use.logBytes += JSON.stringify(entry).length),
    fetch: (input, init) => {
      if ((input instanceof Request ? input.url : input.toString()).includes("127.0.0.1"))
        return outside.fetch(input, init)
      use.vendorRequests++
      return vendor(input, init)
    },
  })
  const client = clientOf(world, standIn)
  await createTable({ ...world, sleep: outside.sleep }, client, TABLE)
  const store = createDynamoStore(world, client, { tableName: TABLE, team: "cost" })
  const memory = createMemory()
  const setup = setupFor(() => use.messages++)
  return {
    /** When it asks for a trigger of its own; null if it does not. */
    async turnAt(at: number): Promise<number | null> {
      time = Math.max(time, at)
      const report = await poll(world, store, setup, memory)
      world.log(turnEntry(report))
      use.alerts += report.alerts
      use.triggers++
      if (report.followUpMs === undefined) return null
      use.followUps++
      return time + Math.ceil(report.followUpMs / 1000) * 1000
    },
    total(): Total {
      const { requests: tableRequests, writeUnits, indexUnits, readUnits } = meter
      return { ...use, tableRequests, writeUnits: writeUnits + indexUnits, readUnits }
    },
    stop: () => standIn.stop(),
  }
}

/** Two channels that take every message. */
function setupFor(onMessage: () => void): PollSetup {
  const send = async () => {
    onMessage()
    return { kind: "sent" as const }
  }
  return {
    api: { baseUrl: "https://echo.win/api/v1", apiKey: "ew_cost", timeoutMs: 10_000 },
    channels: ["slack", "email"].map((id) => ({
      id,
      privacy: "standard" as const,
      paceMs: 1000,
      send,
      sendBulletin: send,
    })),
    limits: { listPerHour: 200, detailPerHour: 500, gateMs: 19_000 },
    lookbackMs: 0,
  }
}

const round = (value: number) => Math.round(value * 10) / 10
