/**
 * The command `npm run simulate`: days of calls, faults and crashes on virtual time, and whether the poller has
 * kept its promises. The last line is the result as JSON; the exit code is 1 if anything is wrong.
 */
import { parseArgs } from "node:util"
import * as z from "zod"
import { PROFILE_NAMES } from "./fault.ts"
import { simulate } from "./simulation.ts"

const Options = z.object({
  days: z.coerce.number().positive().max(3650).default(1),
  seed: z.coerce.number().int().default(1),
  profile: z.enum(PROFILE_NAMES).default("default"),
  rate: z.coerce.number().positive().max(2000).default(60),
  trace: z.boolean().default(false),
})

const { values } = parseArgs({
  options: {
    days: { type: "string" },
    seed: { type: "string" },
    profile: { type: "string" },
    rate: { type: "string" },
    trace: { type: "boolean" },
  },
})
const { trace: isTraced, ...options } = Options.parse(values)
const isShown = process.stderr.isTTY
const before = process.cpuUsage()
const { problems, trace, ...outcome } = await simulate({
  ...options,
  progress: (share) => {
    if (!isShown) return
    const done = Math.round(share * 40)
    process.stderr.write(`\r  ${"█".repeat(done)}${"░".repeat(40 - done)} ${Math.round(share * 100)} %`)
  },
  ...(isTraced && { trace: (line: string) => void process.stderr.write(`${line}\n`) }),
})
const used = process.cpuUsage(before)
if (isShown) process.stderr.write("\n")
for (const problem of problems) process.stderr.write(`  seed ${options.seed}: ${problem}\n`)
const hoursPerCpuSecond = Math.round((options.days * 24 * 1e7) / (used.user + used.system)) / 10
process.stdout.write(`${JSON.stringify({ ...options, ...outcome, traceHash: trace, hoursPerCpuSecond })}\n`)
process.exit(outcome.missed + outcome.falseAlerts + outcome.violations > 0 ? 1 : 0)
