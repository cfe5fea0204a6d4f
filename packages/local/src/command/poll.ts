/**
 * `npm run poll [-- --create-table]`: one poll by the handler that Lambda runs, against whatever the environment
 * names. The last line of output is the report, as JSON; the exit code is 1 if the poll failed, wrong settings
 * included, which stderr has in lines for people.
 */
import { readOptions } from "@earshot/command/options"
import { ConfigurationErrors, readPollerConfig } from "@earshot/functions/config"
import { PollFailed, handler } from "@earshot/functions/poller"
import { createDynamoClient } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { realWorld } from "@earshot/io/world"
import type { PollReport } from "@earshot/poller/report"
import * as z from "zod"
import { tableFailure } from "../failure.ts"
import { awsProblems, dropEmptyAwsVariables, valuesOf } from "../local-config.ts"

type Failed = Partial<PollReport> & { ok: false; error: string }

const Options = z.object({
  createTable: z.boolean().default(false).describe("make the table first, if it is missing"),
})

const options = readOptions(Options, {
  command: "npm run poll",
  does: "Runs one poll, as Lambda does, against the Calls API, the table and the channels that the environment names.",
  example: "--create-table",
  more:
    "The README lists the variables. The last line of the output is the report, as JSON; the exit code is 0 if the\n" +
    "poll went well, 1 if it failed or a variable is wrong, and 2 if an option is.",
})

const report = await pollOnce()

process.stdout.write(`${JSON.stringify(report)}\n`)

process.exitCode = report.ok ? 0 : 1

async function pollOnce(): Promise<PollReport | Failed> {
  try {
    dropEmptyAwsVariables(process.env)
    const nothing = { ok: true, value: null } as const
    const [config] = valuesOf(readPollerConfig(), nothing, await awsProblems(process.env))
    if (options.createTable) await makeTable(config.tableName)
    return await handler({})
  } catch (error) {
    if (error instanceof PollFailed) return { ...error.report, ok: false, error: error.message }
    if (error instanceof ConfigurationErrors) {
      process.stderr.write(`${error.message}\n`)
      return { ok: false, error: `Configuration errors: ${error.problems.join("; ")}` }
    }
    return { ok: false, error: tableFailure(error) }
  }
}

async function makeTable(tableName: string): Promise<void> {
  const world = realWorld((line) => process.stderr.write(`${line}\n`))
  const isNew = await createTable(world, createDynamoClient(world), tableName)
  if (isNew) process.stderr.write(`Created the table ${tableName}.\n`)
}
