/**
 * A rule in one plain sentence: `Alert when the score is 2 or lower, or anger is at least 50%, unless the call is spam`. It
 * says all that the condition says, and where words could be taken in two ways it has brackets.
 */
import type { Privacy } from "../channel/channel.ts"
import { durationOf, durationText } from "../instant.ts"
import type { Condition } from "../rule/condition.ts"
import type { Leaf } from "../rule/leaf.ts"
import { hoursText } from "../rule/local-time.ts"
import type { Scalar } from "../rule/operand.ts"
import { type Pattern } from "../rule/pattern.ts"
import { listText } from "./quantity.ts"
import { lengthText } from "./time-text.ts"

/** Total: every condition that can be read has a sentence. No full stop: it stands in lines of its own. */
export function ruleSentence(condition: Condition): string {
  const parts = condition.kind === "all" ? condition.of.flatMap(flatAll) : [condition]
  const excluded = parts.flatMap((part) => exclusionOf(part) ?? [])
  const wanted = parts.filter((part) => exclusionOf(part) === null)
  if (wanted.length === 0)
    return `Alert unless ${joined(
      excluded.map((part) => clauseOf(part, "inner")),
      "or",
    )}`
  const [only] = wanted
  const isOpen = wanted.length === 1 && only?.kind === "any"
  const clauses = isOpen ? only.of.flatMap(flatAny) : wanted
  const when = joined(
    clauses.map((part) => clauseOf(part, clauses.length > 1 ? "inner" : "whole")),
    isOpen ? "or" : "and",
  )
  const unless =
    excluded.length === 0
      ? ""
      : `, unless ${joined(
          excluded.map((part) => clauseOf(part, "inner")),
          "or",
        )}`
  return `Alert when ${when}${unless}`
}

/**
 * The sentence, where it tells a channel no more than its alerts may: that a call matched says of the call what the rule asks. Null if
 * it asks for what a person said or is known by, or, at `minimal`, for any text; and for a single comparison, which the reason says
 * already.
 */
export function shownSentence(condition: Condition, privacy: Privacy): string | null {
  const isHidden = ({ field, operand }: Leaf) =>
    privacy !== "full" &&
    (field.isPersonal ||
      (privacy === "minimal" && (typeof operand === "string" || typeof operand === "object")))
  return condition.kind === "leaf" || hasLeaf(condition, isHidden) ? null : ruleSentence(condition)
}

function hasLeaf(condition: Condition, is: (leaf: Leaf) => boolean): boolean {
  if (condition.kind === "leaf") return is(condition)
  return condition.kind === "not" ? hasLeaf(condition.of, is) : condition.of.some((part) => hasLeaf(part, is))
}

function flatAll(condition: Condition): readonly Condition[] {
  return condition.kind === "all" ? condition.of.flatMap(flatAll) : [condition]
}

function flatAny(condition: Condition): readonly Condition[] {
  return condition.kind === "any" ? condition.of.flatMap(flatAny) : [condition]
}

/** What must not be, for a rule that asks for that; null if the rule asks for something to be. */
function exclusionOf(condition: Condition): Condition | null {
  if (condition.kind === "not") return condition.of.kind === "not" ? null : condition.of
  // Only of a person's marks: they are false until somebody sets them, and of all else false has to be known.
  const isMark =
    condition.kind === "leaf" && condition.field.type === "boolean" && condition.field.source === "list"
  if (!isMark) return null
  if (condition.operator === "eq" && condition.operand === false) return { ...condition, operand: true }
  return condition.operator === "ne" && condition.operand === true ? { ...condition, operator: "eq" } : null
}

function joined(clauses: readonly string[], word: "and" | "or"): string {
  if (clauses.length < 2) return clauses.join("")
  if (word === "or") return clauses.join(", or ")
  return `${clauses.slice(0, -1).join(", ")} and ${clauses.at(-1)}`
}

function clauseOf(condition: Condition, place: "whole" | "inner"): string {
  switch (condition.kind) {
    case "leaf":
      return leafText(condition)
    case "not":
      return `it is not so that ${bracketed(condition.of)}`
    case "all":
    case "any": {
      const parts = condition.kind === "all" ? condition.of.flatMap(flatAll) : condition.of.flatMap(flatAny)
      const [only] = parts
      if (parts.length === 1 && only) return clauseOf(only, place)
      const text = joined(
        parts.map((part) => clauseOf(part, "inner")),
        condition.kind === "all" ? "and" : "or",
      )
      return place === "inner" ? `(${text})` : text
    }
  }
}

function bracketed(condition: Condition): string {
  return condition.kind === "leaf" ? leafText(condition) : `(${clauseOf(condition, "whole")})`
}

