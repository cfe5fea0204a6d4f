/**
 * Conditions of a simulation's rules, as people write them, and beside each what is true of a call: by the simulation's
 * own knowledge of it, in three values, and without the code that it is there to test.
 */
import { type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import type { Rule } from "@earshot/core/rule/rule"
import type { SimulatedCall } from "./call.ts"

/** Null: it is not known yet. */
type Truth = boolean | null

/**
 * Who looks at a call: `list` knows what the list tells, `all` the detail as well, and `stale` has not looked for some
 * minutes, so that what has come meanwhile is missing to it.
 */
export type View = "list" | "all" | "stale"

/** When a condition begins to hold, and when it no longer does. Infinity: never. */
export type Span = { from: Instant; until: Instant }

export type TruthCondition = {
  when: Rule["when"]
  /** `settlesAt`: what is not known by then does not exist. */
  truth: (call: SimulatedCall, at: Instant, settlesAt: Instant, view: View) => Truth
}

const NEVER = Number.POSITIVE_INFINITY

export const NO_SPAN: Span = Object.freeze({ from: NEVER, until: NEVER })

/** What is missing was looked for so long ago at most. */
const STALE_MS = 2 * MINUTE

/** Of the clocks by which it is judged what has settled. */
const SKEW_MS = SECOND

/** When it can be seen that the call is over: if neither an end nor a status tells it, by the score. */
export function overAt({ endedAt, scoreAt, look }: SimulatedCall): Instant {
  return look.hidesEnd && look.status !== null ? Math.max(endedAt, scoreAt) : endedAt
}

/** When a rule that waits so long after a call's end no longer does. Without the end itself the length tells it. */
export function settledAt(call: SimulatedCall, settleMs: number): Instant {
  const end = call.look.hidesEnd ? call.createdAt + call.seconds * SECOND : call.endedAt
  return Math.max(overAt(call), end + settleMs)
}

/** The first time that the condition holds. */
export function spanOf({ truth }: TruthCondition, call: SimulatedCall, settleMs: number, view: View): Span {
  const settlesAt = settledAt(call, settleMs) - (view === "stale" ? SKEW_MS : 0)
  const { createdAt, summaryAt, scoreAt, revisedAt, sentimentAt, transferredAt } = call
  const moments = [
    createdAt,
    overAt(call),
    summaryAt,
    scoreAt,
    revisedAt,
    sentimentAt,
    transferredAt,
    settlesAt,
  ]
  let from = NEVER
  for (const at of moments.sort((a, b) => a - b)) {
    if (at === NEVER) break
    const holds = truth(call, at, settlesAt, view) === true
    if (holds) from = Math.min(from, at)
    else if (from < NEVER) return { from, until: at }
  }
  return { from, until: NEVER }
}

export function longerThan(seconds: number): TruthCondition {
  return {
    when: { duration: { gte: seconds } },
    truth: (call, at) => (at < overAt(call) ? null : call.seconds >= seconds),
  }
}

export function scoredAtMost(max: number): TruthCondition {
  return {
    when: { score: { lte: max } },
    truth: (call, at) => {
      if (at < call.scoreAt) return null
      return (at < call.revisedAt ? call.score : call.revisedScore) <= max
    },
  }
}

/** Texts compare without regard to case. */
export const aboutTeapot: TruthCondition = {
  when: { summary: { contains: "a TEAPOT" } },
  truth: (call, at) => (at < call.summaryAt ? null : call.seconds % 3 === 0),
}

/** That there was no transfer is known once the call is over. */
export const transferred: TruthCondition = {
  when: { transferred: true },
  truth: (call, at, _, view) => {
    if (view === "list") return null
    return at >= call.transferredAt ? true : at < overAt(call) ? null : false
  },
}

/** The same as the vendor has it. */
export const handedOn: TruthCondition = { ...transferred, when: { timeline: { contains: "transfer" } } }

export const noScore = missing({ score: { exists: false } }, "list", (call) => call.scoreAt)

export const noSentiment = missing(
  { "sentiment.angry": { exists: false } },
  "all",
  (call) => call.sentimentAt,
)

function missing(
  when: Rule["when"],
  source: "list" | "all",
  comesAt: (call: SimulatedCall) => Instant,
): TruthCondition {
  return {
    when,
    truth: (call, at, settlesAt, view) => {
      if (view === "list" && source === "all") return null
      if (at >= comesAt(call) + (view === "stale" ? STALE_MS : 0)) return false
      return at < settlesAt ? null : true
    },
  }
}

export function not({ when, truth }: TruthCondition): TruthCondition {
  const opposite = (is: Truth) => (is === null ? null : !is)
  return { when: { not: when }, truth: (...seen) => opposite(truth(...seen)) }
}

export function all(...parts: readonly TruthCondition[]): TruthCondition {
  return {
    when: { all: parts.map(({ when }) => when) },
    truth: (...seen) => {
      const truths = parts.map(({ truth }) => truth(...seen))
      return truths.includes(false) ? false : truths.includes(null) ? null : true
    },
  }
}

/** One that holds is enough, and one that is not known leaves it open: all but one of them fail. */
export function any(...parts: readonly TruthCondition[]): TruthCondition {
  const { truth } = not(all(...parts.map(not)))
  return { when: { any: parts.map(({ when }) => when) }, truth }
}
