/**
 * `npm start`: Earshot and everything it needs, in one process. The Calls API emulator plays a lively stream of
 * calls and calls the API when one has ended, as the vendor's workflow would; the same code as in Lambda polls it and serves the API;
 * alerts appear on the screen as people would get them.
 */
import { randomBytes } from "node:crypto"
import { createApi } from "@earshot/api/app"
import { readOptions } from "@earshot/command/options"
import { NUDGE_HEADER } from "@earshot/api/route/nudge"
import type { Nudge } from "@earshot/core/turn/nudge"
import type { CallSource } from "@earshot/emulators/source"
import { createTraffic } from "@earshot/emulators/traffic"
import { createPostCallWorkflow } from "@earshot/emulators/workflow"
import { TEAM, readApiConfig, readPollerConfig, readVariables, valueOf } from "@earshot/functions/config"
import { PollFailed, type Poller, createPoller } from "@earshot/functions/poller"
import { previewSetup } from "@earshot/functions/recent-call"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { realWorld } from "@earshot/io/world"
import type { PollReport } from "@earshot/poller/report"
import * as z from "zod"
import { type Embedded, closeServer, listen, startEmbedded } from "../embedded.ts"
import { CannotListen, portFailure, tableFailure } from "../failure.ts"
import { StartEnvironment, valuesOf } from "../local-config.ts"
import { type LocalQueue, createLocalQueue } from "../local-queue.ts"
import { createPaint, mailBox, pollLine, slackBox } from "../terminal.ts"

/** Calls an hour: one every half minute, so that something always happens and nothing scrolls away. */
const RATE_PER_HOUR = 120

const TOKEN = "local-token-0000"

const NUDGE_SECRET = "local-nudge-secret-0000"

/** The traffic starts this long before the first poll, which then finds a bad call that has just ended. */
const HEAD_START_MS = 10_000

/** A little longer than the gate, so that no poll comes too early. */
const AFTER_GATE_MS = 1000

/** How often it is looked which calls have ended. */
const WORKFLOW_MS = 500

const paint = createPaint(process.stdout.isTTY, process.env)

const print = (text: string) => process.stdout.write(`${text}\n`)

/** Where there is no terminal, wide enough for every line of a poll. */
const columns = process.stdout.columns || 120

/** Stands for what the embedded world names once it runs, so that every other setting can be checked before. */
const TO_BE_EMBEDDED = {
  ECHOWIN_API_KEY: "ew_local",
  ECHOWIN_BASE_URL: "http://127.0.0.1/api/v1",
  TABLE_NAME: "earshot-local",
  ALERT_TOPIC_ARN: "",
  SLACK_WEBHOOK_URL: "http://127.0.0.1/services/local",
  SLACK_ALLOWED_HOSTS: "127.0.0.1",
  TICK_QUEUE_URL: "",
}

