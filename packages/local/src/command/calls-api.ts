/**
 * The command `npm run calls-api`: the emulated Calls API alone, on a port of this machine, to curl and to build on.
 *
 * It serves the documented example and traffic from a seed: some hours of history, and then calls as time goes by.
 */
import { readOptions } from "@earshot/command/options"
import { type EmulatedCall, createCallsApi } from "@earshot/emulators/calls-api"
import { EXAMPLE_CALL, EXAMPLE_SOURCE } from "@earshot/emulators/example"
import { DOCUMENTED_LIMITS } from "@earshot/emulators/limit"
import { everyOddity } from "@earshot/emulators/oddity"
import type { CallSource } from "@earshot/emulators/source"
import { createTraffic } from "@earshot/emulators/traffic"
import { createPostCallWorkflow } from "@earshot/emulators/workflow"
import { getRequestListener } from "@hono/node-server"
import { type Server, createServer } from "node:http"
import * as z from "zod"
import { portFailure } from "../failure.ts"

/** As many calls as the traffic keeps; more history would be planned only to be forgotten. */
const HISTORY_MAX = 100_000

const HOUR_MS = 3_600_000

const Options = z
  .object({
    port: z.int().min(0).max(65_535).default(4010).describe("port on 127.0.0.1; 0 for any free one"),
    key: z.array(z.string().regex(/\S/)).default(["ew_local"]).describe("an accepted X-API-Key"),
    seed: z
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(1)
      .describe("the same seed makes the same calls at the same start"),
    rate: z.number().min(1).max(3_000).default(60).describe("calls an hour"),
    hours: z.number().min(0).max(720).default(24).describe("hours of calls before now"),
    noLimits: z.boolean().default(false).describe("do not limit requests"),
    fixedLimits: z
      .boolean()
      .default(false)
      .describe("count by the clock's hours and minutes, not in sliding windows"),
    oddities: z
      .boolean()
      .default(false)
      .describe(
        "nulls, missing fields, withheld numbers, other words, wrong times, late and deleted calls, other readings of the vendor's page",
      ),
    nudge: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("play post-call workflows: POST to this address when a call has ended"),
    nudgeSecret: z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .optional()
      .describe("what they send as X-Earshot-Nudge"),
    exampleOnly: z.boolean().default(false).describe("serve nothing but the documented call"),
  })
  .superRefine(({ rate, hours, noLimits, fixedLimits }, context) => {
    if (noLimits && fixedLimits) context.addIssue("--no-limits and --fixed-limits exclude each other.")
    if (rate * hours <= HISTORY_MAX) return
    context.addIssue(`--rate times --hours must be at most ${HISTORY_MAX} calls; choose fewer hours.`)
  })

type Settings = {
  readonly port: number
  readonly keys: readonly string[]
  readonly seed: number
  readonly rate: number
  readonly hours: number
  readonly limits: "sliding" | "fixed" | "none"
  readonly hasOddities: boolean
  readonly isExampleOnly: boolean
  readonly nudge: string | undefined
  readonly nudgeSecret: string | undefined
}

function settingsOf({
  key,
  noLimits,
  fixedLimits,
  oddities,
  exampleOnly,
  nudge,
  nudgeSecret,
  ...rest
}: z.infer<typeof Options>): Settings {
  return {
    ...rest,
    keys: key,
    limits: noLimits ? "none" : fixedLimits ? "fixed" : "sliding",
    hasOddities: oddities,
    isExampleOnly: exampleOnly,
    nudge,
    nudgeSecret,
  }
}

function createApiServer(settings: Settings): Server {
  const { seed, rate, hours } = settings
  const from = Date.now() - hours * HOUR_MS
  const source = settings.isExampleOnly
    ? EXAMPLE_SOURCE
    : createTraffic({ seed, ratePerHour: rate, from, withExample: true })
  const limits = settings.limits === "none" ? "none" : { ...DOCUMENTED_LIMITS, window: settings.limits }
  const oddities = settings.hasOddities ? everyOddity(seed) : {}
  const app = createCallsApi({ source, keys: settings.keys, now: Date.now, limits, oddities })
  const listener = getRequestListener(app.fetch)
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  // The history is made before anybody waits for it: a hundred thousand calls take a second.
  const history = source.callsAt(Date.now())
  if (settings.nudge !== undefined) playWorkflow(server, source, { ...settings, nudge: settings.nudge })
  return server.once("listening", () => writeAhead(server, history))
}

