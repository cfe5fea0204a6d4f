/**
 * `npm run doctor [-- --stage production --send-test --json --local]`: looks at everything that Earshot needs, says of each whether
 * it is well, and what to do where it is not. It changes nothing, but for a test message if it is asked for one. The exit code is 1
 * if anything is wrong.
 */
import { fileURLToPath } from "node:url"
import { readOptions } from "@earshot/command/options"
import { realWorld } from "@earshot/io/world"
import * as z from "zod"
import { checkUp } from "../doctor/checkup.ts"
import { makeWorld } from "../doctor/made-world.ts"
import { isWell, reportJson, reportText } from "../doctor/report.ts"
import { withStageSettings } from "../doctor/stage-settings.ts"
import { runInStage, stageHint } from "../doctor/stage.ts"
import { patientOf, stageOf } from "../doctor/patient.ts"
import { dropEmptyAwsVariables } from "../local-config.ts"

const Options = z
  .object({
    stage: z
      .string()
      .regex(/^[a-z0-9-]{1,60}$/i)
      .optional()
      .describe("look at this deployed stage, by way of sst shell"),
    local: z.boolean().default(false).describe("look at a world made for it on this machine"),
    sendTest: z.boolean().default(false).describe("send a test message to the Slack webhook"),
    json: z.boolean().default(false).describe("print the observations as JSON, in one line"),
  })
  .refine(({ stage, local }) => stage === undefined || !local, "--stage and --local exclude each other.")

const options = readOptions(Options, {
  command: "npm run doctor",
  does: "Looks at everything that Earshot needs, and says of each thing whether it is well or what to do.",
  example: "--stage production",
  more:
    "Without --stage and --local it looks at what the environment names: the README lists the variables. It changes\n" +
    "nothing. The exit code is 0 if all is well, 1 if anything is wrong, and 2 if an option is.",
})

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url))

process.exit(options.stage === undefined ? await look() : await lookInside(options.stage))

async function look(): Promise<number> {
  const made = options.local ? await makeWorld() : null
  dropEmptyAwsVariables(process.env)
  const given = made ? { ...process.env, ...made.variables } : process.env
  const { variables, problem } = await withStageSettings(given, { stage: stageOf(given), root: ROOT })
  const patient = patientOf(variables, problem)
  // The AWS clients read their own variables from the process.
  for (const [name, value] of Object.entries(patient.variables)) {
    if (name.startsWith("AWS_") && value !== undefined) process.env[name] = value
  }
  const observations = await checkUp(
    realWorld(() => {}),
    patient,
    {
      nodeVersion: process.versions.node,
      isTestSent: options.sendTest,
    },
  )
  process.stdout.write(
    options.json ? `${reportJson(patient, observations)}\n` : reportText(patient, observations),
  )
  await made?.stop()
  return isWell(observations) ? 0 : 1
}

/** The same command again, with the stage's resources as variables. */
async function lookInside(stage: string): Promise<number> {
  const flags = [options.sendTest && "--send-test", options.json && "--json"].filter((flag) => flag !== false)
  const { code, out, said } = await runInStage([process.execPath, "node_modules/sst/bin/sst.mjs"], {
    stage,
    command: ["node", "--import", "tsx", "packages/local/src/command/doctor.ts", ...flags],
    root: ROOT,
  })
  process.stdout.write(out)
  if (out === "") {
    process.stderr.write(`SST could not open the stage ${stage}; above is what it said. ${stageHint(said)}\n`)
  }
  return code === 0 ? 0 : 1
}
