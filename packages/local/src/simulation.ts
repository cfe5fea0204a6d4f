/**
 * A simulation: the poller that ships, in processes that come and go, with a store in memory, a simulated vendor
 * and simulated channels, on virtual time. One seed makes one course of events.
 */
import { createRandom } from "@earshot/emulators/random"
import { DAY, HOUR, type Instant, isoOf, MINUTE, SECOND } from "@earshot/core/instant"
import { poll, type PollSetup } from "@earshot/functions/poll"
import type { PollReport } from "@earshot/functions/report"
import { createMemoryStore } from "@earshot/io/memory-store"
import { createSlackChannel } from "@earshot/io/slack"
import { createFaults, type ProfileName } from "./fault.ts"
import { createLedger } from "./invariant.ts"
import { createProcess, kill, type Network, type Process } from "./simulated-process.ts"
import { createProcessStore, type SharedStore } from "./simulated-store.ts"
import { createTimeline, runEvents } from "./simulated-time.ts"
import { chooseOddities } from "./simulated-oddity.ts"
import { createTraffic, type SimulatedCall } from "./simulated-traffic.ts"
import { createVendor, type Vendor } from "./simulated-vendor.ts"
import { createProcessWorld, createSimulatedEmail, type Listener, WEBHOOK_URL } from "./simulated-world.ts"

export type Scenario = {
  days: number
  seed: number
  profile: ProfileName
  /** Calls an hour. */
  rate: number
  /** Told how much of the simulation is over, 0 to 1, about once a simulated hour. */
  progress?: (share: number) => void
  /** Told each event, for those who look for a cause. */
  trace?: (line: string) => void
  /** For benchmarks: each telling, each question to the vendor, each poll, and when there are no triggers. */
  told?: (told: { call: SimulatedCall; channel: string; at: Instant }) => void
  asked?: (url: URL, at: Instant) => void
  reported?: (report: PollReport) => void
  isDown?: (at: Instant) => boolean
}

export type Outcome = {
  days: number
  alerts: number
  missed: number
  beyondLookback: number
  unexamined: number
  falseAlerts: number
  violations: number
  duplicates: number
  unknownOutcomes: number
  crashes: number
  polls: number
  latency: { mean: number; p99: number; max: number }
  watchBytesMax: number
  /** The same for the same seed. */
  trace: string
  /** What went wrong, for people. */
  problems: readonly string[]
}

export const START = Date.UTC(2026, 0, 5)
const TIMEOUT_MS = 60 * SECOND
const GATE_MS = 19 * SECOND
/** After this much without calls nothing can be open. */
const QUIET_MS = 8 * HOUR
/** When all is told but what arrives late, nobody has to hurry. */
const QUIET_TRIGGER_MS = 2 * MINUTE
const RECOVERY_MS = 10 * MINUTE

