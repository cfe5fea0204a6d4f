/** Runs one file of tests with a bug in the code that it tests, and says which test fails first; nothing if none does. */
import path from "node:path"
import { fileURLToPath } from "node:url"
import { startVitest } from "vitest/node"
import { MUTANTS } from "./all.ts"
import { INFRA } from "./infra.ts"
import { withEdits } from "./mutant.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const [file = "", name = ""] = process.argv.slice(2)
const mutant = [...MUTANTS, ...INFRA].find((candidate) => candidate.name === name)
// The infrastructure tests run the deploy's program in a process of its own.
if (mutant) process.env["EARSHOT_PLANTED"] = JSON.stringify(mutant.edits)

const vitest = await startVitest(
  "test",
  [file],
  { root, config: false, watch: false, reporters: [{}], bail: 1, testTimeout: 180_000 },
  {
    plugins: [
      {
        name: "plant",
        enforce: "pre",
        transform(code: string, id: string) {
          const changed = path.relative(root, id.split("?")[0] ?? "").replaceAll(path.sep, "/")
          return mutant?.edits.some((edit) => edit.file === changed) ? withEdits(mutant, changed, code) : null
        },
      },
    ],
  },
)
for (const module of vitest.state.getTestModules()) {
  for (const failed of module.children.allTests("failed")) {
    process.stdout.write(`${file}: ${failed.fullName}\n`)
    process.exit(0)
  }
  for (const error of module.errors()) process.stdout.write(`${file}: ${error.message.split("\n")[0]}\n`)
}
process.exit(0)
