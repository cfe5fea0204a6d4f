/**
 * How long a preview takes over ten thousand stored calls with their transcripts, and how much room it needs: beside judging them one
 * `GetItem` at a time. The table answers at once, out of memory in this process, so that our side of it is what is measured; over a
 * network the requests that are saved weigh more.
 */
import { recordJudgement, storedForm, withTrail } from "@earshot/core/alert/call-record"
import { unedited } from "@earshot/core/channel/settings"
import { Facts, observeDetail } from "@earshot/core/call/facts"
import { DAY, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import { createPreview } from "@earshot/core/preview/preview"
import { judge } from "@earshot/core/rule/judgement"
import { type CompiledRule, Rule, compileRules } from "@earshot/core/rule/rule"
import { plainCall } from "@earshot/emulators/call-book"
import { createRandom, integer, pick } from "@earshot/emulators/random"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import type { Store } from "@earshot/io/store/store"
import { readStoredCalls } from "@earshot/io/stored-call"
import { realWorld } from "@earshot/io/world"
import * as z from "zod"
import type { BenchResult } from "./result.ts"

const CALLS = 10_000

const TURNS = 24

const RUNS = 20

/** Read one at a time; the rest is multiplication. */
const SINGLE_CALLS = 500

/** What DynamoDB answers at once. */
const PAGE_BYTES = 1_000_000

const MEGABYTE = 1_000_000

export async function measurePreview(): Promise<BenchResult[]> {
  const now = Date.now()
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
  const table = createTable(rule, now)
  const world = { ...realWorld(() => {}), fetch: table.fetch }
  const credentials = { accessKeyId: "local", secretAccessKey: "local" }
  const client = createDynamoClient(world, {
    endpoint: "http://127.0.0.1:1",
    region: "us-east-1",
    credentials,
  })
  const store = createDynamoStore(world, client, { tableName: "bench", team: "bench" })
  // Once, so that everything is loaded and the table has its pages.
  await readStoredCalls(world, store, now - 7 * DAY, () => {})
  const base = process.memoryUsage().rss
  let most = 0
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const begun = performance.now()
    const preview = previewOf(rule)
    await readStoredCalls(world, store, now - 7 * DAY, (record) => {
      preview.add(record)
      if (record.callId.endsWith("00")) most = Math.max(most, process.memoryUsage().rss - base)
    })
    if (preview.result().calls !== CALLS) throw new Error("The preview did not read every call.")
    times.push(performance.now() - begun)
  }
  const p95 = times.sort((a, b) => a - b)[Math.floor(RUNS * 0.95)] ?? Number.NaN
  const single = ((await singly(store, rule, table.ids)) * CALLS) / SINGLE_CALLS
  return [
    {
      name: `A preview over ${CALLS} stored calls of ${Math.round(table.bytes / CALLS / 100) / 10} KB, p95 of ${RUNS}`,
      values: { Earshot: p95 / SECOND, "one GetItem at a time": single / SECOND },
      unit: "s",
      ratio: p95 / single,
      target: "below 2 s, and at most a fifth",
      isMet: p95 < 2 * SECOND && p95 <= single / 5,
    },
    {
      name: "Memory that a preview takes beyond what the process had",
      values: { Earshot: most / MEGABYTE, "the calls as they are stored": table.bytes / MEGABYTE },
      unit: "MB",
      ratio: most / table.bytes,
      target: "below 150 MB",
      isMet: most < 150 * MEGABYTE,
    },
  ]
}

function previewOf(rule: CompiledRule) {
  return createPreview({ rule, saved: null, channels: [unedited("slack", "standard")] })
}

async function singly(store: Store, rule: CompiledRule, ids: readonly string[]): Promise<number> {
  const begun = performance.now()
  const preview = previewOf(rule)
  for (const id of ids.slice(0, SINGLE_CALLS)) {
    const known = await store.readCall(id)
    if (known) preview.add(known.value)
  }
  if (preview.result().calls !== SINGLE_CALLS) throw new Error("Not every call was read.")
  return performance.now() - begun
}

const Asked = z.object({
  Limit: z.number().default(Infinity),
  Key: z.object({ sk: z.object({ S: z.string() }) }).optional(),
  ExpressionAttributeValues: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  ExclusiveStartKey: z.object({ sk: z.object({ S: z.string() }) }).optional(),
})

