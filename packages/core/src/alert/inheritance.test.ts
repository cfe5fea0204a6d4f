/** What only deleted channels are owed is owed to the fallback, once, and nothing else is moved. */
import { describe, expect, test } from "vitest"
import { judge } from "../rule/judgement.ts"
import { START, factsOf, ruleOf } from "../test-example.ts"
import { CallRecord, recordJudgement } from "./call-record.ts"
import { testRecord } from "./channel-test.ts"
import { type Delivery, owe } from "./delivery.ts"
import { type Inheritance, inherited } from "./inheritance.ts"
import type { Recipient } from "./routing.ts"

const everybody = (id: string, isFallback: boolean): Recipient => {
  return { id, severityFrom: "info", agents: [], isFallback }
}

const criticalOnly = (id: string, isFallback: boolean): Recipient => {
  return { id, severityFrom: "critical", agents: [], isFallback }
}

const RECIPIENTS = [everybody("slack", true), criticalOnly("night", false)]

const GONE = { deleted: ["billing", "crm"], recipients: RECIPIENTS, rules: [] }

const due = (channel: string): Delivery => owe(channel, 0, { dueAt: START, now: START })

const sentTo = (channel: string, given: number): Delivery => {
  const { channel: id, attempts, owedAt, mayRepeat } = due(channel)
  return { channel: id, attempts, owedAt, mayRepeat, state: "sent", sentAt: START, given }
}

/** With two reasons, as an older version found them. */
function recordWith(...deliveries: Delivery[]): CallRecord {
  const rules = [ruleOf({ flagged: true }, { id: "a" }), ruleOf({ flagged: true }, { id: "b" })]
  const facts = factsOf({ flagged: true })
  const record = recordJudgement(null, facts, judge(rules, facts, START), ["slack"], START)
  return { ...record, deliveries }
}

const after = (...deliveries: Delivery[]) =>
  inherited(recordWith(...deliveries), GONE, START)?.deliveries ?? null

test("what several deleted channels and nobody else are owed goes to the deployment's, once", () => {
  expect(after(due("billing"), due("crm"))).toEqual([due("slack")])
})

test("what another channel has said, or will say, stays where it is", () => {
  expect(after(due("billing"), sentTo("night", 2))).toBeNull()
  expect(after(due("billing"), due("night"))).toBeNull()
  // It is off, and may come back.
  expect(after(due("billing"), due("desk"))).toBeNull()
})

test("news that others have not been told goes on, as one more message where there was one", () => {
  expect(after(due("billing"), sentTo("night", 1))).toEqual([sentTo("night", 1), due("slack")])
  const second = owe("slack", 1, { dueAt: START, now: START })
  expect(after(due("billing"), sentTo("slack", 1))).toEqual([sentTo("slack", 1), second])
})

test("a later reason that is no worse, of a rule that goes to others who know of the call, moves nothing", () => {
  const moved = (channels?: string[]) =>
    inherited(
      recordWith(due("billing"), sentTo("night", 1)),
      { ...GONE, rules: [{ id: "b", channels }] },
      START,
    )?.deliveries.map(({ channel }) => channel) ?? null
  expect(moved(["night"])).toBeNull()
  expect(moved(["night", "billing"])).toBeNull()
  const toTakers = inherited(
    recordWith(due("billing"), sentTo("slack", 1)),
    { ...GONE, rules: [{ id: "b" }] },
    START,
  )
  expect(toTakers).toBeNull()
  // It was the deleted channel's alone, or one's who knows nothing of the call.
  expect(moved(["billing"])).toEqual(["night", "slack"])
  expect(moved()).toEqual(["night", "slack"])
  expect(moved(["slack"])).toEqual(["night", "slack"])
})

/** A call of which the night desk was told, and then something was found that is no worse and is owed to billing, which is deleted. */
function foundLater(then: Recipient[], now: { channels?: string[]; recipients: Recipient[] }) {
  const rule = (channels?: string[]) => ruleOf({ spam: true }, { id: "later", severity: "info", channels })
  const first = ruleOf({ flagged: true }, { id: "first", severity: "warning", channels: ["night"] })
  const judged = (known: CallRecord | null, spam: boolean, at: number) => {
    const facts = factsOf({ flagged: true, spam })
    return recordJudgement(known, facts, judge([first, rule(now.channels)], facts, at), then, at)
  }
  const alerted = judged(null, false, START)
  const told = { ...alerted, deliveries: [sentTo("night", 1)] }
  const record = judged(told, true, START + 1)
  return (older: boolean) => {
    const { passedOver: _, ...alert } = record.alert ?? { raisedAt: 0, reasons: [] }
    const read = CallRecord.parse(JSON.parse(JSON.stringify(older ? { ...record, alert } : record)))
    const after = inherited(
      read,
      { deleted: ["billing"], recipients: now.recipients, rules: [rule()] },
      START + 1,
    )
    return after?.deliveries.map(({ channel, seq = 0 }) => `${channel} ${seq}`) ?? null
  }
}

