/**
 * `npm start`: Earshot and everything it needs, in one process. The Calls API emulator plays a lively stream of
 * calls; the very Lambda handlers poll it and serve the API; alerts appear on the screen as people would get them.
 */
import { createApi } from "@earshot/api/app"
import { createTraffic } from "@earshot/emulators/traffic"
import { TEAM, readPollerConfig } from "@earshot/functions/config"
import { PollFailed, createPoller } from "@earshot/functions/poller"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { realWorld } from "@earshot/io/world"
import type { PollReport } from "@earshot/poller/report"
import { close, listen, startEmbedded } from "../embedded.ts"
import { createPaint, mailBox, pollLine, slackBox } from "../terminal.ts"

/** Calls an hour: one every half minute, so that something always happens and nothing scrolls away. */
const RATE_PER_HOUR = 120

const TOKEN = "local-token"

/** The traffic has been going for so long that the first poll finds a bad call that has just ended. */
const HEAD_START_MS = 10_000

/** A little longer than the gate, so that no poll comes too early. */
const AFTER_GATE_MS = 1000

const paint = createPaint(process.stdout.isTTY, process.env)

const print = (text: string) => process.stdout.write(`${text}\n`)

const columns = process.stdout.columns || 100

async function start(): Promise<void> {
  const from = Date.now() - HEAD_START_MS
  const source = createTraffic({
    seed: seedOf(),
    ratePerHour: RATE_PER_HOUR,
    from,
    withExample: true,
    tempo: "lively",
  })
  const embedded = await startEmbedded({ source, callsPort: portNamed("CALLS_API_PORT", 0) })
  // The AWS clients read their own variables; everything else is handed over.
  Object.assign(process.env, embedded.variables)
  const settings = { FIRST_RUN_LOOKBACK: "PT10M", SLACK_PRIVACY: "full", EMAIL_PRIVACY: "full" }
  const read = readPollerConfig({ ...settings, ...process.env, ...embedded.variables })
  if (!read.ok) throw new Error(read.message)
  const config = read.value

  const world = { ...realWorld(() => {}), log: showTrouble }
  const client = createDynamoClient(world)
  await createTable(world, client, config.tableName)
  const store = createDynamoStore(world, client, { tableName: config.tableName, team: TEAM })
  const api = createApi(world, store, { token: TOKEN, intervalMs: config.intervalMs })
  const apiServer = await listen(api, portNamed("PORT", 0))
  welcome(`http://127.0.0.1:${apiServer.port}`, embedded.callsApiUrl, config.intervalMs)

  const poll = createPoller(world, config)
  const stopped = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopped.abort())

  let messages = 0
  let mails = 0
  while (!stopped.signal.aborted) {
    const report = await poll({}).catch((error: unknown): PollReport => {
      if (error instanceof PollFailed) return error.report
      throw error
    })
    const line = pollLine(report, new Date(), paint)
    if (line) print(line)
    const news = embedded.slack.received.slice(messages)
    const mail = report.delivered > news.length ? await embedded.readMail() : []
    for (const message of news) print(`\n${slackBox(message.blocks, paint, columns)}`)
    for (const [index, one] of mail.entries()) print(`\n${mailBox(one, mails + index === 0, paint)}`)
    if (news.length + mail.length > 0) print("")
    messages += news.length
    mails += mail.length
    // Twice as often as polls may come: those in between look at open calls.
    await world.sleep(Math.max(1000, (config.intervalMs + AFTER_GATE_MS) / 2), stopped.signal)
  }
  print(`\nStopped. Told: ${messages} in Slack, ${mails} by e-mail.`)
  await Promise.all([embedded.stop(), close(apiServer.server)])
}

function welcome(apiUrl: string, callsApiUrl: string, intervalMs: number): void {
  const rule = `{"name":"Long call","when":{"duration":{"gte":60}}}`
  const lines = [
    "",
    `${paint("bold", "Earshot")} is listening to the calls of a company that does not exist, every ${Math.round((intervalMs + AFTER_GATE_MS) / 1000)} s.`,
    "",
    `  API docs    ${paint("cyan", `${apiUrl}/docs`)}`,
    `  Health      ${paint("cyan", `${apiUrl}/health`)}`,
    `  Rules       curl -H 'authorization: Bearer ${TOKEN}' ${apiUrl}/rules`,
    `  Add a rule  curl -H 'authorization: Bearer ${TOKEN}' ${apiUrl}/rules -d '${rule}'`,
    `  Calls API   curl -H 'x-api-key: ew_local' '${callsApiUrl}/calls?limit=3'`,
    `  Stop        Ctrl-C`,
    "",
  ]
  print(lines.join("\n"))
}

/** Lines of the log that a person should see; the rest is told by the line for each poll. */
function showTrouble(entry: { level: string; event: string; why?: unknown }): void {
  if (entry.level === "info" || entry.event === "poll") return
  print(`          ${paint("red", entry.event)} ${typeof entry.why === "string" ? entry.why : ""}`)
}

function portNamed(name: string, otherwise: number): number {
  const port = Number(process.env[name] ?? otherwise)
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`${name} must be a port number.`)
  return port
}

/** SEED replays the same calls. */
function seedOf(): number {
  const seed = Number(process.env["SEED"] ?? 1)
  return Number.isInteger(seed) ? seed : 1
}

try {
  await start()
  process.exit(0)
} catch (error) {
  process.stderr.write(`Earshot could not go on: ${error instanceof Error ? error.message : "unknown"}\n`)
  process.exit(1)
}