async function start(): Promise<void> {
  const given = {
    FIRST_RUN_LOOKBACK: "PT10M",
    SLACK_PRIVACY: "full",
    EMAIL_PRIVACY: "full",
    // Of this run only, as its table is.
    CHANNEL_SECRET_KEY: randomBytes(32).toString("hex"),
    ...setVariables(),
  }
  const local = readVariables(StartEnvironment, process.env)
  const [{ PORT, CALLS_API_PORT, SEED }] = valuesOf(local, readPollerConfig({ ...given, ...TO_BE_EMBEDDED }))
  const from = Date.now() - HEAD_START_MS
  const source = createTraffic({
    seed: SEED,
    ratePerHour: RATE_PER_HOUR,
    from,
    withExample: true,
    tempo: "lively",
  })
  const embedded = await onPort(
    startEmbedded({ source, callsPort: CALLS_API_PORT }),
    CALLS_API_PORT,
    "CALLS_API_PORT",
  )
  // The AWS clients read their own variables, of which a profile would win; everything else is handed over.
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name]
  Object.assign(process.env, embedded.variables)
  const config = valueOf(readPollerConfig({ ...given, ...TO_BE_EMBEDDED, ...embedded.variables }))

  const world = { ...realWorld(() => {}), log: showTrouble }
  const client = createDynamoClient(world)
  await createTable(world, client, config.tableName)
  const store = createDynamoStore(world, client, { tableName: config.tableName, team: TEAM })
  const {
    tableName: _table,
    vendor,
    nudgeSecret,
    tickQueueUrl: _queue,
    ...setup
  } = valueOf(readApiConfig({ ...given, ...TO_BE_EMBEDDED, ...embedded.variables, API_TOKEN: TOKEN }))
  const preview = previewSetup(world, store, { vendor, ...setup })
  const queue = createLocalQueue(world.sleep)
  const secret = nudgeSecret ?? NUDGE_SECRET
  const nudge = { secret, send: async (one: Nudge) => queue.send([one], 0) }
  const api = createApi(world, store, { ...setup, intervalMs: config.intervalMs, preview, nudge })
  const apiServer = await onPort(listen(api, PORT), PORT, "PORT")
  const apiUrl = `http://127.0.0.1:${apiServer.port}`
  welcome(apiUrl, embedded, { intervalMs: config.intervalMs, secret })

  const poll = createPoller(world, { ...config, apiUrl: config.apiUrl ?? apiUrl })
  const stopped = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopped.abort())

  const playing = playWorkflow({ source, seed: SEED, apiUrl, secret })
  // As the ticks of a deployment come, and as often as polls may if that is more often.
  const everyMs = Math.min(20_000, config.intervalMs + AFTER_GATE_MS)
  const show = createShow(embedded)
  await takeTurns(poll, { queue, show, everyMs, stopped: stopped.signal })
  clearInterval(playing)
  const { messages, mails } = show.sent()
  print(`\nStopped. Sent: ${messages} in Slack, ${mails} by e-mail.`)
  await Promise.all([embedded.stop(), closeServer(apiServer.server)])
}

/** The vendor's post-call workflow, which calls when a call has ended. */
function playWorkflow(options: { source: CallSource; seed: number; apiUrl: string; secret: string }) {
  const { source, seed, apiUrl, secret } = options
  const later = (milliseconds: number, work: () => void) => void setTimeout(work, milliseconds).unref()
  const workflow = createPostCallWorkflow(
    { source, seed, url: `${apiUrl}/nudge`, headers: { [NUDGE_HEADER]: secret }, fetch, later },
    Date.now(),
  )
  return setInterval(() => workflow.look(Date.now()), WORKFLOW_MS)
}

type Turns = {
  queue: LocalQueue
  show: ReturnType<typeof createShow>
  everyMs: number
  stopped: AbortSignal
}

/** A turn for each tick, regular or asked for, and one whenever a nudge comes in between. */
async function takeTurns(poll: Poller, { queue, show, everyMs, stopped }: Turns): Promise<void> {
  let tickAt = Date.now()
  while (!stopped.aborted) {
    // No nudge keeps a tick from its turn.
    const taken = Date.now() < tickAt ? queue.take() : null
    const isRegular = !taken || (taken.nudges.length === 0 && !taken.hasTick)
    if (isRegular) tickAt = Date.now() + everyMs
    const report = await poll(isRegular ? {} : queueEvent(taken)).catch((error: unknown): PollReport => {
      if (error instanceof PollFailed) return error.report
      throw error
    })
    if (report.putBack) queue.send(report.putBack.nudges, report.putBack.afterMs)
    if (report.followUpMs !== undefined) queue.sendTick(report.followUpMs)
    await show.turn(report, tickAt - Date.now())
    await queue.wait(Math.max(0, tickAt - Date.now()), stopped)
  }
}

/** As nudges and ticks come through the queue of a deployment. */
function queueEvent({ nudges, hasTick }: { nudges: readonly Nudge[]; hasTick: boolean }): unknown {
  const bodies = [...(nudges.length > 0 ? [JSON.stringify({ nudges })] : []), ...(hasTick ? ["tick"] : [])]
  return { Records: bodies.map((body) => ({ eventSource: "aws:sqs", body })) }
}

