/** What is not true any more is said once to every channel that was told of it, after the alert and never instead of it. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { ChannelId } from "../channel/channel.ts"
import { type Instant, MINUTE } from "../instant.ts"
import { emailOf } from "../message/email.ts"
import { composeMessage } from "../message/message.ts"
import { slackPayload } from "../message/slack.ts"
import { judge } from "../rule/judgement.ts"
import type { CompiledRule } from "../rule/rule.ts"
import { START, factsOf, ruleOf } from "../test-example.ts"
import { type CallRecord, CallRecord as CallRecordSchema, recordJudgement } from "./call-record.ts"
import { type SendResult, earliestAttemptAt, settle } from "./delivery.ts"
import { claimNext, givenBefore } from "./owing.ts"

const CHANNELS: readonly ChannelId[] = ["slack", "email"]

const flagged = ruleOf({ flagged: true }, { id: "flagged", name: "Flagged", withdraw: true })
const low = ruleOf({ score: { lte: 2 } }, { id: "low-score", name: "Low score", withdraw: true })
const RULES = [flagged, low]

type Call = { flagged?: boolean; score?: number; spam?: boolean }

function judged(
  known: CallRecord | null,
  call: Call,
  now: Instant,
  rules: readonly CompiledRule[] = RULES,
): CallRecord {
  const facts = factsOf(call)
  // As it is stored and read again.
  return CallRecordSchema.parse(recordJudgement(known, facts, judge(rules, facts, now), CHANNELS, now))
}

const SENT: SendResult = { kind: "sent" }

/** Sends what is due to the channel: its headline, and the record after it. Null if nothing is. */
function send(record: CallRecord, now: Instant, channel: ChannelId = "slack", result: SendResult = SENT) {
  const next = record.alert && claimNext(record.deliveries, record.alert, channel, now)
  if (!record.alert || !next) return null
  const { claimed } = next
  const message = composeMessage(
    { ...record, deliveries: next.deliveries },
    {
      privacy: "minimal",
      mayRepeat: claimed.mayRepeat,
      given: givenBefore(next.deliveries, claimed, record.alert),
      taken: claimed.taken,
    },
  )
  if (!message) throw new Error("There is nothing to say.")
  const settled = settle(claimed, result, now, { roll: 0 })
  const deliveries = next.deliveries.map((one) => (one === claimed ? settled : one))
  return { message, record: { ...record, deliveries } }
}

/** All that is owed to the channel now, in order. */
function saidIn(record: CallRecord, now: Instant, channel: ChannelId = "slack"): [string[], CallRecord] {
  const headlines: string[] = []
  let current = record
  for (let sent = send(current, now, channel); sent; sent = send(current, now, channel)) {
    headlines.push(`${sent.message.kind}: ${sent.message.headline}`)
    current = sent.record
  }
  return [headlines, current]
}

const FLAGGED = "alert: The call was flagged."

describe("a flag that is taken back", () => {
  const [, told] = saidIn(judged(null, { flagged: true }, START), START)

  test("is said once to each channel that was told, and to no other", () => {
    const back = judged(told, {}, START + MINUTE)
    const [said, after] = saidIn(back, START + MINUTE)
    expect(said).toEqual(["withdrawal: No longer flagged"])
    const again = judged(after, {}, START + 2 * MINUTE)
    expect(saidIn(again, START + 2 * MINUTE)[0]).toEqual([])
    expect(earliestAttemptAt(after.deliveries.filter(({ channel }) => channel === "slack"))).toBeNull()
    // E-mail has not even been alerted: the alert comes first.
    expect(saidIn(again, START + 2 * MINUTE, "email")[0]).toEqual([FLAGGED, "withdrawal: No longer flagged"])
  })

  test("comes after the alert, also if that fails at first", () => {
    const failing = send(judged(null, { flagged: true }, START), START, "slack", {
      kind: "retry",
      why: "down",
      mayHaveArrived: false,
    })
    if (!failing) throw new Error("Nothing is due.")
    const back = judged(failing.record, {}, START + MINUTE)
    expect(saidIn(back, START + MINUTE)[0]).toEqual([FLAGGED, "withdrawal: No longer flagged"])
  })

  test("is not said of a rule that does not ask for it, is edited, or is off", () => {
    const quiet = { ...flagged, withdraw: false }
    const edited = { ...flagged, version: 2 }
    const shadow = { ...flagged, mode: "shadow" as const }
    for (const rule of [quiet, edited, shadow])
      expect(saidIn(judged(told, {}, START + MINUTE, [rule]), START + MINUTE)[0]).toEqual([])
    expect(saidIn(judged(told, {}, START + MINUTE, []), START + MINUTE)[0]).toEqual([])
  })

  test("that is set again is said again, once, and is not taken back any more", () => {
    const [, back] = saidIn(judged(told, {}, START + MINUTE), START + MINUTE)
    const [again, third] = saidIn(judged(back, { flagged: true }, START + 2 * MINUTE), START + 2 * MINUTE)
    expect(again).toEqual(["follow-up: Also: The call was flagged."])
    let record = third
    for (let minute = 3; minute < 9; minute++) {
      const [said, after] = saidIn(
        judged(record, { flagged: minute % 2 === 0 }, START + minute * MINUTE),
        START + minute * MINUTE,
      )
      expect(said).toEqual([])
      record = after
    }
  })

  test("leaves room for other news as bad as it was", () => {
    const [, back] = saidIn(judged(told, {}, START + MINUTE), START + MINUTE)
    const [said] = saidIn(judged(back, { score: 1 }, START + 2 * MINUTE), START + 2 * MINUTE)
    expect(said).toEqual(["follow-up: Also: The call scored 1 of 5."])
  })
})

