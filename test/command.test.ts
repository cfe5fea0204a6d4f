/** The commands as people type them: `--help` is for every one of them, starts nothing and needs no setting. */
import { readFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { runCommand } from "../packages/command/src/test-command.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

const read = (file: string) => readFileSync(path.join(root, file), "utf8")

/** The command and its cell in the README's table. */
const COMMANDS = [...read("README.md").matchAll(/^\| `npm (?:run )?([\w-]+)` \| (.*) \|$/gm)].map(
  ([, command = "", cell = ""]) => ({ command, cell }),
)

const run = (...args: string[]) => runCommand("scripts/run.mjs", args, {})

describe("every command", () => {
  test("is one of package.json", () => {
    const scripts = Object.keys(JSON.parse(read("package.json")).scripts)
    expect(COMMANDS.map(({ command }) => command).sort()).toEqual(scripts.sort())
  })

  test.each(COMMANDS)(
    "says how $command is used, with the options that the README names",
    async ({ command, cell }) => {
      const typed = /^(start|test)$/.test(command) ? `npm ${command}` : `npm run ${command}`
      const { code, out, err } = await run(command, "--help")
      expect({ code, err }).toEqual({ code: 0, err: "" })
      expect(out).toMatch(/^[A-Z][^\n]+\.\n\nUsage: /)
      expect(out).toContain(`Usage: ${typed}`)
      expect(out).toContain("-h, --help")
      expect(out).toMatch(new RegExp(`\nExample: ${typed}( -- .+)?\n$`))
      const named = cell.match(/--[a-z][a-z-]+/g) ?? []
      for (const option of named) expect(out).toMatch(new RegExp(`^ +(-h, )?${option}\\b`, "m"))
    },
  )
})

test("a wrong option of a command that runs tests is one line, and nothing is run", async () => {
  const { code, out, err } = await run("test", "--bial=1")
  expect({ code, out }).toEqual({ code: 2, out: "" })
  expect(err).toMatch(/^"--bial" is not an option of npm test; there is [^\n]+\n$/)
})

test("a command that there is not is answered with those that there are", async () => {
  const { code, err } = await run("strat")
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringMatching(/^There is no command strat\. .*start, poll/),
  })
})