/** How a field is named in a sentence; `share`: a number that is read as a percentage. */
const NOUNS: Record<string, string> = {
  from: "the caller's number",
  to: "the number called",
  type: "the direction",
  direction: "the direction",
  status: "the status",
  duration: "the call's length",
  summary: "the summary",
  score: "the score",
  "agent.id": "the agent's id",
  "agent.name": "the agent's name",
  recordingUrl: "the recording's address",
  transcript: "what was said",
  "transcript.agent": "what the agent said",
  "transcript.caller": "what the caller said",
  memory: "what echowin remembers of the caller",
  timeline: "the timeline",
  tools: "the list of tools used",
  "tools.called": "the list of tools used",
  "tools.failed": "the list of tools that failed",
  "sentiment.happy": "happiness",
  "sentiment.sad": "sadness",
  "sentiment.angry": "anger",
  "sentiment.neutral": "neutral mood",
  "sentiment.dominant": "the strongest mood",
  callQuality: "the line quality",
  technicalIssues: "the list of technical issues",
  "usage.inputTokens": "the number of tokens read",
  "usage.outputTokens": "the number of tokens written",
  "usage.totalTokens": "the number of tokens used",
  tokens: "the number of tokens used",
  callCost: "the cost",
  cost: "the cost",
  turns: "the number of turns",
  callerTurns: "the number of the caller's turns",
  talkRatio: "the agent's share of the words",
  localTime: "the time of the call",
  "repeatCaller.hour": "the number of the caller's calls within an hour",
  "repeatCaller.day": "the number of the caller's calls within 24 hours",
  "repeatCaller.week": "the number of the caller's calls within seven days",
}

const MARKS: Record<string, readonly [string, string]> = {
  flagged: ["the call is flagged", "the call is not flagged"],
  favorite: ["the call is a favorite", "the call is not a favorite"],
  spam: ["the call is spam", "the call is not spam"],
  transferred: ["the call is transferred", "the call is not transferred"],
  transferAnswered: ["a transfer is answered", "a transfer is not answered"],
  deadTransfer: ["a transfer reaches nobody", "no transfer reaches nobody"],
}

function leafText(leaf: Leaf): string {
  const { field, operator, operand, pattern, hours } = leaf
  const noun = NOUNS[field.name] ?? field.name
  if (operator === "exists") return presence(leaf, noun)
  if (hours) return `the call begins within the hours ${hoursText(hours)}`
  if (pattern) return `${noun} has ${eventsText(pattern)}`
  const mark = MARKS[field.name]
  if (mark) return (operand === true) === (operator === "eq") ? mark[0] : mark[1]
  const asked = (typeof operand === "object" ? operand : [operand]).map((one) => valueText(field.name, one))
  const list = listText(asked, 0)
  return `${noun} ${VERBS[operator]} ${list}${AFTER[operator] ?? ""}${leaf.isWholeWords ? " as whole words" : ""}`
}

const VERBS: Record<Leaf["operator"], string> = {
  eq: "is",
  ne: "is not",
  lt: "is below",
  lte: "is",
  gt: "is above",
  gte: "is at least",
  in: "is",
  contains: "contains",
  containsAny: "contains",
  startsWith: "starts with",
  has: "has",
  during: "is within",
  exists: "is there",
}

const AFTER: Partial<Record<Leaf["operator"], string>> = { lte: " or lower" }

function presence({ field, operand }: Leaf, noun: string): string {
  const is = operand === true ? "is known" : "is not known"
  const mark = MARKS[field.name]
  return mark ? `it ${is} whether ${mark[0]}` : `${noun} ${is}`
}

function eventsText({ has, then, within, times }: Pattern): string {
  const time = within === null ? "" : ` within ${durationText(durationOf(within) ?? 0)}`
  const order = then === null ? `“${has}”` : `“${has}” and next after it “${then}”${time}`
  return times === null ? order : `${order}, ${COUNTS_TEXT[times.operator]} ${times.value} times`
}

const COUNTS_TEXT = {
  eq: "exactly",
  gt: "more than",
  gte: "at least",
  lt: "fewer than",
  lte: "at most",
} as const

/** A length, such as 90 seconds, up to which it is written in minutes. */
const SECONDS_MAX = 1e6

function valueText(field: string, value: Scalar): string {
  if (typeof value === "string") return `“${value}”`
  if (typeof value === "boolean") return String(value)
  if (field === "talkRatio" || field.startsWith("sentiment."))
    return `${Number((value * 100).toPrecision(12))}%`
  if (field !== "duration") return String(value)
  return Number.isInteger(value) && value >= 0 && value < SECONDS_MAX ? lengthText(value) : `${value} s`
}
