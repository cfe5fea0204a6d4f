/**
 * What happened in a call, how often and in which order: `{"has": "TRANSFER", "then": "HANGUP", "within": "PT20S"}`. An
 * occurrence is an event, or an event and the next one of the other name after it.
 */
import { fold } from "../fold.ts"
import { type Instant, durationOf, durationText } from "../instant.ts"
import type { Truth } from "./truth.ts"

/** `at` is null if the vendor wrote no time. */
export type CallEvent = { name: string; at: Instant | null }

export const COUNTS = ["eq", "gt", "gte", "lt", "lte"] as const

type Count = { operator: (typeof COUNTS)[number]; value: number }

/** `within`: an ISO 8601 duration. `times`: how many occurrences; null: at least one. */
export type Pattern = { has: string; then: string | null; within: string | null; times: Count | null }

/** More of something in one call is not counted on. */
export const TIMES_MAX = 1000

/** What is wrong with what stands beside `has`, or what it asks for. */
export function readTimes(value: unknown): Count | string {
  const wrong = `times takes a whole number up to ${TIMES_MAX}, or one comparison such as {"gte": 2}`
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [["eq", value]]
  const [[name, number] = []] = entries
  const operator = COUNTS.find((known) => known === name)
  const isCount = typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= TIMES_MAX
  return operator && isCount && entries.length === 1 ? { operator, value: number } : wrong
}

/** Whether more of the call could undo what holds now: what is counted only grows. */
export function isUndoneByMore({ times }: Pattern): boolean {
  return times !== null && times.operator !== "gt" && times.operator !== "gte"
}

/** Unknown where a time is missing that the answer depends on. The names of events are folded already. */
export function matchPattern({ has, then, within, times }: Pattern): (events: readonly CallEvent[]) => Truth {
  const [first, second] = [fold(has), then === null ? null : fold(then)]
  const withinMs = within === null ? null : (durationOf(within) ?? 0)
  const count = times ?? ({ operator: "gte", value: 1 } as const)
  return (events) => {
    let certain = 0
    let possible = 0
    // From the end, so that the next event of the other name is known.
    let next: CallEvent | null = null
    for (let index = events.length - 1; index >= 0; index--) {
      const event = events[index]
      if (event?.name === first) {
        const truth = second === null ? "true" : followed(event, next, withinMs)
        if (truth === "true") certain++
        if (truth !== "false") possible++
      }
      if (event && event.name === second) next = event
    }
    return truthBetween(count, certain, possible)
  }
}

/** Of a number of occurrences that is at least one and at most the other. */
function truthBetween(count: Count, certain: number, possible: number): Truth {
  const isFirst = holds(count, certain)
  for (let number = certain + 1; number <= possible; number++)
    if (holds(count, number) !== isFirst) return "unknown"
  return isFirst ? "true" : "false"
}

function followed({ at }: CallEvent, next: CallEvent | null, withinMs: number | null): Truth {
  if (next === null) return "false"
  if (withinMs === null) return "true"
  if (at === null || next.at === null) return "unknown"
  return next.at - at <= withinMs ? "true" : "false"
}

function holds({ operator, value }: Count, count: number): boolean {
  switch (operator) {
    case "eq":
      return count === value
    case "gt":
      return count > value
    case "gte":
      return count >= value
    case "lt":
      return count < value
    case "lte":
      return count <= value
  }
}

const COUNT_TEXT: Record<Count["operator"], string> = {
  eq: "exactly",
  gt: "more than",
  gte: "at least",
  lt: "fewer than",
  lte: "at most",
}

/** Such as `TRANSFER, then HANGUP within 20 s, at least 2 times`. */
export function patternText({ has, then, within, times }: Pattern): string {
  const order = then === null ? has : `${has}, then ${then}`
  const time = within === null ? "" : ` within ${durationText(durationOf(within) ?? 0)}`
  const often = times === null ? "" : `, ${COUNT_TEXT[times.operator]} ${times.value} times`
  return `${order}${time}${often}`
}
