/**
 * The table of the bench of previews: ten thousand calls with their transcripts as they are stored. It answers `Query` and `GetItem` as
 * DynamoDB does, out of memory, from answers that are written already, so that it takes as little as may be of what is measured.
 */
import { recordJudgement, storedForm, withTrail } from "@earshot/core/alert/call-record"
import { Facts, observeDetail } from "@earshot/core/call/facts"
import { DAY, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import { judge } from "@earshot/core/rule/judgement"
import type { CompiledRule } from "@earshot/core/rule/rule"
import { plainCall } from "@earshot/emulators/call-book"
import { createRandom, integer, pick } from "@earshot/emulators/random"
import * as z from "zod"

export const PREVIEWED_CALLS = 10_000

const TURNS = 24

/** What DynamoDB answers at once. */
const PAGE_BYTES = 1_000_000

const Asked = z.object({
  Limit: z.number().default(Infinity),
  Key: z.object({ sk: z.object({ S: z.string() }) }).optional(),
  ExpressionAttributeValues: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  ExclusiveStartKey: z.object({ sk: z.object({ S: z.string() }) }).optional(),
})

/** `queries`: the bodies of those that it was sent, until somebody takes them out. */
export function createPreviewTable(rule: CompiledRule, now: number) {
  const die = createRandom("preview", 1, "calm")
  const items = Array.from({ length: PREVIEWED_CALLS }, (_, index) =>
    itemOf(die, rule, now - 6 * DAY + index * 40 * SECOND),
  )
  items.sort((a, b) => (a.sk < b.sk ? -1 : 1))
  const byKey = new Map(items.map(({ sk, json }) => [sk, Buffer.from(`{"Item":${json}}`)]))
  const pages = new Map<string, Buffer>()
  const queries: string[] = []
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
    queries.push(text)
    return new Response(page, { headers })
  }
  const bytes = items.reduce((sum, { json }) => sum + json.length, 0)
  return { fetch, bytes, queries, ids: items.map(({ sk }) => sk.slice("CALL#".length)) }
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
