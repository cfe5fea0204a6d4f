/**
 * The command `npm run calls-api`: the emulated Calls API alone, on a port of this machine, to curl and to build on.
 *
 * It serves the documented example and traffic from a seed: some hours of history, and then calls as time goes by.
 */
import { type EmulatedCall, createCallsApi } from "@earshot/emulators/calls-api"
import { EXAMPLE_CALL, EXAMPLE_SOURCE } from "@earshot/emulators/example"
import { DOCUMENTED_LIMITS } from "@earshot/emulators/limit"
import { everyOddity } from "@earshot/emulators/oddity"
import { createTraffic } from "@earshot/emulators/traffic"
import { getRequestListener } from "@hono/node-server"
import { type Server, createServer } from "node:http"
import { parseArgs } from "node:util"

const USAGE = `Usage: npm run calls-api -- [options]

  --port <n>       port on 127.0.0.1, 0 for any free one (4010)
  --key <key>      the accepted X-API-Key; may be given several times (ew_local)
  --seed <n>       the same seed makes the same calls at the same start (1)
  --rate <n>       calls an hour, from 1 to 3000 (60)
  --hours <n>      hours of calls before now, from 0 to 720 (24)
  --no-limits      do not limit requests
  --fixed-limits   count the limits by the clock's hours and minutes instead of sliding windows
  --oddities       nulls, missing fields, withheld numbers, late and deleted calls, and other readings of the vendor's page
  --example-only   serve nothing but the documented call
  --help           say this
`

/** As many calls as the traffic keeps; more history would be planned only to be forgotten. */
const HISTORY_MAX = 100_000

const HOUR_MS = 3_600_000

type Settings = {
  readonly port: number
  readonly keys: readonly string[]
  readonly seed: number
  readonly rate: number
  readonly hours: number
  readonly limits: "sliding" | "fixed" | "none"
  readonly hasOddities: boolean
  readonly isExampleOnly: boolean
}

type Parsed =
  | { readonly kind: "settings"; readonly settings: Settings }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly problems: readonly string[] }

function parseCommand(args: readonly string[]): Parsed {
  const read = readOptions(args)
  if (!read.ok) return { kind: "wrong", problems: [read.problem] }
  const options = read.values
  if (options.help) return { kind: "help" }

  const problems: string[] = []
  const number = (name: "port" | "seed" | "rate" | "hours", min: number, max: number, isWhole: boolean) => {
    const text = options[name]
    const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value
    problems.push(
      `--${name} must be ${isWhole ? "an integer" : "a number"} from ${min} to ${max}, but was "${text}".`,
    )
    return min
  }
  const settings: Settings = {
    port: number("port", 0, 65_535, true),
    keys: options.key,
    seed: number("seed", 0, 2 ** 32 - 1, true),
    rate: number("rate", 1, 3_000, false),
    hours: number("hours", 0, 720, false),
    limits: options["no-limits"] ? "none" : options["fixed-limits"] ? "fixed" : "sliding",
    hasOddities: options.oddities,
    isExampleOnly: options["example-only"],
  }
  if (settings.keys.some((key) => key.trim() === "")) problems.push("--key must not be empty.")
  if (options["no-limits"] && options["fixed-limits"]) {
    problems.push("--no-limits and --fixed-limits exclude each other.")
  }
  if (settings.rate * settings.hours > HISTORY_MAX) {
    problems.push(`--rate times --hours must be at most ${HISTORY_MAX} calls; take fewer hours.`)
  }
  return problems.length > 0 ? { kind: "wrong", problems } : { kind: "settings", settings }
}

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: "string", default: "4010" },
        key: { type: "string", multiple: true, default: ["ew_local"] },
        seed: { type: "string", default: "1" },
        rate: { type: "string", default: "60" },
        hours: { type: "string", default: "24" },
        "no-limits": { type: "boolean", default: false },
        "fixed-limits": { type: "boolean", default: false },
        oddities: { type: "boolean", default: false },
        "example-only": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    })
    return { ok: true, values } as const
  } catch (error) {
    // parseArgs throws for an unknown option and for one without its value, and says which.
    return { ok: false, problem: error instanceof Error ? error.message : String(error) } as const
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
  return server.once("listening", () => writeAhead(server, history))
}

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
      ? ["Oddities are on: expect nulls, missing fields, withheld numbers, late and deleted calls."]
      : []),
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

function run(args: readonly string[]): void {
  const parsed = parseCommand(args)
  if (parsed.kind === "help") {
    process.stdout.write(USAGE)
    return
  }
  if (parsed.kind === "wrong") {
    process.stderr.write(`${parsed.problems.join("\n")}\n\n${USAGE}`)
    process.exitCode = 2
    return
  }
  const { settings } = parsed
  const server = createApiServer(settings)
  server.on("error", (error: NodeJS.ErrnoException) => {
    const isTaken = error.code === "EADDRINUSE"
    process.stderr.write(
      isTaken
        ? `Port ${settings.port} is taken; choose another with --port.\n`
        : `Cannot listen: ${error.message}\n`,
    )
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

run(process.argv.slice(2))
