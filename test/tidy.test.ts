/** The house rules that can be tested: who may import whom, what core may not know, and how files begin. */
import path from "node:path"
import { describe, expect, test } from "vitest"
import { ALONE } from "./schedule.ts"
import { files, isTest, isTestOrSupport, read, shipped, sources } from "./source-file.ts"

function importsOf(file: string): string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^"'\n;]*?(?:\{[^}]*\}[^"'\n]*?)?["']([^"']+)["']|import\(["']([^"']+)["']\)/g
  return [...read(file).matchAll(pattern)].map((match) => match[1] ?? match[2] ?? "")
}

describe("imports go one way", () => {
  const MAY_IMPORT: Record<string, readonly string[]> = {
    "calls-api": [],
    core: ["calls-api"],
    io: ["calls-api", "core"],
    poller: ["calls-api", "core", "io"],
    api: ["core", "io"],
    functions: ["calls-api", "core", "io", "poller", "api"],
    emulators: [],
    command: [],
    simulation: ["calls-api", "core", "io", "poller", "emulators", "command"],
    bench: ["calls-api", "core", "io", "poller", "api", "functions", "emulators", "simulation", "command"],
    local: ["calls-api", "core", "io", "poller", "api", "functions", "emulators", "command"],
  }

  test("there is no package that the rule does not know", () => {
    const packages = new Set(files.flatMap((file) => /^packages\/([\w-]+)\//.exec(file)?.[1] ?? []))
    expect([...packages].sort()).toEqual(Object.keys(MAY_IMPORT).sort())
  })

  test.each(Object.entries(MAY_IMPORT))("%s imports only %j of ours", (name, allowed) => {
    const own = shipped.filter((file) => file.startsWith(`packages/${name}/`))
    expect(files.some((file) => file.startsWith(`packages/${name}/src/`))).toBe(true)
    const forbidden = own.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith("@earshot/") && !allowed.includes(target.split("/")[1] ?? ""))
        .map((target) => `${file} imports ${target}`),
    )
    expect(forbidden).toEqual([])
  })

  test("nobody reaches into another package by a path, nor into the tests' own files", () => {
    const reaching = shipped.flatMap((file) =>
      importsOf(file)
        .filter((target) => /^\.\.?\//.test(target))
        .map((target) => path.join(path.dirname(file), target))
        .filter(
          (target) => !target.startsWith(file.split("/").slice(0, 2).join("/")) || isTestOrSupport(target),
        )
        .map((target) => `${file} imports ${target}`),
    )
    expect(reaching).toEqual([])
  })
})

/** The file that an import names; null if it is none of ours. */
function targetOf(file: string, specifier: string): string | null {
  if (/^\.\.?\//.test(specifier)) return path.join(path.dirname(file), specifier)
  const [, name, rest] = /^@earshot\/([\w-]+)\/(.+)$/.exec(specifier) ?? []
  return name && rest ? `packages/${name}/src/${rest}.ts` : null
}

describe("the wings of core", () => {
  const WINGS: Record<string, readonly string[]> = {
    channel: [],
    call: [],
    rule: ["call", "channel"],
    watch: [],
    list: ["call", "watch"],
    alert: ["call", "rule", "channel"],
    turn: ["list", "alert"],
    detail: ["channel", "call", "rule", "watch", "list", "alert", "turn"],
    receipt: ["call", "rule", "watch", "list", "alert", "turn", "detail", "message"],
    message: ["call", "rule", "alert", "channel"],
    preview: ["call", "rule", "alert", "channel", "message"],
  }
  const wingOf = (file: string) => /^packages\/core\/src\/(\w+)\//.exec(file)?.[1] ?? null
  const core = shipped.filter((file) => file.startsWith("packages/core/src/"))

  test("are the wings that the rule knows", () => {
    expect([...new Set(core.flatMap((file) => wingOf(file) ?? []))].sort()).toEqual(Object.keys(WINGS).sort())
  })

  test("import the ground and the wings below them, and the ground imports no wing", () => {
    const forbidden = core.flatMap((file) => {
      const wing = wingOf(file)
      const allowed = wing === null ? [] : [wing, ...(WINGS[wing] ?? [])]
      return importsOf(file)
        .flatMap((specifier) => targetOf(file, specifier) ?? [])
        .filter((target) => target.startsWith("packages/core/src/"))
        .filter((target) => !allowed.includes(wingOf(target) ?? wing ?? "") && wingOf(target) !== null)
        .map((target) => `${file} imports ${target}`)
    })
    expect(forbidden).toEqual([])
  })
})

test("no file imports itself by way of others", () => {
  const graph = new Map(
    shipped.map((file) => [file, importsOf(file).flatMap((specifier) => targetOf(file, specifier) ?? [])]),
  )
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file)
    if (start >= 0) circles.push([...way.slice(start), file].join(" → "))
    if (start >= 0 || done.has(file)) return
    for (const target of graph.get(file) ?? []) visit(target, [...way, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  expect(circles).toEqual([])
})

describe("core decides and does nothing else", () => {
  const core = shipped.filter((file) => file.startsWith("packages/core/"))
  const OUTSIDE = [
    /\bDate\.now\b/,
    /\bnew Date\(\)/,
    /\bMath\.random\b/,
    /\bprocess\b/,
    /\bfetch\(/,
    /\bset(Timeout|Interval|Immediate)\b/,
    /\bperformance\b/,
    /\bcrypto\b/,
    /\bconsole\b/,
    /\basync\b|\bawait\b|\bPromise\b/,
    /from "node:/,
  ]
  test("no clock, no network, no environment, no randomness, no promise", () => {
    const found = core.flatMap((file) => {
      const code = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
      return OUTSIDE.filter((pattern) => pattern.test(code)).map((pattern) => `${file} has ${pattern.source}`)
    })
    expect(found).toEqual([])
  })
})

describe("the environment", () => {
  test("of a function is read in config.ts and nowhere else", () => {
    const readers = shipped.filter(
      (file) => !/^packages\/(local|command)\//.test(file) && /process\.env/.test(read(file)),
    )
    expect(readers).toEqual(["packages/functions/src/config.ts"])
  })
})

describe("files", () => {
  test("begin by saying what they are for", () => {
    const silent = sources.filter((file) => !/^(#!.*\n)?(\/\/\/ <reference.*\n+)?\/\*\*/.test(read(file)))
    expect(silent).toEqual([])
  })

  test("have names that say something", () => {
    const vague = files.filter((file) =>
      /(^|\/)(utils?|helpers?|common|misc|shared)(\/|\.\w+$)|\/index\.ts$/.test(file),
    )
    expect(vague).toEqual([])
  })

  test("export names, not defaults", () => {
    const configs = new Set(["vitest.config.ts", "sst.config.ts"])
    const defaults = sources.filter((file) => !configs.has(file) && /^export default/m.test(read(file)))
    expect(defaults).toEqual([])
  })

  test("import zod in the way that leaves its languages out of the bundle", () => {
    const whole = sources.filter((file) => /import \{[^}]*\bz\b[^}]*\} from "zod"/.test(read(file)))
    expect(whole).toEqual([])
  })
})

describe("tests", () => {
  // Spelt so that this file does not find itself.
  const FORBIDDEN = ["skip", "only", "todo", "fails"].map((word) => `.${word}(`)
  const CHANGING = new RegExp(String.raw`process\.env(\[[^\]]+\])? = |assign\(process\.env|stub` + "Env")
  const tests = sources.filter(isTest)

  test("are all run", () => {
    const found = tests.filter((file) =>
      FORBIDDEN.some((word) => read(file).includes(`test${word}`) || read(file).includes(`describe${word}`)),
    )
    expect(found).toEqual([])
  })

  test("replace no function of ours and wait for no real time", () => {
    const found = tests.filter((file) => /\bvi\.(mock|spyOn|fn|useFakeTimers)\b/.test(read(file)))
    expect(found).toEqual([])
  })

  test("that change their process share it with no other file", () => {
    const changing = tests.filter((file) => CHANGING.test(read(file)))
    const sharing = changing.filter((file) => !ALONE.includes(file) && !file.startsWith("test/infra/"))
    expect(sharing).toEqual([])
  })
})

describe("the lockfile", () => {
  test("names no host", () => {
    expect(read("pnpm-lock.yaml")).not.toMatch(/https?:\/\//)
  })
})