describe("whom a later reason was not sent to, because they knew of the call", () => {
  const billing = everybody("billing", false)
  const picky = criticalOnly("night", true)
  const open = everybody("night", true)

  test("is settled when it is found: who takes it only since an edit is told", () => {
    expect(foundLater([billing, picky], { recipients: [open] })(false)).toEqual(["night 0", "night 1"])
    // It was switched off.
    expect(foundLater([billing], { recipients: [open] })(false)).toEqual(["night 0", "night 1"])
    // Its rule named others.
    const named = { channels: ["billing"], recipients: [open] }
    expect(foundLater([billing, open], named)(false)).toEqual(["night 0", "night 1"])
  })

  test("is settled for good: who does not take it any more had it decided all the same", () => {
    expect(foundLater([billing, open], { recipients: [open] })(false)).toBeNull()
    const others = [everybody("slack", true), criticalOnly("night", false)]
    expect(foundLater([billing, open], { recipients: others })(false)).toBeNull()
  })

  test("is guessed by what is set now where an older version found it", () => {
    expect(foundLater([billing, picky], { recipients: [open] })(true)).toBeNull()
    const others = [everybody("slack", true), criticalOnly("night", false)]
    expect(foundLater([billing, open], { recipients: others })(true)).toEqual(["night 0", "slack 0"])
  })

  test("is not asked of one that was owed it", () => {
    const email = everybody("email", true)
    expect(foundLater([billing, picky, email], { recipients: [picky, email] })(false)).toBeNull()
  })
})

test("what a deleted channel was never told is not taken back there", () => {
  const withdrawal: Delivery = { ...owe("billing", 1, { dueAt: START, now: START }), kind: "withdrawal" }
  expect(after(due("billing"), withdrawal)).toEqual([due("slack")])
  const told = after(sentTo("billing", 1), { ...withdrawal, seq: 2 }, { ...due("billing"), seq: 3 })
  expect(told?.filter(({ channel }) => channel === "billing")).toHaveLength(2)
})

test("it goes to those who take it now, and to the fallback only if nobody does", () => {
  const picky = criticalOnly("slack", true)
  const email = everybody("email", true)
  const heirsOf = (recipients: readonly Recipient[], rules: Inheritance["rules"]) =>
    inherited(recordWith(due("billing")), { ...GONE, recipients, rules }, START)?.deliveries.map(
      ({ channel }) => channel,
    )
  const rules = [{ id: "a" }, { id: "b" }]
  expect(heirsOf([picky, email], rules)).toEqual(["email"])
  expect(heirsOf([picky], rules)).toEqual(["slack"])
  // A rule that is off, or deleted.
  expect(heirsOf([picky, email], [])).toEqual(["email"])
  expect(heirsOf([picky, email, everybody("night", false)], [{ id: "a", channels: ["night"] }])).toEqual([
    "night",
    "email",
  ])
})

test("what was given up elsewhere has not been said", () => {
  const dead: Delivery = { ...sentTo("night", 2), state: "dead", deadAt: START, why: "no" }
  expect(after(due("billing"), dead)).toEqual([dead, due("slack")])
})

test("a message that somebody may be sending, and what is not due, waits", () => {
  const { channel, owedAt } = due("billing")
  const base = { channel, owedAt, attempts: 1, mayRepeat: false }
  expect(after({ ...base, state: "claimed", claimedUntil: START + 1 })).toBeNull()
  expect(after({ ...base, state: "due", dueAt: START + 1 })).toBeNull()
  expect(after({ ...base, state: "claimed", claimedUntil: START })).toEqual([due("slack")])
})

test("a test of a channel is nobody else's", () => {
  expect(inherited(testRecord("billing", "1", START), GONE, START)).toBeNull()
})
