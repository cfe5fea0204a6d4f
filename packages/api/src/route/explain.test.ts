/** Why a call was alerted, or was not, as far as it is kept. */
import { type CallRecord, recordJudgement, withDelivery, withTrail } from "@earshot/core/alert/call-record"
import type { Facts } from "@earshot/core/call/facts"
import { callReference } from "@earshot/core/fingerprint"
import { DAY, HOUR, MINUTE, isoOf } from "@earshot/core/instant"
import { hourOf } from "@earshot/core/receipt/hour"
import { DEFAULT_RULES, rulesInForce } from "@earshot/core/rule/default-rule"
import { judge } from "@earshot/core/rule/judgement"
import { RULES_MAX, type StoredRule, compileRules } from "@earshot/core/rule/rule"
import { factsOf, listedFactsOf, watchedOf, watchOf } from "@earshot/core/test-example"
import { callKey } from "@earshot/core/watch/call-key"
import { describe, expect, test } from "vitest"
import { earlierVersions } from "../rule-history.ts"
import { START, createTestApi } from "../test-api.ts"
import { ExplanationView } from "./explain.ts"

const RULES = compileRules(DEFAULT_RULES)

const SEEN = START - HOUR

/** As the engine keeps it, judged every minute. */
function recordOf(course: readonly Facts[], isOpen = false): CallRecord {
  let known: CallRecord | null = null
  course.forEach((facts, index) => {
    const at = SEEN + index * MINUTE
    known = withTrail(recordJudgement(known, facts, judge(RULES, facts, at), ["slack"], at), known, {
      now: at,
      isSeen: true,
    })
  })
  if (known === null) throw new Error("Nothing was kept.")
  return { ...(known satisfies CallRecord as CallRecord), isOpen }
}

function recordBy(stored: readonly StoredRule[], facts: Facts): CallRecord {
  const judgement = judge(compileRules(rulesInForce(stored)), facts, SEEN)
  return { ...recordJudgement(null, facts, judgement, ["slack"], SEEN), isOpen: false }
}

async function explained(api: ReturnType<typeof createTestApi>, path: string) {
  const answer = await api.call("GET", `/calls/${path}`)
  expect(answer.status, answer.text).toBe(200)
  return ExplanationView.parse(answer.body)
}

const times = { firstSeenAt: SEEN, overAt: SEEN, detailedAt: SEEN }

