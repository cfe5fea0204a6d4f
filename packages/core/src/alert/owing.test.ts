/** Whatever comes in whatever order, the worst news reaches each channel that it goes to, and nothing is given twice. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { ChannelId } from "../channel/channel.ts"
import { type Instant, MINUTE, SECOND } from "../instant.ts"
import { type Judgement, judge } from "../rule/judgement.ts"
import { type CompiledRule, Severity, isWorse } from "../rule/rule.ts"
import { START, factsOf, listedFactsOf, ruleOf } from "../test-example.ts"
import { type CallRecord, recordJudgement } from "./call-record.ts"
import { CLAIM_MS, HOLD_MS, type SendResult, nextOf, settle } from "./delivery.ts"
import { claimNext, givenBefore } from "./owing.ts"

const CHANNELS: readonly ChannelId[] = ["slack", "email"]

const transferred = ruleOf({ favorite: true }, { id: "transferred", severity: "info" })
const flagged = ruleOf({ flagged: true }, { id: "flagged", severity: "warning" })
const angry = ruleOf({ spam: true }, { id: "angry", severity: "critical" })
const RULES = [transferred, flagged, angry]

type Marks = { favorite?: boolean; flagged?: boolean; spam?: boolean }

function judged(
  record: CallRecord | null,
  marks: Marks,
  rules: readonly CompiledRule[],
  now: Instant,
): CallRecord {
  const facts = factsOf(marks)
  return recordJudgement(record, facts, judge(rules, facts, now), CHANNELS, now)
}

/** What an attempt for the channel gives: the ids of its reasons, and the record after it. Null if none is due. */
function attempt(record: CallRecord, channel: ChannelId, result: SendResult | null, now: Instant) {
  const { alert } = record
  const next = alert && claimNext(record.deliveries, alert, channel, now)
  if (!alert || !next) return null
  const given = alert.reasons
    .slice(givenBefore(next.deliveries, next.claimed, alert))
    .map(({ ruleId }) => ruleId)
  const after = result ? settle(next.claimed, result, now, { roll: 0 }) : next.claimed
  const deliveries = next.deliveries.map((other) => (other === next.claimed ? after : other))
  return { given, record: { ...record, deliveries } }
}

const SENT: SendResult = { kind: "sent" }

function sent(record: CallRecord, now: Instant): { given: string[]; record: CallRecord } {
  const made = attempt(record, "slack", SENT, now)
  if (!made) throw new Error("Nothing is due.")
  return made
}

describe("after an alert was sent", () => {
  const first = sent(judged(null, { favorite: true }, RULES, START), START)

  test("a worse reason is sent, alone", () => {
    expect(first.given).toEqual(["transferred"])
    const worse = judged(first.record, { favorite: true, spam: true }, RULES, START + MINUTE)
    expect(sent(worse, START + MINUTE).given).toEqual(["angry"])
  })

  test("one that is no worse is kept and not sent, and comes with the next one that is", () => {
    const angryOnes = sent(judged(null, { flagged: true }, RULES, START), START)
    const mild = judged(angryOnes.record, { flagged: true, favorite: true }, RULES, START + MINUTE)
    expect(attempt(mild, "slack", SENT, START + MINUTE)).toBeNull()
    expect(mild.alert?.reasons.map(({ ruleId }) => ruleId)).toEqual(["flagged", "transferred"])
    const worse = judged(mild, { flagged: true, favorite: true, spam: true }, RULES, START + 2 * MINUTE)
    expect(sent(worse, START + 2 * MINUTE).given).toEqual(["transferred", "angry"])
  })

  test.each([
    ["every", { ...transferred, followUp: "every" }, ["transferred"]],
    ["never", { ...angry, id: "transferred", followUp: "never" }, null],
  ] as const)("a rule may say that it follows up %s", (_, rule, given) => {
    const rules = [flagged, { ...rule, condition: transferred.condition }]
    const alerted = sent(judged(null, { flagged: true }, rules, START), START)
    const more = judged(alerted.record, { flagged: true, favorite: true }, rules, START + MINUTE)
    expect(attempt(more, "slack", SENT, START + MINUTE)?.given ?? null).toEqual(given)
  })

  test("a rule that does not alert the channel does not follow up there", () => {
    const elsewhere = { ...angry, channels: ["email"] }
    const rules = [transferred, elsewhere]
    const alerted = sent(judged(null, { favorite: true }, rules, START), START)
    const worse = judged(alerted.record, { favorite: true, spam: true }, rules, START + MINUTE)
    expect(attempt(worse, "slack", SENT, START + MINUTE)).toBeNull()
    expect(attempt(worse, "email", SENT, START + MINUTE)?.given).toEqual(["transferred", "angry"])
  })

  test("a record that an older version sent from is followed up by when its reasons came", () => {
    const old = {
      ...first.record,
      deliveries: [
        { channel: "slack", state: "sent", attempts: 1, owedAt: START, mayRepeat: false, sentAt: START },
      ],
    } satisfies CallRecord
    const worse = judged(old, { favorite: true, spam: true }, RULES, START + MINUTE)
    expect(sent(worse, START + MINUTE).given).toEqual(["angry"])
  })
})

