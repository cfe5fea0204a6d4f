/**
 * The conditions of a simulation's rules as people write them, and beside each what is true of a call: in three values,
 * from the simulation's own knowledge of it and not from the code that it tests.
 */
import { type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import type { Rule } from "@earshot/core/rule/rule"
import type { SimulatedCall } from "./call.ts"

/** Null: not known yet. */
type Truth = boolean | null

/**
 * What is seen of a call: `list` is what the list shows, `all` the detail as well, and `stale` the same a few minutes ago,
 * so that it lacks what has come since.
 */
export type View = "list" | "all" | "stale"

/** When a condition begins to hold, and when it ceases to. Infinity: never. */
export type Span = { from: Instant; until: Instant }

export type TruthCondition = {
  when: Rule["when"]
  /** What is not known by `settlesAt` does not exist. */
  truth: (call: SimulatedCall, at: Instant, settlesAt: Instant, view: View) => Truth
}

const NEVER = Number.POSITIVE_INFINITY

export const NO_SPAN: Span = Object.freeze({ from: NEVER, until: NEVER })

/** A stale view is at most this old. */
const STALE_MS = 2 * MINUTE

/** Between the clocks that decide what has settled. */
const SKEW_MS = SECOND

/** When it can be seen that the call is over: by its end, its status, or else its score. */
export function overAt({ endedAt, scoreAt, look }: SimulatedCall): Instant {
  return look.hidesEnd && look.status !== null ? Math.max(endedAt, scoreAt) : endedAt
}

/** When a rule stops waiting for more of a call. An end that is hidden, or impossible, follows from the call's length. */
export function settledAt(call: SimulatedCall, settleMs: number): Instant {
  const isByLength = call.look.hidesEnd || call.look.values.end !== null
  const end = isByLength ? call.createdAt + call.seconds * SECOND : call.endedAt
  return Math.max(overAt(call), end + settleMs)
}

/** The first time for which the condition holds. */
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

/** Texts are compared without regard to case. */
export const aboutTeapot: TruthCondition = {
  when: { summary: { contains: "a TEAPOT" } },
  truth: (call, at) => (at < call.summaryAt ? null : call.seconds % 3 === 0),
}

/** Of every seventh call. Where nobody says who spoke it may be the caller's, once all of it is there. */
export const calledLawyer: TruthCondition = {
  when: { "transcript.caller": { contains: "my LAWYER" } },
  truth: (call, at, _, view) => {
    if (view === "list" || !call.look.isShortened) return null
    if (call.look.values.hasOneSpeaker && at < overAt(call)) return null
    return call.seconds % 7 === 0 ? true : at < overAt(call) ? null : false
  },
}

/** That there was no transfer is known once the call is over. */
export const transferred: TruthCondition = {
  when: { transferred: true },
  truth: (call, at, _, view) => {
    if (view === "list") return null
    return at >= call.transferredAt ? true : at < overAt(call) ? null : false
  },
}

/** The same fact, asked of the timeline. */
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

/** Not all of them fail: one that holds is enough, and one that is not known leaves it open. */
export function any(...parts: readonly TruthCondition[]): TruthCondition {
  const { truth } = not(all(...parts.map(not)))
  return { when: { any: parts.map(({ when }) => when) }, truth }
}
