/** What a message says at each privacy level, and what it never says. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Alert } from "../alert/alert.ts"
import { type CallRecord, recordJudgement } from "../alert/call-record.ts"
import { type Facts, observeRow } from "../call/facts.ts"
import { Privacy } from "../channel/channel.ts"
import { callReference } from "../fingerprint.ts"
import { MINUTE, SECOND } from "../instant.ts"
import { judge } from "../rule/judgement.ts"
import type { CompiledRule } from "../rule/rule.ts"
import { START, activityOf, factsOf, ruleOf } from "../test-example.ts"
import { emailOf } from "./email.ts"
import { composeMessage, endedAt } from "./message.ts"
import type { RuleSentence } from "./small-type.ts"
import { shownSentence } from "./rule-sentence.ts"
import { slackPayload } from "./slack.ts"

function recordOf(facts: Facts, rules: readonly CompiledRule[], now = START + 42 * SECOND): CallRecord {
  return recordJudgement(null, facts, judge(rules, facts, now), ["slack", "email"], now)
}

function messageOf(record: CallRecord, privacy: Privacy, mayRepeat = false) {
  const message = composeMessage(record, { privacy, mayRepeat, given: 0 })
  if (!message) throw new Error("There is no message.")
  return message
}

/** Everything that leaves Earshot, in all its forms. */
function allOf(record: CallRecord, privacy: Privacy): string {
  const message = messageOf(record, privacy, true)
  return JSON.stringify([message, slackPayload(message, endedAt(record)), emailOf(message)])
}

test("the reason says so where echowin does not say who spoke", () => {
  const transcript = ["Hello.", "I want a refund."].map((text) => ({
    speaker: "agent",
    text,
    timestamp: null,
  }))
  const rules = [ruleOf({ "transcript.caller": { contains: "refund" }, score: { gte: 4 } })]
  const because = (facts: Facts, privacy: Privacy) =>
    messageOf(recordOf(facts, rules), privacy).why[0]?.because
  expect(because(factsOf({ transcript }), "full")).toBe(
    "Somebody said “refund” (echowin did not say who spoke); Scored 4.5 of 5 (alert from 4)",
  )
  expect(because(factsOf({ transcript }), "minimal")).toBe(
    "What the caller said matches the rule (echowin did not say who spoke); Scored 4.5 of 5 (alert from 4)",
  )
  const named = transcript.map((turn, index) => (index === 1 ? { ...turn, speaker: "Customer" } : turn))
  expect(because(factsOf({ transcript: named }), "full")).toBe(
    "The caller said “refund”; Scored 4.5 of 5 (alert from 4)",
  )
})

test("a call out is one to the party called, in whatever word", () => {
  for (const type of ["OUTGOING", "outbound"]) {
    const record = recordOf(factsOf({ type, flagged: true }), [ruleOf({ flagged: true })])
    expect(messageOf(record, "full").facts).toContainEqual({ label: "Called", text: "+1 555 987 6543" })
  }
})

