/**
 * A simulation: the poller that ships, in processes that come and go, with a store in memory, a simulated vendor and
 * simulated channels, on virtual time. One seed makes one course of events.
 */
import { DAY, HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { createRandom } from "@earshot/emulators/random"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import type { Store } from "@earshot/io/store/store"
import { LIMITS, createFleet } from "./fleet.ts"
import { type Findings, createFindings } from "./ledger/books.ts"
import type { Closing } from "./ledger/closing.ts"
import { type Ledger, createLedger } from "./ledger/ledger.ts"
import { nudgeChecked } from "./ledger/nudged.ts"
import { checkPreviews } from "./ledger/previewing.ts"
import { editChannel, shelvedStore } from "./process/channel-shelf.ts"
import { createProcessEmail } from "./process/email.ts"
import { type Course, createNetwork } from "./process/network.ts"
import { damagedStore } from "./process/damaged-store.ts"
import { holding } from "./process/store.ts"
import { nudgeFleet } from "./nudged-fleet.ts"
import { type Plan, planFor } from "./plan.ts"
import { type Scenario, endOfCalls, startOf, triggerMsOf } from "./scenario.ts"
import { goneSince } from "./time/channel-edit.ts"
import { PROFILES } from "./time/fault.ts"
import { isSnoozedChannel, restsAt, wasAwake, wasUnsnoozedChannel } from "./time/rest.ts"
import { wasUnsnoozed } from "./time/snooze.ts"
import { createFollowUps } from "./time/follow-up.ts"
import { tookMessages } from "./time/refusal.ts"
import { type Timeline, createTimeline, runEvents } from "./time/timeline.ts"
import {
  CATCH_UP_MS,
  NO_OUTAGE,
  QUIET_TRIGGER_MS,
  downtimeOf,
  silenceOf,
  startTriggers,
} from "./time/trigger.ts"
import { editRule } from "./time/rule-edit.ts"
import { mayBeMistimed } from "./time/wrong-clock.ts"
import { type Shown, chooseVendor } from "./vendor/choice.ts"

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
  /** From when a fact was shown until its message arrived, in milliseconds; `old`: of calls that were long over. */
  withdrawn: number
  latencies: { live: readonly number[]; old: readonly number[] }
  /** Calls that a rule matched too late for any promise, and that raised no alert. */
  unpromised: number
  /** Calls that raised no alert and are counted as not examined. */
  unexamined: number
  watchBytesMax: number
  /** The same for the same seed. */
  trace: string
  /** What went wrong, for people. */
  problems: readonly string[]
}

/** After this much time without calls no call can be open, and no quiet hours last longer. */
const QUIET_MS = 12 * HOUR

const RECOVERY_MS = 10 * MINUTE

export async function simulate(scenario: Scenario): Promise<Outcome> {
  const { seed, profile, trace } = scenario
  const end = endOfCalls(scenario)
  const timeline = createTimeline(startOf(scenario))
  const random = createRandom("faults", seed, profile)
  const plan = planFor(scenario, random)
  const { faults } = plan
  const findings = createFindings(timeline.now)
  const isMistimed = (now: Instant) => mayBeMistimed(plan.wrongClock, now, now)
  const shown = await chooseVendor(scenario, {
    timeline,
    isFaulty: () => faults.isActive(timeline.now()),
    isMistimed,
    violated: findings.violated,
  })
  const ledger = openLedger(scenario, timeline, plan, shown, findings)
  const whole = scenario.store ? holding(timeline, scenario.store) : createMemoryStore()
  const damaged = new Set<string>()
  const store = shelvedStore(damagedStore(whole, plan.damages, timeline.now, ledger), damaged)
  const beside = createRandom("coverage", seed, profile)
  const { network, course } = createNetwork({ ...plan, timeline, random, beside, trace })
  const fleet = createFleet({
    ...plan,
    network,
    vendor: shown.vendor,
    shared: { store, lagging: { at: 0, due: [] } },
    ledger,
    hasStored: plan.channelEdits.length > 0,
    skewMs: PROFILES[profile].skewMs,
    // The AWS SDK takes long to load.
    createEmail: scenario.hasSns
      ? (await import("./process/sns-channel.ts")).createProcessSns
      : createProcessEmail,
    reported: (report) => scenario.reported?.(report),
    followUp: createFollowUps(scenario, timeline, faults, () => fleet.trigger()),
    nudged: nudgeChecked(timeline, isMistimed, findings),
  })
  nudgeFleet(scenario, timeline, plan, shown, fleet)

  for (const { rule } of plan.versions) if (rule) editRule({ timeline, random, store }, rule)
  const edited = { timeline, random: createRandom("channel edits", seed, profile), store: whole, damaged }
  for (const edit of plan.channelEdits) editChannel(edited, edit)
  startTriggers({
    timeline,
    random,
    faults,
    outage: scenario.outage ?? NO_OUTAGE,
    everyMs: triggerMsOf(scenario),
    start: startOf(scenario),
    quietFrom: end + 2 * RECOVERY_MS,
    trigger: fleet.trigger,
  })
  await runEvents(timeline, end + QUIET_MS, createOverseer(scenario, timeline, plan, ledger))
  await checkStored(store, ledger, { start: startOf(scenario), end, now: timeline.now() })
  await checkPreviews(whole, findings, {
    versions: plan.versions,
    isMistimed: (from, to) => mayBeMistimed(plan.wrongClock, from, to),
    traffic: shown.traffic,
    now: timeline.now(),
  })
  const closing = ledger.close({
    since: (await store.readControl())?.since ?? 0,
    callsUntil: end + RECOVERY_MS,
    end: timeline.now() - HOUR,
  })
  return outcomeOf(scenario, ledger, closing, { ...course(), polls: fleet.polls() })
}

