/**
 * A rule tried on a call that was stored: on what was known each time the call was judged, in order, so that the answer is the
 * one that the engine would have come to then. Where it cannot be told, the answer says why and guesses nothing.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import type { CallRecord } from "../alert/call-record.ts"
import { type Facts, endOf } from "../call/facts.ts"
import { type KnownAt, knownAtEach } from "../call/trail.ts"
import type { Instant } from "../instant.ts"
import { REPEAT_CALLER } from "../rule/derived-field.ts"
import type { Finding } from "../rule/evaluation.ts"
import { type Verdict, judge } from "../rule/judgement.ts"
import type { CompiledRule } from "../rule/rule.ts"

/**
 * Why nobody can tell whether the rule would have matched.
 * - `no-detail`: it needs what only a detail has, and none was fetched.
 * - `not-looked-again`: the detail that was fetched lacks it, and the rule would have had Earshot look again.
 * - `still-open`: the call goes on, or is still waited for.
 * - `not-counted`: it asks how often the caller called, and no rule had asked before.
 * - `not-kept`: it depends on what was known at a time, and that is not kept.
 */
export const UNTOLD = ["no-detail", "not-looked-again", "still-open", "not-counted", "not-kept"] as const

export type Untold = (typeof UNTOLD)[number]

export type Replayed =
  | { kind: "matched"; at: Instant; facts: Facts; findings: readonly Finding[] }
  | { kind: "not-matched" }
  | { kind: "untold"; why: Untold; fields: readonly string[] }

/** One time at which the call was judged, and what the rule says of it. Null: that depends on what is not kept. */
export type ReplayedStep = { known: KnownAt; verdict: OneVerdict | null }

/** `isUndecided`: the rule still waits for something. */
type OneVerdict = Verdict & { isUndecided: boolean }

/** What the rule says each time the call was judged, the earliest first. A record of an older version tells only the last. */
export function replaySteps(rule: CompiledRule, record: CallRecord): ReplayedStep[] {
  return knownTimes(record).map((known) => ({ known, verdict: verdictAt(rule, known) }))
}

/** Whether it is known when the facts of this record were learnt. */
export function hasTrail({ trail }: CallRecord): boolean {
  return trail !== undefined
}

function knownTimes(record: CallRecord): KnownAt[] {
  const { facts } = record
  const at = Math.max(facts.firstSeenAt, facts.detailedAt ?? 0, facts.overAt ?? 0)
  return knownAtEach(record) ?? [{ facts, at, isSeen: true, lost: new Set() }]
}

/** Whether the rule would have matched, and when first. `rule`: as if it had been live all the time. */
export function replay(rule: CompiledRule, record: CallRecord): Replayed {
  let isBlurred = (record.trail?.left ?? 0) > 0
  let last: ReplayedStep | null = null
  for (const known of knownTimes(record)) {
    const verdict = verdictAt(rule, known)
    if (verdict === null) isBlurred = true
    else if (verdict.truth === "true") return matched(known, known.at, verdict)
    last = { known, verdict }
  }
  if (!last?.verdict || isBlurred) return { kind: "untold", why: "not-kept", fields: [] }
  const { known, verdict } = last
  if (verdict.truth === "false") return { kind: "not-matched" }
  if (record.isOpen) return untold("still-open", verdict)
  const wasJudged = record.verdicts.some(
    ({ ruleId, version }) => ruleId === rule.id && version === rule.version,
  )
  return wasJudged ? settled(verdict, known) : afterSettling(rule, known)
}

/** Of a call that other rules had decided, this rule would have waited on, with what is known of it now. */
function afterSettling(rule: CompiledRule, known: KnownAt): Replayed {
  const end = endOf(known.facts) ?? known.facts.firstSeenAt
  const at = Math.max(known.at, end + rule.settleMs)
  const verdict = verdictAt(rule, { ...known, at, isSeen: true })
  if (verdict?.truth === "true") return matched(known, at, verdict)
  if (verdict?.truth !== "unknown") return { kind: "not-matched" }
  return lacksCount(verdict, known) ? untold("not-counted", verdict) : settled(verdict, known)
}

function lacksCount({ findings }: OneVerdict, { facts }: KnownAt): boolean {
  const asks = findings.some(({ truth, field }) => truth === "unknown" && field.startsWith(REPEAT_CALLER))
  return asks && facts.partyCalls === undefined
}

/** What a rule that is still unknown comes to when nothing more is waited for: it does not match, unless it lacks a detail. */
function settled(verdict: OneVerdict, { facts }: KnownAt): Replayed {
  const wantsDetail = verdict.findings.some((finding) => finding.wantsDetail)
  if (!verdict.isUndecided || !wantsDetail) return { kind: "not-matched" }
  return untold(facts.detailedAt === null ? "no-detail" : "not-looked-again", verdict)
}

function matched({ facts }: KnownAt, at: Instant, { findings }: OneVerdict): Replayed {
  return { kind: "matched", at, facts, findings }
}

function untold(why: Untold, { findings }: OneVerdict): Replayed {
  const unknown = findings.filter(({ truth }) => truth === "unknown")
  return { kind: "untold", why, fields: [...new Set(unknown.map(({ field }) => field))] }
}

/** Null if the verdict depends on something that was another then, nobody knows what. */
function verdictAt(rule: CompiledRule, { facts, at, isSeen, lost }: KnownAt): OneVerdict | null {
  const { call, wasAsked } =
    lost.size === 0 ? { call: facts.call, wasAsked: () => false } : guarded(facts.call, lost)
  const { verdicts, isUndecided } = judge([rule], { ...facts, call }, at, { isSeen })
  const [verdict] = verdicts
  return !verdict || wasAsked() ? null : { ...verdict, isUndecided }
}

/** The call, which notices when one of these fields is asked for. */
function guarded(
  call: CallDetail,
  fields: ReadonlySet<keyof CallDetail>,
): { call: CallDetail; wasAsked: () => boolean } {
  let isAsked = false
  const copy = { ...call }
  for (const field of fields) {
    const get = () => {
      isAsked = true
      return call[field]
    }
    Object.defineProperty(copy, field, { get, enumerable: true })
  }
  return { call: copy, wasAsked: () => isAsked }
}
