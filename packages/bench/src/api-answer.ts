/**
 * How long the HTTP API takes to answer, in this process and on a store in memory: beside a bare Hono route that validates the same
 * body by the same schema and writes the same rule, without a token, versions, warnings or anything else.
 */
import { createApi } from "@earshot/api/app"
import { RuleBody } from "@earshot/api/rule-body"
import { Rule } from "@earshot/core/rule/rule"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import { realWorld } from "@earshot/io/world"
import { Hono } from "hono"
import type { BenchResult } from "./result.ts"

const TOKEN = "a-token-of-the-bench"

const REQUESTS = 400

/** Both take turns, after so many that nobody counts. */
const WARM_UP = 100

const RATIO_MAX = 3

/** A rule of ten comparisons, as people write them. */
const RULE = {
  name: "Angry or scored low",
  severity: "critical",
  when: {
    all: [
      {
        any: [
          { score: { lte: 2 } },
          { "sentiment.angry": { gte: 0.5 } },
          { flagged: true },
          { transferred: true },
          { summary: { contains: "refund" } },
          { "transcript.caller": { contains: "manager" } },
        ],
      },
      { duration: { gte: 30 } },
      { status: "completed" },
      { not: { summary: { contains: "wrong number" } } },
      { not: { "transcript.caller": { contains: "survey" } } },
    ],
  },
}

export async function measureApi(): Promise<BenchResult[]> {
  const world = realWorld(() => {})
  const store = createMemoryStore()
  const api = createApi(world, store, { token: TOKEN, intervalMs: 0 })
  const bare = createBare()
  const created = await api.request("/rules", { method: "POST", headers: HEADERS, body: bodyOf(0) })
  if (created.status !== 201) throw new Error(`The rule was not made: ${await created.text()}`)
  const times: Record<"ours" | "bare" | "read", number[]> = { ours: [], bare: [], read: [] }
  for (let index = 1; index <= WARM_UP + REQUESTS; index++) {
    const put = { method: "PUT", headers: { ...HEADERS, "if-match": `"${index}"` }, body: bodyOf(index) }
    const ours = await timed(async () => api.request(`/rules/${ID}`, put))
    const plain = await timed(async () => bare.request(`/rules/${ID}`, put))
    const read = await timed(async () => api.request("/rules", { headers: HEADERS }))
    if (index <= WARM_UP) continue
    times.ours.push(ours)
    times.bare.push(plain)
    times.read.push(read)
  }
  const [ours, plain] = [medianOf(times.ours), medianOf(times.bare)]
  return [
    {
      name: `The HTTP API's answer to PUT /rules/{id} with ten comparisons, p50 of ${REQUESTS}`,
      values: {
        Earshot: ours,
        "a bare Hono route with the same validation": plain,
        "GET /rules": medianOf(times.read),
      },
      unit: "ms",
      ratio: ours / plain,
      target: `at most ${RATIO_MAX} times`,
      isMet: ours <= RATIO_MAX * plain,
    },
  ]
}

const ID = "angry-or-scored-low"

const HEADERS = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" }

/** Each says something else, as edits do. */
function bodyOf(index: number): string {
  return JSON.stringify({ ...RULE, name: `${RULE.name} ${index}`, id: ID })
}

function createBare(): Hono {
  const store = createMemoryStore()
  return new Hono().put("/rules/:id", async (context) => {
    const body = RuleBody.safeParse(await context.req.json())
    if (!body.success) return context.json({ error: body.error.message }, 400)
    const known = await store.readRule(context.req.param("id"))
    const version = (known?.version ?? 0) + 1
    const { note: _note, ...rule } = body.data
    const saved = Rule.parse({ ...rule, id: ID, version, updatedAt: new Date().toISOString() })
    await store.writeRule(saved)
    return context.json(saved)
  })
}

async function timed(ask: () => Promise<Response>): Promise<number> {
  const begun = performance.now()
  const answer = await ask()
  const text = await answer.text()
  const took = performance.now() - begun
  if (answer.status >= 300) throw new Error(`${answer.status}: ${text}`)
  return took
}

function medianOf(times: number[]): number {
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}
