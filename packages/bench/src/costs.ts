/**
 * `npm run costs [-- --measure]`: what AWS bills for a month, at three numbers of calls an hour, as the page `docs/costs.md`. What is
 * used was measured before and is kept in `cost/usage.json`; --measure measures it again, which takes minutes.
 */
import { readFile, writeFile } from "node:fs/promises"
import { readOptions } from "@earshot/command/options"
import * as z from "zod"
import { costDocument } from "./cost/document.ts"
import { Consumption, measureConsumption } from "./cost/usage.ts"

const options = readOptions(
  z.object({
    measure: z
      .boolean()
      .default(false)
      .describe("measure again what is used, and keep it; it takes some minutes"),
  }),
  {
    command: "npm run costs",
    does: "Computes what AWS bills for a month of Earshot, as the page docs/costs.md.",
    example: "--measure",
  },
)

const KEPT = new URL("./cost/usage.json", import.meta.url)

/** Fewer calls need more hours, to have some alerts among them. */
const VOLUMES = [
  { ratePerHour: 5, hours: 12 },
  { ratePerHour: 60, hours: 2 },
  { ratePerHour: 300, hours: 1 },
]

if (options.measure) {
  const measured: Consumption[] = []
  for (const volume of VOLUMES) measured.push(await measureConsumption(volume))
  await writeFile(KEPT, `${JSON.stringify(measured, null, 2)}\n`)
}

const usages = z.array(Consumption).parse(JSON.parse(await readFile(KEPT, "utf8")))

process.stdout.write(costDocument(usages))
process.exit(0)
