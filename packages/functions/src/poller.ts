/**
 * The poller's Lambda: one poll for each trigger. The schedule triggers once a minute; its run sends itself delayed
 * messages through a queue, so that polls come about every twenty seconds. Too many triggers are harmless.
 */
import { gateOf } from "@earshot/core/turn/budget"
import { UNTIL_MS } from "@earshot/core/turn/gate"
import { SECOND } from "@earshot/core/instant"
import type { Nudge } from "@earshot/core/turn/nudge"
import type { Channel } from "@earshot/io/channel/channel"
import { createChannel } from "@earshot/io/channel/kind"
import { openChannel } from "@earshot/io/channel/stored"
import { ticketUrl } from "@earshot/io/channel/ticket"
import { realConnector } from "@earshot/io/outward/connector"
import { type HeartbeatMemory, sendHeartbeat } from "@earshot/io/heartbeat"
import { nudgesIn } from "@earshot/io/nudge-message"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import { type World, causeOf, realWorld } from "@earshot/io/world"
import { createMemory } from "@earshot/poller/memory/memory"
import { poll } from "@earshot/poller/poll"
import { checkSubscriptions } from "@earshot/poller/subscription"
import type { PollReport } from "@earshot/poller/report"
import type { PollSetup } from "@earshot/poller/setup"
import * as z from "zod"
import { turnEntry, withMetrics } from "./metric.ts"
import { nameSources } from "./stack-trace.ts"
import { logUnhandled } from "./unhandled.ts"
import { TEAM, readPollerConfig, valueOf } from "./config.ts"
import type { PollerConfig } from "./settings.ts"

/** A vendor that does not answer by then will not: a page of a hundred calls takes about a second. */
const REQUEST_TIMEOUT_MS = 10_000

/** What Lambda calls. `event` tells a tick from the schedule; anything that is no tick is taken for the schedule. */
export type Poller = (event: unknown) => Promise<PollReport>

let warm: Poller | null = null

/** One poll. Throws if it failed, so that Lambda counts an error; the error's `report` says what was done. */
export async function handler(event: unknown): Promise<PollReport> {
  warm ??= createEnvironmentPoller()
  return warm(event)
}

/** The messages of the tick queue: ticks, and nudges. Nudges that came together are one turn. */
const TickEvent = z.object({
  Records: z.array(z.object({ eventSource: z.literal("aws:sqs"), body: z.string().default("") })).min(1),
})

/** A turn for nudges that took longer than this leaves no time for another one of as long as turns may take. */
const NUDGED_MAX_MS = 5 * SECOND

/** A poller that keeps its memory from one poll to the next. */
export function createPoller(world: World, config: PollerConfig): Poller {
  const store = createDynamoStore(world, createDynamoClient(world), {
    tableName: config.tableName,
    team: TEAM,
  })
  const setup = pollSetup(world, config)
  const memory = createMemory()
  const heartbeat: HeartbeatMemory = { sentAt: 0 }
  const turn = async (nudges: readonly Nudge[]) => {
    const report = await poll(world, store, setup, memory, nudges)
    world.log(turnEntry(report))
    if (config.tickQueueUrl !== null) await sendNext(world, config.tickQueueUrl, report)
    return report
  }
  return async (event) => {
    const messages = TickEvent.safeParse(event).data?.Records
    // Beside the poll, which does not wait for the queue. The run does: what is under way when it ends may never arrive.
    const ticks = config.tickQueueUrl !== null && !messages ? sendTicks(world, config.tickQueueUrl) : null
    try {
      return await run((messages ?? [{ body: "" }]).map(({ body }) => nudgesIn(body)))
    } finally {
      await ticks
    }
  }

  async function run(messages: readonly (readonly Nudge[])[]): Promise<PollReport> {
    const nudges = messages.flat()
    const startedAt = world.now()
    const nudged = nudges.length > 0 ? await turn(nudges) : null
    // A tick that came with nudges has its own turn, unless theirs has taken long: then the next tick is near.
    const hasTick = messages.some((found) => found.length === 0)
    const isTime = world.now() - startedAt < NUDGED_MAX_MS
    const report = nudged && !(nudged.ok && hasTick && isTime) ? nudged : await turn([])
    if (report.kind === "poll" && report.durationMs < UNTIL_MS.look) {
      await checkSubscriptions(world, store, setup, memory)
    }
    if (report.isComplete && config.heartbeatUrl !== null && report.durationMs < UNTIL_MS.send) {
      await sendHeartbeat(world, config.heartbeatUrl, heartbeat)
    }
    // Lambda logs all that an error says.
    if (!report.ok) throw new PollFailed({ ...report, putBack: undefined })
    return report
  }
}

