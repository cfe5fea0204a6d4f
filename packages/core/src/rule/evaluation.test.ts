/** A condition is true, false or not yet known, and the findings say why. */
import type { CallDetail } from "@earshot/calls-api/call"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { hasEnded } from "../call/end.ts"
import type { Facts } from "../call/facts.ts"
import { HOUR } from "../instant.ts"
import {
  START,
  activityOf,
  anyDetail,
  anyWhen,
  conditionOf,
  factsOf,
  listedFactsOf,
  ruleOf,
} from "../test-example.ts"
import { type Condition, parseCondition } from "./condition.ts"
import type { Leaf } from "./leaf.ts"
import { type Finding, evaluate as evaluateAfter } from "./evaluation.ts"
import { judge } from "./judgement.ts"
import type { Truth } from "./truth.ts"

/** The list is current, and so is a detail that is final. */
const evaluate = (condition: Condition, facts: Facts, isOver: boolean) =>
  evaluateAfter(condition, facts, isOver, { list: true, detail: facts.detailIsFinal })

const truthOf = (when: unknown, facts: Facts, isOver = false) =>
  evaluate(conditionOf(when), facts, isOver).truth

const anyFacts = fc
  .tuple(anyDetail, fc.boolean())
  .map(([call, detailIsFinal]) => factsOf(call, { detailIsFinal }))

/** Three-valued logic as arithmetic: false is 0, unknown 1, true 2. */
const VALUE: Record<Truth, number> = { false: 0, unknown: 1, true: 2 }

function valueOf(condition: Condition, leaf: (leaf: Leaf) => number): number {
  switch (condition.kind) {
    case "leaf":
      return leaf(condition)
    case "not":
      return 2 - valueOf(condition.of, leaf)
    case "all":
      return Math.min(...condition.of.map((part) => valueOf(part, leaf)))
    case "any":
      return Math.max(...condition.of.map((part) => valueOf(part, leaf)))
  }
}

describe("all, any and not", () => {
  const when = anyWhen({ depth: 2, exists: true })

  test("are Kleene's: an answer is unknown only where what is unknown could change it", () => {
    fc.assert(
      fc.property(anyWhen({ depth: 5, exists: true }), anyFacts, fc.boolean(), (any, facts, isOver) => {
        const condition = conditionOf(any)
        const leaf = (leaf: Leaf) => VALUE[evaluate(leaf, facts, isOver).truth]
        expect(VALUE[evaluate(condition, facts, isOver).truth]).toBe(valueOf(condition, leaf))
      }),
      { numRuns: 500 },
    )
  })

  test("obey double negation and De Morgan, so that a condition can be turned around", () => {
    fc.assert(
      fc.property(when, when, anyFacts, fc.boolean(), (a, b, facts, isOver) => {
        const truth = (when: unknown) => truthOf(when, facts, isOver)
        expect(truth({ not: { not: a } })).toBe(truth(a))
        expect(truth({ not: { all: [a, b] } })).toBe(truth({ any: [{ not: a }, { not: b }] }))
        expect(truth({ not: { any: [a, b] } })).toBe(truth({ all: [{ not: a }, { not: b }] }))
      }),
      { numRuns: 300 },
    )
  })
})

