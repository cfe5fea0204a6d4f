/**
 * The command `npm run simulate`: days of calls, faults and crashes on virtual time, and whether the poller has
 * kept its promises. The last line is the result as JSON; the exit code is 1 if anything is wrong.
 */
import { readOptions } from "@earshot/command/options"
import { SECOND, isoOf } from "@earshot/core/instant"
import * as z from "zod"
import { runInProcesses } from "./pool.ts"
import { isWrong, mergeRuns, resultLines } from "./result.ts"
import { type SeedRun, timedRun } from "./run.ts"
import { START, VENDOR_NAMES } from "./scenario.ts"
import { PROFILES, PROFILE_NAMES } from "./time/fault.ts"
import { NUDGING_NAMES } from "./time/nudging.ts"
import type { SeedTask } from "./worker.ts"

const Options = z.object({
  days: z.number().positive().max(3650).default(1).describe("simulated days"),
  seed: z.int().default(1).describe("the same seed plays the same days"),
  seeds: z
    .int()
    .min(1)
    .max(100_000)
    .default(1)
    .describe("how many seeds, from --seed up, on every processor"),
  profile: z.enum(PROFILE_NAMES).default("default").describe("how much goes wrong"),
  rate: z.number().positive().max(2000).default(60).describe("calls an hour"),
  trigger: z
    .number()
    .positive()
    .max(3600)
    .default(PROFILES.default.triggerMs / SECOND)
    .describe("seconds between two triggers of the poller"),
  vendor: z
    .enum(VENDOR_NAMES)
    .default("simulated")
    .describe("whose list is read; the emulator has more oddities and takes five times as long"),
  storm: z.int().min(0).max(20_000).default(0).describe("calls that are all flagged at one instant, halfway"),
  nudges: z
    .enum(NUDGING_NAMES)
    .optional()
    .describe(
      "of the vendor's post-call workflow, or of somebody hostile too; those of the seed unless given",
    ),
  start: z.iso.date().default(isoOf(START).slice(0, 10)).describe("the first day: some change the clocks"),
  trace: z.boolean().default(false).describe("print every event of one seed to stderr"),
})

const options = readOptions(Options, {
  command: "npm run simulate",
  does: "Plays days of calls, faults and crashes on virtual time, and says whether anything was missed or sent twice.",
  example: "--days 30 --seed 7 --profile stress --rate 60",
  more: "The last line is the result, as JSON; the exit code is 1 if a promise was broken.",
})

const {
  seed: first,
  seeds,
  days,
  profile,
  rate,
  trigger,
  vendor,
  storm,
  nudges,
  start,
  trace: isTraced,
} = options

const isShown = process.stderr.isTTY

const scenarioOf = (seed: number) => ({
  days,
  seed,
  profile,
  rate,
  vendor,
  storm,
  start: Date.parse(start),
  triggerMs: trigger * SECOND,
  ...(nudges && { nudging: nudges }),
})

function showProgress(share: number): void {
  if (!isShown) return
  const done = Math.round(share * 40)
  process.stderr.write(`\r  ${"█".repeat(done)}${"░".repeat(40 - done)} ${Math.round(share * 100)} %`)
}

/** Every seed, each in the process that is free next. */
function runAll(): Promise<SeedRun[]> {
  const shares = new Map<number, number>()
  let done = 0
  const show = () => showProgress([...shares.values()].reduce((sum, share) => sum + share, done) / seeds)
  return runInProcesses<SeedTask, SeedRun>({
    worker: new URL("./worker.ts", import.meta.url),
    tasks: Array.from({ length: seeds }, (_, index) => scenarioOf(first + index)),
    heard({ seed }, share) {
      shares.set(seed, Number(share))
      show()
    },
    done({ seed }, run) {
      shares.delete(seed)
      done++
      problemsOf(run)
      show()
    },
  })
}

/** What is wrong with a run, and how to see it again. */
function problemsOf({ seed, outcome }: SeedRun): void {
  if (!isWrong(outcome)) return
  for (const problem of outcome.problems) process.stderr.write(`\n  seed ${seed}: ${problem}`)
  const options = `--days ${days} --seed ${seed} --profile ${profile} --rate ${rate}`
  const rarely = trigger * SECOND === PROFILES[profile].triggerMs ? "" : ` --trigger ${trigger}`
  const other = vendor === "simulated" ? "" : ` --vendor ${vendor}`
  const when = Date.parse(start) === START ? "" : ` --start ${start}`
  const many = storm === 0 ? "" : ` --storm ${storm}`
  const nudged = nudges ? ` --nudges ${nudges}` : ""
  process.stderr.write(`\n  again: npm run simulate -- ${options}${rarely}${other}${when}${many}${nudged}\n`)
}

async function runOne(): Promise<SeedRun[]> {
  const trace = (line: string) => void process.stderr.write(`${line}\n`)
  const run = await timedRun({ ...scenarioOf(first), progress: showProgress, ...(isTraced && { trace }) })
  problemsOf(run)
  return [run]
}

const result = mergeRuns(seeds === 1 ? await runOne() : await runAll())

if (isShown) process.stderr.write(`\n\n${resultLines(result).join("\n")}\n\n`)

process.stdout.write(`${JSON.stringify({ ...result, seed: first, seeds, profile, rate, vendor })}\n`)

process.exit(isWrong(result) ? 1 : 0)