describe("a rule none of whose channels is there", () => {
  const pager = { ...flagged, channels: ["pager"] }
  const owedTo = (record: CallRecord) => record.deliveries.map(({ channel }) => channel)
  const facts = factsOf({ flagged: true })
  const judgedIn = (known: CallRecord | null, channels: readonly ChannelId[], now: Instant) =>
    recordJudgement(known, facts, judge([pager], facts, now), channels, now)

  test("alerts those that are, because somebody has to hear", () => {
    expect(owedTo(judgedIn(null, CHANNELS, START))).toEqual(["slack", "email"])
  })

  test("but not if its own channel was owed the alert before it was taken away", () => {
    const before = judgedIn(null, ["pager", ...CHANNELS], START)
    expect(owedTo(before)).toEqual(["pager"])
    expect(owedTo(judgedIn(before, CHANNELS, START + MINUTE))).toEqual(["pager"])
  })
})

describe("while a message is on its way", () => {
  const mild = judged(null, { favorite: true }, RULES, START)
  const claimed = attempt(mild, "slack", null, START)
  if (!claimed) throw new Error("Nothing is due.")
  const worse = judged(claimed.record, { favorite: true, spam: true }, RULES, START + SECOND)

  test("a worse reason waits for what comes of it", () => {
    expect(worse.deliveries.filter(({ channel }) => channel === "slack")).toHaveLength(2)
    expect(attempt(worse, "slack", SENT, START + 2 * SECOND)).toBeNull()
  })

  test("and is part of the repeat, if nobody knows: then nothing follows", () => {
    const repeat = attempt(worse, "slack", SENT, START + CLAIM_MS)
    expect(repeat?.given).toEqual(["transferred", "angry"])
    expect(repeat?.record.deliveries.filter(({ channel }) => channel === "slack")).toMatchObject([
      { state: "sent", mayRepeat: true },
    ])
  })
})

describe("an alert for information waits for what would make it worse", () => {
  const info = ruleOf({ flagged: true }, { id: "info", severity: "info" })
  const low = ruleOf({ score: { lte: 2 } }, { id: "low", severity: "warning" })
  const facts = (score: number | null) => listedFactsOf({ flagged: true, score })
  const judgement = (score: number | null, rules: readonly CompiledRule[], now: Instant): Judgement =>
    judge(rules, facts(score), now)
  const record = (known: CallRecord | null, score: number | null, now: Instant, rules = [info, low]) =>
    recordJudgement(known, facts(score), judgement(score, rules, now), ["slack"], now)
  const dueIn = ({ deliveries }: CallRecord) => {
    const next = nextOf(deliveries, "slack")
    return next?.state === "due" ? next.dueAt - START : null
  }

  test("for two minutes at most", () => {
    const held = record(null, null, START)
    expect(dueIn(held)).toBe(HOLD_MS)
    expect(dueIn(record(held, null, START + HOLD_MS + SECOND))).toBe(HOLD_MS)
    expect(dueIn(record(null, null, START + HOLD_MS))).toBe(2 * HOLD_MS)
  })

  test.each([
    ["it is worse", 1, ["info", "low"]],
    ["it can get no worse", 4, ["info"]],
  ])("and is sent at once when %s", (_, score, given) => {
    const held = record(null, null, START)
    const known = record(held, score, START + SECOND)
    expect(dueIn(known)).toBe(SECOND)
    expect(sent(known, START + SECOND).given).toEqual(given)
  })

  test.each([
    ["a shadow rule", { ...low, mode: "shadow" as const }],
    ["a rule for information", { ...low, severity: "info" as const }],
  ])("but not for %s", (_, rule) => {
    expect(dueIn(record(null, null, START, [info, rule]))).toBe(0)
  })
})

