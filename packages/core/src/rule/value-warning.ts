/** What is odd about one value of a condition: a word that nobody writes, or a number that no call can have. */
import { PARTY_CALLS_MAX } from "../call/party-calls.ts"
import type { Field } from "./field-type.ts"
import { nearestName } from "./spelling.ts"

/** `path` leads from the rule to what is odd. */
export type RuleWarning = { path: (string | number)[]; message: string }

/** One as it is written: of an operator, or a part beside one. */
export type WrittenComparison = {
  field: Field
  operator: string
  operand: unknown
  path: (string | number)[]
}

/** Words of which the vendor's page names every one, or the one that matters. */
const WORDS: Record<string, readonly string[]> = {
  type: ["INCOMING", "OUTGOING"],
  direction: ["INCOMING", "OUTGOING"],
  timeline: ["RESPONSE", "TOOL_CALL", "TRANSFER", "SEND_EMAIL", "SEND_TEXT", "HANGUP"],
  "sentiment.dominant": ["happy", "sad", "angry", "neutral"],
}

/** The vendor may have other states than the documented one, but none that is nearly spelt like it. */
const NEARLY: Record<string, readonly string[]> = { status: ["completed"] }

const ALIKE: Record<string, string> = { inbound: "INCOMING", outbound: "OUTGOING", transferred: "TRANSFER" }

const SHARE = { min: 0, max: 1 }

const COUNT = { min: 0, max: Number.POSITIVE_INFINITY }

/** A count stops at the most that is told apart. */
const CALLS = { min: 0, max: PARTY_CALLS_MAX }

/** What a number may be, by the vendor's page. */
const RANGES: Record<string, { min: number; max: number }> = {
  score: { min: 0, max: 5 },
  duration: COUNT,
  "sentiment.happy": SHARE,
  "sentiment.sad": SHARE,
  "sentiment.angry": SHARE,
  "sentiment.neutral": SHARE,
  talkRatio: SHARE,
  turns: COUNT,
  callerTurns: COUNT,
  tokens: COUNT,
  "usage.inputTokens": COUNT,
  "usage.outputTokens": COUNT,
  "usage.totalTokens": COUNT,
  cost: COUNT,
  callCost: COUNT,
  "repeatCaller.hour": CALLS,
  "repeatCaller.day": CALLS,
  "repeatCaller.week": CALLS,
}

export function valueWarning({ field, operator, operand, path }: WrittenComparison): RuleWarning[] {
  const isEqual =
    operator === "eq" || operator === "in" || (field.type === "texts" && OF_ITEMS.includes(operator))
  const choices = Array.isArray(operand) ? operand : [operand]
  const warned = choices.flatMap((choice, index): RuleWarning[] => {
    const message =
      typeof choice === "number"
        ? numberWarning(field.name, operator, choice)
        : typeof choice === "string" && isEqual
          ? wordWarning(field, choice)
          : null
    return message === null ? [] : [{ path: Array.isArray(operand) ? [...path, index] : path, message }]
  })
  return warned
}

/** What names a whole item of a list. */
const OF_ITEMS = ["contains", "containsAny", "has", "then"]

function wordWarning(field: Field, text: string): string | null {
  const { name } = field
  const meant = field.meant?.(text) ?? text
  const folded = meant.trim().toLowerCase()
  const words = WORDS[name] ?? NEARLY[name]
  if (!words || words.some((word) => word.toLowerCase() === folded)) return null
  const nearest = ALIKE[folded] ?? nearestName(folded, words)
  if (!nearest || !words.includes(nearest)) {
    return WORDS[name] ? `matches no call that echowin documents: ${name} is ${listText(words)}` : null
  }
  return `matches no call that echowin documents; did you mean ${nearest}?`
}

function numberWarning(name: string, operator: string, value: number): string | null {
  const range = RANGES[name]
  if (!range) return null
  const { min, max } = range
  const isBeyond = {
    eq: value < min || value > max,
    in: value < min || value > max,
    lt: value <= min,
    lte: value < min,
    gt: value >= max,
    gte: value > max,
  }
  const isNever = Object.entries(isBeyond).some(([known, is]) => known === operator && is)
  if (!isNever) return null
  const rangeText = Number.isFinite(max) ? `from ${min} to ${max}` : `${min} or more`
  const isPercentage = range === SHARE && value > 1 && value <= 100
  return `matches no call: ${name} is ${rangeText}${isPercentage ? `; did you mean ${value / 100}?` : ""}`
}

function listText(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`
}
