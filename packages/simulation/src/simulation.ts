/**
 * A simulation: the poller that ships, in processes that come and go, with a store in memory, a simulated vendor
 * and simulated channels, on virtual time. One seed makes one course of events.
 */
import { DAY, HOUR, type Instant, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import type { Rule } from "@earshot/core/rule/rule"
import type { Limits } from "@earshot/core/turn/budget"
import { createRandom, integer } from "@earshot/emulators/random"
import { createSlackChannel } from "@earshot/io/channel/slack"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import type { Store } from "@earshot/io/store/store"
import { poll } from "@earshot/poller/poll"
import type { PollSetup } from "@earshot/poller/setup"
import type { PollReport } from "@earshot/poller/report"
import { createLedger } from "./ledger/ledger.ts"
import { createSimulatedEmail, createSimulatedSns } from "./process/email.ts"
import { type Network, type Process, createProcess, kill } from "./process/process.ts"
import { type SharedStore, createProcessStore, holding } from "./process/store.ts"
import { createProcessWorld } from "./process/world.ts"
import { type Deployment, deploymentAt, hadChannel, isFailingAt, planDeployments } from "./time/deployment.ts"
import { type Fault, PROFILES, type ProfileName, createFaults } from "./time/fault.ts"
import { createTimeline, runEvents } from "./time/timeline.ts"
import { mayBeMistimed, planWrongClock } from "./time/wrong-clock.ts"
import { chooseOddities } from "./truth/oddity.ts"
import { planRules } from "./truth/rule.ts"
import { API_KEY, PRIVACY, WEBHOOK_URL } from "./truth/secret.ts"
import { type SimulatedCall, createTraffic } from "./truth/traffic.ts"
import { type VendorName, createEmulatedVendor } from "./vendor/emulated-vendor.ts"
import { type Vendor, createVendor } from "./vendor/vendor.ts"

export type Scenario = {
  days: number
  seed: number
  profile: ProfileName
  /** Calls an hour. */
  rate: number
  /** The simulated one by default; the emulator takes five times as long. */
  vendor?: VendorName
  /** In memory by default. While another one works, the virtual time stands still. */
  store?: Store
  /** E-mail goes through the AWS SDK to a simulated SNS. */
  hasSns?: boolean
  /** How often the poller is triggered; every ten seconds by default. */
  triggerMs?: number
  /** Told of what a channel hears of a call for the first time. */
  told?: (told: { call: SimulatedCall; channel: string; at: Instant }) => void
  /** Told each question to the vendor, and each poll. */
  asked?: (url: URL, at: Instant) => void
  reported?: (report: PollReport) => void
  /** No triggers then, whatever else goes wrong. */
  outage?: { from: Instant; to: Instant }
  /** Told how much of the simulation is over, 0 to 1, about once a simulated hour. */
  progress?: (share: number) => void
  /** Told each event, for those who look for a cause. */
  trace?: (line: string) => void
}

export type Outcome = {
  days: number
  alerts: number
  missed: number
  falseAlerts: number
  violations: number
  duplicates: number
  unknownOutcomes: number
  crashes: number
  polls: number
  /** From when a fact was shown until it was told, in milliseconds; `old`: of calls that were long over by then. */
  latencies: { live: readonly number[]; old: readonly number[] }
  /** Calls that a rule matches so late that nobody promises to tell them, and that were not told. */
  unpromised: number
  /** Calls that were not told and are counted as not examined. */
  unexamined: number
  watchBytesMax: number
  /** The same for the same seed. */
  trace: string
  /** What went wrong, for people. */
  problems: readonly string[]
}

export const START = Date.UTC(2026, 0, 5)

const TIMEOUT_MS = 60 * SECOND

const LIMITS: Limits = { listPerHour: 200, detailPerHour: 500, gateMs: 19 * SECOND }

/** After this much without calls nothing can be open. */
const QUIET_MS = 8 * HOUR

/** When all is told but what arrives late, nobody has to hurry. */
const QUIET_TRIGGER_MS = 2 * MINUTE

const RECOVERY_MS = 10 * MINUTE

/** Three days of calls are as many pages as polls have in an hour. */
const CATCH_UP_MS = 2 * HOUR

export async function simulate(scenario: Scenario): Promise<Outcome> {
  const { days, seed, profile, rate } = scenario
  const end = START + days * DAY
  const triggerMs = scenario.triggerMs ?? PROFILES[profile].triggerMs
  const timeline = createTimeline(START)
  const random = createRandom("faults", seed, profile)
  const faults = createFaults(profile, random, START, end)
  const calls = { perHour: rate, from: START + MINUTE, to: end, hasCrowds: profile === "stress" }
  const emulated =
    scenario.vendor === "emulator"
      ? createEmulatedVendor({
          seed,
          traffic: calls,
          timeline,
          isFaulty: () => faults.isActive(timeline.now()),
          violated: (what) => ledger.violated(what),
        })
      : null
  const oddities = emulated?.oddities ?? chooseOddities(seed, profile)
  const traffic = emulated?.traffic ?? createTraffic({ ...calls, seed, oddities: oddities.rows })
  const wrongClock = planWrongClock({ seed, profile, start: START, end })
  const vendor = createVendor({ traffic, oddities, seed }, (limit) => {
    const now = timeline.now()
    if (!mayBeMistimed(wrongClock, now, now)) ledger.violated(`the limit of ${limit} was exceeded`)
  })
  const askedVendor: Vendor = {
    ...vendor,
    ...(emulated && { fetch: emulated.fetch }),
    answer(url, now) {
      if (scenario.asked) scenario.asked(new URL(url), now)
      return vendor.answer(url, now)
    },
  }
  const outage = scenario.outage ?? { from: Infinity, to: Infinity }
  // An outage that has begun counts until it is caught up with, which may be long after what is asked about.
  const downtime = (from: Instant, to: Instant) =>
    faults.downtime(from, to) +
    (to > outage.from ? Math.max(0, outage.to + CATCH_UP_MS - Math.max(from, outage.from)) : 0)
  const isCalm = profile === "calm" && !scenario.outage && triggerMs === PROFILES.calm.triggerMs
  const versions = planRules({ seed, profile, start: START, end })
  const deployments = planDeployments({ seed, profile, start: START, end })
  const ledger = createLedger({
    traffic,
    promising: { versions, oddities, rate, downtime, isCalm },
    now: timeline.now,
    limits: LIMITS,
    usedInHour: vendor.usedInHour,
    scarceAt: vendor.scarceAt,
    triggerMs: Math.max(triggerMs, QUIET_TRIGGER_MS),
    mayBeMistimed: (from, to) => mayBeMistimed(wrongClock, from, to),
    hadChannel: (...asked) => hadChannel(deployments, ...asked),
    measuredUntil: end + RECOVERY_MS,
    trace: scenario.trace,
    heard: scenario.told,
  })
  const shared: SharedStore = {
    store: scenario.store ? holding(timeline, scenario.store) : createMemoryStore(),
    lagging: { at: 0, due: [] },
  }
  const counts = { crashes: 0, processes: 0, polls: 0, hash: 0x811c9dc5, hasWrongClock: false }

  const network: Network = {
    timeline,
    random,
    trace: scenario.trace,
    isFaulty: () => faults.isActive(timeline.now()),
    draw({ party, process }) {
      const now = timeline.now()
      const isFailing = faults.isActive(now) && isFailingAt(deployments, party, now)
      const fault: Fault | null = isFailing ? { kind: "failed" } : faults.fault(party, now)
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
  type Runner = {
    process: Process
    deployment: Deployment | undefined
    poll: () => ReturnType<typeof poll>
  }

  function createRunner(): Runner {
    const deployment = deploymentAt(deployments, timeline.now())
    const process = createProcess(++counts.processes, Math.round((random() * 2 - 1) * faults.profile.skewMs))
    const world = createProcessWorld(network, askedVendor, process, ledger)
    const store = createProcessStore(network, shared, process, ledger)
    const channels = [
      createSlackChannel(world, { webhookUrl: WEBHOOK_URL, privacy: PRIVACY.slack }),
      scenario.hasSns
        ? createSimulatedSns(world, network, process)
        : createSimulatedEmail(world, network, process, ledger),
    ]
    const setup: PollSetup = {
      api: { baseUrl: "https://echo.win/api/v1", apiKey: API_KEY, timeoutMs: 10 * SECOND },
      channels: channels.filter(({ id }) => deployment?.channels.includes(id)),
      limits: LIMITS,
      lookbackMs: 0,
    }
    return { process, deployment, poll: () => poll(world, store, setup, process.memory) }
  }

  /** The clock of the process that polls next is wrong for a while. */
  function setWrongClock({ process }: Runner): void {
    if (!wrongClock || counts.hasWrongClock || timeline.now() < wrongClock.from) return
    counts.hasWrongClock = true
    process.skewMs += wrongClock.byMs
    timeline.at(wrongClock.to, () => {
      process.skewMs -= wrongClock.byMs
      return false
    })
  }

  function trigger(): boolean {
    const deployment = deploymentAt(deployments, timeline.now())
    let runner = idle.pop()
    while (runner && runner.deployment !== deployment) runner = idle.pop()
    runner ??= createRunner()
    setWrongClock(runner)
    runPoll(runner)
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
        if (report.error !== undefined) ledger.wrote(report.error, "log")
        scenario.reported?.(report)
      } catch (error) {
        // A store that fails makes a poll fail; anything else is a mistake.
        const message = error instanceof Error ? error.message : String(error)
        scenario.trace?.(`${isoOf(timeline.now())} p${process.id} failed: ${message}`)
        ledger.wrote(message, "log")
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
    const stepMs = now > end + 2 * RECOVERY_MS ? QUIET_TRIGGER_MS : triggerMs
    timeline.at(now + stepMs + Math.round((random() - 0.5) * SECOND), tick)
    if (faults.isDown(now) || (outage.from <= now && now < outage.to)) return false
    for (const delay of faults.triggerDelays(now)) timeline.at(now + delay, trigger)
    return false
  }

  /** People edit rules: they announce it, and then write. */
  function editRule(rule: Rule): void {
    timeline.at(Date.parse(rule.updatedAt ?? ""), () => {
      void shared.store.announceRules(timeline.now())
      return true
    })
    timeline.at(Date.parse(rule.updatedAt ?? "") + integer(random, 50, 5000), () => {
      void shared.store.writeRule(rule)
      return true
    })
  }

  for (const { rule } of versions) if (rule) editRule(rule)
  timeline.at(START, tick)
  let checkedAt: Instant = START
  let shownAt: Instant = START
  await runEvents(timeline, end + QUIET_MS, () => {
    const now = timeline.now()
    const isOut = outage.from <= now && now < outage.to + CATCH_UP_MS
    const calmSince = profile === "calm" || isOut ? null : faults.calmSince(now)
    if (calmSince !== null && calmSince > checkedAt && now >= calmSince + RECOVERY_MS) {
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
  const closing = ledger.close({
    since: control?.since ?? 0,
    unexamined: control?.unexamined ?? 0,
    callsUntil: end + RECOVERY_MS,
    end: timeline.now() - HOUR,
  })
  return {
    days,
    alerts: ledger.alerts,
    missed: closing.missed.length,
    falseAlerts: ledger.falseAlerts,
    violations: ledger.violations.length,
    duplicates: ledger.duplicates,
    unknownOutcomes: closing.unknownOutcomes,
    crashes: counts.crashes,
    polls: counts.polls,
    latencies: ledger.latencies,
    unpromised: closing.unpromised,
    unexamined: closing.unexamined,
    watchBytesMax: ledger.watchBytesMax,
    trace: (counts.hash >>> 0).toString(16).padStart(8, "0"),
    problems: [...ledger.violations, ...closing.missed.map((missed) => `missed: ${missed}`)],
  }
}
