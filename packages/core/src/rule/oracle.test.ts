/**
 * The engine beside another that shares no code with it: what it says of a rule and a call is worked out here a second time, from
 * the JSON of both, in the plainest way.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { describe, expect, test } from "vitest"
import type { Facts } from "../call/facts.ts"
import { HOUR, MINUTE, isoOf } from "../instant.ts"
import { START, activityOf, dice, factsOf, ruleOf } from "../test-example.ts"
import { judge, truthOfRule } from "./judgement.ts"
import type { CompiledRule } from "./rule.ts"

/** Null: unknown. */
type Answer = boolean | null

type Json = Record<string, unknown>

function json(value: unknown): Json {
  if (typeof value !== "object" || value === null) throw new Error("It is no object.")
  return { ...value }
}

function items(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error("It is no list.")
  return value
}

/** `isLooked`: the list and a final detail were seen after the rule's time was over. */
type Case = { call: CallDetail; isFinal: boolean; isOver: boolean; isLooked: boolean }

function answerTo(when: Json, seen: Case): Answer {
  return every(
    Object.entries(when).map(([key, value]) => {
      if (key === "not") return negated(answerTo(json(value), seen))
      if (key === "all") return every(items(value).map((part) => answerTo(json(part), seen)))
      if (key === "any")
        return negated(every(items(value).map((part) => negated(answerTo(json(part), seen)))))
      const tests =
        typeof value === "object" ? json(value) : { [key === "timeline" ? "contains" : "eq"]: value }
      return every(
        Object.entries(tests).map(([operator, operand]) => compared(key, operator, operand, tests, seen)),
      )
    }),
  )
}

function every(answers: Answer[]): Answer {
  if (answers.includes(false)) return false
  return answers.includes(null) ? null : true
}

function negated(answer: Answer): Answer {
  return answer === null ? null : !answer
}

const OF_LIST = ["score", "flagged", "summary", "status", "duration", "agent.name", "direction"]

/** More of the call cannot undo these. */
const LASTING = ["contains", "containsAny", "startsWith", "gt", "gte", "has"]

function compared(field: string, operator: string, operand: unknown, tests: Json, seen: Case): Answer {
  if (["then", "within", "times", "wholeWords"].includes(operator)) return true
  const isOfList = OF_LIST.includes(field)
  const isSettled = seen.isOver && (isOfList || seen.isLooked)
  const value = valueOf(field, seen.call, isSettled)
  if (operator === "exists") {
    const isEmpty = value === null || value === "" || (Array.isArray(value) && value.length === 0)
    if (value === null && !isSettled) return null
    if (isEmpty && !seen.isFinal && !isSettled) return null
    return operand !== isEmpty
  }
  if (value === null) return null
  const holds =
    operator === "has" ? occurs(String(operand), tests, seen.call) : meets(operator, value, operand, tests)
  if (isOfList || seen.isFinal || isSettled) return holds
  const isMark = field === "transferred" && operator === "eq" && value === true
  const times = tests["times"] === undefined ? null : json(tests["times"])
  const isLasting =
    LASTING.includes(operator) && field !== "talkRatio" && !(operator === "has" && times && !("gte" in times))
  return holds === true && (isMark || isLasting) ? true : null
}

function meets(operator: string, value: unknown, operand: unknown, tests: Json): boolean {
  const low = (text: unknown) =>
    typeof text === "string" ? text.toLowerCase().replace(/\s+/g, " ").trim() : text
  const whole = (text: string) => new RegExp(`(^|[^a-z0-9_])${text}($|[^a-z0-9_])`)
  const within = (text: unknown) => {
    if (Array.isArray(value)) return value.map(low).includes(low(text))
    const sought = String(text).toLowerCase()
    const all = String(value).toLowerCase().replace(/\s+/g, " ")
    return tests["wholeWords"] === true ? whole(sought).test(all) : ` ${all} `.includes(sought)
  }
  switch (operator) {
    case "eq":
      return low(value) === low(operand)
    case "ne":
      return low(value) !== low(operand)
    case "in":
      return items(operand).map(low).includes(low(value))
    case "lt":
      return Number(value) < Number(operand)
    case "lte":
      return Number(value) <= Number(operand)
    case "gt":
      return Number(value) > Number(operand)
    case "gte":
      return Number(value) >= Number(operand)
    case "contains":
      return within(operand)
    case "containsAny":
      return items(operand).some(within)
    case "startsWith":
      return String(low(value)).startsWith(String(low(operand)))
    default:
      throw new Error(operator)
  }
}

