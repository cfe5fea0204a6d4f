/** Simulates the runs it is given until one goes wrong, and says what went wrong first; nothing if all went well. */
import { HOUR } from "../../packages/core/src/instant.ts"
import { isWrong } from "../../packages/simulation/src/result.ts"
import { START } from "../../packages/simulation/src/scenario.ts"
import { simulate } from "../../packages/simulation/src/simulation.ts"
import { PROFILE_NAMES } from "../../packages/simulation/src/time/fault.ts"
import { type Run, runName } from "./mutant.ts"

/** `npm run mutants` passes each run as one word. */
function parseRun(word: string): Run {
  const [name, ...numbers] = word.split(":")
  const profile = PROFILE_NAMES.find((known) => known === name)
  const [rate = Number.NaN, hours = 1, seed = 1, outageHours = 0, storm = 0] = numbers.map(Number)
  if (!profile || Number.isNaN(rate)) throw new Error(`${word} is no run.`)
  return { profile, rate, hours, seed, outageHours, storm }
}

for (const run of process.argv.slice(2).map(parseRun)) {
  const { profile, rate, hours, seed, outageHours, storm } = run
  const outage = { from: START + HOUR, to: START + HOUR + outageHours * HOUR }
  const outcome = await simulate({
    profile,
    rate,
    seed,
    storm,
    days: hours / 24,
    ...(outageHours > 0 && { outage }),
  })
  if (!isWrong(outcome)) continue
  const again = `${outcome.duplicates} told again, and ${outcome.unknownOutcomes} outcomes unknown`
  process.stdout.write(`${runName(run)}: ${outcome.problems[0] ?? again}\n`)
  break
}

process.exit(0)
