/**
 * The command `npm run mutants`: plants each bug of the lists beside this file, and looks whether the simulation, or the
 * test that is named, catches it. First the same runs with the code as it is, which must be well. `-- --only <name>`
 * plants one, `-- --infra` those in the infrastructure. The last line says how many there are and how many were caught; the exit code is 1 if any survived.
 */
import { mkdtemp, rm } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import path from "node:path"
import * as z from "zod"
import { readOptions } from "../../packages/command/src/options.ts"
import { nearest, quote } from "../../packages/command/src/wording.ts"
import { MUTANTS } from "./all.ts"
import { INFRA } from "./infra.ts"
import { type Mutant, type Run, runName } from "./mutant.ts"
import { plant } from "./plant.ts"

const names = [...MUTANTS, ...INFRA].map(({ name }) => name)

const Options = z
  .object({
    infra: z.boolean().default(false).describe("plant those in the infrastructure, which its tests catch"),
    only: z.array(z.string()).optional().describe("plant this bug only, by its name in test/mutants"),
  })
  .superRefine(({ only = [] }, context) => {
    for (const name of only) {
      if (names.includes(name)) continue
      const meant = nearest(name, names)
      const message = `names no planted bug: ${quote(name)}${meant ? `; did you mean ${quote(meant)}?` : "."}`
      context.addIssue({ code: "custom", path: ["only"], message })
    }
  })

const { infra, only } = readOptions(Options, {
  command: "npm run mutants",
  does: "Plants bugs in the code, one after another, and says which of them the simulation or a test catches.",
  example: '--only "no fence"',
  more: "The last line is the result, as JSON; the exit code is 1 if a bug survived.",
})
const all = infra ? INFRA : only ? [...MUTANTS, ...INFRA] : MUTANTS
const chosen = all.filter(({ name }) => !only || only.includes(name))

const say = (line: string) => void process.stdout.write(`${line}\n`)
const folder = await mkdtemp(path.join(tmpdir(), "earshot-mutants-"))

/** As many at once as there are processors. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const lane = async () => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
}

/** What has to be well while nothing is planted: every run and every test once. */
function catchersOf(mutants: readonly Mutant[]): (Run[] | string)[] {
  const catchers = new Map<string, Run[] | string>()
  for (const { caughtBy } of mutants) {
    if (typeof caughtBy === "string") catchers.set(caughtBy, caughtBy)
    else for (const run of caughtBy) catchers.set(runName(run), [run])
  }
  return [...catchers.values()]
}

let failed = 0
let caught = 0
try {
  const catchers = catchersOf(chosen)
  await each(catchers, async (catcher) => {
    const problem = await plant(null, catcher, folder)
    if (!problem) return
    failed++
    say(`unbroken, and yet: ${problem}`)
  })
  say(`The code as it is passes ${catchers.length - failed} of ${catchers.length} runs.\n`)
  await each(chosen, async (mutant) => {
    const problem = await plant(mutant, mutant.caughtBy, folder)
    if (problem) caught++
    say(`${problem ? "caught" : "SURVIVED"}  ${mutant.name.padEnd(38)}${problem ?? mutant.why}`)
  })
} finally {
  await rm(folder, { recursive: true, force: true })
}
say(`\n${JSON.stringify({ planted: chosen.length, caught })}`)
process.exitCode = failed === 0 && caught === chosen.length ? 0 : 1