test("whatever comes and fails, each channel is given its worst reason in the end, and no reason twice without a mark", () => {
  const anyRule = fc.record({
    severity: fc.constantFrom(...Severity.options),
    channels: fc.option(fc.subarray<ChannelId>(["slack", "email"], { minLength: 1 }), { nil: undefined }),
  })
  const anyResult = fc.constantFrom<(SendResult | "vanished" | "none")[]>(
    { kind: "sent" },
    { kind: "retry", why: "down", mayHaveArrived: true },
    { kind: "retry", why: "down", mayHaveArrived: false },
    "vanished",
    "none",
  )
  fc.assert(
    fc.property(
      fc.array(anyRule, { minLength: 1, maxLength: 5 }),
      fc.array(fc.record({ score: fc.nat(5), slack: anyResult, email: anyResult }), {
        minLength: 1,
        maxLength: 8,
      }),
      (shapes, steps) => {
        const rules = shapes.map((shape, index) =>
          ruleOf({ score: { eq: index } }, { id: `rule-${index}`, ...shape }),
        )
        const given: Record<string, string[]> = { slack: [], email: [] }
        let record: CallRecord | null = null
        let now = START
        const send = (channel: ChannelId, result: (typeof steps)[number]["slack"]) => {
          const tried: ReturnType<typeof attempt> =
            record && result !== "none"
              ? attempt(record, channel, result === "vanished" ? null : result, now)
              : null
          if (!tried) return
          const sentOnce = given[channel] ?? []
          const next = tried.record.deliveries.find((one) => one.channel === channel && one.state !== "sent")
          const isMarked = (next ?? tried.record.deliveries.findLast((one) => one.channel === channel))
            ?.mayRepeat
          if (!isMarked && result !== "vanished")
            for (const id of tried.given) expect(sentOnce).not.toContain(id)
          if (typeof result === "object" && result.kind === "sent") sentOnce.push(...tried.given)
          record = tried.record
        }
        for (const { score, slack, email } of steps) {
          const facts = factsOf({ score })
          record = recordJudgement(record, facts, judge(rules, facts, now), CHANNELS, now)
          send("slack", slack)
          send("email", email)
          now += 20 * MINUTE
        }
        for (let round = 0; round < 4; round++, now += 20 * MINUTE)
          for (const channel of CHANNELS) send(channel, SENT)
        const reasons = record?.alert?.reasons ?? []
        for (const channel of CHANNELS) {
          const owed = reasons.filter(
            ({ ruleId }) => rules.find(({ id }) => id === ruleId)?.channels?.includes(channel) ?? true,
          )
          const unheard = owed.filter(({ ruleId }) => !given[channel]?.includes(ruleId))
          const heard = reasons.filter(({ ruleId }) => given[channel]?.includes(ruleId))
          for (const { severity } of unheard)
            expect(heard.some((reason) => !isWorse(severity, reason.severity))).toBe(true)
        }
      },
    ),
    { numRuns: 1000 },
  )
})

describe("a rule that names a channel which is not there any more", () => {
  const named = ruleOf({ favorite: true }, { id: "named", severity: "warning", channels: ["billing"] })
  const other = ruleOf({ spam: true }, { id: "other", severity: "critical", channels: ["billing"] })
  const judgedFor = (
    record: CallRecord | null,
    marks: Marks,
    channels: readonly ChannelId[],
    now: Instant,
  ) => {
    const facts = factsOf(marks)
    return recordJudgement(record, facts, judge([named, other], facts, now), channels, now)
  }
  const first = judgedFor(null, { favorite: true }, ["billing"], START)
  const told = attempt(first, "billing", SENT, START)?.record ?? null

  test("sends nobody else what that was given", () => {
    const again = judgedFor(told, { favorite: true }, ["slack"], START + MINUTE)
    expect(again.deliveries.map(({ channel }) => channel)).toEqual(["billing"])
  })

  test("sends others what that was not given, so that somebody hears", () => {
    const worse = judgedFor(told, { favorite: true, spam: true }, ["slack"], START + MINUTE)
    expect(sent(worse, START + MINUTE).given).toEqual(["named", "other"])
  })
})
