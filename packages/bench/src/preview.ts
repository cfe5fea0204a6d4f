/**
 * How long a preview takes over ten thousand stored calls with their transcripts, and how much room it needs: beside judging them one
 * `GetItem` at a time. The table answers at once, out of memory in this process; over a network the requests that are saved weigh
 * more. Time by the clock depends on what else the machine does; the time of the processor hardly does, and is split: what the table
 * here and the AWS SDK take for the same requests, when nothing is made of their answers, and what is left for Earshot.
 */
import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb"
import type { CallRecord } from "@earshot/core/alert/call-record"
import { unedited } from "@earshot/core/channel/settings"
import { DAY, SECOND } from "@earshot/core/instant"
import { createPreview } from "@earshot/core/preview/preview"
import { type CompiledRule, Rule, compileRules } from "@earshot/core/rule/rule"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import type { Store } from "@earshot/io/store/store"
import { readStoredCalls } from "@earshot/io/stored-call"
import { type World, realWorld } from "@earshot/io/world"
import { PREVIEWED_CALLS, createPreviewTable } from "./preview-table.ts"
import type { BenchResult } from "./result.ts"

const RUNS = 20

/** After each preview this many calls are read one at a time, under the same load; the time for all of them is extrapolated. */
const SINGLE_CALLS = 25

const MEGABYTE = 1_000_000

/** Milliseconds: by the clock, and of the processor. */
type Taken = { wall: number; cpu: number }

export async function measurePreview(): Promise<BenchResult[]> {
  const now = Date.now()
  const rule = ruleOfBench()
  const table = createPreviewTable(rule, now)
  const world = { ...realWorld(() => {}), fetch: table.fetch }
  const client = clientOn(world)
  const store = createDynamoStore(world, client, { tableName: "bench", team: "bench" })
  let most = 0
  /** `visit` of each record, while it is watched how much room that takes beyond what the process had. */
  const read = (visit: (record: CallRecord) => void) => {
    const base = process.memoryUsage().rss
    return readStoredCalls(world, store, now - 7 * DAY, (record) => {
      visit(record)
      if (record.callId.endsWith("00")) most = Math.max(most, process.memoryUsage().rss - base)
    })
  }
  // Once, so that everything is loaded and the table has its pages.
  await read(previewOf(rule).add)
  const queries = table.queries.splice(0)
  const taken: Record<"ours" | "single" | "table" | "sdk", Taken[]> = {
    ours: [],
    single: [],
    table: [],
    sdk: [],
  }
  for (let run = 0; run < RUNS; run++) {
    const preview = previewOf(rule)
    taken.ours.push(await timeOf(() => read(preview.add)))
    if (preview.result().calls !== PREVIEWED_CALLS) throw new Error("The preview did not read every call.")
    const ids = table.ids.slice(run * SINGLE_CALLS, (run + 1) * SINGLE_CALLS)
    taken.single.push(await timeOf(() => singly(store, rule, ids)))
  }
  for (let run = 0; run < RUNS; run++) {
    taken.table.push(await timeOf(() => askTable(table.fetch, queries)))
    taken.sdk.push(await timeOf(() => askSdk(client, queries)))
  }
  return resultsOf(taken, { most, bytes: table.bytes })
}

function resultsOf(
  taken: Record<"ours" | "single" | "table" | "sdk", Taken[]>,
  { most, bytes }: { most: number; bytes: number },
): BenchResult[] {
  const p95 = rankOf(taken.ours, "wall", 0.95)
  const all = taken.single.reduce((sum, { wall }) => sum + wall, 0)
  const single = (all / RUNS / SINGLE_CALLS) * PREVIEWED_CALLS
  const [cpu, sdk, table] = (["ours", "sdk", "table"] as const).map((what) => rankOf(taken[what], "cpu", 0.5))
  const size = `${PREVIEWED_CALLS} stored calls of ${Math.round(bytes / PREVIEWED_CALLS / 100) / 10} KB`
  return [
    {
      name: `A preview over ${size}, p95 of ${RUNS}`,
      values: { Earshot: p95 / SECOND, "one GetItem at a time": single / SECOND },
      unit: "s",
      ratio: p95 / single,
      target: "below 2 s, and at most a fifth",
      isMet: p95 < 2 * SECOND && p95 <= single / 5,
    },
    {
      name: `The processor's time for a preview over ${size}, p50 of ${RUNS}`,
      values: {
        "Earshot, with all that it uses": cpu ?? Number.NaN,
        "of which the AWS SDK": (sdk ?? Number.NaN) - (table ?? Number.NaN),
        "of which the table's stand-in": table ?? Number.NaN,
      },
      unit: "ms",
      ratio: (sdk ?? Number.NaN) / (cpu ?? Number.NaN),
      target: null,
      isMet: true,
    },
    {
      name: `Memory that a preview takes beyond what the process had, the most of ${RUNS + 1}`,
      values: { Earshot: most / MEGABYTE, "the calls as they are stored": bytes / MEGABYTE },
      unit: "MB",
      ratio: most / bytes,
      target: "below 150 MB",
      isMet: most < 150 * MEGABYTE,
    },
  ]
}

/** The value below which that share of them lies, itself among them. */
function rankOf(taken: readonly Taken[], what: keyof Taken, share: number): number {
  const sorted = taken.map((one) => one[what]).sort((a, b) => a - b)
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
}

async function timeOf(work: () => Promise<unknown>): Promise<Taken> {
  const [begun, used] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(used)
  return { wall: performance.now() - begun, cpu: (user + system) / 1000 }
}

function ruleOfBench(): CompiledRule {
  const [rule] = compileRules([
    Rule.parse({
      id: "bench",
      name: "Bench",
      settle: "PT30M",
      version: 2,
      updatedAt: null,
      when: { "transcript.caller": { contains: "refund" }, score: { lte: 3 } },
    }),
  ])
  if (!rule) throw new Error("The rule does not compile.")
  return rule
}

function clientOn(world: World): DynamoDBClient {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" }
  return createDynamoClient(world, { endpoint: ENDPOINT, region: "us-east-1", credentials })
}

/** Nobody listens there: the table takes the request before. */
const ENDPOINT = "http://127.0.0.1:1"

function previewOf(rule: CompiledRule) {
  return createPreview({ rule, saved: null, channels: [unedited("slack", "standard")] })
}

async function singly(store: Store, rule: CompiledRule, ids: readonly string[]): Promise<void> {
  const preview = previewOf(rule)
  for (const id of ids) {
    const known = await store.readCall(id)
    if (known) preview.add(known.value)
  }
  if (preview.result().calls !== ids.length) throw new Error("Not every call was read.")
}

/** The same requests, of which the answers are only received. */
async function askTable(fetch: World["fetch"], queries: readonly string[]): Promise<void> {
  for (const body of queries) await (await fetch(ENDPOINT, { method: "POST", body })).arrayBuffer()
}

/** The same by way of the SDK, which reads the answers. */
async function askSdk(client: DynamoDBClient, queries: readonly string[]): Promise<void> {
  for (const body of queries) await client.send(new QueryCommand(JSON.parse(body)))
}