describe("what arrives later", () => {
  /** A call on which someone has decided every mark; what else is known about it comes in these parts. */
  const PARTS = [
    "from",
    "to",
    "type",
    "status",
    "duration",
    "summary",
    "score",
    "agent",
    "transcript",
    "recordingUrl",
    "memory",
    "activityTimeline",
    "metadata",
  ]
  const marked = anyDetail.map((call) => ({
    ...call,
    flagged: call.flagged ?? false,
    favorite: call.favorite ?? false,
    spam: call.spam ?? true,
  }))

  test("never turns true into false or false into true, whatever the condition, if it does not ask for absence", () => {
    fc.assert(
      fc.property(
        anyWhen({ depth: 4, exists: false }),
        marked,
        fc.subarray(PARTS),
        fc.boolean(),
        (when, call, missing, detailIsFinal) => {
          const before: CallDetail = { ...call, ...Object.fromEntries(missing.map((part) => [part, null])) }
          // No detail is final before its call has ended.
          const early = truthOf(when, factsOf(before, { detailIsFinal: detailIsFinal && hasEnded(before) }))
          const late = truthOf(when, factsOf(call, { detailIsFinal }))
          if (early !== "unknown") expect(late).toBe(early)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test("may be the part of a detail by which its turns are whole: what no named turn says is not absent before", () => {
    const turns = [
      { speaker: null, text: "My agent never called.", timestamp: null },
      { speaker: "caller", text: "Hello?", timestamp: null },
    ]
    const said = (changes: Partial<CallDetail>, isOver = false) =>
      truthOf(
        { "transcript.caller": { contains: "never called" } },
        factsOf({ transcript: turns, activityTimeline: null, metadata: null, memory: null, ...changes }),
        isOver,
      )
    expect(said({})).toBe("unknown")
    expect(said({ memory: "known" })).toBe("true")
    expect(said({}, true)).toBe("true")
    const named = turns.map((turn, index) => ({ ...turn, speaker: index === 0 ? "agent" : "caller" }))
    expect(said({ transcript: named })).toBe("false")
  })

  test("may set a mark, which is the one thing that counts as false while it is missing", () => {
    expect(truthOf({ flagged: false }, factsOf({ flagged: null }))).toBe("true")
    expect(truthOf({ flagged: false }, factsOf({ flagged: true }))).toBe("false")
  })
})

describe("the findings", () => {
  const keyOf = ({ field, operator, operand }: Pick<Finding, "field" | "operator" | "operand">) =>
    JSON.stringify([field, operator, operand])
  const keyOfLeaf = ({ field, operator, operand }: Leaf) => keyOf({ field: field.name, operator, operand })

  test("are enough: they alone make a true condition true and a false one false", () => {
    fc.assert(
      fc.property(anyWhen({ depth: 5, exists: true }), anyFacts, fc.boolean(), (when, facts, isOver) => {
        const condition = conditionOf(when)
        const { truth, findings } = evaluate(condition, facts, isOver)
        expect(findings.length).toBeGreaterThan(0)
        const found = new Map(findings.map((finding) => [keyOf(finding), VALUE[finding.truth]]))
        expect(valueOf(condition, (leaf) => found.get(keyOfLeaf(leaf)) ?? VALUE.unknown)).toBe(VALUE[truth])
      }),
      { numRuns: 500 },
    )
  })

  test("of an unknown condition are what it waits for: nothing else that is unknown could decide it", () => {
    fc.assert(
      fc.property(
        anyWhen({ depth: 5, exists: true }),
        anyFacts,
        fc.infiniteStream(fc.boolean()),
        (when, facts, guesses) => {
          const condition = conditionOf(when)
          const { truth, findings } = evaluate(condition, facts, false)
          if (truth !== "unknown") return
          for (const finding of findings) {
            expect(finding).toMatchObject({ truth: "unknown", wantsDetail: isOfDetail(finding) })
          }
          const awaited = new Set(findings.map(keyOf))
          const guess = (leaf: Leaf) => {
            const known = evaluate(leaf, facts, false).truth
            if (known !== "unknown" || awaited.has(keyOfLeaf(leaf))) return VALUE[known]
            return guesses.next().value ? VALUE.true : VALUE.false
          }
          expect(valueOf(condition, guess)).toBe(VALUE.unknown)
        },
      ),
      { numRuns: 1000 },
    )
    function isOfDetail({ field }: Finding) {
      return ["transferred", "timeline", "sentiment.angry", "memory", "transcript.caller"].includes(field)
    }
  })

  test("name the value that was seen", () => {
    const { findings } = evaluate(
      conditionOf({ score: { lte: 2 }, any: [{ flagged: true }, { transferred: true }] }),
      factsOf({ score: 1.5, activityTimeline: [activityOf("TRANSFER")] }),
      false,
    )
    expect(findings).toEqual([
      { field: "score", operator: "lte", operand: 2, seen: 1.5, truth: "true", wantsDetail: false },
      { field: "transferred", operator: "eq", operand: true, seen: true, truth: "true", wantsDetail: false },
    ])
  })
})

describe("a field that is absent", () => {
  test("leaves every comparison with it unknown, for as long as one likes to wait", () => {
    const absent = listedFactsOf({ score: null, summary: null })
    for (const when of [{ score: { lte: 2 } }, { score: { ne: 2 } }, { summary: { contains: "a" } }]) {
      expect(truthOf(when, absent)).toBe("unknown")
      expect(truthOf({ not: when }, absent, true)).toBe("unknown")
    }
  })

  test("is known not to exist once the waiting is over", () => {
    const absent = factsOf({ summary: null, memory: null })
    for (const field of ["summary", "memory"]) {
      expect(truthOf({ [field]: { exists: true } }, absent)).toBe("unknown")
      expect(truthOf({ [field]: { exists: false } }, absent)).toBe("unknown")
      expect(truthOf({ [field]: { exists: true } }, absent, true)).toBe("false")
      expect(truthOf({ [field]: { exists: false } }, absent, true)).toBe("true")
      expect(truthOf({ [field]: { exists: true } }, factsOf())).toBe("true")
      expect(truthOf({ [field]: { exists: false } }, factsOf())).toBe("false")
    }
  })

  test("is one, of a time that stands for none", () => {
    for (const createdAt of ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", null])
      expect(truthOf({ localTime: { exists: true } }, factsOf({ createdAt }), true)).toBe("false")
  })

  test("of the detail is not known to be absent while nobody has fetched a final detail", () => {
    const unread = { memory: { exists: false } }
    for (const facts of [listedFactsOf(), factsOf({ memory: null }, { detailIsFinal: false })]) {
      const { truth, findings } = evaluate(conditionOf(unread), facts, true)
      expect(truth).toBe("unknown")
      expect(findings).toMatchObject([{ field: "memory", wantsDetail: true }])
    }
    expect(truthOf({ summary: { exists: false } }, listedFactsOf({ summary: null }), true)).toBe("true")
  })
})

describe("a detail of a call in progress", () => {
  const going = (types: string[]) =>
    factsOf({ activityTimeline: types.map(activityOf) }, { detailIsFinal: false })

  test("tells what has happened, and not what will not", () => {
    expect(truthOf({ transferred: true }, going(["TRANSFER"]))).toBe("true")
    for (const isOver of [false, true])
      expect(truthOf({ transferred: true }, going([]), isOver)).toBe("unknown")
    expect(truthOf({ not: { timeline: "HANGUP" } }, going([]))).toBe("unknown")
    expect(truthOf({ "sentiment.angry": { gte: 0.5 } }, going([]))).toBe("unknown")
  })

  test("is not believed where more of the call can undo it", () => {
    const words = { transcript: { ne: "Hello." } }
    const tokens = { "usage.totalTokens": { lt: 1e9 } }
    for (const when of [{ transferred: false }, { not: { transferred: true } }, words, tokens]) {
      expect(truthOf(when, going([])), JSON.stringify(when)).toBe("unknown")
      expect(truthOf({ not: when }, going([])), JSON.stringify(when)).toBe("unknown")
    }
    expect(truthOf({ timeline: "TRANSFER" }, going(["TRANSFER"]))).toBe("true")
  })

  test("does not show that something is known which more of the call may leave unknown again", () => {
    const transfer = (status: string) => ({ ...activityOf("TRANSFER"), toolData: { status } })
    const turn = { speaker: "agent", text: "Hello.", timestamp: null }
    const early = { activityTimeline: [transfer("busy")], transcript: [turn] }
    const whole = { activityTimeline: [transfer("busy"), transfer("?")], transcript: [turn, turn] }
    for (const field of ["transferAnswered", "deadTransfer", "callerTurns", "talkRatio"]) {
      const when = { [field]: { exists: true } }
      expect(truthOf(when, factsOf(early, { detailIsFinal: false })), field).toBe("unknown")
      expect(truthOf(when, factsOf(early)), field).toBe("true")
      expect(truthOf(when, factsOf(whole), true), field).toBe("false")
    }
  })

  test("tells both once it is final", () => {
    expect(truthOf({ transferred: true }, factsOf())).toBe("false")
    expect(truthOf({ transferred: false }, factsOf())).toBe("true")
    expect(truthOf({ "sentiment.angry": { gte: 0.5 } }, factsOf())).toBe("false")
  })
})

test.each([
  [{ "agent.name": "FRONT DESK" }, "true"],
  [{ "agent.name": { ne: "front desk" } }, "false"],
  [{ summary: { contains: "TABLE" } }, "true"],
  [{ summary: { contains: "chair" } }, "false"],
  [{ summary: { startsWith: "the caller" } }, "true"],
  [{ summary: { startsWith: "caller" } }, "false"],
  [{ status: { in: ["failed", "Completed"] } }, "true"],
  [{ status: { in: ["failed"] } }, "false"],
  [{ timeline: { contains: "hangup" } }, "true"],
  [{ timeline: { contains: "hang" } }, "false"],
  [{ score: { in: [4, 4.5] } }, "true"],
  [{ score: { ne: 4.5 } }, "false"],
  [{ score: { lt: 4.5 } }, "false"],
  [{ score: { lte: 4.5 } }, "true"],
  [{ score: { gt: 4.5 } }, "false"],
  [{ score: { gte: 4.5 } }, "true"],
  [{ spam: { ne: true } }, "true"],
] as const)("%j is %s of a good call for a table, texts without regard to case", (when, truth) => {
  expect(truthOf(when, factsOf())).toBe(truth)
})

describe("what is empty", () => {
  const mood = { happy: 0, sad: 0, angry: 0, neutral: 0 }
  const metadata = { sentiment: mood, callQuality: "", technicalIssues: [], usage: null, callCost: null }
  const empty = factsOf({ summary: "", transcript: [], activityTimeline: [], memory: "", metadata })

  test.each([
    { "sentiment.angry": { lt: 0.5 } },
    { transferred: true },
    { transferred: false },
    { timeline: "TRANSFER" },
    { not: { timeline: "TRANSFER" } },
    { transcript: { contains: "refund" } },
    { not: { "transcript.caller": { contains: "refund" } } },
    { summary: { ne: "x" } },
    { timeline: { exists: false } },
    { summary: { exists: false } },
    { "sentiment.angry": { exists: false } },
  ])("decides nothing while more may come: %j", (when) => {
    expect(truthOf(when, empty)).toBe("unknown")
  })

  test.each([
    [{ transferred: false }, "true"],
    [{ not: { timeline: "TRANSFER" } }, "true"],
    [{ not: { "transcript.caller": { contains: "refund" } } }, "true"],
    [{ timeline: { exists: true } }, "false"],
    [{ tools: { exists: false } }, "true"],
    [{ transcript: { exists: false } }, "true"],
    [{ summary: { exists: false } }, "true"],
    [{ "sentiment.angry": { exists: false } }, "true"],
    [{ "sentiment.angry": { lt: 0.5 } }, "unknown"],
  ] as const)("is what it is once nothing more is waited for: %j is %s", (when, truth) => {
    expect(truthOf(when, empty, true)).toBe(truth)
  })

  test("a timeline without a tool has no tools, and that is known at once", () => {
    expect(truthOf({ tools: { exists: false } }, factsOf())).toBe("true")
    expect(truthOf({ tools: { exists: false } }, factsOf({}, { detailIsFinal: false }))).toBe("unknown")
  })
})

test("a rule may name a thing by another word than the vendor, and the vendor by another than the rule", () => {
  const timeline = [activityOf("Call Transferred")]
  expect(truthOf({ type: "inbound" }, factsOf({ type: "INCOMING" }))).toBe("true")
  expect(truthOf({ type: "INCOMING" }, factsOf({ type: "inbound" }))).toBe("true")
  expect(truthOf({ type: { in: ["outbound"] } }, factsOf({ type: "inbound" }))).toBe("false")
  expect(truthOf({ status: "complete" }, factsOf({ status: "COMPLETED" }))).toBe("true")
  for (const word of ["TRANSFER", "transferred", "Call Transferred"])
    expect(truthOf({ timeline: word }, factsOf({ activityTimeline: timeline })), word).toBe("true")
})

describe("texts that look alike are alike", () => {
  const CALLER = "I\u2019m done \u2014 it\u2019s the third\u00a0time.\nGive me a re\u00adfund!"
  const transcript = [{ speaker: "caller", text: CALLER, timestamp: null }]
  const call = factsOf({ transcript, agent: { id: "a", name: "Büro  Straße" }, summary: "\u200bNo.\nNever" })
  test.each([
    [{ "transcript.caller": { contains: "I'm done - it's the THIRD time. give me a refund" } }, "true"],
    [{ "transcript.caller": { contains: "third\ntime" } }, "true"],
    [{ "transcript.caller": { contains: "thirdtime" } }, "false"],
    [{ "transcript.caller": { contains: " done " } }, "true"],
    [{ "transcript.caller": { contains: " refund " } }, "false"],
    [{ "transcript.caller": { startsWith: "i\u2018m" } }, "true"],
    [{ "agent.name": "BU\u0308RO STRASSE" }, "true"],
    [{ "agent.name": { ne: " büro strasse" } }, "false"],
    [{ "agent.name": { in: ["Office", "bÜRO\u00a0STRAẞE"] } }, "true"],
    [{ "agent.name": "Büro" }, "false"],
    [{ "agent.name": { startsWith: "ＢÜ" } }, "true"],
    [{ summary: { contains: " no. never " } }, "true"],
    [{ summary: "no. never" }, "true"],
    [{ not: { summary: { contains: "NO.\tNEVER" } } }, "false"],
  ] as const)("%j is %s", (when, truth) => {
    expect(truthOf(when, call)).toBe(truth)
  })

  test("in lists of texts as well", () => {
    const timeline = factsOf({ activityTimeline: [activityOf("LEFT\u2011VOICEMAIL"), activityOf("")] })
    expect(truthOf({ timeline: "left-voicemail" }, timeline)).toBe("true")
    expect(truthOf({ timeline: "left" }, timeline)).toBe("false")
  })

  test("and a stored text in which there is nothing to see is like none", () => {
    const storedTruth = (when: unknown) => {
      const parsed = parseCondition(when, { isStored: true })
      return parsed.ok && evaluate(parsed.condition, call, false).truth
    }
    expect(storedTruth({ summary: { contains: "\u200b" } })).toBe("false")
    expect(storedTruth({ summary: { startsWith: "\u200b" } })).toBe("false")
    expect(storedTruth({ any: [{ summary: { in: [" "] } }, { "agent.name": " " }] })).toBe("false")
    expect(storedTruth({ any: [{ summary: { contains: " " } }, { "agent.name": "büro straße" }] })).toBe(
      "true",
    )
  })
})

test("each text is read once per judgement, however many rules ask", () => {
  let reads = 0
  const { call, ...rest } = factsOf()
  const turns = call.transcript
  const counted = Object.defineProperty({ ...call }, "transcript", { get: () => (reads++, turns) })
  const rules = Array.from({ length: 50 }, (_, rule) =>
    ruleOf({ transcript: { contains: `phrase ${rule}` } }, { id: `rule-${rule}` }),
  )
  judge(rules, { ...rest, call: counted }, START + HOUR)
  // Whether there is one, and what it says.
  expect(reads).toBeLessThanOrEqual(2)
})
