/** What somebody is told who tries a rule before saving it. */
import { type CallRecord, recordJudgement, withTrail } from "@earshot/core/alert/call-record"
import type { Facts } from "@earshot/core/call/facts"
import { DAY, HOUR } from "@earshot/core/instant"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { judge } from "@earshot/core/rule/judgement"
import { compileRules } from "@earshot/core/rule/rule"
import { factsOf, listedFactsOf } from "@earshot/core/test-example"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import { describe, expect, test } from "vitest"
import { createTestApi, START } from "../test-api.ts"
import { PreviewView } from "../preview-view.ts"

const RULES = compileRules(DEFAULT_RULES)

function recordOf(facts: Facts): CallRecord {
  const at = facts.firstSeenAt + HOUR
  const record = recordJudgement(null, facts, judge(RULES, facts, at), ["slack"], at)
  return withTrail({ ...record, isOpen: false }, null, { now: at, isSeen: true })
}

/** Forty calls of the last days, the earliest of them ten days ago: every fourth scored 3, every fifth without a detail. */
async function createFilled() {
  const api = createTestApi()
  for (let index = 0; index < 40; index++) {
    const seenAt = START - (index * DAY) / 4 - 2 * HOUR
    const call = { id: `${index.toString(16)}-call`, score: index % 4 === 0 ? 3 : 5 }
    const times = { firstSeenAt: seenAt, overAt: seenAt }
    const facts =
      index % 5 === 0 ? listedFactsOf(call, times) : factsOf(call, { ...times, detailedAt: seenAt })
    await api.store.writeCall(recordOf(facts), 0)
  }
  return api
}

async function previewed(api: ReturnType<typeof createTestApi>, body: unknown) {
  const answer = await api.call("POST", "/rules/preview", { body })
  expect(answer.status, answer.text).toBe(200)
  return PreviewView.parse(answer.body)
}

describe("a preview", () => {
  test("of a rule that nobody saved: what it would have raised in a week, and nothing is written", async () => {
    const api = await createFilled()
    const before = JSON.stringify([await api.store.readRules(), await api.store.readControl()])
    const view = await previewed(api, { rule: { name: "So so", when: { score: { lte: 3 } } } })
    expect(view).toMatchObject({
      source: "stored",
      calls: 28,
      matches: 7,
      change: null,
      truncated: false,
      notes: [],
    })
    expect(view.byReason).toMatchObject([
      { field: "score", matches: 7, example: "Scored 3 of 5 (alert up to 3)" },
    ])
    expect(view.samples[0]).toMatchObject({ id: "0-call", agent: "Front desk" })
    expect(view.channels).toMatchObject([{ channel: "email" }, { channel: "slack", single: 7 }])
    expect(JSON.stringify([await api.store.readRules(), await api.store.readControl()])).toBe(before)
    expect((await previewed(api, { rule: { name: "x", when: { flagged: true } }, days: 30 })).calls).toBe(40)
  })

  test("of an edit says what it adds to the saved rule, and of a saved rule what it raised", async () => {
    const api = await createFilled()
    const edit = { id: "low-score", name: "Low score", when: { score: { lte: 3 } } }
    const { change } = await previewed(api, { rule: edit })
    expect(change).toMatchObject({ version: 1, added: 7, removed: 0 })
    expect(change?.addedIds).toContain("0-call")
    const known = await api.call("GET", "/rules/low-score")
    expect(await previewed(api, { rule: known.body })).toMatchObject({ change: { added: 0, removed: 0 } })
    expect(await previewed(api, { id: "low-score" })).toMatchObject({ matches: 0, change: null })
  })

  test("says of which calls it cannot tell, and what a budget of details would have shown", async () => {
    const view = await previewed(await createFilled(), {
      rule: { name: "VIP", when: { memory: { contains: "vip" } } },
    })
    expect(view.untold).toMatchObject([{ why: "no-detail", calls: 6, fields: ["memory"] }])
    expect(view.untold[0]?.text).toBe("No detail of the call was fetched, and only a detail has memory.")
    expect(view.detailBudgets).toEqual([{ perHour: 1, calls: 6 }])
  })

  test("without stored calls says so", async () => {
    const view = await previewed(createTestApi(), { id: "flagged" })
    expect(view).toMatchObject({ calls: 0, matches: 0 })
    expect(view.notes[0]).toBe("No calls are stored of these days.")
  })

  test("that cannot be read in time is cut short, and says so", async () => {
    const store = createMemoryStore()
    const slow = createTestApi({
      store: {
        ...store,
        readRecords: async (span) => {
          slow.advance(5000)
          return store.readRecords(span)
        },
      },
    })
    expect(await previewed(slow, { id: "flagged" })).toMatchObject({ truncated: true })
  })

  test("refuses an invalid rule, neither a rule nor an id, both, and an id that nobody has", async () => {
    const api = createTestApi()
    const ask = async (body: unknown) => (await api.call("POST", "/rules/preview", { body })).status
    expect(await ask("{")).toBe(400)
    expect(await ask({ rule: { name: "x", when: { scor: 1 } } })).toBe(400)
    expect(await ask({})).toBe(400)
    expect(await ask({ id: "flagged", rule: { name: "x", when: { flagged: true } } })).toBe(400)
    expect(await ask({ id: "flagged", days: 31 })).toBe(400)
    expect(await ask({ id: "nobody" })).toBe(404)
  })
})
