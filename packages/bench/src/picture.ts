/** Which curves the picture of the benchmarks has, and what it says. Pure. */
import { type Curve, drawLatency } from "./chart.ts"
import { PROMISED, type Sample } from "./latency.ts"
import type { LatencyBench } from "./result.ts"
import { ofKind } from "./target.ts"

/** Calls an hour. */
export const PICTURED_RATE = 60

/** The first is drawn thick. */
const PICTURED = [
  { poller: "nudged", label: "Earshot, 9 of 10 calls nudged", look: "ours" },
  { poller: "Earshot", label: "Earshot, polling alone", look: "second" },
  { poller: "cron", label: "cron, every minute", look: "other" },
  { poller: "naive", label: "seen is done, every minute", look: "least" },
  { poller: "first sight, 15 min", label: "first sight, every 15 min", look: "least" },
  { poller: "first sight, 1 min", label: "first sight, every minute", look: "least" },
] as const

export function latencyPicture({ volumes, nudged }: Pick<LatencyBench, "volumes" | "nudged">): string {
  const volume = volumes.find(({ rate }) => rate === PICTURED_RATE)
  const samples: Record<string, Sample[]> = { ...volume?.samples, nudged }
  const curves = PICTURED.map(({ poller, label, look }): Curve => {
    return { label, look, samples: ofKind(samples[poller], PROMISED) }
  })
  const hours = volume?.hours ?? 0
  const time =
    hours < 48 ? `${Math.round(hours)} simulated hours` : `${Math.round(hours / 24)} simulated days`
  return drawLatency(curves, {
    title: "How soon people hear of bad calls",
    under: `Share of the calls that a rule matches and whose alert is in Slack, at ${PICTURED_RATE} calls an hour, ${time}`,
  })
}
