/**
 * `npm run bench [-- --json]`: what Earshot costs, as ratios measured in one run. With --json the last line of the
 * output is the results.
 */
import { parseArgs } from "node:util"
import { measureImports } from "./bench-import.ts"
import { measureUnits } from "./bench-unit.ts"

export type Result = {
  name: string
  /** What was measured, ours first; the others are what it is compared with. */
  values: Record<string, number>
  unit: string
  /** Ours divided by what it is compared with. */
  ratio: number
  target: string
  isMet: boolean
}

const { values } = parseArgs({ options: { json: { type: "boolean" } } })
const results = [...(await measureUnits()), ...(await measureImports())]

for (const { name, values: measured, unit, ratio, target, isMet } of results) {
  process.stdout.write(`\n${name}\n`)
  for (const [what, value] of Object.entries(measured)) {
    process.stdout.write(`  ${what.padEnd(52)} ${value.toFixed(value < 10 ? 1 : 0).padStart(7)} ${unit}\n`)
  }
  process.stdout.write(`  ratio ${ratio.toFixed(3)}, target ${target}: ${isMet ? "met" : "missed"}\n`)
}
if (values.json) process.stdout.write(`${JSON.stringify({ results })}\n`)
process.exit(0)