/** Post-call workflows, as long as the server listens. */
function playWorkflow(
  server: Server,
  source: CallSource,
  { seed, nudge: url, nudgeSecret }: Pick<Settings, "seed" | "nudgeSecret"> & { nudge: string },
): void {
  const headers = nudgeSecret === undefined ? {} : { "x-earshot-nudge": nudgeSecret }
  const later = (milliseconds: number, work: () => void) => void setTimeout(work, milliseconds).unref()
  const workflow = createPostCallWorkflow({ source, seed, url, headers, fetch, later }, Date.now())
  const timer = setInterval(() => workflow.look(Date.now()), LOOK_EVERY_MS)
  server.once("close", () => clearInterval(timer))
}

/** How often it is looked which calls have ended. */
const LOOK_EVERY_MS = 500

/** As many as are written in a millisecond or two. */
const WRITTEN_AT_ONCE = 50

/** Writes what calls say while nobody asks, so that the first search of a long history does not stop everything. */
function writeAhead(server: Server, calls: readonly EmulatedCall[], done = 0): void {
  const next = Math.min(done + WRITTEN_AT_ONCE, calls.length)
  // A search text is written when it is read, and kept.
  for (let index = done; index < next; index += 1) void calls[index]?.searchText
  if (next < calls.length && server.listening) setImmediate(writeAhead, server, calls, next)
}

function describe(settings: Settings, port: number): string {
  const url = `http://127.0.0.1:${port}/api/v1`
  const key = settings.keys[0] ?? ""
  const curl = (path: string) => `  curl -s -H "X-API-Key: ${key}" "${url}${path}"`
  const lines = [
    `The Calls API is emulated at ${url}`,
    settings.isExampleOnly
      ? "It serves the documented call and nothing else."
      : `It serves ${settings.hours} hours of calls, and ${settings.rate} more an hour from now on (seed ${settings.seed}).`,
    settings.limits === "none"
      ? "Requests are not limited."
      : `Limits for each key, in ${settings.limits} windows: 200 lists and 500 details an hour, 100 requests and 30 filtered lists a minute.`,
    ...(settings.hasOddities
      ? [
          "Oddities are on: expect nulls, missing fields, withheld numbers, other words, late and deleted calls,",
          "and with some seeds times that are hours off.",
        ]
      : []),
    ...(settings.nudge === undefined ? [] : [`When a call has ended, it calls ${settings.nudge}.`]),
    "",
    "Try:",
    curl("/calls?limit=3"),
    ...(settings.isExampleOnly ? [] : [curl("/calls?search=refund&callType=incoming&sortBy=duration")]),
    curl(`/calls/${EXAMPLE_CALL.id}`),
    "",
    "Stop it with Ctrl-C.",
  ]
  return `${lines.join("\n")}\n`
}

function run(settings: Settings): void {
  const server = createApiServer(settings)
  server.on("error", (error) => {
    process.stderr.write(`${portFailure(error, settings.port, "--port")}\n`)
    process.exitCode = 1
  })
  server.listen(settings.port, "127.0.0.1", () => {
    const address = server.address()
    process.stdout.write(describe(settings, typeof address === "object" ? (address?.port ?? 0) : 0))
  })
  const stop = () => {
    server.close()
    // Idle keep-alive connections would hold the process open for seconds.
    server.closeAllConnections()
  }
  process.once("SIGINT", stop)
  process.once("SIGTERM", stop)
}

const options = readOptions(Options, {
  command: "npm run calls-api",
  does: "Serves the emulated Calls API on this machine, to curl and to build on, until Ctrl-C.",
  example: "--port 4010 --rate 120 --oddities",
})

run(settingsOf(options))
