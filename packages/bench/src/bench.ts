/**
 * `npm run bench [-- --json --quick --seeds 10 --picture docs/latency.svg]`: how soon people know and what it costs,
 * beside what people do instead, measured in one run. With --json the last line of the output holds the results.
 */
import { readOptions } from "@earshot/command/options"
import { writeFile } from "node:fs/promises"
import * as z from "zod"
import { measureApi } from "./api-answer.ts"
import { drawLatency } from "./chart.ts"
import { measureImports } from "./cold-start.ts"
import { measureLatency } from "./detection.ts"
import { measureUnits } from "./dynamo-unit.ts"
import { measureJudging } from "./judging.ts"
import { measurePreview } from "./preview.ts"
import { PROMISED } from "./latency.ts"
import type { LatencyBench } from "./result.ts"
import { measureRuleEngines } from "./rule-engine.ts"
import { measureStorm } from "./storm.ts"
import { latencyTables, resultText } from "./table.ts"
import { ofKind } from "./target.ts"

const Options = z.object({
  json: z.boolean().default(false).describe("print the results as JSON, in the last line"),
  quick: z.boolean().default(false).describe("fewer and shorter simulations"),
  seeds: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe("simulations of each kind; 10 unless given, 2 with --quick"),
  picture: z.string().min(1).optional().describe("write the picture of the latencies to this file, as SVG"),
})

const options = readOptions(Options, {
  command: "npm run bench",
  does: "Measures how soon people hear of bad calls and what it costs, beside what people do instead.",
  example: "--quick --seeds 3 --json",
})

const seeds = options.seeds ?? (options.quick ? 2 : 10)

const PICTURED = {
  rate: 60,
  pollers: [
    { poller: "Earshot", label: "Earshot", look: "ours" },
    { poller: "cron", label: "cron, every minute", look: "other" },
    { poller: "naive", label: "seen is done, every minute", look: "least" },
    { poller: "first sight, 15 min", label: "first sight, every 15 min", look: "least" },
    { poller: "first sight, 1 min", label: "first sight, every minute", look: "least" },
  ],
} as const

const isShown = process.stderr.isTTY

const latency = await measureLatency({ seeds, isQuick: options.quick }, (share) => {
  const done = Math.round(share * 40)
  const bar = `${"█".repeat(done)}${"░".repeat(40 - done)} ${Math.round(share * 100)} %`
  if (isShown) process.stderr.write(`\r  ${share < 1 ? bar : " ".repeat(bar.length)}\r`)
})

const results = [
  ...latency.results,
  ...(await measureStorm()),
  ...(await measureUnits()),
  ...(await measureJudging()),
  ...(await measureRuleEngines()),
  ...(await measurePreview()),
  ...(await measureApi()),
  ...(await measureImports()),
]

process.stdout.write(`\n${latencyTables(latency)}\n`)

for (const result of results) process.stdout.write(`${resultText(result)}\n\n`)

for (const { runs, count, first } of latency.problems) {
  process.stdout.write(`${runs}: ${count} problems, the first in ${first}\n`)
}

const missed = results.filter(({ isMet }) => !isMet).length

process.stdout.write(`${results.length - missed} of ${results.length} targets met, ${seeds} seeds\n`)

if (options.picture !== undefined) await writeFile(options.picture, picture(latency))

if (options.json) {
  const { summaries, problems } = latency
  process.stdout.write(`${JSON.stringify({ seeds, results, summaries, problems })}\n`)
}

process.exit(0)

function picture({ volumes }: LatencyBench): string {
  const volume = volumes.find(({ rate }) => rate === PICTURED.rate)
  const curves = PICTURED.pollers.map(({ poller, label, look }) => ({
    label,
    look,
    samples: ofKind(volume?.samples[poller], PROMISED),
  }))
  const hours = volume?.hours ?? 0
  const time = hours < 48 ? `${hours} simulated hours` : `${Math.round(hours / 24)} simulated days`
  return drawLatency(curves, {
    title: "How soon people hear of bad calls",
    under: `Share of the calls that a rule matches and whose alert is in Slack, at ${PICTURED.rate} calls an hour, ${time}`,
  })
}
