/** Numbers in a reason as people read them: what was seen, and from where on a rule alerts. */
import type { Because } from "../alert/alert.ts"
import { lengthText } from "./time-text.ts"

type Amount = { unit: Unit; digits: number }

/** How a number of a field is written. */
export type Unit = "share" | "seconds" | "plain"

/** What a comparison asks for, and what it asks for where the rule negates it: the opposite. */
const BOUND: Record<string, readonly [string, string]> = {
  gte: ["from", "below"],
  gt: ["above", "up to"],
  lte: ["up to", "above"],
  lt: ["below", "from"],
  eq: ["at", "unless"],
  ne: ["unless", "at"],
  in: ["at", "unless"],
}

/** The value as it is shown, and the rule's bound, such as `87%` and `alert from 50%`. */
export function quantityText(
  { seen, operand, operator, isNegated, operandsLeftOut }: Because,
  unit: Unit,
): { seen: string; bound: string } {
  const amount = { unit, digits: digitsApart(seen, operand, unit) }
  const [plain, negated] = BOUND[operator] ?? [operator, `not ${operator}`]
  const asked = listText(
    (typeof operand === "object" ? operand : [operand]).map((one) => amountText(one, amount)),
    operandsLeftOut,
  )
  return {
    seen: seen === null || typeof seen === "object" ? "unknown" : amountText(seen, amount),
    bound: `alert ${isNegated ? negated : plain} ${asked}`,
  }
}

/** Such as `1, 2 or 3`, or `1, 2 and 38 more`. */
export function listText(items: readonly string[], leftOut: number): string {
  if (leftOut > 0) return `${items.join(", ")} and ${leftOut} more`
  if (items.length < 2) return items[0] ?? "nothing"
  return `${items.slice(0, -1).join(", ")} or ${items.at(-1)}`
}

const DIGITS_MIN: Record<Unit, number> = { share: 0, seconds: 0, plain: 3 }

/** Beyond this a number has no more digits. */
const DIGITS_MAX = 17

/** How many decimals it takes to tell the value from what is asked for: 49.96% is not 50%. */
function digitsApart(seen: Because["seen"], operand: Because["operand"], unit: Unit): number {
  const from = DIGITS_MIN[unit]
  if (typeof seen !== "number") return from
  const others = (typeof operand === "object" ? operand : [operand]).filter((one) => one !== seen)
  for (let digits = from; digits < DIGITS_MAX; digits++) {
    const text = amountText(seen, { unit, digits })
    if (others.every((other) => amountText(other, { unit, digits }) !== text)) return digits
  }
  return DIGITS_MAX
}

function amountText(value: string | number | boolean, { unit, digits }: Amount): string {
  if (typeof value !== "number") return String(value)
  if (unit === "share") return `${decimalText(value * 100, digits)}%`
  const isWhole = unit === "seconds" && digits === 0 && value >= 0 && value < 1e6
  if (isWhole) return lengthText(value)
  return unit === "seconds" ? `${decimalText(value, digits)} s` : decimalText(value, digits)
}

function decimalText(value: number, digits: number): string {
  // Beyond a billion there are no decimals worth showing, and so many could not be computed.
  if (digits >= DIGITS_MAX || Math.abs(value) > 1e9) return String(value)
  return String(Number(value.toFixed(digits)))
}