/** Answers `Query` and `GetItem` as DynamoDB does, from items that are written already. */
function createTable(rule: CompiledRule, now: number) {
  const die = createRandom("preview", 1, "calm")
  const items = Array.from({ length: CALLS }, (_, index) =>
    itemOf(die, rule, now - 6 * DAY + index * 40 * SECOND),
  )
  items.sort((a, b) => (a.sk < b.sk ? -1 : 1))
  const byKey = new Map(items.map(({ sk, json }) => [sk, Buffer.from(`{"Item":${json}}`)]))
  const pages = new Map<string, Buffer>()
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const text =
      input instanceof Request ? await input.text() : new TextDecoder().decode(Body.parse(init?.body))
    const {
      Key,
      Limit,
      ExpressionAttributeValues: values,
      ExclusiveStartKey: start,
    } = Asked.parse(JSON.parse(text))
    const headers = { "content-type": "application/x-amz-json-1.0" }
    if (Key) return new Response(byKey.get(Key.sk.S) ?? "{}", { headers })
    const [from = "", to = ""] = [start?.sk.S ?? values?.[":after"]?.["S"], values?.[":before"]?.["S"]]
    const page = pages.get(`${from} ${to}`) ?? pageOf(items, { from, to, Limit })
    pages.set(`${from} ${to}`, page)
    return new Response(page, { headers })
  }
  const bytes = items.reduce((sum, { json }) => sum + json.length, 0)
  return { fetch, bytes, ids: items.map(({ sk }) => sk.slice("CALL#".length)) }
}

const Body = z.union([z.instanceof(Uint8Array), z.string().transform((text) => Buffer.from(text))])

/** What a query answers, written once: what the table does is not what is measured. */
function pageOf(
  items: readonly { sk: string; json: string }[],
  { from, to, Limit }: { from: string; to: string; Limit: number },
): Buffer {
  const page: string[] = []
  let bytes = 0
  let last = ""
  for (const { sk, json } of items) {
    if (sk <= from || sk > to) continue
    if (bytes > PAGE_BYTES || page.length >= Limit) {
      const key = `{"pk":{"S":"TEAM#bench"},"sk":{"S":"${last}"}}`
      return Buffer.from(`{"Items":[${page.join(",")}],"LastEvaluatedKey":${key}}`)
    }
    page.push(json)
    bytes += json.length
    last = sk
  }
  return Buffer.from(`{"Items":[${page.join(",")}]}`)
}

const WORDS =
  "the a to and of you I it is that was for on have be this with not are can we my table order time today call name number please thank refund waiting again help booking delivery"

function itemOf(die: () => number, rule: CompiledRule, at: number): { sk: string; json: string } {
  const digits = (count: number) =>
    Array.from({ length: count }, () => integer(die, 0, 15).toString(16)).join("")
  const id = `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`
  const words = WORDS.split(" ").filter((word) => word !== "refund" || die() < 0.1)
  const say = () => Array.from({ length: integer(die, 6, 30) }, () => pick(die, words)).join(" ")
  const transcript = Array.from({ length: TURNS }, (_, turn) => {
    return {
      speaker: turn % 2 === 0 ? "agent" : "caller",
      text: say(),
      timestamp: isoOf(at + turn * 5 * SECOND),
    }
  })
  const call = plainCall({
    id,
    createdAt: isoOf(at),
    endedAt: isoOf(at + 2 * MINUTE),
    transcript,
    score: integer(die, 0, 5),
  })
  const facts = observeDetail(null, Facts.shape.call.parse(call), at + 3 * MINUTE)
  const made = recordJudgement(null, facts, judge([rule], facts, at + 3 * MINUTE), [], at + 3 * MINUTE)
  const record = withTrail({ ...made, isOpen: false }, null, { now: at + 3 * MINUTE, isSeen: true })
  const body = JSON.stringify(storedForm(record))
  const item = { sk: { S: `CALL#${id}` }, version: { N: "1" }, writer: { S: "w" }, body: { S: body } }
  return { sk: `CALL#${id}`, json: JSON.stringify(item) }
}
