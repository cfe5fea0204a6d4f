/**
 * The command `npm run simulate`: days of calls, faults and crashes on virtual time, and whether the poller has
 * kept its promises. The last line is the result as JSON; the exit code is 1 if anything is wrong.
 */
import { readOptions } from "@earshot/command/options"
import { fork } from "node:child_process"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import * as z from "zod"
import { type Run, isWrong, mergeRuns, resultLines } from "./result.ts"
import { PROFILE_NAMES } from "./time/fault.ts"
import { VENDOR_NAMES } from "./vendor/emulated-vendor.ts"
import { type Report, timedRun } from "./worker.ts"

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
  trigger: z.number().positive().max(3600).default(10).describe("seconds between two triggers of the poller"),
  vendor: z
    .enum(VENDOR_NAMES)
    .default("simulated")
    .describe("whose list is read; the emulator has more oddities and takes five times as long"),
  trace: z.boolean().default(false).describe("print every event of one seed to stderr"),
})

const options = readOptions(Options, {
  command: "npm run simulate",
  does: "Plays days of calls, faults and crashes on virtual time, and says whether anything was missed or sent twice.",
  example: "--days 30 --seed 7 --profile stress --rate 60",
  more: "The last line is the result, as JSON; the exit code is 1 if a promise was broken.",
})

const { seed: first, seeds, days, profile, rate, trigger, vendor, trace: isTraced } = options

const isShown = process.stderr.isTTY

const scenarioOf = (seed: number) => ({ days, seed, profile, rate, vendor, triggerMs: trigger * 1000 })

function showProgress(share: number): void {
  if (!isShown) return
  const done = Math.round(share * 40)
  process.stderr.write(`\r  ${"█".repeat(done)}${"░".repeat(40 - done)} ${Math.round(share * 100)} %`)
}

/** Every seed, each in the process that is free next, as many processes as there are processors. */
async function runAll(): Promise<Run[]> {
  const waiting = Array.from({ length: seeds }, (_, index) => first + index)
  const runs: Run[] = []
  const shares = new Map<number, number>()
  const worker = (number: number) =>
    new Promise<void>((resolve, reject) => {
      const child = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)))
      const next = () => {
        const seed = waiting.shift()
        if (seed === undefined) child.disconnect()
        else child.send(scenarioOf(seed))
      }
      child.on("message", (report: Report) => {
        if ("run" in report) {
          runs.push(report.run)
          problemsOf(report.run)
          next()
        }
        shares.set(number, "share" in report ? report.share : 0)
        const inWork = [...shares.values()].reduce((sum, share) => sum + share, 0)
        showProgress((runs.length + inWork) / seeds)
      })
      child.once("error", reject)
      child.once("exit", (code) =>
        code === 0 ? resolve() : reject(new Error(`A worker ended with ${code}.`)),
      )
      next()
    })
  const count = Math.min(seeds, availableParallelism())
  await Promise.all(Array.from({ length: count }, (_, number) => worker(number)))
  return runs
}

/** What is wrong with a run, and how to see it again. */
function problemsOf({ seed, outcome }: Run): void {
  if (!isWrong(outcome)) return
  for (const problem of outcome.problems) process.stderr.write(`\n  seed ${seed}: ${problem}`)
  const options = `--days ${days} --seed ${seed} --profile ${profile} --rate ${rate}`
  const rarely = trigger === 10 ? "" : ` --trigger ${trigger}`
  const other = vendor === "simulated" ? "" : ` --vendor ${vendor}`
  process.stderr.write(`\n  again: npm run simulate -- ${options}${rarely}${other}\n`)
}

async function runOne(): Promise<Run[]> {
  const trace = (line: string) => void process.stderr.write(`${line}\n`)
  const run = await timedRun({ ...scenarioOf(first), progress: showProgress, ...(isTraced && { trace }) })
  problemsOf(run)
  return [run]
}

const result = mergeRuns(seeds === 1 ? await runOne() : await runAll())

if (isShown) process.stderr.write(`\n\n${resultLines(result).join("\n")}\n\n`)

process.stdout.write(`${JSON.stringify({ ...result, seed: first, seeds, profile, rate, vendor })}\n`)

process.exit(isWrong(result) ? 1 : 0)