export async function simulate(scenario: Scenario): Promise<Outcome> {
  const { days, seed, profile, rate } = scenario
  const end = START + days * DAY
  const timeline = createTimeline(START)
  const oddities = chooseOddities(seed, profile)
  const traffic = createTraffic({
    oddities: oddities.rows,
    seed,
    perHour: rate,
    from: START + MINUTE,
    to: end,
    hasCrowds: profile === "stress",
  })
  const random = createRandom("faults", seed, profile)
  const faults = createFaults(profile, random, START, end)
  const vendor = createVendor({ traffic, oddities, seed }, (limit) =>
    ledger.violated(`the limit of ${limit} was exceeded`),
  )
  const ledger = createLedger({
    traffic,
    now: timeline.now,
    downtime: faults.downtime,
    measuredUntil: end + RECOVERY_MS,
    trace: scenario.trace,
  })
  const listener: Listener = {
    ...ledger,
    told(told) {
      ledger.told(told)
      const call = traffic.call(told.callId)
      if (call) scenario.told?.({ call, channel: told.channel, at: timeline.now() })
    },
  }
  const watchedVendor: Vendor = {
    ...vendor,
    answer(url, now) {
      if (scenario.asked) scenario.asked(new URL(url), now)
      return vendor.answer(url, now)
    },
  }
  const shared: SharedStore = { store: createMemoryStore(), lagging: { at: 0, due: [] } }
  const counts = { crashes: 0, processes: 0, polls: 0, hash: 0x811c9dc5 }

  const network: Network = {
    timeline,
    random,
    trace: scenario.trace,
    isFaulty: () => faults.isActive(timeline.now()),
    draw({ party, process }) {
      const now = timeline.now()
      const fault = faults.fault(party, now)
      mix(now)
      mix(process.id * 16 + party.length + (fault ? fault.kind.charCodeAt(0) * 1024 : 0))
      if (fault?.kind === "crash") counts.crashes++
      scenario.trace?.(`${isoOf(now)} p${process.id} ${party} ${fault ? JSON.stringify(fault) : ""}`)
      return fault
    },
  }
  function mix(value: number): void {
    counts.hash = Math.imul(counts.hash ^ (value & 0xffffffff), 0x01000193)
  }

  const idle: Runner[] = []
  type Runner = { process: Process; poll: () => ReturnType<typeof poll> }

  function createRunner(): Runner {
    const process = createProcess(++counts.processes, Math.round((random() * 2 - 1) * faults.profile.skewMs))
    const world = createProcessWorld(network, watchedVendor, process, listener)
    const store = createProcessStore(network, shared, process, ledger)
    const setup: PollSetup = {
      api: { baseUrl: "https://echo.win/api/v1", apiKey: "ew_simulated", timeoutMs: 10 * SECOND },
      channels: [
        createSlackChannel(world, { webhookUrl: WEBHOOK_URL, privacy: "standard" }),
        createSimulatedEmail(world, network, process, listener),
      ],
      limits: { listPerHour: 200, detailPerHour: 500, gateMs: GATE_MS },
      lookbackMs: 0,
    }
    return { process, poll: () => poll(world, store, setup, process.memory) }
  }

  function trigger(): boolean {
    runPoll(idle.pop() ?? createRunner())
    return true
  }

  function runPoll(runner: Runner): void {
    const { process } = runner
    counts.polls++
    let isOver = false
    async function run(): Promise<void> {
      try {
        const report = await runner.poll()
        scenario.trace?.(`${isoOf(timeline.now())} p${process.id} ${JSON.stringify(report)}`)
        scenario.reported?.(report)
      } catch (error) {
        // A store that fails makes a poll fail; anything else is a mistake.
        const message = error instanceof Error ? error.message : String(error)
        scenario.trace?.(`${isoOf(timeline.now())} p${process.id} failed: ${message}`)
        if (!message.startsWith("simulated")) ledger.violated(`a poll failed: ${message}`)
      }
      isOver = true
      if (!process.isDead) idle.push(runner)
    }
    void run()
    timeline.at(timeline.now() + TIMEOUT_MS, () => {
      if (isOver || process.isDead) return false
      kill(process)
      return false
    })
  }

  function tick(): boolean {
    const now = timeline.now()
    const stepMs = now > end + 2 * RECOVERY_MS ? QUIET_TRIGGER_MS : faults.profile.triggerMs
    timeline.at(now + stepMs + Math.round((random() - 0.5) * SECOND), tick)
    if (faults.isDown(now) || scenario.isDown?.(now)) return false
    for (const delay of faults.triggerDelays(now)) timeline.at(now + delay, trigger)
    return false
  }

  timeline.at(START, tick)
  let checkedAt: Instant = START
  let shownAt: Instant = START
  await runEvents(timeline, end + QUIET_MS, () => {
    const now = timeline.now()
    const calmSince = faults.calmSince(now)
    if (profile !== "calm" && calmSince !== null && calmSince > checkedAt && now >= calmSince + RECOVERY_MS) {
      checkedAt = calmSince
      ledger.checkBacklog(calmSince)
    }
    if (now - shownAt >= HOUR) {
      shownAt = now
      scenario.progress?.(Math.min(1, (now - START) / (end - START)))
      if (now > end + HOUR && ledger.openCalls() === 0) return true
    }
    return false
  })

  const control = await shared.store.readControl()
  const since = control?.since ?? 0
  const closing = ledger.close({ since, unexamined: control?.unexamined ?? 0, end: timeline.now() - HOUR })
  const latencies = [...ledger.latencies].sort((a, b) => a - b)
  const seconds = (milliseconds: number | undefined) => Math.round((milliseconds ?? 0) / 100) / 10
  return {
    days,
    alerts: ledger.alerts,
    missed: closing.missed.length,
    beyondLookback: closing.beyondLookback,
    unexamined: closing.unexamined,
    falseAlerts: ledger.falseAlerts,
    violations: ledger.violations.length,
    duplicates: ledger.duplicates,
    unknownOutcomes: ledger.unknownOutcomes,
    crashes: counts.crashes,
    polls: counts.polls,
    latency: {
      mean: seconds(latencies.reduce((sum, latency) => sum + latency, 0) / Math.max(1, latencies.length)),
      p99: seconds(latencies[Math.floor(latencies.length * 0.99)]),
      max: seconds(latencies.at(-1)),
    },
    watchBytesMax: ledger.watchBytesMax,
    trace: (counts.hash >>> 0).toString(16).padStart(8, "0"),
    problems: [...ledger.violations, ...closing.missed.map((missed) => `missed: ${missed}`)],
  }
}