/** What speaks to the queue is loaded here, beside the first poll rather than before it. */
async function sendTicks(world: World, queueUrl: string): Promise<void> {
  const { sendTickBatch } = await import("@earshot/io/tick-queue")
  await sendTickBatch(world, queueUrl)
}

/** What this turn has left for a moment later. If that cannot be sent, the next regular tick or poll makes up for it. */
async function sendNext(world: World, queueUrl: string, { putBack, followUpMs }: PollReport): Promise<void> {
  if (!putBack && followUpMs === undefined) return
  const { sendNudges, sendTick } = await import("@earshot/io/tick-queue")
  const warn = (event: string, count: number) => (error: unknown) =>
    world.log({ level: "warn", event, count, why: causeOf(error) })
  await Promise.all([
    putBack && sendNudges(world, queueUrl, putBack).catch(warn("nudge.lost", putBack.nudges.length)),
    followUpMs !== undefined && sendTick(world, queueUrl, followUpMs).catch(warn("ticks.failed", 1)),
  ])
}

/** Throws what is wrong with the environment. */
function createEnvironmentPoller(): Poller {
  const config = valueOf(readPollerConfig())
  const { metricNamespace } = config
  const dress = metricNamespace === null ? undefined : withMetrics(metricNamespace, () => Date.now())
  const world = realWorld((line) => process.stderr.write(`${line}\n`), dress)
  logUnhandled(world)
  nameSources()
  return createPoller(world, config)
}

export class PollFailed extends Error {
  readonly report: PollReport
  constructor(report: PollReport) {
    super(report.error ?? "The poll failed.")
    this.report = report
  }
}

/** What a poll works with, by the settings. */
function pollSetup(world: World, config: PollerConfig): PollSetup {
  const opening = { key: config.sealingKey, connector: realConnector() }
  const links = linksIn(config)
  return {
    openChannel(settings) {
      const opened = openChannel(world, opening, settings)
      return opened.ok ? { ...opened, channel: { ...opened.channel, ...links } } : opened
    },
    api: { baseUrl: config.baseUrl, apiKey: config.apiKey, timeoutMs: REQUEST_TIMEOUT_MS },
    channels: config.channels.map((channel) => ({
      ...createChannel(world, channel),
      ...links,
    })),
    limits: {
      listPerHour: config.listPerHour,
      detailPerHour: config.detailPerHour,
      gateMs: gateOf(config.intervalMs, config.listPerHour),
    },
    lookbackMs: config.lookbackMs,
  }
}

/** Where messages lead. Without the key that signs them there are no links to acknowledge an alert. */
function linksIn({
  callUrlTemplate,
  apiUrl,
  sealingKey,
}: PollerConfig): Pick<Channel, "callUrlTemplate" | "apiUrl" | "acknowledgeUrl"> {
  const settings = apiUrl !== null && sealingKey !== null ? { apiUrl, keyText: sealingKey } : null
  return {
    callUrlTemplate: callUrlTemplate ?? undefined,
    apiUrl: apiUrl ?? undefined,
    ...(settings && { acknowledgeUrl: (alert, now) => ticketUrl(settings, alert, now) }),
  }
}
