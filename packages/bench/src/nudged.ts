/** What nudges win: how soon people hear what shows at a call's end, with and without them, and the targets. Pure. */
import { type Instant, MINUTE } from "@earshot/core/instant"
import type { SimulatedCall } from "@earshot/simulation/truth/call"
import { LONG_SECONDS } from "@earshot/simulation/truth/rule"
import { type Told, quantile } from "./latency.ts"
import type { BenchResult } from "./result.ts"

/** Calls an hour, and the mean in seconds that is asked for. */
export const NUDGED_MEANS: readonly (readonly [number, number])[] = [
  [5, 2.5],
  [20, 2.5],
  [60, 3],
]

const P99_MAX = 20

/** The rules are written at the beginning, and judge the calls that come after. */
const WRITTEN_MS = 5 * MINUTE

const NEVER = Number.POSITIVE_INFINITY

/**
 * How long after its end people hear that a call was transferred or long: from when the vendor shows the end to when Slack has the
 * message; 0 if they knew before. Null if nobody was told. Calls that the vendor deletes do not count.
 */
export function endLatencies(
  calls: readonly SimulatedCall[],
  tellings: ReadonlyMap<string, readonly Told[]>,
  until: Instant,
): (number | null)[] {
  const first = calls[0]?.createdAt ?? until
  return calls.flatMap((call) => {
    const isBad = call.transferredAt < NEVER || call.seconds >= LONG_SECONDS
    const shownAt = Math.max(call.endedAt, call.visibleAt)
    const isJudged = call.createdAt >= first + WRITTEN_MS && shownAt <= until && call.deletedAt === NEVER
    if (!isBad || !isJudged) return []
    const told = tellings.get(call.id)?.find(({ severity }) => severity === "critical")
    return [told ? Math.max(0, told.at - shownAt) : null]
  })
}

type EndRun = { run: { kind: string; rate: number }; ends?: (number | null)[] }

/** What people hear of a call's end. */
export function nudgedResults(made: readonly EndRun[]): BenchResult[] {
  return NUDGED_MEANS.map(([rate, max]) => {
    const of = (kind: string) =>
      made.filter(({ run }) => run.kind === kind && run.rate === rate).flatMap(({ ends }) => ends ?? [])
    const [nudged, polled] = [summaryOf(of("nudged")), summaryOf(of("polled"))]
    return {
      name: `What a call's end shows, with nudges of which nine in ten arrive, ${rate} calls an hour`,
      values: {
        "mean with nudges": nudged.mean,
        "mean without": polled.mean,
        "p99 with nudges": nudged.p99,
        "p99 without": polled.p99,
      },
      unit: "s",
      ratio: nudged.mean / polled.mean,
      target: `mean at most ${max} s, p99 at most ${P99_MAX} s, none missed`,
      isMet: nudged.isWhole && nudged.mean <= max && nudged.p99 <= P99_MAX,
    }
  })
}

function summaryOf(ends: readonly (number | null)[]): { mean: number; p99: number; isWhole: boolean } {
  const sorted = ends.flatMap((end) => end ?? []).sort((a, b) => a - b)
  const sum = sorted.reduce((total, end) => total + end, 0)
  return {
    mean: sum / sorted.length / 1000,
    p99: quantile(sorted, 0.99) / 1000,
    isWhole: sorted.length === ends.length,
  }
}
