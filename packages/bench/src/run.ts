/**
 * One seed of the benchmarks on simulated calls: the poller that ships and the baselines on the same calls, and what
 * is measured of them. `pool.ts` makes many runs in processes.
 */
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { type Scenario, START } from "@earshot/simulation/scenario"
import { simulate } from "@earshot/simulation/simulation"
import { PLAIN } from "@earshot/simulation/truth/oddity"
import { type SimulatedCall, isVisible } from "@earshot/simulation/truth/call"
import { type Traffic, createCallTraffic } from "@earshot/simulation/truth/traffic"
import { BASELINES, runBaseline } from "./baseline.ts"
import { endLatencies } from "./nudged.ts"
import { type Race, type Racer, createRacer, olderBuild } from "./race.ts"
import { type Sample, type Told, meanOpenMs, samplesOf } from "./latency.ts"

/**
 * latency: how soon people know; polled, nudged: how soon people know what shows at a call's
 * end, without the vendor's workflow and with it, nine times of ten. overload: more calls than details. outage: no triggers for this many hours, and then
 * time to catch up. race: how soon and at what cost one of several pollers sees everything; another build lies in `folder`.
 */
export type BenchRun = {
  kind: "latency" | "polled" | "nudged" | "overload" | "outage" | "race"
  rate: number
  seed: number
  hours: number
  racer?: Racer
  folder?: string
}

export type LatencyResult = { samples: Record<string, Sample[]>; openMs: number }

export type OverloadResult = {
  details: number
  youngDetails: number
  /** Calls whose detail was never fetched after they ended; and how many the poller says there are. */
  neverExamined: number
  unexamined: number
}

/** Calls listed by the time it had caught up, requests, and minutes; NaN if it never caught up. */
export type OutageResult = { calls: number; scanRequests: number; listRequests: number; minutes: number }

export type RunResult = {
  run: BenchRun
  /** What the simulation holds against the poller. */
  problems: readonly string[]
  latency?: LatencyResult
  overload?: OverloadResult
  outage?: OutageResult
  /** In milliseconds, for each call whose end shows something; null: nobody was told. */
  ends?: (number | null)[]
  race?: Race
  /** Of a race of this build: how soon people know. */
  samples?: Sample[]
}

export const OURS = "Earshot"

const YOUNG_MS = 10 * MINUTE

const PAGE_ROWS = 100

const CATCH_UP_HOURS = 6

/** A call that ends this shortly before the traffic may be looked at afterwards. */
const MARGIN_MS = 30 * MINUTE

export async function runOne(run: BenchRun): Promise<RunResult> {
  switch (run.kind) {
    case "latency":
      return runLatency(run)
    case "polled":
    case "nudged":
      return runEnds(run)
    case "race":
      return runRace(run)
    case "overload":
      return runOverload(run)
    case "outage":
      return runOutage(run)
  }
}

async function runLatency(run: BenchRun): Promise<RunResult> {
  const { problems, calls, tellings } = await listenTo(run, { nudging: "none" })
  const to = START + run.hours * HOUR
  const samples: Record<string, Sample[]> = { [OURS]: samplesOf(calls, tellings, to) }
  for (const baseline of BASELINES) {
    const alertedBy = runBaseline(baseline, trafficOf(run), { from: START, to: to + 9 * HOUR })
    samples[baseline.name] = samplesOf(calls, alertedBy, to)
  }
  return { run, problems, latency: { samples, openMs: meanOpenMs(calls) } }
}

async function runEnds(run: BenchRun): Promise<RunResult> {
  const nudging = run.kind === "nudged" ? "usual" : "none"
  const { outcome, calls, tellings } = await listenTo(run, { nudging, hasEndRules: true })
  const ends = endLatencies(calls, tellings, START + run.hours * HOUR)
  return { run, problems: outcome.problems, ends }
}

async function runRace(run: BenchRun): Promise<RunResult> {
  const { racer = "polled", folder } = run
  const to = START + run.hours * HOUR
  const { hooks, race } = createRacer(callsOf(run), to)
  if (folder !== undefined) {
    const older = await olderBuild(folder)
    const outcome = await older.simulate({ ...scenarioOf(run), ...hooks })
    return { run, problems: outcome.problems, race: race(outcome) }
  }
  const how = { nudging: racer === "nudged" ? "usual" : "none", ...hooks } as const
  const { outcome, problems, calls, tellings } = await listenTo(run, how)
  return { run, problems, race: race(outcome), samples: samplesOf(calls, tellings, to) }
}