describe("privacy: of a call full of canaries", () => {
  const CANARY = {
    from: "+1 555 123 0001",
    to: "+1 555 987 0002",
    agent: "CanaryAgent",
    summary: "The caller wanted a canarysummary.",
    saidByAgent: "CanaryHello",
    saidByCaller: "CanaryManager",
    memory: "CanaryMemory",
    recording: "https://files.example/CanaryRecording",
    issues: "CanaryIssues",
    activity: "CanaryActivity",
  }
  const facts = (type: string) =>
    factsOf({
      from: CANARY.from,
      to: CANARY.to,
      type,
      flagged: true,
      summary: CANARY.summary,
      agent: {
        id: "agent-1",
        name: CANARY.agent,
      },
      memory: CANARY.memory,
      recordingUrl: CANARY.recording,
      transcript: [
        {
          speaker: "agent",
          text: CANARY.saidByAgent,
          timestamp: null,
        },
        {
          speaker: "caller",
          text: `I want a ${CANARY.saidByCaller}!`,
          timestamp: null,
        },
      ],
      activityTimeline: [
        {
          ...activityOf("TRANSFER"),
          data: CANARY.activity,
          toolData: CANARY.activity,
        },
      ],
      metadata: {
        sentiment: null,
        callQuality: null,
        usage: null,
        callCost: null,
        technicalIssues: CANARY.issues,
      },
    })
  const names = [
    "from",
    "to",
    "agent.name",
    "summary",
    "recordingUrl",
    "transcript",
    "transcript.agent",
    "transcript.caller",
    "memory",
    "technicalIssues",
  ]
  /** Rules that compare with the canaries themselves, so that showing what a rule asks for would reveal them. */
  const anyCondition = fc
    .tuple(
      fc.constantFrom(...names),
      fc.constantFrom("eq", "ne", "in", "contains", "startsWith", "exists"),
      fc.constantFrom(...Object.values(CANARY)),
    )
    .map(([name, operator, canary]) => ({
      [name]: { [operator]: operator === "in" ? [canary] : operator === "exists" ? true : canary },
    }))
  const anyRecord = fc
    .tuple(
      fc.array(fc.tuple(anyCondition, fc.boolean()), { maxLength: 6 }),
      fc.constantFrom("INCOMING", "OUTGOING"),
    )
    .map(([conditions, type]) => {
      const rules = conditions.map(([when, isNegated], index) =>
        ruleOf(isNegated ? { not: when } : when, { id: `rule-${index}` }),
      )
      return recordOf(facts(type), [ruleOf({ flagged: true }, { id: "flagged" }), ...rules])
    })
  const shown = (text: string) => Object.values(CANARY).filter((canary) => text.includes(canary))

  test("minimal shows none, not even the last digits", () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const text = allOf(record, "minimal")
        expect(shown(text)).toEqual([])
        expect(text).not.toMatch(/0001|0002|Canary/)
      }),
    )
  })

  test("standard shows the agent, the summary and the last digits of the other party, and nothing else", () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const text = allOf(record, "standard")
        expect(shown(text)).toEqual([CANARY.agent, CANARY.summary])
        const isOutgoing = record.facts.call.type === "OUTGOING"
        expect(text.includes("…0001")).toBe(!isOutgoing)
        expect(text.includes("…0002")).toBe(isOutgoing)
        expect(text.replaceAll(/…000[12]|CanaryAgent|canarysummary/g, "")).not.toMatch(/555|canary/i)
      }),
    )
  })

  test("full shows the number, what was said and the recording; what nobody needs to see is not shown at all", () => {
    const text = allOf(recordOf(facts("INCOMING"), [ruleOf({ flagged: true })]), "full")
    expect(shown(text)).toEqual([
      CANARY.from,
      CANARY.agent,
      CANARY.summary,
      CANARY.saidByAgent,
      CANARY.saidByCaller,
      CANARY.recording,
    ])
  })
})

test.each([
  ["+15551234567", "…4567"],
  ["sip:15551234567@carrier", "…4567"],
  ["5551234", "a number not shown here"],
  ["+15551234567 ext. 8921", "…4567"],
  ["sip:+15551234567@pbx.example:5060", "…4567"],
  ["tel:+1-555-123-4567;ext=8921", "…4567"],
  ["22395", "a number not shown here"],
  ["sip:12345678@10.20.30.40:5060", "…5678"],
  ["sip:ada1234@pbx.example:5060", "an address not shown here"],
  ["John Smith, ext. 7", "a name not shown here"],
  ["anonymous", "number withheld"],
  ["+17378742833", "number withheld"],
])("standard shows of %s only %s", (from, text) => {
  const record = recordOf(factsOf({ from, flagged: true }), [ruleOf({ flagged: true })])
  expect(messageOf(record, "standard").facts).toContainEqual({ label: "Caller", text })
})

