/**
 * The processes that poll in a simulation. A trigger wakes one that is idle or starts a new one, each with a clock, a
 * memory and connections of its own; a poll that takes longer than the function's timeout ends its process.
 */
import { type Instant, SECOND, isoOf } from "@earshot/core/instant"
import type { ChannelSettings } from "@earshot/core/channel/settings"
import type { Limits } from "@earshot/core/turn/budget"
import type { Nudge } from "@earshot/core/turn/nudge"
import type { Channel } from "@earshot/io/channel/channel"
import { createSlackChannel } from "@earshot/io/channel/slack"
import { type Opened, openChannel, withSettings } from "@earshot/io/channel/stored"
import type { World } from "@earshot/io/world"
import { poll } from "@earshot/poller/poll"
import { TimeUp } from "@earshot/poller/timed-store"
import type { PollSetup } from "@earshot/poller/setup"
import type { PollReport, PutBack } from "@earshot/poller/report"
import type { Ledger } from "./ledger/ledger.ts"
import { createProcessEmail } from "./process/email.ts"
import type { Line } from "./process/listener.ts"
import type { NudgedTurn } from "./process/nudge-queue.ts"
import { type Network, type Process, createProcess, doubt, kill } from "./process/process.ts"
import { type SharedStore, createProcessStore } from "./process/store.ts"
import { createProcessConnector } from "./process/webhook.ts"
import { createProcessWorld } from "./process/world.ts"
import { type Deployment, deploymentAt } from "./time/deployment.ts"
import type { WrongClock } from "./time/wrong-clock.ts"
import { API_KEY, CHANNEL_KEY, PRIVACY, WEBHOOK_URL } from "./truth/secret.ts"
import type { Vendor } from "./vendor/vendor.ts"

export const LIMITS: Limits = { listPerHour: 200, detailPerHour: 500, gateMs: 19 * SECOND }

/** The function's timeout. */
const TIMEOUT_MS = 60 * SECOND

export type FleetSetting = {
  network: Network
  vendor: Vendor
  shared: SharedStore
  ledger: Ledger
  deployments: readonly Deployment[]
  /** People add channels, or edit those that there are. */
  hasStored: boolean
  wrongClock: WrongClock | null
  /** Clocks differ from the vendor's by at most this much. */
  skewMs: number
  createEmail: (world: World, line: Line) => Channel
  reported: (report: PollReport) => void
  /** A turn asks for a trigger of its own in so many milliseconds. */
  followUp: (afterMs: number) => void
  /** What a turn that nudges began then has asked the vendor for, if it was no poll. */
  nudged: (asked: Process["asked"], begunAt: Instant) => void
}

export type Fleet = {
  /** Begins a poll. */
  trigger: () => true
  /** The same for nudges. */
  nudge: NudgedTurn
  polls: () => number
}

type Runner = {
  process: Process
  deployment: Deployment | undefined
  poll: (nudges: readonly Nudge[]) => Promise<PollReport>
}

export function createFleet(setting: FleetSetting): Fleet {
  const { deployments, wrongClock } = setting
  const { timeline } = setting.network
  const idle: Runner[] = []
  let processes = 0
  let polls = 0
  let hasWrongClock = false

  function nextRunner(): Runner {
    const deployment = deploymentAt(deployments, timeline.now())
    let runner = idle.pop()
    while (runner && runner.deployment !== deployment) runner = idle.pop()
    return runner ?? createRunner(setting, ++processes, deployment)
  }

  /** The clock of the process that polls next is wrong for a while. */
  function setWrongClock({ process }: Runner): void {
    if (!wrongClock || hasWrongClock || timeline.now() < wrongClock.from) return
    hasWrongClock = true
    process.skewMs += wrongClock.byMs
    timeline.at(wrongClock.to, () => {
      process.skewMs -= wrongClock.byMs
      return false
    })
  }

  return {
    polls: () => polls,
    trigger() {
      const runner = nextRunner()
      setWrongClock(runner)
      polls++
      startPoll(setting, runner, { nudges: [], survived: () => void idle.push(runner) })
      return true
    },
    nudge(nudges, ended) {
      const runner = nextRunner()
      startPoll(setting, runner, { nudges, survived: () => void idle.push(runner), ended })
    },
  }
}

