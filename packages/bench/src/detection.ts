/**
 * The benchmarks on simulated calls: how soon people know and how much of it all, beside the pollers that people write
 * instead; too many calls for the vendor's limits; and three days without triggers.
 */
import { FACT_KINDS, summarizeSamples } from "./latency.ts"
import { NUDGED_MEANS, nudgedResults } from "./nudged.ts"
import { PICTURED_RATE } from "./picture.ts"
import { makeRuns } from "./pool.ts"
import { raceTable } from "./race.ts"
import type { LatencyBench } from "./result.ts"
import type { BenchRun, RunResult } from "./run.ts"
import {
  OUTAGE,
  OVERLOAD,
  POLLERS,
  latencyResults,
  ofKind,
  outageResults,
  overloadResults,
  volumeOf,
} from "./target.ts"

/** `older`: the folder of another build to compare with. */
export type Size = { seeds: number; isQuick: boolean; older?: string | undefined }

/** Calls an hour, and for how many hours: the fewer the calls, the longer. */
const VOLUMES: readonly (readonly [number, number])[] = [
  [5, 48],
  [20, 24],
  [60, 24],
  [150, 16],
  [300, 12],
  [450, 12],
]

const QUICK_SHARE = 0.25

const RACE_RATES = NUDGED_MEANS.map(([rate]) => rate)

/** Runs of three days, whose numbers of calls differ by a hundredth: more seeds would say the same. */
const OUTAGE_SEEDS = 3

export async function measureLatency(
  { seeds, isQuick, older }: Size,
  progress: (share: number) => void,
): Promise<LatencyBench> {
  const seedsFrom = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
  const share = isQuick ? QUICK_SHARE : 1
  const runs: BenchRun[] = [
    ...VOLUMES.flatMap(([rate, hours]) =>
      seedsFrom(seeds).map((seed): BenchRun => ({ kind: "latency", rate, seed, hours: hours * share })),
    ),
    ...VOLUMES.filter(([rate]) => NUDGED_MEANS.some(([nudged]) => nudged === rate)).flatMap(([rate, hours]) =>
      (["polled", "nudged"] as const).flatMap((kind) =>
        seedsFrom(seeds).map((seed): BenchRun => ({ kind, rate, seed, hours: hours * share })),
      ),
    ),
    ...raceRuns(seedsFrom(seeds), share, older),
    ...seedsFrom(seeds).map((seed): BenchRun => ({ kind: "overload", seed, ...OVERLOAD })),
    ...seedsFrom(Math.min(seeds, OUTAGE_SEEDS)).map((seed): BenchRun => ({
      kind: "outage",
      seed,
      ...OUTAGE,
    })),
  ]
  const made = await makeRuns(runs, progress)
  const volumes = VOLUMES.map(([rate]) => volumeOf(rate, made))
  return {
    volumes,
    summaries: volumes.flatMap(({ rate, samples }) =>
      FACT_KINDS.flatMap((kind) =>
        POLLERS.map((poller) => ({
          rate,
          kind,
          poller,
          summary: summarizeSamples(ofKind(samples[poller], [kind])),
        })),
      ),
    ),
    results: [
      ...latencyResults(volumes),
      ...nudgedResults(made),
      ...overloadResults(made),
      ...outageResults(made),
    ],
    race: raceTable(made, RACE_RATES),
    nudged: made.flatMap(({ run, samples }) =>
      run.racer === "nudged" && run.rate === PICTURED_RATE ? (samples ?? []) : [],
    ),
    problems: problemsOf(made),
  }
}

/** The same calls without nudges, with them, and by another build if there is one. */
function raceRuns(seeds: readonly number[], share: number, older: string | undefined): BenchRun[] {
  const racers = [
    { racer: "polled" },
    { racer: "nudged" },
    ...(older === undefined ? [] : [{ racer: "older", folder: older } as const]),
  ] as const
  return VOLUMES.filter(([rate]) => RACE_RATES.includes(rate)).flatMap(([rate, hours]) =>
    seeds.flatMap((seed) =>
      racers.map((racer): BenchRun => ({ kind: "race", rate, seed, hours: hours * share, ...racer })),
    ),
  )
}

/** Only how builds compare, without everything else that is measured. */
export async function measureRace(
  { seeds, isQuick, older }: Size,
  progress: (share: number) => void,
): Promise<{ table: string; problems: LatencyBench["problems"] }> {
  const all = Array.from({ length: seeds }, (_, index) => index + 1)
  const made = await makeRuns(raceRuns(all, isQuick ? QUICK_SHARE : 1, older), progress)
  return { table: raceTable(made, RACE_RATES), problems: problemsOf(made) }
}

function problemsOf(made: readonly RunResult[]): LatencyBench["problems"] {
  const found = new Map<string, { count: number; first: string }>()
  for (const { run, problems } of made) {
    const runs = `${run.kind}, ${run.rate} calls an hour`
    const [first] = problems
    if (first === undefined) continue
    const known = found.get(runs) ?? { count: 0, first: `seed ${run.seed}: ${first}` }
    found.set(runs, { ...known, count: known.count + problems.length })
  }
  return [...found].map(([runs, problem]) => ({ runs, ...problem }))
}