/** How often one thing is followed by the other in time: surely, and perhaps. */
function occurs(has: string, { then, within, times }: Json, { activityTimeline }: CallDetail): Answer {
  const all = (activityTimeline ?? []).map(({ type, timestamp }) => ({
    type,
    at: timestamp && Date.parse(timestamp),
  }))
  const found: Answer[] = all.flatMap(({ type, at }, index): Answer[] => {
    if (type !== has) return []
    if (then === undefined) return [true]
    const next = all.slice(index + 1).find((other) => other.type === then)
    if (!next) return [false]
    if (within === undefined) return [true]
    return [at && next.at ? next.at - at <= 20_000 : null]
  })
  const least = found.filter((one) => one === true).length
  const most = found.filter((one) => one !== false).length
  const [name, count] = Object.entries(times === undefined ? { gte: 1 } : json(times))[0] ?? ["gte", 1]
  const answers = new Set<boolean>()
  for (let number = least; number <= most; number++) answers.add(meets(name, number, count, {}))
  return answers.size > 1 ? null : answers.has(true)
}

function valueOf(field: string, call: CallDetail, isSettled: boolean): unknown {
  const timeline = call.activityTimeline
  const isWritten = timeline !== null && (timeline.length > 0 || isSettled)
  const turns = call.transcript
  const saidBy = (side: string | null) =>
    (turns ?? []).filter(({ speaker }) => side === null || speaker === side).map(({ text }) => text ?? "")
  const words = (side: string) =>
    saidBy(side)
      .join(" ")
      .split(" ")
      .filter((word) => word !== "").length
  switch (field) {
    case "score":
      return call.score
    case "flagged":
      return call.flagged ?? false
    case "summary":
      return call.summary === "" ? null : call.summary
    case "status":
      return call.status
    case "direction":
      return call.type
    case "agent.name":
      return call.agent?.name ?? null
    case "duration":
      return call.status === "completed" || call.score !== null ? call.duration : null
    case "transferred":
      return isWritten ? timeline.some(({ type }) => type === "TRANSFER") : null
    case "timeline":
      return isWritten ? timeline.map(({ type }) => type) : null
    case "sentiment.angry":
      return call.metadata?.sentiment?.angry ?? null
    case "transcript.caller": {
      const said = saidBy("caller").join("\n")
      return said.trim() === "" && !(isSettled && turns !== null) ? null : said
    }
    case "turns":
      return turns === null || (turns.length === 0 && !isSettled) ? null : saidBy(null).length
    case "talkRatio":
      return words("agent") + words("caller") === 0
        ? null
        : words("agent") / (words("agent") + words("caller"))
    case "tokens":
      return call.metadata?.usage?.totalTokens ?? null
    default:
      throw new Error(field)
  }
}

/** Rules and calls of few values, so that they meet often. */
function createWorld(seed: number) {
  const roll = dice(seed)
  const below = (number: number) => Math.floor(roll() * number)
  const one = <T>(first: T, ...others: T[]): T => [first, ...others][below(others.length + 1)] ?? first
  const scores = () => one(0, 1.5, 2, 4)
  const leaf = (): Json =>
    one<() => Json>(
      () => ({ score: { [one("lt", "lte", "gt", "gte", "eq", "ne")]: scores() } }),
      () => ({ score: { gte: 1, lt: scores() } }),
      () => ({ score: { in: [scores(), scores()] } }),
      () => ({
        [one("score", "summary", "timeline", "transcript.caller", "sentiment.angry")]: {
          exists: one(true, false),
        },
      }),
      () => ({ flagged: one(true, false) }),
      () => ({
        summary: { [one("contains", "startsWith", "eq", "ne")]: one("Angry caller", "a", " no ", "refund") },
      }),
      () => ({ summary: { contains: one("sue", "no", "refund"), wholeWords: one(true, false) } }),
      () => ({
        "transcript.caller": {
          containsAny: [one("sue", "no"), one("refund", "lawyer")],
          wholeWords: one(true, false),
        },
      }),
      () => ({ status: one("completed", "COMPLETED", "failed") }),
      () => ({ direction: { [one("eq", "ne")]: one("INCOMING", "outgoing") } }),
      () => ({ "agent.name": { in: [one("front desk", "Night line"), "x"] } }),
      () => ({ duration: { [one("lt", "gte")]: one(30, 245) } }),
      () => ({ transferred: one(true, false) }),
      () => ({ timeline: one("TRANSFER", "HANGUP") }),
      () => ({ timeline: { containsAny: [one("TRANSFER", "SEND_TEXT"), "RESPONSE"] } }),
      () => ({
        timeline: { has: one("TRANSFER", "RESPONSE"), then: "HANGUP", ...one({}, { within: "PT20S" }) },
      }),
      () => ({ timeline: { has: "TRANSFER", times: { [one("eq", "gte", "lt")]: below(3) } } }),
      () => ({ "sentiment.angry": { [one("gte", "lt")]: 0.5 } }),
      () => ({ turns: { [one("gte", "lt", "eq")]: below(4) } }),
      () => ({ talkRatio: { [one("gt", "lt")]: 0.5 } }),
      () => ({ tokens: { [one("gte", "lte", "eq")]: 100 } }),
    )()
  const when = (depth: number): Json => {
    if (depth <= 1 || roll() < 0.3) return roll() < 0.2 ? { ...leaf(), ...leaf() } : leaf()
    const parts = () => Array.from({ length: 1 + below(3) }, () => when(depth - 1))
    return one<() => Json>(
      () => ({ not: when(depth - 1) }),
      () => ({ all: parts() }),
      () => ({ any: parts() }),
      () => ({ ...leaf(), any: parts() }),
    )()
  }
  const orNull = <T>(value: T): T | null => (roll() < 0.25 ? null : value)
  const call = (): Case => {
    const said = () =>
      one("I want a refund.", "No, I will sue!", "The issue is angry noise", "", "Angry  caller")
    const speakers = one(["agent", "caller"], ["agent", "caller"], ["agent"])
    const transcript =
      speakers.length === 1
        ? [{ speaker: "agent", text: said() || "Hello", timestamp: null }]
        : [
            { speaker: "agent", text: "Hello there", timestamp: null },
            { speaker: "caller", text: said() || "No", timestamp: null },
            ...(roll() < 0.5 ? [{ speaker: "agent", text: "Bye", timestamp: null }] : []),
          ]
    const activityTimeline = Array.from({ length: below(5) }, (_, index) => ({
      ...activityOf(one("TRANSFER", "HANGUP", "RESPONSE")),
      timestamp: roll() < 0.2 ? null : isoOf(START + index * 15_000),
    }))
    const isFinal = roll() < 0.5
    const changes: Partial<CallDetail> = {
      score: orNull(scores()),
      flagged: orNull(one(true, false)),
      summary: orNull(said()),
      status: one("completed", "failed"),
      type: orNull(one("INCOMING", "OUTGOING")),
      duration: orNull(one(10, 30, 245)),
      agent: orNull({ id: null, name: orNull(one("Front desk", "Night line")) }),
      transcript: orNull(one(transcript, [])),
      activityTimeline: orNull(activityTimeline),
      metadata: orNull({
        sentiment: orNull({ happy: 0, sad: 0.1, angry: one(0.3, 0.6), neutral: 0.2 }),
        callQuality: null,
        technicalIssues: null,
        usage: orNull({ inputTokens: null, outputTokens: null, totalTokens: orNull(one(50, 100, 150)) }),
        callCost: null,
      }),
      endedAt: null,
    }
    const { call } = factsOf(changes)
    return { call, isFinal, isOver: false, isLooked: false }
  }
  return { when: () => when(4), call }
}

