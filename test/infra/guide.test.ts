/**
 * `docs/deploy.md` against the real SST: each command that it names is one of the CLI's, with flags that it has, and names its stage; each
 * secret of the infrastructure is set; each check of the doctor and each output is what the code says.
 */
import { spawnSync } from "node:child_process"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { expect, test } from "vitest"
import { ROOT } from "./synthesis.ts"

const read = (file: string) => readFile(path.join(ROOT, file), "utf8")

const [guide, workflow, channels] = await Promise.all([
  read("docs/deploy.md"),
  read(".github/workflows/deploy.yml"),
  read("stacks/channels.ts"),
])

/** `npx sst <words> <flags>`, in the blocks, in the text and in the workflow. */
const commands = [...`${guide}\n${workflow}`.matchAll(/npx sst ([a-z][^\n`|]*)/g)].map(([, rest = ""]) => {
  const [words = "", ...flags] = rest.trim().split(/ (?=--)/)
  const [first = "", second = ""] = words.split(" ")
  const name = ["secret", "state"].includes(first) ? `${first} ${second}` : first
  return { name, flags: flags.map((flag) => flag.split(" ")[0] ?? ""), rest }
})

const names = [...new Set(commands.map(({ name }) => name))]

test("the guide goes through the whole life of a stage", () => {
  const life = ["deploy", "dev", "diff", "refresh", "remove", "secret list", "secret set", "unlock"]
  expect(names.sort()).toEqual(life)
})

/** Neither Pulumi nor Bun is fetched for it. The CLI ends with 1 after it has printed its help. */
const CLI = {
  cwd: ROOT,
  timeout: 60_000,
  encoding: "utf8",
  env: {
    ...process.env,
    SST_TELEMETRY_DISABLED: "1",
    SST_SKIP_DEPENDENCY_CHECK: "1",
    SST_NO_BUN: "1",
    NO_COLOR: "1",
  },
} as const

test.each(names)("sst %s is a command of the CLI and has the flags that are named", (name) => {
  const args = ["node_modules/sst/bin/sst.mjs", ...name.split(" "), "--help"]
  const { stdout, stderr } = spawnSync(process.execPath, args, CLI)
  // oxlint-disable-next-line no-control-regex
  const help = `${stdout}${stderr}`.replace(/\u001b\[[0-9;]*m/g, "")
  expect(help).toContain(`Usage: sst ${name}`)
  const used = commands.filter((one) => one.name === name).flatMap(({ flags }) => flags)
  for (const flag of new Set(used)) expect(help).toMatch(new RegExp(`^ +${flag}\\b`, "m"))
})

test("every command names its stage", () => {
  // In running text a command may stand for itself.
  const typed = commands.filter(
    ({ rest }) => !/^(sst )?(deploy|remove|unlock|refresh|secret set …|diff)?`?$/.test(rest.trim()),
  )
  const silent = typed.filter(
    ({ flags, rest }) => !flags.includes("--stage") && !/^(deploy|refresh|unlock|secret set …)\b/.test(rest),
  )
  expect(silent.map(({ rest }) => rest)).toEqual([])
  const blocks = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = ""]) => text).join("\n")
  for (const line of blocks.split("\n").filter((one) => one.includes("npx sst")))
    expect(line).toContain("--stage ")
})

test("every secret of the infrastructure is set, and each one's change is explained", () => {
  const secrets = [...channels.matchAll(/new sst\.Secret\("(\w+)"/g)].map(([, name = ""]) => name)
  const set = [...guide.matchAll(/sst secret set (\w+)/g)].map(([, name = ""]) => name)
  expect(secrets.length).toBeGreaterThan(3)
  expect(secrets.filter((name) => !set.includes(name))).toEqual([])
  const rotated = [...guide.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name)
  expect(rotated.sort()).toEqual(secrets.sort())
})

test("secrets are never on a command line, where the shell's history keeps them", () => {
  for (const line of guide.split("\n").filter((one) => /sst secret set [A-Z]/.test(one)))
    expect(line).toMatch(/^ *printf %s .* \| +npx sst secret set \w+ --stage \w+$/)
})

test("what the guide says of the policy, the bootstrap and the passphrase is in the policy", async () => {
  const policy = await read("docs/deployer-policy.json")
  for (const part of ["sst-state-", "sst-asset-", "/sst/bootstrap", "/sst/passphrase/earshot/"]) {
    expect(guide).toContain(part)
    expect(policy).toContain(part)
  }
})