describe("a call that was alerted", () => {
  test("is explained by each rule at its version, by when its facts came, and by what was sent where", async () => {
    const api = createTestApi()
    const course = [factsOf({ score: null }, times), factsOf({ score: 1 }, times)]
    const record = recordOf(course)
    const [delivery] = record.deliveries
    if (!delivery) throw new Error("It is owed.")
    const sent = withDelivery(record, { ...delivery, state: "sent", sentAt: SEEN + 2 * MINUTE })
    await api.store.writeCall(sent, 0)
    await api.store.noteReference("call-1")
    const view = await explained(api, `${callReference("call-1")}/explain`)
    expect(view).toMatchObject({
      id: "call-1",
      state: "decided",
      alerted: true,
      why: "It raised an alert: Low score. It was sent to slack.",
    })
    const low = view.rules.find(({ id }) => id === "low-score")
    expect(low).toMatchObject({
      version: 1,
      verdict: "true",
      leaves: [
        {
          field: "score",
          operand: 2,
          seen: 1,
          truth: "true",
          needs: "nothing",
          text: "Scored 1 of 5 (alert up to 2)",
        },
      ],
      judged: [
        { at: isoOf(SEEN), truth: "unknown" },
        { at: isoOf(SEEN + MINUTE), truth: "true" },
      ],
    })
    expect(view.learnt.at(-1)).toEqual({
      at: isoOf(SEEN + MINUTE),
      whole: true,
      fields: [{ field: "score", value: 1 }],
    })
    expect(view.deliveries).toMatchObject([
      { channel: "slack", state: "sent", text: "The alert was sent at 2026-01-05 08:02 UTC." },
      { channel: "email", state: "none" },
    ])
  })

  test("by a default rule that was edited since is explained by what it asked for then", async () => {
    const api = createTestApi()
    await api.store.writeCall(recordOf([factsOf({ score: 2 }, times)]), 0)
    const body = { name: "Lower", when: { score: { lte: 1 } } }
    expect((await api.call("PUT", "/rules/low-score", { body, ifMatch: '"1"' })).status).toBe(200)
    const { rules, why } = await explained(api, "call-1/explain")
    expect(why).toContain("It raised an alert: Low score.")
    const low = rules.find(({ id }) => id === "low-score")
    expect(low).toMatchObject({
      version: 1,
      name: "Low score",
      verdict: "true",
      leaves: [{ operand: 2, truth: "true" }],
      judged: [{ at: isoOf(SEEN), truth: "true" }],
    })
    expect(low?.why).toBe(
      "It matched at 2026-01-05 08:00 UTC. The rule has changed since: it is at version 2 now.",
    )
  })

  test("by a rule of one's own is explained by that version, whether it was edited, switched off or deleted since", async () => {
    const api = createTestApi()
    const rule = (gte: number, mode = "live") => ({ name: "Long", mode, when: { duration: { gte } } })
    await api.call("POST", "/rules", { body: rule(60) })
    await api.store.writeCall(recordBy(await api.store.readRules(), factsOf({ duration: 90 }, times)), 0)
    const longRule = async () =>
      (await explained(api, "call-1/explain")).rules.find(({ id }) => id === "long")
    const asThen = { version: 1, verdict: "true", leaves: [{ operand: 60, seen: 90, truth: "true" }] }
    await api.call("PUT", "/rules/long", { body: rule(600), ifMatch: '"1"' })
    expect(await longRule()).toMatchObject({ ...asThen, why: expect.stringContaining("at version 2 now.") })
    await api.call("PUT", "/rules/long", { body: rule(600, "off"), ifMatch: '"2"' })
    expect(await longRule()).toMatchObject({
      ...asThen,
      why: expect.stringContaining("The rule is off now."),
    })
    await api.call("DELETE", "/rules/long", { ifMatch: '"3"' })
    expect(await longRule()).toMatchObject({ ...asThen, why: expect.stringContaining("The rule is gone.") })
  })

  test("by one version and judged by another is told so", async () => {
    const api = createTestApi()
    const first = recordOf([factsOf({ score: 1 }, times)])
    const strict = { id: "low-score", name: "Lower", when: { score: { lte: 0 } } }
    await api.call("PUT", "/rules/low-score", { body: strict, ifMatch: '"1"' })
    const rejudged = judge(
      compileRules(rulesInForce(await api.store.readRules())),
      first.facts,
      SEEN + MINUTE,
    )
    await api.store.writeCall(recordJudgement(first, first.facts, rejudged, ["slack"], SEEN + MINUTE), 0)
    const { rules } = await explained(api, "call-1/explain")
    expect(rules.find(({ id }) => id === "low-score")).toMatchObject({
      version: 2,
      verdict: "false",
      why: "It does not match. As version 1 it matched at 2026-01-05 08:00 UTC.",
    })
  })

  test("by a version that is not kept any more says so, and shows the leaves of no other", async () => {
    const api = createTestApi()
    const record = recordOf([factsOf({ score: 1 }, times)])
    const verdicts = record.verdicts.map((one) => ({ ...one, version: 7 }))
    await api.store.writeCall({ ...record, verdicts }, 0)
    const { rules } = await explained(api, "call-1/explain")
    const low = rules.find(({ id }) => id === "low-score")
    expect(low).toMatchObject({ version: 7, leaves: [], judged: [] })
    expect(low?.why).toContain("What it asked for as version 7 is not kept any more, or cannot be read.")
  })

  test("reads as many versions as a record may name, and never more than there may be rules", async () => {
    const api = createTestApi()
    const record = recordOf([factsOf({ score: 1 }, times)])
    const [verdict] = record.verdicts
    if (!verdict) throw new Error("It was judged.")
    const verdicts = Array.from({ length: 300 }, (_, index) => ({ ...verdict, ruleId: `old-${index}` }))
    let reads = 0
    const counting = {
      ...api.store,
      readRuleVersion: async (id: string, version: number) => {
        reads++
        return api.store.readRuleVersion(id, version)
      },
    }
    await earlierVersions(counting, { ...record, verdicts }, DEFAULT_RULES)
    expect(reads).toBe(RULES_MAX)
    reads = 0
    await earlierVersions(counting, record, DEFAULT_RULES)
    expect(reads).toBe(0)
  })
})

