/**
 * `npm run poll [-- --create-table]`: one poll by the handler that Lambda runs, against whatever the environment
 * names. The last line of output is the report, as JSON; the exit code is 1 if the poll failed.
 */
import { readPollerConfig } from "@earshot/functions/config"
import { PollFailed, handler } from "@earshot/functions/poller"
import { createDynamoClient } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { realWorld } from "@earshot/io/world"
import type { PollReport } from "@earshot/poller/report"
import { parseArgs } from "node:util"

type Failed = Partial<PollReport> & { ok: false; error: string }

const report = await pollOnce()

process.stdout.write(`${JSON.stringify(report)}\n`)

process.exitCode = report.ok ? 0 : 1

async function pollOnce(): Promise<PollReport | Failed> {
  try {
    const { values } = parseArgs({ options: { "create-table": { type: "boolean" } } })
    if (values["create-table"]) await makeTable()
    return await handler({})
  } catch (error) {
    if (error instanceof PollFailed) return { ...error.report, ok: false, error: error.message }
    return { ok: false, error: error instanceof Error ? messageOf(error) : "unknown" }
  }
}

async function makeTable(): Promise<void> {
  const read = readPollerConfig()
  if (!read.ok) throw new Error(read.message)
  const world = realWorld((line) => process.stderr.write(`${line}\n`))
  const { tableName } = read.value
  const isNew = await createTable(world, createDynamoClient(world), tableName)
  if (isNew) process.stderr.write(`Created the table ${tableName}.\n`)
}

/** The AWS SDK's errors often say nothing without their name or the cause's code. */
function messageOf(error: Error): string {
  const { cause } = error
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : ""
  const name = error.name === "Error" || error.name === "TypeError" ? "" : `${error.name}: `
  return `${name}${error.message}${code}`
}