describe("a message", () => {
  const bad = factsOf({ flagged: true, score: 1.5 })
  const low = ruleOf({ score: { lte: 2 } }, { id: "low-score", name: "Low score", version: 3 })
  const flagged = ruleOf({ flagged: true }, { id: "flagged", name: "Flagged", severity: "critical" })

  test("says how bad, who, why, the summary, the next step, and where it comes from", () => {
    expect(messageOf(recordOf(bad, [low, flagged]), "standard")).toEqual({
      kind: "alert",
      severity: "critical",
      callId: "call-1",
      ruleIds: ["low-score", "flagged"],
      title: "Flagged, Low score",
      headline: "The caller asked for a table and got one.",
      sentence:
        "Critical: The caller asked for a table and got one. Front desk took a call from …4567 (4 min 5 s).",
      about: "Front desk, …4567, 09:00 UTC",
      facts: [
        { label: "Agent", text: "Front desk" },
        { label: "Caller", text: "…4567" },
        { label: "Length", text: "4 min 5 s" },
        { label: "Ended", text: "2026-03-02 09:00 UTC" },
      ],
      why: [
        { name: "Flagged", because: "Flagged" },
        { name: "Low score", because: "Scored 1.5 of 5 (alert up to 2)" },
      ],
      summary: null,
      turns: [],
      recordingUrl: null,
      callUrl: null,
      acknowledgeUrl: null,
      next: "See what was said, and call back if it can still be saved. The call is in echowin's call log.",
      small: ["call call-1", "low-score@3 flagged@1", "alert raised 42 s after the call ended"],
    })
  })

  test("is a sentence whatever is missing", () => {
    const unknown = {
      from: null,
      to: null,
      type: null,
      duration: null,
      agent: null,
      summary: null,
      endedAt: null,
      score: null,
    }
    const record = recordOf(factsOf({ ...unknown, status: "in_progress", flagged: true }), [flagged])
    const message = messageOf(record, "full")
    expect(message.sentence).toBe("Critical: The call was flagged. A call came in (still in progress).")
    expect(message.facts).toEqual([{ label: "Status", text: "still in progress" }])
    expect(message.small).toEqual(["call call-1", "flagged@1"])
    expect(endedAt(record)).toBeNull()
  })

  test("can be written of a call whose vendor says nonsense of its length", () => {
    for (const duration of [1e300, -1e300, 1e12, 0.4, -1]) {
      const facts = observeRow(null, { ...bad.call, endedAt: null, duration }, START)
      for (const privacy of Privacy.options)
        expect(allOf(recordOf(facts, [low]), privacy)).toContain(
          `call ${privacy === "minimal" ? callReference("call-1") : "call-1"}`,
        )
    }
  })

  test("says whom an outgoing call was made to", () => {
    const { sentence, facts } = messageOf(
      recordOf(factsOf({ type: "OUTGOING", flagged: true }), [flagged]),
      "full",
    )
    expect(sentence).toContain("Front desk made a call to +1 555 987 6543 (")
    expect(facts).toContainEqual({ label: "Called", text: "+1 555 987 6543" })
  })

  test("names a direction only where it does not go without saying", () => {
    const directionOf = (changes: object, privacy: Privacy) =>
      messageOf(recordOf(factsOf({ flagged: true, ...changes }), [flagged]), privacy).facts.find(
        ({ label }) => label === "Direction",
      )?.text
    for (const privacy of Privacy.options) expect(directionOf({}, privacy)).toBeUndefined()
    expect(directionOf({ type: "OUTGOING" }, "standard")).toBeUndefined()
    expect(directionOf({ type: "OUTGOING" }, "minimal")).toBe("outgoing")
    expect(directionOf({ type: "OUTGOING", to: null }, "full")).toBe("outgoing")
    expect(directionOf({ type: "TRANSIT" }, "standard")).toBe("transit")
    expect(directionOf({ type: "TRANSIT" }, "minimal")).toBeUndefined()
  })

  test("does not say of a call that is over that it is still in progress, even if nobody knows when it ended: then when that was seen", () => {
    const unknown = { endedAt: null, createdAt: null, duration: null, score: null, flagged: true }
    const { sentence, facts, about } = messageOf(recordOf(factsOf(unknown), [flagged]), "standard")
    expect(sentence).toBe(
      "Critical: The caller asked for a table and got one. Front desk took a call from …4567.",
    )
    expect(facts.map(({ label }) => label)).toEqual(["Agent", "Caller", "Ended"])
    expect(about).toMatch(/^Front desk, …4567, \d\d:\d\d UTC$/)
  })

  test("says in a sentence that a number is withheld", () => {
    const record = recordOf(factsOf({ from: "Restricted", flagged: true }), [flagged])
    expect(messageOf(record, "standard").sentence).toContain("took a call from a withheld number (")
  })

  test("has the three worst reasons in its headline, and all of them below", () => {
    const info = { id: "transferred", name: "Transferred", severity: "info" } as const
    const rules = [
      ruleOf({ flagged: true }, info),
      low,
      ruleOf({ score: { lte: 3 } }, { id: "lowish", name: "Lowish" }),
      flagged,
    ]
    const { title, why } = messageOf(recordOf(bad, rules), "standard")
    expect(title).toBe("Flagged, Low score, Lowish and 1 more")
    expect(why.map(({ name }) => name)).toEqual(["Flagged", "Low score", "Lowish", "Transferred"])
  })

  test("that follows another says which one among its facts, and how late it is itself", () => {
    const info = ruleOf({ flagged: true }, { id: "info", name: "Marked", severity: "info" })
    const now = START + 42 * SECOND
    const first = recordOf(bad, [info], now)
    const rules = [info, flagged]
    const later = now + 2 * MINUTE
    const record = recordJudgement(first, bad, judge(rules, bad, later), ["slack"], later)
    const message = composeMessage(record, { privacy: "minimal", mayRepeat: false, given: 1 })
    expect(message?.facts).toContainEqual({ label: "Follows", text: "the alert of 09:00 UTC (Marked)" })
    expect(message?.sentence).toContain("This follows the alert of 09:00 UTC (Marked).")
    expect(message?.small).toContain("alert raised 3 min after the call ended")
  })

  test("says in a few words which call it is, by no more than the channel may know", () => {
    const aboutOf = (changes: object, privacy: Privacy) =>
      messageOf(recordOf(factsOf({ flagged: true, ...changes }), [flagged]), privacy).about
    expect(aboutOf({}, "minimal")).toBe("09:00 UTC")
    expect(aboutOf({}, "full")).toBe("Front desk, …4567, 09:00 UTC")
    expect(aboutOf({ from: "sip:ada@pbx.example" }, "full")).toBe("Front desk, 09:00 UTC")
    expect(aboutOf({ endedAt: null, status: "in_progress", score: null }, "standard")).toBe(
      "Front desk, …4567, in progress",
    )
  })

  test("is a sentence for an outgoing call by nobody we know", () => {
    const { sentence } = messageOf(
      recordOf(factsOf({ type: "OUTGOING", agent: null, flagged: true }), [flagged]),
      "minimal",
    )
    expect(sentence).toBe("Critical: The call was flagged. A call was made (4 min 5 s).")
  })

  test("asks nobody to act on what is only for information", () => {
    const info = ruleOf({ flagged: true }, { id: "info", name: "Flagged", severity: "info" })
    const { sentence, next } = messageOf(recordOf(bad, [info]), "standard")
    expect(sentence).toMatch(/^Info: The caller asked for a table/)
    expect(next).toBe("For information. The call is in echowin's call log.")
    // One reason that asks for action is enough.
    expect(messageOf(recordOf(bad, [info, low]), "standard").next).toContain("call back")
  })

  test.each([
    ["+15551234567", true],
    ["sip:2001@pbx.example", true],
    ["+17378742833", false],
    ["Restricted", false],
    ["22395", false],
    [null, false],
  ])("of a call from %s asks to call back: %s", (from, canCallBack) => {
    const { next } = messageOf(recordOf(factsOf({ from, flagged: true }), [flagged]), "standard")
    expect(next.includes("call back if")).toBe(canCallBack)
    expect(next).toContain("echowin's call log")
  })

  test("says that it may be a repeat, if and only if it may be", () => {
    const repeat = "may be a repeat: we could not tell whether the first attempt arrived"
    expect(messageOf(recordOf(bad, [low]), "minimal", true).small).toContain(repeat)
    expect(messageOf(recordOf(bad, [low]), "minimal", false).small).not.toContain(repeat)
  })

  test("says in small type what the rules ask for, as far as the channel may know it", () => {
    const score = { score: { lte: 2 } }
    const long = { duration: { gt: 30 } }
    const both = "the score is 2 or lower and the call's length is above 30 s"
    const done = "the score is 2 or lower and the status is “completed”"
    const asked: Record<string, [CompiledRule["when"], Record<Privacy, string | null>]> = {
      // The reason says it.
      low: [score, { minimal: null, standard: null, full: null }],
      both: [
        { ...score, ...long },
        { minimal: both, standard: both, full: both },
      ],
      done: [
        { ...score, status: "completed" },
        { minimal: null, standard: done, full: done },
      ],
      hidden: [
        { any: [score, { not: { all: [score, { "transcript.caller": { contains: "kiwi" } }] } }] },
        { minimal: null, standard: null, full: "the score is 2 or lower" },
      ],
    }
    for (const [id, [when, shown]] of Object.entries(asked)) {
      const rule = ruleOf(when, { id, version: 7 })
      for (const privacy of Privacy.options) {
        const ruleSentence: RuleSentence = (reason, level) => {
          return reason.version === 7 ? shownSentence(rule.condition, level) : null
        }
        const record = recordOf(bad, [rule])
        const composed = composeMessage(record, { privacy, mayRepeat: false, given: 0, ruleSentence })
        const said = composed?.small.find((text) => text.startsWith(`${id}: `)) ?? null
        if (shown[privacy] === null) expect(said, `${id} ${privacy}`).toBeNull()
        else expect(said, `${id} ${privacy}`).toContain(`${id}: Alert when ${shown[privacy]}`)
      }
    }
  })

  test("says how late it is", () => {
    const late = messageOf(recordOf(bad, [low], START + 125 * MINUTE), "minimal")
    expect(late.small).toContain("alert raised 2 h 5 min after the call ended")
  })

  test("names the call at every level, in the text and in the e-mail", () => {
    for (const privacy of Privacy.options) {
      const message = messageOf(recordOf(bad, [low]), privacy)
      const name = privacy === "minimal" ? callReference("call-1") : "call-1"
      expect(JSON.stringify(slackPayload(message, null))).toContain(`call ${name}`)
      expect(emailOf(message).body).toContain(`\ncall ${name}\n`)
    }
  })

  test("is not written of a record without an alert", () => {
    expect(
      composeMessage(recordOf(factsOf(), [low]), { privacy: "full", mayRepeat: false, given: 0 }),
    ).toBeNull()
  })
})