/** Shows what each turn did, and what people got of it. `leftMs`: when the next tick would have come. */
function createShow(embedded: Embedded) {
  let messages = 0
  let mails = 0
  return {
    sent: () => ({ messages, mails }),
    turn: async (report: PollReport, leftMs: number) => {
      const line = pollLine(report, new Date(), paint, columns, leftMs)
      if (line) print(line)
      const news = embedded.slack.received.slice(messages)
      const mail = report.delivered > news.length || report.failed > 0 ? await embedded.readMail() : []
      for (const message of news) print(`\n${slackBox(message.blocks, paint, columns, message.to)}`)
      for (const [index, one] of mail.entries())
        print(`\n${mailBox(one, mails + index === 0, paint, columns)}`)
      if (news.length + mail.length > 0) print("")
      messages += news.length
      mails += mail.length
    },
  }
}

function welcome(
  apiUrl: string,
  { callsApiUrl, variables }: Embedded,
  { intervalMs, secret }: { intervalMs: number; secret: string },
): void {
  const webhookUrl = variables["SLACK_WEBHOOK_URL"] ?? ""
  const channel = `{"kind":"slack","name":"Night shift","severityFrom":"critical","target":{"webhookUrl":"${webhookUrl}?to=Night%20shift"}}`
  const rule = `{"name":"Long call","when":{"duration":{"gte":60}}}`
  const lines = [
    "",
    `${paint("bold", "Earshot")} is checking the calls of a made-up company every ${Math.round((intervalMs + AFTER_GATE_MS) / 1000)} s.`,
    "",
    `  API docs    ${paint("cyan", `${apiUrl}/docs`)}`,
    `  Health      ${paint("cyan", `${apiUrl}/health`)}`,
    `  Rules       curl -H 'authorization: Bearer ${TOKEN}' ${apiUrl}/rules`,
    `  Alerts      curl -H 'authorization: Bearer ${TOKEN}' ${apiUrl}/alerts`,
    `  Add a rule  curl -H 'authorization: Bearer ${TOKEN}' ${apiUrl}/rules -d '${rule}'`,
    `  Channels    curl -H 'authorization: Bearer ${TOKEN}' ${apiUrl}/channels`,
    `  Add one     curl -H 'authorization: Bearer ${TOKEN}' ${apiUrl}/channels -d '${channel}'`,
    `  Try it      curl -H 'authorization: Bearer ${TOKEN}' -X POST ${apiUrl}/channels/night-shift/test`,
    `  Nudge       curl -H '${NUDGE_HEADER}: ${secret}' -X POST ${apiUrl}/nudge`,
    `  Calls API   curl -H 'x-api-key: ew_local' '${callsApiUrl}/calls?limit=3'`,
    `  Stop        Ctrl-C`,
    "",
  ]
  print(lines.join("\n"))
}

/** Lines of the log that a person should see; the line for each poll says the rest. */
function showTrouble(entry: { level: string; event: string; why?: unknown }): void {
  if (entry.level === "info" || entry.event === "poll") return
  print(`          ${paint("red", entry.event)} ${typeof entry.why === "string" ? entry.why : ""}`)
}

/** An empty variable counts as not set, here too. */
function setVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([, value = ""]) => value.trim() !== ""))
}

/** Rejects with a sentence about the port if there is nothing to listen on. */
async function onPort<T>(started: Promise<T>, port: number, variable: string): Promise<T> {
  try {
    return await started
  } catch (cause) {
    throw cause instanceof Error ? new CannotListen(portFailure(cause, port, variable), { cause }) : cause
  }
}

readOptions(z.object({}), {
  command: "npm start",
  does: "Runs Earshot and stand-ins for everything it needs in one process, and shows the alerts, until Ctrl-C.",
  more: "It reads PORT, CALLS_API_PORT, SEED and Earshot's settings from the environment: see the README.",
})

try {
  await start()
  process.exit(0)
} catch (error) {
  process.stderr.write(`${tableFailure(error)}\n`)
  process.exit(1)
}