const TRUTH = new Map<Answer, string>([
  [true, "true"],
  [false, "false"],
  [null, "unknown"],
])

/** What the engine is given for a case, early or late. */
function factsFor({ call, isFinal }: Case, isLate: boolean): { facts: Facts; now: number; seen: Case } {
  const hasEnded = call.score !== null || call.status === "completed"
  const now = isLate ? START + HOUR : START
  const facts = {
    call,
    firstSeenAt: START - MINUTE,
    detailedAt: now,
    detailIsFinal: isFinal,
    overAt: hasEnded ? START : null,
  }
  const isOver = isLate && hasEnded
  return { facts, now, seen: { call, isFinal, isOver, isLooked: isOver && isFinal } }
}

function leavesIn(when: unknown): number {
  if (Array.isArray(when)) return when.reduce<number>((sum, part) => sum + leavesIn(part), 0)
  if (typeof when !== "object" || when === null) return 0
  return Object.entries(when).reduce((sum, [key, value]) => {
    return sum + (["all", "any", "not"].includes(key) ? leavesIn(value) : 2)
  }, 0)
}

describe("of 150,000 pairs of a rule and a call", () => {
  test("the compiled truth, and the judgement with its reasons, are what the plain engine says", () => {
    const { when, call } = createWorld(7)
    const rules: { rule: CompiledRule; written: Json }[] = []
    while (rules.length < 500) {
      const written = when()
      if (leavesIn(written) <= 50) rules.push({ rule: ruleOf(written), written })
    }
    const counts = new Map<string, number>()
    for (let index = 0; index < 150; index++) {
      const example = call()
      for (const isLate of [false, true]) {
        const { facts, now, seen } = factsFor(example, isLate)
        const { verdicts } = judge(
          rules.map(({ rule }) => rule),
          facts,
          now,
        )
        rules.forEach(({ rule, written }, place) => {
          const expected = TRUTH.get(answerTo(written, seen)) ?? ""
          const found = verdicts[place]?.truth
          if (found !== expected || truthOfRule(rule, facts, now) !== expected)
            expect({ written, found, seen }).toEqual({ written, found: expected, seen })
          counts.set(expected, (counts.get(expected) ?? 0) + 1)
        })
      }
    }
    // None of the answers is rare.
    for (const truth of TRUTH.values()) expect(counts.get(truth), truth).toBeGreaterThan(10_000)
    expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(150_000)
  })
})