describe("at minimal, whatever the vendor writes", () => {
  const VENDOR = [
    "vendorStatus",
    "vendorType",
    "vendorQuality",
    "vendorActivity",
    "vendorTool",
    "agent-4711",
    "call-0815",
  ]
  const facts = factsOf({
    id: "call-0815",
    status: "vendorStatus",
    type: "vendorType",
    flagged: true,
    agent: { id: "agent-4711", name: "Ada" },
    activityTimeline: [{ ...activityOf("vendorActivity"), toolData: { tool: "vendorTool" } }],
    metadata: {
      sentiment: null,
      callQuality: "vendorQuality",
      technicalIssues: null,
      usage: null,
      callCost: null,
    },
  })
  const rules = [
    { flagged: true },
    { status: "vendorStatus" },
    { status: { in: ["x", "vendorStatus"] } },
    { type: { ne: "x" } },
    { callQuality: { startsWith: "vendor" } },
    { timeline: "vendorActivity" },
    { not: { timeline: "x" } },
    { tools: { contains: "vendorTool" } },
    { "agent.id": "agent-4711" },
    { duration: { gte: 100 } },
  ].map((when, index) => ruleOf(when, { id: `rule-${index}` }))

  test("none of it is shown, but numbers, marks and a reference that stands for the call", () => {
    const record = recordOf(facts, rules)
    expect(record.alert?.reasons).toHaveLength(rules.length)
    const text = allOf(record, "minimal")
    expect(VENDOR.filter((word) => text.toLowerCase().includes(word.toLowerCase()))).toEqual([])
    expect(text).toContain("Lasted 4 min 5 s (alert from 1 min 40 s)")
    expect(text).toContain(`call ${callReference("call-0815")}`)
    expect(emailOf(messageOf(record, "minimal")).attributes.callId).toBe(callReference("call-0815"))
    const standard = allOf(record, "standard").toLowerCase()
    expect(VENDOR.filter((word) => !standard.includes(word.toLowerCase()))).toEqual([])
  })

  test("the reference is eight characters that nobody confuses, and of many calls hardly two have the same", () => {
    const references = new Set<string>()
    for (let call = 0; call < 20_000; call++) references.add(callReference(`id-${call}`))
    expect(references.size).toBe(20_000)
    for (const reference of references) expect(reference).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
  })
})

