/**
 * The commands that hand their arguments on to a tool: what each is for, and which arguments it takes. Tools with a
 * clear word of their own for a wrong option keep it; Vitest's is a stack, so its options are checked here.
 */

const TESTS = "Further arguments are parts of the names of test files, or options of Vitest."

/** The options of Vitest that are of use here; the others need Vitest itself. */
const VITEST_OPTIONS = [
  "-t",
  "--testNamePattern",
  "-u",
  "--update",
  "--bail",
  "--changed",
  "--hideSkippedTests",
  "--maxWorkers",
  "--project",
  "--reporter",
  "--retry",
  "--shard",
  "--silent",
]

/** By command: what it does, where its arguments go, an example. */
const TOOLS = {
  format: {
    does: "Formats the code.",
    takes: "Further arguments are files, or options of oxfmt.",
    example: "--check",
  },
  lint: {
    does: "Lints the code, with types.",
    takes: "Further arguments are files, or options of oxlint.",
    example: "--fix",
  },
  types: {
    does: "Checks the types.",
    takes: "Further arguments are options of tsc.",
    example: "--watch",
  },
  unit: {
    does: "Runs the tests that need no infrastructure.",
    takes: TESTS,
    example: 'packages/core -t "severity"',
    options: VITEST_OPTIONS,
  },
  infra: {
    does: "Installs SST's platform, checks stacks/ against it, and runs its tests.",
    takes: TESTS,
    example: "deploy",
    options: VITEST_OPTIONS,
  },
  browser: {
    does: "Tries the page at /docs in a Chromium, which it looks for; CHROMIUM names another.",
    takes: "With --ci it installs one where it can, and says so where it cannot.",
    example: "--ci",
    options: ["--ci"],
  },
  test: {
    does: "Runs all that has to pass: format, lint, types, infrastructure, every test.",
    takes: TESTS,
    example: "--bail=1",
    options: VITEST_OPTIONS,
  },
}

/** What to print instead of running the command, and the exit code; null if it is to run. */
export function answerInstead(command, args) {
  const tool = TOOLS[command]
  if (!tool) return null
  const typed = command === "test" ? "npm test" : `npm run ${command}`
  if (args.some((arg) => arg === "--help" || arg === "-h")) {
    const lines = [
      tool.does,
      "",
      `Usage: ${typed} -- [arguments]`,
      "",
      "  -h, --help  print this and exit",
      "",
      tool.takes,
      ...(tool.options ? [`Options: ${tool.options.join(", ")}`] : []),
      "",
      `Example: ${typed} -- ${tool.example}`,
    ]
    return { code: 0, text: `${lines.join("\n")}\n` }
  }
  const unknown =
    tool.options && args.find((arg) => /^-./.test(arg) && !tool.options.includes(arg.split("=")[0]))
  if (!unknown) return null
  // oxlint-disable-next-line no-control-regex
  const shown = unknown
    .split("=")[0]
    .slice(0, 40)
    .replace(/[^\x20-\x7e]/g, "?")
  return {
    code: 2,
    text: `"${shown}" is not an option of ${typed}; there is ${tool.options.join(", ")}, --help.\n`,
  }
}