/** Plays a run, and what Slack was told of which call. */
async function listenTo(run: BenchRun, how: Pick<Scenario, "nudging" | "hasEndRules" | "asked" | "trace">) {
  const tellings = new Map<string, Told[]>()
  const outcome = await simulate({
    ...scenarioOf(run),
    ...how,
    alerted({ call, channel, severity, at }) {
      if (channel === "slack") tellings.set(call.id, [...(tellings.get(call.id) ?? []), { severity, at }])
    },
  })
  const calls = callsOf(run)
  requireSameCalls(calls, tellings)
  return { outcome, problems: outcome.problems, calls, tellings }
}

async function runOverload(run: BenchRun): Promise<RunResult> {
  const end = START + run.hours * HOUR
  const traffic = trafficOf(run)
  const examined = new Set<string>()
  const result: OverloadResult = { details: 0, youngDetails: 0, neverExamined: 0, unexamined: 0 }
  const { problems } = await simulate({
    ...scenarioOf(run),
    asked(url, at) {
      const id = /\/calls\/([^/]+)$/.exec(url.pathname)?.[1]
      if (id === undefined) return
      traffic.callsAt(at)
      const call = traffic.call(decodeURIComponent(id))
      if (!call) throw new Error(`The traffic of the benchmark has no call ${id}.`)
      if (call.endedAt <= at) examined.add(call.id)
      if (at > end) return
      result.details++
      if (at - call.endedAt <= YOUNG_MS) result.youngDetails++
    },
    reported(report) {
      result.unexamined += report.unexamined
    },
  })
  const ended = traffic
    .callsAt(end)
    .filter((call) => Math.max(call.endedAt, call.visibleAt) <= end - MARGIN_MS)
  const lasting = ended.filter((call) => call.deletedAt === Number.POSITIVE_INFINITY)
  result.neverExamined = lasting.filter((call) => !examined.has(call.id)).length
  return { run, problems, overload: result }
}

/** Triggers stop after the first minute. */
async function runOutage(run: BenchRun): Promise<RunResult> {
  const from = START + MINUTE
  const to = from + run.hours * HOUR
  const whole = { ...run, hours: run.hours + CATCH_UP_HOURS }
  const traffic = trafficOf(whole)
  const result: OutageResult = { calls: 0, scanRequests: 0, listRequests: 0, minutes: Number.NaN }
  // Everything that started before was listed.
  let readTo: Instant = START
  const { problems } = await simulate({
    ...scenarioOf(whole),
    outage: { from, to },
    asked({ pathname, searchParams }, at) {
      if (!pathname.endsWith("/calls") || !Number.isNaN(result.minutes)) return
      const isScan = searchParams.get("sortBy") === "createdAt"
      if (at >= to) {
        result.listRequests++
        if (isScan) result.scanRequests++
      }
      const dateFrom = Date.parse(searchParams.get("dateFrom") ?? "")
      if (!isScan || dateFrom > readTo) return
      const listed = traffic.callsAt(at).filter((call) => isVisible(call, at))
      result.calls = listed.length
      const skipped = (Number(searchParams.get("page") ?? "1") - 1) * PAGE_ROWS
      const rows = listed.filter(({ createdAt }) => createdAt >= dateFrom).slice(skipped)
      readTo = Math.max(readTo, rows[PAGE_ROWS - 1]?.createdAt ?? at)
      if (at >= to && rows.length < PAGE_ROWS) result.minutes = (at - to) / MINUTE
    },
  })
  return { run, problems, outage: result }
}

function scenarioOf({ rate, seed, hours }: BenchRun) {
  return { profile: "calm", rate, seed, days: hours / 24 } as const
}

/** The same calls as in the simulation of this seed: every call that raised an alert must be among them. */
function trafficOf({ rate, seed, hours }: BenchRun): Traffic {
  const to = START + hours * HOUR
  return createCallTraffic({
    seed,
    perHour: rate,
    from: START + MINUTE,
    to,
    hasCrowds: false,
    oddities: PLAIN.rows,
  })
}

/** Every call of the run, by start. */
function callsOf(run: BenchRun): readonly SimulatedCall[] {
  return [...trafficOf(run).callsAt(START + run.hours * HOUR)]
}

function requireSameCalls(calls: readonly SimulatedCall[], tellings: ReadonlyMap<string, unknown>): void {
  const ids = new Set(calls.map(({ id }) => id))
  const unknown = [...tellings.keys()].find((id) => !ids.has(id))
  if (unknown) throw new Error(`The traffic of the benchmark has no call ${unknown}.`)
}
