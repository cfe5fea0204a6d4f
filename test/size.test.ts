/**
 * Files and functions are short enough to be read at once, and a word means one thing. Files of tests are exempt: a test
 * is read alone. What only tests use is not.
 */
import { describe, expect, test } from "vitest"
import { exportsOf, functionsOf, isTest, type Measured, read, shipped, sources } from "./source-file.ts"

const FILE_LINES_MAX = 250
const FUNCTION_LINES_MAX = 70

/** Longer than that, with their present size. An entry may shrink and never grow, and none is added. */
const LONG_FILES: Record<string, number> = {}

const LONG_FUNCTIONS: Record<string, number> = {}

/** What is longer than `max`, unless it is listed with at least this size; and what is listed and need not be. */
function problemsOf(all: Measured[], max: number, exceptions: Record<string, number>): string[] {
  const long = all.filter(({ lines }) => lines > max)
  const grown = long.flatMap(({ name, lines }) =>
    lines > (exceptions[name] ?? max)
      ? [`${name} has ${lines} lines, and may have ${exceptions[name] ?? max}`]
      : [],
  )
  const names = new Set(long.map(({ name }) => name))
  const needless = Object.keys(exceptions).filter((name) => !names.has(name))
  return [...grown, ...needless.map((name) => `${name} is short enough: take it off the list`)]
}

const linesOf = (file: string) => read(file).trimEnd().split("\n").length
const measured = sources.filter((file) => !isTest(file))

describe("short enough to be read at once", () => {
  test("are files", () => {
    const lines = measured.map((file) => ({ name: file, lines: linesOf(file) }))
    expect(problemsOf(lines, FILE_LINES_MAX, LONG_FILES)).toEqual([])
  })

  test("are functions", () => {
    const candidates = measured.filter((file) => linesOf(file) > FUNCTION_LINES_MAX)
    const all = candidates.flatMap((file) =>
      functionsOf(file).map(({ name, lines }) => ({ name: `${file} ${name}`, lines })),
    )
    expect(problemsOf(all, FUNCTION_LINES_MAX, LONG_FUNCTIONS)).toEqual([])
  })

  test("is what the list of exceptions does not let grow, and it names nothing that is", () => {
    const exceptions = { known: 80, gone: 90 }
    expect(problemsOf([{ name: "known", lines: 80 }], 70, { known: 80 })).toEqual([])
    expect(problemsOf([{ name: "known", lines: 81 }], 70, { known: 80 })).toHaveLength(1)
    expect(problemsOf([{ name: "new", lines: 71 }], 70, {})).toHaveLength(1)
    const short = [{ name: "known", lines: 70 }]
    expect(problemsOf(short, 70, exceptions)).toEqual([
      "known is short enough: take it off the list",
      "gone is short enough: take it off the list",
    ])
  })
})

type Shared = { why: string; files: string[] }

/** Words that more than one file exports, with the reason. None is added for a word that could be another. */
const SHARED_WORDS: Record<string, Shared> = {
  handler: {
    why: "Lambda finds both functions by this name.",
    files: ["functions/src/api.ts", "functions/src/poller.ts"],
  },
  Activity: {
    why: "It is one thing: the emulator has its own account of the vendor's format, and each checks the other.",
    files: ["calls-api/src/call.ts", "emulators/src/call.ts"],
  },
  Sentiment: { why: "As Activity.", files: ["calls-api/src/call.ts", "emulators/src/call.ts"] },
  Usage: { why: "As Activity.", files: ["calls-api/src/call.ts", "emulators/src/call.ts"] },
  work: {
    why: "What the pool of processes calls: each file of a worker exports one.",
    files: ["bench/src/worker.ts", "simulation/src/worker.ts"],
  },
}

test("an exported word names one thing", () => {
  const homes = new Map<string, string[]>()
  for (const file of shipped) {
    // A schema and its type share a name, and are one thing.
    for (const name of new Set(exportsOf(file))) homes.set(name, [...(homes.get(name) ?? []), file])
  }
  const shared = Object.fromEntries([...homes].filter(([, found]) => found.length > 1))
  const known = Object.entries(SHARED_WORDS).map(([name, { files }]) => [
    name,
    files.map((file) => `packages/${file}`),
  ])
  expect(shared).toEqual(Object.fromEntries(known))
})
