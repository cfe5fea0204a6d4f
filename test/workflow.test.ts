/** The GitHub workflows: every action is pinned by a commit's hash, rights are the least, nothing from outside is run as a script. */
import { readFileSync, readdirSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import * as z from "zod"

const folder = fileURLToPath(new URL("../.github/workflows", import.meta.url))

const Permissions = z.record(z.string(), z.enum(["read", "write", "none"]))

const Step = z.strictObject({
  name: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  run: z.string().optional(),
})

const Workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: Permissions,
  concurrency: z.object({ group: z.string(), "cancel-in-progress": z.boolean() }),
  jobs: z.record(
    z.string(),
    z.strictObject({
      "runs-on": z.string(),
      "timeout-minutes": z.number().max(60),
      environment: z.string().optional(),
      permissions: Permissions.optional(),
      strategy: z.unknown().optional(),
      env: z.record(z.string(), z.string()).optional(),
      steps: z.array(Step),
    }),
  ),
})

const workflows = readdirSync(folder).map((file) => {
  const text = readFileSync(path.join(folder, file), "utf8")
  return { file, text, workflow: Workflow.parse(parse(text)) }
})

const workflowOf = (name: string) => {
  const found = workflows.find(({ file }) => file === name)
  if (!found) throw new Error(`There is no ${name}.`)
  return found
}

const stepsOf = ({ workflow }: (typeof workflows)[number]) =>
  Object.values(workflow.jobs).flatMap(({ steps }) => steps)

/** Found in each action's repository, as the commit of that tag. */
const PINNED = [
  "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
  "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0",
  "aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3",
]

describe.each(workflows)("$file", ({ file, text, workflow }) => {
  const steps = stepsOf(workflowOf(file))

  test("uses no action but those that were looked at, each by its commit, with the version beside it", () => {
    const used = [...text.matchAll(/^\s*- uses: (.+)$/gm)].map(([, action = ""]) => action)
    expect(used).toHaveLength(steps.filter(({ uses }) => uses !== undefined).length)
    expect(used.filter((action) => !PINNED.includes(action))).toEqual([])
    for (const action of used) expect(action).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  test("writes nothing to the repository, and leaves no token behind", () => {
    const all = [workflow.permissions, ...Object.values(workflow.jobs).map((job) => job.permissions ?? {})]
    const written = all.flatMap((one) => Object.entries(one).filter(([, right]) => right === "write"))
    expect(written.map(([name]) => name).filter((name) => name !== "id-token")).toEqual([])
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))
    expect(checkouts.length).toBeGreaterThan(0)
    for (const checkout of checkouts) expect(checkout.with).toEqual({ "persist-credentials": false })
  })

  test("puts nothing that somebody else wrote into a script, and needs no stored secret", () => {
    for (const { run = "" } of steps) expect(run).not.toContain("${{")
    expect(text).not.toContain("secrets.")
    expect(text).not.toContain("pull_request_target")
  })
})

test("what a pull request runs may read the code and nothing else", () => {
  const { workflow } = workflowOf("test.yml")
  expect(Object.keys(workflow.on).sort()).toEqual(["pull_request", "push"])
  expect(workflow.permissions).toEqual({ contents: "read" })
  expect(Object.values(workflow.jobs).map(({ permissions }) => permissions)).toEqual([undefined])
  expect(stepsOf(workflowOf("test.yml")).flatMap(({ run }) => run ?? [])).toEqual(["npm test"])
})

test("a deploy is started by hand or by a tag, tests first, takes a role for an hour, and asks the doctor", () => {
  const { workflow } = workflowOf("deploy.yml")
  expect(Object.keys(workflow.on).sort()).toEqual(["push", "workflow_dispatch"])
  expect(workflow.on["push"]).toEqual({ tags: ["v*"] })
  expect(workflow.permissions).toEqual({})
  expect(workflow.concurrency["cancel-in-progress"]).toBe(false)
  const [job] = Object.values(workflow.jobs)
  expect(job?.permissions).toEqual({ contents: "read", "id-token": "write" })
  expect(job?.environment).toContain("inputs.stage")
  const order = (job?.steps ?? []).map(({ uses, run }) => run ?? uses?.split("@")[0])
  expect(order).toEqual([
    "actions/checkout",
    "actions/setup-node",
    "npm test",
    "aws-actions/configure-aws-credentials",
    'npx sst diff --stage "$STAGE"',
    'npx sst deploy --stage "$STAGE"',
    "sleep 150",
    'npm run doctor -- --stage "$STAGE"',
  ])
})