test("a score that is corrected is said from what to what, in Slack and by e-mail", () => {
  const [, told] = saidIn(judged(null, { score: 1, flagged: true }, START), START)
  const sent = send(judged(told, { score: 4 }, START + MINUTE), START + MINUTE)
  expect(sent?.message).toMatchObject({
    kind: "withdrawal",
    headline: "No longer flagged. Score corrected from 1 to 4",
    sentence: "Withdrawn: No longer flagged. Score corrected from 1 to 4 (09:00 UTC).",
    turns: [],
    summary: null,
    small: [expect.stringMatching(/^call /), "no longer true: flagged@1 low-score@1"],
  })
  if (!sent) return
  expect(emailOf(sent.message).subject).toBe("Withdrawn: Flagged, Low score (09:00 UTC)")
  expect(JSON.stringify(slackPayload(sent.message, null))).toContain(
    "⚪ No longer flagged. Score corrected from 1 to 4",
  )
})

test("one that is still owed and one that is found later are said together; one that was said is not said again", () => {
  const [, told] = saidIn(judged(null, { score: 1, flagged: true }, START), START)
  const first = judged(told, { score: 1 }, START + MINUTE)
  const second = judged(first, { score: 4 }, START + 2 * MINUTE)
  const [said, after] = saidIn(second, START + 2 * MINUTE)
  expect(said).toEqual(["withdrawal: No longer flagged. Score corrected from 1 to 4"])
  expect(after.deliveries.filter(({ channel }) => channel === "slack")).toHaveLength(2)
  const [one, later] = saidIn(judged(told, { score: 1 }, START + MINUTE), START + MINUTE)
  expect(one).toEqual(["withdrawal: No longer flagged"])
  expect(saidIn(judged(later, { score: 4 }, START + 2 * MINUTE), START + 2 * MINUTE)[0]).toEqual([
    "withdrawal: Score corrected from 1 to 4",
  ])
})

test("what was found and taken back while a process died over the alert is told by the next attempt, and taken back after it", () => {
  const alerted = judged(null, { flagged: true }, START)
  const claim = alerted.alert && claimNext(alerted.deliveries, alerted.alert, "slack", START)
  const claimed = { ...alerted, deliveries: claim?.deliveries ?? [] }
  const lower = judged(claimed, { flagged: true, score: 1 }, START + 1)
  const corrected = judged(lower, { flagged: true, score: 4 }, START + 2)
  expect(saidIn(corrected, START + 2 * MINUTE)[0]).toEqual([
    "alert: The call was flagged, and the call scored 1 of 5.",
    "withdrawal: Score corrected from 1 to 4",
  ])
})

test("whatever comes, each withdrawal is said once, after what it withdraws", () => {
  const anyStep = fc.record({
    flagged: fc.boolean(),
    score: fc.constantFrom(1, 4),
    slack: fc.constantFrom<"sent" | "fails" | "waits">("sent", "fails", "waits"),
  })
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 1, maxLength: 8 }), (steps) => {
      let record: CallRecord | null = null
      let now = START
      const told: string[] = []
      const take = (sent: ReturnType<typeof send>, isHeard: boolean) => {
        if (!sent) return
        record = sent.record
        if (isHeard)
          told.push(
            ...sent.message.ruleIds.map((id) => `${sent.message.kind === "withdrawal" ? "-" : "+"}${id}`),
          )
      }
      for (const { slack, ...call } of steps) {
        record = judged(record, call, now)
        const result: SendResult =
          slack === "sent" ? SENT : { kind: "retry", why: "down", mayHaveArrived: false }
        if (slack !== "waits") take(send(record, now, "slack", result), slack === "sent")
        now += 20 * MINUTE
      }
      for (let round = 0; round < 8; round++, now += 20 * MINUTE) if (record) take(send(record, now), true)
      const { alert } = record ?? { alert: null }
      for (const id of ["flagged", "low-score"]) {
        const mine = told.filter((one) => one.slice(1) === id)
        const isWithdrawn =
          alert?.withdrawals?.some(({ reason }) => alert.reasons[reason]?.ruleId === id) ?? false
        // What is no worse than what was said is kept, and not said: then there is nothing to take back.
        const isTold = mine.includes(`+${id}`)
        expect(mine.filter((one) => one.startsWith("-"))).toHaveLength(isWithdrawn && isTold ? 1 : 0)
        if (isTold) expect(mine[0]).toBe(`+${id}`)
      }
      const slack = (record?.deliveries ?? []).filter(({ channel }) => channel === "slack")
      expect(earliestAttemptAt(slack)).toBeNull()
    }),
    { numRuns: 1000 },
  )
})

test("a channel that is away is owed the withdrawal too: it is given the alert when it is back", () => {
  const alerted = judged(null, { flagged: true }, START)
  const facts = factsOf({ flagged: false })
  const judgement = judge(RULES, facts, START + MINUTE)
  const after = recordJudgement(alerted, facts, judgement, ["email"], START + MINUTE)
  const owed = after.deliveries.filter(({ channel, kind }) => channel === "slack" && kind === "withdrawal")
  expect(owed).toHaveLength(1)
})
