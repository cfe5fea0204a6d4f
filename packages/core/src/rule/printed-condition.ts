/**
 * A condition as JSON again, in one way of writing: what is read from it means the same. Two conditions that are written
 * differently and mean the same comparisons in the same order are printed alike.
 */
import type { Condition } from "./condition.ts"
import { type Leaf, isObject } from "./leaf.ts"

type Printed = Record<string, unknown>

export function printCondition(condition: Condition): Printed {
  switch (condition.kind) {
    case "leaf":
      return { [condition.field.name]: printLeaf(condition) }
    case "not":
      return { not: printCondition(condition.of) }
    case "any":
      return { any: condition.of.map(printCondition) }
    case "all":
      return printTogether(condition.of.flatMap(conjunctsOf))
  }
}

/** `all` within `all` asks for nothing more. */
function conjunctsOf(condition: Condition): readonly Condition[] {
  return condition.kind === "all" ? condition.of.flatMap(conjunctsOf) : [condition]
}

/** As the keys of one object, as far as no two share a key; what is left becomes a list. */
function printTogether(parts: readonly Condition[]): Printed {
  const together: Printed = {}
  const others: Printed[] = []
  for (const part of parts) {
    const [[key, value] = ["", null]] = Object.entries(printCondition(part))
    const before = together[key]
    if (before === undefined) together[key] = value
    else if (part.kind === "leaf" && canJoin(before, value)) together[key] = joined(before, value)
    else others.push({ [key]: value })
  }
  if (others.length > 0) together["all"] = others
  return together
}

/** What has parts beside it stands alone: nobody could say whose they are. */
const ALONE = ["has", "wholeWords"]

function canJoin(before: unknown, value: unknown): before is Printed {
  if (!isObject(before) || !isObject(value)) return false
  const [known, added] = [Object.keys(before), Object.keys(value)]
  return ![...known, ...added].some((key) => ALONE.includes(key)) && !added.some((key) => known.includes(key))
}

function joined(before: Printed, value: unknown): Printed {
  return { ...before, ...(isObject(value) ? value : {}) }
}

function printLeaf({ operator, operand, pattern, hours, isWholeWords }: Leaf): unknown {
  if (hours) return { during: { days: hours.days, from: hours.from, until: hours.until, zone: hours.zone } }
  if (!pattern) return { [operator]: operand, ...(isWholeWords && { wholeWords: true }) }
  const { has, then, within, times } = pattern
  return {
    has,
    ...(then !== null && { then }),
    ...(within !== null && { within }),
    ...(times !== null && { times: { [times.operator]: times.value } }),
  }
}