/** What people can be told by what is stored, when all is quiet. */
async function checkStored(
  store: Store,
  ledger: Ledger,
  { start, end, now }: { start: Instant; end: Instant; now: Instant },
): Promise<void> {
  ledger.checkCount(await store.countUnexamined(now - 2 * DAY), now - 2 * DAY)
  ledger.checkNamed()
  const span = { from: start, to: end }
  ledger.checkCoverage(await store.readCoverage({ from: start - DAY, to: now + DAY }), span)
}

function outcomeOf(
  { days }: Scenario,
  ledger: Ledger,
  closing: Closing,
  { crashes, hash, polls }: Course & { polls: number },
): Outcome {
  return {
    days,
    alerts: ledger.alerts,
    missed: closing.missed.length,
    falseAlerts: ledger.falseAlerts,
    violations: ledger.violations.length,
    duplicates: ledger.duplicates,
    unknownOutcomes: closing.unknownOutcomes,
    crashes,
    polls,
    withdrawn: ledger.withdrawn,
    latencies: { live: [...ledger.latencies.live.values()], old: [...ledger.latencies.old.values()] },
    unpromised: closing.unpromised,
    unexamined: closing.unexamined,
    watchBytesMax: ledger.watchBytesMax,
    trace: hash,
    problems: [...ledger.violations, ...closing.missed.map((missed) => `missed: ${missed}`)],
  }
}

function openLedger(
  scenario: Scenario,
  { now }: Timeline,
  { faults, wrongClock, refusals, rests, channelEdits, briefs, snoozes, versions, routing, storm }: Plan,
  { traffic, oddities, vendor }: Shown,
  findings: Findings,
): Ledger {
  const { profile, rate, outage } = scenario
  const triggerMs = triggerMsOf(scenario)
  const isCalm = profile === "calm" && !outage && triggerMs === PROFILES.calm.triggerMs
  const downtime = downtimeOf(faults, outage ?? NO_OUTAGE)
  return createLedger(
    {
      traffic,
      // A storm is as many calls as a busy hour has.
      promising: { versions, oddities, rate: rate + (storm?.calls ?? 0), downtime, isCalm },
      now,
      limits: LIMITS,
      usedInHour: vendor.usedInHour,
      scarceAt: vendor.scarceAt,
      triggerMs: Math.max(triggerMs, QUIET_TRIGGER_MS),
      mayBeMistimed: (from, to) => mayBeMistimed(wrongClock, from, to),
      routing,
      storm,
      rests,
      hadChannel: routing.isThere,
      tookMessages: (channel, from, to) =>
        tookMessages(refusals, channel, from, to) && wasAwake(rests, channel, from, to),
      restsAt: (channel, isCritical) => restsAt(rests, channel, { isCritical, now: now() }),
      goneSince: (channel) => goneSince(channelEdits, channel),
      isSnoozed: (channel) => isSnoozedChannel(rests, channel, now()),
      tookBriefs: (channel, from, to) =>
        tookMessages(refusals, channel, from, to) && wasUnsnoozedChannel(rests, channel, from, to),
      briefs,
      snoozes,
      silence: silenceOf(faults, outage ?? NO_OUTAGE),
      refusals,
      measuredUntil: endOfCalls(scenario) + RECOVERY_MS,
      trace: scenario.trace,
      alerted: scenario.alerted,
    },
    findings,
  )
}

/** What looks on after each event: has the ledger check what is owed, shows how far it is, and says when all is over. */
function createOverseer(
  scenario: Scenario,
  timeline: Timeline,
  { faults, rests, snoozes, routing }: Plan,
  ledger: Ledger,
): () => boolean {
  const { profile, progress, outage = NO_OUTAGE } = scenario
  const [start, end] = [startOf(scenario), endOfCalls(scenario)]
  let checkedAt = start
  let shownAt = start
  return () => {
    const now = timeline.now()
    const isOut = outage.from <= now && now < outage.to + CATCH_UP_MS
    const calmSince = profile === "calm" || isOut ? null : faults.calmSince(now)
    if (calmSince !== null && calmSince > checkedAt && now >= calmSince + RECOVERY_MS) {
      checkedAt = calmSince
      ledger.checkBacklog(calmSince)
    }
    if (now - shownAt < HOUR) return false
    shownAt = now
    ledger.checkWaiting()
    progress?.(Math.min(1, (now - start) / (end - start)))
    // What is held comes afterwards.
    if (snoozes.some(({ ruleId }) => !wasUnsnoozed(snoozes, ruleId, now, now))) return false
    const isAwake = routing.ids.every((id) => wasAwake(rests, id, now, now))
    return now > end + HOUR && ledger.openCalls() === 0 && isAwake
  }
}