describe("a call that was not alerted", () => {
  test("says of each comparison what it saw and what could decide it", async () => {
    const api = createTestApi()
    await api.store.writeCall(
      recordOf([listedFactsOf({ score: null }, { ...times, detailedAt: null })], true),
      0,
    )
    const { rules, why, deliveries } = await explained(api, "call-1/explain")
    expect(why).toBe("No rule has matched yet. Still undecided: Angry caller, Low score, Transferred.")
    const leafOf = (id: string) => rules.find((rule) => rule.id === id)?.leaves[0]
    expect(leafOf("angry-caller")).toMatchObject({
      truth: "unknown",
      needs: "detail",
      seen: null,
      text: null,
    })
    expect(leafOf("low-score")).toMatchObject({ truth: "unknown", needs: "time" })
    expect(leafOf("flagged")).toMatchObject({
      truth: "false",
      needs: "nothing",
      seen: false,
      text: "Not flagged",
    })
    expect(deliveries.map(({ text }) => text)).toContain(
      "Nothing was sent: no rule that alerts people matched.",
    )
  })

  test("by a rule that is newer says what it would have done", async () => {
    const api = createTestApi()
    await api.store.writeCall(recordOf([factsOf({}, times)]), 0)
    await api.call("POST", "/rules", { body: { name: "Long", when: { duration: { gte: 60 } } } })
    const { rules } = await explained(api, "call-1/explain")
    const why =
      "The call was not judged by it: it is newer, or was off. On what is known, it would have matched."
    expect(rules.find(({ id }) => id === "long")).toMatchObject({ version: null, verdict: null, why })
  })
})

describe("a call that nothing is kept of", () => {
  async function createRead() {
    const api = createTestApi()
    await api.store.acquire({ now: START - MINUTE, gateMs: 0, since: START - 2 * DAY })
    await api.store.changeControl(1, { watermark: START - 10 * MINUTE })
    return api
  }

  test("may wait, or have been given up or deleted, which its traces tell", async () => {
    const api = await createRead()
    await api.store.writeWatch({ ...watchOf([watchedOf("waits", START, { open: {} })]), version: 1 })
    const hour = hourOf(START)
    const sets = { add: { unexamined: [callKey("given-up")], deleted: [callKey("deleted")] }, remove: {} }
    await api.store.addCoverage(hour, sets)
    for (const [id, state] of [
      ["waits", "waiting"],
      ["given-up", "given-up"],
      ["deleted", "deleted"],
    ])
      expect(await explained(api, `${id}/explain`)).toMatchObject({ state, alerted: false })
  })

  test("without a trace is told apart by when it began, and without that the answer names what it may be", async () => {
    const api = await createRead()
    const stateOf = async (startedAt: number) =>
      (await explained(api, `nobody/explain?startedAt=${isoOf(startedAt)}`)).state
    expect(await stateOf(START - 3 * DAY)).toBe("before-since")
    expect(await stateOf(START - HOUR)).toBe("not-listed")
    expect(await stateOf(START - 8 * MINUTE)).toBe("not-yet-read")
    const { state, why } = await explained(api, "nobody/explain")
    expect(state).toBe("unknown")
    expect(why).toContain("With ?startedAt= more of these can be told apart.")
    expect(await explained(createTestApi(), "nobody/explain")).toMatchObject({ state: "not-yet-read" })
    expect((await api.call("GET", "/calls/nobody/explain?startedAt=x")).status).toBe(400)
  })
})
