/** What every command does with its arguments: runs, says how it is used, or says in one line what is wrong. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { parseOptions } from "./options.ts"

const Options = z
  .object({
    days: z.number().positive().max(30).default(1).describe("simulated days"),
    seed: z.int().default(1).describe("which days"),
    key: z.array(z.string().min(1)).default(["a"]).describe("a key"),
    profile: z.enum(["calm", "stress"]).default("calm").describe("how much goes wrong"),
    picture: z.string().min(1).optional().describe("a file"),
    noLimits: z.boolean().default(false).describe("do not limit requests"),
  })
  .superRefine(({ days, noLimits }, context) => {
    if (noLimits && days > 10) context.addIssue("--no-limits is for at most 10 days.")
  })

const usage = { command: "npm run example", does: "Shows how options work.", example: "--days 3 --key b" }

const parse = (...args: string[]) => parseOptions(Options, usage, args)

const problems = (...args: string[]) => {
  const parsed = parse(...args)
  return parsed.kind === "wrong" ? parsed.problems : parsed.kind
}

const byDefault = { days: 1, seed: 1, key: ["a"], profile: "calm", noLimits: false }

describe("options", () => {
  test.each<[string[], object]>([
    [[], {}],
    [["--days", "2.5", "--seed=-3", "--profile", "stress"], { days: 2.5, seed: -3, profile: "stress" }],
    [["--seed", "-3"], { seed: -3 }],
    [["--key", "b", "--key=-c", "--picture", "a=b.svg"], { key: ["b", "-c"], picture: "a=b.svg" }],
    [["--no-limits"], { noLimits: true }],
  ])("%j are read by the schema", (args, options) => {
    expect(parse(...args)).toEqual({ kind: "run", options: { ...byDefault, ...options } })
  })

  test.each<[string[], string[]]>([
    [["--dayz", "3"], ['"--dayz" is not an option of npm run example; did you mean --days?']],
    [["--pict", "a"], ['"--pict" is not an option of npm run example; did you mean --picture?']],
    [["-days", "3"], ['"-days" is not an option of npm run example; did you mean --days?']],
    [["--nolimits=1"], ['"--nolimits" is not an option of npm run example; did you mean --no-limits?']],
    [
      ["--verbose"],
      [
        '"--verbose" is not an option of npm run example; there is --days, --seed, --key, --profile, --picture, --no-limits, --help.',
      ],
    ],
    [["--days"], ["--days needs a value: a number above 0 and at most 30, such as --days 1."]],
    [
      ["--picture", "--days", "2"],
      ["--picture needs a value: a text that is not empty, such as --picture <text>."],
    ],
    [["--days", "x"], ['--days must be a number above 0 and at most 30, but is "x".']],
    [["--days", "0x10"], ['--days must be a number above 0 and at most 30, but is "0x10".']],
    [["--days", "31"], ['--days must be a number above 0 and at most 30, but is "31".']],
    [["--seed", "1.5"], ['--seed must be a whole number, but is "1.5".']],
    [["--profile", "strss"], ['--profile must be one of calm, stress, but is "strss".']],
    [["--key", "b", "--key", ""], ['--key must be a text that is not empty, but is "".']],
    [["--no-limits=yes"], ['--no-limits takes no value, but was given "yes".']],
    [["--days", "1", "--days", "2"], ['--days is given 2 times, as "1" and "2"; give it once.']],
    [["3"], ['"3" belongs to no option; options come after a lone --, as in npm run example -- --days 1.']],
    [["--no-limits", "--days", "20"], ["--no-limits is for at most 10 days."]],
    [
      ["--days", "x", "--seed", "y"],
      [
        '--days must be a number above 0 and at most 30, but is "x".',
        '--seed must be a whole number, but is "y".',
      ],
    ],
  ])("%j are answered with what would be right", (args, lines) => {
    expect(problems(...args)).toEqual(lines)
  })

  test("whatever is typed comes to options, the usage, or short lines without control characters; never an exception", () => {
    const flag = fc.constantFrom(
      "--days",
      "--seed=",
      "--key",
      "--profile",
      "--no-limits",
      "--",
      "-h",
      "--help",
      "-",
    )
    const args = fc.array(fc.oneof(flag, fc.string({ unit: "binary", maxLength: 300 })), { maxLength: 6 })
    fc.assert(
      fc.property(args, (typed) => {
        const parsed = parse(...typed)
        if (parsed.kind !== "wrong") return
        expect(parsed.problems.length).toBeGreaterThan(0)
        for (const line of parsed.problems) {
          // oxlint-disable-next-line no-control-regex
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/)
          expect(line.length).toBeLessThan(400)
        }
      }),
    )
  })
})

describe("help", () => {
  test.each([
    [["--help"]],
    [["-h"]],
    [["--dayz", "--help"]],
    [["--days", "-h"]],
    [["--days", "x", "3", "--help"]],
  ])("is what %j ask for, whatever else is wrong", (args) => {
    expect(parse(...args).kind).toBe("help")
  })

  test("has the sentence, each option with its meaning, bounds and default, and the example", () => {
    const parsed = parse("--help")
    expect(parsed.kind === "help" && parsed.text).toBe(`Shows how options work.

Usage: npm run example -- [options]

  --days <number>   simulated days; a number above 0 and at most 30; default: 1
  --seed <number>   which days; a whole number; default: 1
  --key <text>      a key; may be given several times; default: a
  --profile <name>  how much goes wrong; one of calm, stress; default: calm
  --picture <text>  a file
  --no-limits       do not limit requests
  -h, --help        print this and exit

Example: npm run example -- --days 3 --key b
`)
  })
})

describe("what npm keeps for itself, because it stands before a lone --,", () => {
  const kept = (variables: Record<string, string>, ...args: string[]) =>
    parseOptions(Options, usage, args, variables)

  test("is noticed, so that nothing runs with other settings than were asked for", () => {
    expect(kept({ npm_config_seed: "true", npm_config_limits: "" }, "4")).toEqual({
      kind: "wrong",
      problems: [
        "npm kept --seed, --no-limits for itself; options come after a lone --, as in npm run example -- --seed <number> --no-limits.",
      ],
    })
  })

  test("is of no interest once options were given, or if npm has the setting from elsewhere", () => {
    expect(kept({ npm_config_seed: "4" }, "--days", "2").kind).toBe("run")
    expect(kept({ npm_config_key: "a private one" }).kind).toBe("run")
  })
})
