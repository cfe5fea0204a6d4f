/** Judges a call by every rule, and says whether to keep watching it: until when, and whether a detail would help. */
import { hasEnded } from "../call/end.ts"
import { type Facts, endOf } from "../call/facts.ts"
import { OPEN_MAX_MS } from "../horizon.ts"
import type { Instant } from "../instant.ts"
import { createCallReader } from "./call-reader.ts"
import { type Finding, type Truth, evaluate } from "./evaluation.ts"
import type { CompiledRule } from "./rule.ts"

export type Verdict = {
  rule: CompiledRule
  truth: Truth
  /** The time to wait for a missing fact is over: unknown now counts as false. */
  isSettled: boolean
  findings: readonly Finding[]
}

export type Judgement = {
  verdicts: readonly Verdict[]
  /** Keep watching the call: it is in progress, or a rule is undecided. */
  isOpen: boolean
  /** A rule has not settled. If the call is not open, it is too old, and we gave up on that rule. */
  isUndecided: boolean
  /** A detail could decide a rule. */
  wantsDetail: boolean
  /** When the next undecided rule settles. Null if none will, or if the call is in progress. */
  settlesAt: Instant | null
}

/** `isSeen`: the facts are current, so what is absent does not exist once the rule has settled. */
export function judge(
  rules: readonly CompiledRule[],
  facts: Facts,
  now: Instant,
  { isSeen = true } = {},
): Judgement {
  const ended = hasEnded(facts.call)
  const end = endOf(facts) ?? facts.firstSeenAt
  const reader = createCallReader(facts.call)
  const verdicts = rules.map((rule): Verdict => {
    const isSettled = ended && now >= end + rule.settleMs
    const isLast = hasLastLook(facts, rule, end)
    const lastLook = { list: isSeen || isLast, detail: isLast }
    const { truth, findings } = evaluate(rule.condition, facts, isSettled, lastLook, reader)
    return { rule, truth, isSettled, findings }
  })
  const unknown = verdicts.filter((verdict) => verdict.truth === "unknown")
  // A rule that needs a detail settles by a last look: anything that came after the previous look would go unnoticed.
  const undecided = unknown.filter(
    (verdict) =>
      !verdict.isSettled ||
      (verdict.findings.some((finding) => finding.wantsDetail) && !hasLastLook(facts, verdict.rule, end)),
  )
  const settlings = ended
    ? undecided.map((verdict) => end + verdict.rule.settleMs).filter((at) => at > now)
    : []
  const isTooOld = now >= facts.firstSeenAt + OPEN_MAX_MS
  return {
    verdicts,
    isUndecided: undecided.length > 0,
    isOpen: !isTooOld && (!ended || undecided.length > 0),
    wantsDetail: unknown.some((verdict) => verdict.findings.some((finding) => finding.wantsDetail)),
    settlesAt: settlings.length > 0 ? Math.min(...settlings) : null,
  }
}

/** Whether we have looked at the detail since the rule settled. */
function hasLastLook(
  { detailIsFinal, detailedAt }: Facts,
  { settleMs }: CompiledRule,
  end: Instant,
): boolean {
  return detailIsFinal && (detailedAt ?? 0) >= end + settleMs
}

/** The verdicts that people are alerted to. */
export function matches(judgement: Judgement): Verdict[] {
  return judgement.verdicts.filter((verdict) => verdict.truth === "true" && verdict.rule.mode === "live")
}
