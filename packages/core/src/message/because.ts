/** Why a rule matched, in words: the value that was seen and what the rule asks for. */
import type { Call } from "@earshot/calls-api/call"
import type { Because } from "../alert/alert.ts"
import { areSpeakersKnown } from "../call/speaker.ts"
import type { Privacy } from "../channel/channel.ts"

type Value = string | number | boolean | readonly (string | number | boolean)[]

/** What a comparison asks for, as it is and negated. */
const OPERATOR_TEXT: Record<string, readonly [string, string]> = {
  eq: ["", "not "],
  ne: ["not ", ""],
  lt: ["below ", "not below "],
  lte: ["at most ", "not at most "],
  gt: ["above ", "not above "],
  gte: ["at least ", "not at least "],
  in: ["one of ", "not one of "],
  contains: ["contains ", "does not contain "],
  startsWith: ["starts with ", "does not start with "],
}

/**
 * Such as `score is 1.5 (at most 2)`. Of a personal field only what the rule asks for, since that alone says what the call
 * holds: `from is +1555…`. Where privacy is minimal no text at all, since any may be the vendor's own.
 */
export function becauseText(because: Because, privacy: Privacy): string {
  const { field, operator, operand, operandsLeftOut, seen, isPersonal, isNegated } = because
  if (operator === "exists")
    return `${field} ${(operand === true) !== isNegated ? "is present" : "is missing"}`
  const isHidden = isPersonal ? privacy !== "full" : privacy === "minimal" && hasText(seen ?? operand)
  if (isHidden) return `${field} matches the rule`
  const others = operandsLeftOut > 0 ? ` and ${operandsLeftOut} more` : ""
  const [plain, negated] = OPERATOR_TEXT[operator] ?? [`${operator} `, `not ${operator} `]
  const digits = digitsApart(seen, operand)
  const asked = `${isNegated ? negated : plain}${valueText(operand, digits)}${others}`
  const verb = operator === "contains" || operator === "startsWith" ? "" : "is "
  if (isPersonal) return `${field} ${verb}${asked}`
  if (operator === "eq") return `${field} is ${valueText(seen ?? operand, digits)}`
  return `${field} is ${valueText(seen ?? "unknown", digits)} (${asked})`
}

/** Where echowin does not name both sides of a conversation, what one said is looked for in all of it. */
export function whoSpokeText({ field }: Because, { transcript }: Pick<Call, "transcript">): string {
  const isOfOneSide = field === "transcript.caller" || field === "transcript.agent"
  return isOfOneSide && transcript !== null && !areSpeakersKnown(transcript)
    ? " (echowin did not say who spoke)"
    : ""
}

function hasText(value: Value): boolean {
  return (
    typeof value === "string" || (typeof value === "object" && value.some((one) => typeof one === "string"))
  )
}

const DIGITS_MIN = 3

/** Beyond this a number has no more digits. */
const DIGITS_MAX = 17

/** How many decimals it takes to tell the value from what is asked for: 1.9996 is not 2. */
function digitsApart(seen: Because["seen"], operand: Because["operand"]): number {
  if (typeof seen !== "number") return DIGITS_MIN
  const others = (typeof operand === "object" ? operand : [operand]).filter((one) => one !== seen)
  for (let digits = DIGITS_MIN; digits < DIGITS_MAX; digits++) {
    const text = valueText(seen, digits)
    if (others.every((other) => valueText(other, digits) !== text)) return digits
  }
  return DIGITS_MAX
}

function valueText(value: Value, digits: number): string {
  if (typeof value === "object") return value.map((one) => valueText(one, digits)).join(", ")
  if (typeof value === "boolean") return value ? "true" : "false"
  if (typeof value === "string") return value
  // Beyond a billion there are no decimals worth showing, and so many could not be computed.
  if (digits >= DIGITS_MAX || Math.abs(value) > 1e9) return String(value)
  return String(Number(value.toFixed(digits)))
}
