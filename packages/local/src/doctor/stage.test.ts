/** The way into a stage: what `sst shell` hands over is what is looked at. A small program stands for SST, which needs an account. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { runInStage, stageHint } from "./stage.ts"
import { withStageSettings } from "./stage-settings.ts"
import { isEmpty, settingsFor, patientOf } from "./patient.ts"

let folder = ""

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "earshot-stage-"))
})

afterAll(() => rm(folder, { recursive: true }))

/** What stands for `sst`: checks how it was called, and runs the command as `sst shell` does, whose own exit code is 1 at most. */
const SHELL = `
const { spawnSync } = require("node:child_process")
const [shell, flag, stage, dashes, ...command] = process.argv.slice(2)
if (shell !== "shell" || flag !== "--stage" || dashes !== "--") process.exit(9)
if (stage === "absent") { process.stderr.write("✕  no such stage\\n"); process.exit(1) }
const split = command.flatMap((word) => word.split(/\\s+/))
const env = { ...process.env, SST_RESOURCE_App: JSON.stringify({ name: "earshot", stage }) }
const { status } = spawnSync(split[0], split.slice(1), { env, stdio: "inherit" })
process.exit(status === 0 ? 0 : 1)
`

async function inStage(stage: string, script: string) {
  const sst = path.join(folder, "sst.cjs")
  const program = path.join(folder, "said.cjs")
  await writeFile(sst, SHELL)
  await writeFile(program, script)
  return runInStage([process.execPath, sst], { stage, command: ["node", program], root: folder })
}

test("the command runs with the stage's resources as variables, and its end is the end of it", async () => {
  const well = await inStage("staging", "process.stdout.write(process.env.SST_RESOURCE_App)")
  expect(well).toEqual({ code: 0, out: '{"name":"earshot","stage":"staging"}', said: "" })
  const unwell = await inStage("staging", "process.stdout.write('found'); process.exitCode = 3")
  expect(unwell).toEqual({ code: 1, out: "found", said: "" })
})

test("a stage that SST cannot open is a failure that has said nothing; so is a program that is not there", async () => {
  expect(await inStage("absent", "")).toEqual({ code: 1, out: "", said: "✕  no such stage\n" })
  const none = { stage: "staging", command: ["node"], root: folder }
  expect(await runInStage([path.join(folder, "nothing")], none)).toEqual({ code: 1, out: "", said: "" })
})

test("what to do follows from what SST said: where Pulumi cannot be fetched, no region is to blame", () => {
  expect(stageHint("✕  Could not install Pulumi: dial tcp: lookup github.com")).toContain("github.com")
  expect(stageHint("✕  no such stage")).toContain("account and region")
})

const linked = {
  SST_RESOURCE_App: '{"name":"earshot","stage":"production"}',
  SST_RESOURCE_Table: '{"name":"earshot-production-TableTable-abc","type":"sst.aws.Dynamo"}',
  SST_RESOURCE_Alerts: '{"arn":"arn:aws:sns:eu-west-1:123456789012:alerts","type":"sst.aws.SnsTopic"}',
  SST_RESOURCE_Operations: '{"arn":"arn:aws:sns:eu-west-1:123456789012:operations"}',
  SST_RESOURCE_Poller: '{"name":"earshot-production-Poller"}',
  SST_RESOURCE_Api: '{"name":"earshot-production-Api","url":"https://abc.lambda-url.eu-west-1.on.aws/"}',
  SST_AWS_REGION: "eu-west-1",
  SST_AWS_ACCESS_KEY_ID: "of-sst",
  SST_AWS_SECRET_ACCESS_KEY: "secret-of-sst",
  SST_AWS_SESSION_TOKEN: "",
}

test("what SST hands over names the table, the topics, the functions, the region and the identity", () => {
  const patient = patientOf(linked)
  expect(patient).toMatchObject({
    stage: "production",
    isLocal: false,
    pollerName: "earshot-production-Poller",
    apiName: "earshot-production-Api",
    apiUrl: "https://abc.lambda-url.eu-west-1.on.aws/",
    operationsTopic: "arn:aws:sns:eu-west-1:123456789012:operations",
    variables: { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "of-sst" },
  })
  expect(settingsFor(patient, ["TABLE_NAME"])).toMatchObject({
    value: { tableName: "earshot-production-TableTable-abc" },
  })
  expect(isEmpty(patient)).toBe(false)
  expect(isEmpty(patientOf({}))).toBe(true)
})

test("what is set wins, and a profile or a key of one's own is not mixed with SST's", () => {
  const own = patientOf({ ...linked, AWS_ACCESS_KEY_ID: "own", AWS_REGION: "us-east-1", TABLE_NAME: "own" })
  expect(own.variables).toMatchObject({
    AWS_ACCESS_KEY_ID: "own",
    AWS_REGION: "us-east-1",
    TABLE_NAME: "own",
  })
  expect(own.variables["AWS_SECRET_ACCESS_KEY"]).toBeUndefined()
  expect(patientOf({ ...linked, AWS_PROFILE: "anna" }).variables["AWS_ACCESS_KEY_ID"]).toBeUndefined()
})

test("what is damaged names nothing, and one wrong setting hides no other", () => {
  const damaged = patientOf({ ...linked, SST_RESOURCE_Table: "{", SST_RESOURCE_Poller: "[]" })
  expect(damaged).toMatchObject({ pollerName: null })
  expect(damaged.variables["TABLE_NAME"]).toBeUndefined()
  const wrong = patientOf({ TABLE_NAME: "t", ECHOWIN_API_KEY: "ew_key", POLL_INTERVAL_SECONDS: "soon" })
  expect(settingsFor(wrong, ["TABLE_NAME"]).ok).toBe(false)
  expect(settingsFor(wrong, ["ECHOWIN_API_KEY"])).toMatchObject({ value: { apiKey: "ew_key" } })
})

test("the committed settings of the stage lie below the variables, and a damaged file is named and stops nothing", async () => {
  await mkdir(path.join(folder, "settings"))
  const write = (text: string) => writeFile(path.join(folder, "settings/staging.json"), text)
  const read = (stage: string | null) =>
    withStageSettings({ SLACK_PRIVACY: "full", EMAIL_PRIVACY: "" }, { stage, root: folder })
  await write(
    '{"$schema":"./s.json","ALERT_EMAILS":["a@example.com","b@example.com"],"SLACK_PRIVACY":"minimal","EMAIL_PRIVACY":"full","LIST_REQUESTS_PER_HOUR":100}',
  )
  expect(await read("staging")).toEqual({
    problem: null,
    variables: {
      ALERT_EMAILS: "a@example.com,b@example.com",
      SLACK_PRIVACY: "full",
      EMAIL_PRIVACY: "full",
      LIST_REQUESTS_PER_HOUR: "100",
    },
  })
  for (const other of [null, "production"]) expect(Object.keys((await read(other)).variables)).toHaveLength(2)
  await write('{"ALERT_EMAILS": [')
  const { problem } = await read("staging")
  expect(problem).toMatch(/^settings.staging\.json is not an object of settings in JSON$/)
  expect(patientOf({}, problem).settingsProblem).toBe(problem)
})