describe("why", () => {
  const becauseOf = (when: Record<string, unknown>, privacy: Privacy = "full") =>
    messageOf(recordOf(factsOf({ score: 1.23456 }), [ruleOf(when)]), privacy).why[0]?.because

  test.each([
    [{ score: { lte: 2 } }, "Scored 1.235 of 5 (alert up to 2)"],
    [{ score: { lt: 1.2346 } }, "Scored 1.23456 of 5 (alert below 1.2346)"],
    [{ score: { in: [1.23456, 1.235] } }, "Scored 1.2346 of 5 (alert at 1.2346 or 1.235)"],
    [{ score: { lt: 2 } }, "Scored 1.235 of 5 (alert below 2)"],
    [{ duration: { gte: 240 } }, "Lasted 4 min 5 s (alert from 4 min)"],
    [{ duration: { gt: 240 } }, "Lasted 4 min 5 s (alert above 4 min)"],
    [{ spam: false }, "Not marked as spam"],
    [{ not: { spam: true } }, "Not marked as spam"],
    [{ not: { duration: { lt: 200 } } }, "Lasted 4 min 5 s (alert from 3 min 20 s)"],
    [
      { status: { in: ["completed", "failed"] } },
      "The status is “completed” (alert for “completed” or “failed”)",
    ],
    [{ status: { ne: "failed" } }, "The status is “completed” (alert unless “failed”)"],
    [{ timeline: "HANGUP" }, "Somebody hung up"],
    [{ summary: { contains: "table" } }, "The summary mentions “table”"],
    [{ not: { summary: { contains: "chair" } } }, "The summary does not mention “chair”"],
    [{ from: { startsWith: "+1555" } }, "The caller's number starts with “+1555”"],
    [{ from: "+15551234567" }, "The caller's number is “+15551234567”"],
    [{ from: { ne: "+15550000000" } }, "The caller's number is not “+15550000000”"],
    [{ not: { from: { in: ["+15550000000"] } } }, "The caller's number is not “+15550000000”"],
    [{ not: { from: { startsWith: "+44" } } }, "The caller's number does not start with “+44”"],
    [
      { not: { duration: { lt: 200, gt: 300 } } },
      "Lasted 4 min 5 s (alert from 3 min 20 s); Lasted 4 min 5 s (alert up to 5 min)",
    ],
    [{ memory: { exists: true } }, "echowin remembers the caller"],
    [{ not: { memory: { exists: false } } }, "echowin remembers the caller"],
    [{ any: [{ score: { gt: 5 } }, { duration: 245 }] }, "Lasted 4 min 5 s (alert at 4 min 5 s)"],
    [{ duration: 245, spam: false }, "Lasted 4 min 5 s (alert at 4 min 5 s); Not marked as spam"],
  ])("%j says: %s", (when, because) => {
    expect(becauseOf(when)).toBe(because)
  })

  test("counts what is left out of a long list and of many comparisons", () => {
    const numbers = Array.from({ length: 50 }, (_, index) => index)
    expect(becauseOf({ not: { "usage.inputTokens": { in: numbers } } })).toBe(
      "Tokens read 1500 (alert unless 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 38 more)",
    )
    const any = Array.from({ length: 12 }, (_, index) => ({ "usage.inputTokens": { gt: index } }))
    expect(becauseOf({ any })).toMatch(
      /^Tokens read 1500 \(alert above 0\); .*\(alert above 9\); 2 more comparisons$/,
    )
  })

  test.each([
    [1.9996, { lt: 2 }, "1.9996 of 5 (alert below 2)"],
    [1.99999999, { lt: 2 }, "1.99999999 of 5 (alert below 2)"],
    [2.0000000000000004, { gt: 2 }, "2.0000000000000004 of 5 (alert above 2)"],
    [1.9996, { lt: 2.5 }, "2 of 5 (alert below 2.5)"],
    [2, { lte: 2 }, "2 of 5 (alert up to 2)"],
    [0.30000000000000004, { gte: 0.3 }, "0.30000000000000004 of 5 (alert from 0.3)"],
    [1e300, { gt: 2 }, "1e+300 of 5 (alert above 2)"],
  ])("a score of %s with %j says: Scored %s", (score, when, said) => {
    const record = recordOf(factsOf({ score }), [ruleOf({ score: when })])
    expect(messageOf(record, "standard").why[0]?.because).toBe(`Scored ${said}`)
  })

  test("says of what is personal only where the channel may know it", () => {
    for (const privacy of ["minimal", "standard"] as const) {
      expect(becauseOf({ from: { eq: "+15551234567" } }, privacy)).toBe(
        "The caller's number matches the rule",
      )
      expect(becauseOf({ score: { lte: 2 } }, privacy)).toBe("Scored 1.235 of 5 (alert up to 2)")
    }
  })

  test("can be said of what was stored before negation was noted", () => {
    const record = recordOf(factsOf({ flagged: true }), [ruleOf({ flagged: true })])
    const alert: Alert | null = record.alert && structuredClone(record.alert)
    for (const reason of alert?.reasons ?? [])
      for (const part of reason.because) Reflect.deleteProperty(part, "isNegated")
    expect(messageOf({ ...record, alert }, "full").why[0]?.because).toBe("Flagged")
  })
})