function createRunner(setting: FleetSetting, id: number, deployment: Deployment | undefined): Runner {
  const { network, ledger, skewMs } = setting
  const process = createProcess(id, Math.round((network.random() * 2 - 1) * skewMs))
  const line = { network, process, listener: ledger }
  const world = createProcessWorld(line, setting.vendor)
  const store = createProcessStore(line, setting.shared, ledger)
  const channels = [
    createSlackChannel(world, { webhookUrl: WEBHOOK_URL, privacy: PRIVACY.slack }),
    setting.createEmail(world, line),
  ]
  const setup: PollSetup = {
    api: { baseUrl: "https://echo.win/api/v1", apiKey: API_KEY, timeoutMs: 10 * SECOND },
    channels: channels.filter(({ id }) => deployment?.channels.includes(id)),
    ...(setting.hasStored && { openChannel: (settings) => openStored(world, line, settings) }),
    limits: LIMITS,
    lookbackMs: 0,
  }
  return { process, deployment, poll: (nudges) => poll(world, store, setup, process.memory, nudges) }
}

/** As a deployment opens it, but for a topic: the AWS SDK takes longer than a poll. */
function openStored(world: World, line: Line, settings: ChannelSettings): Opened {
  if (settings.kind === "sns")
    return { ok: true, channel: withSettings(createProcessEmail(world, line, settings), settings) }
  return openChannel(world, { key: CHANNEL_KEY, connector: createProcessConnector(line) }, settings)
}

type Begun = {
  nudges: readonly Nudge[]
  /** Called at its end, if the process still lives. */
  survived: () => void
  /** Called at its end, or when its process is ended. */
  ended?: (putBack: PutBack | null) => void
}

function startPoll(setting: FleetSetting, runner: Runner, { nudges, survived, ended }: Begun): void {
  const { timeline } = setting.network
  const { process } = runner
  let isOver = false
  void runPoll(setting, runner, nudges, (putBack) => {
    if (!isOver) ended?.(process.isDead ? null : putBack)
    isOver = true
    if (!process.isDead) survived()
  })
  timeline.at(timeline.now() + TIMEOUT_MS, () => {
    if (isOver) return false
    if (!process.isDead) kill(process)
    isOver = true
    ended?.(null)
    return false
  })
}

async function runPoll(
  { network, ledger, reported, followUp, nudged }: FleetSetting,
  { process, poll }: Runner,
  nudges: readonly Nudge[],
  ended: (putBack: PutBack | null) => void,
): Promise<void> {
  const { timeline, trace } = network
  let putBack: PutBack | null = null
  let mayHaveAsked = true
  const before = { ...process.asked, polls: process.polls, at: timeline.now() }
  if (nudges.length > 0) trace?.(`${at(timeline.now(), process)} is nudged ${JSON.stringify(nudges)}`)
  try {
    const report = await poll(nudges)
    trace?.(`${at(timeline.now(), process)} ${JSON.stringify(report)}`)
    if (report.ok && report.kind === "poll") ledger.worked(process)
    if (report.error !== undefined) ledger.wrote(report.error, "log")
    reported(report)
    // What a poll that has failed had begun may still be under way in this process.
    mayHaveAsked = report.kind !== "skipped" || report.reason === "overtaken"
    if (report.followUpMs !== undefined && !process.isDead) followUp(report.followUpMs)
    putBack = report.putBack ?? null
  } catch (error) {
    // A store that fails makes a poll fail; anything else is a mistake.
    const message = error instanceof Error ? error.message : String(error)
    trace?.(`${at(timeline.now(), process)} failed: ${message}`)
    ledger.wrote(message, "log")
    // Its time was over before it could write down what came of what it sent.
    if (error instanceof TimeUp) doubt(process)
    else if (!message.startsWith("simulated")) ledger.violated(`a poll failed: ${message}`)
  }
  const { list, detail } = process.asked
  // A turn that failed says nothing of itself, and a nudge that comes when the gate is open begins a poll.
  const isLook = nudges.length > 0 && process.polls === before.polls && mayHaveAsked
  if (isLook) nudged({ list: list - before.list, detail: detail - before.detail }, before.at)
  ended(putBack)
}

function at(now: Instant, { id }: Process): string {
  return `${isoOf(now)} p${id}`
}
