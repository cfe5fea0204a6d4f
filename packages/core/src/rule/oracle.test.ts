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

function text(value: unknown): string {
  if (typeof value !== "string") throw new Error("It is no text.")
  return value
}

/** `isLooked`: the list and a final detail were seen after the rule's time was over. */
type Case = {
  call: CallDetail
  counted: Facts["partyCalls"]
  isFinal: boolean
  isOver: boolean
  isLooked: boolean
}

/** How often each field's comparisons, or those of a name of its own, had each answer. */
const tally = new Map<string, Map<Answer, number>>()

function count(name: string, answer: Answer): void {
  const answers = tally.get(name) ?? new Map<Answer, number>()
  answers.set(answer, (answers.get(answer) ?? 0) + 1)
  tally.set(name, answers)
}

function answerTo(when: Json, seen: Case): Answer {
  return every(
    Object.entries(when).map(([key, value]) => {
      if (key === "not") return negated(answerTo(json(value), seen))
      if (key === "all") return every(items(value).map((part) => answerTo(json(part), seen)))
      if (key === "any")
        return negated(every(items(value).map((part) => negated(answerTo(json(part), seen)))))
      const tests =
        typeof value === "object" ? json(value) : { [OF_TEXTS.includes(key) ? "contains" : "eq"]: value }
      return every(
        Object.entries(tests).map(([operator, operand]) => {
          const answer = compared(key, operator, operand, tests, seen)
          if (operator !== "exists") count(key, answer)
          return answer
        }),
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

const COUNTED_OR_TIMED = ["localTime", "repeatCaller.hour", "repeatCaller.day", "repeatCaller.week"]

const OF_LIST = [
  "score",
  "flagged",
  "summary",
  "status",
  "duration",
  "agent.name",
  "direction",
  ...COUNTED_OR_TIMED,
]

const OF_TEXTS = ["timeline", "tools.called", "tools.failed"]

/** Only the whole call shows these: what is known of them now may be unknown again. */
const OF_WHOLE = ["transferAnswered", "deadTransfer", "talkRatio", "callerTurns"]

/** More of the call cannot undo these. */
const LASTING = ["contains", "containsAny", "startsWith", "gt", "gte", "has"]

function compared(field: string, operator: string, operand: unknown, tests: Json, seen: Case): Answer {
  if (["then", "within", "times", "wholeWords"].includes(operator)) return true
  const isOfList = OF_LIST.includes(field)
  const isSettled = seen.isOver && (isOfList || seen.isLooked)
  const value = valueOf(field, seen, isSettled)
  if (operator === "exists") {
    const isEmpty = value === null || value === "" || (Array.isArray(value) && value.length === 0)
    if (value === null && !isSettled) return null
    if ((isEmpty || OF_WHOLE.includes(field)) && !isOfList && !seen.isFinal && !isSettled) return null
    return operand !== isEmpty
  }
  if (value === null) return null
  const holds =
    operator === "has"
      ? occurs(String(operand), tests, happened(field, seen.call))
      : operator === "during"
        ? isWithinHours(text(value), json(operand))
        : meets(operator, value, operand, tests)
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

type Happened = { type: string | null; at: number | "" | null }[]

/** The activities or the uses of tools, those that failed or all. */
function happened(field: string, { activityTimeline }: CallDetail): Happened {
  const shown = (activityTimeline ?? []).flatMap((activity) => {
    const { tool, hasFailed } = resultOf(activity.toolData)
    const isFailure = hasFailed && activity.type !== "TRANSFER"
    if (field === "timeline") return [{ ...activity }]
    return tool === null || (field === "tools.failed" && !isFailure) ? [] : [{ ...activity, type: tool }]
  })
  return shown.map(({ type, timestamp }) => ({ type, at: timestamp && Date.parse(timestamp) }))
}

/** How often one thing is followed by the other in time: surely, and perhaps. */
function occurs(has: string, { then, within, times }: Json, all: Happened): Answer {
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

const MINUTES_OF_WEEK = 7 * 24 * 60

/** What the clocks of a zone show, by the platform's calendar: minutes since Sunday's midnight. */
const shown = new Map<string, number>()

function minuteOfWeek(zone: string, text: string): number {
  const key = `${zone} ${text}`
  const known = shown.get(key)
  if (known !== undefined) return known
  const style = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, ...style }).formatToParts(new Date(text))
  const part = (name: string) => parts.find(({ type }) => type === name)?.value ?? ""
  const day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(part("weekday"))
  const minute = (day * 24 + Number(part("hour"))) * 60 + Number(part("minute"))
  shown.set(key, minute)
  return minute
}

/** Each day's hours are a stretch of the week, the last of which goes on in the next. */
function isWithinHours(moment: string, { zone, days = WEEKDAYS, from, until }: Json): boolean {
  const at = minuteOfWeek(text(zone), moment)
  const ofDay = (time: unknown) => {
    const [hour, minute] = text(time ?? "00:00").split(":")
    return Number(hour) * 60 + Number(minute)
  }
  const length = ofDay(until) - ofDay(from)
  return items(days).some((day) => {
    const begins = WEEKDAYS.indexOf(String(day)) * 24 * 60 + ofDay(from)
    const ends = begins + (length > 0 ? length : length + 24 * 60)
    const isThen = [at, at + MINUTES_OF_WEEK].some((minute) => minute >= begins && minute < ends)
    const changes = Object.values(CLOCK_CHANGES).find((day) => moment.startsWith(day))
    if (changes) count(`localTime on ${changes}`, isThen)
    if (length < 0) count(`localTime after midnight`, isThen && at % (24 * 60) < ofDay(until))
    return isThen
  })
}

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

/** The days of 2026 on which clocks are put forward and back: by an hour, and on Lord Howe Island by half of one. */
const CLOCK_CHANGES = {
  newYorkForward: "2026-03-08",
  newYorkBack: "2026-11-01",
  berlinForward: "2026-03-29",
  berlinBack: "2026-10-25",
  lordHoweBack: "2026-04-04",
  lordHoweForward: "2026-10-03",
}

type Result = {
  toolData: unknown
  tool: string | null
  hasFailed: boolean
  /** Whether a transfer with this result was answered. */
  answered: Answer
}

/** What a tool or a transfer may leave, and what it means: written down, so that nothing has to be concluded. */
const RESULTS: Result[] = [
  { toolData: null, tool: null, hasFailed: false, answered: null },
  { toolData: "failed", tool: null, hasFailed: false, answered: null },
  { toolData: { status: "completed" }, tool: null, hasFailed: false, answered: true },
  {
    toolData: { tool: "transfer", result: { outcome: "Connected" } },
    tool: "transfer",
    hasFailed: false,
    answered: true,
  },
  { toolData: { result: { status: "no-answer" } }, tool: null, hasFailed: false, answered: false },
  { toolData: { tool: "dial", dialCallStatus: "busy" }, tool: "dial", hasFailed: false, answered: false },
  { toolData: { tool: "transfer", status: "FAILED" }, tool: "transfer", hasFailed: true, answered: false },
  { toolData: { tool: "book", result: { ok: false } }, tool: "book", hasFailed: true, answered: false },
  { toolData: { tool: "book", error: "No such table" }, tool: "book", hasFailed: true, answered: false },
  { toolData: { tool: "book", error: null, errors: [] }, tool: "book", hasFailed: false, answered: null },
  { toolData: { tool: "stock", result: { quantity: 3 } }, tool: "stock", hasFailed: false, answered: null },
  { toolData: { tool: "stock", isError: true }, tool: "stock", hasFailed: true, answered: false },
  { toolData: { tool: 7, success: true }, tool: null, hasFailed: false, answered: null },
]

const MEANT = new Map(RESULTS.map((result) => [JSON.stringify(result.toolData), result]))

function resultOf(toolData: unknown): Result {
  const result = MEANT.get(JSON.stringify(toolData))
  if (!result) throw new Error("Nobody wrote this result.")
  return result
}

function answeredTransfer({ activityTimeline }: CallDetail): Answer {
  const [last] = (activityTimeline ?? []).filter(({ type }) => type === "TRANSFER").slice(-1)
  return last ? resultOf(last.toolData).answered : null
}

/** Null for what is no time, or one at which nobody called. */
function beginning({ createdAt }: CallDetail): string | null {
  return createdAt?.startsWith("2026-") ? createdAt : null
}

function valueOf(field: string, { call, counted }: Case, isSettled: boolean): unknown {
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
    case "callerTurns": {
      const [all, agent, caller] = [saidBy(null), saidBy("agent"), saidBy("caller")].map(
        (texts) => texts.filter((text) => text !== "").length,
      )
      if (all === 0 && !turns?.length) return null
      return all === 1 || (agent && caller) ? caller : null
    }
    case "tokens":
      return call.metadata?.usage?.totalTokens ?? null
    case "localTime":
      return beginning(call)
    case "repeatCaller.hour":
      return counted?.hour ?? null
    case "repeatCaller.day":
      return counted?.day ?? null
    case "repeatCaller.week":
      return counted?.week ?? null
    case "transferAnswered":
      return answeredTransfer(call)
    case "deadTransfer": {
      if (!isWritten) return null
      const isTransferred = timeline.some(({ type }) => type === "TRANSFER")
      return isTransferred ? negated(answeredTransfer(call)) : false
    }
    case "tools.called":
    case "tools.failed":
      return isWritten ? happened(field, call).map(({ type }) => type) : null
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
  const hours = (): Json => ({
    zone: one("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"),
    ...one<Json>(
      { from: "22:00", until: "06:00" },
      { from: "23:45", until: "01:45" },
      { from: "01:30", until: "02:15" },
      { from: "02:00", until: "03:00" },
      { from: "09:00", until: "17:30" },
      { from: "02:30" },
      { until: "01:30" },
      {},
    ),
    ...one({}, { days: one(["sun"], ["sun", "sat"], ["sat"], ["mon", "sun", "tue"], WEEKDAYS.slice(1, 6)) }),
  })
  const began = () => {
    const [day, ...days] = Object.values(CLOCK_CHANGES)
    const minutes = 15 * below(4 * 36) - 6 * 60
    const at = Date.parse(one(day ?? "", ...days)) + minutes * MINUTE - (roll() < 0.2 ? 1 : 0)
    return roll() < 0.1 ? one("soon", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z") : isoOf(at)
  }
  const leaf = (): Json =>
    one<() => Json>(
      () => ({ score: { [one("lt", "lte", "gt", "gte", "eq", "ne")]: scores() } }),
      () => ({ score: { gte: 1, lt: scores() } }),
      () => ({ score: { in: [scores(), scores()] } }),
      () => ({
        [one(
          ...(["score", "summary", "timeline", "transcript.caller", "sentiment.angry", "localTime"] as const),
          ...(["transferAnswered", "deadTransfer", "tools.called", "tools.failed", "talkRatio"] as const),
          ...(["callerTurns", "repeatCaller.day"] as const),
        )]: { exists: one(true, false) },
      }),
      () => ({ localTime: { during: hours() } }),
      () => ({ localTime: { during: hours() } }),
      () => ({
        [one("repeatCaller.hour", "repeatCaller.day", "repeatCaller.week")]: {
          [one("gte", "lt", "eq")]: 1 + below(4),
        },
      }),
      () => ({ transferAnswered: one<unknown>(true, false, { [one("eq", "ne")]: true }) }),
      () => ({ deadTransfer: one<unknown>(true, false, { [one("eq", "ne")]: true }) }),
      () => ({ [one("tools.called", "tools.failed")]: one("book", "STOCK", "transfer") }),
      () => ({ [one("tools.called", "tools.failed")]: { containsAny: [one("dial", "book"), "stock"] } }),
      () => ({
        [one("tools.called", "tools.failed")]: {
          has: one("book", "stock"),
          ...one({}, { then: "book" }, { then: "stock", within: "PT20S" }),
          ...one({}, { times: { [one("eq", "gte", "lt")]: below(3) } }),
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
      () => ({ callerTurns: { [one("gte", "lt", "eq")]: below(3) } }),
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
    const activityTimeline = Array.from({ length: below(7) }, (_, index) => ({
      ...activityOf(one("TRANSFER", "TRANSFER", "TRANSFER", "HANGUP", "RESPONSE", "TOOL_CALL", "TOOL_CALL")),
      toolData: RESULTS[below(RESULTS.length)]?.toolData ?? null,
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
      createdAt: orNull(began()),
      endedAt: null,
    }
    const { call } = factsOf(changes)
    const [hour, day, week] = [1 + below(2), 2 + below(2), 3 + below(2)]
    return {
      call,
      counted: orNull({ hour, day, week }) ?? undefined,
      isFinal,
      isOver: false,
      isLooked: false,
    }
  }
  return { when: () => when(4), call }
}

const TRUTH = new Map<Answer, string>([
  [true, "true"],
  [false, "false"],
  [null, "unknown"],
])

/** What the engine is given for a case, early or late. */
function factsFor(
  { call, counted, isFinal }: Case,
  isLate: boolean,
): { facts: Facts; now: number; seen: Case } {
  const hasEnded = call.score !== null || call.status === "completed"
  const now = isLate ? START + HOUR : START
  const facts = {
    call,
    firstSeenAt: START - MINUTE,
    detailedAt: now,
    detailIsFinal: isFinal,
    overAt: hasEnded ? START : null,
    partyCalls: counted,
  }
  const isOver = isLate && hasEnded
  return { facts, now, seen: { call, counted, isFinal, isOver, isLooked: isOver && isFinal } }
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
          const found = [verdicts[place]?.truth, truthOfRule(rule, facts, now)]
          if (found.some((truth) => truth !== expected))
            expect(found, JSON.stringify({ written, seen })).toEqual([expected, expected])
          counts.set(expected, (counts.get(expected) ?? 0) + 1)
        })
      }
    }
    // None of the answers is rare, nor is any of a field that is more than a value of the call.
    for (const truth of TRUTH.values()) expect(counts.get(truth), truth).toBeGreaterThan(10_000)
    expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(150_000)
    for (const field of [...COUNTED_OR_TIMED, ...OF_TEXTS, ...OF_WHOLE]) {
      const answers = tally.get(field) ?? new Map<Answer, number>()
      const all = [...answers.values()].reduce((sum, number) => sum + number, 0)
      for (const answer of [true, false, null])
        expect((answers.get(answer) ?? 0) / all, `${field} ${answer}`).toBeGreaterThan(0.05)
    }
    for (const day of [...Object.values(CLOCK_CHANGES).map((day) => `on ${day}`), "after midnight"])
      for (const isThen of [true, false])
        expect(tally.get(`localTime ${day}`)?.get(isThen), day).toBeGreaterThan(500)
  })
})
