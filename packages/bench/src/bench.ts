/**
 * `npm run bench [-- --json --quick --seeds 10 --picture docs/latency.svg]`: how soon people know and what it costs,
 * beside what people do instead, measured in one run. With --json the last line of the output holds the results.
 */
import { readOptions } from "@earshot/command/options"
import { writeFile } from "node:fs/promises"
import * as z from "zod"
import { measureApi } from "./api-answer.ts"
import { measureImports } from "./cold-start.ts"
import { measureLatency, measureRace } from "./detection.ts"
import { measureUnits } from "./dynamo-unit.ts"
import { measureJudging } from "./judging.ts"
import { measureMemory } from "./memory.ts"
import { measurePreview } from "./preview.ts"
import { latencyPicture } from "./picture.ts"
import type { LatencyBench } from "./result.ts"
import { measureRuleEngines } from "./rule-engine.ts"
import { measureStorm } from "./storm.ts"
import { latencyTables, resultText } from "./table.ts"

const Options = z.object({
  json: z.boolean().default(false).describe("print the results as JSON, in the last line"),
  quick: z.boolean().default(false).describe("fewer and shorter simulations"),
  seeds: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe("simulations of each kind; 10 unless given, 2 with --quick"),
  older: z
    .string()
    .min(1)
    .optional()
    .describe("the folder of another build, installed: its poller runs on the same calls"),
  race: z
    .boolean()
    .default(false)
    .describe("only without nudges, with them, and the other build if there is one"),
  memory: z.boolean().default(false).describe("only whether the poller's memory grows over a thousand polls"),
  picture: z.string().min(1).optional().describe("write the picture of the latencies to this file, as SVG"),
})

const options = readOptions(Options, {
  command: "npm run bench",
  does: "Measures how soon people hear of bad calls and what it costs, beside what people do instead.",
  example: "--quick --seeds 3 --json",
})

const seeds = options.seeds ?? (options.quick ? 2 : 10)

const isShown = process.stderr.isTTY

const size = { seeds, isQuick: options.quick, older: options.older }

if (options.memory) {
  await measureMemory()
  process.exit(0)
}

if (options.race) {
  const { table, problems } = await measureRace(size, showProgress)
  process.stdout.write(`${table}\n`)
  writeProblems(problems)
  process.exit(0)
}

const latency = await measureLatency(size, showProgress)

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

process.stdout.write(`\n${latencyTables(latency)}\n${latency.race}\n\n`)

for (const result of results) process.stdout.write(`${resultText(result)}\n\n`)

writeProblems(latency.problems)

const missed = results.filter(({ isMet }) => !isMet).length

process.stdout.write(`${results.length - missed} of ${results.length} targets met, ${seeds} seeds\n`)

if (options.picture !== undefined) await writeFile(options.picture, latencyPicture(latency))

if (options.json) {
  const { summaries, problems } = latency
  process.stdout.write(`${JSON.stringify({ seeds, results, summaries, problems })}\n`)
}

process.exit(0)

function showProgress(share: number): void {
  const done = Math.round(share * 40)
  const bar = `${"█".repeat(done)}${"░".repeat(40 - done)} ${Math.round(share * 100)} %`
  if (isShown) process.stderr.write(`\r  ${share < 1 ? bar : " ".repeat(bar.length)}\r`)
}

function writeProblems(problems: LatencyBench["problems"]): void {
  for (const { runs, count, first } of problems)
    process.stdout.write(`${runs}: ${count} problems, the first in ${first}\n`)
}
